//! The driver against a real cluster: outages, kills, restarts, permissions, full disks.
//!
//! Needs what `cluster/lab` needs: root, nft and Go. The lab is started once for all tests and
//! taken down after the last one; `LAB_BIN` names a built `lab`, `LAB_NAME` the cluster, so that two
//! of these can run side by side.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise
#![allow(unreachable_pub)] // modules of a test: nothing is reachable

mod ceiling;
mod chaos;
mod clocks;
#[allow(dead_code)] // shared with the tests of several drivers, which use the rest
mod driver;
#[path = "../judge/mod.rs"]
mod judge;
mod kill;
mod kinds;
#[allow(dead_code)] // shared
mod lab;
mod log;
mod outage;
mod owner;
mod permission;
mod refusal;
mod room;
mod scenario;
mod watching;

use std::process::ExitCode;

use lab::Lab;
use libtest_mimic::{Arguments, Trial};

/// A test: its name, and what it does with the lab.
type Test = (&'static str, fn(&Lab));

/// Every test.
const TESTS: &[Test] = &[
    (
        "what_cannot_work_is_said_with_an_exit_status",
        refusal::what_cannot_work_is_said_with_an_exit_status,
    ),
    (
        "a_token_that_is_good_no_more_is_said",
        refusal::a_token_that_is_good_no_more_is_said,
    ),
    (
        "an_output_that_cannot_be_written_is_said_before_the_load",
        refusal::an_output_that_cannot_be_written_is_said_before_the_load,
    ),
    (
        "log_lines_are_json_or_nothing_as_asked",
        refusal::log_lines_are_json_or_nothing_as_asked,
    ),
    (
        "a_quota_stops_the_fan_out_and_names_itself",
        room::a_quota_stops_the_fan_out_and_names_itself,
    ),
    (
        "a_disk_that_fills_up_loses_nothing_that_was_recorded",
        room::a_disk_that_fills_up_loses_nothing_that_was_recorded,
    ),
    (
        "rbac_yaml_is_enough_and_each_missing_verb_is_named",
        permission::rbac_yaml_is_enough_and_each_missing_verb_is_named,
    ),
    (
        "ctrl_c_finalises_and_says_what_remains",
        kill::ctrl_c_finalises_and_says_what_remains,
    ),
    (
        "ctrl_c_twice_leaves_at_once",
        kill::ctrl_c_twice_leaves_at_once,
    ),
    (
        "a_terminal_that_is_closed_ends_a_run_in_order",
        kill::a_terminal_that_is_closed_ends_a_run_in_order,
    ),
    (
        "ctrl_c_waits_for_nobody_who_does_not_answer",
        kill::ctrl_c_waits_for_nobody_who_does_not_answer,
    ),
    (
        "while_a_run_lives_its_output_and_its_load_are_its_own",
        owner::while_a_run_lives_its_output_and_its_load_are_its_own,
    ),
    (
        "a_run_that_is_killed_in_each_phase_resumes_and_leaves_nothing",
        kill::a_run_that_is_killed_in_each_phase_resumes_and_leaves_nothing,
    ),
    (
        "restarts_and_rotations_in_the_ramp_lose_nothing",
        log::restarts_and_rotations_in_the_ramp_lose_nothing,
    ),
    (
        "churn_and_cold_starts_are_recorded",
        scenario::churn_and_cold_starts_are_recorded,
    ),
    (
        "who_watches_sees_syncs_lag_and_the_end_of_it",
        watching::who_watches_sees_syncs_lag_and_the_end_of_it,
    ),
    (
        "one_object_of_each_kind_outlives_run_and_cleanup",
        kinds::one_object_of_each_kind_outlives_run_and_cleanup,
    ),
    (
        "whatever_the_nodes_clock_shows_its_log_is_taken",
        clocks::whatever_the_nodes_clock_shows_its_log_is_taken,
    ),
    (
        "a_second_place_outlives_a_disk_that_fills_up",
        room::a_second_place_outlives_a_disk_that_fills_up,
    ),
    (
        "services_are_made_as_fast_as_the_server_takes_them",
        ceiling::services_are_made_as_fast_as_the_server_takes_them,
    ),
    (
        "faults_in_any_order_leave_the_log_or_a_gap",
        chaos::faults_in_any_order_leave_the_log_or_a_gap,
    ),
    (
        "an_api_server_that_is_killed_in_every_phase_costs_nothing_but_time",
        outage::an_api_server_that_is_killed_in_every_phase_costs_nothing_but_time,
    ),
    (
        "a_restart_during_an_outage_is_the_new_containers_log_or_a_gap",
        outage::a_restart_during_an_outage_is_the_new_containers_log_or_a_gap,
    ),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They stop the API server under each other otherwise.
    arguments.test_threads = Some(1);
    if let Err(reason) = lab::possible() {
        eprintln!("SKIPPED: no lab to test the driver against: {reason}");
        let allowed = std::env::var_os("CI").is_none() || arguments.list;
        return ExitCode::from(u8::from(!allowed));
    }
    let trial = |(name, test): &Test| {
        let test = *test;
        Trial::test(*name, move || {
            test(lab::started());
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect());
    lab::take_down();
    conclusion.exit_code()
}
