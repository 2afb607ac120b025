//! Any bytes as a log: no panic, and an archive of them reads like them.
#![no_main]

use std::io::Write as _;
use std::path::Path;

use kube_proxy_logs::{Reading, Request, Silent, Source};
use libfuzzer_sys::fuzz_target;

fn read(folder: &Path, name: &str, bytes: &[u8]) -> Option<Reading> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).ok()?;
    let request = Request {
        sources: vec![Source::file(path)],
        year: Some(2025),
        threads: Some(1),
        max_memory: None,
        ..Request::default()
    };
    kube_proxy_logs::read(&request, &Silent).ok()
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).ok()?;
    to.finish().ok()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir_in(shared_memory()) else {
        return;
    };
    let Some(plain) = read(folder.path(), "a.log", bytes) else {
        return;
    };
    // What begins like an archive is one: its archive is an archive of an archive.
    let archive = bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    if !archive
        && let Some(bytes) = packed(bytes)
        && let Some(unpacked) = read(folder.path(), "b.log", &bytes)
    {
        assert_eq!(plain.syncs, unpacked.syncs);
    }
});

/// Where files cost no disk, if there is such a place.
fn shared_memory() -> std::path::PathBuf {
    let place = Path::new("/dev/shm");
    if place.is_dir() {
        place.to_path_buf()
    } else {
        std::env::temp_dir()
    }
}
