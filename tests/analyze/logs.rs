//! Logs of every kind through the program, as its user gives them.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

const LOG: &str = r#"2025-11-29T08:24:24.6465Z stderr F I1129 08:24:24.646500       1 proxier.go:1199] "Syncing nftables rules" ipFamily="IPv4"
2025-11-29T08:24:33.333333Z stderr F I1129 08:24:33.333333       1 proxier.go:1840] "Reloading service nftables data" ipFamily="IPv4" numServices=5006 numEndpoints=44012
2025-11-29T08:37:39.98812Z stderr F I1129 08:37:39.988112       1 proxier.go:1193] "SyncProxyRules complete" ipFamily="IPv4" elapsed="13m15.34210662s"
"#;
const KERNEL: &str = r#"[Sat Nov 29 08:30:00 2025] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]
[Sat Nov 29 08:30:00 2025] CPU: 22 PID: 257620 Comm: nft Tainted: G             L     6.1.144 #1
[Sat Nov 29 08:30:00 2025] RIP: 0010:__nft_set_trans_bind.isra.0+0x64/0x90 [nf_tables]
"#;

fn analyze(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn json(folder: &Path, arguments: &[&str], input: &[u8]) -> Json {
    let all = [arguments, &["--format", "json"]].concat();
    let output = analyze(folder, &all, input);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_log_from_a_file_and_from_standard_input_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.log"), LOG).unwrap();
    let file = json(folder.path(), &["a.log", "--label", "a.log=6.1.144"], b"");
    let stdin = json(folder.path(), &["-", "--label=-=6.1.144"], LOG.as_bytes());
    for report in [&file, &stdin] {
        let sync = &report["syncs"][0];
        assert_eq!(sync["elapsed_s"].as_f64(), Some(795.342_106_62));
        assert_eq!(sync["line"].as_u64(), Some(3));
        assert_eq!(sync["endpoints"].as_u64(), Some(44_012));
        assert_eq!(sync["group"], "6.1.144");
        assert_eq!(report["inputs"][0]["transport"], "cri");
    }
    assert_eq!(file["syncs"][0]["build_s"], stdin["syncs"][0]["build_s"]);
}

#[test]
fn a_kernel_log_beside_it_names_the_kernel_and_the_sync_it_hurt() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kube-proxy.log"), LOG).unwrap();
    std::fs::write(folder.path().join("dmesg.txt"), KERNEL).unwrap();
    let report = json(folder.path(), &["."], b"");
    let event = &report["kernel_events"][0];
    assert_eq!(event["function"], "__nft_set_trans_bind");
    assert!(
        (event["seconds"].as_f64().unwrap() - 359.703).abs() < 0.001,
        "{event}"
    );
    assert_eq!(event["during_sync"].as_u64(), Some(0));
    assert_eq!(report["syncs"][0]["group"], "6.1.144");
}

#[test]
fn nodes_json_names_the_kernel_of_a_log_named_after_its_node() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ip-10-0-0-1.log"), LOG).unwrap();
    let nodes = r#"{"kind":"List","items":[
        {"metadata":{"name":"ip-10-0-0-1"},"status":{"nodeInfo":{"kernelVersion":"6.1.144"}}},
        {"metadata":{"name":"ip-10-0-0-2"},"status":{"nodeInfo":{"kernelVersion":"6.12.46"}}}]}"#;
    std::fs::write(folder.path().join("n.json"), nodes).unwrap();
    let report = json(
        folder.path(),
        &["ip-10-0-0-1.log", "--metadata", "n.json"],
        b"",
    );
    assert_eq!(report["syncs"][0]["group"], "6.1.144");
    assert_eq!(report["inputs"][0]["kernel_from"], "metadata");
}

#[test]
fn what_a_log_does_not_tell_is_said_with_the_flag_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = "I1129 08:24:24.646500       1 server.go:677] \"Version info\" version=\"v1.36.1\"\n\
                 I1129 08:24:24.646500       1 server_linux.go:132] \"Using nftables Proxier\"\n\
                 I1129 08:24:25.646500       1 proxier.go:1] \"Deleting stale nftables chains\" ipFamily=\"IPv4\" numChains=3\n";
    std::fs::write(folder.path().join("quiet.log"), quiet).unwrap();
    std::fs::write(folder.path().join("other.log"), "nothing of the kind\n").unwrap();
    std::fs::write(folder.path().join("good.log"), LOG).unwrap();
    let output = analyze(folder.path(), &[".", "--format", "table"], b"");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    assert!(
        text.contains("quiet.log") && text.contains("--v=2"),
        "{text}"
    );
    assert!(text.contains("other.log"), "{text}");
    let report = json(folder.path(), &["."], b"");
    let too_low: Vec<bool> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["verbosity_too_low"].as_bool().unwrap())
        .collect();
    assert_eq!(too_low, [false, false, true]);
}

#[test]
fn a_path_that_is_not_there_is_an_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = analyze(folder.path(), &["missing.log"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing.log"));
}
