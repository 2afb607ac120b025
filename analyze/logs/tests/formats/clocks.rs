//! Years, zones, and what clocks do.

use kube_proxy_logs::{Hints, Source};

use crate::reading::{files_of, ns, of, text};

fn complete(date: &str, time: &str) -> String {
    format!(
        "I{date} {time:0<15}       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"4s\"\n"
    )
}

#[test]
fn a_wrapper_gives_year_and_zone() {
    // A header in UTC, the runtime's stamp in summer time; a process in CST under a UTC stamp.
    for (line, end) in [
        (
            "2025-08-06T10:38:13.342405728+02:00 stderr F I0806 08:38:13.341625       1 proxier.go:1] \"SyncProxyRules complete\" elapsed=\"4s\"",
            "2025-08-06T08:38:13.341625Z",
        ),
        (
            "2025-12-31T23:59:59.1Z stderr F I0101 07:59:59.000000       1 proxier.go:1] \"SyncProxyRules complete\" elapsed=\"4s\"",
            "2025-12-31T23:59:59Z",
        ),
        (
            "{\"MESSAGE\":\"I0806 16:38:13.341625 1 proxier.go:1] \\\"SyncProxyRules complete\\\" elapsed=\\\"4s\\\"\",\"__REALTIME_TIMESTAMP\":\"1754469493342405\"}",
            "2025-08-06T08:38:13.341625Z",
        ),
        // The same behind a pod's name: the object's own stamp counts.
        (
            "kube-proxy-x {\"log\":\"I0806 16:38:13.341625 1 proxier.go:1] \\\"SyncProxyRules complete\\\" elapsed=\\\"4s\\\"\\n\",\"time\":\"2025-08-06T08:38:13.342405728Z\"}",
            "2025-08-06T08:38:13.341625Z",
        ),
        // Both without zone: local time stays what it says.
        (
            "Aug 06 16:38:13 node k3s[1]: I0806 16:38:13.341625       1 proxier.go:1] \"SyncProxyRules complete\" elapsed=\"4s\"",
            "2025-08-06T16:38:13.341625Z",
        ),
    ] {
        let reading = text(line);
        assert_eq!(reading.syncs.at(0).end_ns, Some(ns(end)), "{line}");
    }
}

#[test]
fn the_year_is_the_users_then_the_bundles_then_the_files() {
    let log = complete("0306", "10:00:00.5");
    let year = |reading: &kube_proxy_logs::Reading| {
        (
            reading.syncs.at(0).end_ns.unwrap(),
            reading.inputs[0].year_guessed,
        )
    };
    let given = files_of(&[("a.log", log.as_bytes())], Some(2019));
    assert_eq!(year(&given), (ns("2019-03-06T10:00:00.5Z"), false));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    std::fs::write(&path, &log).unwrap();
    let near = Hints {
        near_ns: Some(ns("2021-01-02T00:00:00Z")),
        ..Hints::default()
    };
    let hinted = of(vec![Source::file(&path).with(near)], None);
    assert_eq!(year(&hinted), (ns("2021-03-06T10:00:00.5Z"), false));

    let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_836_800); // 2020
    std::fs::File::open(&path)
        .unwrap()
        .set_modified(written)
        .unwrap();
    let guessed = of(vec![Source::file(&path)], None);
    assert_eq!(year(&guessed), (ns("2019-03-06T10:00:00.5Z"), true));
    assert_eq!(guessed.warnings[0].code, "year_guessed");
}

#[test]
fn a_rotations_name_tells_the_year() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("0.log.20231015-123456");
    std::fs::write(&path, complete("1014", "10:00:00.5")).unwrap();
    let reading = of(kube_proxy_logs::discover(&path).unwrap(), None);
    assert_eq!(
        reading.syncs.at(0).end_ns,
        Some(ns("2023-10-14T10:00:00.5Z"))
    );
    assert!(!reading.inputs[0].year_guessed);
}

#[test]
fn a_new_year_comes_only_after_december() {
    let log = complete("1231", "23:59:58.0")
        + &complete("0101", "00:00:01.0")
        + &complete("1231", "23:59:59.0")
        + &complete("0101", "00:05:00.0");
    let mut ends: Vec<i64> = text(&log)
        .syncs
        .iter()
        .map(|sync| sync.end_ns.unwrap())
        .collect();
    ends.sort_unstable();
    assert_eq!(
        ends,
        [
            ns("2025-12-31T23:59:58Z"),
            ns("2025-12-31T23:59:59Z"),
            ns("2026-01-01T00:00:01Z"),
            ns("2026-01-01T00:05:00Z"),
        ]
    );
    // A sync across midnight begins in the old year.
    let reading = text(&complete("0101", "00:00:01.0"));
    assert_eq!(
        reading.syncs.at(0).start_ns,
        Some(ns("2024-12-31T23:59:57Z"))
    );
}

#[test]
fn no_date_stops_the_reading() {
    for date in ["0229", "0230", "1301", "0000", "9999"] {
        let _ = text(&complete(date, "10:00:00.5"));
        let _ = text(&complete(date, "24:00:60.5"));
    }
    let leap = text(&complete("0229", "10:00:00.5"));
    assert_eq!(leap.syncs.at(0).elapsed_ns, Some(4_000_000_000));
    for year in ["0000", "0001", "9999"] {
        let line = format!(
            "{year}-01-01T00:00:00Z stderr F {}",
            complete("0101", "00:00:00.0")
        );
        assert_eq!(text(&line).syncs.len(), 1, "{line}");
    }
}

#[test]
fn a_collector_that_stamps_late_moves_no_line() {
    // Each line is stamped so many seconds after it was logged.
    for (late, warned) in [
        (vec![0, 0, 0], false),
        (vec![100, 110, 90], false),
        (vec![0, 451, 899], true),
        (vec![0, 905, 1_000], true),
        (vec![8_674, 8_674, 8_674], true),
        (vec![90_000, 90_000, 90_000], true),
        (vec![430, 700, 900], true),
    ] {
        let log: String = late
            .iter()
            .zip(10..)
            .map(|(late, minute)| {
                let stamp = ns("2025-08-06T08:00:00Z") + (minute * 60 + late) * 1_000_000_000;
                let line = complete("0806", &format!("08:{minute}:00.5"));
                let line = line.trim_end().replace('"', "\\\"");
                format!("{{\"message\":\"{line}\",\"timestamp\":{stamp}}}\n")
            })
            .collect();
        let reading = text(&log);
        let ends: Vec<i64> = reading
            .syncs
            .iter()
            .map(|sync| sync.end_ns.unwrap())
            .collect();
        let right = [10, 11, 12].map(|minute| ns(&format!("2025-08-06T08:{minute}:00.5Z")));
        assert_eq!(ends, right, "{late:?}");
        let told = crate::reading::codes(&reading).contains(&"late_stamps");
        assert_eq!(told, warned, "{late:?}");
    }
}

#[test]
fn the_29th_of_february_in_a_year_that_has_none_is_told() {
    let log = "I0229 10:00:30.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2s\"\n";
    for (year, told) in [(2024, false), (2025, true), (2000, false), (2100, true)] {
        let reading = crate::reading::files_of(&[("a.log", log.as_bytes())], Some(year));
        let codes = crate::reading::codes(&reading);
        assert_eq!(codes.contains(&"no_such_day"), told, "{year}");
    }
}
