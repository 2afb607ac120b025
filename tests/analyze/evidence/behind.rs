//! What lies behind the averages: kernel complaints, metrics, the families' lock, scaling.

use crate::fixture::*;
use serde_json::{Value as Json, json};

/// 2^30 ns, the unit of `stuck for`.
const UNIT_S: f64 = 1.073_741_824;

fn lockup(second: f64, cpu: u32, counter: u32, function: &str) -> String {
    let time = dmesg_time(second);
    format!(
        "{time} watchdog: BUG: soft lockup - CPU#{cpu} stuck for {counter}s! [nft:4242]\n\
         {time} CPU: {cpu} PID: 4242 Comm: nft Tainted: G             L     6.1.144 #1\n\
         {time} RIP: 0010:{function}+0x64/0x90 [nf_tables]\n"
    )
}

#[test]
fn lockups_fall_in_the_sync_that_they_held_up() {
    let syncs = vec![
        Sync::new(0.0, 1.0, 1.0, 5_000),
        // Commit from 110 to 310.
        Sync::new(100.0, 10.0, 200.0, 10_000),
    ];
    let kernel = [
        lockup(150.0, 3, 26, "__nft_set_trans_bind.isra.0"),
        lockup(180.0, 3, 52, "__nft_set_trans_bind"),
        // Another CPU, locked up in the very same time: it counts once.
        lockup(180.0, 5, 26, "nft_set_lookup_global"),
    ];
    let node = Node::new("a", "6.1.144", syncs).file("kernel.log", kernel.concat());
    let report = results(&bundle(Bundle::of(vec![node])), &[]);
    let events = report["kernel_events"].as_array().unwrap();
    assert_eq!(events.len(), 3);
    same(&events[1]["seconds"], 52.0 * UNIT_S);
    assert_eq!(events[1]["reported"], 52);
    assert_eq!(events[1]["function"], "__nft_set_trans_bind");
    assert_eq!(events[0]["episode"], events[1]["episode"]);
    assert_ne!(events[1]["episode"], events[2]["episode"]);
    assert!(events.iter().all(|event| event["during_sync"] == 1));
    let summary = &report["lockups"][0];
    assert_eq!(
        (&summary["reports"], &summary["episodes"]),
        (&json!(3), &json!(2))
    );
    same(&summary["longest_s"], 52.0 * UNIT_S);
    // From 26 units before 150 to 180: 57.9 of the commit's 200 seconds.
    same(&summary["commit_s"], 200.0);
    assert!((summary["locked_s"].as_f64().unwrap() - (26.0 * UNIT_S + 30.0)).abs() < 1e-6);
    assert_eq!(summary["functions"][0], json!(["__nft_set_trans_bind", 2]));
    assert_eq!(
        (&summary["syncs"], &summary["events"]),
        (&json!([1]), &json!([0, 1, 2]))
    );
    let said = sentences(&report);
    assert!(
        said.contains("printed 3 reports of a soft lockup in 2 episodes, the longest 55.8 s")
            && said.contains("most often in __nft_set_trans_bind (2 of 3); 29 % of the commits"),
        "{said}"
    );
}

fn metrics(sum: f64, count: u64, last: f64) -> String {
    let name = "kubeproxy_sync_proxy_rules";
    format!(
        "# TYPE {name}_duration_seconds histogram\n\
         {name}_duration_seconds_bucket{{ip_family=\"IPv4\",le=\"+Inf\"}} {count}\n\
         {name}_duration_seconds_sum{{ip_family=\"IPv4\"}} {sum} 1760529600000\n\
         {name}_duration_seconds_count{{ip_family=\"IPv4\"}} {count}\n\
         {name}_last_timestamp_seconds{{ip_family=\"IPv4\"}} {last}\n"
    )
}

