//! The Go modules: what is pinned, and which programs come from each.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A module of its own for each set of versions.
#[derive(Debug)]
pub(super) struct Module {
    /// Its directory's name.
    pub(super) name: &'static str,
    /// `go.mod`.
    pub(super) requirements: &'static str,
    /// `go.sum`.
    pub(super) checksums: &'static str,
    /// What is built from it.
    pub(super) programs: &'static [Program],
}

/// A program of a module.
#[derive(Debug)]
pub(super) struct Program {
    /// Its name in the cache.
    pub(super) name: &'static str,
    /// Its package.
    pub(super) package: &'static str,
    /// The version that it shall call itself, if it takes it from the linker.
    pub(super) version: Version,
}

/// `v1.34.1`, `1`, `34`.
type Version = Option<(&'static str, &'static str, &'static str)>;

const V1_32_6: Version = Some(("v1.32.6", "1", "32"));
const V1_34_1: Version = Some(("v1.34.1", "1", "34"));
const V1_37_2: Version = Some(("v1.37.2", "1", "37"));

const fn api_server(version: Version) -> Program {
    Program {
        name: "kube-apiserver",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        version,
    }
}

const fn controller_manager(version: Version) -> Program {
    Program {
        name: "kube-controller-manager",
        package: "k8s.io/kubernetes/cmd/kube-controller-manager",
        version,
    }
}

const fn scheduler(version: Version) -> Program {
    Program {
        name: "kube-scheduler",
        package: "k8s.io/kubernetes/cmd/kube-scheduler",
        version,
    }
}

/// The versions of kube-proxy that are pinned here; the first is the published benchmark's.
pub const KUBE_PROXIES: [&str; 6] = ["1.32.6", "1.33.13", "1.34.1", "1.35.4", "1.36.3", "1.37.2"];

/// The versions of the control plane that are pinned here; the first is what a lab has unless told
/// otherwise.
pub const KUBERNETES: [&str; 2] = ["1.34.1", "1.37.2"];

/// The control plane, and the first two kube-proxies; the smallest come first, so that a broken
/// set-up shows early.
pub(super) static CONTROL_PLANE: [Module; 4] = [
    Module {
        name: "etcd",
        requirements: include_str!("../../go/etcd/go.mod"),
        checksums: include_str!("../../go/etcd/go.sum"),
        programs: &[Program {
            name: "etcd",
            package: "go.etcd.io/etcd/server/v3",
            version: None,
        }],
    },
    Module {
        name: "kwok",
        requirements: include_str!("../../go/kwok/go.mod"),
        checksums: include_str!("../../go/kwok/go.sum"),
        programs: &[Program {
            name: "kwok",
            package: "sigs.k8s.io/kwok/cmd/kwok",
            version: None,
        }],
    },
    Module {
        name: "control-plane",
        requirements: include_str!("../../go/control-plane/go.mod"),
        checksums: include_str!("../../go/control-plane/go.sum"),
        programs: &[
            api_server(V1_34_1),
            controller_manager(V1_34_1),
            scheduler(V1_34_1),
            Program {
                name: "kube-proxy-1.34.1",
                package: "k8s.io/kubernetes/cmd/kube-proxy",
                version: V1_34_1,
            },
        ],
    },
    Module {
        name: "kube-proxy",
        requirements: include_str!("../../go/kube-proxy/go.mod"),
        checksums: include_str!("../../go/kube-proxy/go.sum"),
        programs: &[Program {
            name: "kube-proxy-1.32.6",
            package: "k8s.io/kubernetes/cmd/kube-proxy",
            version: V1_32_6,
        }],
    },
];

/// Further kube-proxies, each a module of its own.
pub(super) static VERSIONS: [Module; 4] = [
    Module {
        name: "kube-proxy-1.33.13",
        requirements: include_str!("../../go/kube-proxy-1.33.13/go.mod"),
        checksums: include_str!("../../go/kube-proxy-1.33.13/go.sum"),
        programs: &[Program {
            name: "kube-proxy-1.33.13",
            package: "k8s.io/kubernetes/cmd/kube-proxy",
            version: Some(("v1.33.13", "1", "33")),
        }],
    },
    Module {
        name: "kube-proxy-1.35.4",
        requirements: include_str!("../../go/kube-proxy-1.35.4/go.mod"),
        checksums: include_str!("../../go/kube-proxy-1.35.4/go.sum"),
        programs: &[Program {
            name: "kube-proxy-1.35.4",
            package: "k8s.io/kubernetes/cmd/kube-proxy",
            version: Some(("v1.35.4", "1", "35")),
        }],
    },
    Module {
        name: "kube-proxy-1.36.3",
        requirements: include_str!("../../go/kube-proxy-1.36.3/go.mod"),
        checksums: include_str!("../../go/kube-proxy-1.36.3/go.sum"),
        programs: &[Program {
            name: "kube-proxy-1.36.3",
            package: "k8s.io/kubernetes/cmd/kube-proxy",
            version: Some(("v1.36.3", "1", "36")),
        }],
    },
    Module {
        name: "kube-proxy-1.37.2",
        requirements: include_str!("../../go/kube-proxy-1.37.2/go.mod"),
        checksums: include_str!("../../go/kube-proxy-1.37.2/go.sum"),
        programs: &[Program {
            name: "kube-proxy-1.37.2",
            package: "k8s.io/kubernetes/cmd/kube-proxy",
            version: Some(("v1.37.2", "1", "37")),
        }],
    },
];

/// Further control planes; etcd and kwok are the same for all.
pub(super) static CONTROL_PLANES: [Module; 1] = [Module {
    name: "control-plane-1.37.2",
    requirements: include_str!("../../go/control-plane-1.37.2/go.mod"),
    checksums: include_str!("../../go/control-plane-1.37.2/go.sum"),
    programs: &[
        api_server(V1_37_2),
        controller_manager(V1_37_2),
        scheduler(V1_37_2),
    ],
}];

impl Program {
    /// The version that it calls itself, if it takes that from the linker.
    pub(super) fn tag(&self) -> Option<&str> {
        self.version.map(|(tag, _, _)| tag)
    }

    /// Whether it is Kubernetes' own.
    pub(super) fn is_kubernetes(&self) -> bool {
        self.version.is_some()
    }

    /// Seconds that building it takes on two processors that are free, with what it shares with
    /// those before it built.
    pub(super) fn expected_s(&self) -> f64 {
        match self.name {
            "etcd" => 60.0,
            "kwok" => 90.0,
            "kube-apiserver" => 420.0,
            "kube-controller-manager" => 120.0,
            "kube-scheduler" | "kube-proxy-1.34.1" => 30.0,
            // Another version's libraries are built anew.
            _ => 480.0,
        }
    }

    /// Whether it is a kube-proxy, of which a lab needs one version only.
    pub(super) fn is_kube_proxy(&self) -> bool {
        self.name.starts_with("kube-proxy")
    }

    /// Without debug information; without a version Kubernetes calls itself v0.0.0.
    pub(super) fn linker_flags(&self) -> String {
        let mut flags = "-s -w".to_owned();
        if let Some((version, major, minor)) = self.version {
            for (name, value) in [
                ("gitVersion", version),
                ("gitMajor", major),
                ("gitMinor", minor),
            ] {
                flags += &format!(" -X k8s.io/component-base/version.{name}={value}");
            }
        }
        flags
    }
}

/// Names what would be built: other pins or flags, another directory.
pub(super) fn fingerprint(modules: &[Module]) -> String {
    let mut hasher = DefaultHasher::new();
    for module in modules {
        (module.name, module.requirements, module.checksums).hash(&mut hasher);
        for program in module.programs {
            (program.name, program.package, program.linker_flags()).hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}
