//! Hearing a load out: from the console of a guest, or from what a script says.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::time::{Instant, timeout_at};

use super::said::Said;

/// How long a guest may say nothing before it is up, on a machine that is busy.
const BOOTING: Duration = Duration::from_secs(180);
/// Bytes of a line; of a longer one each such piece counts as a line.
const LONGEST_LINE: u64 = 65_536;

/// Listens until all is done, the console is closed, nothing is said for [`BOOTING`] before the
/// guest is up, or all of it takes longer than `patience`, whatever is said.
pub(super) async fn listen(console: impl AsyncRead + Unpin, patience: Duration) -> Said {
    listen_for(console, BOOTING, patience).await
}

async fn listen_for(
    console: impl AsyncRead + Unpin,
    booting: Duration,
    patience: Duration,
) -> Said {
    let mut reader = BufReader::new(console);
    let (mut said, mut line) = (Said::default(), Vec::new());
    let last = Instant::now() + patience;
    while !said.done {
        let until = match said.booted {
            true => last,
            false => last.min(Instant::now() + booting),
        };
        let mut part = (&mut reader).take(LONGEST_LINE);
        let read = timeout_at(until, part.read_until(b'\n', &mut line)).await;
        match read {
            Ok(Ok(1..)) => said.line(String::from_utf8_lossy(&line).trim_end()),
            Ok(_) => {
                said.ended = true;
                break;
            }
            Err(_) => {
                said.late = (until == last).then_some(patience);
                break;
            }
        }
        line.clear();
    }
    said
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    const BOOTING: Duration = Duration::from_millis(200);
    const PATIENCE: Duration = Duration::from_millis(400);

    /// What is heard of a guest that says `first`, then `again` for ever, and how long that took.
    async fn heard(
        first: &'static str,
        again: &'static str,
        patience: Duration,
    ) -> (Said, Duration) {
        let (console, mut guest) = tokio::io::duplex(1 << 20);
        let guest = tokio::spawn(async move {
            guest.write_all(first.as_bytes()).await.ok();
            while guest.write_all(again.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let began = Instant::now();
        let said = listen_for(console, BOOTING, patience).await;
        guest.abort();
        (said, began.elapsed())
    }

    #[tokio::test]
    async fn whatever_a_guest_says_it_is_ended_in_time() {
        // One that goes on complaining, before it is up and after; one that says no more.
        for (first, again) in [
            ("", "a line\n"),
            ("#replay booted\n", "a line\n"),
            ("#replay booted\n", "no end of a line"),
            ("#replay booted\n#replay loading\n", ""),
        ] {
            let (said, took) = heard(first, again, PATIENCE).await;
            assert_eq!(said.late, Some(PATIENCE), "{first}");
            assert!(took >= PATIENCE, "{took:?}");
        }
        // One that says nothing at all does not get so long, unless less is asked for.
        let (said, _) = heard("", "", Duration::from_secs(600)).await;
        assert!(said.late.is_none() && !said.ended && !said.booted);
        let short = BOOTING / 4;
        let (said, _) = heard("", "", short).await;
        assert_eq!(said.late, Some(short));
    }

    #[tokio::test]
    async fn one_that_is_done_is_left() {
        let long = Duration::from_secs(600);
        let (said, _) = heard("#replay booted\n#replay done\n", "more\n", long).await;
        assert!(said.done && said.late.is_none());
        let said = listen(&b"#replay booted\n"[..], long).await;
        assert!(said.ended && said.booted && !said.done);
    }
}
