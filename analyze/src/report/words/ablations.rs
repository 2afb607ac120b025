//! What ablations show, in sentences.

use super::count;
use crate::report::names::short;
use crate::report::{Ablation, AblationBuild};

/// A build that differs from the distribution's own by more is no control.
const CONTROL: f64 = 0.5;

/// What was found with one kernel.
pub(super) fn findings(of: &Ablation) -> Vec<String> {
    let mut findings = Vec::new();
    findings.extend(attribution(of));
    findings.extend(left(of));
    findings.extend(control(of));
    findings
}

/// The same in a row: `6.1.192: look-ups 42 %, rest 58 % of what grows with the square`.
pub(super) fn brief(of: &Ablation) -> Option<String> {
    let kernel = short(&of.kernel);
    let shares = shares(of)?;
    Some(format!("{kernel}: {shares} of what grows with the square"))
}

/// The pieces and their shares; none where no piece was told.
fn shares(of: &Ablation) -> Option<String> {
    let parts = of.parts.iter();
    let shares: Vec<String> = parts
        .map(|part| format!("{} {:.0} %", part.name, part.share_pct))
        .collect();
    (!shares.is_empty()).then(|| shares.join(", "))
}

/// Whose time it is, piece by piece.
fn attribution(of: &Ablation) -> Option<String> {
    let control = of.builds.iter().find(|build| build.name == "control")?;
    let shares = shares(of)?;
    let unit = if of.clock == "instructions" {
        "billion instructions"
    } else {
        "seconds"
    };
    Some(format!(
        "{}, {} ({}): of the part that grows with the square of the Services, {:.2} {unit} at \
         1,000 Services x {}: {}.",
        short(&of.kernel),
        of.mode,
        of.shape,
        control.quadratic_s?,
        of.endpoints_per_service,
        shares
    ))
}

/// What the last build takes at the largest size, against the control.
fn left(of: &Ablation) -> Option<String> {
    let control = of.builds.iter().find(|build| build.name == "control");
    let last = of.builds.last().filter(|last| last.name != "control")?;
    let size = |build: &AblationBuild| build.points.last().copied();
    let [n, now] = size(last)?;
    let mut said = format!(
        "{} with {}:",
        short(&of.kernel),
        last.name.replace('+', ", ")
    );
    let same = control.and_then(|control| {
        let mut points = control.points.iter();
        points.find(|[other, _]| *other == n).map(|point| point[1])
    });
    if let Some(before) = same {
        said += &format!(
            " {} Services take {:.0} % less than the control;",
            count(n as u64),
            (1.0 - now / before) * 100.0
        );
    }
    let [smaller, _] = *last.points.get(last.points.len().checked_sub(2)?)?;
    said += &format!(
        " from {} to {} Services the time grows as their power {:.2}.",
        count(smaller as u64),
        count(n as u64),
        last.exponent?
    );
    Some(said)
}

fn control(of: &Ablation) -> Option<String> {
    let off = of.control_off_pct?;
    Some(if off <= CONTROL {
        format!(
            "{}: built again unchanged, it takes what the distribution's own takes within {off:.2} %.",
            short(&of.kernel)
        )
    } else {
        format!(
            "{}: built again unchanged, it differs from the distribution's own by {off:.1} %: what \
             the edits show is told with that doubt.",
            short(&of.kernel)
        )
    })
}
