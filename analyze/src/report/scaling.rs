//! How durations grow with scale.

use schemars::JsonSchema;
use serde::Serialize;

/// What a curve measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Whole duration against endpoints, for syncs that carried a step of the ramp.
    StepByEndpoints,
}

/// How a duration grows with scale, in one group.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Curve {
    /// Identity of its study.
    pub study: String,
    /// Its group.
    pub group: String,
    /// What it measures.
    pub kind: CurveKind,
    /// The syncs on it.
    pub points: Vec<CurvePoint>,
    /// Its fit; absent with fewer than four different scales.
    pub fit: Option<Fit>,
}

/// A sync on a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CurvePoint {
    /// Endpoints or net change.
    pub x: f64,
    /// Seconds.
    pub y: f64,
    /// Id of the sync.
    pub sync: usize,
    /// `ln(y) - ln(fit(x))`; absent without a fit.
    pub residual: Option<f64>,
}

/// A power law `y = e^intercept x^exponent`, fitted in log-log space.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Fit {
    /// Points it rests on.
    pub n: usize,
    /// Least-squares exponent: 1 is linear, 2 quadratic.
    pub exponent: f64,
    /// Its 95 % interval by Student's t; absent if n < 3.
    pub exponent_ci95: Option<[f64; 2]>,
    /// Natural logarithm of the seconds at x = 1.
    pub intercept: f64,
    /// Coefficient of determination.
    pub r_squared: Option<f64>,
    /// Standard deviation of the residuals, in units of ln(seconds).
    pub residual_sd: Option<f64>,
    /// Theil-Sen exponent, which outliers do not move.
    pub theil_sen: Option<f64>,
    /// Its 95 % interval.
    pub theil_sen_ci95: Option<[f64; 2]>,
    /// Smallest and largest x: outside them the fit is an extrapolation.
    pub range: [f64; 2],
    /// Points left out because x or y is not above 0.
    pub dropped: usize,
    /// The fitted curve with its 95 % band, for drawing: x, y, low, high.
    pub band: Vec<[f64; 4]>,
}

/// Where two groups' fits meet.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Crossing {
    /// Identity of the study.
    pub study: String,
    /// What the curves measure.
    pub kind: CurveKind,
    /// The two groups.
    pub groups: [String; 2],
    /// x at which the fits are equal.
    pub at: f64,
    /// Whether both groups were measured there.
    pub measured: bool,
}

/// How far two groups' fits are apart, where both were measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Divergence {
    /// Identity of the study.
    pub study: String,
    /// What the curves measure.
    pub kind: CurveKind,
    /// The two groups.
    pub groups: [String; 2],
    /// Smallest and largest x that both were measured at.
    pub range: [f64; 2],
    /// The first group's fitted seconds over the second's, at these two.
    pub ratio: [f64; 2],
    /// Whether their exponents' 95 % intervals lie apart: then the ratio changes with scale.
    pub exponents_differ: bool,
}
