//! A whole Kubernetes cluster on one machine: a real control plane, a real kube-proxy a node,
//! each node on a kernel of its own. Kubelets and pods are played by kwok.

pub mod ablate;
pub mod addresses;
pub mod bench;
mod board;
pub mod build;
pub mod caller;
pub mod cli;
mod client;
pub mod control;
pub mod control_plane;
pub mod debian;
pub mod down;
pub mod error;
pub mod interrupt;
pub mod kubelet;
pub mod marked;
pub mod network;
pub mod node;
pub mod objects;
pub mod pki;
pub mod preflight;
pub mod prepare;
pub mod progress;
pub mod replay;
pub mod run;
mod sampler;
pub mod show;
pub mod state;
pub mod supervise;
pub mod up;
mod whole_run;
