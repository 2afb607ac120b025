//! `cluster/fleet`: no more rights than reading, nothing of the machine, and as many shards everywhere.

use bundle::Shard;
use clap::Parser as _;
use driver::cli::{Cli, Verb};
use serde_json::Value;

const RBAC: &str = include_str!("../../../cluster/fleet/rbac.yaml");
const JOBS: [&str; 3] = [
    include_str!("../../../cluster/fleet/capture.yaml"),
    include_str!("../../../cluster/fleet/ingest.yaml"),
    include_str!("../../../cluster/fleet/report.yaml"),
];

fn jobs() -> Vec<Value> {
    let jobs = JOBS.iter();
    jobs.map(|text| serde_saphyr::from_str(text).unwrap())
        .collect()
}

#[test]
fn a_fleet_may_read_and_nothing_else() {
    let mut rules = 0;
    for document in RBAC.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(document).unwrap();
        for rule in object["rules"].as_array().into_iter().flatten() {
            let words = |name: &str| rule[name].as_array().cloned().unwrap_or_default();
            for verb in words("verbs") {
                let verb = verb.as_str().unwrap();
                assert!(["get", "list", "watch"].contains(&verb), "{rule}");
            }
            for resource in words("resources") {
                let resource = resource.as_str().unwrap();
                assert!(
                    !["*", "secrets", "nodes/proxy"].contains(&resource),
                    "{rule}"
                );
            }
            rules += 1;
        }
    }
    assert!(rules >= 4, "{rules} rules");
}

#[test]
fn a_fleets_pods_have_nothing_of_their_machine_and_say_what_they_take() {
    for job in jobs() {
        let pod = &job["spec"]["template"]["spec"];
        for absent in ["hostNetwork", "hostPID", "hostIPC"] {
            assert_eq!(pod[absent], Value::Null, "{job}");
        }
        for volume in pod["volumes"].as_array().unwrap() {
            assert_eq!(volume["hostPath"], Value::Null, "{volume}");
        }
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["restartPolicy"], "Never");
        let container = &pod["containers"][0];
        let security = &container["securityContext"];
        assert_eq!(security["readOnlyRootFilesystem"], true);
        assert_eq!(security["allowPrivilegeEscalation"], false);
        assert_eq!(security["capabilities"]["drop"][0], "ALL");
        let resources = &container["resources"];
        for wanted in ["cpu", "memory"] {
            assert!(resources["requests"][wanted].is_string(), "{container}");
        }
        assert!(resources["limits"]["memory"].is_string(), "{container}");
    }
}

#[test]
fn there_are_as_many_pods_as_shards_and_a_lost_one_is_replaced() {
    let indexed: Vec<Value> = jobs()
        .into_iter()
        .filter(|job| job["spec"]["completionMode"] == "Indexed")
        .collect();
    assert_eq!(indexed.len(), 2);
    for job in indexed {
        let spec = &job["spec"];
        let shards = spec["completions"].as_u64().unwrap();
        assert_eq!(spec["parallelism"].as_u64(), Some(shards));
        let container = &spec["template"]["spec"]["containers"][0];
        let variables = container["env"].as_array().unwrap();
        let told = variables
            .iter()
            .find(|one| one["name"] == "SHARDS")
            .unwrap();
        assert_eq!(told["value"], shards.to_string());
        let words = container["args"].as_array().unwrap();
        let shard = "--shard=$(JOB_COMPLETION_INDEX)/$(SHARDS)";
        assert!(words.iter().any(|word| word == shard), "{container}");
        assert!(spec["backoffLimitPerIndex"].as_u64().unwrap() > 0);
        assert_eq!(spec["podReplacementPolicy"], "Failed");
        let rule = &spec["podFailurePolicy"]["rules"][0];
        assert_eq!(rule["action"], "Ignore");
        assert_eq!(rule["onPodConditions"][0]["type"], "DisruptionTarget");
    }
}

#[test]
fn the_captures_call_is_understood_and_has_time_for_its_end() {
    let job = &jobs()[0];
    let pod = &job["spec"]["template"]["spec"];
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() >= 30);
    let container = &pod["containers"][0];
    // The driver is process 1: SIGTERM reaches it.
    assert_eq!(container["command"], Value::Null);
    let words = container["args"].as_array().unwrap().iter();
    let words = words.map(|word| {
        let word = word.as_str().unwrap();
        word.replace("$(JOB_COMPLETION_INDEX)", "3")
            .replace("$(SHARDS)", "4")
    });
    let cli = Cli::try_parse_from(std::iter::once("driver".to_owned()).chain(words)).unwrap();
    let Verb::Collect(collect) = cli.verb else {
        panic!("it collects");
    };
    assert_eq!(collect.shard, Some(Shard { index: 3, of: 4 }));
    assert_eq!(
        collect.output.as_deref(),
        Some("/fleet/bundles/shard-3".as_ref())
    );
    assert!(collect.duration.is_some());
}
