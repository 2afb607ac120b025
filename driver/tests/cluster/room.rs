//! There is no room: a quota, a full disk.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bundle::{Bundle, Verdict};
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
use kube::api::{Api, DeleteParams, PostParams};
use serde_json::json;

use crate::driver::{Running, assert_complete, captured, run};
use crate::lab::Lab;

/// Makes an object that may be there already.
pub fn make<K>(lab: &Lab, api: &Api<K>, object: serde_json::Value)
where
    K: serde::de::DeserializeOwned + serde::Serialize + Clone + std::fmt::Debug,
{
    let object: K = serde_json::from_value(object).unwrap();
    let made = lab.wait(api.create(&PostParams::default(), &object));
    let there = matches!(&made, Err(kube::Error::Api(status)) if status.is_already_exists());
    assert!(made.is_ok() || there, "{made:?}");
}

pub fn a_quota_stops_the_fan_out_and_names_itself(lab: &Lab) {
    let client = lab.client();
    let namespaces: Api<Namespace> = Api::all(client.clone());
    make(lab, &namespaces, json!({"metadata": {"name": "t-quota"}}));
    let quotas: Api<ResourceQuota> = Api::namespaced(client, "t-quota");
    let few = json!({"metadata": {"name": "few"}, "spec": {"hard": {"services": "20"}}});
    make(lab, &quotas, few);
    std::thread::sleep(Duration::from_secs(2));
    let load = "-n t-quota --owner t-quota --services 40";
    let done = run(&lab.kubeconfig, &format!("check {load}"));
    assert_eq!(done.status, 1, "{done:?}");
    assert!(
        done.out.contains("few leaves 20 services, 40 more"),
        "{}",
        done.out
    );
    let done = run(&lab.kubeconfig, &format!("generate {load}"));
    assert_eq!(done.status, 1, "{done:?}");
    assert!(done.err.contains("exceeded quota: few"), "{done:?}");
    assert_eq!(run(&lab.kubeconfig, &format!("cleanup {load}")).status, 0);
    lab.wait(namespaces.delete("t-quota", &DeleteParams::default()))
        .unwrap();
}

/// Mounts a file system in memory at `disk`.
pub fn mount(disk: &Path, options: &str) {
    std::fs::create_dir(disk).unwrap();
    let mut mount = Command::new("mount");
    mount
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(disk);
    assert!(mount.status().unwrap().success());
}

pub fn unmount(disk: &Path) {
    assert!(Command::new("umount").arg(disk).status().unwrap().success());
}

pub fn a_disk_that_fills_up_loses_nothing_that_was_recorded(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let disk = place.path().join("disk");
    mount(&disk, "size=400k");
    let path = disk.join("bundle");
    let words = format!(
        "run -n t-disk --owner t-disk --services 200 --replicas 1,2,3,4,5,6,7,8,9,10,11,12 \
         --step-pause 2s --stabilise 4s --quiet-for 4s --poll 1s -o {}",
        path.display()
    );
    let mut driver = Running::start(lab, &words, &place.path().join("said"));
    driver.wait_for("stabilise");
    // What a file's last page still takes is written even so: the steps write more than that.
    let filled = std::fs::write(disk.join("fill"), vec![0; 1 << 20]);
    let (status, said) = driver.end();
    assert!(filled.is_err());
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    let verdict = Bundle::open(&path).unwrap().manifest.verdict;
    let said_so =
        matches!(&verdict, Verdict::Incomplete { reasons } if reasons[0].contains("No space left"));
    assert!(said_so, "{verdict:?}");
    let entry = &Bundle::open(&path).unwrap().manifest.capture[0];
    lab.assert_own(entry.restart.unwrap(), &captured(&path, 0));

    std::fs::remove_file(disk.join("fill")).unwrap();
    let (status, said) = Running::start(lab, &words, &place.path().join("said")).end();
    assert_eq!(status, 0, "{said}");
    assert_complete(lab, &path);
    unmount(&disk);
}

pub fn a_second_place_outlives_a_disk_that_fills_up(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let (disk, second) = (place.path().join("disk"), place.path().join("second"));
    mount(&disk, "size=600k");
    let path = disk.join("bundle");
    let words = format!(
        "run -n t-second --owner t-second --services 200 --replicas 1,2,3,4,5,6 --step-pause 2s \
         --stabilise 4s --quiet-for 4s --poll 1s -o {} --also {}",
        path.display(),
        second.display()
    );
    let mut driver = Running::start(lab, &words, &place.path().join("said"));
    driver.wait_for("stabilise");
    let filled = std::fs::write(disk.join("fill"), vec![0; 1 << 20]);
    let (status, said) = driver.end();
    assert!(filled.is_err());
    // The load went through and is cleaned up; the whole bundle is in the second place.
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    let kept = format!("the whole bundle is in {}", second.display());
    assert!(said.contains(&kept), "{said}");
    assert_complete(lab, &second);
    let notes = Bundle::open(&second).unwrap().manifest.notes.join("\n");
    assert!(notes.contains("Left behind at 20"), "{notes}");
    let verdict = Bundle::open(&path).unwrap().manifest.verdict;
    let elsewhere = format!("all that was captured is in {}", second.display());
    let told =
        matches!(&verdict, Verdict::Incomplete { reasons } if reasons[0].contains(&elsewhere));
    assert!(told, "{verdict:?}");
    unmount(&disk);
}
