//! journald and syslog.

use serde_json::json;

use super::{Case, LINES, check};

#[test]
fn journald() {
    let verbose = |l: &super::Line| {
        format!(
            "Wed {} UTC [s=0a1b;i=4;b=0c;m=1;t=2;x=3]\n    _TRANSPORT=stdout\n    PRIORITY=6\n    _HOSTNAME=n1\n    SYSLOG_IDENTIFIER=kube-proxy\n    MESSAGE={}\n    _PID=1\n    _SYSTEMD_UNIT=kube-proxy.service\n",
            &l.t[..26].replace('T', " "),
            l.klog
        )
    };
    let object = |l: &super::Line| json!({"__CURSOR": "s=1", "__REALTIME_TIMESTAMP": l.us().to_string(), "__MONOTONIC_TIMESTAMP": "9000000", "_HOSTNAME": "n1", "MESSAGE": l.klog, "_PID": "1"});
    let bytes = |l: &super::Line| json!({"__REALTIME_TIMESTAMP": l.us().to_string(), "_HOSTNAME": "n1", "MESSAGE": l.klog.bytes().collect::<Vec<u8>>()});
    check(&[
        Case::each("short", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)).node("n1").yearless(),
        Case::joined("short, heading", "-- Logs begin at Sat 2024-06-01 00:00:00 UTC, end at Wed 2024-06-12 09:00:00 UTC. --\n", "\n", "\n", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)).node("n1"),
        Case::joined("short, new heading", "-- Journal begins at Sat 2024-06-01 00:00:00 UTC, ends at Wed 2024-06-12 09:00:00 UTC. --\n", "\n", "\n", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)).node("n1"),
        Case::each("short-precise", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", &l.t[11..26], l.klog)).node("n1").yearless(),
        Case::each("short-iso", |l| format!("{}+0000 n1 kube-proxy[1]: {}", &l.t[..19], l.klog)).node("n1"),
        Case::each("short-iso-precise", |l| format!("{}+00:00 n1 kube-proxy[1]: {}", &l.t[..26], l.klog)).node("n1"),
        Case::each("short-full", |l| format!("Wed {} UTC n1 kube-proxy[1]: {}", &l.t[..19].replace('T', " "), l.klog)).node("n1"),
        Case::each("short-full, CST", |l| format!("Wed {} CST n1 k3s[1]: {}", &l.t[..19].replace('T', " "), l.klog)).node("n1"),
        Case::each("short-unix", |l| format!("{} n1 kube-proxy[1]: {}", l.seconds(), l.klog)).node("n1"),
        Case::each("short-monotonic", |l| format!("[ 3267.743574] n1 kube-proxy[1]: {}", l.klog)).node("n1").yearless(),
        Case::each("with-unit", |l| format!("Wed {} UTC n1 kube-proxy.service[1]: {}", &l.t[..19].replace('T', " "), l.klog)).node("n1"),
        Case::each("cat", |l| l.klog.to_owned()).yearless(),
        Case::joined("verbose", "", "", "", verbose).node("n1"),
        Case::joined("verbose, without header", "", "", "", |l| verbose(l).replace(l.klog, l.body())).node("n1"),
        Case::each("json", |l| object(l).to_string()).node("n1"),
        Case::each("json, bytes", |l| bytes(l).to_string()).node("n1"),
        Case::joined("json-pretty", "", "\n", "\n", |l| serde_json::to_string_pretty(&object(l)).unwrap()).node("n1"),
        Case::joined("json-sse", "", "\n", "\n", |l| format!("data: {}\n", object(l))).node("n1"),
        Case::joined("json-seq", "", "", "", |l| format!("\u{1e}{}\n", object(l))).node("n1"),
        Case::joined("export", "", "\n", "\n", |l| format!("__CURSOR=s=1\n__REALTIME_TIMESTAMP={}\n_HOSTNAME=n1\nPRIORITY=6\nMESSAGE={}\n", l.us(), l.klog)).node("n1"),
        Case::joined("systemctl status", "● kube-proxy.service - Kubernetes Kube Proxy\n   Loaded: loaded (/etc/systemd/system/kube-proxy.service; enabled)\n   Active: active (running) since Mon 2024-06-10 04:35:08 CST; 2 days ago\n Main PID: 1 (kube-proxy)\n   CGroup: /system.slice/kube-proxy.service\n           └─1 /usr/bin/kube-proxy --v=2\n\n", "\n", "\n", |l| format!("Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)).node("n1"),
    ]);
}

