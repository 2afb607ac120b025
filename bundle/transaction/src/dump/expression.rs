//! Statements and expressions of nft's JSON in the words of a batch.

use serde_json::{Map, Value};

/// What is not understood, in words.
pub(super) type Odd = String;

type Object = Map<String, Value>;

/// Text in quotes, which nft cannot hold any in.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'"))
}

fn single(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object()?;
    let (key, of) = object.iter().next()?;
    (object.len() == 1).then_some((key.as_str(), of))
}

fn field<'a>(of: &'a Value, key: &str) -> Result<&'a Value, Odd> {
    of.get(key).ok_or_else(|| format!("no `{key}` in {of}"))
}

fn word<'a>(of: &'a Value, key: &str) -> Result<&'a str, Odd> {
    let found = field(of, key)?.as_str();
    found.ok_or_else(|| format!("`{key}` is no word in {of}"))
}

/// A statement.
pub(super) fn statement(value: &Value) -> Result<String, Odd> {
    let unknown = || format!("unknown statement: {value}");
    let (kind, of) = single(value).ok_or_else(unknown)?;
    match kind {
        "match" => comparison(of),
        "accept" | "drop" | "return" | "continue" => Ok(kind.to_owned()),
        "jump" | "goto" => Ok(format!("{kind} {}", word(of, "target")?)),
        "mangle" => {
            let (key, to) = (field(of, "key")?, field(of, "value")?);
            Ok(format!("{} set {}", expression(key)?, expression(to)?))
        }
        "vmap" => {
            let (key, data) = (field(of, "key")?, field(of, "data")?);
            Ok(format!("{} vmap {}", expression(key)?, expression(data)?))
        }
        "dnat" | "snat" | "masquerade" | "redirect" => translation(kind, of),
        "reject" => Ok(rejection(of)),
        "counter" => Ok(match of {
            Value::String(name) => format!("counter name {}", quoted(name)),
            _ => "counter".to_owned(),
        }),
        "set" => {
            let (name, op) = (word(of, "set")?, word(of, "op")?);
            Ok(format!(
                "{op} {name} {{ {} }}",
                element(field(of, "elem")?)?
            ))
        }
        _ => Err(unknown()),
    }
}

fn comparison(of: &Value) -> Result<String, Odd> {
    let (left, right) = (field(of, "left")?, field(of, "right")?);
    let is_reckoned = single(left).is_some_and(|(kind, _)| matches!(kind, "&" | "|" | "^"));
    let op = match word(of, "op")? {
        "in" => "",
        "==" if !is_reckoned => "",
        op => op,
    };
    let words = [&expression(left)?, op, &expression(right)?].map(str::to_owned);
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    Ok(words.join(" "))
}

/// Where a map gives an address and a port, `addr . port` says so.
fn translation(kind: &str, of: &Value) -> Result<String, Odd> {
    let mut text = kind.to_owned();
    let address = of.get("addr");
    if let Some(family) = of.get("family").and_then(Value::as_str) {
        text += &format!(" {family}");
    }
    let port = of.get("port").map(expression).transpose()?;
    match (address, port) {
        (Some(Value::String(address)), port) => {
            let is_v6 = address.contains(':');
            text += &match port {
                Some(port) if is_v6 => format!(" to [{address}]:{port}"),
                Some(port) => format!(" to {address}:{port}"),
                None => format!(" to {address}"),
            };
        }
        (Some(address), None) => {
            let to = expression(address)?;
            let has_port = to
                .split_once('{')
                .is_some_and(|(_, in_map)| in_map.contains(" . "));
            text += if has_port { " addr . port to " } else { " to " };
            text += &to;
        }
        (Some(address), Some(port)) => text += &format!(" to {} : {port}", expression(address)?),
        (None, Some(port)) => text += &format!(" to :{port}"),
        (None, None) => {}
    }
    match of.get("flags") {
        Some(Value::String(flag)) => text += &format!(" {flag}"),
        Some(Value::Array(flags)) => {
            let flags: Vec<&str> = flags.iter().filter_map(Value::as_str).collect();
            text += &format!(" {}", flags.join(","));
        }
        _ => {}
    }
    Ok(text)
}

/// The usual answer of each family is what `reject` alone means.
fn rejection(of: &Value) -> String {
    let kind = of.get("type").and_then(Value::as_str);
    let with = of.get("expr").and_then(Value::as_str);
    match (kind, with) {
        (Some("tcp reset"), _) => "reject with tcp reset".to_owned(),
        (Some(kind), Some(with)) if with != "port-unreachable" => {
            format!("reject with {kind} {with}")
        }
        _ => "reject".to_owned(),
    }
}

/// An element of a set or a map: `10.0.0.1 . 80 comment "..." : goto chain`.
pub(super) fn element(value: &Value) -> Result<String, Odd> {
    if let Value::Array(pair) = value {
        let [key, to] = pair.as_slice() else {
            return Err(format!("no key and value: {value}"));
        };
        return Ok(format!("{} : {}", element(key)?, expression(to)?));
    }
    let Some(("elem", of)) = single(value) else {
        return expression(value);
    };
    let mut text = expression(field(of, "val")?)?;
    if let Some(comment) = of.get("comment").and_then(Value::as_str) {
        text += &format!(" comment {}", quoted(comment));
    }
    Ok(text)
}

