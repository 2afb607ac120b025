//! The load as pure objects: what the published benchmark creates, made from settings alone.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, Namespace, PodSpec, PodTemplateSpec, Service, ServicePort,
    ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::settings::owner::Owner;

/// Name of the Deployment, and the value of the label `app` that every Service selects.
pub const DEPLOYMENT: &str = "nginx-deployment";
/// Name of a Service without its number.
pub const SERVICE: &str = "nginx-service-";
/// The port of Services and container.
const PORT: i32 = 80;

/// What every object of the load has in common.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Namespace of the load.
    pub namespace: String,
    /// The container image.
    pub image: String,
    /// Whose it is.
    pub owner: Owner,
    /// The run's id.
    pub run: String,
}

/// The name of the `number`-th Service, from 1: `nginx-service-00001`.
#[must_use]
pub fn service_name(number: u64) -> String {
    format!("{SERVICE}{number:05}")
}

/// The number in a Service's name, if it is one of ours by its form.
#[must_use]
pub fn service_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(SERVICE)?.parse().ok()?;
    (service_name(number) == name).then_some(number)
}

impl Blueprint {
    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        Namespace {
            metadata: ObjectMeta {
                name: Some(self.namespace.clone()),
                labels: Some(self.owner.labels(&self.run)),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        }
    }

    /// The `number`-th Service: one port, a ClusterIP, the Deployment's pods behind it.
    #[must_use]
    pub fn service(&self, number: u64) -> Service {
        Service {
            metadata: self.metadata(service_name(number)),
            spec: Some(ServiceSpec {
                type_: Some("ClusterIP".to_owned()),
                selector: Some(app()),
                ports: Some(vec![ServicePort {
                    port: PORT,
                    protocol: Some("TCP".to_owned()),
                    target_port: Some(IntOrString::Int(PORT)),
                    ..ServicePort::default()
                }]),
                ..ServiceSpec::default()
            }),
            ..Service::default()
        }
    }

    /// The Deployment behind every Service, with so many replicas.
    #[must_use]
    pub fn deployment(&self, replicas: i32) -> Deployment {
        let mut pod_labels = self.owner.labels(&self.run);
        pod_labels.extend(app());
        Deployment {
            metadata: self.metadata(DEPLOYMENT.to_owned()),
            spec: Some(DeploymentSpec {
                replicas: Some(replicas),
                selector: LabelSelector {
                    match_labels: Some(app()),
                    ..LabelSelector::default()
                },
                template: PodTemplateSpec {
                    metadata: Some(ObjectMeta {
                        labels: Some(pod_labels),
                        ..ObjectMeta::default()
                    }),
                    spec: Some(self.pod()),
                },
                ..DeploymentSpec::default()
            }),
            ..Deployment::default()
        }
    }

    fn pod(&self) -> PodSpec {
        PodSpec {
            // Seven environment variables a Service would keep nginx from starting: 8,000
            // Services exceed the longest argument list that Linux takes.
            enable_service_links: Some(false),
            automount_service_account_token: Some(false),
            containers: vec![Container {
                name: "nginx".to_owned(),
                image: Some(self.image.clone()),
                ports: Some(vec![ContainerPort {
                    container_port: PORT,
                    ..ContainerPort::default()
                }]),
                ..Container::default()
            }],
            ..PodSpec::default()
        }
    }

    fn metadata(&self, name: String) -> ObjectMeta {
        ObjectMeta {
            name: Some(name),
            namespace: Some(self.namespace.clone()),
            labels: Some(self.owner.labels(&self.run)),
            ..ObjectMeta::default()
        }
    }
}

fn app() -> BTreeMap<String, String> {
    BTreeMap::from([("app".to_owned(), DEPLOYMENT.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blueprint() -> Blueprint {
        Blueprint {
            namespace: "debug".to_owned(),
            image: "nginx:stable-alpine".to_owned(),
            owner: Owner::new("driver").unwrap(),
            run: "r1".to_owned(),
        }
    }

    #[test]
    fn services_are_the_published_ones() {
        let service = serde_json::to_value(blueprint().service(1)).unwrap();
        assert_eq!(service["metadata"]["name"], "nginx-service-00001");
        assert_eq!(service["metadata"]["namespace"], "debug");
        assert_eq!(service["spec"]["selector"]["app"], "nginx-deployment");
        assert_eq!(service["spec"]["ports"][0]["port"], 80);
        assert_eq!(service["spec"]["type"], "ClusterIP");
        assert_eq!(
            service["metadata"]["labels"]["kube-proxy-bench/owner"],
            "driver"
        );
    }

    #[test]
    fn the_deployment_keeps_service_variables_out_of_its_pods() {
        let deployment = serde_json::to_value(blueprint().deployment(30)).unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(pod["enableServiceLinks"], false);
        assert_eq!(pod["containers"][0]["image"], "nginx:stable-alpine");
        assert_eq!(deployment["spec"]["replicas"], 30);
        assert_eq!(
            deployment["spec"]["selector"]["matchLabels"]["app"],
            "nginx-deployment"
        );
        assert_eq!(
            deployment["spec"]["template"]["metadata"]["labels"]["kube-proxy-bench/owner"],
            "driver"
        );
    }

    #[test]
    fn numbers_are_read_back_from_names() {
        for (name, number) in [
            ("nginx-service-00001", Some(1)),
            ("nginx-service-08000", Some(8000)),
            ("nginx-service-123456", Some(123_456)),
            ("nginx-service-1", None),
            ("nginx-service-0000x", None),
            ("other-00001", None),
        ] {
            assert_eq!(service_number(name), number, "{name}");
        }
    }
}
