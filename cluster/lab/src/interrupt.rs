//! Ctrl-C, SIGTERM and SIGHUP, which all ask for the same: an end in order.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::Error;

/// How often it was asked for the end, from the program's beginning on: what comes while nobody
/// looks is not lost.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<u32>);

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// [`Error::Usage`] if the system refuses the handlers.
    pub fn listen() -> Result<Self, Error> {
        let (asked, receiver) = watch::channel(0);
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        // `nohup` has it ignored, and means it.
        if !ignores_hangup(&std::fs::read_to_string("/proc/self/status").unwrap_or_default()) {
            kinds.push(SignalKind::hangup());
        }
        for kind in kinds {
            let asked = asked.clone();
            let mut signals = signal(kind)
                .map_err(|error| Error::Usage(format!("cannot handle signals: {error}")))?;
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    asked.send_modify(|times| *times += 1);
                }
            });
        }
        Ok(Self(receiver))
    }

    /// How often it was asked for the end.
    #[must_use]
    pub fn times(&self) -> u32 {
        *self.0.borrow()
    }

    /// Returns when it was asked for more often than that.
    pub async fn more_than(&self, times: u32) {
        let mut asked = self.0.clone();
        if asked.wait_for(|now| *now > times).await.is_err() {
            // Nobody listens any more, so nobody will ask.
            std::future::pending::<()>().await;
        }
    }

    /// Does the work unless the end is asked for, also if that was before: then the work is dropped,
    /// and what it has started with it.
    ///
    /// # Errors
    /// [`Error::Interrupted`], or those of the work.
    pub async fn or<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.more_than(0) => Err(Error::Interrupted),
            done = work => done,
        }
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
    use super::*;

    #[test]
    fn a_hangup_that_is_ignored_is_the_first_bit() {
        for (status, ignored) in [
            (
                "Name:\tlab\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000",
                true,
            ),
            (
                "SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(ignores_hangup(status), ignored, "{status}");
        }
    }

    #[tokio::test]
    async fn what_was_asked_before_is_not_forgotten() {
        let (asked, receiver) = watch::channel(0);
        let interrupt = Interrupt(receiver);
        assert!(interrupt.or(async { Ok(()) }).await.is_ok());
        asked.send_modify(|times| *times += 1);
        let ended = interrupt.or(async { Ok(()) }).await;
        assert!(matches!(ended, Err(Error::Interrupted)), "{ended:?}");
        let at_once = std::time::Duration::from_millis(50);
        for (times, over) in [(0, true), (1, false)] {
            let waited = tokio::time::timeout(at_once, interrupt.more_than(times)).await;
            assert_eq!(waited.is_ok(), over, "more than {times}");
        }
    }
}
