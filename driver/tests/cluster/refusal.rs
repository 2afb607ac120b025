//! Wrong input, bad credentials, an output that cannot be written.

use std::time::Duration;

use k8s_openapi::api::core::v1::Service;
use kube::api::{Api, DeleteParams};
use serde_json::{Value, json};

use crate::account::{kubeconfig_with, token_of};
use crate::driver::{Done, driver, run};
use crate::lab::Lab;
use crate::room::{make, mount, unmount};

pub fn what_cannot_work_is_said_with_an_exit_status(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = place.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = lab.kubeconfig.clone();
    let nowhere = place.path().join("nowhere");
    let broken = file("broken", "clusters: [");
    let elsewhere = file("elsewhere", &without_a_server(lab).to_string());
    let occupied = place.path().join("occupied");
    std::fs::create_dir(&occupied).unwrap();
    std::fs::write(occupied.join("x"), "x").unwrap();
    let occupied = format!("run --services 5 -o {}", occupied.display());
    let typo = format!("-w {} plan", file("typo.yaml", "servises: 5\n").display());
    for (kubeconfig, words, status, message) in [
        (&broken, "check", 2, "broken"),
        (&nowhere, "check", 2, "nowhere"),
        (&elsewhere, "check", 2, "not reachable"),
        (&good, "--context nobody check", 2, "nobody"),
        (
            &good,
            "--kube-proxy-selector app=none check",
            1,
            "no pod in kube-system",
        ),
        (&good, "--nodes nowhere check", 1, "no such node"),
        (&good, "--services 70000 check", 1, "do not fit"),
        (
            &good,
            "run --services 5 -o /proc/nowhere",
            2,
            "/proc/nowhere",
        ),
        (&good, occupied.as_str(), 2, "not empty"),
        (&good, typo.as_str(), 2, "typo.yaml"),
        (&good, "--services 0 plan", 2, "at least 1"),
        (&good, "generate -o /tmp", 2, "no bundle.json here"),
    ] {
        let done = run(kubeconfig, words);
        assert_eq!(done.status, status, "{words}: {done:?}");
        let said = format!("{}{}", done.out, done.err);
        assert!(said.contains(message), "{words}: {said}");
    }
}

/// The lab's kubeconfig with a port at which nobody listens.
fn without_a_server(lab: &Lab) -> Value {
    let text = std::fs::read_to_string(&lab.kubeconfig).unwrap();
    let mut file: Value = serde_saphyr::from_str(&text).unwrap();
    for cluster in file["clusters"].as_array_mut().unwrap() {
        cluster["cluster"]["server"] = json!("https://127.0.0.1:9");
    }
    file
}

pub fn a_token_that_is_good_no_more_is_said(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let token = token_of(lab, "default", "default");
    let path = kubeconfig_with(lab, place.path(), &format!("{token}x"));
    let output = place.path().join("bundle");
    let started = format!("run --services 5 -o {}", output.display());
    for words in ["check", "generate", "cleanup", started.as_str()] {
        let done = run(&path, words);
        assert_eq!(done.status, 2, "{words}: {done:?}");
        assert!(
            done.err.contains("the token may have expired"),
            "{words}: {done:?}"
        );
    }
    assert!(!output.exists(), "nothing is begun with a bad token");
}

pub fn an_output_that_cannot_be_written_is_said_before_the_load(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let disk = place.path().join("disk");
    mount(&disk, "size=400k,ro");
    for words in [
        format!(
            "run -n t-ro --owner t-ro --services 5 -o {}",
            disk.join("b").display()
        ),
        format!("collect --for 5s -o {}", disk.join("b").display()),
    ] {
        let done = run(&lab.kubeconfig, &words);
        assert_eq!(done.status, 2, "{words}: {done:?}");
        assert!(
            done.err.contains("Read-only file system"),
            "{words}: {done:?}"
        );
    }
    unmount(&disk);
    let left = run(&lab.kubeconfig, "check -n t-ro --owner t-ro --services 5");
    assert!(left.out.contains("nothing left in t-ro"), "{left:?}");
}

pub fn log_lines_are_json_or_nothing_as_asked(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let services: Api<Service> = Api::namespaced(lab.client(), "default");
    let collect = |name: &str, flags: &str| {
        let path = place.path().join(name);
        let words = format!("collect --for 8s -o {} {flags}", path.display());
        let child = driver(&lab.kubeconfig, &words).spawn().unwrap();
        // A node that says nothing is no complete bundle: something happens meanwhile.
        for at in 0..4 {
            std::thread::sleep(Duration::from_secs(1));
            let name = format!("t-{name}-{at}");
            let spec = json!({"selector": {"app": "none"}, "ports": [{"port": 80}]});
            make(
                lab,
                &services,
                json!({"metadata": {"name": name}, "spec": spec}),
            );
        }
        let done = Done::from(child.wait_with_output().unwrap());
        for at in 0..4 {
            let (name, how) = (format!("t-{name}-{at}"), DeleteParams::default());
            assert!(lab.wait(services.delete(&name, &how)).is_ok());
        }
        assert_eq!(done.status, 0, "{done:?}");
        done
    };
    let done = collect("json", "--log-format json");
    let lines: Vec<Value> = done
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.len() > 2 && lines.iter().all(|line| line["level"].is_string()));
    assert_eq!(collect("quiet", "--quiet").err, "");
    // The last word on what went wrong is JSON as well.
    let done = run(
        &lab.kubeconfig,
        "--log-format json --services 70000 run -o x",
    );
    let last: Value = serde_json::from_str(done.err.lines().last().unwrap()).unwrap();
    assert_eq!((done.status, &last["level"]), (1, &json!("ERROR")));
}
