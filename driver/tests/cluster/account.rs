//! Objects as `kubectl apply` makes them, and who may do what with their rights.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, DynamicObject, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::json;

use crate::lab::Lab;

/// The objects of a folder's kustomization, a line each, by the server's own validation; nothing is
/// changed. None, and said, where there is no kubectl.
pub fn taken_by_the_server(lab: &Lab, folder: &str) -> Option<String> {
    let path = format!("{}/../{folder}", env!("CARGO_MANIFEST_DIR"));
    let words = ["apply", "--dry-run=server", "-k", &path, "-o", "name"];
    let kubectl = Command::new("kubectl")
        .args(words)
        .env("KUBECONFIG", &lab.kubeconfig)
        .output();
    let Ok(output) = kubectl else {
        eprintln!("SKIPPED: the kustomization of {folder}, for there is no kubectl");
        return None;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    // Rights that are there already were made without kubectl, of which it warns.
    let warned = told
        .lines()
        .find(|line| line.starts_with("Warning:") && !line.contains("last-applied-configuration"));
    assert_eq!(warned, None);
    Some(String::from_utf8(output.stdout).unwrap())
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
