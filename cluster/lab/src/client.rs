//! Clients of the lab's API server, from within its namespace.

use kube::Client;

use crate::error::Error;
use crate::state::Place;

/// A client with the credentials of `user`.
pub(crate) async fn client(place: &Place, user: &str) -> Result<Client, Error> {
    let path = place.kubeconfig(user);
    let wrong = |problem: String| Error::State {
        path: path.clone(),
        problem,
    };
    let file = kube::config::Kubeconfig::read_from(&path).map_err(|e| wrong(e.to_string()))?;
    let options = kube::config::KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(file, &options).await;
    let config = config.map_err(|error| wrong(error.to_string()))?;
    Client::try_from(config).map_err(|error| wrong(error.to_string()))
}
