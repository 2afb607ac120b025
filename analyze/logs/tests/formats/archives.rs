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
    let of = |sync: kube_proxy_logs::Sync| (sync.line, sync.elapsed_ns);
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
        ("utf16", utf16(LINES, false)[2..].to_vec()),
        ("utf16", utf16(LINES, true)[2..].to_vec()),
        ("", LINES.replace('\n', "\r").into_bytes()),
        ("gz", gz(LINES.replace('\n', "\r").as_bytes())),
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

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn paths(reading: &Reading) -> Vec<&str> {
    let paths = reading.inputs.iter().map(|input| input.path.as_str());
    paths.collect()
}

fn warned(reading: &Reading) -> Vec<String> {
    let warnings = reading.warnings.iter();
    warnings
        .map(|warning| format!("{}: {}", warning.code, warning.message))
        .collect()
}

#[test]
fn members_of_zip_archives() {
    let zipped = zip(&[
        ("logs\\n1\\kube-proxy.log", LINES.as_bytes()),
        ("picture.png", b"no log"),
        ("README.txt", b"a text"),
    ]);
    let outer = tar(&[("in/logs.zip", &zipped)]);
    for (name, bytes, place) in [
        ("a.zip", zipped.clone(), "a.zip/logs/n1/kube-proxy.log"),
        ("a.zip.gz", gz(&zipped), "a.zip.gz/logs/n1/kube-proxy.log"),
        (
            "o.tar",
            outer.clone(),
            "o.tar/in/logs.zip/logs/n1/kube-proxy.log",
        ),
        (
            "o.zip",
            zip(&[("o.tar", &outer)]),
            "o.zip/o.tar/in/logs.zip/logs/n1/kube-proxy.log",
        ),
    ] {
        let reading = read_bytes(name, &bytes);
        assert_eq!(elapsed(&reading), BOTH, "{name}");
        assert_eq!(paths(&reading), [place]);
        assert!(reading.warnings.is_empty(), "{:?}", reading.warnings);
    }
    // An archive inside an archive inside an archive inside one.
    let deep = zip(&[("d.zip", &zip(&[("c.zip", &zip(&[("b.zip", &zipped)]))]))]);
    let reading = read_bytes("deep.zip", &deep);
    assert_eq!(elapsed(&reading), []);
    assert!(warned(&reading)[0].contains("too deep"), "{reading:?}");
    // An archive without members.
    assert_eq!(warned(&read_bytes("none.zip", &zip(&[]))).len(), 1);
}

/// What is wrong with a member is told, and the others are read.
#[test]
fn damaged_and_locked_members_of_zip_archives() {
    let first = "I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"9s\"\n";
    let zipped = zip(&[("a.log", first.as_bytes()), ("b.log", LINES.as_bytes())]);
    let right = elapsed(&read_bytes("a.zip", &zipped)).len();
    // A bit of each byte turned: every figure is the log's, or a warning says what is wrong.
    let known = [Some(9_000_000_000), BOTH[0].1, BOTH[1].1];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let directory = memchr::memmem::find(&zipped, b"PK\x01\x02").unwrap();
    for at in (0..zipped.len()).step_by(3) {
        let mut damaged = zipped.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&path, &damaged).unwrap();
        let request = Request {
            sources: vec![Source::file(&path)],
            year: Some(2026),
            ..Request::default()
        };
        let Ok(reading) = read(&request, &Silent) else {
            continue;
        };
        let found = elapsed(&reading);
        let odd = found.iter().any(|(_, elapsed)| !known.contains(elapsed));
        // The directory's names and kinds are what tells a log.
        let silent = at < directory && found.len() < right && reading.warnings.is_empty();
        assert!(!silent, "{at}: {found:?}");
        assert!(!odd || !reading.warnings.is_empty(), "{at}: {found:?}");
    }
    // The directory says of the first member that it is encrypted.
    let mut locked = zipped;
    locked[6] |= 1;
    locked[directory + 8] |= 1;
    let reading = read_bytes("a.zip", &locked);
    assert_eq!(elapsed(&reading), BOTH);
    let told = warned(&reading);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("1 member is encrypted") && told[0].contains("a.log"));
}

