//! How durations grow with scale.

use schemars::JsonSchema;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// What a curve measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Whole duration against endpoints, for syncs that carried a step of the ramp.
    StepByEndpoints,
}

/// How a duration grows with scale, in one group.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
pub struct Curve {
    /// Identity of its study.
    pub study: String,
    /// Its group.
    pub group: String,
    /// What it measures.
    pub kind: CurveKind,
    /// The syncs on it.
    #[schemars(with = "Vec<CurvePoint>")]
    pub points: Vec<OnCurve>,
    /// Its fit; absent with fewer than four different scales.
    pub fit: Option<Fit>,
}

/// A sync on a curve, as it is kept: there may be millions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnCurve {
    /// Endpoints or net change.
    pub x: f64,
    /// Seconds.
    pub y: f64,
    /// Id of the sync.
    pub sync: usize,
}

/// A sync on a curve, as it is shown.
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

impl Curve {
    /// Returns its points, each with how far it lies from the fit.
    pub fn with_residuals(&self) -> impl Iterator<Item = CurvePoint> {
        let residual = |point: &OnCurve| {
            let fit = self.fit.as_ref().filter(|_| point.y > 0.0)?;
            Some(point.y.ln() - (fit.intercept + fit.exponent * point.x.ln()))
        };
        self.points.iter().map(move |point| CurvePoint {
            x: point.x,
            y: point.y,
            sync: point.sync,
            residual: residual(point),
        })
    }
}

impl Serialize for Curve {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Points<'c>(&'c Curve);
        impl Serialize for Points<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(self.0.with_residuals())
            }
        }
        let mut object = to.serialize_struct("Curve", 5)?;
        object.serialize_field("study", &self.study)?;
        object.serialize_field("group", &self.group)?;
        object.serialize_field("kind", &self.kind)?;
        object.serialize_field("points", &Points(self))?;
        object.serialize_field("fit", &self.fit)?;
        object.end()
    }
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
