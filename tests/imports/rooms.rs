//! Which room of `analyze` may import which.

use super::scan::Crate;

/// The rooms from the bottom up: each imports only rooms that stand before it, and itself.
///
/// `error` names what the rooms say; it knows the gate's messages and stands above them alone.
const ORDER: [&str; 21] = [
    // What was asked for, checked.
    "plan",   // Which files are a report's own.
    "sums",   // Numbers in, numbers out.
    "stats",  // The model: all that any renderer prints.
    "report", // Figures by name, conditions on them.
    "figure", "gate", "error", // Frames; directories and object stores.
    "frame", "store",   // What was read, as Parquet.
    "dataset", // Paths to bundles and logs.
    "corpus", "ingest",   // Numbers of the model.
    "evidence", // Figures over time.
    "history",  // Thousands of nodes, of a data set.
    "fleet",    // kube-proxy's own histograms.
    "metrics",  // What the model looks like.
    "chart", "render", "explain", "publish", // What was asked for, as a command line.
    "cli",
];

/// Modules that put the rooms together.
const ABOVE: [&str; 4] = ["lib", "main", "run", "progress"];

/// Rooms that stand before another and are none of its business all the same.
const NEVER: [(&str, &[&str]); 6] = [
    // Statistics know numbers alone.
    ("report", &["stats"]),
    ("corpus", &["stats", "report", "figure", "gate"]),
    ("dataset", &["plan", "stats", "report", "figure", "gate"]),
    // A renderer computes nothing.
    (
        "chart",
        &["stats", "corpus", "evidence", "fleet", "metrics", "frame"],
    ),
    (
        "render",
        &[
            "stats", "corpus", "evidence", "fleet", "metrics", "frame", "gate",
        ],
    ),
    (
        "publish",
        &["stats", "corpus", "evidence", "fleet", "metrics", "gate"],
    ),
];

/// Parts that only one room uses.
const ONE_ROOM: [(&str, &str); 5] = [
    ("polars", "frame"),
    ("object_store", "store"),
    ("plotters", "chart"),
    ("tera", "render"),
    ("clap", "cli"),
];

/// Imports that the order forbids.
pub(crate) fn broken(read: &Crate) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in &read.files {
        let room = file.room();
        if ABOVE.contains(&room) {
            continue;
        }
        let Some(place) = ORDER.iter().position(|known| *known == room) else {
            wrong.push(format!(
                "{}: {room} has no place among the rooms",
                file.path
            ));
            continue;
        };
        for other in read.rooms_imported(file) {
            let below = ORDER[..place].contains(&other.as_str());
            let never = NEVER
                .iter()
                .any(|(of, rooms)| *of == room && rooms.contains(&other.as_str()));
            if other != room && (!below || never) {
                wrong.push(format!("{} imports {other}", file.path));
            }
        }
    }
    wrong
}

/// Uses of a part outside of its room; `main` reads the command line.
pub(crate) fn outside(read: &Crate) -> Vec<String> {
    let mut wrong = Vec::new();
    for (part, room) in ONE_ROOM {
        for file in &read.files {
            if file.room() != room && file.room() != "main" && file.names(part) {
                wrong.push(format!("{} uses {part}, which only {room} may", file.path));
            }
        }
    }
    wrong
}
