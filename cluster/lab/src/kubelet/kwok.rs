//! kwok, which plays the kubelets of nodes and ordinary pods and serves container logs.

use crate::addresses::{KUBELET_PORT, KWOK_PORT, POD_RANGE};
use crate::control_plane::{Process, kubeconfig};
use crate::error::Error;
use crate::state::{Place, Spec, write_private};

const STAGES: &str = include_str!("../../manifests/kwok-stages.yaml");
/// The annotation of the nodes whose kubelets are played, and its value.
pub(crate) const PLAYED: (&str, &str) = ("kwok.x-k8s.io/node", "fake");

/// kwok with the lab's stages.
///
/// # Errors
/// Those of writing its configuration.
pub(crate) fn process(place: &Place, spec: &Spec) -> Result<Process, Error> {
    let stages = place.root().join("kwok.yaml");
    write_private(&stages, STAGES.as_bytes())?;
    let (annotation, value) = PLAYED;
    let arguments = [
        kubeconfig(place, "kwok"),
        format!("--config={}", stages.display()),
        // The lab's own nodes: another may have a kubelet of its own.
        "--manage-all-nodes=false".to_owned(),
        format!("--manage-nodes-with-annotation-selector={annotation}={value}"),
        // A kubelet's own; without leases a node counts as lost after 50 s, and its pods with it.
        "--node-lease-duration-seconds=40".to_owned(),
        // Where each pod's log is, it is told by objects of this kind.
        "--enable-crds=Logs".to_owned(),
        format!("--cidr={POD_RANGE}"),
        format!("--node-port={KUBELET_PORT}"),
        format!("--server-address=127.0.0.1:{KWOK_PORT}"),
    ];
    Ok(Process::new(place, spec, "kwok", &arguments))
}
