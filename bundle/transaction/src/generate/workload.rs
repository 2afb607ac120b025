//! The Services and endpoints of the benchmark: Services in front of one Deployment, and the API
//! server's own.

use super::Request;

/// A Service's port.
pub(super) struct Service {
    pub(super) namespace: &'static str,
    pub(super) name: String,
    pub(super) port_name: &'static str,
    pub(super) address: String,
    pub(super) port: u16,
    /// Whether it is of the Deployment.
    pub(super) scaled: bool,
}

impl Service {
    /// `debug/service-1`, `default/kubernetes:https`
    pub(super) fn label(&self) -> String {
        let colon = if self.port_name.is_empty() { "" } else { ":" };
        format!("{}/{}{colon}{}", self.namespace, self.name, self.port_name)
    }

    /// Its endpoints, as address and port.
    pub(super) fn endpoints(&self, request: &Request) -> Vec<(String, u16)> {
        match self.scaled {
            true => (0..request.endpoints).map(pod).collect(),
            false if request.has_api_endpoint => vec![("10.1.0.1".to_owned(), 6443)],
            false => Vec::new(),
        }
    }
}

/// A replica's address and port.
pub(super) fn pod(number: u32) -> (String, u16) {
    let at = number + 2;
    (format!("10.0.{}.{}", at / 256 % 256, at % 256), 80)
}

/// The Services that a transaction may be about.
pub(super) fn services(count: u32) -> impl Iterator<Item = Service> {
    let own = Service {
        namespace: "default",
        name: "kubernetes".to_owned(),
        port_name: "https",
        address: "172.20.0.1".to_owned(),
        port: 443,
        scaled: false,
    };
    let scaled = (1..=count).map(|number| {
        let at = number + 255;
        Service {
            namespace: "debug",
            name: format!("service-{number}"),
            port_name: "",
            address: format!("172.20.{}.{}", at / 256 % 256, at % 256),
            port: 80,
            scaled: true,
        }
    });
    std::iter::once(own).chain(scaled)
}
