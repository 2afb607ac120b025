//! Ablations: measurements of builds of one kernel's nf_tables, put beside each other.

use std::collections::BTreeMap;

use bundle::{Build, Clock, Measurement, Outcome, Replay as Tables};

use super::measurement::{clock_name, name_of};
use crate::report::{Ablation, AblationBuild, AblationPart, LineRef, ReplayedTransaction};
use crate::stats::quadratic::quadratic;
use crate::stats::summary::median;

const NANO: f64 = 1e-9;
/// The size at which both parts of a cost are told.
const AT: f64 = 1000.0;
/// The distribution's own build.
const STOCK: &str = "stock";
/// The one in which nothing was changed.
const CONTROL: &str = "control";

/// What makes measurements one ablation: kernel, mode, shape, clock, endpoints of each Service.
type Key<'r> = (&'r str, &'r str, &'r str, Clock, u64);
/// Nanoseconds of each size, with their lines.
type Sizes = BTreeMap<u64, Vec<(u64, f64)>>;

/// One for each kernel and shape that a build of one's own has loaded.
pub(super) fn of(
    path: &str,
    tables: &Tables,
    transactions: &[ReplayedTransaction],
) -> Vec<Ablation> {
    let mut all: BTreeMap<Key<'_>, Vec<(&str, &Measurement, Sizes)>> = BTreeMap::new();
    for (line, row) in &tables.measurements.rows {
        let of = transactions.iter().find(|of| of.name == row.transaction);
        let ns = row.kernel_ns.filter(|_| row.outcome == Outcome::Ok);
        let (Some(of), Some(ns)) = (of, ns) else {
            continue;
        };
        let (Some(services), Some(endpoints), None, 1) = (
            of.services,
            of.endpoints_per_service,
            of.from_replicas,
            row.pieces,
        ) else {
            continue;
        };
        let key = (
            row.kernel_release.as_str(),
            of.mode.as_str(),
            of.shape.as_str(),
            row.clock,
            endpoints,
        );
        let name = if row.build.is_empty() {
            STOCK
        } else {
            &row.build
        };
        let builds = all.entry(key).or_default();
        let at = builds.iter().position(|(known, ..)| *known == name);
        let at = at.unwrap_or_else(|| {
            builds.push((name, row, Sizes::new()));
            builds.len() - 1
        });
        let sizes = &mut builds[at].2;
        sizes.entry(services).or_default().push((*line, ns as f64));
    }
    let own = all
        .into_iter()
        .filter(|(_, builds)| builds.iter().any(|(name, ..)| *name != STOCK));
    own.map(|(key, builds)| ablation(path, tables, key, builds))
        .collect()
}

fn ablation(
    path: &str,
    tables: &Tables,
    (release, mode, shape, clock, endpoints): Key<'_>,
    mut found: Vec<(&str, &Measurement, Sizes)>,
) -> Ablation {
    let rows = tables.builds.rows.iter().map(|(_, row)| row);
    let rows: Vec<&Build> = rows.filter(|row| row.kernel_release == release).collect();
    // The order in which edits were made.
    let place = |name: &str| match name {
        STOCK => 0,
        CONTROL => 1,
        _ => 2 + name.matches('+').count(),
    };
    found.sort_by_key(|(name, ..)| place(name));
    let kernel = found.first().map(|(_, row, _)| name_of(row));
    let builds: Vec<AblationBuild> = found
        .iter()
        .map(|(name, _, sizes)| {
            let row = rows.iter().find(|row| row.build == *name);
            build(path, name, row.copied(), sizes)
        })
        .collect();
    let source = rows.first().map_or_else(String::new, |row| {
        format!("{}, {}", row.source, row.compiler)
    });
    Ablation {
        kernel: kernel.unwrap_or_default(),
        kernel_release: release.to_owned(),
        mode: mode.to_owned(),
        shape: shape.to_owned(),
        endpoints_per_service: endpoints,
        clock: clock_name(clock).to_owned(),
        source,
        parts: parts(&builds),
        control_off_pct: control_off(&builds),
        builds,
    }
}

