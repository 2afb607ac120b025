//! What the driver did during a run, on the time line of its syncs: the steps of the ramp, and
//! how far EndpointSlices had followed.

use chrono::DateTime;

use super::axis::Axis;
use super::palette::{FAINT, GRID, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use crate::report::BundleFacts;
use crate::report::words::count;

/// A step, and a look at EndpointSlices, in seconds from the run's first sync.
pub(super) struct Ramp {
    steps: Vec<(f64, u64)>,
    looks: Vec<(f64, f64, f64)>,
}

/// Height of the row of EndpointSlices.
const LOOKS: i32 = 50;

impl Ramp {
    /// What a bundle's time line tells.
    pub(super) fn of(bundle: Option<&BundleFacts>, origin: f64) -> Self {
        let actions = bundle.map_or(&[][..], |bundle| &bundle.timeline);
        let at = |time: &str| {
            let time = DateTime::parse_from_rfc3339(time).ok()?;
            Some(time.timestamp_millis() as f64 / 1000.0 - origin)
        };
        let steps = actions
            .iter()
            .filter_map(|action| Some((at(&action.time)?, action.replicas?)));
        let looks = actions
            .iter()
            .filter(|action| action.action == "endpoints")
            .filter_map(|action| Some((at(&action.time)?, action.requested?, action.achieved?)));
        Self {
            steps: steps.filter(|(at, _)| *at >= 0.0).collect(),
            looks: looks
                .filter(|(at, asked, _)| *at >= 0.0 && *asked > 0.0)
                .collect(),
        }
    }

    /// Number of steps.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Pixels that it takes above the nodes.
    pub(super) fn height(&self) -> i32 {
        let steps = if self.steps.is_empty() { 0 } else { 18 };
        let looks = if self.looks.is_empty() { 0 } else { LOOKS };
        steps + looks
    }

    /// Draws the steps as lines down to `bottom`, and the share that EndpointSlices carried.
    pub(super) fn paint(
        &self,
        axis: &Axis,
        end: f64,
        top: i32,
        bottom: i32,
        sheet: &mut Sheet<'_>,
    ) -> Drawn {
        let mut last = None;
        for (at, replicas) in self.steps.iter().filter(|(at, _)| *at <= end) {
            let x = axis.at(*at);
            sheet.line(vec![(x, top + 14), (x, bottom)], GRID, 1)?;
            // A number that would stand on its neighbour's is left out.
            if last.is_none_or(|last| x - last >= 20) {
                sheet.text(
                    (x, top + 6),
                    &replicas.to_string(),
                    SMALL,
                    FAINT,
                    Side::Middle,
                )?;
                last = Some(x);
            }
        }
        if self.looks.is_empty() {
            return Ok(());
        }
        let top = top + self.height() - LOOKS;
        sheet.text(
            (MARGIN, top + 10),
            "in EndpointSlices",
            LABEL,
            INK,
            Side::Right,
        )?;
        let base = top + LOOKS - 4;
        for (n, (at, asked, reached)) in self.looks.iter().enumerate() {
            let until = self
                .looks
                .get(n + 1)
                .map_or(end, |(next, ..)| *next)
                .min(end);
            if *at > end {
                break;
            }
            let share = (reached / asked).clamp(0.0, 1.0);
            let says = format!(
                "EndpointSlices carried {} of {} endpoints ({:.0} %)",
                count(reached.round() as u64),
                count(asked.round() as u64),
                share * 100.0
            );
            let height = (share * 26.0).round() as i32;
            let corners = [(axis.at(*at), base - height), (axis.at(until), base)];
            sheet.bar(corners, FAINT, 0.5, says)?;
        }
        sheet.line(vec![(MARGIN, base), (WIDTH - MARGIN, base)], GRID, 1)
    }
}
