//! One kube-proxy's three lines in everything that people and collectors put around them: its
//! duration, family, endpoints, time and node must come out, or a warning must say what did not.

mod collectors;
mod consoles;
mod documents;
mod journals;
mod klog_json;
mod pasted;
mod same;
mod tables;

use crate::reading::{codes, files_of, ns, rows};

/// A line of the log, and when it was logged.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// As kube-proxy wrote it.
    pub(crate) klog: &'static str,
    /// RFC 3339 with nanoseconds.
    pub(crate) t: &'static str,
    pub(crate) ns: i64,
}

/// Beginning, reloading, end: 123.25 s, of which 8.25 s to build.
pub(crate) const LINES: [Line; 3] = [
    Line {
        klog: r#"I0612 08:00:02.000100       1 proxier.go:944] "Syncing nftables rules" ipFamily="IPv4""#,
        t: "2024-06-12T08:00:02.000100000Z",
        ns: 1_718_179_202_000_100_000,
    },
    Line {
        klog: r#"I0612 08:00:10.250000       1 proxier.go:1160] "Reloading service nftables data" ipFamily="IPv4" numServices=8000 numEndpoints=240000"#,
        t: "2024-06-12T08:00:10.250000000Z",
        ns: 1_718_179_210_250_000_000,
    },
    Line {
        klog: r#"I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s""#,
        t: "2024-06-12T08:02:05.250000000Z",
        ns: 1_718_179_325_250_000_000,
    },
];

impl Line {
    /// With a space, and milliseconds: `2024-06-12 08:02:05.250`.
    pub(crate) fn spaced(&self) -> String {
        self.t[..23].replace('T', " ")
    }

    /// `08:02:05`.
    pub(crate) fn clock(&self) -> &'static str {
        &self.t[11..19]
    }

    pub(crate) fn ms(&self) -> i64 {
        self.ns / 1_000_000
    }

    pub(crate) fn us(&self) -> i64 {
        self.ns / 1_000
    }

    /// Seconds with six digits behind the point.
    pub(crate) fn seconds(&self) -> String {
        format!("{}.{:06}", self.ns / 1_000_000_000, self.us() % 1_000_000)
    }

    /// Without klog's header.
    pub(crate) fn body(&self) -> &'static str {
        self.klog.split_once("] ").unwrap().1
    }

    /// Its quotes with a backslash, as JSON, Go and logfmt have it.
    pub(crate) fn escaped(&self) -> String {
        self.klog.replace('"', "\\\"")
    }

    /// Its quotes doubled, as CSV has it.
    pub(crate) fn doubled(&self) -> String {
        self.klog.replace('"', "\"\"")
    }

    pub(crate) fn entities(&self) -> String {
        self.klog.replace('"', "&quot;")
    }
}

/// The log in one wrapping.
pub(crate) struct Case {
    name: &'static str,
    text: Vec<u8>,
    node: Option<&'static str>,
    /// The wrapping tells no year; it is given.
    yearless: bool,
}

impl Case {
    pub(crate) fn whole(name: &'static str, text: impl Into<Vec<u8>>) -> Self {
        Self {
            name,
            text: text.into(),
            node: None,
            yearless: false,
        }
    }

    /// Each line on a line.
    pub(crate) fn each(name: &'static str, wrap: impl Fn(&Line) -> String) -> Self {
        let text: String = LINES.iter().map(|line| wrap(line) + "\n").collect();
        Self::whole(name, text)
    }

    /// The lines, joined, inside something.
    pub(crate) fn joined(
        name: &'static str,
        before: &str,
        between: &str,
        after: &str,
        wrap: impl Fn(&Line) -> String,
    ) -> Self {
        let lines: Vec<String> = LINES.iter().map(wrap).collect();
        Self::whole(name, format!("{before}{}{after}", lines.join(between)))
    }

    /// The wrapping names the node.
    pub(crate) fn node(self, node: &'static str) -> Self {
        Self {
            node: Some(node),
            ..self
        }
    }

    pub(crate) fn yearless(self) -> Self {
        Self {
            yearless: true,
            ..self
        }
    }

    /// What is wrong with what was read of it.
    fn wrong(&self) -> Option<String> {
        let year = self.yearless.then_some(2024);
        let reading = files_of(&[("a.log", &self.text)], year);
        let found: Vec<String> = rows(&reading)
            .iter()
            .map(|row| row.split_once(' ').unwrap().1.to_owned())
            .collect();
        let sync = reading.syncs.first();
        let node = sync.and_then(|sync| reading.inputs[sync.input as usize].node.as_deref());
        let end = sync.and_then(|sync| sync.end_ns);
        let right = found == ["IPv4 ok 123.250 build 8.250 commit 115.000 of 8000/240000"]
            && end == Some(ns("2024-06-12T08:02:05.25Z"))
            && node == self.node;
        (!right).then(|| {
            let late = end.map(|end| (end - LINES[2].ns) as f64 / 1e9);
            format!(
                "{}: {found:?} node {node:?} late {late:?} warnings {:?}\n{}",
                self.name,
                codes(&reading),
                String::from_utf8_lossy(&self.text[..self.text.len().min(1500)])
            )
        })
    }
}

fn check(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().filter_map(Case::wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
