//! Any names in a bundle, and any lines in its log: what is printed of them is text.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tempfile::tempdir;

use super::formed;
use super::program::{analyze, complete};

/// Words that formats take for more than words, and any characters.
fn name() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "<script>",
        "</script>",
        "\"'>",
        "&lt;",
        "{{",
        "|",
        "`",
        "](x)",
        "@me",
        "#1",
        "www.",
        "https://",
        "=1+1",
        ";=",
        "\u{1b}[2J",
        "\u{9b}31m",
        "\u{202e}",
        "\u{200b}",
        "\0",
        "\r\n",
        "--",
        "..",
        "/",
        "%2F",
        "\u{feff}",
        "\u{1f600}",
        "6.12",
    ]);
    let part = prop_oneof![words.prop_map(str::to_owned), "\\PC{0,6}", any::<String>()];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_of_names_is_text(
        node in name(), kernel in name(), remark in name(), lines in name(),
    ) {
        let here = tempdir().unwrap();
        let logs = here.path().join("run/nodes").join(bundle::node_directory(&node));
        fs::create_dir_all(&logs).unwrap();
        let log = format!("{}{lines}\n{}", complete(30), complete(60));
        fs::write(logs.join("kube-proxy.0.log"), log).unwrap();
        let manifest = json!({
            "schema_version": "1.0", "run_id": remark, "started": "2025-10-15T12:00:00Z",
            "tool": { "name": remark, "version": kernel }, "series": remark,
            "nodes": [{ "name": node, "kernel_version": kernel }], "capture": [],
            "verdict": { "state": "incomplete", "reasons": [remark] }, "notes": [remark],
        });
        fs::write(here.path().join("run/bundle.json"), manifest.to_string()).unwrap();
        let acts = |c: char| {
            c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{200b}'
        };
        for format in ["json", "html", "markdown", "csv", "table"] {
            let output = analyze(here.path(), &["run", "--format", format]);
            let told = String::from_utf8(output.stderr).unwrap();
            prop_assert!(output.status.success(), "{format}: {told}");
            let text = String::from_utf8(output.stdout).unwrap();
            // CSV ends its lines as RFC 4180 has it, or as Unix does.
            let found = text.chars().find(|c| acts(*c));
            prop_assert!(found.is_none(), "{format}: {found:?}");
            if format == "json" {
                let json: Json = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(json["bundles"][0]["nodes"][0]["name"].as_str(), Some(&*node));
                prop_assert_eq!(json["bundles"][0]["notes"][0].as_str(), Some(&*remark));
            }
            let formed = match format {
                "html" => formed::page(&text),
                "markdown" => formed::tables(&text),
                "csv" => formed::cells(&text),
                _ => Ok(()),
            };
            prop_assert_eq!(formed, Ok(()), "{}", format);
        }
    }
}
