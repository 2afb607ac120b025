//! The driver is killed or interrupted, and started again.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bundle::{Bundle, Verdict};
use k8s_openapi::api::core::v1::{Namespace, Service};
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::json;

use crate::chaos::signal;
use crate::driver::{Running, assert_complete, captured, driver, run};
use crate::lab::{Lab, NODE};
use crate::room::make;

pub fn a_run_that_is_killed_in_each_phase_resumes_and_leaves_nothing(lab: &Lab) {
    let client = lab.client();
    let namespaces: Api<Namespace> = Api::all(client.clone());
    make(lab, &namespaces, json!({"metadata": {"name": "t-kill"}}));
    let services: Api<Service> = Api::namespaced(client, "t-kill");
    let foreign = json!({"metadata": {"name": "foreign"}, "spec": {"ports": [{"port": 80}]}});
    make(lab, &services, foreign);

    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-kill --owner t-kill --services 300 --replicas 1,2 --step-pause 5s --stabilise 4s \
         --quiet-for 4s -o {}",
        path.display()
    );
    for phase in [
        "generate:",
        "stabilise",
        "scaled replicas=2",
        "settle:",
        "removing 300",
    ] {
        let mut driver = Running::start(lab, &words, &place.path().join("said"));
        driver.wait_for(phase);
        std::thread::sleep(Duration::from_millis(300));
        driver.kill();
        if phase == "settle:" {
            // Killed in cleanup next: the bundle is finished by then, so that is a run of its own.
            let (status, said) = Running::start(lab, &words, &place.path().join("said")).end();
            assert_eq!(status, 0, "{said}");
            assert_complete(lab, &path);
            std::fs::rename(&path, place.path().join("first")).unwrap();
        }
    }
    for _ in 0..2 {
        let done = run(&lab.kubeconfig, "cleanup -n t-kill --owner t-kill");
        assert_eq!(done.status, 0, "{done:?}");
    }
    let left = lab.wait(services.list(&ListParams::default())).unwrap();
    let names: Vec<_> = left
        .items
        .into_iter()
        .filter_map(|s| s.metadata.name)
        .collect();
    assert_eq!(names, ["foreign"]);
    let there = lab.wait(namespaces.get_opt("t-kill")).unwrap();
    assert!(there.is_some(), "the namespace was there before");
    lab.wait(namespaces.delete("t-kill", &DeleteParams::default()))
        .unwrap();
}

/// A run that stands in its first step.
fn standing(lab: &Lab, place: &std::path::Path) -> Running {
    let words = format!(
        "run -n t-int --owner t-int --services 50 --replicas 1 --step-pause 60s --stabilise 0 -o {}",
        place.join("bundle").display()
    );
    let mut driver = Running::start(lab, &words, &place.join("said"));
    driver.wait_for("scaled replicas=1");
    driver
}

fn reasons(place: &std::path::Path) -> Vec<String> {
    match Bundle::open(&place.join("bundle"))
        .unwrap()
        .manifest
        .verdict
    {
        Verdict::Complete => Vec::new(),
        Verdict::Incomplete { reasons } => reasons,
    }
}

pub fn ctrl_c_finalises_and_says_what_remains(lab: &Lab) {
    // Who asks for the end: a person, a kubelet, a terminal that is closed.
    for signal in ["-INT", "-TERM", "-HUP"] {
        let place = tempfile::tempdir().unwrap();
        let driver = standing(lab, place.path());
        driver.signal(signal);
        let (status, said) = driver.end();
        assert_eq!(status, 1, "{signal}: {said}");
        assert!(said.contains("driver cleanup -n t-int"), "{signal}: {said}");
        assert_eq!(reasons(place.path()), ["interrupted"], "{signal}");
        let bundle = Bundle::open(&place.path().join("bundle")).unwrap();
        let restart = bundle.manifest.capture[0].restart.unwrap();
        lab.assert_own(restart, &captured(&bundle.directory, 0));
        let done = run(&lab.kubeconfig, "cleanup -n t-int --owner t-int");
        assert_eq!(done.status, 0, "{signal}: {done:?}");
    }
}

/// On a terminal there are bars, and nobody to draw them for once it is closed.
pub fn a_terminal_that_is_closed_ends_a_run_in_order(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let (bundle, said) = (place.path().join("bundle"), place.path().join("said"));
    let words = format!(
        "run -n t-int --owner t-int --services 50 --replicas 1 --step-pause 60s --stabilise 0 -o {}",
        bundle.display()
    );
    let driver = driver(&lab.kubeconfig, &words);
    let words: Vec<_> = std::iter::once(driver.get_program())
        .chain(driver.get_args())
        .collect();
    let line = words.join(" ".as_ref());
    // It makes a terminal, which goes with it.
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--flush", "--command"])
        .arg(line)
        .arg(&said);
    terminal.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut terminal = terminal.spawn().unwrap();
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let shown = || String::from_utf8_lossy(&std::fs::read(&said).unwrap_or_default()).into_owned();
    until("a step", &|| shown().contains("scaled replicas=1"));
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    until("an end in order", &|| {
        reasons(place.path())
            .iter()
            .any(|reason| reason == "interrupted")
    });
    let done = run(&lab.kubeconfig, "cleanup -n t-int --owner t-int");
    assert_eq!(done.status, 0, "{done:?}");
}

/// A server that is frozen, a kubelet that takes requests and answers none.
pub fn ctrl_c_waits_for_nobody_who_does_not_answer(lab: &Lab) {
    for frozen in ["server", "kubelet"] {
        let place = tempfile::tempdir().unwrap();
        let driver = standing(lab, place.path());
        let server = lab.api_server().to_string();
        match frozen {
            "server" => signal(&server, "-STOP"),
            _ => drop(lab.run(&["kubelet", "stop", NODE])),
        }
        std::thread::sleep(Duration::from_secs(3));
        let began = Instant::now();
        driver.interrupt();
        let (status, said) = driver.end();
        let took = began.elapsed();
        match frozen {
            "server" => signal(&server, "-CONT"),
            _ => drop(lab.run(&["kubelet", "start", NODE])),
        }
        assert_eq!(status, 1, "{frozen}: {said}");
        // Five seconds, and one for a machine that does other things too.
        assert!(took < Duration::from_secs(6), "{frozen}: {took:?}: {said}");
        let told = reasons(place.path()).join("; ");
        assert!(told.contains("interrupted"), "{frozen}: {told}");
        let done = run(&lab.kubeconfig, "cleanup -n t-int --owner t-int");
        assert_eq!(done.status, 0, "{frozen}: {done:?}");
    }
}

pub fn ctrl_c_twice_leaves_at_once(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let mut driver = standing(lab, place.path());
    // Without a server the last lines would be waited for.
    lab.run(&["api", "stop"]);
    driver.interrupt();
    driver.wait_for("once more leaves at once");
    driver.interrupt();
    let (status, said) = driver.end();
    lab.run(&["api", "start"]);
    assert_eq!(status, 130, "{said}");
    assert_eq!(reasons(place.path()), ["the run did not reach its end"]);
    assert_eq!(
        run(&lab.kubeconfig, "cleanup -n t-int --owner t-int").status,
        0
    );
}
