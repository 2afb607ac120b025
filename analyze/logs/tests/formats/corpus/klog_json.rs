//! kube-proxy's own JSON, and its messages after a collector took them apart.

use serde_json::{Value, json};

use super::{Case, LINES, Line, check};

fn parts(l: &Line) -> Value {
    match l.klog {
        k if k.contains("Syncing") => json!({"msg": "Syncing nftables rules", "ipFamily": "IPv4"}),
        k if k.contains("Reloading") => {
            json!({"msg": "Reloading service nftables data", "ipFamily": "IPv4", "numServices": 8000, "numEndpoints": 240_000})
        }
        _ => json!({"msg": "SyncProxyRules complete", "ipFamily": "IPv4", "elapsed": "2m3.25s"}),
    }
}

fn with(l: &Line, more: Value) -> Value {
    let mut all = parts(l).as_object().unwrap().clone();
    all.extend(more.as_object().unwrap().clone());
    Value::Object(all)
}

/// As kube-proxy writes it.
fn own(l: &Line) -> Value {
    with(
        l,
        json!({"ts": l.us() as f64 / 1e3, "caller": "nftables/proxier.go:1193", "v": 2}),
    )
}

#[test]
fn behind_everything() {
    let renamed = |l: &Line, name: &str| {
        let mut all = own(l).as_object().unwrap().clone();
        let message = all.remove("msg").unwrap();
        all.insert(name.to_owned(), message);
        Value::Object(all)
    };
    check(&[
        Case::each("bare", |l| own(l).to_string()),
        Case::each("ts in seconds", |l| with(l, json!({"ts": l.us() as f64 / 1e6, "caller": "nftables/proxier.go:1193"})).to_string()),
        Case::each("stern", |l| format!("kube-proxy-x kube-proxy {}", own(l))),
        Case::each("compose", |l| format!("kube-proxy-1  | {}", own(l))),
        Case::each("cri", |l| format!("{} stderr F {}", l.t, own(l))),
        Case::each("prefix and time", |l| format!("[pod/kube-proxy-x/kube-proxy] {} {}", l.t, own(l))),
        Case::each("docker", |l| json!({"log": format!("{}\n", own(l)), "stream": "stderr", "time": l.t}).to_string()),
        Case::each("journal", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), own(l))).node("n1"),
        Case::each("journal, json", |l| json!({"MESSAGE": own(l).to_string(), "_HOSTNAME": "n1", "__REALTIME_TIMESTAMP": l.us().to_string()}).to_string()).node("n1"),
        Case::whole("loki", json!({"data": {"result": [{"stream": {"node_name": "n1", "pod": "kube-proxy-x"}, "values": LINES.map(|l| json!([l.ns.to_string(), own(&l).to_string()]))}]}}).to_string()).node("n1"),
        Case::whole("cloudwatch", json!({"events": LINES.map(|l| json!({"timestamp": l.ms(), "message": own(&l).to_string()}))}).to_string()),
        Case::each("stern, json", |l| json!({"message": own(l).to_string(), "nodeName": "n1", "namespace": "kube-system", "podName": "kube-proxy-x", "containerName": "kube-proxy"}).to_string()).node("n1"),
        Case::each("cloud logging", |l| json!({"jsonPayload": renamed(l, "message"), "resource": {"labels": {"node_name": "n1"}}, "timestamp": l.t}).to_string()).node("n1"),
        Case::each("elastic, merged", |l| json!({"_source": with(l, json!({"@timestamp": l.t, "kubernetes": {"host": "n1"}}))}).to_string()).node("n1"),
        Case::each("fluent-bit, merge_log_key", |l| json!({"date": l.ms() as f64 / 1e3, "log": own(l).to_string(), "log_processed": own(l), "kubernetes": {"host": "n1"}}).to_string()).node("n1"),
        Case::each("filebeat, json.*", |l| json!({"@timestamp": l.t, "json": own(l), "host": {"name": "n1"}}).to_string()).node("n1"),
        Case::each("datadog, attributes", |l| json!({"timestamp": l.t, "host": "n1", "message": parts(l)["msg"], "attributes": own(l)}).to_string()).node("n1"),
        Case::each("dotted", |l| {
            let dotted: serde_json::Map<String, Value> = own(l).as_object().unwrap().iter().map(|(k, v)| (format!("json.{k}"), v.clone())).collect();
            Value::Object(dotted).to_string()
        }),
        Case::each("logfmt", |l| {
            let pairs: Vec<String> = parts(l).as_object().unwrap().iter().filter(|(k, _)| *k != "msg").map(|(k, v)| format!("{k}={}", v.to_string().trim_matches('"'))).collect();
            format!("ts={} caller=proxier.go:1190 level=info msg={} {}", l.t, parts(l)["msg"], pairs.join(" "))
        }),
        Case::each("escaped once more", |l| json!(own(l).to_string()).to_string()),
        Case::each("spaced", |l| own(l).to_string().replace("\":", "\" : ").replace(",\"", ", \"")),
        Case::joined("pretty", "", "\n", "\n", |l| serde_json::to_string_pretty(&own(l)).unwrap()),
        Case::whole("array", json!(LINES.map(|l| own(&l))).to_string()),
        Case::joined("fence", "```json\n", "\n", "\n```\n", |l| own(l).to_string()),
        Case::joined("csv", "timestamp,message\n", "\n", "\n", |l| format!("{},\"{}\"", l.t, own(l).to_string().replace('"', "\"\""))),
        Case::each("ts without fraction", |l| with(l, json!({"ts": l.ms(), "caller": "nftables/proxier.go:1193"})).to_string()).yearless(),
    ][..25]);
}
