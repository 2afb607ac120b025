//! What could not be read is said, counted and named.

use std::io::Write as _;

use kube_proxy_logs::{Fault, Visibility};

use crate::reading::{codes, files, rows, text};

/// A log of a process that lived so many seconds, of ten lines.
fn lived(version: &str, word: &str, seconds: u32) -> String {
    let line = |at: u32, body: &str| {
        let (minute, second) = (at / 60, at % 60);
        format!("I0306 10:{minute:02}:{second:02}.000000       1 server_others.go:132] {body}\n")
    };
    let start = line(0, version).replace("server_others", "server") + &line(0, word);
    start + &line(1, "some line").repeat(7) + &line(seconds, "the last line")
}

#[test]
fn too_low_a_verbosity_is_no_absence_of_syncs() {
    for (log, visibility) in [
        // kubeadm's default: start-up lines and errors only.
        (
            "I0306 10:00:00.000000       1 server.go:677] \"Version info\" version=\"v1.36.1\"\n\
             I0306 10:00:00.000000       1 server_linux.go:132] \"Using nftables Proxier\"\n\
             I0306 10:00:01.000000       1 proxier.go:1] \"Deleting stale nftables chains\" ipFamily=\"IPv4\" numChains=3\n",
            Visibility::TooLow(2),
        ),
        // It started, and nothing is known of the time after.
        (
            "I0306 10:00:00.000000       1 server.go:677] \"Version info\" version=\"v1.36.1\"\n\
             I0306 10:00:00.000000       1 server_linux.go:132] \"Using nftables Proxier\"\n",
            Visibility::NoSync,
        ),
        // A line of some moment: it is kube-proxy that speaks, and nothing more is known.
        (
            "E0306 10:00:00.000000       1 proxier.go:1] \"Failed to list existing nftables objects\" err=\"exit status 1\" ipFamily=\"IPv4\"\n",
            Visibility::NoSync,
        ),
        // It exited at once.
        (
            "I0306 10:00:00.000000       1 server.go:677] \"Version info\" version=\"v1.36.1\"\n\
             E0306 10:00:00.000000       1 server.go:500] \"Error running ProxyServer\" err=\"x\"\n",
            Visibility::NoSync,
        ),
        // iptables printed durations at level 4 before 1.19, at level 2 since.
        (
            &lived("Version: v1.18.20", "Using iptables Proxier.", 60),
            Visibility::TooLow(4),
        ),
        (
            &lived("Version: v1.19.0", "Using iptables Proxier.", 60),
            Visibility::TooLow(2),
        ),
        (
            &lived("Version: v1.19.0", "Using iptables Proxier.", 59),
            Visibility::NoSync,
        ),
        (
            &lived("Version: v1.19.0", "sync-runner Loop running", 60),
            Visibility::NoSync,
        ),
        // ipvs at the usual level.
        (
            "I0306 10:00:00.000000       1 flags.go:64] FLAG: --v=\"2\"\n\
             I0306 10:00:00.000000       1 server_linux.go:132] \"Using ipvs Proxier\"\n",
            Visibility::TooLow(4),
        ),
        (
            "I0306 10:00:00.000000       1 flags.go:64] FLAG: --v=\"3\"\n\
             I0306 10:00:00.000000       1 server_linux.go:132] \"Using iptables Proxier\"\n",
            Visibility::NoSync,
        ),
        (
            "I0306 10:00:00.000000       1 proxier.go:1] \"Syncing nftables rules\" ipFamily=\"IPv4\"\n",
            Visibility::NoSync,
        ),
        ("nothing of the kind\n", Visibility::Nothing),
        ("", Visibility::Nothing),
    ] {
        let reading = text(log);
        assert_eq!(reading.inputs[0].visibility, visibility, "{log}");
        let code = match visibility {
            Visibility::TooLow(_) => Some("verbosity_too_low"),
            Visibility::Nothing => Some("nothing_found"),
            Visibility::NoSync if !log.contains("Syncing") => Some("no_sync_completed"),
            _ => None,
        };
        let found = codes(&reading)
            .into_iter()
            .find(|code| *code != "year_guessed");
        assert_eq!(found, code, "{log}");
        if let Visibility::TooLow(level) = visibility {
            assert!(
                reading.warnings[0]
                    .message
                    .contains(&format!("--v={level}")),
                "{log}"
            );
            assert_eq!(reading.warnings[0].input.as_deref(), Some("a.log"));
        }
    }
}

