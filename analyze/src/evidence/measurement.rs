//! What a measurement of a replay is called.

use bundle::{Clock, Measurement};

/// The upstream version, which puts releases of all distributions in one order, else the release.
pub(super) fn name_of(row: &Measurement) -> String {
    if row.kernel_version.is_empty() {
        row.kernel_release.clone()
    } else {
        row.kernel_version.clone()
    }
}

/// As in the report.
pub(super) const fn clock_name(clock: Clock) -> &'static str {
    match clock {
        Clock::Instructions => "instructions",
        Clock::Wall => "wall",
    }
}
