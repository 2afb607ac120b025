//! Endpoints over a run: asked for, in the API, in each node's kernel. The gaps are the story.

use chrono::DateTime;

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, LABEL};
use super::run::rows::Run;
use super::sheet::{Drawn, Sheet, Side};
use crate::report::words::count;
use crate::report::{BundleFacts, Report, Study};

/// Height of the plane.
pub(super) const PLANE: i32 = 150;
/// Nodes whose lines a plane holds.
const MOST_NODES: usize = 4;
/// Room between the names of two lines.
const APART: i32 = 17;

/// A line of steps: seconds from the run's first sync, and endpoints from then on.
struct Steps {
    name: String,
    place: Option<usize>,
    points: Vec<(f64, f64)>,
}

/// The lines of a run.
pub(super) struct Endpoints(Vec<Steps>);

impl Endpoints {
    /// What the timeline and the syncs tell.
    pub(super) fn of(
        report: &Report,
        study: &Study,
        bundle: Option<&BundleFacts>,
        run: &Run,
    ) -> Self {
        if run.apart {
            return Self(Vec::new());
        }
        let mut all = Vec::new();
        if let Some(bundle) = bundle {
            all.push(asked(bundle, run));
            all.push(in_api(bundle, run));
        }
        all.extend(in_kernels(report, study, run));
        all.retain(|steps| !steps.points.is_empty());
        Self(all)
    }

    /// Pixels that the plane takes.
    pub(super) fn height(&self) -> i32 {
        if self.0.is_empty() { 0 } else { PLANE + 16 }
    }

    /// The same in words.
    pub(super) fn words(&self) -> String {
        let most = |steps: &Steps| steps.points.iter().map(|point| point.1).fold(0.0, f64::max);
        let one = |steps: &Steps| format!(" {}: up to {}.", steps.name, count(most(steps) as u64));
        self.0.iter().map(one).collect()
    }

    /// Draws the lines, each named at its end.
    pub(super) fn paint(
        &self,
        across: &Axis,
        end: f64,
        top: i32,
        (left, right): (i32, i32),
        sheet: &mut Sheet<'_>,
    ) -> Drawn {
        if self.0.is_empty() {
            return Ok(());
        }
        let points = || self.0.iter().flat_map(|steps| &steps.points);
        let most = points()
            .map(|(_, endpoints)| *endpoints)
            .fold(0.0, f64::max);
        let bottom = top + PLANE;
        let up = Axis::linear(Unit::Count, most, (bottom, top));
        up.beside(sheet, left, right)?;
        sheet.zoom(left, right)?;
        for steps in &self.0 {
            let mut path = Stairs::default();
            for (at, endpoints) in steps.points.iter().filter(|(at, _)| *at <= end) {
                path.to((across.at(at.max(0.0)), up.at(*endpoints)));
            }
            let path = path.until(across.at(end));
            let (colour, width) = look(steps);
            sheet.line(path, colour, width)?;
        }
        sheet.end()?;
        self.names(&up, end, right, bottom, sheet)
    }

    /// Names at the ends of the lines, moved apart where they would cover each other.
    fn names(&self, up: &Axis, end: f64, right: i32, bottom: i32, sheet: &mut Sheet<'_>) -> Drawn {
        let last = |steps: &&Steps| {
            let inside = steps.points.iter().rfind(|(at, _)| *at <= end);
            inside.map_or(bottom, |(_, endpoints)| up.at(*endpoints))
        };
        let mut named: Vec<(i32, &Steps)> =
            self.0.iter().map(|steps| (last(&steps), steps)).collect();
        named.sort_by_key(|(y, _)| *y);
        // Nodes of a kernel that end alike share a name.
        named.dedup_by(|(y, one), (before, other)| {
            one.name == other.name && (*y - *before).abs() < APART
        });
        let mut free = i32::MIN;
        for (y, steps) in named {
            let y = y.max(free);
            let (colour, width) = look(steps);
            let at = (right + 6, y);
            if width > 2 {
                sheet.name(at, &steps.name, colour)?;
            } else {
                sheet.text(at, &steps.name, LABEL, colour, Side::Right)?;
            }
            free = y + APART;
        }
        Ok(())
    }
}

