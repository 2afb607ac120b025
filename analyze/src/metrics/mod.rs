//! What a kube-proxy's own histograms say: metrics in, figures out, for clusters that kept no log.
//!
//! ```text
//! sample      names, parts and values of metrics
//! labels      `{name="value",...}`
//! exposition  the text of /metrics -> samples, scrape by scrape
//! answer      the JSON of Prometheus' query API -> samples
//! files       files -> samples, each with the kube-proxy that it is of
//! scrapes     samples -> what a histogram was at each scrape, in order
//! growth      the same -> what it gained from the first to the last, restarts told apart
//! figures     that -> counts, means, and where quantiles lie
//! ```
//!
//! kube-proxy observes a sync where it logs its end, with the same start, failed ones too: sums and
//! counts are those of the log. Buckets tell less, and nothing here says more than they do.

mod answer;
mod doubts;
mod exposition;
mod figures;
mod files;
mod growth;
mod labels;
mod sample;
mod scrapes;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::report::Warning;
use crate::report::metrics::Metrics;
use crate::report::visible::visible;

use doubts::Doubts;

/// What is read.
#[derive(Debug, Clone, Default)]
pub struct Scraped {
    /// Files in the order of their scrapes; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// Files with the kube-proxy that they are of.
    pub nodes: Vec<(String, String)>,
}

/// Reads metrics and says what was measured between the first scrape and the last of each kube-proxy.
///
/// # Errors
/// [`Error::Metrics`] with the place of what is no metric; [`Error::NoSuchPath`], [`Error::File`];
/// [`Error::Option`] for a node of a file that is not read; [`Error::NoMetrics`] if nothing could be
/// read at all.
pub fn measure(scraped: &Scraped) -> Result<Metrics, Error> {
    let mut doubts = Doubts::default();
    let read = files::read(scraped, &mut doubts)?;
    let histograms = scrapes::in_order(read, &mut doubts);
    let metrics = figures::of(&histograms, &mut doubts);
    let warnings = doubts.told();
    if metrics.is_empty() {
        return Err(Error::NoMetrics(warnings.into_iter().map(placed).collect()));
    }
    Ok(figures::report(metrics, warnings))
}

/// A warning with its place.
fn placed(warning: Warning) -> String {
    let input = visible(warning.input.as_deref().unwrap_or_default()).into_owned();
    let line = warning.line.map(|line| format!(":{line}"));
    let message = visible(&warning.message).into_owned();
    format!("{input}{}: {message}", line.unwrap_or_default())
}

/// Whether a file holds kube-proxy's metrics, by its first mebibyte.
#[must_use]
pub fn are_in(path: &Path) -> bool {
    files::begins_with_metrics(path)
}