#[test]
fn metrics_that_disagree_with_the_log_are_a_warning_with_both_numbers() {
    let syncs = || {
        vec![
            // Before the first scrape: in both scrapes, and not counted.
            Sync::new(0.0, 1.0, 1.0, 5_000),
            Sync::new(100.0, 1.0, 9.0, 10_000),
            Sync::new(200.0, 1.0, 1.5, 10_000).failed(),
        ]
    };
    // The gauge is set inside the sync, some time before its end.
    let before = metrics(2.0, 1, epoch(1.8));
    let node = |name, after: String| {
        Node::new(name, "6.1.144", syncs())
            .file("metrics.before.prom", before.clone())
            .file("metrics.after.prom", after)
    };
    let nodes = vec![
        node("agrees", metrics(14.5, 3, epoch(110.0))),
        node("more", metrics(24.5, 4, epoch(210.0))),
        node("none", "nothing of kube-proxy's\n".to_owned()),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    let checks = report["metrics"].as_array().unwrap();
    assert_eq!(checks.len(), 2);
    assert_eq!(
        (&checks[0]["agrees"], &checks[0]["log_count"]),
        (&json!(true), &json!(2))
    );
    same(&checks[0]["log_sum_s"], 12.5);
    same(&checks[0]["metrics_sum_s"], 12.5);
    assert_eq!(checks[0]["syncs"].as_array().unwrap().len(), 2);
    assert_eq!(checks[0]["metrics"][0]["line"], 3);
    assert_eq!(
        (&checks[1]["agrees"], &checks[1]["metrics_count"]),
        (&json!(false), &json!(3))
    );
    assert_eq!(codes(&report), ["metrics_disagree", "metrics_unreadable"]);
    let said = sentences(&report);
    assert!(
        said.contains("count 3 syncs of 22.500 s together, its log 2 of 12.500 s"),
        "{said}"
    );
    assert!(
        said.contains("agree with its log on 1 of 2 nodes"),
        "{said}"
    );
}

#[test]
fn metrics_and_a_log_may_be_a_hundredth_apart() {
    let syncs = || {
        vec![
            Sync::new(0.0, 1.0, 9.0, 10_000),
            Sync::new(100.0, 1.0, 9.0, 20_000),
        ]
    };
    let node = |name, sum| {
        Node::new(name, "6.1.144", syncs())
            .file("metrics.before.prom", metrics(0.0, 0, epoch(-10.0)))
            .file("metrics.after.prom", metrics(sum, 2, epoch(110.0)))
    };
    let nodes = vec![node("within", 19.81), node("beyond", 19.79)];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    let agrees = |name: &str| {
        let mut all = report["metrics"].as_array().unwrap().iter();
        all.find(|one| one["node"] == name).unwrap()["agrees"].clone()
    };
    assert_eq!(
        (agrees("within"), agrees("beyond")),
        (json!(true), json!(false))
    );
}

#[test]
fn metrics_after_a_restart_are_those_of_the_last_container() {
    let node = Node::new("again", "6.1.144", vec![Sync::new(0.0, 1.0, 9.0, 10_000)])
        .file(
            "kube-proxy.1.log",
            log(&[Sync::new(100.0, 1.0, 2.5, 10_000)]),
        )
        .file("metrics.before.prom", metrics(10.0, 1, epoch(11.0)))
        // As many as the first had counted, so that the counter does not show the restart.
        .file("metrics.after.prom", metrics(3.5, 1, epoch(104.0)));
    let report = results(&bundle(Bundle::of(vec![node])), &[]);
    let check = &report["metrics"][0];
    assert_eq!(
        (&check["agrees"], &check["log_count"]),
        (&json!(true), &json!(1)),
        "{check}"
    );
    same(&check["metrics_sum_s"], 3.5);
}

#[test]
fn a_family_that_only_waited_is_not_charged() {
    let syncs = vec![
        Sync::new(0.0, 1.0, 100.0, 10_000),
        // Nearly empty, and in the lock from 2 to 101.
        Sync::new(1.5, 0.1, 99.4, 8).ipv6(),
        Sync::new(200.0, 0.1, 0.2, 8).ipv6(),
    ];
    let directory = bundle(Bundle::of(vec![Node::new("a", "6.1.144", syncs)]));
    let report = results(&directory, &[]);
    let split = &report["time_split"][0];
    assert_eq!(
        (&split["waited"], &split["waited_syncs"]),
        (&json!(1), &json!([1]))
    );
    same(&split["waited_s"], 99.5);
    assert_eq!(split["blocked"], 0);
    assert!(sentences(&report).contains("1 sync of a nearly empty IP family only waited"));
    // Asked for, that family's mean is that of the sync which did not wait.
    let all = [
        "--family",
        "ipv6",
        "--min-endpoints",
        "1",
        "--include-small-changes",
    ];
    let report = results(&directory, &all);
    assert_eq!(report["syncs"][1]["why_not"], "waited for the other family");
    same(&report["groups"][0]["mean_s"], 0.3);
}

#[test]
fn a_trial_that_the_other_family_held_up_is_doubted() {
    let held = vec![
        Sync::new(0.0, 1.0, 100.0, 10_000),
        Sync::new(10.0, 1.0, 40.0, 9_000).ipv6(),
    ];
    let free = vec![Sync::new(0.0, 1.0, 50.0, 10_000)];
    let nodes = vec![
        Node::new("a", "6.1.144", held),
        Node::new("b", "6.12.46", free),
    ];
    let report = results(&bundle(Bundle::of(nodes)), &[]);
    let split = &report["time_split"][0];
    assert_eq!(
        (&split["group"], &split["blocked_ids"]),
        (&json!("6.1.144"), &json!([1]))
    );
    same(&split["blocked_s"], 40.0);
    let warnings = report["comparisons"][0]["warnings"].to_string();
    assert!(
        warnings
            .contains("1 trial of 6.1.144 ran while the other IP family held the kernel's lock"),
        "{warnings}"
    );
}

#[test]
fn full_partial_stale_and_failed_syncs_are_told_apart() {
    let syncing = |second: f64, full: bool| {
        let message = format!("\"Syncing nftables rules\" ipFamily=\"IPv4\" fullSync={full}");
        line(second, &message)
    };
    let stale = "\"Deleting stale nftables chains\" ipFamily=\"IPv4\" numChains=7";
    let text = [
        syncing(0.001, true),
        log(&[Sync::new(0.0, 1.0, 9.0, 10_000)]),
        syncing(20.001, false),
        line(20.5, stale),
        log(&[Sync::new(20.0, 1.0, 1.0, 10_000)]),
        log(&[Sync::new(30.0, 1.0, 2.0, 10_000).failed()]),
    ]
    .concat();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("run"), text).unwrap();
    let report = results(&directory, &[]);
    let split = &report["time_split"][0];
    assert_eq!(
        (&split["full_ids"], &split["partial_ids"]),
        (&json!([0]), &json!([1]))
    );
    same(&split["full_mean_s"], 10.0);
    same(&split["partial_mean_s"], 2.0);
    assert_eq!(
        (&split["stale_chains"], &split["stale_ids"]),
        (&json!(7), &json!([1]))
    );
    assert_eq!(
        (&split["failed"], &split["failed_ids"]),
        (&json!(1), &json!([2]))
    );
    same(&split["failed_s"], 3.0);
}

