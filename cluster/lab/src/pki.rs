//! The lab's own certificate authority, and a kubeconfig for each user.

use std::net::{IpAddr, Ipv4Addr};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use serde_json::json;

use crate::addresses::{API_PORT, CONTROL_PLANE, FIRST_SERVICE, gateway, node};
use crate::caller;
use crate::error::Error;
use crate::state::{Place, Spec, write_private};

/// Common name and groups of those who talk to the API server.
const USERS: [(&str, &str, &[&str]); 6] = [
    // Everything, as kubeadm's admin.conf.
    ("admin", "lab-admin", &["system:masters"]),
    // The lab itself: it plays the kubelets of kube-proxy pods.
    ("lab", "lab", &["system:masters"]),
    (
        "kube-controller-manager",
        "system:kube-controller-manager",
        &[],
    ),
    ("kube-scheduler", "system:kube-scheduler", &[]),
    ("kube-proxy", "system:kube-proxy", &["system:node-proxier"]),
    // Its rights are in the manifest `kwok.yaml`.
    ("kwok", "lab:kwok", &[]),
];

/// Makes authority, certificates, keys and kubeconfigs anew.
///
/// # Errors
/// Those of the file system; [`Error::Usage`] if the system has no randomness.
pub fn make(place: &Place, spec: &Spec) -> Result<(), Error> {
    let authority = Authority::new()?;
    let write = |name: &str, text: &str| write_private(&place.pki().join(name), text.as_bytes());
    write("ca.crt", &authority.certificate)?;
    for (name, identity) in [
        (
            "apiserver",
            authority.server("kube-apiserver", api_addresses())?,
        ),
        (
            "kubelet",
            authority.server("lab-kubelet", kubelet_addresses(spec))?,
        ),
        (
            "apiserver-kubelet-client",
            authority.client("kube-apiserver", &["system:masters"])?,
        ),
    ] {
        write(&format!("{name}.crt"), &identity.certificate)?;
        write(&format!("{name}.key"), &identity.key)?;
    }
    let accounts = KeyPair::generate()?;
    write("service-accounts.key", &accounts.serialize_pem())?;
    write("service-accounts.pub", &accounts.public_key_pem())?;
    let inside = format!("https://{CONTROL_PLANE}:{API_PORT}");
    let outside = format!("https://127.0.0.1:{}", spec.port);
    for (user, name, groups) in USERS {
        let identity = authority.client(name, groups)?;
        let server = if user == "admin" { &outside } else { &inside };
        let context = format!("{}@{}", user, spec.name);
        let text = authority.kubeconfig(&context, server, &identity);
        write_private(&place.kubeconfig(user), text.as_bytes())?;
    }
    // The administrator is who called, not root.
    caller::hand_over(&place.kubeconfig("admin"))
}

fn api_addresses() -> Vec<SanType> {
    let names = [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];
    let names = names
        .into_iter()
        .filter_map(|name| name.try_into().ok().map(SanType::DnsName));
    let addresses = [Ipv4Addr::LOCALHOST, CONTROL_PLANE, FIRST_SERVICE];
    let addresses = addresses.map(|address| SanType::IpAddress(IpAddr::V4(address)));
    names.chain(addresses).collect()
}

/// Where kubelets are played, beside the nodes; and the nodes themselves, where a real one may be.
fn kubelet_addresses(spec: &Spec) -> Vec<SanType> {
    let numbers = spec.nodes.iter().map(|node| node.number);
    let addresses = numbers.flat_map(|number| [gateway(number), node(number)]);
    let names = addresses.map(|address| SanType::IpAddress(IpAddr::V4(address)));
    names.collect()
}

/// A certificate and its key, as PEM.
struct Identity {
    certificate: String,
    key: String,
}

struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let mut parameters = named("lab-ca", &[])?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = parameters.self_signed(&key)?.pem();
        Ok(Self {
            certificate,
            issuer: Issuer::new(parameters, key),
        })
    }

    fn server(&self, name: &str, addresses: Vec<SanType>) -> Result<Identity, Error> {
        let mut parameters = named(name, &[])?;
        parameters.subject_alt_names = addresses;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(&parameters)
    }

    fn client(&self, name: &str, groups: &[&str]) -> Result<Identity, Error> {
        let mut parameters = named(name, groups)?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&parameters)
    }

    fn sign(&self, parameters: &CertificateParams) -> Result<Identity, Error> {
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// JSON is YAML, and needs no quoting rules of its own.
    fn kubeconfig(&self, context: &str, server: &str, identity: &Identity) -> String {
        let data = |text: &str| k8s_openapi::ByteString(text.as_bytes().to_vec());
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": {
                "server": server,
                "certificate-authority-data": data(&self.certificate),
            }}],
            "users": [{"name": context, "user": {
                "client-certificate-data": data(&identity.certificate),
                "client-key-data": data(&identity.key),
            }}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        });
        format!("{config:#}\n")
    }
}

fn named(name: &str, groups: &[&str]) -> Result<CertificateParams, Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    for group in groups {
        parameters
            .distinguished_name
            .push(DnType::OrganizationName, *group);
    }
    Ok(parameters)
}
