//! A ServiceAccount with `cluster/rbac.yaml` only, and one with nothing.

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams};

use crate::account::{apply, kubeconfig_with, taken_by_the_server, token_of};
use crate::driver::{assert_complete, run};
use crate::lab::Lab;

/// The namespace of the driver's ServiceAccount.
const ACCOUNTS: &str = "kube-proxy-bench";

pub fn rbac_yaml_is_enough_and_each_missing_verb_is_named(lab: &Lab) {
    apply(lab, include_str!("../../../cluster/rbac.yaml"));
    // The server takes the Job; what stands for its image runs nothing here.
    apply(lab, include_str!("../../../cluster/job.yaml"));
    if let Some(taken) = taken_by_the_server(lab, "cluster") {
        assert_eq!(taken.lines().count(), 10, "{taken}");
        assert!(taken.contains("job.batch/driver"), "{taken}");
    }
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
