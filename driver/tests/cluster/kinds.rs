//! A namespace with one object of each kind that the server knows: all of them outlive a run and a
//! cleanup, and keep the namespace although the run made it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, PostParams};
use kube::core::ApiResource;
use kube::discovery::{Discovery, Scope, verbs};
use serde_json::{Value, json};

use crate::driver::run;
use crate::lab::Lab;

const NAMESPACE: &str = "t-kinds";
/// What the system makes by itself in every namespace, or of what others made.
const SYSTEM: [&str; 2] = ["default", "kube-root-ca.crt"];

pub fn one_object_of_each_kind_outlives_run_and_cleanup(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let load = format!("-n {NAMESPACE} --owner {NAMESPACE} --services 20");
    // The namespace is the run's own: nothing but what is in it may keep it.
    let words = format!(
        "run {load} --replicas 1 --step-pause 2s --stabilise 0 --quiet-for 3s --keep -o {}",
        place.path().join("first").display()
    );
    let done = run(&lab.kubeconfig, &words);
    assert_eq!(done.status, 0, "{done:?}");

    let kinds = kinds(lab);
    for (name, (resource, _)) in &kinds {
        let object = sample(&resource.kind);
        assert!(
            object.is_some(),
            "no sample of {name}: a new kind needs one here"
        );
        if let Some(object) = object.flatten() {
            make(lab, resource, object);
        }
    }
    let before = survivors(lab, &kinds);
    assert!(before.len() >= 25, "{before:?}");

    let words = format!(
        "run {load} --replicas 2,3 --step-pause 2s --stabilise 0 --quiet-for 3s -o {}",
        place.path().join("second").display()
    );
    for words in [
        &words,
        &format!("cleanup {load}"),
        &format!("cleanup {load}"),
    ] {
        let done = run(&lab.kubeconfig, words);
        assert_eq!(done.status, 0, "{done:?}");
        assert_eq!(survivors(lab, &kinds), before, "after {words}: {done:?}");
    }
    let namespaces: Api<Namespace> = Api::all(lab.client());
    lab.wait(namespaces.delete(NAMESPACE, &DeleteParams::default()))
        .unwrap();
}

type Kinds = BTreeMap<String, (ApiResource, bool)>;

/// Every namespaced kind that can be made, by group and name; and whether it can be listed.
fn kinds(lab: &Lab) -> Kinds {
    let discovery = lab.wait(Discovery::new(lab.client()).run()).unwrap();
    let mut kinds = Kinds::new();
    for group in discovery.groups() {
        for (resource, capabilities) in group.recommended_resources() {
            let made = capabilities.supports_operation(verbs::CREATE);
            if capabilities.scope == Scope::Namespaced && made {
                let name = format!("{} of {}", resource.kind, resource.group);
                let listed = capabilities.supports_operation(verbs::LIST);
                kinds.insert(name, (resource, listed));
            }
        }
    }
    kinds
}

fn api(lab: &Lab, resource: &ApiResource) -> Api<DynamicObject> {
    Api::namespaced_with(lab.client(), NAMESPACE, resource)
}

fn make(lab: &Lab, resource: &ApiResource, mut object: Value) {
    object["apiVersion"] = json!(resource.api_version);
    object["kind"] = json!(resource.kind);
    object["metadata"] = json!({"name": "theirs"});
    if resource.kind == "EndpointSlice" {
        object["addressType"] = json!("IPv4");
    }
    let object: DynamicObject = serde_json::from_value(object).unwrap();
    let made = lab.wait(api(lab, resource).create(&PostParams::default(), &object));
    // Events are one kind by two names.
    let there = matches!(&made, Err(kube::Error::Api(status)) if status.is_already_exists());
    let twice = there && resource.kind == "Event";
    assert!(made.is_ok() || twice, "{}: {made:?}", resource.kind);
}

