//! Two factors at once: the same cold load on several kernels, as several kube-proxies and modes
//! write it. Does what a kernel changes depend on who writes the rules?

use std::collections::BTreeMap;

use super::names::by_release;
use crate::report::{ReplayFigure, ReplayedTransaction, RuleWriter, TwoFactors};

/// What makes loads the same work: Services, endpoints of each.
type Size = (u64, u64);
/// Who writes the rules: mode, shape.
type Writer<'r> = (&'r str, &'r str);

/// The table of the size that most writers' rules were loaded in, on most kernels; of several the
/// largest. Of exact figures alone: where the clock is the wall, one load's figure is no mean.
pub(super) fn of(
    transactions: &[ReplayedTransaction],
    figures: &[ReplayFigure],
) -> Option<TwoFactors> {
    let mut sizes: BTreeMap<Size, BTreeMap<Writer<'_>, Vec<usize>>> = BTreeMap::new();
    for (at, figure) in figures.iter().enumerate() {
        let of = &transactions[figure.transaction];
        let is_cold = of.from_replicas.is_none() && of.after.is_empty();
        let size = of.services.zip(of.endpoints_per_service);
        if let (Some(size), true) = (size, figure.exact && figure.pieces <= 1 && is_cold) {
            let writers = sizes.entry(size).or_default();
            let writer = (of.mode.as_str(), of.shape.as_str());
            writers.entry(writer).or_default().push(at);
        }
    }
    let tables = sizes.into_iter();
    let tables = tables.filter_map(|(size, writers)| table(figures, size, writers));
    tables.max_by_key(|table| (table.writers.len(), table.kernels.len(), table.services))
}

/// None where there are not two of each.
fn table(
    figures: &[ReplayFigure],
    (services, endpoints_per_service): Size,
    mut writers: BTreeMap<Writer<'_>, Vec<usize>>,
) -> Option<TwoFactors> {
    writers.retain(|_, places| places.len() > 1);
    let on = |places: &[usize], kernel: &str| {
        let mut places = places.iter().copied();
        places.find(|at| figures[*at].kernel == kernel)
    };
    let all = writers.values().next()?.iter();
    let mut kernels: Vec<String> = all.map(|at| figures[*at].kernel.clone()).collect();
    kernels.retain(|kernel| writers.values().all(|places| on(places, kernel).is_some()));
    kernels.sort_by(|a, b| by_release(a, b));
    kernels.dedup();
    if kernels.len() < 2 || writers.len() < 2 {
        return None;
    }
    let cells: Vec<Vec<usize>> = kernels
        .iter()
        .map(|kernel| {
            writers
                .values()
                .filter_map(|places| on(places, kernel))
                .collect()
        })
        .collect();
    let ends = cells.first()?.iter().zip(cells.last()?);
    let ratios: Vec<f64> = ends
        .map(|(first, last)| figures[*last].kernel_s / figures[*first].kernel_s)
        .collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    (least > 0.0).then(|| TwoFactors {
        services,
        endpoints_per_service,
        kernels,
        writers: writers
            .keys()
            .map(|(mode, shape)| RuleWriter {
                mode: (*mode).to_owned(),
                shape: (*shape).to_owned(),
            })
            .collect(),
        cells,
        ratios,
        interaction: most / least,
    })
}
