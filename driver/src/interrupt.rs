//! Ctrl-C and SIGTERM: once to stop in order, twice to leave at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// Exit status of a program that a signal ended, as shells report SIGINT.
const LEFT_AT_ONCE: i32 = 130;

/// What the first signal cancels.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Either signal: stop in order.
    pub shutdown: CancellationToken,
    /// SIGTERM alone, and before the other: it is the system that wants this process gone, as where a
    /// pod is moved, and not a person who has seen enough.
    pub evicted: CancellationToken,
}

/// Tokens that the first signal cancels; the second one ends the process.
///
/// # Errors
/// [`Error::Usage`] if the system refuses the handlers.
pub fn on_signals() -> Result<Signals, Error> {
    let refused = |error: std::io::Error| Error::Usage(format!("cannot handle signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let signals = Signals::default();
    let told = signals.clone();
    tokio::spawn(async move {
        loop {
            let by_the_system = tokio::select! {
                _ = interrupt.recv() => false,
                _ = terminate.recv() => true,
            };
            if told.shutdown.is_cancelled() {
                tracing::warn!("left at once; the bundle says that it is incomplete");
                std::process::exit(LEFT_AT_ONCE);
            }
            tracing::warn!("stopping; once more leaves at once");
            if by_the_system {
                told.evicted.cancel();
            }
            told.shutdown.cancel();
        }
    });
    Ok(signals)
}
