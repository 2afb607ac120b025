//! The same three lines in every wrapper give the same sync.

use std::io::Write as _;

use serde_json::{Value as Json, json};

use crate::reading::{files, ns, rows};

/// A header's time, location, and body, with what follows the message.
const LINES: [(&str, &str, &str); 3] = [
    (
        "08:24:24.646123",
        "proxier.go:1199",
        r#""Syncing nftables rules" ipFamily="IPv4""#,
    ),
    (
        "08:24:33.333333",
        "proxier.go:1840",
        r#""Reloading service nftables data" ipFamily="IPv4" numServices=5006 numEndpoints=44012"#,
    ),
    (
        "08:37:39.988112",
        "proxier.go:1193",
        r#""SyncProxyRules complete" ipFamily="IPv4" elapsed="13m15.34210662s""#,
    ),
];

/// What they say, whatever wraps them: elapsed, build, commit, endpoints.
const SYNC: &str = "IPv4 ok 795.342 build 8.687 commit 786.655 of 5006/44012";

fn klog() -> Vec<String> {
    let line =
        |(time, place, body): &(&str, &str, &str)| format!("I1129 {time}       1 {place}] {body}");
    LINES.iter().map(line).collect()
}

fn each(wrap: impl Fn(&str, &str) -> String) -> String {
    klog()
        .iter()
        .zip(LINES)
        .map(|(line, (time, _, _))| wrap(time, line))
        .collect()
}

/// The message without its header, as log agents send it on.
fn stripped(wrap: impl Fn(&str, &str) -> String) -> String {
    LINES
        .iter()
        .map(|(time, _, body)| wrap(time, body))
        .collect()
}

fn micros(time: &str) -> i64 {
    ns(&format!("2025-11-29T{time}Z")) / 1000
}

fn json_lines(object: impl Fn(&str, &str) -> Json) -> String {
    each(|time, line| format!("{}\n", object(time, line)))
}

fn klog_json(ts: impl Fn(&str) -> f64) -> String {
    let fields = [
        json!({"msg": "Syncing nftables rules", "v": 2}),
        json!({"msg": "Reloading service nftables data", "v": 2, "numServices": 5006, "numEndpoints": 44012}),
        json!({"msg": "SyncProxyRules complete", "v": 2, "elapsed": "13m15.34210662s"}),
    ];
    let line = |((time, place, _), fields): (&(&str, &str, &str), &Json)| {
        let mut object = fields.clone();
        object["ts"] = json!(ts(time));
        object["caller"] = json!(format!("nftables/{place}"));
        object["ipFamily"] = json!("IPv4");
        format!("{object}\n")
    };
    LINES.iter().zip(&fields).map(line).collect()
}

fn export(binary: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (line, (time, _, _)) in klog().iter().zip(LINES) {
        let head = format!(
            "__CURSOR=s=1\n__REALTIME_TIMESTAMP={}\n_HOSTNAME=n1\n",
            micros(time)
        );
        out.extend_from_slice(head.as_bytes());
        if binary {
            out.extend_from_slice(b"MESSAGE\n");
            out.extend_from_slice(&(line.len() as u64).to_le_bytes());
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\nCOREDUMP\n");
            out.extend_from_slice(&3u64.to_le_bytes());
            out.extend_from_slice(b"\n\x00\n\n\n");
        } else {
            out.extend_from_slice(format!("MESSAGE={line}\n\n").as_bytes());
        }
    }
    out
}

