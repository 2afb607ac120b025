//! What was sampled of the nodes' kube-proxies, and its way into a bundle.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use k8s_openapi::ByteString;
use tokio::process::Command;

use crate::control::{self, Request};
use crate::error::Error;
use crate::sampler;
use crate::state::{Place, write_private};

/// A node's stacks until they are in a bundle: a compressed piece for each container.
const STACKS: &str = "profile.folded.gz";
/// Where a node on this machine's own kernel has perf's files.
const DIRECTORY: &str = "profile";

/// What samples a kube-proxy on this machine's own kernel.
#[derive(Debug, Clone)]
pub(super) struct OnHost {
    directory: PathBuf,
    stacks: PathBuf,
}

impl OnHost {
    /// Puts its files into the node's directory.
    pub(super) fn prepare(node: &Path) -> Result<Self, Error> {
        let directory = node.join(DIRECTORY);
        fs::create_dir_all(&directory).map_err(Error::io(&directory, "making the directory"))?;
        for (name, text) in sampler::of_node() {
            write_private(&directory.join(name), text.as_bytes())?;
        }
        Ok(Self {
            directory,
            stacks: node.join(STACKS),
        })
    }

    /// The words that a program's own go behind, to be sampled.
    pub(super) fn before(&self) -> Command {
        let mut command = Command::new("sh");
        let frequency = sampler::OF_NODES.to_string();
        command.arg(self.directory.join("sample"));
        command.arg(&self.directory).args(["record", &frequency]);
        command
    }

    /// Keeps what was sampled of the container that has ended.
    pub(super) async fn keep(&self) -> Result<(), Error> {
        let stacks = File::options().create(true).append(true).open(&self.stacks);
        let stacks = stacks.map_err(Error::io(&self.stacks, "opening"))?;
        let mut fold = Command::new("sh");
        fold.arg(self.directory.join("sample"));
        fold.arg(&self.directory).arg("fold");
        let ended = fold.stdin(Stdio::null()).stdout(stacks).status().await;
        ended.map_err(Error::io(&self.directory, "folding the stacks in"))?;
        Ok(())
    }
}

/// Keeps a line of a guest's stacks: a part of the compressed file, in Base64.
///
/// # Errors
/// [`Error::State`] for a line that is none; [`Error::Io`].
pub(super) fn keep_line(node: &Path, line: &str) -> Result<(), Error> {
    let path = node.join(STACKS);
    // As JSON a byte string is Base64 in quotes.
    let bytes: ByteString =
        serde_json::from_str(&format!("\"{line}\"")).map_err(|error| Error::State {
            path: path.clone(),
            problem: error.to_string(),
        })?;
    append(&path, &bytes.0)
}

fn append(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    // As all files of a bundle: for the owner alone.
    let file = File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    let mut file = file.map_err(Error::io(path, "opening"))?;
    file.write_all(bytes).map_err(Error::io(path, "writing"))
}

/// Puts what was sampled of each node into a bundle, behind what is there; each node's kube-proxy
/// is restarted for it.
///
/// # Errors
/// [`Error::Usage`] if the directory is no bundle or nothing is sampled; [`Error::Unmet`] for a
/// node without samples; [`Error::Io`].
pub(crate) async fn into_bundle(place: &Place, bundle: &Path) -> Result<(), Error> {
    let spec = place.read()?;
    if !spec.profile {
        let problem = "nothing is sampled: bring the lab up with --profile";
        return Err(Error::Usage(problem.to_owned()));
    }
    if !bundle::is_bundle(bundle) {
        let problem = format!("{} is no bundle", bundle.display());
        return Err(Error::Usage(problem));
    }
    let mut without = Vec::new();
    for node in &spec.nodes {
        control::ask(place, &Request::Profile(node.name.clone())).await?;
        let source = place.node(&node.name).join(STACKS);
        let bytes = fs::read(&source).unwrap_or_default();
        if bytes.is_empty() {
            without.push(node.name.as_str());
            continue;
        }
        let target = bundle::node_profile(bundle, &node.name)?;
        append(&target, &bytes)?;
        fs::remove_file(&source).map_err(Error::io(&source, "removing"))?;
    }
    match without.as_slice() {
        [] => Ok(()),
        names => Err(Error::Unmet(format!(
            "no sample was taken of {}: its `perf.said` may say why",
            names.join(", ")
        ))),
    }
}
