//! Lines that the grammar reads, and what it makes of them.

use super::*;

fn ns(text: &str) -> i64 {
    nanos(text.parse().unwrap())
}

#[test]
fn time_stamps_of_many_makers() {
    for (text, moment, rest) in [
        (
            "2025-10-15T12:35:54.334108123Z x",
            "2025-10-15T12:35:54.334108123Z",
            " x",
        ),
        (
            "2025-08-06T10:38:13.3424+02:00 stderr",
            "2025-08-06T08:38:13.3424Z",
            " stderr",
        ),
        (
            "2025-11-29T10:00:26,5+00:00 x",
            "2025-11-29T10:00:26.5Z",
            " x",
        ),
        ("2025-11-29T10:00:26-0330 h", "2025-11-29T13:30:26Z", " h"),
        (
            "2025-11-29 10:00:26.123 UTC\tx",
            "2025-11-29T10:00:26.123Z",
            "\tx",
        ),
        (
            "2025-11-29 10:00:26.123 CET\"x\"",
            "2025-11-29T09:00:26.123Z",
            "\"x\"",
        ),
        ("2025-11-29T10:00:26\tx", "2025-11-29T10:00:26Z", "\tx"),
    ] {
        assert_eq!(
            rfc3339(text.as_bytes()),
            Some((ns(moment), rest.as_bytes())),
            "{text}"
        );
    }
    for text in [
        "",
        "2025-13-01T00:00:00Z",
        "2025-11-29",
        "2025-11-29T10:00:2",
        "x",
    ] {
        assert_eq!(rfc3339(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_wrapper_gives_year_and_zone() {
    let header = Yearless::new(8, 6, 8, 38, 13, 341_625_000).unwrap();
    let outer = At::Known(ns("2025-08-06T08:38:13.342405728Z"));
    assert_eq!(
        complete(outer, Some(header)).known(),
        Some(ns("2025-08-06T08:38:13.341625Z"))
    );
    // A process in CST, a runtime in UTC.
    let header = Yearless::new(1, 1, 7, 59, 59, 0).unwrap();
    let outer = At::Known(ns("2025-12-31T23:59:59.1Z"));
    assert_eq!(
        complete(outer, Some(header)).known(),
        Some(ns("2025-12-31T23:59:59Z"))
    );
}

#[test]
fn host_clocks() {
    let (moment, rest) = ctime(b"Sat Nov 29 10:00:26 2025] x").unwrap();
    assert_eq!((moment, rest), (ns("2025-11-29T10:00:26Z"), &b"] x"[..]));
    let (moment, rest) = syslog(b"Nov  9 10:00:26 host kernel: x").unwrap();
    assert_eq!(moment.in_year(2025), ns("2025-11-09T10:00:26Z"));
    assert_eq!(rest, b" host kernel: x");
}
