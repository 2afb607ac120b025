//! `docs/` as a book: its list of chapters has every page, and what chapters lead to is in the book.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag};

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap().to_path_buf()
}

/// A link's file, from the root: `docs/decisions` and `../why.md` are `docs/why.md`.
fn resolve(folder: &Path, link: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in folder.join(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{link} leads out of the repository"),
            part => path.push(part),
        }
    }
    path
}

/// The files that a page of the repository leads to.
fn leads_to(page: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let links = Parser::new_ext(&text, pulldown_cmark::Options::all()).filter_map(|event| {
        let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event else {
            return None;
        };
        let file = dest_url.split('#').next()?.to_owned();
        (!file.is_empty() && !file.contains(':')).then_some(file)
    });
    let folder = page.parent().unwrap();
    links.map(|link| resolve(folder, &link)).collect()
}

fn chapters() -> BTreeSet<PathBuf> {
    let listed = leads_to(Path::new("docs/SUMMARY.md"));
    let chapters: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(chapters.len(), listed.len(), "a chapter is listed twice");
    chapters
}

#[test]
fn every_page_of_docs_is_a_chapter() {
    let chapters = chapters();
    for folder in ["docs", "docs/decisions"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let page = Path::new(folder).join(entry.unwrap().file_name());
            let text = page.extension().is_some_and(|end| end == "md");
            if text && !page.ends_with("SUMMARY.md") {
                assert!(chapters.contains(&page), "{} is in no list", page.display());
            }
        }
    }
}

/// mdBook makes `.html` of each link to Markdown, so that one to a page outside of the book would
/// lead nowhere.
#[test]
fn chapters_lead_to_chapters() {
    let chapters = chapters();
    let mut wrong = Vec::new();
    for chapter in &chapters {
        for file in leads_to(chapter) {
            let text = file.extension().is_some_and(|end| end == "md");
            // The book's script has these lead to the repository.
            let outside = ["samples", "reports"]
                .iter()
                .any(|folder| file.starts_with(folder));
            if text && !outside && !chapters.contains(&file) {
                wrong.push(format!("{}: {}", chapter.display(), file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "no chapters:\n{}", wrong.join("\n"));
}

#[test]
fn ways_up_and_down_are_resolved() {
    let resolved = resolve(Path::new("docs/decisions"), "../../cluster/README.md");
    assert_eq!(resolved, Path::new("cluster/README.md"));
}
