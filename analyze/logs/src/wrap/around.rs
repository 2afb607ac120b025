//! What stands around a log line: when, and of whom.
//!
//! Every collector tells the same few things under names of its own. One table gives a name its
//! role, whether it is a key of a JSON object, a column of a CSV file, a label of Loki's or a pair
//! of logfmt.

use serde_json::{Map, Value as Json};

use super::pairs::pairs;
use crate::parse::clock::At;
use crate::parse::moment;

/// What is known of a text from what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Around {
    pub(crate) at: At,
    /// How much the time is worth: of an event's own more than of its arrival.
    at_rank: u8,
    pub(crate) node: Option<String>,
    node_rank: u8,
    pub(crate) pod: Option<String>,
    pub(crate) container: Option<String>,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            at: At::Never,
            at_rank: 0,
            node: None,
            node_rank: 0,
            pod: None,
            container: None,
        }
    }
}

/// Who wrote a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// `kube-proxy-x/kube-proxy`, or the pod alone.
    pub(crate) pod: Option<String>,
    /// The host that it runs on.
    pub(crate) node: Option<String>,
}

impl Origin {
    /// The name of its part of a file: the pod's, or else the host's.
    pub(crate) fn name(&self) -> String {
        self.pod
            .clone()
            .or_else(|| self.node.clone())
            .unwrap_or_default()
    }
}

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// When it was logged; the greater number is the better clock.
    Time(u8),
    Node(u8),
    Pod,
    Container,
}

