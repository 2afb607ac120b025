//! The command lines of the control plane.

use std::path::PathBuf;

use tokio::process::Command;

use crate::addresses::{API_PORT, CONTROL_PLANE, ETCD_PORT, POD_RANGE, SERVICE_RANGE};
use crate::state::{Place, Spec};

/// A process to be started.
pub(crate) struct Process {
    /// Its name, also its log's.
    pub(crate) name: &'static str,
    /// What to run.
    pub(crate) command: Command,
    /// Where its words go.
    pub(crate) log: PathBuf,
}

impl Process {
    /// A program of the lab's, with these arguments.
    pub(crate) fn new(
        place: &Place,
        spec: &Spec,
        name: &'static str,
        arguments: &[String],
    ) -> Self {
        let programs = match name.starts_with("kube-") {
            true => &spec.kubernetes.programs,
            false => &spec.programs,
        };
        let mut command = Command::new(programs.join(name));
        // Whatever it writes where it stands goes away with the lab.
        command.args(arguments).current_dir(place.root());
        Self {
            name,
            command,
            log: place.log(name),
        }
    }
}

/// The cluster's memory. What a crash of this machine would cost is not worth waiting for.
pub(crate) fn etcd(place: &Place, spec: &Spec) -> Process {
    let client = format!("http://127.0.0.1:{ETCD_PORT}");
    let arguments = [
        format!("--data-dir={}", place.root().join("etcd").display()),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        "--listen-peer-urls=http://127.0.0.1:2380".to_owned(),
        "--unsafe-no-fsync".to_owned(),
        // 8,000 Services and their EndpointSlices, again and again, in one life.
        "--quota-backend-bytes=8589934592".to_owned(),
        "--auto-compaction-mode=periodic".to_owned(),
        "--auto-compaction-retention=5m".to_owned(),
    ];
    Process::new(place, spec, "etcd", &arguments)
}

/// TLS from the lab's own authority, RBAC on, kubelets reached beside their nodes.
pub(crate) fn api_server(place: &Place, spec: &Spec) -> Process {
    let pki = |name: &str| place.pki().join(name).display().to_string();
    let mut arguments = vec![
        format!("--etcd-servers=http://127.0.0.1:{ETCD_PORT}"),
        "--bind-address=0.0.0.0".to_owned(),
        format!("--advertise-address={CONTROL_PLANE}"),
        format!("--secure-port={API_PORT}"),
        format!("--tls-cert-file={}", pki("apiserver.crt")),
        format!("--tls-private-key-file={}", pki("apiserver.key")),
        format!("--client-ca-file={}", pki("ca.crt")),
        "--authorization-mode=Node,RBAC".to_owned(),
        format!("--service-cluster-ip-range={SERVICE_RANGE}"),
        // No endpoints for the Service `kubernetes`: what kube-proxy counts is the load alone.
        "--endpoint-reconciler-type=none".to_owned(),
        "--allow-privileged=true".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", pki("service-accounts.pub")),
        format!(
            "--service-account-signing-key-file={}",
            pki("service-accounts.key")
        ),
        "--kubelet-preferred-address-types=InternalDNS".to_owned(),
        format!("--kubelet-certificate-authority={}", pki("ca.crt")),
        format!(
            "--kubelet-client-certificate={}",
            pki("apiserver-kubelet-client.crt")
        ),
        format!(
            "--kubelet-client-key={}",
            pki("apiserver-kubelet-client.key")
        ),
        format!("--cert-dir={}", place.pki().display()),
        "--profiling=false".to_owned(),
    ];
    arguments.extend(spec.api_server_args.iter().cloned());
    Process::new(place, spec, "kube-apiserver", &arguments)
}

/// Controllers, as fast as asked for.
pub(crate) fn controller_manager(place: &Place, spec: &Spec) -> Process {
    let pki = |name: &str| place.pki().join(name).display().to_string();
    let qps = spec.controller_qps;
    let arguments = [
        kubeconfig(place, "kube-controller-manager"),
        "--bind-address=127.0.0.1".to_owned(),
        "--leader-elect=false".to_owned(),
        "--use-service-account-credentials=true".to_owned(),
        format!("--root-ca-file={}", pki("ca.crt")),
        format!(
            "--service-account-private-key-file={}",
            pki("service-accounts.key")
        ),
        format!("--cluster-cidr={POD_RANGE}"),
        format!("--kube-api-qps={qps}"),
        format!("--kube-api-burst={}", qps + qps / 2),
        format!("--concurrent-service-endpoint-syncs={}", concurrency(qps)),
        format!("--concurrent-endpoint-syncs={}", concurrency(qps)),
        format!("--controllers={}", controllers(qps)),
        format!(
            "--endpointslice-updates-batch-period={}s",
            spec.endpoint_batch
        ),
        "--profiling=false".to_owned(),
    ];
    Process::new(place, spec, "kube-controller-manager", &arguments)
}

/// The default of 5 at the default of 20 requests a second; more where more are allowed.
fn concurrency(qps: u32) -> u32 {
    (qps / 4).clamp(5, 50)
}

/// All controllers at a real cluster's 20 requests a second; faster ones without the one for
/// Endpoints, the older kind of EndpointSlices. kube-proxy does not read them, and they double
/// what a step of a ramp has the API server write.
fn controllers(qps: u32) -> &'static str {
    if qps > 20 {
        "*,-endpoints-controller"
    } else {
        "*"
    }
}

/// The scheduler.
pub(crate) fn scheduler(place: &Place, spec: &Spec) -> Process {
    let arguments = [
        kubeconfig(place, "kube-scheduler"),
        "--bind-address=127.0.0.1".to_owned(),
        "--leader-elect=false".to_owned(),
        "--profiling=false".to_owned(),
    ];
    Process::new(place, spec, "kube-scheduler", &arguments)
}

/// `--kubeconfig` of a user.
pub(crate) fn kubeconfig(place: &Place, user: &str) -> String {
    format!("--kubeconfig={}", place.kubeconfig(user).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_controllers_defaults_are_a_real_clusters() {
        assert_eq!(concurrency(20), 5);
        assert_eq!(concurrency(1000), 50);
        assert_eq!(controllers(20), "*");
    }
}
