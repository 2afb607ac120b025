//! Whatever asks for the end, Ctrl-C, `kill` or a terminal that is closed: no cluster stays.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cluster::{Lab, Needs, lab, wait_for};

/// Long enough for a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(240);

/// A driver that says when it begins and when it is told to end, in the file that is its argument.
const DRIVER: &str = "#!/bin/sh
trap 'echo told >> \"$1\"; exit 1' INT
echo begun >> \"$1\"
while :; do sleep 0.1; done
";

fn send(signal: &str, to: &Child) {
    let sent = Command::new("kill")
        .args([signal, &to.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits for the end; returns the exit status and what was said.
fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[test]
fn a_lab_that_is_told_to_end_while_it_comes_up_is_gone() {
    let Some(lab) = lab("told", Needs::Host) else {
        return;
    };
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut up = lab.command("up --node node-a=host");
        let up = up.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let up = up.unwrap();
        wait_for("a process", PATIENCE, || {
            (lab.processes() > 1).then_some(())
        });
        send(signal, &up);
        let (status, said) = end(up);
        assert_eq!(status, Some(1), "{signal}: {said}");
        assert!(said.ends_with("lab: interrupted\n"), "{signal}: {said}");
        // The logs stay, to be looked at.
        let traces = lab.traces();
        let logs = Path::new(&traces[0]).join("logs");
        assert!(traces.len() == 1 && logs.is_dir(), "{signal}: {traces:?}");
    }
    lab.run("down");
    assert_eq!(lab.traces(), [""; 0]);
}

/// `lab run` with a driver of the test's, once that has begun; `prefix` goes before it.
fn running(lab: &Lab, place: &Path, prefix: &str) -> Child {
    let (driver, said) = (place.join("driver"), place.join("said"));
    std::fs::write(&driver, DRIVER).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&driver, executable).unwrap();
    let (driver, said) = (driver.display(), said.display());
    let words = format!("run --driver {driver} --node node-a=host -- {said}");
    let own = lab.command(&words);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("{prefix} exec \"$0\" \"$@\"")])
        .arg(own.get_program())
        .args(own.get_args());
    for (name, value) in own.get_envs() {
        shell.env(name, value.unwrap());
    }
    let child = shell.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap();
    wait_for("the driver", PATIENCE, || {
        (!told(place).is_empty()).then_some(())
    });
    child
}

fn told(place: &Path) -> String {
    std::fs::read_to_string(place.join("said")).unwrap_or_default()
}

#[test]
fn a_run_that_is_told_to_end_tells_its_driver_and_takes_the_lab_down() {
    let Some(lab) = lab("run", Needs::Host) else {
        return;
    };
    for (prefix, ignored, signal) in [
        ("", None, "-TERM"),
        // As `nohup` does.
        ("trap '' HUP;", Some("-HUP"), "-INT"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let run = running(&lab, place.path(), prefix);
        if let Some(ignored) = ignored {
            send(ignored, &run);
            std::thread::sleep(Duration::from_secs(1));
            assert_eq!(told(place.path()), "begun\n", "{ignored} was not ignored");
        }
        send(signal, &run);
        let (status, said) = end(run);
        assert_eq!(status, Some(1), "{signal}: {said}");
        assert!(said.contains("lab: interrupted"), "{signal}: {said}");
        assert_eq!(told(place.path()), "begun\ntold\n", "{signal}: {said}");
        assert_eq!(lab.traces(), [""; 0], "{signal}");
    }
}

#[test]
fn a_server_that_does_not_come_up_is_said_in_one_line() {
    let Some(lab) = lab("line", Needs::Host) else {
        return;
    };
    let said = lab.refused("up --api-server-arg=--no-such-flag", 1);
    let last = said.lines().last().unwrap();
    let begins = "lab: the lab did not come up: kube-apiserver did not come up: it ended: ";
    assert!(last.starts_with(begins), "{said}");
    assert_eq!(said.matches("did not come up").count(), 2, "{said}");
    let (_, log) = last.rsplit_once("; its log: ").unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("no-such-flag"), "{log}");
}
