//! How large a transaction is, and whether it is one that is generated here: by what is in it, not
//! by what it is called.

use std::collections::BTreeMap;

use crate::generate::{Request, Shape, generate};
use crate::mode::Mode;

/// The Service of the API server, which every cluster has and which is not counted.
const API: &str = "default/kubernetes";

/// The Services that a transaction writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scale {
    /// Those with endpoints, besides the API server's.
    pub services: u64,
    /// Endpoints of each; none if they differ.
    pub endpoints_per_service: Option<u64>,
    /// Whether the API server's own is among what it writes.
    has_api_endpoint: bool,
    /// Replicas on the node, which kube-proxy lists apart since 1.36.
    local: u64,
}

impl Scale {
    /// Counts the Services of a batch for `nft -f`, or of the input of `iptables-restore`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut each: BTreeMap<&str, u64> = BTreeMap::new();
        let mut scale = Self::default();
        for line in text.lines() {
            let found = match line.strip_prefix("-A ") {
                Some(rule) => of_iptables(rule),
                None => of_nft(line),
            };
            if let Some((chain, endpoints)) = found {
                let is_api = chain.contains(API) || line.contains(&format!("\"{API}:"));
                scale.has_api_endpoint |= is_api;
                if !is_api {
                    *each.entry(chain).or_default() += endpoints;
                }
            }
            scale.local += u64::from(
                line.starts_with("add element ") && line.contains(" hairpin-connections "),
            );
        }
        scale.services = each.len() as u64;
        let mut counts = each.values().copied();
        let first = counts.next();
        scale.endpoints_per_service = first.filter(|first| counts.all(|count| count == *first));
        scale
    }

    /// Whose transaction it is, if it is the very one that [`generate`] writes.
    #[must_use]
    pub fn shape_of(&self, text: &str) -> Option<Shape> {
        let shapes = [
            Shape::KubeProxy1_32,
            Shape::KubeProxy1_36,
            Shape::KubeProxy1_37,
        ];
        let small = |count: u64| u32::try_from(count).ok();
        let (services, local) = (small(self.services)?, small(self.local)?);
        let endpoints = small(self.endpoints_per_service?)?;
        // A step is the same from however many replicas, but from none; that of iptables names the
        // API server's Service without a chain of it.
        let froms = [None, Some(1), Some(0)];
        let all = froms.map(|from| [(from, self.has_api_endpoint), (from, true)]);
        let is_it = |shape: &Shape| {
            all.iter()
                .flatten()
                .any(|(from_replicas, has_api_endpoint)| {
                    let request = Request {
                        mode: Mode::of(text),
                        shape: *shape,
                        services,
                        endpoints,
                        from_replicas: *from_replicas,
                        local,
                        has_api_endpoint: *has_api_endpoint,
                    };
                    generate(&request) == text
                })
        };
        shapes.into_iter().find(is_it)
    }
}

/// A Service's chain, and how many endpoints a rule of it chooses from.
fn of_nft(line: &str) -> Option<(&str, u64)> {
    let rule = line.strip_prefix("add rule ")?;
    let mut words = rule.split_whitespace().skip(2);
    let chain = words.next().filter(|chain| chain.starts_with("service-"))?;
    if let Some((_, rest)) = rule.split_once("numgen random mod ") {
        return Some((chain, rest.split_whitespace().next()?.parse().ok()?));
    }
    rule.contains(" dnat to ").then_some((chain, 1))
}

/// Likewise, a rule an endpoint.
fn of_iptables(rule: &str) -> Option<(&str, u64)> {
    let chain = rule.split_whitespace().next()?;
    let to_endpoint = chain.starts_with("KUBE-SVC-") && rule.contains(" -j KUBE-SEP-");
    to_endpoint.then_some((chain, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_known_by_its_text_whatever_it_is_called() {
        for mode in [Mode::Nftables, Mode::Iptables] {
            for shape in [
                Shape::KubeProxy1_32,
                Shape::KubeProxy1_36,
                Shape::KubeProxy1_37,
            ] {
                for (from_replicas, local, has_api_endpoint) in [
                    (None, 0, true),
                    (None, 2, false),
                    (Some(3), 0, true),
                    (Some(3), 0, false),
                ] {
                    let text = generate(&Request {
                        mode,
                        shape,
                        services: 5,
                        endpoints: 4,
                        from_replicas,
                        local,
                        has_api_endpoint,
                    });
                    let scale = Scale::of(&text);
                    assert_eq!((scale.services, scale.endpoints_per_service), (5, Some(4)));
                    let found = scale.shape_of(&text);
                    // iptables has not changed, and a step of 1.36 is one of 1.37.
                    let first = match (mode, shape, from_replicas) {
                        (Mode::Iptables, ..) => Shape::KubeProxy1_32,
                        (_, Shape::KubeProxy1_37, Some(_)) => Shape::KubeProxy1_36,
                        _ => shape,
                    };
                    assert_eq!(found, Some(first), "{mode:?} {shape:?} {from_replicas:?}");
                    let other = text.replacen("service-1", "service-one", 1);
                    assert_eq!(Scale::of(&other).shape_of(&other), None);
                }
            }
        }
    }

    #[test]
    fn services_that_differ_have_no_number_each() {
        let text = "add rule ip kube-proxy service-A-a/b/tcp/ numgen random mod 3 vmap { }\n\
                    add rule ip kube-proxy service-B-a/c/tcp/ meta l4proto tcp dnat to 10.0.0.1:80\n\
                    add rule ip kube-proxy endpoint-C-a/c/tcp/ meta l4proto tcp dnat to 10.0.0.1:80\n";
        let scale = Scale::of(text);
        assert_eq!((scale.services, scale.endpoints_per_service), (2, None));
        assert_eq!(Scale::of("").services, 0);
        assert_eq!(Scale::of("").shape_of(""), None);
    }
}
