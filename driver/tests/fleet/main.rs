//! Several drivers that share the nodes of one cluster: nothing is lost, whichever of them dies.
//!
//! Needs what `cluster/lab` needs. `FLEET_NODES` (default 40) are played, for `FLEET_SECONDS` (20),
//! by so many drivers one after the other as `FLEET_SHARDS` (1,2) says. The full size, with figures:
//!
//! ```text
//! FLEET_NODES=1000 FLEET_SHARDS=1,2,4 FLEET_SECONDS=120 cargo test --release -p driver --test fleet -- --nocapture
//! ```
#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop at the first surprise
#![allow(unreachable_pub)] // modules of a test: nothing is reachable

#[allow(dead_code)] // shared with the tests of one driver, which use all of it
#[path = "../cluster/driver.rs"]
mod driver;
mod figures;
mod jobs;
#[allow(dead_code)] // shared
#[path = "../cluster/lab.rs"]
mod lab;
#[allow(dead_code)] // shared
#[path = "../cluster/permission.rs"]
mod permission;
mod shards;

use std::process::ExitCode;
use std::str::FromStr;

use lab::Lab;
use libtest_mimic::{Arguments, Trial};

/// The lab's name, unless `LAB_NAME` is another.
const NAME: &str = "fleet-tests";

/// A test: its name, and what it does with the lab.
type Test = (&'static str, fn(&Lab));

/// Every test.
const TESTS: &[Test] = &[
    (
        "however_many_follow_each_node_is_ones_and_no_line_is_lost",
        shards::however_many_follow_each_node_is_ones_and_no_line_is_lost,
    ),
    (
        "who_is_killed_or_told_to_go_goes_on_where_it_was",
        shards::who_is_killed_or_told_to_go_goes_on_where_it_was,
    ),
    (
        "the_jobs_are_taken_by_the_server",
        jobs::the_jobs_are_taken_by_the_server,
    ),
    (
        "a_pod_that_is_lost_is_replaced_and_goes_on_with_the_rights_it_has",
        jobs::a_pod_that_is_lost_is_replaced_and_goes_on_with_the_rights_it_has,
    ),
];

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
    // They share two processors, and figures are taken.
    arguments.test_threads = Some(1);
    if let Err(reason) = lab::possible() {
        eprintln!("SKIPPED: no lab for a fleet: {reason}");
        let allowed = std::env::var_os("CI").is_none() || arguments.list;
        return ExitCode::from(u8::from(!allowed));
    }
    let nodes = asked("FLEET_NODES", 40_u32).to_string();
    let trial = |(name, test): &Test| {
        let (test, nodes) = (*test, nodes.clone());
        Trial::test(*name, move || {
            test(lab::started_as(NAME, &["--kwok-nodes", &nodes]));
            Ok(())
        })
    };
    let conclusion = libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect());
    lab::take_down();
    conclusion.exit_code()
}
