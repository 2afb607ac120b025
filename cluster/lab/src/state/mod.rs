//! What a lab is made of, on disk: where its files are, what was asked for, who is at work.

mod lock;
mod place;
mod spec;

pub use lock::Lock;
pub(crate) use place::write_private;
pub use place::{Place, cache};
pub use spec::{Accelerator, Guests, Kernel, KubeProxyVersion, Mode, Node, Spec, Wanted};
