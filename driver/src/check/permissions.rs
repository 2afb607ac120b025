//! Every verb that the driver uses, asked for one by one.

use bundle::Scenario;
use futures::StreamExt as _;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};

use super::{Finding, Level};
use crate::api::answer::words;
use crate::settings::Settings;

/// One verb on one kind of object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verb {
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    /// None: everywhere, or not namespaced.
    namespace: Option<String>,
    /// None: any object.
    name: Option<String>,
    /// What is lost without it; none: a run is not possible.
    without: Option<&'static str>,
}

impl Verb {
    fn words(&self) -> String {
        let group = if self.group.is_empty() { "" } else { "." };
        let slash = if self.subresource.is_empty() { "" } else { "/" };
        let object = self
            .name
            .as_ref()
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        let place = match &self.namespace {
            Some(namespace) => format!(" in {namespace}"),
            None => String::new(),
        };
        format!(
            "{} {}{slash}{}{group}{}{object}{place}",
            self.verb, self.resource, self.subresource, self.group
        )
    }

    fn on(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    fn optional(mut self, without: &'static str) -> Self {
        self.without = Some(without);
        self
    }
}

/// Every verb that a run with these settings uses; `cluster/rbac.yaml` grants the same.
pub(super) fn needed(settings: &Settings) -> Vec<Verb> {
    let load = Some(settings.load.namespace.clone());
    let system = Some(settings.sources.namespace.clone());
    let mut verbs = of_the_load(&settings.load.namespace, &load);
    verbs.extend(of_the_capture(&system));
    verbs.extend(of_the_check());
    match settings.load.scenario {
        Scenario::Ramp => {}
        Scenario::Churn => verbs.push(verb("delete", "", "pods", "", &load)),
        Scenario::ColdStart => verbs.push(verb("delete", "", "pods", "", &system)),
    }
    verbs
}

fn verb(
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    namespace: &Option<String>,
) -> Verb {
    Verb {
        verb,
        group,
        resource,
        subresource,
        namespace: namespace.clone(),
        name: None,
        without: None,
    }
}

/// What makes, scales and removes the load, and who says that it is ours.
fn of_the_load(namespace: &str, load: &Option<String>) -> Vec<Verb> {
    vec![
        verb("get", "", "namespaces", "", &None).on(namespace),
        verb("create", "", "namespaces", "", &None)
            .optional("the namespace must exist before a run"),
        verb("delete", "", "namespaces", "", &None)
            .on(namespace)
            .optional("cleanup leaves the namespace that a run made"),
        verb("list", "", "services", "", load),
        verb("create", "", "services", "", load),
        verb("delete", "", "services", "", load),
        verb("list", "apps", "deployments", "", load),
        verb("get", "apps", "deployments", "", load),
        verb("create", "apps", "deployments", "", load),
        verb("delete", "apps", "deployments", "", load),
        verb("get", "apps", "deployments", "scale", load),
        verb("patch", "apps", "deployments", "scale", load),
        verb("list", "", "pods", "", load),
        verb("list", "discovery.k8s.io", "endpointslices", "", load),
        verb("get", "coordination.k8s.io", "leases", "", load),
        verb("create", "coordination.k8s.io", "leases", "", load),
        verb("update", "coordination.k8s.io", "leases", "", load),
        verb("delete", "coordination.k8s.io", "leases", "", load),
        verb("list", "", "resourcequotas", "", load)
            .optional("whether a quota leaves room for the load is not known"),
    ]
}

/// What takes home the nodes' logs and what stands beside them.
fn of_the_capture(system: &Option<String>) -> Vec<Verb> {
    vec![
        verb("list", "", "nodes", "", &None),
        verb("watch", "", "nodes", "", &None).optional("nodes are listed every 5 s instead"),
        verb("list", "", "pods", "", system),
        verb("get", "", "pods", "", system),
        verb("get", "", "pods", "log", system),
        verb("watch", "", "pods", "", system)
            .optional("kube-proxy's pods are listed every 2 s instead"),
        // kubeadm's name; rbac.yaml grants the EKS add-on's beside it.
        verb("get", "", "configmaps", "", system)
            .on("kube-proxy")
            .optional("kube-proxy's ConfigMap (mode, minSyncPeriod) is not captured"),
        verb("get", "", "pods", "proxy", system).optional("kube-proxy's metrics are not captured"),
        verb("get", "", "nodes", "proxy", &None).optional("kernel logs are not captured"),
    ]
}

/// What `driver check` looks at besides.
fn of_the_check() -> Vec<Verb> {
    let leases = Some("kube-node-lease".to_owned());
    vec![
        verb("list", "coordination.k8s.io", "leases", "", &leases)
            .optional("whether the nodes' clocks agree is not known before the run"),
        verb("list", "networking.k8s.io", "servicecidrs", "", &None)
            .optional("the free Service range is not known"),
        verb("list", "networking.k8s.io", "ipaddresses", "", &None)
            .optional("the free Service range is not known"),
    ]
}

/// Asks the server about each verb: one finding for all that are allowed, one for each missing.
pub(super) async fn check(client: &Client, settings: &Settings) -> Vec<Finding> {
    let verbs = needed(settings);
    let count = verbs.len();
    let answers: Vec<(Verb, Result<bool, String>)> = futures::stream::iter(verbs)
        .map(|verb| async move {
            let allowed = allowed(client, &verb).await;
            (verb, allowed)
        })
        .buffered(8)
        .collect()
        .await;
    let missing: Vec<Finding> = answers.into_iter().filter_map(finding).collect();
    let granted = count - missing.len();
    let level = if granted == 0 {
        Level::Fail
    } else {
        Level::Pass
    };
    let all = Finding::new(
        level,
        "permissions",
        format!("{granted} of {count} verbs allowed"),
    );
    std::iter::once(all).chain(missing).collect()
}

fn finding((verb, allowed): (Verb, Result<bool, String>)) -> Option<Finding> {
    let detail = match allowed {
        Ok(true) => return None,
        Ok(false) => format!("missing: {}", verb.words()),
        Err(problem) => format!("not known: {}: {problem}", verb.words()),
    };
    Some(match verb.without {
        None => Finding::new(
            Level::Fail,
            "permission",
            format!("{detail}; see cluster/rbac.yaml"),
        ),
        Some(without) => Finding::new(Level::Warn, "permission", format!("{detail}: {without}")),
    })
}

async fn allowed(client: &Client, verb: &Verb) -> Result<bool, String> {
    let reviews: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let attributes = ResourceAttributes {
        verb: some(verb.verb),
        group: some(verb.group),
        resource: some(verb.resource),
        subresource: some(verb.subresource),
        namespace: verb.namespace.clone(),
        name: verb.name.clone(),
        ..ResourceAttributes::default()
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        },
        ..SelfSubjectAccessReview::default()
    };
    let answer = reviews.create(&PostParams::default(), &review).await;
    let answer = answer.map_err(|error| words(&error))?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::choices::Choices;

