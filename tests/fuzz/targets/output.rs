//! Any names, remarks and lines of a bundle through the program: every format is well formed, and
//! nothing of them acts. `ANALYZE` names the program, which is run as people run it; what the
//! reader of bundles accepts of the names guides the engine.
#![no_main]

#[path = "../../analyze/huge/formed.rs"]
mod formed;

use std::path::Path;
use std::process::Command;

use bundle::Bundle;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};

/// What a node is called, its kernel, a remark, and lines of its log.
type Input<'i> = (&'i str, &'i str, &'i str, &'i str);

fuzz_target!(|input: Input<'_>| {
    let Some(program) = std::env::var_os("ANALYZE") else {
        panic!("ANALYZE names no program");
    };
    let Ok(folder) = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()) else {
        return;
    };
    if write(folder.path(), input).is_err() {
        return;
    }
    let Ok(bundle) = Bundle::open(&folder.path().join("run")) else {
        return;
    };
    assert_eq!(bundle.manifest.nodes[0].name, input.0);
    for format in ["json", "html", "markdown", "csv", "table"] {
        let output = Command::new(&program)
            .args(["run", "--format", format])
            .current_dir(folder.path())
            .output()
            .expect("the program runs");
        let told = String::from_utf8(output.stderr).expect("UTF-8 on standard error");
        assert!(
            matches!(output.status.code(), Some(0 | 2)) && !told.contains("panicked"),
            "{format}: {told}"
        );
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        silent(&text);
        silent(&told);
        if output.status.success() {
            check(format, &text, input);
        }
    }
});

/// Two syncs with the lines between them, in a bundle of these names.
fn write(folder: &Path, (node, kernel, remark, lines): Input<'_>) -> std::io::Result<()> {
    let log = folder.join("run/nodes").join(bundle::node_directory(node));
    std::fs::create_dir_all(&log)?;
    let complete = |second: u32| {
        let clock = format!("12:00:{second:02}.000000");
        format!(
            "2025-10-15T{clock}Z I1015 {clock}       1 proxier.go:1168] \
             \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"10.000000s\"\n"
        )
    };
    let text = format!("{}{lines}\n{}", complete(30), complete(50));
    std::fs::write(log.join("kube-proxy.0.log"), text)?;
    let manifest = json!({
        "schema_version": "1.0", "run_id": remark, "started": "2025-10-15T12:00:00Z",
        "tool": { "name": remark, "version": kernel }, "series": remark,
        "nodes": [{ "name": node, "kernel_version": kernel }], "capture": [],
        "verdict": { "state": "incomplete", "reasons": [remark] }, "notes": [remark],
    });
    std::fs::write(folder.join("run/bundle.json"), manifest.to_string())
}

/// Nothing moves a cursor, turns text round, or hides.
fn silent(text: &str) {
    let acts = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}')
    };
    assert_eq!(text.chars().find(|c| acts(*c)), None);
}

fn check(format: &str, text: &str, (node, _, remark, _): Input<'_>) {
    let formed = match format {
        "html" => formed::page(text),
        "markdown" => formed::tables(text),
        "csv" => formed::cells(text),
        "json" => {
            let json: Json = serde_json::from_str(text).expect("JSON");
            let told = &json["bundles"][0];
            assert_eq!(told["nodes"][0]["name"].as_str(), Some(node));
            assert_eq!(told["notes"][0].as_str(), Some(remark));
            Ok(())
        }
        _ => Ok(()),
    };
    assert_eq!(formed, Ok(()), "{format}");
}