#[test]
fn unread_lines_are_counted_by_reason_and_the_first_is_named() {
    let header = "I0306 10:00:00.000000       1 proxier.go:1] ";
    let log = format!(
        "{header}\"SyncProxyRules complete\" ipFamily=\"IPv4\"\n\
         {header}\"SyncProxyRules complete\" elapsed=1.5\n\
         {header}\"SyncProxyRules complete\" elapsed=\"soon\"\n\
         {header}\"Reloading service nftables data\" numServices=3\n\
         {{\"ts\":1,\"msg\":\"SyncProxyRules complete\"\n\
         {header}\"SyncProxyRules comp"
    );
    let reading = text(&log);
    let found: Vec<_> = reading.inputs[0]
        .malformed
        .iter()
        .map(|(fault, count)| (*fault, count.lines, count.first))
        .collect();
    assert_eq!(
        found,
        [
            (Fault::NoDuration, 3, 1),
            (Fault::NoCounts, 1, 4),
            (Fault::BadJson, 1, 5),
            (Fault::Cut, 1, 6),
        ]
    );
    assert!(rows(&reading).is_empty() || reading.syncs.iter().all(|sync| sync.end_ns.is_none()));
}

#[test]
fn a_cut_archive_gives_what_stands_before_the_cut() {
    let line = "I0306 10:00:00.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"4s\"\n";
    // Bytes that do not shrink, so that half of the archive is half of the text.
    let mut noise = String::new();
    let mut state = 1u64;
    for _ in 0..20_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.push_str(&format!("{state:x}\n"));
    }
    let whole = format!("{line}{noise}");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(whole.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let reading = files(&[("a.log.gz", &packed[..packed.len() / 2])]);
    assert_eq!(rows(&reading), ["1 IPv4 ok 4.000"]);
    assert!(codes(&reading).contains(&"broken_file"));
}

#[test]
fn no_input_stops_the_reading() {
    let line = "I0306 10:00:00.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"4s\"\n";
    let long = format!("{}{line}", "x".repeat(3_000_000));
    for bytes in [
        &b"\x00\x01\x02\xff\xfe\n"[..],
        b"\xff\xfeI\x000\x00",
        b"\x1f\x8b",
        b"\x1f\x8b\x08\x00junk",
        b"\x28\xb5\x2f\xfdjunk",
        b"{\n",
        b"[\n  {\n",
        b"{\"log\":\"x",
        b"__CURSOR=x\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff",
        b"__CURSOR=x\nMESSAGE\n\x05",
        b"[pod/",
        b"[pod/]",
        b"==== START logs for container ",
        b"2025-11-29T10:00:26Z stderr P SyncProxyRules",
        b"soft lockup - CPU#99999999999999999999 stuck for 1s! [:]",
        b"watchdog: BUG: soft lockup - CPU#1 stuck for 18446744073709551615s! [a:b]\n",
        b"[ 1e308.0] watchdog: BUG: soft lockup - CPU#1 stuck for 1s! [a:1]\n",
        b"Nov",
        b"\n\n\n",
        b"\r\n",
        long.as_bytes(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, bytes).unwrap();
        let request = kube_proxy_logs::Request {
            sources: kube_proxy_logs::discover(&path).unwrap(),
            ..kube_proxy_logs::Request::default()
        };
        // An error is an answer; a panic is none.
        match kube_proxy_logs::read(&request, &kube_proxy_logs::Silent) {
            Ok(reading) => assert_eq!(reading.inputs.len(), 1),
            Err(error) => assert!(error.to_string().contains("a.log"), "{error}"),
        }
    }
    assert_eq!(
        rows(&text(&long)).len(),
        0,
        "a header in the middle of a long line is no line"
    );
}

#[test]
fn a_damaged_count_is_none_and_counted() {
    for (endpoints, known) in [
        ("100000000", true),
        ("100000001", false),
        ("18446744073709551615", false),
    ] {
        let log = format!(
            "I0306 10:00:00.000000       1 proxier.go:1] \"Reloading service nftables data\" ipFamily=\"IPv4\" numServices=3 numEndpoints={endpoints}\n\
             I0306 10:00:01.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2s\"\n"
        );
        let reading = text(&log);
        assert_eq!(
            reading.syncs.at(0).endpoints.is_some(),
            known,
            "{endpoints}"
        );
        assert_eq!(
            reading.inputs[0].malformed.contains_key(&Fault::NoCounts),
            !known
        );
    }
}

#[test]
fn words_before_the_duration() {
    for body in [
        "userspace syncProxyRules took 50.5ms",
        "[debug] syncProxyRules took 50.5ms",
    ] {
        let reading = text(&format!(
            "I0306 10:00:00.000000       1 proxier.go:350] {body}\n"
        ));
        assert_eq!(reading.syncs.at(0).elapsed_ns, Some(50_500_000), "{body}");
    }
}

