//! `analyze metrics`, from beginning to end.

use kube_proxy_logs::{Place, Source};

use super::{Verdict, print};
use crate::cli::{MetricsFormat, MetricsOf};
use crate::error::Error;
use crate::metrics::{self, Scraped};
use crate::render;
use crate::render::terminal::Screen;
use crate::report::visible::visible;

/// Reads metrics, says what they tell.
pub(super) fn metrics(flags: &MetricsOf, screen: Screen) -> Result<Verdict, Error> {
    let scraped = Scraped {
        files: flags.files.clone(),
        nodes: flags.node.clone(),
    };
    let told = metrics::measure(&scraped)?;
    print(|out| match flags.format {
        MetricsFormat::Json => render::metrics::json(&told, out),
        MetricsFormat::Table => {
            render::terminal::metrics::print(&told, screen, out).map_err(Error::Output)
        }
    })
}

/// What to call for those of some sources that are no logs, but metrics.
pub(super) fn instead(sources: &[Source]) -> Option<String> {
    let metrics = sources.iter().filter(|source| match &source.place {
        Place::File(path) => metrics::are_in(path),
        Place::Object(_) | Place::Stdin => false,
    });
    let names: Vec<_> = metrics.map(|source| visible(&source.display)).collect();
    let first = names.first()?;
    let more = match names.len() {
        1 => "",
        _ => " ...",
    };
    Some(format!(
        "metrics, no log; what reads them: analyze metrics {first}{more}"
    ))
}