/// The role of a name, by its letters alone: `k8s.pod.name`, `kubernetes.pod_name` and `PodName`
/// are one. `parent` is the object that holds it.
fn role(parent: &str, name: &str) -> Option<Role> {
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
fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

impl Around {
    /// Takes in what an inner wrapper tells; where both speak, the inner one stood closer.
    pub(crate) fn within(&self, inner: Self) -> Self {
        let outer = self.clone();
        let inner_time = !matches!(inner.at, At::Never);
        Self {
            at: if inner_time { inner.at } else { outer.at },
            at_rank: if inner_time {
                inner.at_rank
            } else {
                outer.at_rank
            },
            node_rank: if inner.node.is_some() {
                inner.node_rank
            } else {
                outer.node_rank
            },
            node: inner.node.or(outer.node),
            pod: inner.pod.or(outer.pod),
            container: inner.container.or(outer.container),
        }
    }

    /// Notes a pair if its name says something.
    pub(crate) fn learn(&mut self, parent: &str, name: &str, value: &str) {
        let Some(role) = role(&letters(parent), name) else {
            return;
        };
        match role {
            Role::Time(rank) => {
                if rank > self.at_rank
                    && let Some(at) = moment::whole(value)
                {
                    (self.at, self.at_rank) = (at, rank);
                }
            }
            // A source may be a stream, a program, a file.
            Role::Node(1) if !value.bytes().any(|byte| byte.is_ascii_digit()) => {}
            Role::Node(rank) => self.set_node(rank, value),
            Role::Pod => {
                let value = value.rsplit('/').next().unwrap_or(value);
                if is_name(value) && self.pod.is_none() {
                    self.pod = Some(value.to_owned());
                }
            }
            Role::Container => {
                if is_name(value) && self.container.is_none() {
                    self.container = Some(value.to_owned());
                }
            }
        }
    }

    pub(crate) fn set_time(&mut self, at: At) {
        if matches!(self.at, At::Never) {
            (self.at, self.at_rank) = (at, 1);
        }
    }

    pub(crate) fn set_node(&mut self, rank: u8, name: &str) {
        let program = matches!(name, "stderr" | "stdout" | "kube-proxy" | "kubernetes");
        if is_name(name) && !program && rank > self.node_rank {
            self.node = Some(name.to_owned());
            self.node_rank = rank;
        }
    }

    /// Notes names and values side by side in a text.
    pub(crate) fn learn_pairs(&mut self, text: &str) {
        for (name, value) in pairs(text) {
            self.learn("", name, value);
        }
    }

    /// Notes the pairs of an object and of the objects in it that hold no lines of their own.
    pub(crate) fn learn_object(&mut self, parent: &str, map: &Map<String, Json>, depth: u8) {
        for (name, value) in map {
            match value {
                // Labels as Prometheus writes them: `{node="n1",pod="kube-proxy-x"}`.
                Json::String(text) if text.starts_with('{') && text.ends_with('}') => {
                    self.learn_pairs(text);
                }
                Json::String(text) => self.learn(parent, name, text),
                Json::Number(number) => self.learn_number(parent, name, number),
                // `"time": {"S": "2026-06-12T08:02:05Z"}`: a value and its kind.
                Json::Object(inner) if inner.len() == 1 && depth > 0 => {
                    self.learn_object(name, inner, depth - 1);
                    match inner.values().next() {
                        Some(Json::String(text)) => self.learn(parent, name, text),
                        Some(Json::Number(number)) => self.learn_number(parent, name, number),
                        _ => {}
                    }
                }
                Json::Object(inner) if depth > 0 => self.learn_object(name, inner, depth - 1),
                // `"host.name": ["n1"]`, as Elasticsearch answers with fields.
                Json::Array(items) if matches!(items.as_slice(), [Json::String(_)]) => {
                    let text = items.first().and_then(Json::as_str);
                    self.learn(parent, name, text.unwrap_or_default());
                    self.learn_items(name, items, 0);
                }
                Json::Array(items) if depth > 0 => self.learn_items(name, items, depth - 1),
                _ => {}
            }
        }
    }

    fn learn_number(&mut self, parent: &str, name: &str, number: &serde_json::Number) {
        if let Some(Role::Time(rank)) = role(&letters(parent), name)
            && rank > self.at_rank
            && let Some(at) = number_time(number)
        {
            (self.at, self.at_rank) = (at, rank);
        }
    }

    /// Lists of pairs: OTLP's attributes, CloudWatch's fields, Datadog's `pod_name:x` tags.
    pub(crate) fn learn_items(&mut self, parent: &str, items: &[Json], depth: u8) {
        for item in items.iter().take(200) {
            match item {
                Json::String(tag) if matches!(parent, "tags" | "ddtags") => {
                    if let Some((name, value)) = tag.split_once(':') {
                        self.learn("", name, value);
                    }
                }
                Json::Object(map) => {
                    if let Some((name, value)) = pair(map) {
                        match value {
                            Json::String(text) => self.learn("", name, text),
                            Json::Number(number) => self.learn_number("", name, number),
                            Json::Object(inner) if depth > 0 => {
                                let text = inner.values().find_map(Json::as_str);
                                self.learn("", name, text.unwrap_or_default());
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The same without a time: what stands behind a line tells others' times too.
    pub(crate) fn without_lone_time(mut self) -> Self {
        if self.at_rank <= 1 {
            (self.at, self.at_rank) = (At::Never, 0);
        }
        self
    }

    /// Who wrote the line, if it is told.
    pub(crate) fn origin(&self) -> Option<Origin> {
        if self.pod.is_none() && self.node.is_none() {
            return None;
        }
        let pod = self.pod.as_ref().map(|pod| match &self.container {
            Some(container) => format!("{pod}/{container}"),
            None => pod.clone(),
        });
        Some(Origin {
            pod,
            node: self.node.clone(),
        })
    }
}

/// `{"key": k, "value": v}`, as OTLP, CloudWatch Insights and many others write a pair.
pub(crate) fn pair(map: &Map<String, Json>) -> Option<(&str, &Json)> {
    let value = map.get("value").or_else(|| map.get("Value"))?;
    let name = ["key", "field", "name", "Key", "Name"]
        .iter()
        .find_map(|key| map.get(*key)?.as_str())?;
    (map.len() <= 4).then_some((name, value))
}

/// A number as a time, if it can be one.
pub(crate) fn number_time(number: &serde_json::Number) -> Option<At> {
    if let Some(whole) = number.as_i64() {
        return moment::epoch(whole, 0.0).map(At::Known);
    }
    let value = number.as_f64()?;
    (value.is_finite() && value.abs() < 9e18)
        .then(|| moment::epoch(value.trunc() as i64, value.fract()))
        .flatten()
        .map(At::Known)
}

/// What can be the name of a host, a pod or a container.
fn is_name(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':'))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
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