/// Transports by their name in reports; a name can have several forms.
fn wrapped() -> Vec<(&'static str, Vec<u8>)> {
    let text = |name: &'static str, text: String| (name, text.into_bytes());
    let bytes_of = |line: &str| line.bytes().map(Json::from).collect::<Vec<_>>();
    vec![
        text("klog", each(|_, line| format!("{line}\n"))),
        text("klog", each(|_, line| format!("{line}\r\n"))),
        // `kubectl logs`, its banners on standard error caught with it.
        text(
            "timestamps",
            "Found 3 pods, using pod/kube-proxy-x\n\
             Defaulted container \"kube-proxy\" out of: kube-proxy, init (init)\n"
                .to_owned()
                + &each(|time, line| format!("2025-11-29T{time}789Z {line}\n")),
        ),
        text(
            "kubectl-prefix",
            each(|_, line| format!("[pod/kube-proxy-x/kube-proxy] {line}\n")),
        ),
        text(
            "kubectl-prefix",
            each(|time, line| {
                format!("[pod/kube-proxy-x/kube-proxy] 2025-11-29T{time}789Z {line}\n")
            }),
        ),
        // CRI: seven to nine digits, any zone, the header in UTC all the same.
        text(
            "cri",
            each(|time, line| format!("2025-11-29T{time}789Z stderr F {line}\n")),
        ),
        text(
            "cri",
            each(|time, line| {
                let local = time.replacen("08:", "10:", 1);
                format!("2025-11-29T{local}7+02:00 stderr F {line}\n")
            }),
        ),
        text(
            "cri",
            each(|time, line| {
                let (a, b) = line.split_at(line.len() - 20);
                let at = format!("2025-11-29T{time}789Z");
                format!("{at} stderr P {a}\n{at} stdout F noise\n{at} stderr F {b}\n")
            }),
        ),
        text(
            "docker",
            json_lines(
                |time, line| json!({"log": format!("{line}\n"), "stream": "stderr", "time": format!("2025-11-29T{time}789Z")}),
            ),
        ),
        text(
            "docker",
            each(|time, line| {
                let (a, b) = line.split_at(line.len() - 20);
                let time = format!("2025-11-29T{time}789Z");
                let piece = |log: &str| {
                    format!(
                        "{{\"log\":{},\"stream\":\"stderr\",\"time\":\"{time}\"}}\n",
                        json!(log)
                    )
                };
                piece(a) + &piece(&format!("{b}\n"))
            }),
        ),
        text(
            "journal-short",
            each(|time, line| format!("Nov 29 {} n1 k3s[700]: {line}\n", &time[..8])),
        ),
        text(
            "journal-short",
            each(|time, line| format!("Nov 29 {time} n1 k3s[700]: {line}\n")),
        ),
        text(
            "journal-iso",
            each(|time, line| format!("2025-11-29T{}+0000 n1 k3s[700]: {line}\n", &time[..8])),
        ),
        text(
            "journal-json",
            json_lines(
                |time, line| json!({"MESSAGE": line, "__REALTIME_TIMESTAMP": micros(time).to_string(), "_HOSTNAME": "n1"}),
            ),
        ),
        text(
            "journal-json",
            json_lines(
                |time, line| json!({"MESSAGE": bytes_of(line), "__REALTIME_TIMESTAMP": micros(time).to_string()}),
            ),
        ),
        text(
            "journal-json",
            each(|time, line| {
                let object =
                    json!({"MESSAGE": line, "__REALTIME_TIMESTAMP": micros(time).to_string()});
                format!("{}\n", serde_json::to_string_pretty(&object).unwrap())
            }),
        ),
        ("journal-json", export(false)),
        ("journal-json", export(true)),
        // Cloud Logging: the header stripped, the time the agent's.
        text(
            "cloud-logging",
            stripped(|time, body| format!("2025-11-29T{time}Z\t{body}\n")),
        ),
        text(
            "cloud-logging",
            stripped(|time, body| format!("INFO\n2025-11-29T{time}Z{body}\n")),
        ),
        text(
            "cloud-logging",
            stripped(|time, body| format!("2025-11-29 {time} UTC\t{body}\n")),
        ),
        text(
            "cloud-logging",
            stripped(|time, body| {
                format!(
                    "{}\n",
                    json!({"textPayload": body, "timestamp": format!("2025-11-29T{time}Z")})
                )
            }),
        ),
        text("cloud-logging", {
            let entries: Vec<Json> = LINES
                .iter()
                .map(|(time, _, body)| {
                    json!({
                        "insertId": "x", "severity": "INFO", "textPayload": body,
                        "timestamp": format!("2025-11-29T{time}Z"),
                        "resource": {"labels": {"pod_name": "kube-proxy-x"}},
                    })
                })
                .collect();
            serde_json::to_string_pretty(&entries).unwrap()
        }),
        // `--logging-format=json`, in milliseconds and, long ago, in seconds.
        text("klog-json", klog_json(|time| micros(time) as f64 / 1e3)),
        text("klog-json", klog_json(|time| micros(time) as f64 / 1e6)),
        // Pasted.
        text(
            "klog",
            format!(
                "# kube-proxy\n\n```\n{}```\n",
                each(|_, line| format!("{line}\n"))
            ),
        ),
        text("klog", each(|_, line| format!("> {line}\n"))),
        text("klog", each(|_, line| format!("    {line}\n"))),
        text("klog", each(|_, line| format!("- `{line}`\n"))),
        text(
            "klog",
            each(|_, line| line.replacen("       1 ", " 1 ", 1) + "\n"),
        ),
        // A log agent cut the process id and the file.
        text(
            "klog",
            each(|_, line| {
                let body = line.split_once("] ").unwrap().1;
                format!("{} {body}\n", &line[..21])
            }),
        ),
        text(
            "klog",
            format!(
                "==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====\n{}\
                 ==== END logs for container kube-proxy of pod kube-system/kube-proxy-x ====\n",
                each(|_, line| format!("{line}\n"))
            ),
        ),
    ]
}

