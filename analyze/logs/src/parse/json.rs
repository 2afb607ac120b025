//! Lines that are JSON objects: klog's own, docker's, journald's, Cloud Logging's.

use serde_json::{Map, Value as Json};

use super::clock::{self, At};
use super::transport::Transport;

/// What a JSON line is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonLine {
    /// `--logging-format=json`: the whole object is the message.
    Klog {
        at: At,
        caller: String,
        message: String,
        fields: Map<String, Json>,
    },
    /// A line of text in a wrapper.
    Text {
        at: At,
        transport: Transport,
        origin: Option<String>,
        text: Vec<u8>,
        whole: bool,
    },
    /// An object that wraps no log line.
    Other,
}

/// Reads a JSON line; none if it is no object.
///
/// ```text
/// {"ts":1764405459986.065,"caller":"nftables/proxier.go:1193","msg":"SyncProxyRules complete","ipFamily":"IPv4","v":2,"elapsed":"13m15.34210662s"}
/// {"log":"I1129 ... \"SyncProxyRules complete\"\n","stream":"stderr","time":"2025-11-29T08:37:39.986Z"}
/// {"MESSAGE":"I1129 ...","__REALTIME_TIMESTAMP":"1764405459986065","_HOSTNAME":"n1"}
/// {"textPayload":"\"SyncProxyRules complete\" elapsed=\"1s\"","timestamp":"2025-11-29T08:37:39Z"}
/// ```
pub(crate) fn read(line: &[u8]) -> Option<JsonLine> {
    let Ok(Json::Object(map)) = serde_json::from_slice(line) else {
        return None;
    };
    klog(&map)
        .or_else(|| docker(&map))
        .or_else(|| journal(&map))
        .or_else(|| cloud(&map))
        .or(Some(JsonLine::Other))
}

fn klog(map: &Map<String, Json>) -> Option<JsonLine> {
    let message = map.get("msg")?.as_str()?.to_owned();
    let at = map.get("ts").and_then(epoch)?;
    let caller = map
        .get("caller")
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned();
    Some(JsonLine::Klog {
        at,
        caller,
        message,
        fields: map.clone(),
    })
}

/// Milliseconds since the epoch; seconds in logs of old. 1e11 s is the year 5138, 1e11 ms 1973.
fn epoch(ts: &Json) -> Option<At> {
    if let Some(text) = ts.as_str() {
        return clock::rfc3339(text.as_bytes()).map(|(ns, _)| At::Known(ns));
    }
    let ts = ts.as_f64()?;
    let ns = if ts > 1e11 { ts * 1e6 } else { ts * 1e9 };
    (ns.is_finite() && ns > 0.0 && ns < 9.2e18).then_some(At::Known(ns as i64))
}

fn docker(map: &Map<String, Json>) -> Option<JsonLine> {
    let log = map.get("log")?.as_str()?;
    let at = map
        .get("time")
        .and_then(Json::as_str)
        .and_then(|time| clock::rfc3339(time.as_bytes()))
        .map_or(At::Never, |(ns, _)| At::Known(ns));
    let whole = log.ends_with('\n');
    let text = log.trim_end_matches(['\n', '\r']).as_bytes().to_vec();
    Some(JsonLine::Text {
        at,
        transport: Transport::Docker,
        origin: None,
        text,
        whole,
    })
}