/// A line that goes across, then up or down. Of many steps within one pixel the line holds their
/// way up and down, once.
#[derive(Default)]
struct Stairs {
    path: Vec<(i32, i32)>,
    /// Where the line is.
    now: Option<(i32, i32)>,
    /// Lowest and highest within the pixel.
    reach: (i32, i32),
}

impl Stairs {
    fn to(&mut self, (x, y): (i32, i32)) {
        match self.now {
            Some((before, _)) if before == x => {
                if y < self.reach.0 || y > self.reach.1 {
                    self.path.push((x, y));
                    self.reach = (self.reach.0.min(y), self.reach.1.max(y));
                }
            }
            Some((_, last)) => {
                self.land(last);
                self.path.extend([(x, last), (x, y)]);
                self.reach = (last.min(y), last.max(y));
            }
            None => {
                self.path.push((x, y));
                self.reach = (y, y);
            }
        }
        self.now = Some((x, y));
    }

    /// Where the line leaves its pixel.
    fn land(&mut self, y: i32) {
        if let Some((x, at)) = self.path.last().copied()
            && at != y
        {
            self.path.push((x, y));
        }
    }

    fn until(mut self, end: i32) -> Vec<(i32, i32)> {
        if let Some((_, last)) = self.now {
            self.land(last);
            self.path.push((end, last));
        }
        self.path
    }
}

/// Colour and width of a line.
fn look(steps: &Steps) -> (plotters::style::RGBColor, u32) {
    match steps.place {
        Some(place) => (palette::group(place), 3),
        None if steps.name == "asked" => (FAINT, 1),
        None => (INK, 2),
    }
}

fn seconds(time: &str, run: &Run) -> Option<f64> {
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    Some(time.timestamp_millis() as f64 / 1000.0 - run.origin)
}

fn asked(bundle: &BundleFacts, run: &Run) -> Steps {
    let services = bundle.services.unwrap_or(0) as f64;
    let steps = bundle.timeline.iter().filter_map(|action| {
        let replicas = action.replicas? as f64;
        Some((seconds(&action.time, run)?, replicas * services))
    });
    Steps {
        name: "asked".to_owned(),
        place: None,
        points: steps.filter(|(_, endpoints)| *endpoints > 0.0).collect(),
    }
}

fn in_api(bundle: &BundleFacts, run: &Run) -> Steps {
    let looks = bundle
        .timeline
        .iter()
        .filter(|action| action.action == "endpoints");
    let points = looks.filter_map(|action| Some((seconds(&action.time, run)?, action.achieved?)));
    Steps {
        name: "in the API".to_owned(),
        place: None,
        points: points.collect(),
    }
}

/// What each node's kernel held after each sync of the family that has the most endpoints.
fn in_kernels(report: &Report, study: &Study, run: &Run) -> Vec<Steps> {
    let rows = run.rows.iter().take(MOST_NODES);
    rows.map(|row| {
        let syncs = row.bars.iter().filter_map(|bar| {
            let sync = report.syncs.get(bar.sync)?;
            let endpoints = sync.endpoints.filter(|_| sync.outcome == "ok")? as f64;
            Some((bar.end, endpoints, sync.family))
        });
        let syncs: Vec<(f64, f64, Option<&str>)> = syncs.collect();
        let largest = syncs.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let family = largest.map(|sync| sync.2);
        let mine = syncs.iter().filter(|sync| Some(sync.2) == family);
        let alone = run.rows.len() == 1;
        Steps {
            name: if alone {
                "in kernel".to_owned()
            } else {
                report.names.short(&row.group).to_owned()
            },
            place: Some(super::place(study, &row.group)),
            points: mine.map(|(end, endpoints, _)| (*end, *endpoints)).collect(),
        }
    })
    .collect()
}
