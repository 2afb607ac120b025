//! One fit a kernel, over the loads of all shapes.

use std::collections::BTreeSet;

use super::Loaded;
use super::load::ledger_of;
use crate::report::{Basis, PredictedLoad, ReplayedTransaction, Work};
use crate::stats::cost::{Cost, Fitted, fit};

/// As far beyond what was loaded a model is asked for, times.
pub(super) const FARTHEST: f64 = 8.0;
const NANO: f64 = 1e-9;
/// Products of counts are in thousands, so that the fit's numbers are of like size.
const KILO: f64 = 1e3;

/// What of a load is looked at, what it is, and least and most of it that was loaded.
type Check = (&'static str, Option<f64>, Option<[u64; 2]>);

/// A kernel's model.
pub(super) struct Model {
    pub(super) fitted: Fitted,
    pub(super) shapes: Vec<String>,
    pub(super) told_apart: bool,
}

/// The terms of a load: an entry of each shape, maps times entries, maps times sets.
pub(super) fn terms(
    shapes: &[String],
    told_apart: bool,
    shape: &str,
    load: &PredictedLoad,
) -> Vec<f64> {
    let entry = |one: &String| if one == shape { load.entries } else { 0.0 };
    let mut x: Vec<f64> = shapes.iter().map(entry).collect();
    x.push(load.anonymous_maps * load.entries / KILO);
    if told_apart {
        x.push(load.anonymous_maps * load.table_sets / KILO);
    }
    x
}

pub(super) fn model(mine: &[&Loaded<'_>]) -> Option<Model> {
    let shapes: BTreeSet<&str> = mine.iter().map(|one| one.of.shape.as_str()).collect();
    let shapes: Vec<String> = shapes.into_iter().map(str::to_owned).collect();
    let kinds: BTreeSet<(&str, Option<u64>)> = mine
        .iter()
        .map(|one| (one.of.shape.as_str(), one.of.endpoints_per_service))
        .collect();
    let told_apart = kinds.len() > 1;
    let row = |one: &&Loaded<'_>| Cost {
        x: terms(&shapes, told_apart, &one.of.shape, &ledger_of(one.of)),
        y: one.figure.kernel_s / NANO,
        run: 0,
    };
    let rows: Vec<Cost> = mine.iter().map(row).collect();
    if rows.len() < 5 || rows.len() < shapes.len() + 3 {
        return None;
    }
    Some(Model {
        fitted: fit(&rows)?,
        shapes,
        told_apart,
    })
}

pub(super) fn basis(mine: &[&Loaded<'_>], shape: &str, model: &Model) -> Basis {
    let of_shape = || mine.iter().filter(|one| one.of.shape == shape);
    let entries = || of_shape().map(|one| one.of.entries);
    let each: BTreeSet<u64> = of_shape()
        .filter_map(|one| one.of.endpoints_per_service)
        .collect();
    let bundles: BTreeSet<&str> = mine.iter().map(|one| one.bundle).collect();
    let at = model.shapes.iter().position(|one| one == shape);
    let b = &model.fitted.coefficients;
    let own = model.shapes.len();
    let coefficient = |at: usize| b.get(at).copied().unwrap_or(0.0);
    Basis {
        loads: mine.len(),
        bundles: bundles.into_iter().map(str::to_owned).collect(),
        entries: [entries().min().unwrap_or(0), entries().max().unwrap_or(0)],
        endpoints_per_service: each.into_iter().collect(),
        check_pct: check(mine, shape),
        instructions: [
            at.map_or(0.0, coefficient),
            coefficient(own) / KILO,
            coefficient(own + 1) / KILO,
        ],
    }
}

/// What a load takes by what it grows with, in billions of instructions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// The entries.
    pub(super) linear: f64,
    /// Maps times entries: walks over the transaction.
    pub(super) walks: f64,
    /// Maps times sets: looks at the names of the table.
    pub(super) names: f64,
}

impl Parts {
    pub(super) fn of(model: &Model, shape: &str, load: &PredictedLoad) -> Self {
        let x = terms(&model.shapes, model.told_apart, shape, load);
        let terms = x.iter().zip(&model.fitted.coefficients);
        let parts: Vec<f64> = terms.map(|(x, b)| x * b * NANO).collect();
        let own = model.shapes.len();
        Self {
            linear: parts[..own].iter().sum(),
            walks: parts[own],
            names: parts.get(own + 1).copied().unwrap_or(0.0),
        }
    }

    pub(super) fn total(&self) -> f64 {
        self.linear + self.walks + self.names
    }

    /// In k transactions, where reading all of it takes `read`: each walks its own entries alone,
    /// each name is sought among all before it as ever, and before each all that came before is
    /// read: `linear + walks / k + names + read (k - 1) / 2`.
    pub(super) fn in_pieces(&self, read: f64, pieces: u32) -> f64 {
        let k = f64::from(pieces);
        self.linear + self.walks / k + self.names + read * (k - 1.0) / 2.0
    }

    /// The last of these, which is the longest.
    pub(super) fn last_piece(&self, read: f64, pieces: u32) -> f64 {
        let k = f64::from(pieces);
        let names = self.names * (2.0 * k - 1.0) / (k * k);
        self.linear / k + self.walks / (k * k) + names + read * (k - 1.0) / k
    }
}

/// The largest load of a shape, predicted from all those of at most half its entries.
pub(super) fn check(mine: &[&Loaded<'_>], shape: &str) -> Option<f64> {
    let of_shape = mine.iter().filter(|one| one.of.shape == shape);
    let largest = of_shape.max_by_key(|one| one.of.entries)?;
    let services = largest.of.services?;
    let smaller = |one: &&&Loaded<'_>| one.of.services.is_some_and(|n| n <= services / 2);
    let smaller: Vec<&Loaded<'_>> = mine.iter().filter(smaller).copied().collect();
    let model = model(&smaller)?;
    model.shapes.iter().find(|one| *one == shape)?;
    let x = terms(
        &model.shapes,
        model.told_apart,
        shape,
        &ledger_of(largest.of),
    );
    let told = model.fitted.seconds(&x).seconds * NANO;
    Some((told / largest.figure.kernel_s - 1.0) * 100.0)
}

/// A load that is farther away than was ever tried is refused.
pub(super) fn within(
    load: &PredictedLoad,
    mine: &[&Loaded<'_>],
    shape: &str,
    basis: &Basis,
) -> Result<(), String> {
    let of_shape = || mine.iter().filter(|one| one.of.shape == shape);
    let range = |of: fn(&ReplayedTransaction) -> Option<u64>| {
        let all = || of_shape().filter_map(|one| of(one.of));
        Some([all().min()?, all().max()?])
    };
    let checks: [Check; 4] = [
        (
            "Services",
            load.services.map(|n| n as f64),
            range(|of| of.services),
        ),
        (
            "endpoints of each Service",
            load.endpoints_per_service.map(|n| n as f64),
            range(|of| of.endpoints_per_service),
        ),
        ("entries", Some(load.entries), Some(basis.entries)),
        (
            "new maps",
            Some(load.anonymous_maps),
            range(|of| Some(of.anonymous_maps)),
        ),
    ];
    for (what, asked, loaded) in checks {
        let (Some(asked), Some([least, most])) = (asked, loaded) else {
            continue;
        };
        if asked > most as f64 * FARTHEST || asked * FARTHEST < least as f64 {
            return Err(format!(
                "{asked:.0} {what}: loads of {least} to {most} were made, and more than eight \
                 times beyond these nothing is told; `lab replay` can load what is nearer"
            ));
        }
    }
    Ok(())
}

pub(super) fn work(
    model: &Model,
    shape: &str,
    load: &PredictedLoad,
    check_pct: Option<f64>,
) -> Work {
    let x = terms(&model.shapes, model.told_apart, shape, load);
    let told = model.fitted.seconds(&x);
    // The fit knows how loads scatter about it, not how it bends beyond them: that is in the check.
    let bends = check_pct.map_or(0.0, |percent| percent.abs() / 100.0 * told.seconds);
    let parts = Parts::of(model, shape, load);
    Work {
        billion: told.seconds * NANO,
        range: [
            (told.likely_s[0] - bends).max(0.0) * NANO,
            (told.likely_s[1] + bends) * NANO,
        ],
        linear_billion: parts.linear,
        quadratic_billion: parts.walks + parts.names,
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn in_one_piece_all_is_as_it_is_and_pieces_add_up() {
        let parts = Parts {
            linear: 8.0,
            walks: 16.0,
            names: 4.0,
        };
        assert_eq!(parts.in_pieces(2.0, 1), parts.total());
        assert_eq!(parts.last_piece(2.0, 1), parts.total());
        // 8 + 16 / 4 + 4 + 2 * 1.5; the last: 2 + 1 + 4 * 7 / 16 + 2 * 3 / 4.
        assert_eq!(parts.in_pieces(2.0, 4), 19.0);
        assert_eq!(parts.last_piece(2.0, 4), 6.25);
    }
}
