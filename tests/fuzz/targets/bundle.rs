//! Any manifest and timeline: an error or a bundle, never a panic, and no file outside of it.
#![no_main]

use bundle::{Bundle, KERNEL_LOG, MANIFEST, TIMELINE, Timeline};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (manifest, timeline) = input;
    let Ok(folder) = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()) else {
        return;
    };
    let (manifest_path, timeline_path) =
        (folder.path().join(MANIFEST), folder.path().join(TIMELINE));
    if std::fs::write(&manifest_path, manifest).is_err()
        || std::fs::write(&timeline_path, timeline).is_err()
    {
        return;
    }
    if let Ok(timeline) = Timeline::read(&timeline_path) {
        for (_, row) in &timeline.rows {
            let _ = row.replicas();
        }
    }
    let Ok(bundle) = Bundle::open(folder.path()) else {
        return;
    };
    if let Ok(logs) = bundle.logs() {
        for log in logs {
            assert!(
                log.path.starts_with(folder.path()),
                "{}",
                log.path.display()
            );
        }
    }
    for node in &bundle.manifest.nodes {
        assert!(bundle.node_path(node).starts_with(folder.path()));
        let _ = bundle.node_file(node, KERNEL_LOG);
    }
});