#[test]
fn a_log_without_families_copied_behind_itself_counts_once() {
    let mut log = String::new();
    for minute in 0..4 {
        log += &format!(
            "I0306 10:0{minute}:00.000100       1 proxier.go:1] \"Syncing iptables rules\"\n\
             I0306 10:0{minute}:10.000000       1 proxier.go:1] \"Reloading service iptables data\" numServices=3 numEndpoints=9\n\
             I0306 10:0{minute}:30.000000       1 proxier.go:1] \"SyncProxyRules complete\" elapsed=\"30s\"\n"
        );
    }
    let once = text(&log);
    let twice = text(&(log.clone() + &log));
    assert_eq!(rows(&twice).len(), 4);
    let said = |reading: &kube_proxy_logs::Reading| -> Vec<_> {
        reading
            .syncs
            .iter()
            .map(|s| (s.end_ns, s.build_ns, s.endpoints))
            .collect()
    };
    assert_eq!(said(&once), said(&twice));
    assert!(codes(&twice).contains(&"duplicate_lines"));
}

/// Found by fuzzing: a blank behind a value without its closing quote.
#[test]
fn blanks_at_the_end_change_nothing() {
    for value in ["\"2m3.25s ", "\"2m3.25s", "\"2m3.25s\" ", "\"2m3.25s\"\t"] {
        let line = format!(
            "I0306 10:00:00.000000       1 proxier.go:1] \"SyncProxyRules complete\" elapsed={value}"
        );
        let wrapped = serde_json::json!({"message": line}).to_string();
        for log in [line, wrapped] {
            let elapsed = text(&(log.clone() + "\n"))
                .syncs
                .first()
                .and_then(|s| s.elapsed_ns);
            assert_eq!(elapsed, Some(123_250_000_000), "{log}");
        }
    }
}

/// A damaged number that is still a number: other lines deny it.
#[test]
fn a_duration_that_other_lines_deny_is_told() {
    let log = |elapsed: &str| {
        format!(
            "I0612 08:00:00.000100       1 proxier.go:1] \"Syncing nftables rules\" ipFamily=\"IPv4\"\n\
             I0612 08:00:01.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"1s\"\n\
             I0612 08:03:00.000100       1 proxier.go:1] \"Syncing nftables rules\" ipFamily=\"IPv4\"\n\
             I0612 08:05:00.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{elapsed}\"\n"
        )
    };
    for (elapsed, told) in [
        ("2m0s", None),
        // Taking in what changed took a while before the first line.
        ("2m55s", None),
        ("3m1s", Some("contradicted_durations")),
        // It would have begun before the one before it ended.
        ("4m30s", Some("contradicted_durations")),
        ("2.0s", Some("lost_lines")),
    ] {
        let reading = text(&log(elapsed));
        let found = codes(&reading);
        assert_eq!(found.first().copied(), told, "{elapsed}: {found:?}");
    }
    // Its first line is not there, and the sync before it is.
    for (elapsed, told) in [("4m59.9s", false), ("5m0.1s", true)] {
        let log: String = log(elapsed)
            .lines()
            .enumerate()
            .filter(|(at, _)| *at != 2)
            .map(|(_, line)| line.to_owned() + "\n")
            .collect();
        let reading = text(&log);
        let found = codes(&reading).contains(&"contradicted_durations");
        assert_eq!(found, told, "{elapsed}");
    }
}

/// A collector that stamps in its own local time, or an hour late, looks like another zone.
#[test]
fn a_clock_of_another_zone_is_told() {
    for (stamp, told) in [
        ("2025-06-12T08:00:01Z", false),
        ("2025-06-12 10:00:01", true),
        ("2025-06-12T10:00:01+02:00", false),
        ("2025-06-12T02:30:01Z", true),
    ] {
        let reading = text(&format!(
            "{stamp} I0612 08:00:01.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"1s\"\n"
        ));
        assert_eq!(codes(&reading).contains(&"zone_of_stamps"), told, "{stamp}");
    }
}

/// What another part of the file wrote is no evidence of a pod's verbosity.
#[test]
fn a_part_of_a_file_is_not_advised_for_the_lines_of_another() {
    let mut log = "[pod/kube-proxy-a/kube-proxy] I0612 08:00:00.000000       1 server.go:1] \"Version info\" version=\"v1.33.1\"\n".to_owned();
    for second in 0..40 {
        log += &format!(
            "[pod/kube-proxy-b/kube-proxy] I0612 08:02:{second:02}.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"1s\"\n"
        );
    }
    let reading = text(&log);
    assert!(
        !codes(&reading).contains(&"verbosity_too_low"),
        "{:?}",
        reading.warnings
    );
}
