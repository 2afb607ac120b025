//! A ServiceAccount with `cluster/rbac.yaml` only, and one with nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, DeleteParams, DynamicObject, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::json;

use crate::driver::{assert_complete, run};
use crate::lab::Lab;

/// The namespace of the driver's ServiceAccount.
const ACCOUNTS: &str = "kube-proxy-bench";

pub fn rbac_yaml_is_enough_and_each_missing_verb_is_named(lab: &Lab) {
    apply(lab, include_str!("../../../cluster/rbac.yaml"));
    // The server takes the Job; what stands for its image runs nothing here.
    apply(lab, include_str!("../../../cluster/job.yaml"));
    kustomization_is_taken(lab);
    let place = tempfile::tempdir().unwrap();
    let token = token_of(lab, ACCOUNTS, "driver");
    let account = kubeconfig_with(lab, place.path(), &token);
    let done = run(&account, "check");
    assert_eq!(done.status, 0, "{done:?}");
    assert!(!done.out.contains("FAIL"), "{}", done.out);
    let path = place.path().join("bundle");
    let words = format!(
        "run --services 30 --replicas 1 --step-pause 2s --stabilise 0 --quiet-for 3s -o {}",
        path.display()
    );
    let done = run(&account, &words);
    assert_eq!(done.status, 0, "{done:?}");
    assert_complete(lab, &path);

    // Nobody in particular: every verb is missing, and named.
    let token = token_of(lab, ACCOUNTS, "default");
    let nobody = kubeconfig_with(lab, place.path(), &token);
    let done = run(&nobody, "check --scenario churn");
    assert_eq!(done.status, 1);
    for verb in [
        "list nodes",
        "get namespaces debug",
        "create services in debug",
        "delete services in debug",
        "create deployments.apps in debug",
        "patch deployments/scale.apps in debug",
        "list endpointslices.discovery.k8s.io in debug",
        "delete pods in debug",
        "get pods/log in kube-system",
        "get configmaps kube-proxy in kube-system",
        "get nodes/proxy",
        "list ipaddresses.networking.k8s.io",
    ] {
        assert!(
            done.out.contains(&format!("missing: {verb}")),
            "{verb}:\n{}",
            done.out
        );
    }
    let namespaces: Api<Namespace> = Api::all(lab.client());
    for namespace in ["debug", ACCOUNTS] {
        lab.wait(namespaces.delete(namespace, &DeleteParams::default()))
            .unwrap();
    }
}

/// All of `cluster/kustomization.yaml`, by the server's own validation; nothing is changed.
fn kustomization_is_taken(lab: &Lab) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../cluster");
    let words = ["apply", "--dry-run=server", "-k", folder, "-o", "name"];
    let kubectl = Command::new("kubectl")
        .args(words)
        .env("KUBECONFIG", &lab.kubeconfig)
        .output();
    let Ok(output) = kubectl else {
        eprintln!("SKIPPED: the kustomization, for there is no kubectl");
        return;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let taken = String::from_utf8_lossy(&output.stdout);
    assert_eq!(taken.lines().count(), 10, "{taken}");
    assert!(taken.contains("job.batch/driver"), "{taken}");
}

/// What `kubectl apply` does with objects that are not there yet.
pub fn apply(lab: &Lab, text: &str) {
    let client = lab.client();
    for document in text.split("\n---\n") {
        let object: DynamicObject = serde_saphyr::from_str(document).unwrap();
        let kind = GroupVersionKind::try_from(object.types.as_ref().unwrap()).unwrap();
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> = match &object.metadata.namespace {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
            None => Api::all_with(client.clone(), &resource),
        };
        // A namespace that is still going away comes back in a moment.
        for attempt in 0.. {
            match lab.wait(api.create(&PostParams::default(), &object)) {
                Ok(_) => break,
                Err(kube::Error::Api(status)) if status.is_already_exists() => break,
                Err(error) => assert!(attempt < 30, "{error}"),
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// A token of a ServiceAccount.
pub fn token_of(lab: &Lab, namespace: &str, account: &str) -> String {
    let accounts: Api<ServiceAccount> = Api::namespaced(lab.client(), namespace);
    let request = serde_json::from_value(json!({"spec": {"audiences": []}})).unwrap();
    let parameters = PostParams::default();
    for attempt in 0.. {
        let asked = accounts.create_token_request(account, &parameters, &request);
        match lab.wait(asked) {
            Ok(answer) => return answer.status.unwrap().token,
            Err(error) => assert!(attempt < 60, "{error}"),
        }
        // The default account is made by a controller in a moment.
        std::thread::sleep(Duration::from_secs(1));
    }
    unreachable!("an attempt succeeds or is the last one")
}

/// The lab's kubeconfig with this token and no other credentials.
pub fn kubeconfig_with(lab: &Lab, place: &Path, token: &str) -> PathBuf {
    let text = std::fs::read_to_string(&lab.kubeconfig).unwrap();
    let mut file: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let current = file["current-context"].clone();
    file["users"] = json!([{"name": "account", "user": {"token": token}}]);
    let contexts = file["contexts"].as_array_mut().unwrap();
    contexts.retain(|context| context["name"] == current);
    contexts[0]["context"]["user"] = json!("account");
    let path = place.join("account.kubeconfig");
    std::fs::write(&path, file.to_string()).unwrap();
    path
}
