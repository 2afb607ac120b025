//! The driver against a real cluster: outages, kills, restarts, permissions, full disks, and several
//! drivers at once.
//!
//! Needs what `cluster/lab` needs: root, nft and Go. Two tests run at a time, each in a lab of its own
//! that is started for the first of them and taken down after the last; `--test-threads` says how many.
//! `LAB_BIN` names a built `lab`, `LAB_NAME` what the labs are called, so that two of these can run side
//! by side.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise
#![allow(unreachable_pub)] // modules of a test: nothing is reachable

mod account;
mod ceiling;
mod chaos;
mod clocks;
mod driver;
mod fleet;
#[path = "../judge/mod.rs"]
mod judge;
mod kill;
mod kinds;
mod lab;
mod labs;
mod log;
mod outage;
mod owner;
mod permission;
mod refusal;
mod room;
mod scenario;
mod watching;

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use fleet::{jobs, shards};
use lab::Lab;
use labs::{Cluster, Labs};
use libtest_mimic::{Arguments, Trial};

/// Tests that run at a time: they wait for clusters more than they work.
const AT_ONCE: usize = 2;

/// A test: its name, the cluster that it needs, and what it does with it.
type Test = (&'static str, Cluster, fn(&Lab));

/// `ROOM on CLUSTER: TESTS`, a row each.
macro_rules! tests {
    ($($room:ident on $cluster:ident: $($name:ident),+;)+) => {
        &[$($((stringify!($name), Cluster::$cluster, $room::$name),)+)+]
    };
}

/// Every test, those that take longest first, so that none is left over at the end.
const TESTS: &[Test] = tests! {
    outage on Small:
        an_api_server_that_is_killed_in_every_phase_costs_nothing_but_time,
        a_restart_during_an_outage_is_the_new_containers_log_or_a_gap;
    shards on Fleet:
        however_many_follow_each_node_is_ones_and_no_line_is_lost,
        who_is_killed_or_told_to_go_goes_on_where_it_was;
    clocks on Small:
        whatever_the_nodes_clock_shows_its_log_is_taken;
    chaos on Battered:
        faults_in_any_order_leave_the_log_or_a_gap;
    kill on Small:
        a_run_that_is_killed_in_each_phase_resumes_and_leaves_nothing,
        ctrl_c_finalises_and_says_what_remains,
        ctrl_c_twice_leaves_at_once,
        a_terminal_that_is_closed_ends_a_run_in_order,
        ctrl_c_waits_for_nobody_who_does_not_answer;
    log on Small:
        restarts_and_rotations_in_the_ramp_lose_nothing;
    ceiling on Small:
        services_are_made_as_fast_as_the_server_takes_them;
    jobs on Fleet:
        the_jobs_are_taken_by_the_server,
        a_pod_that_is_lost_is_replaced_and_goes_on_with_the_rights_it_has;
    room on Small:
        a_second_place_outlives_a_disk_that_fills_up,
        a_disk_that_fills_up_loses_nothing_that_was_recorded,
        a_quota_stops_the_fan_out_and_names_itself;
    permission on Small:
        rbac_yaml_is_enough_and_each_missing_verb_is_named;
    owner on Small:
        while_a_run_lives_its_output_and_its_load_are_its_own;
    kinds on Small:
        one_object_of_each_kind_outlives_run_and_cleanup;
    watching on Small:
        who_watches_sees_syncs_lag_and_the_end_of_it;
    scenario on Small:
        churn_and_cold_starts_are_recorded;
    refusal on Small:
        what_cannot_work_is_said_with_an_exit_status,
        a_token_that_is_good_no_more_is_said,
        an_output_that_cannot_be_written_is_said_before_the_load,
        log_lines_are_json_or_nothing_as_asked;
};

/// A number or what else from the environment.
fn asked<T: FromStr>(name: &str, default: T) -> T {
    let told = std::env::var(name).ok();
    told.map_or(default, |text| {
        let read = text.parse().ok();
        assert!(read.is_some(), "{name}={text} is no such value");
        read.unwrap()
    })
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    if let Err(reason) = lab::possible() {
        eprintln!("SKIPPED: no lab to test the driver against: {reason}");
        let allowed = std::env::var_os("CI").is_none() || arguments.list;
        return ExitCode::from(u8::from(!allowed));
    }
    let labs = Arc::new(Labs::default());
    let trial = |(name, cluster, test): &Test| {
        let (labs, cluster, test) = (Arc::clone(&labs), *cluster, *test);
        Trial::test(*name, move || {
            labs.with_one(cluster, test);
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect());
    labs.take_down();
    conclusion.exit_code()
}
