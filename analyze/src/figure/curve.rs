//! Figures of a group's growth with scale.

use super::Figure;
use super::inputs::{self, Inputs};
use super::rule::{Of, Rule};
use super::target::curve_name;
use super::unit::Unit::Number;
use crate::report::Curve;

pub(super) static FIGURES: [Figure; 1] = [Figure {
    name: "exponent",
    unit: Number,
    help: "exponent of its power law; of `step` if no curve is named",
    formula: "slope of least squares through ln(seconds) against ln(scale)",
    source: "Draper and Smith, \"Applied Regression Analysis\", 1998, chapter 1",
    of: Of::Curve(Rule {
        value: |_, curve| Some(curve.fit.as_ref()?.exponent),
        about: |_, curve| {
            format!(
                "{}/{}, {}",
                curve.study,
                curve.group,
                curve_name(curve.kind)
            )
        },
        missing: "too few scales for a fit",
        computed: |_, curve| computed(curve),
        chosen: |_, _| None,
        inputs: |report, curve| {
            let rows = inputs::points(report, curve);
            vec![Inputs::numbered(&curve.group, rows)]
        },
    }),
}];

fn computed(curve: &Curve) -> Option<String> {
    let fit = curve.fit.as_ref()?;
    let interval = |interval: Option<[f64; 2]>| {
        interval.map_or_else(String::new, |[low, high]| {
            format!(" ({low:.4} to {high:.4})")
        })
    };
    let robust = fit.theil_sen.map_or_else(String::new, |robust| {
        format!("; Theil-Sen {robust:.4}{}", interval(fit.theil_sen_ci95))
    });
    Some(format!(
        "seconds = e^{:.4} x scale^{:.4}{}, n = {}, residual sd {:.4} in ln(seconds){robust}; \
         measured from {} to {}: beyond is an extrapolation",
        fit.intercept,
        fit.exponent,
        interval(fit.exponent_ci95),
        fit.n,
        fit.residual_sd.unwrap_or(0.0),
        fit.range[0],
        fit.range[1]
    ))
}