#[test]
fn curves_have_the_exponent_that_they_were_made_with() {
    let ramp = |exponent: f64, factor: f64| -> Vec<Sync> {
        let step = |k: u64| {
            let endpoints = 1_000 * k;
            let build = 0.001 * endpoints as f64;
            let whole = factor * (endpoints as f64 / 1_000.0).powf(exponent);
            Sync::new(100.0 * k as f64, build, whole - build, endpoints)
        };
        (1..=8).map(step).collect()
    };
    // They meet where 4 x^1 = 2 x^1.5: at x = 4 thousand.
    let nodes = vec![
        Node::new("a", "6.1.144", ramp(1.5, 2.0)),
        Node::new("b", "6.12.46", ramp(1.0, 4.0)),
    ];
    let directory = bundle(Bundle {
        load: (1_000, vec![8]),
        ..Bundle::of(nodes)
    });
    let report = results(&directory, &[]);
    let of = |kind: &str, group: &str| {
        let curves = report["scaling"].as_array().unwrap();
        let mine = curves
            .iter()
            .find(|one| one["kind"] == kind && one["group"] == group);
        mine.unwrap().clone()
    };
    let steep = of("step_by_endpoints", "6.1.144");
    assert!((steep["fit"]["exponent"].as_f64().unwrap() - 1.5).abs() < 1e-4);
    assert!((steep["fit"]["theil_sen"].as_f64().unwrap() - 1.5).abs() < 1e-4);
    assert!(steep["points"][3]["residual"].as_f64().unwrap().abs() < 1e-4);
    let kind = |key: &str| {
        let all = report[key].as_array().unwrap().iter();
        all.filter(|one| one["kind"] == "step_by_endpoints")
            .cloned()
            .collect::<Vec<_>>()
    };
    let (crossing, apart) = (&kind("crossings")[0], &kind("divergences")[0]);
    assert!((crossing["at"].as_f64().unwrap() - 4_000.0).abs() < 1.0);
    assert_eq!(
        (&crossing["measured"], &apart["exponents_differ"]),
        (&json!(true), &json!(true))
    );
    // The first endpoints are of an unknown net change: the curve begins at 2,000.
    assert_eq!(apart["range"], json!([2_000.0, 8_000.0]));
    assert!((apart["ratio"][1].as_f64().unwrap() - 2f64.sqrt()).abs() < 1e-4);
    assert!(sentences(&report).contains("; they cross at 4,000 endpoints."));
}

