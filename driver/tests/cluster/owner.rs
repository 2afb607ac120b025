//! One run at a time: in an output, in a namespace.

use crate::driver::{Running, assert_complete, run};
use crate::lab::Lab;

pub fn while_a_run_lives_its_output_and_its_load_are_its_own(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let (path, other) = (place.path().join("bundle"), place.path().join("other"));
    let load = "--services 50 --replicas 1 --step-pause 20s --stabilise 0 --quiet-for 4s";
    let words = format!("run -n t-one --owner t-one {load} -o {}", path.display());
    let mut first = Running::start(lab, &words, &place.path().join("said"));
    first.wait_for("scaled replicas=1");
    let process = format!("process {}", first.id());
    for (words, says) in [
        (words, "is being written by"),
        (
            format!("run -n t-two --owner t-two {load} -o {}", path.display()),
            "is being written by",
        ),
        (
            format!("collect --for 1s -o {}", path.display()),
            "is being written by",
        ),
        (
            format!("run -n t-one --owner t-one {load} -o {}", other.display()),
            "namespace t-one is held by",
        ),
        (
            "cleanup -n t-one --owner t-one".to_owned(),
            "namespace t-one is held by",
        ),
    ] {
        let done = run(&lab.kubeconfig, &words);
        assert!(done.status != 0, "{words}: {done:?}");
        assert!(done.err.contains(says), "{words}: {done:?}");
        assert!(done.err.contains(&process), "{words}: {done:?}");
    }
    let (status, said) = first.end();
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("removed 50 Services"), "{said}");
    assert_complete(lab, &path);
    let left = run(
        &lab.kubeconfig,
        "check -n t-two --owner t-two --services 50",
    );
    assert!(left.out.contains("nothing left in t-two"), "{left:?}");
}