fn all(values: &[Value], between: &str) -> Result<String, Odd> {
    let parts: Result<Vec<String>, Odd> = values.iter().map(expression).collect();
    Ok(parts?.join(between))
}

/// An expression.
fn expression(value: &Value) -> Result<String, Odd> {
    match value {
        Value::String(text) => {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@-".contains(c);
            Ok(match text.chars().all(is_plain) {
                true => text.clone(),
                false => quoted(text),
            })
        }
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(parts) => all(parts, ","),
        _ => of_kind(value),
    }
}

fn of_kind(value: &Value) -> Result<String, Odd> {
    let unknown = || format!("unknown expression: {value}");
    let (kind, of) = single(value).ok_or_else(unknown)?;
    match (kind, of) {
        ("concat", Value::Array(parts)) => all(parts, " . "),
        ("range", Value::Array(parts)) => all(parts, "-"),
        ("|" | "^" | "&" | "<<" | ">>", Value::Array(parts)) => all(parts, &format!(" {kind} ")),
        ("set", Value::Array(parts)) => {
            let parts: Result<Vec<String>, Odd> = parts.iter().map(element).collect();
            Ok(format!("{{ {} }}", parts?.join(", ")))
        }
        ("set", one) => Ok(format!("{{ {} }}", element(one)?)),
        ("elem", _) => element(value),
        ("accept" | "drop" | "return" | "continue" | "jump" | "goto", _) => statement(value),
        ("map", _) => {
            let (key, data) = (field(of, "key")?, field(of, "data")?);
            Ok(format!("{} map {}", expression(key)?, expression(data)?))
        }
        (_, Value::Object(of)) => of_packet(kind, of).ok_or_else(unknown),
        _ => Err(unknown()),
    }
}

