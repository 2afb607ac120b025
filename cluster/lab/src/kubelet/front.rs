//! The kubelets' port: logs of the node's kernel from the lab, all else from kwok.
//!
//! kwok knows nothing of containers that end: a log that is followed would never end either. Here
//! it ends with its container, as a kubelet has it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::kernel_log;
use super::serve::{self, Wanted};
use crate::addresses::{KUBELET_PORT, KWOK_PORT, number_of};
use crate::board::Board;
use crate::control::NodeStatus;
use crate::error::Error;
use crate::state::{Kernel, Place, Spec};

/// What is left in a log when its container ends is read within this.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Time between two looks at what has become of a node.
const LOOKING: Duration = Duration::from_millis(500);

type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// Who answers for which node.
#[derive(Clone)]
struct Front {
    spec: Arc<Spec>,
    board: Arc<Board>,
    tls: TlsAcceptor,
}

/// Serves the port for all nodes.
///
/// # Errors
/// Those of the certificates and of binding the port.
pub(crate) async fn serve(place: &Place, spec: &Spec, board: &Arc<Board>) -> Result<(), Error> {
    let front = Front {
        spec: Arc::new(spec.clone()),
        board: board.clone(),
        tls: acceptor(&place.pki())?,
    };
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, KUBELET_PORT)).await;
    let listener =
        listener.map_err(|error| Error::Usage(format!("the kubelets' port: {error}")))?;
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            tokio::spawn(front.clone().converse(stream));
        }
    });
    Ok(())
}

/// TLS with certificates of the lab's authority on both sides.
fn acceptor(pki: &Path) -> Result<TlsAcceptor, Error> {
    let wrong = |name: &str, problem: String| Error::State {
        path: pki.join(name),
        problem,
    };
    let certificate = |name: &str| {
        CertificateDer::from_pem_file(pki.join(name)).map_err(|e| wrong(name, e.to_string()))
    };
    let key = PrivateKeyDer::from_pem_file(pki.join("kubelet.key"));
    let key = key.map_err(|error| wrong("kubelet.key", error.to_string()))?;
    let mut roots = RootCertStore::empty();
    let added = roots.add(certificate("ca.crt")?);
    added.map_err(|error| wrong("ca.crt", error.to_string()))?;
    let provider = Arc::new(ring::default_provider());
    let callers = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let callers = callers
        .build()
        .map_err(|error| wrong("ca.crt", error.to_string()))?;
    let chain = vec![certificate("kubelet.crt")?];
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_client_cert_verifier(callers))
        .and_then(|builder| builder.with_single_cert(chain, key));
    let config = config.map_err(|error| wrong("kubelet.crt", error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Front {
    async fn converse(self, stream: TcpStream) {
        // Each node's kubelet has an address of its own.
        let number = match stream.local_addr().map(|address| address.ip()) {
            Ok(IpAddr::V4(address)) => number_of(address),
            _ => None,
        };
        let Ok(stream) = self.tls.accept(stream).await else {
            return;
        };
        let service = service_fn(|request| {
            let front = self.clone();
            async move { Ok::<_, hyper::Error>(front.answer(number, request).await) }
        });
        let server = hyper::server::conn::http1::Builder::new();
        // A caller who leaves in the middle is no event.
        let stream = TokioIo::new(stream);
        server.serve_connection(stream, service).await.ok();
    }

    async fn answer(&self, number: Option<u16>, request: Request<Incoming>) -> Response<Body> {
        let node = self
            .spec
            .nodes
            .iter()
            .find(|node| Some(node.number) == number);
        let Some(node) = node else {
            return say(StatusCode::NOT_FOUND, "no kubelet here".to_owned());
        };
        self.hearing(&node.name).await;
        let query = request.uri().query().unwrap_or_default().to_owned();
        if request.uri().path().trim_end_matches('/') == "/logs" {
            let status = self.node(&node.name);
            return kernel_log::answer(&status, &query).await.map_or_else(
                |problem| say(StatusCode::BAD_REQUEST, problem),
                |text| say(StatusCode::OK, text),
            );
        }
        let follows = query.split('&').any(|pair| pair == "follow=true");
        let pod = request.uri().path().split('/').nth(3).map(str::to_owned);
        let answered = match node.kernel {
            Kernel::Played => self.own_log(&node.name, pod.as_deref(), &query),
            Kernel::Host { .. } | Kernel::Guest { .. } => ask_kwok(request)
                .await
                .map(|response| response.map(BodyExt::boxed_unsync)),
        };
        match answered {
            Ok(response) if follows => self.until_its_end(&node.name, pod.as_deref(), response),
            Ok(response) => response,
            Err(problem) => say(StatusCode::BAD_GATEWAY, problem),
        }
    }

    /// The log of a node's pod, from its file.
    fn own_log(
        &self,
        node: &str,
        pod: Option<&str>,
        query: &str,
    ) -> Result<Response<Body>, String> {
        let wanted = Wanted::of(query)?;
        let status = self.node(node);
        if status.pod.as_deref() != pod {
            return Ok(say(StatusCode::NOT_FOUND, "no such pod here".to_owned()));
        }
        let path = match wanted.previous {
            true => status.previous_log,
            false => status.log,
        };
        let Some(path) = path else {
            let problem = "no container of that kind has run".to_owned();
            return Ok(say(StatusCode::BAD_REQUEST, problem));
        };
        let lines = serve::stream(&path, wanted);
        let lines = lines.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Response::new(StreamBody::new(lines).boxed_unsync()))
    }

    fn node(&self, name: &str) -> NodeStatus {
        self.board.look(name, NodeStatus::clone).unwrap_or_default()
    }

    /// Returns when the node's kubelet answers, at once as a rule.
    async fn hearing(&self, name: &str) {
        while self.board.look(name, |node| node.silent) == Some(true) {
            tokio::time::sleep(LOOKING).await;
        }
    }

    /// Ends a followed log when its container has ended; holds it while its kubelet is silent.
    fn until_its_end(
        &self,
        node: &str,
        pod: Option<&str>,
        response: Response<Body>,
    ) -> Response<Body> {
        let (front, name) = (self.clone(), node.to_owned());
        let before = front.node(node);
        // Ordinary pods are played: their containers never end.
        if before.pod.as_deref() != pod {
            return response;
        }
        let ended = async move {
            let runs = |now: &NodeStatus| {
                let same = (&now.pod_uid, now.restarts) == (&before.pod_uid, before.restarts);
                same && now.started.is_some()
            };
            while front.board.look(&name, runs) == Some(true) {
                tokio::time::sleep(LOOKING).await;
            }
            tokio::time::sleep(LAST_WORDS).await;
        };
        let (front, name) = (self.clone(), node.to_owned());
        response.map(|body| {
            let frames = BodyStream::new(body).take_until(Box::pin(ended));
            let frames = frames.then(move |frame| {
                let (front, name) = (front.clone(), name.clone());
                async move {
                    front.hearing(&name).await;
                    frame
                }
            });
            StreamBody::new(frames).boxed_unsync()
        })
    }
}

async fn ask_kwok(request: Request<Incoming>) -> Result<Response<Incoming>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("kwok: {error}");
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, KWOK_PORT)).await;
    let stream = TokioIo::new(stream.map_err(|error| failed(&error))?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
        .await
        .map_err(|error| failed(&error))?;
    // Its end shows in the response.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    answer.map_err(|error| failed(&error))
}

fn say(status: StatusCode, text: String) -> Response<Body> {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}
