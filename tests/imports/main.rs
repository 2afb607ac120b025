//! Imports point one way: no circle of files in any crate, and in `analyze` each room imports
//! only rooms below it. The rule is in [`rooms`]; [`scan`] reads the sources.

mod graph;
mod rooms;
mod scan;

use std::path::{Path, PathBuf};

use graph::circles;
use scan::Crate;

/// Every crate of the workspace.
const CRATES: [&str; 6] = [
    "bundle",
    "bundle/transaction",
    "analyze/logs",
    "analyze",
    "driver",
    "cluster/lab",
];

fn sources(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(of)
        .join("src")
}

#[test]
fn no_circle_of_files() {
    let mut found = Vec::new();
    for name in CRATES {
        let read = Crate::read(&sources(name)).unwrap();
        assert!(
            read.files.len() > 3,
            "{name}: only {} files found",
            read.files.len()
        );
        let edges = read.imports();
        assert!(
            edges.len() > 3,
            "{name}: only {} imports found",
            edges.len()
        );
        for circle in circles(&edges) {
            found.push(format!("{name}: {}", circle.join(" <-> ")));
        }
    }
    assert!(
        found.is_empty(),
        "files that import each other:\n{}",
        found.join("\n")
    );
}

#[test]
fn rooms_of_analyze_import_only_rooms_below() {
    let read = Crate::read(&sources("analyze")).unwrap();
    let wrong = rooms::broken(&read);
    assert!(
        wrong.is_empty(),
        "imports against the order of rooms:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn each_large_part_has_its_one_room() {
    let read = Crate::read(&sources("analyze")).unwrap();
    let wrong = rooms::outside(&read);
    assert!(
        wrong.is_empty(),
        "crates used outside of their room:\n{}",
        wrong.join("\n")
    );
}

/// The rule itself: what it forbids is found.
mod the_rule_finds {
    use super::*;

    #[expect(clippy::unwrap_used, reason = "a broken test tree shall panic")]
    fn made_up(files: &[(&str, &str)]) -> Crate {
        Crate::of(
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
        )
        .unwrap()
    }

    #[test]
    fn a_room_that_imports_one_above() {
        for text in [
            "use crate::cli::Subject;",
            "use crate::{cli::Subject, plan::Plan};",
            "fn f() { crate::cli::go() }",
            "fn f() { println!(\"{}\", super::super::cli::NAME) }",
        ] {
            let read = made_up(&[
                ("lib.rs", "pub mod cli; pub mod corpus;"),
                ("cli/mod.rs", "pub struct Subject;"),
                ("corpus/mod.rs", "mod open;"),
                ("corpus/open.rs", text),
            ]);
            assert_eq!(
                rooms::broken(&read),
                ["corpus/open.rs imports cli"],
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_in_what_points_down_or_stands_in_comments_and_tests() {
        let read = made_up(&[
            ("lib.rs", "pub mod cli; pub mod plan;"),
            ("cli/mod.rs", "use crate::plan::Plan;"),
            (
                "plan/mod.rs",
                "//! See crate::cli::Subject.\n// use crate::cli::Subject;\n\
                 const A: &str = \"crate::cli\";\n\
                 #[cfg(test)] mod tests { use crate::cli::Subject; }",
            ),
        ]);
        assert!(rooms::broken(&read).is_empty());
    }

    #[test]
    fn a_room_that_nobody_gave_a_place() {
        let read = made_up(&[
            ("lib.rs", "mod attic;"),
            ("attic.rs", "use crate::plan::Plan;"),
        ]);
        assert_eq!(
            rooms::broken(&read),
            ["attic.rs: attic has no place among the rooms"]
        );
    }

    #[test]
    fn two_files_that_import_each_other_through_what_their_room_shows() {
        let read = made_up(&[
            ("lib.rs", "mod room;"),
            ("room/mod.rs", "mod a; mod b; pub use b::B; use a::go;"),
            ("room/a.rs", "use super::B; pub fn go() {}"),
            ("room/b.rs", "use super::a; pub struct B;"),
        ]);
        assert_eq!(circles(&read.imports()), [["room/a.rs", "room/b.rs"]]);
    }

    #[test]
    fn two_rooms_that_import_each_other_but_not_a_room_and_its_front() {
        let own = ("room/a.rs", "use super::MOST; pub fn go() {}");
        let front = "mod a; pub const MOST: usize = 3; pub fn go() { crate::other::go(); a::go() }";
        let read = made_up(&[("lib.rs", "mod room;"), ("room/mod.rs", front), own]);
        assert!(circles(&read.imports()).is_empty());
        let read = made_up(&[
            ("lib.rs", "mod room; mod other;"),
            ("room/mod.rs", front),
            ("room/a.rs", "pub fn go() {}"),
            ("other.rs", "pub fn go() { crate::room::go() }"),
        ]);
        let circle = ["other.rs", "room/mod.rs"];
        assert_eq!(circles(&read.imports()), [circle]);
    }

    #[test]
    fn polars_outside_of_frames() {
        let read = made_up(&[
            ("lib.rs", "mod frame; mod stats;"),
            ("frame/mod.rs", "use polars::prelude::*;"),
            ("stats/mod.rs", "fn f(a: polars::prelude::Series) {}"),
        ]);
        assert_eq!(
            rooms::outside(&read),
            ["stats/mod.rs uses polars, which only frame may"]
        );
    }
}
