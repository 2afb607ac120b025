//! All of a log, whatever it is stamped: is a line in it that was taken?

use std::time::Duration;

use super::Scene;
use super::instance::Instance;
use super::overlap::hold;
use super::stream::{Read, Wanted, next_line, open};

/// Longest that looking through a log may take.
const LOOKING: Duration = Duration::from_secs(60);

/// What looking through a log has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A line that was taken.
    Known,
    /// None, up to the line that was its last one before.
    Nothing,
    /// It was not read to its end: a stream may be ended early, and nobody tells.
    Unclear,
}

/// Looks through the present log, or the `previous` one. Takes nothing.
pub(super) async fn look_through(scene: &Scene, instance: &Instance, previous: bool) -> Found {
    let found = tokio::time::timeout(LOOKING, looked(scene, instance, previous)).await;
    found.ok().flatten().unwrap_or(Found::Unclear)
}

/// None: it could not be read.
async fn looked(scene: &Scene, instance: &Instance, previous: bool) -> Option<Found> {
    let whole = Wanted {
        previous,
        ..Wanted::of(scene, instance, false)
    };
    let last = Wanted {
        tail: Some(1),
        ..whole.clone()
    };
    let held = hold(scene, &last).await.ok().filter(|held| held.whole)?;
    let last = held.lines.last();
    let mut stream = open(&scene.pods, &whole).await.ok()?;
    let (mut line, mut to_its_end) = (Vec::new(), last.is_none());
    loop {
        match next_line(&mut stream, &mut line).await.ok()? {
            Read::Line if instance.log().knows(&line) => return Some(Found::Known),
            Read::Line => to_its_end |= last == Some(&line),
            Read::TooLong => {}
            Read::End if to_its_end => return Some(Found::Nothing),
            Read::End => return Some(Found::Unclear),
        }
        line.clear();
    }
}