/// A tar archive that ends anywhere: what it gives is the log's, or is missing with a warning.
#[test]
fn damaged_tar_archives() {
    let tarred = tar(&[("a.log", LINES.as_bytes()), ("b.log", LINES.as_bytes())]);
    let whole = elapsed(&read_bytes("a.tar", &tarred));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).unwrap();
        // An error is an answer too.
        let request = Request {
            sources: vec![Source::file(&path)],
            year: Some(2026),
            ..Request::default()
        };
        if let Ok(reading) = read(&request, &Silent) {
            let found = elapsed(&reading);
            let fewer = found.len() < whole.len();
            assert!(!fewer || !reading.warnings.is_empty(), "{what}: {found:?}");
            for (_, elapsed) in found {
                assert!(BOTH.iter().any(|(_, right)| *right == elapsed), "{what}");
            }
        }
    };
    // Without the blocks of zeros at its end it is whole all the same.
    let end = tarred.len() - 1024;
    for cut in (512..end).step_by(97) {
        check(&tarred[..cut], &format!("cut at {cut}"));
    }
    // The second member's head.
    let second = (512 + LINES.len()).div_ceil(512) * 512;
    for at in (second..second + 512).step_by(5) {
        let mut damaged = tarred.clone();
        damaged[at] ^= 0x15;
        check(&damaged, &format!("byte {at}"));
    }
}

/// The lines around a sync of a member, as a report shows them.
#[test]
fn lines_of_members_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let tarred = tar(&[("x/a.log", LINES.as_bytes())]);
    let packed = [
        ("t.tar", tarred.clone(), "t.tar/x/a.log"),
        ("t.tgz", gz(&tarred), "t.tgz/x/a.log"),
        (
            "z.zip",
            zip(&[("b.log.gz", &gz(LINES.as_bytes()))]),
            "z.zip/b.log.gz",
        ),
        ("n.zip", zip(&[("t.tar", &tarred)]), "n.zip/t.tar/x/a.log"),
    ];
    for (name, bytes, member) in packed {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let member = folder.path().join(member);
        assert_eq!(kube_proxy_logs::file_behind(&member), Some(file.as_path()));
        let member = member.to_str().unwrap();
        let wanted = [(member, [2, 3].into()), ("elsewhere", [1].into())].into();
        let found = kube_proxy_logs::lines_at(&file, &wanted).unwrap();
        assert_eq!(found.len(), 1, "{name}");
        let line = LINES.lines().nth(1).unwrap().to_owned();
        assert_eq!(found[member], [(2, line)].into(), "{name}");
    }
}

/// Which of its alphabets a mainframe's text is in it does not tell, so that it is not guessed.
#[test]
fn a_mainframe_s_text_is_named_and_not_read() {
    // `I0612 08:02:05.25 1 proxier.go:1190` in code page 037.
    let line = [
        0xc9, 0xf0, 0xf6, 0xf1, 0xf2, 0x40, 0xf0, 0xf8, 0x7a, 0xf0, 0xf2, 0x7a, 0xf0, 0xf5, 0x4b,
        0xf2, 0xf5, 0x40, 0xf1, 0x40, 0x97, 0x99, 0x96, 0xa7, 0x89, 0x85, 0x99, 0x4b, 0x87, 0x96,
        0x7a, 0xf1, 0xf1, 0xf9, 0xf0, 0x25,
    ];
    let reading = crate::reading::files_of(&[("a.log", &line.repeat(20))], None);
    assert_eq!(reading.syncs.len(), 0);
    let [warning] = reading.warnings.as_slice() else {
        panic!("{:?}", reading.warnings)
    };
    assert_eq!(warning.code, "broken_file");
    assert!(warning.message.contains("EBCDIC"), "{warning:?}");
}
