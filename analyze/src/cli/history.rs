//! `analyze history`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// Examples of its help.
pub(super) const HISTORY_EXAMPLES: &str = "Examples:
  analyze history bundles/ --file history.csv                   append what is new, say what changed
  analyze history --file history.csv --page history.html        look only, and as a page
  analyze history tonight/ --file history.csv --fail-if 'changed(mean(6.12))'
  analyze history tonight/ --file history.csv --name v1.35      from here on it is another baseline
  analyze history --file history.csv --since v1.35 --fail-if changed

Only bundles have a load and a beginning; loose logs are not entered. A path called `history` itself
is given as ./history.";

/// What is remembered, and what is asked.
#[derive(Debug, Clone, Args)]
pub struct HistoryOf {
    /// Bundles, or directories of them, whose runs are appended
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The history: CSV, only ever appended to; made if it is not there and PATHs are given
    #[arg(long, value_name = "FILE", default_value = "history.csv")]
    pub file: PathBuf,

    /// A name for the runs that are appended: a baseline that --since can begin with
    #[arg(long, value_name = "NAME", requires = "paths")]
    pub name: Option<String>,

    /// Look only at runs from the first of this name on
    #[arg(long, value_name = "NAME")]
    pub since: Option<String>,

    /// Exit 1 if a figure changed: 'changed', 'changed(mean)' or 'changed(mean(6.12))'; can be given
    /// more than once. A figure that the history does not have is an error (exit 2)
    #[arg(long, value_name = "COND")]
    pub fail_if: Vec<Changed>,

    /// Write a page with a chart a figure
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,

    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// `changed`, of all figures or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As it was written.
    pub text: String,
    /// `mean` or `convergence`; absent for all.
    pub figure: Option<String>,
    /// A kernel's series; absent for all.
    pub of: Option<String>,
}

impl FromStr for Changed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "give changed, changed(mean), changed(convergence) or changed(mean(6.12))".to_owned()
        };
        let inner = |text: &str, of: &str| -> Option<String> {
            let inner = text.strip_prefix(of)?.trim().strip_prefix('(')?;
            Some(inner.strip_suffix(')')?.trim().to_owned())
        };
        let asked = |figure: Option<&str>, of: Option<String>| Self {
            text: text.trim().to_owned(),
            figure: figure.map(str::to_owned),
            of,
        };
        if text.trim() == "changed" {
            return Ok(asked(None, None));
        }
        let figure = inner(text.trim(), "changed").ok_or_else(wrong)?;
        for known in ["mean", "convergence"] {
            if figure == known {
                return Ok(asked(Some(known), None));
            }
            let of = inner(&figure, known).filter(|of| !of.is_empty());
            if let Some(of) = of {
                return Ok(asked(Some(known), Some(of)));
            }
        }
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::Changed;

    #[test]
    fn conditions_are_read_or_refused() {
        for (text, figure, of) in [
            ("changed", None, None),
            (" changed( mean ) ", Some("mean"), None),
            (
                "changed(convergence(6.1))",
                Some("convergence"),
                Some("6.1"),
            ),
            ("changed(mean( 6.12 ))", Some("mean"), Some("6.12")),
        ] {
            let read: Changed = text.parse().unwrap();
            assert_eq!((read.figure.as_deref(), read.of.as_deref()), (figure, of));
        }
        for text in [
            "",
            "change",
            "changed()",
            "changed(mean()",
            "changed(median)",
            "changed(mean())",
            "not changed",
        ] {
            assert!(text.parse::<Changed>().is_err(), "{text}");
        }
    }
}
