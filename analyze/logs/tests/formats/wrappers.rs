//! One sync's line in everything that wraps it.

use serde_json::json;

use crate::reading::{files_of, ns, rows};

const C: &str = r#"I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s""#;
/// What it says, without its line.
const SYNC: &str = "IPv4 ok 123.250";

/// Backslashed, as JSON, Go and logfmt have it.
fn b() -> String {
    C.replace('"', "\\\"")
}

fn doubled() -> String {
    C.replace('"', "\"\"")
}

/// Wrapped lines, and the node if the wrapper names one.
fn wrapped() -> Vec<(String, Option<&'static str>)> {
    let (b, d) = (b(), doubled());
    let body = &C[C.find('"').unwrap()..];
    let t = "2026-06-12T08:02:05.25Z";
    let twice = json!(format!("{{\"log\":\"{b}\"}}")).to_string();
    let stamp = "1781251325250000000";
    vec![
        // Collectors' JSON.
        (json!({"message": C, "@timestamp": t}).to_string(), None),
        (json!({"line": C, "ts": t}).to_string(), None),
        (json!({"_raw": C, "_time": t, "host": "n1"}).to_string(), Some("n1")),
        (json!({"preview": false, "result": {"_raw": C, "_time": "2026-06-12 08:02:05.250 UTC", "host": "n1"}}).to_string(), Some("n1")),
        (json!({"time": 1781251325.25, "host": "n1", "event": C}).to_string(), Some("n1")),
        (json!({"log": C, "stream": "stderr"}).to_string(), None),
        (json!({"date": 1781251325.25, "log": C, "kubernetes": {"pod_name": "kube-proxy-x", "host": "n1"}}).to_string(), Some("n1")),
        (json!({"body": {"stringValue": C}, "timeUnixNano": stamp}).to_string(), None),
        (json!({"resourceLogs": [{"resource": {"attributes": [{"key": "k8s.node.name", "value": {"stringValue": "n1"}}, {"key": "k8s.pod.name", "value": {"stringValue": "kube-proxy-x"}}]}, "scopeLogs": [{"logRecords": [{"timeUnixNano": stamp, "body": {"stringValue": C}}]}]}]}).to_string(), Some("n1")),
        (json!({"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"pod": "kube-proxy-x", "node_name": "n1"}, "values": [[stamp, C]]}]}}).to_string(), Some("n1")),
        (json!({"labels": {"pod": "kube-proxy-x", "node": "n1"}, "line": C, "timestamp": t}).to_string(), Some("n1")),
        (json!({"events": [{"timestamp": 1781251325250i64, "message": C, "ingestionTime": 1781251325300i64}]}).to_string(), None),
        (json!({"results": [[{"field": "@timestamp", "value": "2026-06-12 08:02:05.250"}, {"field": "@message", "value": C}]]}).to_string(), None),
        (json!({"_index": "k", "_source": {"@timestamp": t, "message": C, "kubernetes": {"node": {"name": "n1"}, "pod": {"name": "kube-proxy-x"}}}}).to_string(), Some("n1")),
        (json!({"hits": {"hits": [{"_source": {"@timestamp": t, "message": C}, "fields": {"message": [C]}}]}}).to_string(), None),
        (json!({"@timestamp": t, "message": C, "event": {"original": C}, "agent": {"hostname": "filebeat"}}).to_string(), None),
        (json!({"content": {"timestamp": t, "host": "n1", "message": C, "tags": ["pod_name:kube-proxy-x"]}}).to_string(), Some("n1")),
        (json!({"version": "1.1", "host": "n1", "short_message": C, "full_message": C, "timestamp": 1781251325.25}).to_string(), Some("n1")),
        (json!({"textPayload": C, "timestamp": t, "resource": {"labels": {"pod_name": "kube-proxy-x", "node_name": "n1"}}}).to_string(), Some("n1")),
        (json!({"TimeGenerated": t, "Computer": "n1", "PodName": "kube-proxy-x", "LogMessage": C}).to_string(), Some("n1")),
        (json!({"tables": [{"columns": [{"name": "TimeGenerated"}, {"name": "Computer"}, {"name": "LogEntry"}], "rows": [[t, "n1", C]]}]}).to_string(), Some("n1")),
        (json!({"message": C, "nodeName": "n1", "namespace": "kube-system", "podName": "kube-proxy-x", "containerName": "kube-proxy"}).to_string(), Some("n1")),
        (json!([C]).to_string(), None),
        (json!(C).to_string(), None),
        (json!([[stamp, C]]).to_string(), None),
        (json!({"MESSAGE": C, "_HOSTNAME": "n1", "__REALTIME_TIMESTAMP": "1781251325250000"}).to_string(), Some("n1")),
        (json!({"stdout": format!("{C}\n"), "stdout_lines": [C], "host": "n1"}).to_string(), Some("n1")),
        (json!({"log": {"message": C}}).to_string(), None),
        (json!({"message": format!("{t} stderr F {C}")}).to_string(), None),
        (json!({"file": "/var/log/x", "message": C, "source_type": "kubernetes_logs", "timestamp": t, "kubernetes": {"pod_node_name": "n1"}}).to_string(), Some("n1")),
        (json!({"level": "info", "ts": 1781251325.25, "msg": C}).to_string(), None),
        (json!({"kube-proxy-x": C}).to_string(), None),
        (twice, None),
        // klog's own JSON behind a prefix.
        (format!("kube-proxy-x kube-proxy {}", json!({"ts": 1781251325250.0, "caller": "nftables/proxier.go:1", "msg": "SyncProxyRules complete", "ipFamily": "IPv4", "v": 2, "elapsed": "2m3.25s"})), None),
        (format!("kube-proxy-1  | {}", json!({"ts": 1781251325250.0, "caller": "nftables/proxier.go:1", "msg": "SyncProxyRules complete", "ipFamily": "IPv4", "v": 2, "elapsed": "2m3.25s"})), None),
        (json!({"@timestamp": t, "message": "SyncProxyRules complete", "ipFamily": "IPv4", "elapsed": "2m3.25s"}).to_string(), None),
        // Prefixes.
        (format!("kube-proxy-x kube-proxy {C}"), None),
        (format!("kube-system kube-proxy-x kube-proxy {C}"), None),
        (format!("kube-proxy-x kube-proxy {t} {C}"), None),
        (format!("[kube-proxy-x kube-proxy] {C}"), None),
        (format!("kube-system/kube-proxy-x[kube-proxy]: {C}"), None),
        (format!("kube-proxy-1  | {t} {C}"), None),
        (format!("10.5.0.2: {t} stderr F {C}"), Some("10.5.0.2")),
        (format!("{t} {{pod=\"kube-proxy-x\", node_name=\"n1\"}} {C}"), Some("n1")),
        (format!("{t} {{a=\"b\"}} {C}"), None),
        (format!("<30>1 {t} n1 kube-proxy 1 - - {C}"), Some("n1")),
        (format!("<30>Jun 12 08:02:05 n1 kube-proxy[1]: {C}"), Some("n1")),
        (format!("Fri 2026-06-12 08:02:05 CST n1 k3s[1]: {C}"), Some("n1")),
        (format!("1781251325.250000 n1 k3s[1]: {C}"), Some("n1")),
        (format!("node-a: {C}"), Some("node-a")),
        (format!("[node-a] {C}"), Some("node-a")),
        (format!("kube-proxy.log:12:{C}"), None),
        (format!("build\tstep\t2026-06-12T08:02:05.2500000Z {C}"), None),
        (format!("2026-06-12 08:02:05.250000000 +0000 kube.log: {{\"log\":\"{b}\"}}"), None),
        (format!("| {t} | {C} |"), None),
        (format!("+{C}"), None),
        (format!("     1\t{C}"), None),
        // Quoted.
        (format!("time=\"2026-06-12 08:02:05\" level=info msg=\"{b}\" component=kube-proxy"), None),
        (format!("message=\"{b}\" host=n1 timestamp={t}"), Some("n1")),
        (format!("{t},\"{d}\""), None),
        (format!("[0] kube.x: [1781251325.250000000, {{\"log\"=>\"{b}\"}}]"), None),
        (format!("[0] kube.x: [1781251325.250000000, {{\"log\"=>\"{C}\", \"stream\"=>\"stderr\"}}]"), None),
        (format!("b'{C}\\n'"), None),
        (format!("- '{C}'"), None),
        (format!("    \"message\": \"{b}\","), None),
        (b, None),
        (format!("ts={t} caller=proxier.go:1190 level=info msg=\"SyncProxyRules complete\" ipFamily=IPv4 elapsed=2m3.25s"), None),
        // Coloured, typeset, damaged.
        (format!("\x1b[33m{C}\x1b[0m"), None),
        (format!("^[[33m{C}^[[0m"), None),
        (format!("[33m{C}[0m"), None),
        (format!("#033[33m{C}#033[0m"), None),
        (C.replace("SyncProxyRules", "\x1b[01;31m\x1b[KSyncProxyRules\x1b[m\x1b[K"), None),
        (C.replace('"', "&quot;"), None),
        (C.replace('"', "&#34;"), None),
        (format!("<span class=\"x\">{}</span>", C.replace('"', "&quot;")), None),
        (C.replace("\"Sync", "\u{201c}Sync").replace("te\"", "te\u{201d}"), None),
        (C[1..].to_owned(), None),
        (format!("{C}\r\r"), None),
        // Headers gone.
        (format!("{t}\t{body}"), None),
        (json!({"textPayload": body, "timestamp": t}).to_string(), None),
        (json!({"jsonPayload": {"message": body}, "timestamp": t}).to_string(), None),
    ]
}

#[test]
fn one_line_in_everything_that_wraps_it() {
    let mut wrong = Vec::new();
    let all = wrapped();
    for (line, node) in &all {
        let reading = files_of(&[("a.log", format!("{line}\n").as_bytes())], None);
        let found: Vec<String> = rows(&reading);
        let right = found.len() == 1 && found[0].ends_with(SYNC);
        let named = reading
            .syncs
            .first()
            .and_then(|sync| reading.inputs[sync.input as usize].node.as_deref());
        let time = reading.syncs.first().and_then(|sync| sync.end_ns)
            == Some(ns("2026-06-12T08:02:05.25Z"));
        if !right || !time || node.is_some() && named != *node {
            wrong.push(format!("{found:?} node {named:?} time {time}\n    {line}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
}

#[test]
fn tables_by_their_columns() {
    let d = doubled();
    for (text, node) in [
        (
            format!("timestamp,message\n2026-06-12T08:02:05.250Z,\"{d}\"\n"),
            None,
        ),
        (
            format!("@timestamp,@message\n2026-06-12 08:02:05.250,\"{d}\"\n"),
            None,
        ),
        (format!("message,host\n\"{d}\",n1\n"), Some("n1")),
        (
            format!("Time;Line\n2026-06-12T08:02:05.250Z;\"{d}\"\n"),
            None,
        ),
        (
            format!(
                "\"@timestamp\",\"kubernetes.node.name\",message\n\"Jun 12, 2026 @ 08:02:05.250\",n1,\"{d}\"\n"
            ),
            Some("n1"),
        ),
        (
            format!(
                "\"TimeGenerated [UTC]\",Computer,LogEntry\n\"6/12/2026, 8:02:05.250 AM\",n1,\"{d}\"\n"
            ),
            Some("n1"),
        ),
        (
            format!("message,time\n\"{d}\n\",2026-06-12T08:02:05Z\n"),
            None,
        ),
    ] {
        let reading = files_of(&[("a.csv.log", text.as_bytes())], None);
        assert!(
            rows(&reading).len() == 1 && rows(&reading)[0].ends_with(SYNC),
            "{text}\n{:?}",
            reading.warnings
        );
        let input = &reading.inputs[reading.syncs.at(0).input as usize];
        assert_eq!(input.node.as_deref(), node, "{text}");
        assert_eq!(
            reading.syncs.at(0).end_ns,
            Some(ns("2026-06-12T08:02:05.25Z")),
            "{text}"
        );
    }
}

#[test]
fn collectors_lines_are_not_joined() {
    let line = json!({"log": C, "stream": "stderr"}).to_string();
    let other = line.replace("08:02:05", "08:05:05");
    let reading = files_of(
        &[("a.log", format!("{line}\n{other}\n").as_bytes())],
        Some(2026),
    );
    assert_eq!(rows(&reading).len(), 2);
}