#[test]
fn syslogs() {
    check(&[
        Case::each("3164", |l| {
            format!("<30>Jun 12 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)
        })
        .node("n1")
        .yearless(),
        Case::each("3164, no priority", |l| {
            format!("Jun 12 {} n1 kube-proxy: {}", l.clock(), l.klog)
        })
        .node("n1")
        .yearless(),
        Case::each("3164 with a year", |l| {
            format!("<30>Jun 12 2024 {} n1 kube-proxy[1]: {}", l.clock(), l.klog)
        })
        .node("n1"),
        Case::each("5424", |l| {
            format!("<30>1 {} n1 kube-proxy 1 - - {}", l.t, l.klog)
        })
        .node("n1"),
        Case::each("5424 with data", |l| {
            format!(
                "<30>1 {} n1 kube-proxy 1 ID47 [origin@1 pod=\"kube-proxy-x\" ip=\"10.0.0.1\"] {}",
                l.t, l.klog
            )
        })
        .node("n1"),
        Case::each("5424 with a mark", |l| {
            format!("<30>1 {} n1 kube-proxy 1 - - \u{feff}{}", l.t, l.klog)
        })
        .node("n1"),
        Case::each("octet count", |l| {
            let text = format!("<30>1 {} n1 kube-proxy 1 - - {}", l.t, l.klog);
            format!("{} {text}", text.len())
        })
        .node("n1"),
        Case::joined("octet count, no line ends", "", "", "", |l| {
            let text = format!("<30>1 {} n1 kube-proxy 1 - - {}", l.t, l.klog);
            format!("{} {text}", text.len())
        })
        .node("n1"),
        Case::each("rsyslog, iso", |l| {
            format!("{}+00:00 n1 kube-proxy[1]: {}", &l.t[..26], l.klog)
        })
        .node("n1"),
        Case::each("logger in a container", |l| {
            format!(
                "{}+00:00 n1 kube-proxy-x_kube-system_kube-proxy[1]: {}",
                &l.t[..26],
                l.klog
            )
        })
        .node("n1"),
        Case::each("cisco", |l| {
            format!("<30>{} 10.1.2.3 {}", &l.t[..23], l.klog)
        })
        .node("10.1.2.3"),
        Case::each("rsyslog to a host's file", |l| {
            format!("Jun 12 {} 10.1.2.3 kube-proxy[1] {}", l.clock(), l.klog)
        })
        .yearless()
        .node("10.1.2.3"),
        Case::each("cef", |l| {
            format!(
                "<30>Jun 12 {} n1 CEF:0|k8s|kube-proxy|1|0|log|1|msg={}",
                l.clock(),
                l.klog
            )
        })
        .node("n1")
        .yearless(),
        Case::each("leef", |l| {
            format!("Jun 12 {} n1 kube-proxy: {}", l.clock(), l.klog)
        })
        .node("n1")
        .yearless(),
        Case::each("kmsg", |l| {
            format!("<14>[  123.456789] kube-proxy[1]: {}", l.klog)
        })
        .yearless(),
        Case::each("busybox", |l| {
            format!(
                "Jun 12 {} n1 user.info kube-proxy[1]: {}",
                l.clock(),
                l.klog
            )
        })
        .node("n1")
        .yearless(),
    ]);
    assert_eq!(LINES.len(), 3);
}