/// Seconds that are half one, and 1 ms for each endpoint changed, whatever there is in all.
#[test]
fn unit_costs_are_those_that_the_syncs_were_made_with() {
    let syncs = |more: f64| -> Vec<Sync> {
        let mut endpoints = 1_000u64;
        let mut all = vec![Sync::new(0.0, 0.1, 0.9, endpoints)];
        for step in 1..=15u64 {
            let change = 100 * (step * 7 % 13 + 1);
            endpoints = if step % 3 == 0 {
                endpoints - change
            } else {
                endpoints + change
            };
            let whole = (0.5 + 0.001 * change as f64) * (1.0 + more);
            all.push(Sync::new(60.0 * step as f64, 0.1, whole - 0.1, endpoints));
        }
        all
    };
    let nodes = vec![
        Node::new("a", "6.1.144", syncs(0.0)),
        Node::new("b", "6.1.144", syncs(0.02)),
        Node::new("c", "6.1.144", syncs(-0.02)),
    ];
    let directory = bundle(Bundle::of(nodes));
    let report = results(&directory, &[]);
    let model = &report["costs"][0];
    assert_eq!((&model["runs"], &model["syncs"]), (&json!(3), &json!(45)));
    let of = |term: &str| -> f64 {
        let terms = model["terms"].as_array().unwrap();
        let one = terms.iter().find(|one| one["term"] == term).unwrap();
        one["seconds"].as_f64().unwrap()
    };
    assert!((of("sync") - 0.5).abs() < 0.01, "{model}");
    assert!((of("changed_endpoint") - 0.001).abs() < 2e-5, "{model}");
    assert!(of("endpoint") < 1e-5);
    let check = model["check"]["p90_pct"].as_f64().unwrap();
    assert!((0.0..5.0).contains(&check), "{check}");
    let said = sentences(&report);
    assert!(
        said.contains("for each endpoint changed") && said.contains("however little changed"),
        "{said}"
    );
    for (condition, code) in [
        ("cost_changed_endpoint(6.1.144) > 950us", 1),
        ("cost_changed_endpoint(6.1.144) > 1050us", 0),
        ("cost_sync(6.1.144) > 450ms", 1),
        ("cost_sync(6.1.144) > 550ms", 0),
    ] {
        let output = analyze(
            directory.path(),
            &["run", "--quiet", "--fail-if", condition],
        );
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    }
}

