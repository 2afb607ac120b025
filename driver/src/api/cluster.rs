//! The way to the cluster: kubeconfig contexts and in-cluster credentials.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::api::answer::{Kind, chain, kind, words};
use crate::cli::Global;
use crate::error::Error;

/// How often the first request is tried before the server counts as unreachable.
const FIRST_ATTEMPTS: u32 = 3;
/// Longest wait for the first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// A cluster that has answered.
#[derive(Clone)]
pub struct Cluster {
    /// The client; cheap to clone.
    pub client: Client,
    /// The server's address.
    pub server: String,
    /// The server's version, `v1.34.1`.
    pub version: String,
}

/// Connects, and asks the server for its version.
///
/// # Errors
/// [`Error::NoCluster`], [`Error::Unreachable`], [`Error::Unauthorized`].
pub async fn connect(global: &Global) -> Result<Cluster, Error> {
    let mut config = configuration(global).await?;
    // One place decides what is tried again and for how long: `patience`.
    config.default_retry = false;
    config.connect_timeout = Some(Duration::from_secs(5));
    let server = config.cluster_url.to_string();
    let client = Client::try_from(config).map_err(|e| Error::NoCluster(chain(&e)))?;
    let version = first_answer(&client, &server).await?;
    Ok(Cluster {
        client,
        server,
        version,
    })
}

async fn configuration(global: &Global) -> Result<Config, Error> {
    let options = KubeConfigOptions {
        context: global.context.clone(),
        ..KubeConfigOptions::default()
    };
    let problem = |e: &dyn std::error::Error| Error::NoCluster(chain(e));
    if let Some(path) = &global.kubeconfig {
        let named = |e| Error::NoCluster(format!("{}: {}", path.display(), chain(&e)));
        let file = Kubeconfig::read_from(path).map_err(named)?;
        let config = Config::from_custom_kubeconfig(file, &options).await;
        return config.map_err(named);
    }
    if global.context.is_some() {
        return Config::from_kubeconfig(&options)
            .await
            .map_err(|e| problem(&e));
    }
    Config::infer().await.map_err(|e| problem(&e))
}

async fn first_answer(client: &Client, server: &str) -> Result<String, Error> {
    let mut problem = String::new();
    for attempt in 0..FIRST_ATTEMPTS {
        match tokio::time::timeout(FIRST_ANSWER, client.apiserver_version()).await {
            Ok(Ok(info)) => return Ok(info.git_version),
            Ok(Err(error)) => match kind(&error) {
                Kind::Unauthorized => {
                    return Err(Error::Unauthorized {
                        doing: format!("asking {server} for its version"),
                    });
                }
                _ => problem = words(&error),
            },
            Err(_) => problem = format!("no answer in {FIRST_ANSWER:?}"),
        }
        if attempt + 1 < FIRST_ATTEMPTS {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    Err(Error::Unreachable {
        server: server.to_owned(),
        problem,
    })
}
