//! How far the API server's clock is ahead of ours, by the `Date` of its answers.

use std::time::Duration;

use bundle::{ClockSkew, SkewSample};
use chrono::{DateTime, Utc};
use kube::Client;
use kube::client::Body;

/// Answers that are asked for: `Date` has whole seconds, the moments in between narrow it down.
const ASKED: u32 = 4;
/// Time between two of them.
const APART: Duration = Duration::from_millis(270);
/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Measures; none if no answer has a date.
pub async fn server_clock(client: &Client) -> Option<ClockSkew> {
    let mut bounds: Option<(f64, f64)> = None;
    for number in 0..ASKED {
        if number > 0 {
            tokio::time::sleep(APART).await;
        }
        let asked = Utc::now();
        let Ok(Some(date)) = tokio::time::timeout(ANSWER, date(client)).await else {
            continue;
        };
        let answered = Utc::now();
        let found = between(date, asked, answered);
        bounds = Some(bounds.map_or(found, |known| narrowed(known, found)));
    }
    let (least, most) = bounds?;
    let sample = SkewSample {
        at: Utc::now(),
        ahead_s: f64::midpoint(least, most),
    };
    ClockSkew::of(vec![sample], ((most - least) / 2.0).max(0.05))
}

async fn date(client: &Client) -> Option<DateTime<Utc>> {
    let request = http::Request::get("/version").body(Body::empty()).ok()?;
    let answer = client.send(request).await.ok()?;
    let date = answer.headers().get(http::header::DATE)?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    Some(date.with_timezone(&Utc))
}

/// Least and most seconds that a clock is ahead which showed the whole second `date` at some
/// moment between `asked` and `answered` of ours.
fn between(date: DateTime<Utc>, asked: DateTime<Utc>, answered: DateTime<Utc>) -> (f64, f64) {
    let seconds = |since: DateTime<Utc>| (date - since).num_milliseconds() as f64 / 1e3;
    (seconds(answered), seconds(asked) + 1.0)
}

/// What both measurements allow; the newer one where they exclude each other.
fn narrowed(known: (f64, f64), found: (f64, f64)) -> (f64, f64) {
    let (least, most) = (known.0.max(found.0), known.1.min(found.1));
    if least <= most { (least, most) } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
    }

    #[test]
    fn whole_seconds_bound_the_skew_and_several_narrow_it() {
        // A clock 90 s behind ours, asked at .2 and at .9 of its second.
        let first = between(time(-90_000), time(190), time(210));
        assert_eq!(first, (-90.21, -89.19));
        let second = between(time(-90_000), time(890), time(910));
        let (least, most) = narrowed(first, second);
        assert!(least <= -90.0 && -90.0 <= most, "{least} {most}");
        assert!(most - least < 0.5, "{least} {most}");
        assert_eq!(narrowed(first, (5.0, 6.0)), (5.0, 6.0));
    }
}
