//! Ctrl-C, SIGTERM and SIGHUP: once to stop in order, twice to leave at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
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
    // `nohup` has it ignored, and means it.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut hangup = match ignores_hangup(&status) {
        true => None,
        false => Some(signal(SignalKind::hangup()).map_err(refused)?),
    };
    let signals = Signals::default();
    let told = signals.clone();
    tokio::spawn(async move {
        loop {
            let by_the_system = tokio::select! {
                _ = interrupt.recv() => false,
                _ = terminate.recv() => true,
                () = received(&mut hangup) => false,
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

/// Returns with the next signal, never where it is not listened for.
async fn received(signals: &mut Option<Signal>) {
    match signals {
        Some(signals) => {
            signals.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether `/proc/PID/status` says that SIGHUP, the first of the signals, is ignored.
///
/// ```text
/// SigIgn: 0000000000001001
/// ```
fn ignores_hangup(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::ignores_hangup;

    #[test]
    fn a_hangup_that_is_ignored_is_the_first_bit() {
        for (status, ignored) in [
            ("Name:\tdriver\nSigIgn:\t0000000000001001\n", true),
            (
                "SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(ignores_hangup(status), ignored, "{status}");
        }
    }
}
