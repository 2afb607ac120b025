//! What a lab is made of, on disk: where its files are, what was asked for, who is at work.

mod kube_proxy;
mod kubernetes;
mod lock;
mod place;
mod spec;

pub use kube_proxy::{KubeProxy, WantedKubeProxy};
pub use kubernetes::{Kubernetes, WantedKubernetes};
pub use lock::Lock;
pub(crate) use place::write_private;
pub use place::{Place, cache};
pub use spec::{Accelerator, Guests, Kernel, Mode, Node, Spec, Wanted};