/// What is asked of a packet.
fn of_packet(kind: &str, of: &Object) -> Option<String> {
    let word = |key: &str| of.get(key).and_then(Value::as_str);
    let number = |key: &str| of.get(key).and_then(Value::as_u64);
    match kind {
        "prefix" => {
            let address = expression(of.get("addr")?).ok()?;
            Some(format!("{address}/{}", number("len")?))
        }
        "payload" => match (word("protocol"), word("field")) {
            (Some(protocol), Some(field)) => Some(format!("{protocol} {field}")),
            _ => {
                let (base, from, bits) = (word("base")?, number("offset")?, number("len")?);
                Some(format!("@{base},{from},{bits}"))
            }
        },
        "meta" => Some(format!("meta {}", word("key")?)),
        "ct" => {
            let words = [Some("ct"), word("dir"), word("family"), Some(word("key")?)];
            Some(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        "fib" => {
            let flags = match of.get("flags")? {
                Value::Array(flags) => flags.iter().filter_map(Value::as_str).collect(),
                one => vec![one.as_str()?],
            };
            Some(format!("fib {} {}", flags.join(" . "), word("result")?))
        }
        "numgen" => {
            let offset = number("offset").filter(|offset| *offset > 0);
            let offset = offset.map_or_else(String::new, |offset| format!(" offset {offset}"));
            Some(format!(
                "numgen {} mod {}{offset}",
                word("mode")?,
                number("mod")?
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// libnftables-json(5), and what `nft -f` reads.
    #[test]
    fn each_statement_has_the_words_that_nft_reads() {
        let of_daddr = json!({"payload": {"protocol": "ip", "field": "daddr"}});
        let of_mark = json!({"meta": {"key": "mark"}});
        let masked = json!({"&": [of_mark, 16384]});
        let matching = |op: &str, left: &Value, right: Value| json!({"match": {"op": op, "left": left, "right": right}});
        let to_port = json!({"map": {
            "key": {"numgen": {"mode": "random", "mod": 2, "offset": 0}},
            "data": {"set": [[0, {"concat": ["10.0.0.1", 80]}], [1, {"concat": ["10.0.0.2", 80]}]]}
        }});
        let to_address = json!({"map": {"key": of_daddr, "data": "@m"}});
        for (given, words) in [
            (json!({"accept": null}), "accept"),
            (json!({"jump": {"target": "c"}}), "jump c"),
            (json!({"goto": {"target": "c"}}), "goto c"),
            (
                matching("==", &of_daddr, json!("10.0.0.1")),
                "ip daddr 10.0.0.1",
            ),
            (matching("!=", &of_daddr, json!("@set")), "ip daddr != @set"),
            (
                matching(
                    "in",
                    &json!({"ct": {"key": "state"}}),
                    json!(["new", "related"]),
                ),
                "ct state new,related",
            ),
            (
                matching("==", &masked, json!(16384)),
                "meta mark & 16384 == 16384",
            ),
            (matching("!=", &masked, json!(0)), "meta mark & 16384 != 0"),
            (
                matching(
                    "==",
                    &json!({"ct": {"key": "saddr", "dir": "original", "family": "ip"}}),
                    json!({"prefix": {"addr": "10.0.0.0", "len": 8}}),
                ),
                "ct original ip saddr 10.0.0.0/8",
            ),
            (
                matching(
                    "==",
                    &json!({"fib": {"result": "type", "flags": ["daddr", "iif"]}}),
                    json!("local"),
                ),
                "fib daddr . iif type local",
            ),
            (
                matching(
                    "==",
                    &json!({"fib": {"result": "type", "flags": "daddr"}}),
                    json!("local"),
                ),
                "fib daddr type local",
            ),
            (
                matching(
                    "==",
                    &json!({"payload": {"base": "ih", "offset": 8, "len": 16}}),
                    json!(1),
                ),
                "@ih,8,16 1",
            ),
            (
                matching("==", &of_daddr, json!({"range": ["10.0.0.1", "10.0.0.9"]})),
                "ip daddr 10.0.0.1-10.0.0.9",
            ),
            (
                matching("==", &of_daddr, json!({"set": "10.0.0.1"})),
                "ip daddr { 10.0.0.1 }",
            ),
            (
                matching("==", &json!({"meta": {"key": "iifname"}}), json!("lo up")),
                "meta iifname \"lo up\"",
            ),
            (
                json!({"mangle": {"key": of_mark, "value": {"|": [of_mark, 16384]}}}),
                "meta mark set meta mark | 16384",
            ),
            (
                json!({"vmap": {"key": {"concat": [of_daddr, {"meta": {"key": "l4proto"}}]},
                "data": "@service-ips"}}),
                "ip daddr . meta l4proto vmap @service-ips",
            ),
            (
                json!({"vmap": {"key": {"numgen": {"mode": "inc", "mod": 3, "offset": 1}},
                "data": {"set": [[1, {"goto": {"target": "e"}}], [2, {"drop": null}]]}}}),
                "numgen inc mod 3 offset 1 vmap { 1 : goto e, 2 : drop }",
            ),
            (
                json!({"masquerade": {"flags": ["random", "persistent"]}}),
                "masquerade random,persistent",
            ),
            (
                json!({"masquerade": {"flags": "fully-random"}}),
                "masquerade fully-random",
            ),
            (json!({"masquerade": null}), "masquerade"),
            (json!({"redirect": {"port": 80}}), "redirect to :80"),
            (json!({"dnat": {"addr": "10.0.0.1"}}), "dnat to 10.0.0.1"),
            (
                json!({"dnat": {"addr": "10.0.0.1", "port": 80}}),
                "dnat to 10.0.0.1:80",
            ),
            (
                json!({"dnat": {"addr": "fd00::1", "port": 80, "family": "ip6"}}),
                "dnat ip6 to [fd00::1]:80",
            ),
            (
                json!({"dnat": {"addr": to_address, "family": "ip"}}),
                "dnat ip to ip daddr map @m",
            ),
            (
                json!({"dnat": {"addr": to_address, "port": 80}}),
                "dnat to ip daddr map @m : 80",
            ),
            (
                json!({"dnat": {"addr": to_port, "family": "ip"}}),
                "dnat ip addr . port to numgen random mod 2 map { 0 : 10.0.0.1 . 80, 1 : 10.0.0.2 . 80 }",
            ),
            (json!({"reject": null}), "reject"),
            (
                json!({"reject": {"type": "tcp reset"}}),
                "reject with tcp reset",
            ),
            (
                json!({"reject": {"type": "icmp", "expr": "port-unreachable"}}),
                "reject",
            ),
            (
                json!({"reject": {"type": "icmp", "expr": "admin-prohibited"}}),
                "reject with icmp admin-prohibited",
            ),
            (json!({"counter": {"packets": 5, "bytes": 300}}), "counter"),
            (
                json!({"counter": "ct_state_invalid"}),
                "counter name \"ct_state_invalid\"",
            ),
            (
                json!({"set": {"op": "update", "set": "@affinity", "elem":
                {"elem": {"val": {"payload": {"protocol": "ip", "field": "saddr"}},
                    "comment": "with \"quotes\""}}}}),
                "update @affinity { ip saddr comment \"with 'quotes'\" }",
            ),
        ] {
            assert_eq!(statement(&given).as_deref(), Ok(words), "{given}");
        }
    }

    #[test]
    fn what_is_of_another_form_is_told() {
        for (given, said) in [
            (json!("accept"), "unknown statement"),
            (json!({"accept": null, "drop": null}), "unknown statement"),
            (json!({"dice": null}), "unknown statement"),
            (json!({"jump": {}}), "no `target`"),
            (json!({"goto": {"target": 5}}), "`target` is no word"),
            (
                json!({"vmap": {"key": {"dice": {}}, "data": "@m"}}),
                "unknown expression",
            ),
            (
                json!({"vmap": {"key": "a", "data": {"set": [[1, 2, 3]]}}}),
                "no key and value",
            ),
            (
                json!({"vmap": {"key": {"meta": {}}, "data": "@m"}}),
                "unknown expression",
            ),
        ] {
            let error = statement(&given).unwrap_err();
            assert!(error.contains(said), "{given}: {error}");
        }
    }
}
