//! Reads texts as files, and prints what was read for comparison.

use std::fs;

use kube_proxy_logs::{Family, Outcome, Reading, Request, Silent, Source, Sync, read};

/// Reads files of these names and contents; lines without a year are of 2025.
pub(crate) fn files(files: &[(&str, &[u8])]) -> Reading {
    files_of(files, Some(2025))
}

/// The same with the year given, or none.
pub(crate) fn files_of(files: &[(&str, &[u8])], year: Option<i32>) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let sources = files
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            let mut found = kube_proxy_logs::discover(&path).unwrap();
            found[0].display = (*name).to_owned();
            found.remove(0)
        })
        .collect();
    of(sources, year)
}

/// Reads one file.
pub(crate) fn text(text: &str) -> Reading {
    files(&[("a.log", text.as_bytes())])
}

/// Reads sources.
pub(crate) fn of(sources: Vec<Source>, year: Option<i32>) -> Reading {
    let request = Request {
        sources,
        year,
        threads: Some(2),
        max_memory: None,
        ..Request::default()
    };
    read(&request, &Silent).unwrap()
}

/// A sync in a line: `12 IPv4 ok 13m15.342s build 8.687 commit 786.655 of 5006/44000`.
pub(crate) fn row(sync: Sync) -> String {
    let family = match sync.family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
        Family::Unknown => "-",
    };
    let outcome = match sync.outcome {
        Outcome::Ok => "ok",
        Outcome::Failed => "failed",
        Outcome::Unfinished => "unfinished",
    };
    let seconds = |ns: Option<u64>| match ns {
        Some(ns) => format!("{:.3}", ns as f64 / 1e9),
        None => "-".to_owned(),
    };
    let mut row = format!(
        "{} {family} {outcome} {}",
        sync.line,
        seconds(sync.elapsed_ns)
    );
    if sync.build_ns.is_some() || sync.commit_ns.is_some() {
        row += &format!(
            " build {} commit {}",
            seconds(sync.build_ns),
            seconds(sync.commit_ns)
        );
    }
    if let (Some(services), Some(endpoints)) = (sync.services, sync.endpoints) {
        row += &format!(" of {services}/{endpoints}");
    }
    row
}

/// All syncs of a reading.
pub(crate) fn rows(reading: &Reading) -> Vec<String> {
    reading.syncs.iter().map(row).collect()
}

/// The codes of its warnings.
pub(crate) fn codes(reading: &Reading) -> Vec<&'static str> {
    reading
        .warnings
        .iter()
        .map(|warning| warning.code)
        .collect()
}

/// Nanoseconds since the epoch.
pub(crate) fn ns(moment: &str) -> i64 {
    moment
        .parse::<chrono::DateTime<chrono::Utc>>()
        .unwrap()
        .timestamp_nanos_opt()
        .unwrap()
}
