//! A cleanup among other people's objects.

use driver::load::cleanup::{Removed, cleanup};
use driver::settings::Settings;
use driver::settings::choices::Choices;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::server::{Asked, Fault, Server};

/// The namespaced kinds that this server knows: (group and version, plural, kind).
const KINDS: &[(&str, &str, &str)] = &[
    ("v1", "configmaps", "ConfigMap"),
    ("v1", "events", "Event"),
    ("v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("v1", "pods", "Pod"),
    ("v1", "secrets", "Secret"),
    ("v1", "serviceaccounts", "ServiceAccount"),
    ("v1", "services", "Service"),
    ("apps/v1", "deployments", "Deployment"),
    ("apps/v1", "statefulsets", "StatefulSet"),
    ("batch/v1", "cronjobs", "CronJob"),
    ("example.org/v1", "widgets", "Widget"),
];

fn path(version: &str, plural: &str) -> String {
    let root = if version.contains('/') { "apis" } else { "api" };
    format!("/{root}/{version}/namespaces/debug/{plural}")
}

/// What discovery says.
fn discovery(asked: &Asked) -> Option<Value> {
    let verbs = ["create", "delete", "get", "list"];
    let resources = |version: &str| {
        let kinds = KINDS.iter().filter(|kind| kind.0 == version);
        let resources: Vec<Value> = kinds
            .map(|(_, plural, kind)| {
                json!({"name": plural, "singularName": "", "namespaced": true, "kind": kind, "verbs": verbs})
            })
            .collect();
        json!({"kind": "APIResourceList", "groupVersion": version, "resources": resources})
    };
    let group = |name: &str| {
        let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
        json!({"name": name, "versions": [version], "preferredVersion": version})
    };
    match asked.path.as_str() {
        "/api" => Some(json!({
            "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []
        })),
        "/apis" => Some(json!({
            "kind": "APIGroupList",
            "groups": [group("apps"), group("batch"), group("example.org")]
        })),
        "/api/v1" => Some(resources("v1")),
        "/apis/apps/v1" => Some(resources("apps/v1")),
        "/apis/batch/v1" => Some(resources("batch/v1")),
        "/apis/example.org/v1" => Some(resources("example.org/v1")),
        _ => None,
    }
}

/// A server with a namespace, a Service and a Deployment of the owner, and what every namespace
/// holds.
fn server() -> Server {
    let server = Server::new().with_answers(discovery);
    let ours = json!({"kube-proxy-bench/owner": "driver"});
    let object = |name: &str, labels: &Value| json!({"metadata": {"name": name, "uid": format!("uid-{name}"), "labels": labels}});
    server.hold("/api/v1/namespaces/debug", object("debug", &ours));
    for (version, plural, name, labels) in [
        ("v1", "services", "nginx-service-00001", &ours),
        ("apps/v1", "deployments", "nginx-deployment", &ours),
        ("v1", "configmaps", "kube-root-ca.crt", &json!({})),
        ("v1", "serviceaccounts", "default", &json!({})),
        ("v1", "events", "nginx-deployment-x1.17f2", &json!({})),
    ] {
        let path = format!("{}/{name}", path(version, plural));
        server.hold(&path, object(name, labels));
    }
    // What somebody's controller made for the Deployment goes with it.
    let mut widget = object("for-the-deployment", &json!({}));
    widget["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "Deployment", "name": "nginx-deployment",
        "uid": "uid-nginx-deployment"
    }]);
    let widgets = path("example.org/v1", "widgets");
    server.hold(&format!("{widgets}/for-the-deployment"), widget);
    server
}

async fn clean(server: &Server) -> Removed {
    let load = Settings::from_choices(Choices::default()).unwrap().load;
    let never = CancellationToken::new();
    cleanup(&server.client(), &load, &never).await.unwrap()
}

fn is_there(server: &Server, path: &str) -> bool {
    server.state().objects.contains_key(path)
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_holds_nothing_foreign_goes() {
    let server = server();
    let removed = clean(&server).await;
    assert_eq!(removed.stays, None);
    assert!(removed.count.namespace);
    assert!(!is_there(&server, "/api/v1/namespaces/debug"));
}

#[tokio::test(start_paused = true)]
async fn one_foreign_object_of_any_kind_keeps_the_namespace() {
    for (version, plural, kind) in KINDS {
        let server = server();
        let foreign = format!("{}/theirs", path(version, plural));
        server.hold(
            &foreign,
            json!({"metadata": {"name": "theirs", "uid": "u"}}),
        );
        let removed = clean(&server).await;
        let stays = removed.stays.unwrap();
        assert_eq!(
            stays.to_string(),
            format!("1 object is not this owner's: {kind}/theirs")
        );
        assert!(is_there(&server, &foreign), "{kind}");
        assert!(is_there(&server, "/api/v1/namespaces/debug"), "{kind}");
        let service = path("v1", "services/nginx-service-00001");
        assert!(
            !is_there(&server, &service),
            "what is the owner's goes all the same"
        );
        assert!(!removed.count.namespace);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_looked_at_keeps_the_namespace() {
    for (refused, says) in [
        (
            "/apis/batch/v1/namespaces/debug/cronjobs",
            "cronjobs.batch (cronjobs is forbidden",
        ),
        ("/apis/example.org/v1", "example.org/v1 (the server is away"),
    ] {
        let server = server().with_faults(move |asked| {
            let message = match asked.path.contains("cronjobs") {
                true => Fault::Refused(403, "cronjobs is forbidden", 0),
                false => Fault::Refused(503, "the server is away", 0),
            };
            (asked.path == refused).then_some(message)
        });
        let removed = clean(&server).await;
        let stays = removed.stays.unwrap().to_string();
        assert!(stays.contains(says), "{stays}");
        assert!(is_there(&server, "/api/v1/namespaces/debug"));
    }
}