    #[test]
    fn a_missing_verb_is_named_and_an_optional_one_says_what_is_lost() {
        let settings = Settings::from_choices(Choices::default()).unwrap();
        let verbs = needed(&settings);
        let scale = verbs.iter().find(|v| v.verb == "patch").unwrap();
        let missing = finding((scale.clone(), Ok(false))).unwrap();
        assert_eq!(missing.level, Level::Fail);
        assert_eq!(
            missing.detail,
            "missing: patch deployments/scale.apps in debug; see cluster/rbac.yaml"
        );
        let proxy = verbs
            .iter()
            .find(|v| v.resource == "nodes" && v.subresource == "proxy");
        let missing = finding((proxy.unwrap().clone(), Ok(false))).unwrap();
        assert_eq!(missing.level, Level::Warn);
        assert!(missing.detail.ends_with("kernel logs are not captured"));
    }

    #[test]
    fn scenarios_that_delete_pods_ask_for_that() {
        for (scenario, namespace) in [
            (Scenario::Churn, "debug"),
            (Scenario::ColdStart, "kube-system"),
        ] {
            let choices = Choices {
                scenario: Some(scenario),
                ..Choices::default()
            };
            let verbs = needed(&Settings::from_choices(choices).unwrap());
            let deletes = verbs
                .iter()
                .find(|v| v.verb == "delete" && v.resource == "pods");
            assert_eq!(deletes.unwrap().namespace.as_deref(), Some(namespace));
        }
    }
}
