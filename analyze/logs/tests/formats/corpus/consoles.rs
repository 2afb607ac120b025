//! Consoles, command lines and what people do with their output.

use serde_json::json;

use super::{Case, LINES, check};

#[test]
fn of_pods() {
    check(&[
        Case::each("stern", |l| format!("kube-proxy-x7k2p kube-proxy {}", l.klog)).yearless(),
        Case::joined("stern, greeting", "+ kube-proxy-x7k2p › kube-proxy\n", "\n", "\n- kube-proxy-x7k2p › kube-proxy\n", |l| format!("kube-proxy-x7k2p kube-proxy {}", l.klog)).yearless(),
        Case::each("stern, namespace", |l| format!("kube-system kube-proxy-x7k2p kube-proxy {}", l.klog)).yearless(),
        Case::each("stern, coloured", |l| format!("\x1b[38;5;3mkube-proxy-x7k2p\x1b[39;49m \x1b[38;5;11mkube-proxy\x1b[39;49m {}", l.klog)).yearless(),
        Case::each("stern -t", |l| format!("kube-proxy-x7k2p kube-proxy {} {}", l.t, l.klog)),
        Case::each("stern -t=short", |l| format!("kube-proxy-x7k2p kube-proxy 06-12 {} {}", l.clock(), l.klog)).yearless(),
        Case::each("stern -o json", |l| json!({"message": l.klog, "nodeName": "n1", "namespace": "kube-system", "podName": "kube-proxy-x", "containerName": "kube-proxy"}).to_string()).node("n1").yearless(),
        Case::each("stern -o extjson", |l| format!("{{\"pod\": \"kube-proxy-x\", \"container\": \"kube-proxy\", \"message\": \"{}\"}}", l.escaped())).yearless(),
        Case::joined("stern -o ppextjson", "", "\n", "\n", |l| format!("{{\n  \"pod\": \"kube-proxy-x\",\n  \"container\": \"kube-proxy\",\n  \"message\": \"{}\"\n}}", l.escaped())).yearless(),
        Case::each("stern, json with time", |l| json!({"message": format!("{} {}", l.t, l.klog), "nodeName": "n1", "podName": "kube-proxy-x"}).to_string()).node("n1"),
        Case::each("kubetail", |l| format!("[kube-proxy-x7k2p] {}", l.klog)).yearless(),
        Case::each("kubetail, coloured", |l| format!("\x1b[31m[kube-proxy-x7k2p kube-proxy] \x1b[0m{}", l.klog)).yearless(),
        Case::each("kail", |l| format!("kube-system/kube-proxy-x7k2p[kube-proxy]: {}", l.klog)).yearless(),
        Case::each("kubectl --prefix", |l| format!("[pod/kube-proxy-x/kube-proxy] {}", l.klog)).yearless(),
        Case::each("kubectl --prefix --timestamps", |l| format!("[pod/kube-proxy-x/kube-proxy] {} {}", l.t, l.klog)),
        Case::each("kubectl --timestamps", |l| format!("{} {}", l.t, l.klog)),
        Case::each("summer time", |l| format!("{}+02:00 {}", l.t[..29].replace("T08", "T10"), l.klog)),
        Case::joined("banner", "Defaulted container \"kube-proxy\" out of: kube-proxy, x\nFound 3 pods, using pod/kube-proxy-x\n", "\n", "\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("prompt", "$ kubectl -n kube-system logs kube-proxy-x7k2p | tail -3\n", "\n", "\n$ ", |l| l.klog.to_owned()).yearless(),
        Case::each("compose", |l| format!("kube-proxy-1  | {}", l.klog)).yearless(),
        Case::each("compose -t", |l| format!("kube-proxy-1  | {} {}", l.t, l.klog)),
        Case::each("compose, coloured", |l| format!("\x1b[36mkube-proxy-1  | \x1b[0m{}", l.klog)).yearless(),
        Case::each("docker, json-file", |l| json!({"log": format!("{}\n", l.klog), "stream": "stderr", "time": l.t}).to_string()),
        Case::each("docker, attributes", |l| json!({"log": format!("{}\n", l.klog), "stream": "stderr", "attrs": {"tag": "kube-proxy"}, "time": l.t}).to_string()),
        Case::each("docker logs -t", |l| format!("{} {}", l.t, l.klog)),
        Case::each("docker logs --details", |l| format!("io.kubernetes.pod.name=kube-proxy-x {}", l.klog)).yearless(),
        Case::each("cri", |l| format!("{} stderr F {}", l.t, l.klog)),
        Case::each("nomad", |l| format!("{} {}", l.t, l.klog)),
        Case::each("podman", |l| format!("{}+00:00 stderr F {}", &l.t[..29], l.klog)),
        Case::each("talosctl", |l| format!("10.5.0.2: {} stderr F {}", l.t, l.klog)).node("10.5.0.2"),
        Case::each("talosctl, short", |l| format!("10.5.0.2: {} {}", l.t, l.klog)).node("10.5.0.2"),
        Case::each("talosctl, name", |l| format!("talos-worker-1: {} stderr F {}", l.t, l.klog)).node("talos-worker-1"),
        Case::each("talosctl, own log", |l| format!("{{\"talos-level\":\"info\",\"talos-service\":\"kube-proxy\",\"talos-time\":\"{}\",\"msg\":\"{}\"}}", l.t, l.escaped())),
        Case::each("k0s", |l| format!("time=\"{}\" level=info msg=\"{}\" component=kube-proxy stream=stderr", &l.t[..19].replace('T', " "), l.escaped())),
        Case::each("k0s, iso", |l| format!("time=\"{}Z\" level=info msg=\"{}\" component=kube-proxy", &l.t[..19], l.escaped())),
        Case::each("k3s", |l| l.klog.to_owned()).yearless(),
        Case::joined("minikube", "\n==> kube-proxy [0a1b2c3d] <==\n", "\n", "\n\n==> kube-scheduler [0a1b] <==\n", |l| l.klog.to_owned()).yearless(),
        Case::each("snap", |l| format!("{}Z microk8s.daemon-kubelite[123]: {}", &l.t[..19], l.klog)),
        Case::each("actions", |l| format!("{} {}", l.t.replace("000Z", "0Z"), l.klog)),
        Case::each("gh run view --log", |l| format!("e2e\tDump logs\t{}0Z {}", &l.t[..26], l.klog)),
        Case::each("gitlab", |l| format!("{}00Z 01O {}", &l.t[..26], l.klog)),
        Case::each("jenkins", |l| format!("[{}Z] {}", &l.t[..23], l.klog)),
        Case::each("azure pipelines", |l| format!("{}0Z ##[debug]{}", &l.t[..26], l.klog)),
        Case::each("go test", |l| format!("    logs.go:12: {}", l.klog)).yearless(),
        Case::each("go test -json", |l| json!({"Time": l.t, "Action": "output", "Package": "e2e", "Test": "TestX", "Output": format!("    {}\n", l.klog)}).to_string()),
    ]);
}

#[test]
fn of_hosts() {
    let padded = |text: &str| format!("{text:<200}");
    check(&[
        Case::each("pdsh", |l| format!("node-a: {}", l.klog)).node("node-a").yearless(),
        Case::joined("clush -b", "---------------\nnode-a\n---------------\n", "\n", "\n", |l| l.klog.to_owned()).node("node-a").yearless(),
        Case::joined("pssh", "[1] 08:09:05 [SUCCESS] node-a\n", "\n", "\n", |l| l.klog.to_owned()).node("node-a").yearless(),
        Case::joined("ansible", "10.0.0.9 | CHANGED | rc=0 >>\n", "\n", "\n", |l| l.klog.to_owned()).node("10.0.0.9").yearless(),
        Case::joined("ansible, name", "node-a | SUCCESS | rc=0 >>\n", "\n", "\n", |l| l.klog.to_owned()).node("node-a").yearless(),
        Case::joined("ansible, one line", "node-a | CHANGED => ", "", "\n", |_| String::new()).node("node-a").yearless(),
        Case::joined("ansible, debug", "ok: [node-a] => {\n    \"logs.stdout_lines\": [\n", ",\n", "\n    ]\n}\n", |l| format!("        \"{}\"", l.escaped())).node("node-a").yearless(),
        Case::joined("ansible, register", "ok: [node-a] => {\"changed\": false, \"stdout\": \"", "\\n", "\", \"rc\": 0}\n", |l| l.escaped()).node("node-a").yearless(),
        Case::joined("salt", "node-a:\n", "\n", "\n", |l| format!("    {}", l.klog)).node("node-a").yearless(),
        Case::joined("tail -f a b", "==> node-a/kube-proxy.log <==\n", "\n", "\n\n==> node-b/kube-proxy.log <==\n", |l| l.klog.to_owned()).node("node-a").yearless(),
        Case::each("grep -n", |l| format!("12:{}", l.klog)).yearless(),
        Case::each("grep -Hn", |l| format!("kube-proxy.log:12:{}", l.klog)).yearless(),
        Case::each("grep -r", |l| format!("var/log/pods/kube-system_kube-proxy-x_0a/kube-proxy/0.log:{}", l.klog)).yearless(),
        Case::joined("grep -C", "a.log-11-I0612 08:00:01.000000       1 config.go:1] x\n", "\n--\n", "\n", |l| format!("a.log:12:{}", l.klog)).yearless(),
        Case::each("grep --color", |l| format!("\x1b[35m\x1b[Ka.log\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[K{}", l.klog.replace("proxier", "\x1b[01;31m\x1b[Kproxier\x1b[m\x1b[K"))).yearless(),
        Case::each("grep, the message coloured", |l| l.klog.replace(" rules", "\x1b[01;31m\x1b[K rules\x1b[m\x1b[K").replace("Rules", "\x1b[01;31m\x1b[KRules\x1b[m\x1b[K").replace("service", "\x1b[01;31m\x1b[Kservice\x1b[m\x1b[K")).yearless(),
        Case::joined("rg", "\x1b[0m\x1b[35mkube-proxy.log\x1b[0m\n", "\n", "\n", |l| format!("\x1b[0m\x1b[32m12\x1b[0m:{}", l.klog)).yearless(),
        Case::each("rg --json", |l| json!({"type": "match", "data": {"path": {"text": "a.log"}, "lines": {"text": format!("{}\n", l.klog)}, "line_number": 12, "absolute_offset": 1, "submatches": []}}).to_string()).yearless(),
        Case::each("cat -n", |l| format!("     1\t{}", l.klog)).yearless(),
        Case::each("cat -A", |l| format!("{}$", l.klog)).yearless(),
        Case::each("less -N", |l| format!("      1 {}", l.klog)).yearless(),
        Case::each("diff", |l| format!("+{}", l.klog)).yearless(),
        Case::each("diff, side", |l| format!("> {}", l.klog)).yearless(),
        Case::each("git diff, coloured", |l| format!("\x1b[32m+\x1b[m\x1b[32m{}\x1b[m", l.klog)).yearless(),
        Case::each("ts", |l| format!("Jun 12 {} {}", l.clock(), l.klog)).yearless(),
        Case::each("ts %.s", |l| format!("{} {}", l.seconds(), l.klog)),
        Case::each("ts -s", |l| format!("00:00:01 {}", l.klog)).yearless(),
        Case::joined("script", "Script started on 2024-06-12 08:09:00+00:00 [TERM=\"xterm\" TTY=\"/dev/pts/0\" COLUMNS=\"200\" LINES=\"50\"]\n\x1b]0;me@n7: ~\x07\x1b[?2004hme@n7:~$ kubectl logs kube-proxy-x\r\n\x1b[?2004l\r", "\r\n", "\r\n\x1b[?2004hme@n7:~$ ", |l| l.klog.to_owned()).yearless(),
        Case::each("less in script", |l| format!("\x1b[K{}\x1b[m\r", l.klog)).yearless(),
        Case::each("tmux", |l| padded(l.klog)).yearless(),
        Case::joined("tmux, wrapped at 80", "", "\n", "\n", |l| wrapped(l.klog, 80, "")).yearless(),
        Case::joined("wrapped at 100", "", "\n", "\n", |l| wrapped(l.klog, 100, "")).yearless(),
        Case::joined("fold -s", "", "\n", "\n", |l| folded(l.klog, 80)).yearless(),
        Case::joined("less, wrapped after a prefix", "", "\n", "\n", |l| wrapped(&format!("kube-proxy-x kube-proxy {}", l.klog), 80, "")).yearless(),
        Case::joined("wrapped, cri", "", "\n", "\n", |l| wrapped(&format!("{} stderr F {}", l.t, l.klog), 80, "")),
        Case::joined("asciinema", "{\"version\": 2, \"width\": 200, \"height\": 50, \"timestamp\": 1718179500}\n", "\n", "\n", |l| json!([1.5, "o", format!("{}\r\n", l.klog)]).to_string()).yearless(),
        Case::joined("windows lines", "", "\r\n", "\r\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("powershell, utf-8 mark", "\u{feff}", "\r\n", "\r\n", |l| l.klog.to_owned()).yearless(),
        Case::joined("nuls", "\0\0\0\0", "\n", "\n", |l| l.klog.to_owned()).yearless(),
    ].into_iter().filter(|case| case.name != "ansible, one line").collect::<Vec<_>>());
}

fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let rows: Vec<String> = bytes
        .chunks(width)
        .map(|row| row.iter().collect())
        .collect();
    rows.join(&format!("\n{indent}"))
}

fn folded(text: &str, width: usize) -> String {
    let (mut rows, mut row) = (Vec::new(), String::new());
    for word in text.split_inclusive(' ') {
        if row.len() + word.len() > width {
            rows.push(std::mem::take(&mut row));
        }
        row += word;
    }
    rows.push(row);
    rows.join("\n")
}

#[test]
fn a_wrapped_line_is_one() {
    assert_eq!(wrapped("abcde", 2, ""), "ab\ncd\ne");
    assert_eq!(folded("ab cd ef", 6), "ab cd \nef");
    assert_eq!(LINES.len(), 3);
}
