//! The formats that a report can be printed in.

/// What is printed to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The headline and a table.
    Table,
    /// results.json.
    Json,
    /// syncs.csv.
    Csv,
    /// report.md.
    Markdown,
    /// index.html.
    Html,
    /// Go's benchmark text.
    Benchstat,
    /// OpenMetrics text with time stamps.
    OpenMetrics,
    /// PerfData of the scalability tests.
    Perfdash,
    /// CSV of runs with time stamps.
    Otava,
    /// JSON of github-action-benchmark.
    GithubAction,
    /// Bencher's Metric Format.
    Bencher,
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Table,
        Self::Json,
        Self::Csv,
        Self::Markdown,
        Self::Html,
        Self::Benchstat,
        Self::OpenMetrics,
        Self::Perfdash,
        Self::Otava,
        Self::GithubAction,
        Self::Bencher,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Benchstat => "benchstat",
            Self::OpenMetrics => "openmetrics",
            Self::Perfdash => "perfdash",
            Self::Otava => "otava",
            Self::GithubAction => "github-action",
            Self::Bencher => "bencher",
        }
    }
}
