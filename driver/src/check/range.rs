//! Whether the Service range holds the Services that are asked for.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::{IPAddress, ServiceCIDR};
use kube::api::{ListParams, PostParams};
use kube::{Api, Client};

use super::{Finding, Level};
use crate::api::answer::{Kind, kind, words};
use crate::settings::Load;

/// Name of the line.
const SUBJECT: &str = "service range";
/// An address for documentation (RFC 5737), in no Service range.
const OUTSIDE: &str = "192.0.2.1";

/// `made` Services are there already from an earlier run.
pub(super) async fn check(client: &Client, load: &Load, made: u64) -> Finding {
    let capacity = match by_api(client).await {
        Ok(capacity) => Ok(capacity),
        Err(problem) => by_dry_run(client, load)
            .await
            .map_err(|second| format!("{problem}; {second}")),
    };
    match capacity {
        Ok(capacity) => judge(&capacity, load.services.saturating_sub(made)),
        Err(problem) => Finding::new(Level::Warn, SUBJECT, format!("not known: {problem}")),
    }
}

/// What the range holds.
#[derive(Debug, PartialEq, Eq)]
struct Capacity {
    ranges: Vec<String>,
    total: u64,
    taken: Option<u64>,
}

/// Whether `services` more fit.
fn judge(capacity: &Capacity, services: u64) -> Finding {
    let ranges = capacity.ranges.join(", ");
    let free = capacity.total.saturating_sub(capacity.taken.unwrap_or(0));
    let about = match capacity.taken {
        Some(taken) => format!("{ranges}: {free} of {} free, {taken} taken", capacity.total),
        None => format!(
            "{ranges}: {} in all, how many are taken is not known",
            capacity.total
        ),
    };
    if free >= services {
        Finding::new(Level::Pass, SUBJECT, about)
    } else if capacity.total < services {
        let detail = format!("{about}; {services} more Services do not fit: add a ServiceCIDR");
        Finding::new(Level::Fail, SUBJECT, detail)
    } else {
        let detail = format!("{about}; {services} more Services do not fit");
        Finding::new(Level::Fail, SUBJECT, detail)
    }
}

/// By the ServiceCIDR and IPAddress API (Kubernetes 1.33 and newer).
async fn by_api(client: &Client) -> Result<Capacity, String> {
    let everything = ListParams::default();
    let cidrs: Api<ServiceCIDR> = Api::all(client.clone());
    let cidrs = cidrs.list(&everything).await;
    let cidrs = cidrs.map_err(|e| format!("listing ServiceCIDRs: {}", words(&e)))?;
    let first_family: Vec<String> = cidrs
        .items
        .into_iter()
        .filter_map(|cidr| cidr.spec?.cidrs?.into_iter().next())
        .collect();
    if first_family.is_empty() {
        return Err("there is no ServiceCIDR".to_owned());
    }
    let addresses: Api<IPAddress> = Api::all(client.clone());
    let page = addresses.list_metadata(&everything.limit(1)).await;
    let page = page.map_err(|e| format!("listing IPAddresses: {}", words(&e)))?;
    let rest = page.metadata.remaining_item_count.unwrap_or(0);
    let taken = page.items.len() as u64 + u64::try_from(rest).unwrap_or(0);
    Ok(Capacity {
        total: first_family
            .iter()
            .filter_map(|cidr| addresses_in(cidr))
            .sum(),
        ranges: first_family,
        taken: Some(taken),
    })
}

/// By dry runs: an address outside of the range is refused with the range's name, and where no
/// address is left at all one that is to be chosen is refused as well.
async fn by_dry_run(client: &Client, load: &Load) -> Result<Capacity, String> {
    let mut problem = String::new();
    for namespace in [load.namespace.as_str(), "default"] {
        let services: Api<Service> = Api::namespaced(client.clone(), namespace);
        match refusal(&services, Some(OUTSIDE)).await? {
            None => problem = format!("{OUTSIDE} was accepted"),
            Some((_, words)) => match range_in(&words) {
                Some(range) => {
                    let total = addresses_in(&range).unwrap_or(0);
                    let full = matches!(
                        refusal(&services, None).await?,
                        Some((Kind::RangeFull(_), _))
                    );
                    return Ok(Capacity {
                        ranges: vec![range],
                        total,
                        taken: full.then_some(total),
                    });
                }
                None => problem = words,
            },
        }
    }
    Err(format!("asking by a dry run: {problem}"))
}

/// What the server says against a Service with this ClusterIP, or one of its own choice.
async fn refusal(
    services: &Api<Service>,
    address: Option<&str>,
) -> Result<Option<(Kind, String)>, String> {
    let service = serde_json::json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "generateName": "driver-check-" },
        "spec": { "clusterIP": address, "ports": [{ "port": 80 }] }
    });
    let service: Service = serde_json::from_value(service).map_err(|e| e.to_string())?;
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let answer = services.create(&dry_run, &service).await;
    Ok(answer.err().map(|error| (kind(&error), words(&error))))
}

/// ```text
/// ... the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 172.20.0.0/16
/// ```
fn range_in(message: &str) -> Option<String> {
    let (_, after) = message.split_once("range of valid IPs is ")?;
    let end = after
        .find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/')))
        .unwrap_or(after.len());
    Some(after[..end].trim_end_matches('.').to_owned())
}

/// Addresses of a range that Services can have: all but the first, and in IPv4 the last.
fn addresses_in(cidr: &str) -> Option<u64> {
    let (address, prefix) = cidr.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let (bits, reserved) = if address.contains(':') {
        (128, 1)
    } else {
        (32, 2)
    };
    let free = u32::checked_sub(bits, prefix)?;
    // Beyond 62 bits any number means the same here: enough.
    Some(1_u64.checked_shl(free.min(62))?.saturating_sub(reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_20_cannot_hold_the_published_load() {
        for (cidr, addresses) in [
            ("172.20.0.0/16", Some(65534)),
            ("10.100.0.0/20", Some(4094)),
            ("10.96.0.0/12", Some(1_048_574)),
            ("fd00::/108", Some(1_048_575)),
            ("nonsense", None),
            ("10.0.0.0/40", None),
        ] {
            assert_eq!(addresses_in(cidr), addresses, "{cidr}");
        }
        let capacity = Capacity {
            ranges: vec!["10.100.0.0/20".to_owned()],
            total: 4094,
            taken: Some(10),
        };
        let finding = judge(&capacity, 8000);
        assert_eq!(finding.level, Level::Fail);
        assert!(
            finding.detail.contains("8000 more Services do not fit"),
            "{}",
            finding.detail
        );
        assert_eq!(judge(&capacity, 4000).level, Level::Pass);
        assert_eq!(judge(&capacity, 4090).level, Level::Fail);
    }

    #[test]
    fn the_range_is_read_from_a_refusal() {
        let words = "Service \"x\" is invalid: spec.clusterIPs: Invalid value: [\"192.0.2.1\"]: \
            failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the valid \
            range. The range of valid IPs is 172.20.0.0/16";
        assert_eq!(range_in(words).as_deref(), Some("172.20.0.0/16"));
        assert_eq!(range_in("forbidden"), None);
    }
}
