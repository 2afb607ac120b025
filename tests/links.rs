//! Links of the repository's own Markdown: each leads to a file, a line, or a heading that is there.
//! Links to the web are not followed.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap().to_path_buf()
}

/// Folders with Markdown that people read; goldens and templates are none.
const FOLDERS: [&str; 5] = ["", "docs", "docs/decisions", "cluster", "reports"];

fn pages() -> Vec<PathBuf> {
    let files = FOLDERS.iter().flat_map(|folder| {
        let listed = fs::read_dir(root().join(folder)).unwrap();
        listed.map(|entry| entry.unwrap().path())
    });
    files
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect()
}

/// Where a page's links and pictures lead, HTML's too.
fn links(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for event in Parser::new_ext(text, pulldown_cmark::Options::all()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                found.insert(dest_url.to_string());
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for attribute in ["href=\"", "src=\"", "srcset=\""] {
                    let values = html.split(attribute).skip(1);
                    found.extend(
                        values.filter_map(|rest| rest.split('"').next().map(str::to_owned)),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

/// Names of a page's headings and of its anchors, as GitHub makes them.
fn headings(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, pulldown_cmark::Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => found.extend(heading.take().map(|h| slug(&h))),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for attribute in [" id=\"", " name=\""] {
                    let values = html.split(attribute).skip(1);
                    found.extend(
                        values.filter_map(|rest| rest.split('"').next().map(str::to_owned)),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.trim().chars();
    kept.filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// What is wrong with a link, if anything is.
fn broken(page: &Path, text: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => page.to_path_buf(),
        path => page.parent().unwrap().join(path.replace("%20", " ")),
    };
    if !target.exists() {
        return Some(format!("{link}: no such file"));
    }
    if anchor.is_empty() || target.is_dir() {
        return None;
    }
    let of_target = if target == page {
        text.to_owned()
    } else {
        fs::read_to_string(&target).unwrap_or_default()
    };
    let lines = anchor
        .strip_prefix('L')
        .and_then(|n| n.parse::<usize>().ok());
    let there = match lines {
        Some(line) => line >= 1 && line <= of_target.lines().count(),
        None => headings(&of_target).contains(anchor),
    };
    (!there).then(|| format!("{link}: nothing there"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            seen += 1;
            let name = page.strip_prefix(root()).unwrap_or(&page);
            wrong.extend(
                broken(&page, &text, &link).map(|why| format!("{}: {why}", name.display())),
            );
        }
    }
    assert!(seen > 100, "{seen} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_broken_is_found() {
    let page = root().join("README.md");
    let text = "# A heading, `code`\n\n<a id=\"here\"></a>\n";
    for link in [
        "#a-heading-code",
        "#here",
        "Cargo.toml",
        "Cargo.toml#L1",
        "docs/",
        "https://x.org/no",
    ] {
        assert_eq!(broken(&page, text, link), None, "{link}");
    }
    for link in [
        "#no",
        "docs/none.md",
        "Cargo.toml#L0",
        "Cargo.toml#L99999",
        "docs/numbers.md#no",
    ] {
        assert!(broken(&page, text, link).is_some(), "{link}");
    }
    let html = "see <a href=\"docs/none.md\">it</a> and ![p](x.svg)";
    assert!(links(html).contains("docs/none.md") && links(html).contains("x.svg"));
}

/// What a visitor is ready to read before there is something to try.
#[test]
fn the_readme_is_short_and_begins_with_what_to_do() {
    const BYTES: usize = 8_000;
    const FIRST_COMMAND: usize = 60;
    const LINKS: usize = 12;
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.len() <= BYTES, "{} bytes", text.len());
    let command = text.lines().position(|line| line.starts_with("```sh"));
    assert!(command.is_some_and(|at| at < FIRST_COMMAND), "{command:?}");
    let (_, results) = text.split_once("<!-- results: begin -->").unwrap();
    let (results, _) = results.split_once("<!-- results: end -->").unwrap();
    let count = results.matches("](").count() + results.matches("href=").count();
    assert!((1..=LINKS).contains(&count), "{count} links in the results");
}
