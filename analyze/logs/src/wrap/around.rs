//! What stands around a log line: when, and of whom.
//!
//! Every collector tells the same few things under names of its own: `roles` says which.

use serde_json::{Map, Value as Json};

use super::pairs::pairs;
use super::roles::{Role, letters, role};
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
