//! Ctrl-C and SIGTERM: once to stop in order, twice to leave at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// Exit status of a program that a signal ended, as shells report SIGINT.
const LEFT_AT_ONCE: i32 = 130;

/// A token that the first signal cancels; the second one ends the process.
///
/// # Errors
/// [`Error::Usage`] if the system refuses the handlers.
pub fn on_signals() -> Result<CancellationToken, Error> {
    let refused = |error: std::io::Error| Error::Usage(format!("cannot handle signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if told.is_cancelled() {
                tracing::warn!("left at once; the bundle says that it is incomplete");
                std::process::exit(LEFT_AT_ONCE);
            }
            tracing::warn!("stopping; once more leaves at once");
            told.cancel();
        }
    });
    Ok(token)
}