/// A row without its line.
fn sync(rows: &[String]) -> Vec<&str> {
    rows.iter()
        .map(|row| row.split_once(' ').map_or("", |(_, rest)| rest))
        .collect()
}

#[test]
fn the_same_lines_in_every_wrapper_give_the_same_sync() {
    for (name, bytes) in wrapped() {
        let reading = files(&[("a.log", &bytes)]);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(
            sync(&rows(&reading)),
            [SYNC],
            "{name}:\n{shown}\n{:#?}",
            reading.warnings
        );
        let input = &reading.inputs[reading.syncs.at(0).input as usize];
        assert_eq!(input.transport, name, "{shown}");
        assert!(
            reading.warnings.is_empty(),
            "{shown}\n{:?}",
            reading.warnings
        );
        let end = reading.syncs.at(0).end_ns.unwrap();
        let late = (end - ns("2025-11-29T08:37:39.988112Z")).abs();
        assert!(late < 1_000_000, "{name} {late}\n{shown}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn compressed_is_the_same_as_plain() {
    for (name, bytes) in wrapped() {
        let plain = files(&[("a.log", &bytes)]);
        // Two members behind each other are what `cat a.gz b.gz` makes.
        let (a, b) = bytes.split_at(bytes.len() / 3);
        let several = [gzip(a), gzip(b)].concat();
        for (packed, suffix) in [
            (gzip(&bytes), "gz"),
            (several, "gz"),
            (zstd::encode_all(&bytes[..], 1).unwrap(), "zst"),
        ] {
            let reading = files(&[("a.log", &packed)]);
            assert_eq!(reading.syncs, plain.syncs, "{name} {suffix}");
            assert_eq!(reading.inputs[0].lines, plain.inputs[0].lines);
            assert!(reading.inputs[0].transport.ends_with(suffix));
        }
    }
}

#[test]
fn mixtures_are_read_line_by_line() {
    let all: Vec<u8> = wrapped()
        .iter()
        .filter(|(name, bytes)| {
            !bytes.starts_with(b"__CURSOR") && !bytes.starts_with(b"[") && *name != "docker"
        })
        .take(6)
        .flat_map(|(_, bytes)| bytes.clone())
        .collect();
    let reading = files(&[("a.log", &all)]);
    let mut found: Vec<String> = rows(&reading);
    found.dedup_by(|a, b| sync(std::slice::from_ref(a)) == sync(std::slice::from_ref(b)));
    assert_eq!(sync(&found), [SYNC]);
}

#[test]
fn a_large_file_gives_what_a_small_one_does() {
    // Chunks of 4 MiB: lines of interest at all places, across every border.
    let noise = "I1129 08:24:25.000000       1 endpointslicecache.go:303] \"Setting endpoints for service port name\" portName=\"a/b:c\"\n";
    let mut text = String::new();
    for at in 0..60_000 {
        text.push_str(noise);
        if at % 1_000 == 0 {
            let second = at / 1_000;
            text.push_str(&format!(
                "I1129 09:{second:02}:00.000001       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{second}.5s\"\n"
            ));
        }
    }
    assert!(text.len() > 6_000_000);
    let reading = files(&[("a.log", text.as_bytes())]);
    assert_eq!(reading.syncs.len(), 60);
    assert_eq!(reading.inputs[0].lines, 60_060);
    for (sync, number) in reading.syncs.iter().zip(0u64..) {
        assert_eq!(sync.line, number * 1_001 + 2);
        assert_eq!(sync.elapsed_ns, Some(number * 1_000_000_000 + 500_000_000));
    }
    let packed = files(&[("a.log", &gzip(text.as_bytes()))]);
    assert_eq!(packed.syncs, reading.syncs);
}
