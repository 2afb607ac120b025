//! Answers `lab` on the control socket.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};

use super::api_server::ApiServer;
use crate::board::Board;
use crate::control::{Answer, Request};
use crate::error::Error;
use crate::kubelet::{Command, Order};
use crate::state::Place;

/// Channels to the kubelets, by node.
type Kubelets = BTreeMap<String, mpsc::Sender<Command>>;

/// The kubelets it passes commands to.
pub(super) struct Server {
    kubelets: Arc<Mutex<Kubelets>>,
}

impl Server {
    /// Opens the socket and serves it.
    pub(super) fn open(
        place: &Place,
        board: Arc<Board>,
        api_server: Arc<ApiServer>,
    ) -> Result<Self, Error> {
        let path = place.socket();
        let listener = UnixListener::bind(&path).map_err(Error::io(&path, "binding"))?;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, private).map_err(Error::io(&path, "protecting"))?;
        let kubelets = Arc::new(Mutex::new(Kubelets::new()));
        let known = kubelets.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                };
                let (board, api_server) = (board.clone(), api_server.clone());
                tokio::spawn(converse(stream, board, api_server, known.clone()));
            }
        });
        Ok(Self { kubelets })
    }

    /// A node's kubelet, ready for orders.
    pub(super) fn add(&self, node: &str, commands: mpsc::Sender<Command>) {
        let mut kubelets = self.kubelets.lock().unwrap_or_else(PoisonError::into_inner);
        kubelets.insert(node.to_owned(), commands);
    }
}

async fn converse(
    stream: UnixStream,
    board: Arc<Board>,
    api_server: Arc<ApiServer>,
    kubelets: Arc<Mutex<Kubelets>>,
) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if stream.read_line(&mut line).await.is_err() {
        return;
    }
    let answer = match serde_json::from_str(&line) {
        Err(error) => Answer::No(format!("not understood: {error}")),
        Ok(Request::Status) => Answer::Status(board.status()),
        Ok(Request::StopApi) => {
            api_server.stop().await;
            Answer::Done
        }
        Ok(Request::StartApi) => api_server
            .start()
            .await
            .map_or_else(|error| Answer::No(error.to_string()), |()| Answer::Done),
        Ok(Request::Restart(node)) => pass_on(&kubelets, &node, Order::Restart).await,
        Ok(Request::Profile(node)) => pass_on(&kubelets, &node, Order::Profile).await,
        Ok(Request::Rotate(node)) => pass_on(&kubelets, &node, Order::Rotate).await,
        Ok(Request::Clock(node, clock)) => pass_on(&kubelets, &node, Order::Clock(clock)).await,
        Ok(Request::Kubelet { node, answers }) => match board.look(&node, |_| ()) {
            Some(()) => {
                board.node(&node, |node| node.silent = !answers);
                Answer::Done
            }
            None => Answer::No(format!("no node `{node}` in this lab")),
        },
    };
    let text = serde_json::to_string(&answer).unwrap_or_default() + "\n";
    // Who asked and left gets no answer.
    stream.get_mut().write_all(text.as_bytes()).await.ok();
}

async fn pass_on(kubelets: &Mutex<Kubelets>, node: &str, order: Order) -> Answer {
    let channel = {
        let kubelets = kubelets.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = kubelets.keys().map(String::as_str).collect();
        let known = names.join(", ");
        kubelets
            .get(node)
            .cloned()
            .ok_or_else(|| format!("no node `{node}` in this lab; it has {known}"))
    };
    let channel = match channel {
        Ok(channel) => channel,
        Err(problem) => return Answer::No(problem),
    };
    let (reply, answer) = oneshot::channel();
    let gone = || Answer::No(format!("the kubelet of {node} does not answer"));
    if channel.send(Command { order, reply }).await.is_err() {
        return gone();
    }
    match answer.await {
        Ok(Ok(())) => Answer::Done,
        Ok(Err(problem)) => Answer::No(problem),
        Err(_) => gone(),
    }
}
