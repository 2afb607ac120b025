//! `analyze fleet`, from beginning to end.

use std::path::Path;

use kube_proxy_logs::Progress as _;

use super::{Verdict, print};
use crate::chart;
use crate::cli::FleetOf;
use crate::dataset::{self, DataSet};
use crate::error::Error;
use crate::fleet;
use crate::progress::ReadingBar;
use crate::publish;
use crate::render;
use crate::render::terminal::Screen;

/// Reads data sets, says how their nodes are spread.
pub(super) fn fleet(flags: &FleetOf, screen: Screen, quiet: bool) -> Result<Verdict, Error> {
    let sets: Result<Vec<DataSet>, Error> = flags.sets.iter().map(|place| open(place)).collect();
    let bar = ReadingBar::of_parts(quiet);
    let told = fleet::measure(&sets?, &flags.by, &|| bar.advance(1));
    bar.finish();
    let told = told?;
    if let Some(page) = &flags.page {
        let picture = chart::fleet(&told)?;
        let text = render::fleet::page(&told, &picture)?;
        publish::one(page, text.as_bytes())?;
    }
    print(|out| match flags.json {
        true => render::fleet::json(&told, out),
        false => render::terminal::fleet::print(&told, screen, out).map_err(Error::Output),
    })
}

/// A data set; of anything else, how one is made of it.
fn open(place: &str) -> Result<DataSet, Error> {
    if dataset::is_at(Path::new(place))? {
        return DataSet::open(place);
    }
    let problem = "no data set; `analyze ingest PATH -o DIR` makes one of bundles and logs";
    Err(Error::DataSet {
        place: place.to_owned(),
        problem: problem.to_owned(),
    })
}
