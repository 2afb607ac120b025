//! Bundles, entered with their logs and what is known of each.

use std::path::Path;

use bundle::{Bundle, KERNEL_LOG, LogFile};
use kube_proxy_logs::{Backend, Hints, Source};

use super::seed::free;
use super::{Corpus, OpenBundle};
use crate::error::Error;

/// Opens a bundle in a directory.
pub(super) fn add_bundle(corpus: &mut Corpus, path: &Path) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let display = path.to_string_lossy().trim_end_matches('/').to_owned();
    // The same bundle given twice is one, in a data set or not.
    if !corpus.opened.insert(real(path)) || corpus.has_ingested(&display) {
        return Ok(());
    }
    let bundle = Bundle::open(path)?;
    enter(corpus, bundle, (display, name_of(path)), |file| {
        Source::file(file)
    })
}

/// Adds an open bundle, under its path and name; `at` tells where one of its logs is read from.
pub(super) fn enter(
    corpus: &mut Corpus,
    mut bundle: Bundle,
    (display, name): (String, String),
    at: impl Fn(&Path) -> Source,
) -> Result<(), Error> {
    let id = free(&name, &mut corpus.names);
    if !bundle.manifest.kind.is_run() {
        corpus
            .replays
            .push(OpenBundle::new(id, (display, name), bundle));
        return Ok(());
    }
    // What the driver did is compared with what the logs say: by the logs' clock.
    if let Some(clock) = bundle.manifest.clock_of_logs().cloned() {
        bundle.timeline.show_by(&clock);
    }
    let place = corpus.bundles.len();
    let logs = bundle.logs()?;
    for log in &logs {
        let source = at(&log.path).with(hints_of(&bundle, log));
        corpus.sources.push(source);
        corpus.owners.push(Some(place));
    }
    for node in &bundle.manifest.nodes {
        if let Some(path) = bundle.node_file(node, KERNEL_LOG) {
            let hints = Hints {
                kernel_log: true,
                kube_proxy: false,
                ..hints(&bundle, node)
            };
            corpus.sources.push(at(&path).with(hints));
            corpus.owners.push(Some(place));
        }
    }
    corpus
        .bundles
        .push(OpenBundle::new(id, (display, name), bundle));
    Ok(())
}

fn hints_of(bundle: &Bundle, log: &LogFile) -> Hints {
    let node = &bundle.manifest.nodes[log.node];
    let stream = format!(
        "{}#{}#{}",
        bundle.directory.display(),
        node.name,
        log.instance
    );
    Hints {
        stream: Some(stream),
        ..hints(bundle, node)
    }
}

fn hints(bundle: &Bundle, node: &bundle::Node) -> Hints {
    let proxy = node.kube_proxy.as_ref();
    Hints {
        label: None,
        kernel: node.kernel_version.clone(),
        listed_kernel: None,
        node: Some(node.name.clone()),
        backend: proxy
            .and_then(|proxy| proxy.mode.as_deref())
            .and_then(backend),
        version: proxy.and_then(|proxy| proxy.version.clone()),
        verbosity: proxy.and_then(|proxy| proxy.verbosity),
        near_ns: bundle.manifest.started.timestamp_nanos_opt(),
        stream: None,
        kube_proxy: true,
        kernel_log: false,
    }
}

fn backend(mode: &str) -> Option<Backend> {
    [
        Backend::Nftables,
        Backend::Iptables,
        Backend::Ipvs,
        Backend::Winkernel,
    ]
    .into_iter()
    .find(|backend| backend.name() == Some(mode))
}

/// The directory's name.
fn name_of(path: &Path) -> String {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name = full.file_name().map(|name| name.to_string_lossy());
    name.unwrap_or_else(|| "bundle".into()).into_owned()
}
