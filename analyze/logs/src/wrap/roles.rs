//! What a name says about its value.
//!
//! One table gives a name its role, whether it is a key of a JSON object, a column of a CSV file, a
//! label of Loki's or a pair of logfmt.

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// When it was logged; the greater number is the better clock.
    Time(u8),
    Node(u8),
    Pod,
    Container,
}

/// The role of a name, by its letters alone: `k8s.pod.name`, `kubernetes.pod_name` and `PodName`
/// are one. `parent` is the object that holds it.
pub(super) fn role(parent: &str, name: &str) -> Option<Role> {
    // `compute.googleapis.com/resource_name`, `__tag__:__hostname__`
    let bare = letters(name.rsplit(['/', ':']).next().unwrap_or(name));
    // Who collected the line is nobody that it is about.
    if matches!(parent, "agent" | "observer" | "log" | "cloud" | "collector") {
        return None;
    }
    let whole = match bare.as_str() {
        "name" | "hostname" => parent.to_owned() + &bare,
        _ => bare,
    };
    Some(match whole.as_str() {
        "sourcerealtimetimestamp"
        | "systemtime"
        | "timecreated"
        | "time"
        | "timestamp"
        | "ts"
        | "date"
        | "datetime"
        | "eventtime"
        | "t"
        | "timeunixnano"
        | "timenanos"
        | "tsns"
        | "nanoseconds"
        | "asctime"
        | "logtime"
        | "eventtimestamp"
        | "timegenerated"
        | "timestampns"
        | "timestampms"
        | "nanos"
        | "creationtime"
        | "published"
        | "timegeneratedutc"
        | "timestamputc"
        | "localtime"
        | "messagetime"
        | "dt"
        | "isodate" => Role::Time(3),
        "realtimetimestamp" | "receivedat" | "observedtimeunixnano" | "timereported" => {
            Role::Time(2)
        }
        name if name.ends_with("nodename") || name == "kubernetesnode" => Role::Node(3),
        "node" | "resourcename" | "k8snode" => Role::Node(3),
        "host" | "hostname" | "dvchost" | "computer" | "nodehostname" | "hosthostname"
        | "sysloghostname" | "kuberneteshost" | "syslogserver" | "hostip" | "fromhost"
        | "instance" | "machinename" | "sourcehost" | "sourcename" => Role::Node(2),
        "source" => Role::Node(1),
        name if name.ends_with("podname") || name == "pod" || name == "k8spod" => Role::Pod,
        name if name.ends_with("containername") => Role::Container,
        "container" => Role::Container,
        // When it arrived, was indexed or sent: the year, and no clock.
        name if is_arrival(name) => Role::Time(1),
        _ => return None,
    })
}

/// Whether a name tells when a line was logged, or whose it is.
pub(crate) fn is_known(name: &str) -> bool {
    role("", name).is_some()
}

/// A time's name that none of the above is; not that of something else than the line.
fn is_arrival(name: &str) -> bool {
    const OTHERS: [&str; 10] = [
        "start", "creat", "finish", "expir", "modif", "updat", "begin", "boot", "first", "upti",
    ];
    (name.ends_with("time") || name.ends_with("timestamp"))
        && !OTHERS.iter().any(|other| name.contains(other))
}

/// The small letters and digits of a name; of `resource.labels.pod_name` all of them.
pub(super) fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_collectors() {
        for (parent, name, expected) in [
            ("kubernetes", "pod_name", Some(Role::Pod)),
            ("", "k8s.pod.name", Some(Role::Pod)),
            ("pod", "name", Some(Role::Pod)),
            ("", "PodName", Some(Role::Pod)),
            ("kubernetes", "host", Some(Role::Node(2))),
            ("node", "name", Some(Role::Node(3))),
            ("", "k8s.node.name", Some(Role::Node(3))),
            ("", "Computer", Some(Role::Node(2))),
            ("", "_HOSTNAME", Some(Role::Node(2))),
            ("agent", "hostname", None),
            ("", "@timestamp", Some(Role::Time(3))),
            ("", "_time", Some(Role::Time(3))),
            ("", "observedTimeUnixNano", Some(Role::Time(2))),
            ("", "ingestionTime", Some(Role::Time(1))),
            ("metadata", "creationTimestamp", None),
            ("", "uptime", None),
            ("container", "name", Some(Role::Container)),
            ("", "message", None),
        ] {
            assert_eq!(role(parent, name), expected, "{parent} {name}");
        }
    }
}