#[test]
fn the_share_of_the_time_in_a_sync_and_logs_that_are_not_whole() {
    let hourly = |length: f64| -> Vec<Sync> {
        // Six minutes in sync of the first hour, then half an hour of the second.
        let mut all: Vec<Sync> = (0..6)
            .map(|k| Sync::new(600.0 * f64::from(k), 1.0, 59.0, 10_000 + k as u64))
            .collect();
        all.push(Sync::new(3_600.0, 1.0, length, 20_000));
        // Another family at the same time counts once.
        all.push(Sync::new(3_700.0, 1.0, 9.0, 8).ipv6());
        all
    };
    // A kube-proxy that says nothing for longer than an hour: its log is not whole.
    let silent = vec![
        Sync::new(0.0, 1.0, 9.0, 10_000),
        Sync::new(9_000.0, 1.0, 9.0, 20_000),
    ];
    let long = |k: u32| Sync::new(300.0 * f64::from(k), 1.0, 80.0, 10_000 + u64::from(k));
    let nodes = vec![
        Node::new("a", "6.1.144", hourly(1_799.0)),
        Node::new("b", "6.12.46", silent),
        Node::new("c", "6.18.1", (0..3).map(long).collect()),
    ];
    let directory = bundle(Bundle::of(nodes));
    let report = results(&directory, &[]);
    let of = |node: &str| -> &Json {
        let all = report["in_sync"].as_array().unwrap().iter();
        all.into_iter().find(|one| one["node"] == node).unwrap()
    };
    let whole = of("a");
    assert_eq!(whole["censored"], json!([]));
    assert!((whole["observed_s"].as_f64().unwrap() - 5_400.0).abs() < 1.1);
    assert!((whole["syncing_s"].as_f64().unwrap() - 2_160.0).abs() < 0.1);
    // The worst hour ends with the long sync: 30 minutes of it, and three of the minutes before.
    assert!((whole["worst_hour"].as_f64().unwrap() - 1_980.0 / 3_600.0).abs() < 1e-3);
    let silent = of("b");
    assert!(
        silent["censored"]
            .to_string()
            .contains("more than an hour without a sync")
    );
    assert!(silent["observed_s"].as_f64().unwrap() < 21.0, "{silent}");
    assert!(
        of("c")["censored"]
            .to_string()
            .contains("took over a minute")
    );
    let said = sentences(&report);
    assert!(
        said.contains("kube-proxy was in a sync 40 % of 1h 30m"),
        "{said}"
    );
    assert!(said.contains("2 logs are not whole"), "{said}");
    // As figures: of whole logs alone, and on both sides of a limit.
    let ends = |condition: &str| {
        let output = analyze(
            directory.path(),
            &["run", "--quiet", "--fail-if", condition],
        );
        (output.status.code(), stderr(&output))
    };
    assert_eq!(ends("in_sync(6.1.144) > 39%").0, Some(1));
    assert_eq!(ends("in_sync(6.1.144) > 41%").0, Some(0));
    assert_eq!(ends("in_sync_worst_hour(6.1.144) > 54%").0, Some(1));
    assert_eq!(ends("in_sync_worst_hour(6.1.144) > 56%").0, Some(0));
    let (code, said) = ends("in_sync(6.12.46) > 1%");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no log is whole"), "{said}");
}

#[test]
fn a_hot_function_is_told_with_its_callers_bystanders_are_not_the_commits_and_foreign_work_is_told()
{
    // Commit from 110 to 310.
    let syncs = vec![
        Sync::new(0.0, 1.0, 1.0, 5_000),
        Sync::new(100.0, 10.0, 200.0, 10_000),
    ];
    let at = dmesg_time(151.0);
    let stack = format!(
        "{at} Call Trace:\n{at}  <TASK>\n\
         {at}  nf_tables_bind_set+0x132/0x180 [nf_tables]\n\
         {at}  ? nf_tables_register_hook.part.0+0x100/0x100 [nf_tables]\n\
         {at}  nft_lookup_init+0xdb/0x150 [nf_tables]\n"
    );
    let hung = |task: &str, second: f64| {
        format!(
            "{} INFO: task {task} blocked for more than 120 seconds.\n",
            dmesg_time(second)
        )
    };
    let kernel = [
        lockup(150.0, 3, 26, "__nft_set_trans_bind.isra.0"),
        stack,
        hung("khugepaged:33", 250.0),
        hung("rustc:4711", 251.0),
        // After the sync: nobody's.
        hung("late:5", 400.0),
    ];
    let node = Node::new("a", "6.1.144", syncs).file("kernel.log", kernel.concat());
    let report = results(&bundle(Bundle::of(vec![node])), &[]);
    let lockups = report["lockups"].as_array().unwrap();
    let of = |kind: &str| lockups.iter().find(|one| one["kind"] == kind).unwrap();
    assert_eq!(
        of("soft_lockup")["stacks"],
        json!([{
            "function": "__nft_set_trans_bind",
            "callers": ["nf_tables_bind_set", "nft_lookup_init"],
            "reports": 1,
        }])
    );
    assert_eq!(
        (
            &of("hung_task")["commit_share"],
            &of("hung_task")["locked_s"]
        ),
        (&Json::Null, &json!(0.0))
    );
    let warnings = report["warnings"].as_array().unwrap();
    let foreign: Vec<&Json> = warnings
        .iter()
        .filter(|one| one["code"] == "foreign_work")
        .collect();
    assert_eq!(foreign.len(), 1);
    let message = foreign[0]["message"].as_str().unwrap();
    assert!(message.contains("complained of rustc."), "{message}");
    let said = sentences(&report);
    assert!(
        said.contains("most often in __nft_set_trans_bind, called by nf_tables_bind_set in nft_lookup_init (1 of 1)"),
        "{said}"
    );
}
