//! Encodings, compressions and archives: what is inside is what counts.

use std::io::Write as _;
use std::path::Path;

use kube_proxy_logs::{Reading, Request, Silent, Source, read};

const LINES: &str = "I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"\n\
    I0612 08:05:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"1.5s\"\n";

fn read_file(path: &Path) -> Reading {
    let request = Request {
        sources: vec![Source::file(path)],
        year: Some(2026),
        ..Request::default()
    };
    read(&request, &Silent).unwrap()
}

fn read_bytes(name: &str, bytes: &[u8]) -> Reading {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut reading = read_file(&path);
    for input in &mut reading.inputs {
        let root = format!("{}/", folder.path().display());
        input.path = input.path.replace(&root, "");
    }
    reading
}

fn elapsed(reading: &Reading) -> Vec<(u64, Option<u64>)> {
    let of = |sync: &kube_proxy_logs::Sync| (sync.line, sync.elapsed_ns);
    reading.syncs.iter().map(of).collect()
}

const BOTH: [(u64, Option<u64>); 2] = [(1, Some(123_250_000_000)), (2, Some(1_500_000_000))];

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn every_packing_gives_the_same_lines() {
    let zst = zstd::encode_all(LINES.as_bytes(), 1).unwrap();
    for (packing, bytes) in [
        ("", LINES.into()),
        ("", format!("\u{feff}{LINES}").into_bytes()),
        ("utf16", utf16(LINES, false)),
        ("utf16", utf16(&LINES.replace('\n', "\r\n"), true)),
        ("gz", gz(LINES.as_bytes())),
        ("bz2", bz2(LINES.as_bytes())),
        (
            "bz2",
            [bz2(&LINES.as_bytes()[..40]), bz2(&LINES.as_bytes()[40..])].concat(),
        ),
        ("zst", zst),
        ("gz+utf16", gz(&utf16(LINES, false))),
        ("gz+gz", gz(&gz(LINES.as_bytes()))),
    ] {
        let reading = read_bytes("k.log", &bytes);
        assert_eq!(elapsed(&reading), BOTH, "{packing}");
        let transport = reading.inputs[0].transport.clone();
        let wanted = ["klog", packing].join("+");
        assert_eq!(transport, wanted.trim_end_matches('+'));
    }
}

#[test]
fn xz_of_the_tool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    std::fs::write(&path, LINES).unwrap();
    let packed = std::process::Command::new("xz")
        .arg("-9")
        .arg(&path)
        .status();
    // Where the tool is missing there is nothing to compare with.
    if packed.is_ok_and(|status| status.success()) {
        assert_eq!(elapsed(&read_file(&folder.path().join("k.log.xz"))), BOTH);
    }
}

#[test]
fn members_are_inputs_with_their_own_lines() {
    let pod = "./kube-system_kube-proxy-x_0a1b/kube-proxy";
    let (live, old) = (
        format!("{pod}/0.log"),
        format!("{pod}/0.log.20260612-080205.gz"),
    );
    let (first, second) = LINES.split_at(LINES.find('\n').unwrap() + 1);
    let (old_bytes, long) = (gz(first.as_bytes()), format!("{}/a.log", "d".repeat(150)));
    let members: [(&str, &[u8]); 3] = [
        (&live, second.as_bytes()),
        (&old, &old_bytes),
        ("./kube-system_coredns-y_0c/coredns/0.log", LINES.as_bytes()),
    ];
    let tarred = tar(&members);
    for (name, bytes) in [
        ("pods.tar", tarred.clone()),
        ("pods.tar.gz", gz(&tarred)),
        ("pods.tar.zst", zstd::encode_all(&tarred[..], 1).unwrap()),
        ("outer.tar", tar(&[("in/pods.tgz", &gz(&tarred))])),
    ] {
        let reading = read_bytes(name, &bytes);
        let found = elapsed(&reading);
        assert_eq!(found, [(1, BOTH[0].1), (1, BOTH[1].1)], "{name}");
        let paths: Vec<&str> = reading.inputs.iter().map(|i| i.path.as_str()).collect();
        assert_eq!(paths.len(), 2, "{paths:?}");
        let ends = [".20260612-080205.gz", "kube-proxy/0.log"];
        for (path, end) in paths.iter().zip(ends) {
            assert!(path.starts_with(name) && path.ends_with(end), "{path}");
        }
        assert!(reading.warnings.is_empty(), "{:?}", reading.warnings);
    }
    let reading = read_bytes("long.tar", &tar(&[(&long, LINES.as_bytes())]));
    assert_eq!(reading.inputs[0].path, format!("long.tar/{long}"));
}

#[test]
fn a_bomb_ends_in_a_warning() {
    let line = LINES.as_bytes();
    let mut layer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    layer.write_all(line).unwrap();
    let zeros = vec![b'\n'; 1 << 20];
    for _ in 0..1100 {
        layer.write_all(&zeros).unwrap();
    }
    let reading = read_bytes("bomb.log.zst", &layer.finish().unwrap());
    assert_eq!(elapsed(&reading), BOTH);
    let warning = &reading.warnings[0];
    assert_eq!(warning.code, "broken_file");
    assert!(
        warning.message.contains("2000 times"),
        "{}",
        warning.message
    );

    // Packed more often than four times.
    let mut packed = LINES.as_bytes().to_vec();
    for _ in 0..4 {
        packed = gz(&packed);
    }
    assert_eq!(elapsed(&read_bytes("four.gz", &packed)), BOTH);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("five.gz");
    std::fs::write(&path, gz(&packed)).unwrap();
    let request = Request {
        sources: vec![Source::file(&path)],
        ..Request::default()
    };
    let error = read(&request, &Silent).unwrap_err().to_string();
    assert!(error.contains("packed too often"), "{error}");
}
