//! The same lines in another packing, order or wrapping: the same syncs, or a warning.

use std::io::Write as _;

use base64::Engine as _;

use kube_proxy_logs::{Reading, Source};

use super::{LINES, Line};
use crate::reading::{files_of, of};

/// What syncs say, without where they stand.
fn said(reading: &Reading) -> Vec<String> {
    let mut all: Vec<String> = reading
        .syncs
        .iter()
        .map(|s| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                s.family,
                s.outcome,
                s.end_ns,
                s.elapsed_ns,
                s.build_ns,
                s.commit_ns,
                s.services,
                s.endpoints
            )
        })
        .collect();
    all.sort();
    all
}

/// Twelve syncs of both families, one of them failed.
fn log() -> Vec<String> {
    (0..12u32)
        .flat_map(|at| {
            let minute = at;
            let family = if at % 2 == 0 { "IPv4" } else { "IPv6" };
            let line = |time: &str, severity: char, body: &str| {
                format!("{severity}0612 08:{minute:02}:{time}       1 proxier.go:1] {body}")
            };
            let mut lines = vec![
                line("02.000100", 'I', &format!("\"Syncing nftables rules\" ipFamily=\"{family}\"")),
                line("10.250000", 'I', &format!("\"Reloading service nftables data\" ipFamily=\"{family}\" numServices=80 numEndpoints={}", 2_000 + at)),
            ];
            if at == 7 {
                lines.push(line("45.100000", 'I', &format!("\"Sync failed\" ipFamily=\"{family}\" retryingTime=\"30s\"")));
            }
            lines.push(line("45.250000", 'I', &format!("\"SyncProxyRules complete\" ipFamily=\"{family}\" elapsed=\"43.25s\"")));
            lines
        })
        .collect()
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn read(name: &str, bytes: &[u8]) -> Reading {
    files_of(&[(name, bytes)], Some(2024))
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A terminal's recording, cut anywhere.
fn cast(text: &str) -> Vec<u8> {
    let mut out = "{\"version\": 2, \"width\": 200, \"height\": 50}\n".to_owned();
    let printed: Vec<char> = text.replace('\n', "\r\n").chars().collect();
    for (at, part) in printed.chunks(97).enumerate() {
        let part: String = part.iter().collect();
        out += &(serde_json::json!([at as f64 / 10.0, "o", part]).to_string() + "\n");
    }
    out.into_bytes()
}

#[test]
fn in_every_packing_and_copy() {
    let text = joined(&log());
    let right = said(&read("a.log", text.as_bytes()));
    assert_eq!(right.len(), 12);
    for (name, bytes) in [
        ("a.log.gz", gz(text.as_bytes())),
        ("a.log.zst", zstd::encode_all(text.as_bytes(), 1).unwrap()),
        ("a.log", text.replace('\n', "\r\n").into_bytes()),
        ("a.log", format!("\u{feff}{text}").into_bytes()),
        ("a.log", format!("{text}{text}").into_bytes()),
        ("a.log", text.trim_end().as_bytes().to_vec()),
        ("a.log", base64(&text).into_bytes()),
        (
            "a.log",
            base64::engine::general_purpose::STANDARD
                .encode(gz(text.as_bytes()))
                .into_bytes(),
        ),
        ("a.cast", cast(&text)),
    ] {
        assert_eq!(said(&read(name, &bytes)), right, "{name}");
    }
    // Another order of its lines.
    let mut lines = log();
    lines.reverse();
    assert_eq!(said(&read("a.log", joined(&lines).as_bytes())), right);
}

#[test]
fn cut_at_any_line_into_rotated_files() {
    let lines = log();
    let right = said(&read("a.log", joined(&lines).as_bytes()));
    for cut in 0..=lines.len() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = lines.split_at(cut);
        std::fs::write(folder.path().join("0.log.20240612-090000"), joined(old)).unwrap();
        std::fs::write(folder.path().join("0.log"), joined(new)).unwrap();
        let reading = of(
            kube_proxy_logs::discover(folder.path()).unwrap(),
            Some(2024),
        );
        assert_eq!(said(&reading), right, "cut at {cut}");
        // Files in the other order.
        let mut sources: Vec<Source> = kube_proxy_logs::discover(folder.path()).unwrap();
        sources.reverse();
        assert_eq!(
            said(&of(sources, Some(2024))),
            right,
            "turned, cut at {cut}"
        );
    }
}

/// What an excerpt does not hold is not told; what it tells is true.
#[test]
fn an_excerpt_tells_nothing_that_the_log_does_not() {
    let lines = log();
    let right: Vec<(Option<i64>, Option<u64>)> = read("a.log", joined(&lines).as_bytes())
        .syncs
        .iter()
        .map(|sync| (sync.end_ns, sync.elapsed_ns))
        .collect();
    for from in 0..lines.len() {
        for to in [from + 1, from + 4, from + 11] {
            let part = joined(&lines[from..to.min(lines.len())]);
            for sync in &read("a.log", part.as_bytes()).syncs {
                // One without its end is unfinished, or failed without a duration.
                let known = right.contains(&(sync.end_ns, sync.elapsed_ns));
                assert!(
                    known || sync.outcome != kube_proxy_logs::Outcome::Ok,
                    "{part}\n{sync:?}"
                );
            }
        }
    }
}

/// A file that ends inside a line: every figure is the log's, or is missing.
#[test]
fn cut_at_any_byte_no_figure_is_another() {
    let text: String = LINES.map(|line| line.klog.to_owned() + "\n").concat();
    let json: String = LINES
        .map(|line: Line| {
            serde_json::json!({"message": line.klog, "time": line.t}).to_string() + "\n"
        })
        .concat();
    let carried: String = LINES
        .map(|line: Line| {
            let data = base64(line.klog);
            serde_json::json!({"data": data, "time": line.t}).to_string() + "\n"
        })
        .concat();
    let armoured = base64(&text);
    for whole in [text, json, carried, armoured] {
        for cut in 0..=whole.len() {
            for sync in &read("a.log", &whole.as_bytes()[..cut]).syncs {
                let endpoints = sync.endpoints.is_none_or(|endpoints| endpoints == 240_000);
                let ended = sync.outcome == kube_proxy_logs::Outcome::Ok;
                let elapsed = !ended || sync.elapsed_ns == Some(123_250_000_000);
                assert!(endpoints && elapsed, "cut at {cut}: {sync:?}");
            }
        }
    }
}

/// A heading far into a log names what follows it, whatever the file's size and packing.
#[test]
fn headings_count_in_a_file_of_any_size() {
    let sync = LINES.map(|line| line.klog.to_owned() + "\n").concat();
    let later = sync.replace("I0612 08", "I0612 09");
    let filler = "I0612 08:03:00.000000       1 config.go:1] some other line\n";
    for lines in [10, 60_000] {
        let text = format!(
            "# kernel-6.1.144\n{sync}{}# kernel-6.12.46\n{later}",
            filler.repeat(lines)
        );
        for (name, bytes) in [
            ("a.log", text.clone().into_bytes()),
            ("a.log.gz", gz(text.as_bytes())),
        ] {
            let reading = read(name, &bytes);
            let kernels: Vec<Option<&str>> = reading
                .syncs
                .iter()
                .map(|sync| {
                    reading.inputs[sync.input as usize]
                        .kernel
                        .as_ref()
                        .map(|(name, _)| name.as_str())
                })
                .collect();
            assert_eq!(
                kernels,
                [Some("6.1.144"), Some("6.12.46")],
                "{name} {lines}"
            );
        }
    }
}

/// Wrapped, split into rotated files at any line, and the files in any order.
#[test]
fn wrapped_and_rotated() {
    let lines = log();
    let right = said(&read("a.log", joined(&lines).as_bytes()));
    let stamp = |line: &str| format!("2024-06-12T{}000Z", &line[6..21]);
    type Wrap<'w> = &'w dyn Fn(&str) -> String;
    let wrappers: [(&str, Wrap<'_>); 10] = [
        ("cri", &|line| format!("{} stderr F {line}", stamp(line))),
        ("docker", &|line| {
            serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": stamp(line)})
                .to_string()
        }),
        ("json", &|line| {
            serde_json::json!({"message": line, "@timestamp": stamp(line)}).to_string()
        }),
        ("nested", &|line| {
            serde_json::json!({"a": {"b": [serde_json::json!({"log": line}).to_string()]}})
                .to_string()
        }),
        ("base64", &|line| {
            serde_json::json!({"data": base64(line), "time": stamp(line)}).to_string()
        }),
        ("logfmt", &|line| {
            format!("ts={} msg=\"{}\"", stamp(line), line.replace('"', "\\\""))
        }),
        ("csv", &|line| {
            format!("{},\"{}\"", stamp(line), line.replace('"', "\"\""))
        }),
        ("stern", &|line| format!("kube-proxy-x kube-proxy {line}")),
        ("journal", &|line| {
            format!("Jun 12 {} n1 kube-proxy[1]: {line}", &line[6..14])
        }),
        ("coloured", &|line| format!("\u{1b}[33m{line}\u{1b}[0m")),
    ];
    for (name, wrap) in wrappers {
        let wrapped: Vec<String> = lines.iter().map(|line| wrap(line)).collect();
        for cut in (0..=wrapped.len()).step_by(5) {
            let folder = tempfile::tempdir().unwrap();
            let (old, new) = wrapped.split_at(cut);
            let packed = gz(joined(old).as_bytes());
            std::fs::write(folder.path().join("0.log.20240612-090000.gz"), packed).unwrap();
            std::fs::write(folder.path().join("0.log"), joined(new)).unwrap();
            let mut sources: Vec<Source> = kube_proxy_logs::discover(folder.path()).unwrap();
            assert_eq!(
                said(&of(sources.clone(), Some(2024))),
                right,
                "{name}, cut at {cut}"
            );
            sources.reverse();
            assert_eq!(
                said(&of(sources, Some(2024))),
                right,
                "{name}, turned, cut at {cut}"
            );
        }
        let shuffled: Vec<String> = [&wrapped[20..], &wrapped[..20]].concat();
        assert_eq!(
            said(&read("a.log", joined(&shuffled).as_bytes())),
            right,
            "{name}, shuffled"
        );
    }
}

/// Tells the test below that it is the process that reads.
const READER: &str = "SYNCS_OF_STANDARD_INPUT";

/// The same bytes as a file, and on the standard input of a process of its own: this very test.
#[test]
fn on_standard_input() {
    if std::env::var_os(READER).is_some() {
        for sync in said(&of(vec![Source::stdin()], Some(2024))) {
            println!("\nSYNC {sync}");
        }
        return;
    }
    let text = joined(&log());
    let right = said(&read("a.log", text.as_bytes()));
    for bytes in [text.clone().into_bytes(), gz(text.as_bytes())] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "corpus::same::on_standard_input", "--nocapture"])
            .env(READER, "1")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let found: Vec<&str> = out
            .lines()
            .filter_map(|line| line.strip_prefix("SYNC "))
            .collect();
        assert_eq!(found, right);
    }
}