fn build(path: &str, name: &str, row: Option<&Build>, sizes: &Sizes) -> AblationBuild {
    let points: Vec<[f64; 2]> = sizes
        .iter()
        .filter_map(|(services, figures)| {
            let each: Vec<f64> = figures.iter().map(|(_, ns)| ns * NANO).collect();
            Some([*services as f64, median(&each)?])
        })
        .collect();
    let pairs: Vec<(f64, f64)> = points.iter().map(|[n, s]| (*n, *s)).collect();
    let fit = quadratic(&pairs);
    let exponent = match points.as_slice() {
        [.., [n, s], [more, longer]] => Some((longer / s).ln() / (more / n).ln()),
        _ => None,
    };
    let lines = sizes.values().flatten();
    AblationBuild {
        name: name.to_owned(),
        says: row.map_or_else(String::new, |row| row.says.clone()),
        linear_s: fit.map(|fit| fit.linear * AT),
        quadratic_s: fit.map(|fit| fit.quadratic * AT * AT),
        worst_pct: fit.map(|fit| fit.worst * 100.0),
        exponent: exponent.filter(|exponent| exponent.is_finite()),
        lines: lines
            .map(|(line, _)| LineRef {
                input: format!("{path}/{}", bundle::REPLAYS),
                line: *line,
            })
            .collect(),
        points,
    }
}

/// Each edit's share of what grows with the square in the control, and the rest. Builds are only
/// put beside each other where each edit was made on top of the one before.
fn parts(builds: &[AblationBuild]) -> Vec<AblationPart> {
    let mut chain = builds.iter().filter(|build| build.name != STOCK);
    let Some(control) = chain.next().filter(|build| build.name == CONTROL) else {
        return Vec::new();
    };
    let Some(whole) = control.quadratic_s.filter(|whole| *whole > 0.0) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let (mut before, mut left) = (String::new(), whole);
    for build in chain {
        let added = match before.as_str() {
            "" => Some(build.name.as_str()),
            known => build
                .name
                .strip_prefix(known)
                .and_then(|rest| rest.strip_prefix('+')),
        };
        let (Some(name), Some(now)) = (added, build.quadratic_s) else {
            continue;
        };
        parts.push(AblationPart {
            name: name.to_owned(),
            says: build.says.clone(),
            quadratic_s: left - now,
            share_pct: (left - now) / whole * 100.0,
        });
        left = now;
        before.clone_from(&build.name);
    }
    if !parts.is_empty() {
        parts.push(AblationPart {
            name: "rest".to_owned(),
            says: String::new(),
            quadratic_s: left,
            share_pct: left / whole * 100.0,
        });
    }
    parts
}

fn control_off(builds: &[AblationBuild]) -> Option<f64> {
    let of = |name: &str| builds.iter().find(|build| build.name == name);
    let (stock, control) = (of(STOCK)?, of(CONTROL)?);
    let pairs = stock.points.iter().filter_map(|[n, s]| {
        let same = control.points.iter().find(|[other, _]| other == n)?;
        Some((same[1] / s - 1.0).abs() * 100.0)
    });
    pairs.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(name: &str, quadratic_s: Option<f64>) -> AblationBuild {
        AblationBuild {
            name: name.to_owned(),
            says: String::new(),
            points: Vec::new(),
            linear_s: None,
            quadratic_s,
            worst_pct: None,
            exponent: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_share_is_of_a_control_that_grows_with_the_square() {
        for (control, count) in [(None, 0), (Some(0.0), 0), (Some(8.0), 2)] {
            let builds = [
                build(STOCK, Some(9.0)),
                build(CONTROL, control),
                build("a", Some(2.0)),
            ];
            assert_eq!(parts(&builds).len(), count, "{control:?}");
        }
    }

    /// Of 8 s the edit `a` takes 6 away, and `b` on top of it 1.5; half a second is left.
    #[test]
    fn each_edit_takes_away_what_the_one_before_left() {
        let chain = [
            build(CONTROL, Some(8.0)),
            build("a", Some(2.0)),
            build("b", Some(1.0)),
            build("a+b", Some(0.5)),
        ];
        let found = parts(&chain);
        let found: Vec<(&str, f64, f64)> = found
            .iter()
            .map(|part| (part.name.as_str(), part.quadratic_s, part.share_pct))
            .collect();
        let wanted = [("a", 6.0, 75.0), ("b", 1.5, 18.75), ("rest", 0.5, 6.25)];
        assert_eq!(found, wanted);
    }
}