/// Names and UIDs of all that is there, but for the system's and what comes and goes by itself.
fn survivors(lab: &Lab, kinds: &Kinds) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, (resource, listed)) in kinds {
        if !listed || resource.kind == "Event" && !resource.group.is_empty() {
            continue;
        }
        let listed = lab.wait(api(lab, resource).list(&ListParams::default()));
        for object in listed.unwrap() {
            let of = object.metadata.name.unwrap_or_default();
            // What a test did not make belongs to the load, or comes from controllers.
            if of == "theirs" && !SYSTEM.contains(&of.as_str()) {
                found.insert(format!(
                    "{name} {}",
                    object.metadata.uid.unwrap_or_default()
                ));
            }
        }
    }
    found
}

/// The least that makes an object of a kind; `Some(None)` for what is asked and never kept.
fn sample(kind: &str) -> Option<Option<Value>> {
    let pod = json!({
        "metadata": {"labels": {"app": "theirs"}},
        "spec": {"containers": [{"name": "c", "image": "i"}], "nodeName": "nowhere"}
    });
    let selector = json!({"matchLabels": {"app": "theirs"}});
    let object = match kind {
        "Binding" | "LocalSubjectAccessReview" => return Some(None),
        "ConfigMap" | "Endpoints" | "Lease" | "PodTemplate" | "Role" | "Secret"
        | "ServiceAccount" | "ResourceQuota" => json!({"template": pod}),
        "ControllerRevision" => json!({"revision": 1, "data": {}}),
        "CSIStorageCapacity" => json!({"storageClassName": "none"}),
        "CronJob" => json!({"spec": {"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {
            "spec": {"template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]
            }}}
        }}}),
        "DaemonSet" => {
            // Nowhere: no node has that label.
            let mut nowhere = pod;
            nowhere["spec"] = json!({
                "containers": [{"name": "c", "image": "i"}],
                "nodeSelector": {"nowhere": "true"}
            });
            json!({"spec": {"selector": selector, "template": nowhere}})
        }
        "Deployment" | "ReplicaSet" => {
            json!({"spec": {"replicas": 0, "selector": selector, "template": pod}})
        }
        "EndpointSlice" => json!({"endpoints": []}),
        "Event" => json!({
            "involvedObject": {"namespace": NAMESPACE, "kind": "Pod", "name": "theirs"},
            "regarding": {"namespace": NAMESPACE, "kind": "Pod", "name": "theirs"},
            "eventTime": "2026-11-24T11:00:00.000000Z", "reportingController": "c",
            "reportingComponent": "c",
            "reportingInstance": "i", "action": "a", "reason": "r", "type": "Normal"
        }),
        "HorizontalPodAutoscaler" => json!({"spec": {"maxReplicas": 2, "scaleTargetRef": {
            "kind": "Deployment", "name": "theirs", "apiVersion": "apps/v1"
        }}}),
        "Ingress" => json!({"spec": {"defaultBackend": {"service": {
            "name": "theirs", "port": {"number": 80}
        }}}}),
        "Job" => json!({"spec": {"suspend": true, "template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]
        }}}}),
        "LimitRange" => json!({"spec": {"limits": []}}),
        "Logs" => json!({"spec": {"logs": []}}),
        "Attach" => json!({"spec": {"attaches": []}}),
        "Exec" => json!({"spec": {"execs": []}}),
        "PortForward" => json!({"spec": {"forwards": []}}),
        "NetworkPolicy" => json!({"spec": {"podSelector": {}}}),
        "PersistentVolumeClaim" => json!({"spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "resources": {"requests": {"storage": "1Gi"}}
        }}),
        "Pod" => json!({"spec": {"containers": [{"name": "c", "image": "i"}],
            "schedulerName": "nobody"}}),
        "PodDisruptionBudget" => json!({"spec": {"minAvailable": 1, "selector": selector}}),
        "ReplicationController" => json!({"spec": {
            "replicas": 0, "selector": {"app": "theirs"}, "template": pod
        }}),
        "ResourceClaim" => json!({"spec": {"devices": {"requests": []}}}),
        "ResourceClaimTemplate" => json!({"spec": {"spec": {"devices": {"requests": []}}}}),
        "RoleBinding" => json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "theirs"},
            "subjects": []
        }),
        "Service" => json!({"spec": {"ports": [{"port": 80}]}}),
        "StatefulSet" => json!({"spec": {
            "replicas": 0, "serviceName": "theirs", "selector": selector, "template": pod
        }}),
        _ => return None,
    };
    Some(Some(object))
}
