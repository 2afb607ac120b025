//! The grammar of what `nft -j list table` and `nft -j list ruleset` print: libnftables-json(5).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::expression::{Odd, element, quoted, statement};
use super::table::{Chain, Element, Other, Rule, Set, Table};
use crate::error::Error;

/// Whether a text is one.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

#[derive(Deserialize)]
struct Document<'a> {
    /// As they stand in the text, so that each can be named with its line.
    #[serde(borrow)]
    nftables: Vec<&'a RawValue>,
}

/// Reads all tables.
///
/// # Errors
/// [`Error`] with the line of what is not as nft prints it.
pub(crate) fn read(text: &str) -> Result<Vec<Table>, Error> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| Error {
        line: error.line().max(1),
        problem: format!("not as `nft -j list` prints it: {error}"),
    })?;
    let mut tables = Vec::new();
    for (number, raw) in document.nftables.iter().enumerate() {
        let object = serde_json::from_str(raw.get()).map_err(|error| error.to_string());
        let put = object.and_then(|object| put(&mut tables, &object));
        put.map_err(|problem| Error {
            line: line_of(text, raw.get()),
            problem: format!("object {}: {problem}", number + 1),
        })?;
    }
    Ok(tables)
}

fn line_of(text: &str, part: &str) -> usize {
    let at = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn put(tables: &mut Vec<Table>, object: &Value) -> Result<(), Odd> {
    let object = object.as_object().and_then(|object| object.iter().next());
    let Some((kind, of)) = object else {
        return Err("no object".to_owned());
    };
    let Some(of) = of.as_object() else {
        return Err(format!("`{kind}` says nothing"));
    };
    if kind == "metainfo" {
        return Ok(());
    }
    let family = word(of, "family")?;
    if kind == "table" {
        tables.push(Table {
            family: family.to_owned(),
            name: word(of, "name")?.to_owned(),
            comment: comment(of),
            ..Table::default()
        });
        return Ok(());
    }
    let name = word(of, "table")?;
    let table = tables
        .iter_mut()
        .rfind(|table| table.family == family && table.name == name);
    let table = table.ok_or_else(|| format!("the table {family} {name} comes after it"))?;
    match kind.as_str() {
        "set" | "map" => table.sets.push(set(of, kind == "map")?),
        "element" => elements(table, of)?,
        "chain" => table.chains.push(chain(of)?),
        "rule" => rule(table, of)?,
        _ => table.others.push(Other {
            kind: kind.clone(),
            name: word(of, "name")?.to_owned(),
        }),
    }
    Ok(())
}

fn word<'a>(of: &'a Map<String, Value>, key: &str) -> Result<&'a str, Odd> {
    let found = of.get(key).and_then(Value::as_str);
    found.ok_or_else(|| format!("no `{key}`"))
}

fn comment(of: &Map<String, Value>) -> Option<String> {
    of.get("comment").and_then(Value::as_str).map(quoted)
}

fn set(of: &Map<String, Value>, is_map: bool) -> Result<Set, Odd> {
    let mut properties = vec![types(of, is_map)?];
    let flags = of.get("flags").map(|flags| match flags {
        Value::Array(flags) => flags.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect::<Vec<&str>>(),
    });
    if let Some(flags) = flags {
        properties.push(format!("flags {}", flags.join(",")));
    }
    for (key, unit) in [("timeout", "s"), ("gc-interval", "s"), ("size", "")] {
        if let Some(number) = of.get(key).and_then(Value::as_u64) {
            properties.push(format!("{key} {number}{unit}"));
        }
    }
    if of.get("auto-merge") == Some(&Value::Bool(true)) {
        properties.push("auto-merge".to_owned());
    }
    properties.extend(comment(of).map(|text| format!("comment {text}")));
    let mut made = Set {
        is_map,
        name: word(of, "name")?.to_owned(),
        properties,
        elements: Vec::new(),
    };
    if let Some(all) = of.get("elem") {
        put_elements(&mut made, all)?;
    }
    Ok(made)
}

/// `type ipv4_addr . inet_service : verdict`
fn types(of: &Map<String, Value>, is_map: bool) -> Result<String, Odd> {
    let of_value = |key: &str| {
        let found = of.get(key).ok_or_else(|| format!("no `{key}`"))?;
        let parts = match found {
            Value::Array(parts) => parts.iter().map(Value::as_str).collect(),
            one => vec![one.as_str()],
        };
        let parts: Option<Vec<&str>> = parts.into_iter().collect();
        let parts = parts.ok_or_else(|| format!("`{key}` of another form: {found}"))?;
        Ok::<String, Odd>(parts.join(" . "))
    };
    let keys = of_value("type")?;
    Ok(match is_map {
        true => format!("type {keys} : {}", of_value("map")?),
        false => format!("type {keys}"),
    })
}

fn elements(table: &mut Table, of: &Map<String, Value>) -> Result<(), Odd> {
    let name = word(of, "name")?;
    let set = table.sets.iter_mut().find(|set| set.name == name);
    let set = set.ok_or_else(|| format!("no set {name} before it"))?;
    put_elements(set, of.get("elem").unwrap_or(&Value::Null))
}

fn put_elements(set: &mut Set, all: &Value) -> Result<(), Odd> {
    let Value::Array(all) = all else {
        return Err("its elements are no list".to_owned());
    };
    for one in all {
        let text = element(one)?;
        let words = crate::words::words(&text);
        set.elements.push(Element::of(&words));
    }
    Ok(())
}

fn chain(of: &Map<String, Value>) -> Result<Chain, Odd> {
    let base = match (of.get("hook"), of.get("prio")) {
        (Some(Value::String(hook)), Some(priority)) => {
            let kind = word(of, "type")?;
            let policy = of.get("policy").and_then(Value::as_str);
            let policy = policy.map_or_else(String::new, |policy| format!(" policy {policy};"));
            Some(format!(
                "type {kind} hook {hook} priority {priority};{policy}"
            ))
        }
        _ => None,
    };
    Ok(Chain {
        name: word(of, "name")?.to_owned(),
        base,
        comment: comment(of),
        rules: Vec::new(),
    })
}

fn rule(table: &mut Table, of: &Map<String, Value>) -> Result<(), Odd> {
    let name = word(of, "chain")?;
    let failed = |problem: String| format!("rule of {name}: {problem}");
    let statements = of.get("expr").and_then(Value::as_array);
    let statements = statements.ok_or_else(|| failed("no `expr`".to_owned()))?;
    let words: Result<Vec<String>, Odd> = statements.iter().map(statement).collect();
    let mut text = words.map_err(failed)?.join(" ");
    if let Some(comment) = comment(of) {
        text += &format!(" comment {comment}");
    }
    let chain = table.chains.iter_mut().find(|chain| chain.name == name);
    let chain = chain.ok_or_else(|| format!("no chain {name} before it"))?;
    chain.rules.push(Rule { line: 1, text });
    Ok(())
}
