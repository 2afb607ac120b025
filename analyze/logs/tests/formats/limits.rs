//! Lines that are too long, files with holes, lines that repeat.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use kube_proxy_logs::{Error, Fault, Reading, Request, Silent, Source, read};

fn line(second: u32) -> String {
    format!(
        "I1015 12:{:02}:{:02}.000000       1 proxier.go:1168] \"SyncProxyRules complete\" \
         ipFamily=\"IPv4\" elapsed=\"1.5s\"\n",
        second / 60,
        second % 60
    )
}

fn reading(path: &Path, max_memory: Option<u64>) -> Result<Reading, Error> {
    let request = Request {
        sources: vec![Source::file(path)],
        year: Some(2025),
        max_memory,
        ..Request::default()
    };
    read(&request, &Silent)
}

/// Syncs' lines, how many lines there are, and how many were too long.
fn of(path: &Path) -> (Vec<u64>, u64, u64) {
    let reading = reading(path, None).unwrap();
    let input = &reading.inputs[0];
    let long = input.malformed.get(&Fault::TooLong);
    (
        reading.syncs.iter().map(|sync| sync.line).collect(),
        input.lines,
        long.map_or(0, |count| count.lines),
    )
}

#[test]
fn a_line_that_is_too_long_counts_and_the_next_is_read() {
    const LIMIT: usize = 16 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("a.log");
    for (length, too_long) in [(LIMIT / 2, 0), (LIMIT + LIMIT / 2, 1), (3 * LIMIT, 1)] {
        let mut text = line(1);
        // What stands in it is not read either.
        text.push_str(line(2).trim_end());
        text.push_str(&"x".repeat(length));
        text.push('\n');
        text.push_str(&line(3));
        std::fs::write(&plain, &text).unwrap();
        let (syncs, lines, long) = of(&plain);
        assert_eq!((lines, long), (3, too_long), "{length}");
        assert_eq!(syncs.first(), Some(&1));
        assert_eq!(syncs.last(), Some(&3));
        assert!(too_long == 0 || syncs.len() == 2, "{length}");
        // A stream is read as a file is.
        let packed = folder.path().join("a.log.gz");
        let mut gz = flate2::write::GzEncoder::new(
            File::create(&packed).unwrap(),
            flate2::Compression::fast(),
        );
        gz.write_all(text.as_bytes()).unwrap();
        gz.finish().unwrap();
        assert_eq!(of(&packed), (syncs, lines, long), "{length}, packed");
        for path in [&plain, &packed] {
            let read = reading(path, None).unwrap().inputs[0].bytes;
            assert_eq!(read, text.len() as u64, "{length} {}", path.display());
        }
    }
    // It may be the last one, and have no end.
    let mut text = line(1);
    text.push_str(&"x".repeat(2 * LIMIT));
    std::fs::write(&plain, &text).unwrap();
    assert_eq!(of(&plain), (vec![1], 2, 1));
}

#[test]
fn holes_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.log");
    let mut file = File::create(&path).unwrap();
    file.write_all((line(1) + &line(2)).as_bytes()).unwrap();
    // So large that reading it would take minutes.
    file.seek(SeekFrom::Start(1 << 40)).unwrap();
    file.write_all(("\n".to_owned() + &line(3)).as_bytes())
        .unwrap();
    drop(file);
    let (syncs, lines, long) = of(&path);
    assert_eq!((syncs.len(), lines, long), (3, 4, 1));
}

#[test]
fn copies_of_a_line_are_counted_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    let text = line(1).repeat(50_000) + &line(2);
    std::fs::write(&path, &text).unwrap();
    let found = reading(&path, Some(1 << 20)).unwrap();
    assert_eq!(found.syncs.len(), 2);
    assert_eq!(found.inputs[0].duplicates, 49_999);
    let many: String = (0..3_000).map(line).collect();
    std::fs::write(&path, many).unwrap();
    assert_eq!(reading(&path, Some(1 << 20)).unwrap().syncs.len(), 3_000);
    let error = reading(&path, Some(512 << 10)).unwrap_err().to_string();
    assert!(
        error.contains("a.log") && error.contains("--max-memory"),
        "{error}"
    );
}
