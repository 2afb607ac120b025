//! Pictures, compared by their structure: the same elements, attributes and words; numbers within
//! half a pixel.

use std::fs;

use roxmltree::{Document, Node};

use crate::program::*;

/// As far as two pictures that look alike may be apart.
const TOLERANCE: f64 = 0.5;

#[test]
fn every_kind_of_picture_is_drawn_as_expected() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("report");
    let output = analyze(&[FIXTURE, "-o", out.to_str().unwrap(), "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let mut kinds = Vec::new();
    for entry in fs::read_dir(out.join("charts")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(kind) = name
            .strip_prefix("small-ramp-")
            .filter(|name| name.ends_with(".svg"))
        else {
            continue;
        };
        kinds.push(kind.to_owned());
        let found = fs::read_to_string(&path).unwrap();
        let wanted = expected(&format!("charts/{kind}"), &found);
        if let Err(difference) = compare(&found, &wanted) {
            panic!("{name}: {difference}");
        }
    }
    kinds.sort();
    let all = [
        "convergence.dark.svg",
        "convergence.svg",
        "cost.svg",
        "hot-functions.svg",
        "phases.svg",
        "run.svg",
        "scaling-step.svg",
        "staleness.svg",
        "trials.svg",
    ];
    assert_eq!(kinds, all);
}

#[test]
fn a_comparison_sees_what_differs_and_passes_over_a_hair() {
    let picture = |x: &str, word: &str| {
        format!("<svg><circle cx=\"{x}\" fill=\"#123456\"/><text>{word}</text></svg>")
    };
    let one = picture("10", "1 s");
    assert_eq!(compare(&one, &picture("10.4", "1 s")), Ok(()));
    assert!(
        compare(&one, &picture("11", "1 s"))
            .unwrap_err()
            .contains("cx")
    );
    assert!(
        compare(&one, &picture("10", "2 s"))
            .unwrap_err()
            .contains("2 s")
    );
    assert!(compare(&one, "<svg><circle cx=\"10\" fill=\"#123457\"/></svg>").is_err());
    assert!(compare(&one, "<svg/>").is_err());
}

#[test]
fn an_image_of_another_picture_is_drawn_anew_and_any_damage_is_found_by_a_check() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("report");
    let run = |more: &[&str]| {
        let out = out.to_str().unwrap();
        analyze(&[&[FIXTURE, "-o", out, "--quiet"], more].concat())
    };
    assert!(run(&[]).status.success());
    let chart = |name: &str| out.join(format!("charts/small-ramp-{name}.png"));
    let drawn = fs::read(chart("run")).unwrap();

    fs::copy(chart("phases"), chart("run")).unwrap();
    assert!(run(&[]).status.success());
    assert!(fs::read(chart("run")).unwrap() == drawn, "not drawn anew");

    fs::write(chart("run"), "no image").unwrap();
    assert!(run(&[]).status.success());
    assert!(fs::read(chart("run")).unwrap() == drawn, "not drawn anew");

    // In the middle of the pixels, which nobody looks at but a check.
    let mut damaged = drawn;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(chart("run"), damaged).unwrap();
    let check = run(&["--check"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(
        stderr(&check).contains("small-ramp-run.png"),
        "{}",
        stderr(&check)
    );
}

fn compare(found: &str, wanted: &str) -> Result<(), String> {
    let parse = |text| Document::parse(text).map_err(|error| error.to_string());
    let (found, wanted) = (parse(found)?, parse(wanted)?);
    alike(found.root_element(), wanted.root_element())
}

fn alike(found: Node<'_, '_>, wanted: Node<'_, '_>) -> Result<(), String> {
    let name = |node: Node<'_, '_>| node.tag_name().name().to_owned();
    let place = format!("<{}> {:?}", name(wanted), wanted.attributes().next());
    if name(found) != name(wanted) {
        return Err(format!("{place}: found <{}>", name(found)));
    }
    let words = |node: Node<'_, '_>| node.text().unwrap_or_default().trim().to_owned();
    if words(found) != words(wanted) {
        return Err(format!(
            "{place}: found {:?}, wanted {:?}",
            words(found),
            words(wanted)
        ));
    }
    if found.attributes().len() != wanted.attributes().len() {
        return Err(format!("{place}: other attributes"));
    }
    for attribute in wanted.attributes() {
        let value = found.attribute(attribute.name()).unwrap_or_default();
        if !near(value, attribute.value()) {
            let (key, wanted) = (attribute.name(), attribute.value());
            return Err(format!("{place}: {key}: found {value}, wanted {wanted}"));
        }
    }
    let inside = |node| {
        Node::children(&node)
            .filter(Node::is_element)
            .collect::<Vec<_>>()
    };
    let (found, wanted) = (inside(found), inside(wanted));
    if found.len() != wanted.len() {
        return Err(format!(
            "{place}: found {} inside, wanted {}",
            found.len(),
            wanted.len()
        ));
    }
    found
        .into_iter()
        .zip(wanted)
        .try_for_each(|(found, wanted)| alike(found, wanted))
}

/// Whether two values are equal, or lists of numbers that are nearly so. A colour is no number.
fn near(found: &str, wanted: &str) -> bool {
    if found == wanted {
        return true;
    }
    let numbers = |text: &str| -> Option<Vec<f64>> {
        let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
        parts.map(|part| part.parse().ok()).collect()
    };
    let (Some(found), Some(wanted)) = (numbers(found), numbers(wanted)) else {
        return false;
    };
    let pairs = || found.iter().zip(&wanted);
    found.len() == wanted.len() && pairs().all(|(a, b)| (a - b).abs() <= TOLERANCE)
}
