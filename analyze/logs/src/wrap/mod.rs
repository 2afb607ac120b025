//! Whatever wraps a log line, taken off layer by layer until the grammar reads what is inside.
//!
//! One wrapper is one file here. [`WRAPPERS`] is the list of them, in the order in which they are
//! tried, each with real lines of it; a test reads them all. What a wrapper tells besides the line
//! - time, pod, node, container - is kept in an [`Around`].

pub(crate) mod around;
pub(crate) mod base64;
pub(crate) mod colour;
pub(crate) mod ends;
pub(crate) mod json;
pub(crate) mod markup;
pub(crate) mod pairs;
pub(crate) mod prefix;
pub(crate) mod printable;
pub(crate) mod printed;
pub(crate) mod quoted;
pub(crate) mod roles;
pub(crate) mod syslog;
pub(crate) mod table;
pub(crate) mod xml;

#[cfg(test)]
/// A wrapper: its name, lines of it as they really look.
pub(crate) struct Wrapper {
    /// Its name in the list of transports.
    pub(crate) name: &'static str,
    /// Lines of it.
    pub(crate) samples: &'static [&'static str],
}

#[cfg(test)]
/// The wrappers, in the order in which they are tried.
pub(crate) const WRAPPERS: [Wrapper; 7] = [
    Wrapper {
        name: "coloured",
        samples: &[
            "\x1b[33mI0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"\x1b[0m",
            "I0612 08:02:05.250000       1 proxier.go:1190] \"\x1b[01;31m\x1b[KSyncProxyRules\x1b[m\x1b[K complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"",
        ],
    },
    Wrapper {
        name: "json",
        samples: &[
            r#"{"message":"I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"","kubernetes":{"pod_name":"kube-proxy-x"}}"#,
            r#"{"stream":{"pod":"kube-proxy-x"},"values":[["1781251325250000000","I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\""]]}"#,
        ],
    },
    Wrapper {
        name: "markup",
        samples: &[
            "<span>I0612 08:02:05.250000       1 proxier.go:1190] &quot;SyncProxyRules complete&quot; ipFamily=&quot;IPv4&quot; elapsed=&quot;2m3.25s&quot;</span>",
        ],
    },
    Wrapper {
        name: "table",
        samples: &[
            r#"2026-06-12T08:02:05.250Z,"I0612 08:02:05.250000       1 proxier.go:1190] ""SyncProxyRules complete"" ipFamily=""IPv4"" elapsed=""2m3.25s""""#,
        ],
    },
    Wrapper {
        name: "quoted",
        samples: &[
            r#"time="2026-06-12 08:02:05" level=info msg="I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"2m3.25s\"" component=kube-proxy"#,
        ],
    },
    Wrapper {
        name: "printed",
        samples: &[
            r#"map[host:n1 log:I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s" stream:stderr time:2026-06-12T08:02:05.25Z]"#,
        ],
    },
    Wrapper {
        name: "prefix",
        samples: &[
            r#"kube-proxy-x7k2p kube-proxy I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s""#,
            r#"2026-06-12T08:02:05Z {pod="kube-proxy-x"} I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s""#,
            r#"kube-proxy-1  | 2026-06-12T08:02:05.25Z I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete" ipFamily="IPv4" elapsed="2m3.25s""#,
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::line::{Content, Context, read};
    use crate::parse::message::{Mark, Said};

    #[test]
    fn every_sample_holds_one_sync() {
        for wrapper in WRAPPERS {
            for sample in wrapper.samples {
                let context = Context {
                    whole: true,
                    ..Context::default()
                };
                let mut lines = Vec::new();
                read(sample.as_bytes(), context, &mut |line| lines.push(line));
                let [line] = lines.as_slice() else {
                    panic!("{}: {sample}: {lines:?}", wrapper.name)
                };
                let Content::Proxy(Said::Mark { mark, .. }) = &line.content else {
                    panic!("{}: {sample}: {line:?}", wrapper.name)
                };
                let elapsed_ns = 123_250_000_000;
                assert_eq!(*mark, Mark::Complete { elapsed_ns }, "{sample}");
            }
        }
    }
}
