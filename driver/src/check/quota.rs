//! Whether the namespace's resource quotas leave room for the load.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceQuota;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::api::ListParams;
use kube::{Api, Client};

use super::{Finding, Level};
use crate::api::answer::words;
use crate::load::cleanup::Count;
use crate::settings::Load;

/// Name of the line.
const SUBJECT: &str = "quota";

/// `made` is there already from an earlier run, and counted in a quota's use.
pub(super) async fn check(client: &Client, load: &Load, made: &Count) -> Vec<Finding> {
    let quotas: Api<ResourceQuota> = Api::namespaced(client.clone(), &load.namespace);
    match quotas.list(&ListParams::default()).await {
        Ok(list) => judge(&list.items, load, made),
        Err(error) => vec![Finding::new(
            Level::Warn,
            SUBJECT,
            format!("not known: {}", words(&error)),
        )],
    }
}

/// What the load still needs, by the names that quotas use for it.
fn needed(load: &Load, made: &Count) -> [(&'static str, u64); 6] {
    let services = load.services.saturating_sub(made.services as u64);
    let most = load.replicas.iter().copied().max().unwrap_or(0);
    let pods = most.saturating_sub(made.pods as u64);
    let deployments = 1_u64.saturating_sub(made.deployments as u64);
    [
        ("services", services),
        ("count/services", services),
        ("pods", pods),
        ("count/pods", pods),
        ("count/deployments.apps", deployments),
        // Each Service's endpoints are written as slices beside it.
        ("count/endpointslices.discovery.k8s.io", services),
    ]
}

fn judge(quotas: &[ResourceQuota], load: &Load, made: &Count) -> Vec<Finding> {
    let mut findings = Vec::new();
    for quota in quotas {
        let name = quota.metadata.name.as_deref().unwrap_or_default();
        for (resource, wanted) in needed(load, made) {
            let Some(free) = free(quota, resource) else {
                continue;
            };
            if free < wanted {
                let detail = format!(
                    "{name} leaves {free} {resource}, {wanted} more are needed: raise it, or \
                     choose another --namespace"
                );
                findings.push(Finding::new(Level::Fail, SUBJECT, detail));
            }
        }
    }
    if findings.is_empty() {
        let detail = match quotas.len() {
            0 => format!("none in {}", load.namespace),
            _ => format!("{} in {} leave room", quotas.len(), load.namespace),
        };
        findings.push(Finding::new(Level::Pass, SUBJECT, detail));
    }
    findings
}

/// What a quota leaves of a resource; none if it says nothing of it.
fn free(quota: &ResourceQuota, resource: &str) -> Option<u64> {
    let status = quota.status.as_ref();
    let spec = quota.spec.as_ref();
    let limits = status
        .and_then(|s| s.hard.as_ref())
        .or_else(|| spec.and_then(|s| s.hard.as_ref()));
    let limit = whole(limits, resource)?;
    let used = whole(status.and_then(|s| s.used.as_ref()), resource).unwrap_or(0);
    Some(limit.saturating_sub(used))
}

/// Counts are whole numbers, perhaps in thousands: `500`, `8k`.
fn whole(quantities: Option<&BTreeMap<String, Quantity>>, resource: &str) -> Option<u64> {
    let text = &quantities?.get(resource)?.0;
    match text.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1000),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::settings::choices::Choices;
    use serde_json::json;

    fn findings(hard: &serde_json::Value, used: &serde_json::Value, made: usize) -> Vec<Finding> {
        let quota = serde_json::from_value(json!({
            "metadata": {"name": "few"}, "spec": {"hard": hard},
            "status": {"hard": hard, "used": used}
        }));
        let choices = Choices {
            services: Some(100),
            ..Choices::default()
        };
        let load = Settings::from_choices(choices).unwrap().load;
        let made = Count {
            services: made,
            ..Count::default()
        };
        judge(&[quota.unwrap()], &load, &made)
    }

    #[test]
    fn a_quota_must_hold_what_is_still_missing() {
        for (hard, used, made, problem) in [
            (json!({"services": "100"}), json!({}), 0, None),
            (json!({"services": "8k"}), json!({"services": "7"}), 0, None),
            (
                json!({"services": "100"}),
                json!({"services": "1"}),
                0,
                Some("few leaves 99 services, 100 more are needed"),
            ),
            // An interrupted run's Services are in the quota's use already.
            (
                json!({"services": "100"}),
                json!({"services": "60"}),
                60,
                None,
            ),
            (
                json!({"count/services": "50"}),
                json!({}),
                0,
                Some("few leaves 50 count/services"),
            ),
            (
                json!({"pods": "29"}),
                json!({}),
                0,
                Some("few leaves 29 pods, 30 more are needed"),
            ),
            (json!({"requests.cpu": "1"}), json!({}), 0, None),
        ] {
            let found = findings(&hard, &used, made);
            match problem {
                None => assert_eq!(found[0].level, Level::Pass, "{hard}: {found:?}"),
                Some(words) => {
                    assert_eq!(found[0].level, Level::Fail, "{hard}: {found:?}");
                    assert!(found[0].detail.contains(words), "{hard}: {found:?}");
                }
            }
        }
    }
}
