//! Every figure leads to its lines.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::program::*;

/// A report of the fixture in a directory of its own: its `report.md` and `results.json`.
fn report(directory: &Path) -> (String, Json) {
    let bundle = directory.join("small-ramp");
    copy(&root().join(FIXTURE), &bundle);
    let output = analyze_in(directory, &["small-ramp", "-o", "report", "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |name: &str| fs::read_to_string(directory.join("report").join(name)).unwrap();
    let results = serde_json::from_str(&read("results.json")).unwrap();
    (read("report.md"), results)
}

/// The links to lines of a text: name, path, line.
fn links(text: &str) -> Vec<(&str, &str, usize)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        let name = text[..at].rsplit_once('[').unwrap().1;
        let target = text[at + 2..].split(')').next().unwrap();
        if let Some((path, line)) = target.rsplit_once("#L") {
            found.push((name, path, line.parse().unwrap()));
        }
    }
    found
}

#[test]
fn each_table_and_sentence_of_the_markdown_leads_to_log_lines() {
    let directory = tempfile::tempdir().unwrap();
    let (markdown, results) = report(directory.path());
    let mut syncs = 0;
    for (name, path, line) in links(&markdown) {
        let text = fs::read_to_string(directory.path().join("report").join(path)).unwrap();
        let line_text = text
            .lines()
            .nth(line - 1)
            .unwrap_or_else(|| panic!("{path}:{line}"));
        let Ok(id) = name.parse::<usize>() else {
            continue;
        };
        let sync = &results["syncs"][id];
        assert_eq!(sync["line"], line, "sync {id}");
        assert!(line_text.contains("SyncProxyRules complete"), "{line_text}");
        syncs += 1;
    }
    assert!(syncs > 100, "{syncs}");
    let rows = markdown.lines().filter(|line| line.starts_with("| 6.1"));
    let sentences = markdown.lines().skip_while(|line| *line != "### Findings");
    let sentences = sentences.take_while(|line| *line != "### Limitations");
    let traced: Vec<&str> = rows
        .chain(sentences.filter(|line| line.starts_with("- ")))
        .collect();
    assert!(traced.len() > 25, "{}", traced.len());
    for line in traced {
        assert!(!links(line).is_empty(), "{line}");
    }
}

#[test]
fn each_finding_of_the_json_names_what_it_rests_on() {
    let directory = tempfile::tempdir().unwrap();
    let (_, results) = report(directory.path());
    let count = results["syncs"].as_array().unwrap().len() as u64;
    let study = &results["studies"][0];
    let findings = study["findings"].as_array().unwrap();
    let from = study["findings_from"].as_array().unwrap();
    assert_eq!(findings.len(), from.len());
    for (finding, from) in findings.iter().zip(from) {
        let syncs = from["syncs"].as_array().unwrap();
        let lines = from["lines"].as_array().unwrap();
        assert!(syncs.len() + lines.len() > 0, "{finding}");
        assert!(syncs.iter().all(|id| id.as_u64().unwrap() < count));
        for line in lines {
            let path = directory.path().join(line["input"].as_str().unwrap());
            let text = fs::read_to_string(path).unwrap();
            assert!(text.lines().count() as u64 >= line["line"].as_u64().unwrap());
        }
    }
    // Those of the headline are those of the comparison that it speaks of.
    let best = results["headline"]["convergence"].as_u64().unwrap() as usize;
    let trials = results["convergence_comparisons"][best]["trials"]
        .as_array()
        .unwrap();
    let both: Vec<&Json> = trials
        .iter()
        .flat_map(|side| side.as_array().unwrap())
        .collect();
    let from = results["headline"]["from"]["syncs"].as_array().unwrap();
    assert_eq!(from.iter().collect::<Vec<_>>(), both);
}
