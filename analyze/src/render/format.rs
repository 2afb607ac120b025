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
}

impl Format {
    /// All of them, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Table,
        Self::Json,
        Self::Csv,
        Self::Markdown,
        Self::Html,
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
        }
    }
}