fn journal(map: &Map<String, Json>) -> Option<JsonLine> {
    let text = match map.get("MESSAGE")? {
        Json::String(text) => text.clone().into_bytes(),
        // A message with control characters or broken UTF-8 comes as an array of bytes.
        Json::Array(bytes) => bytes
            .iter()
            .map(|byte| byte.as_u64().and_then(|b| u8::try_from(b).ok()))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    let at = map
        .get("__REALTIME_TIMESTAMP")
        .and_then(|time| {
            time.as_str()
                .map_or_else(|| time.as_i64(), |text| text.parse().ok())
        })
        .and_then(|us: i64| us.checked_mul(1000))
        .map_or(At::Never, At::Known);
    let origin = map
        .get("_HOSTNAME")
        .and_then(Json::as_str)
        .map(str::to_owned);
    Some(JsonLine::Text {
        at,
        transport: Transport::JournalJson,
        origin,
        text,
        whole: true,
    })
}

fn cloud(map: &Map<String, Json>) -> Option<JsonLine> {
    let payload = |key: &str| map.get("jsonPayload")?.get(key)?.as_str();
    let text = map
        .get("textPayload")
        .and_then(Json::as_str)
        .or_else(|| payload("message"))
        .or_else(|| payload("MESSAGE"))
        .or_else(|| payload("log"))?;
    let at = map
        .get("timestamp")
        .and_then(Json::as_str)
        .and_then(|time| clock::rfc3339(time.as_bytes()))
        .map_or(At::Never, |(ns, _)| At::Known(ns));
    let label = |key: &str| map.get("resource")?.get("labels")?.get(key)?.as_str();
    let origin = label("pod_name")
        .or_else(|| label("node_name"))
        .map(str::to_owned);
    let text = text.trim_end_matches(['\n', '\r']).as_bytes().to_vec();
    Some(JsonLine::Text {
        at,
        transport: Transport::CloudLogging,
        origin,
        text,
        whole: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn klog_times_in_milliseconds_and_seconds() {
        for (ts, ns) in [
            ("1764405459986.065", 1_764_405_459_986_065_000i64),
            ("1580306777.04728", 1_580_306_777_047_280_000),
        ] {
            let line =
                format!(r#"{{"ts":{ts},"caller":"nftables/proxier.go:1","msg":"m","a":1,"a":2}}"#);
            let Some(JsonLine::Klog {
                at: At::Known(at),
                fields,
                ..
            }) = read(line.as_bytes())
            else {
                panic!("{line}")
            };
            assert!((at - ns).abs() < 1_000, "{at} {ns}");
            assert_eq!(fields["a"], 2, "the last duplicate wins");
        }
    }

    #[test]
    fn wrappers() {
        for (line, transport, text, whole) in [
            (
                r#"{"log":"a \u003c b\n","stream":"stderr","time":"2025-11-29T08:37:39.986Z"}"#,
                "docker",
                "a < b",
                true,
            ),
            (
                r#"{"log":"half","stream":"stderr","time":"2025-11-29T08:37:39.986Z"}"#,
                "docker",
                "half",
                false,
            ),
            (
                r#"{"MESSAGE":"m","__REALTIME_TIMESTAMP":"1764405459986065","_HOSTNAME":"n"}"#,
                "journal-json",
                "m",
                true,
            ),
            (
                r#"{"MESSAGE":[104,105],"__REALTIME_TIMESTAMP":"1"}"#,
                "journal-json",
                "hi",
                true,
            ),
            (
                r#"{"textPayload":"t\n","timestamp":"2025-11-29T08:37:39Z"}"#,
                "cloud-logging",
                "t",
                true,
            ),
            (
                r#"{"jsonPayload":{"message":"t"},"timestamp":"2025-11-29T08:37:39Z"}"#,
                "cloud-logging",
                "t",
                true,
            ),
        ] {
            let Some(JsonLine::Text {
                transport: found,
                text: inner,
                whole: end,
                ..
            }) = read(line.as_bytes())
            else {
                panic!("{line}")
            };
            assert_eq!(
                (found.name(), inner.as_slice(), end),
                (transport, text.as_bytes(), whole)
            );
        }
        for line in ["{", "[1]"] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
        for line in ["{}", r#"{"kind":"Node"}"#, r#"{"MESSAGE":[300]}"#] {
            assert_eq!(read(line.as_bytes()), Some(JsonLine::Other), "{line}");
        }
    }
}
