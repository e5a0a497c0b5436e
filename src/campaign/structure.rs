//! Unknown keys, repeated keys and values of the wrong type, all of them, found by walking the tree along the JSON
//! schema of [`super::raw`].
//!
//! In: a tree and the schema. Out: diagnostics; what is wrong is taken out of the tree, so that the rest can still be
//! understood and its mistakes reported in the same go.

use serde_json::Value as Json;

use super::diagnostics::Diagnostic;
use super::document::{At, Document, Node, Value};
use crate::nearest::nearest;

/// After so many mistakes no more are looked for.
const MOST: usize = 1000;

/// Walks the whole tree. Returns what is wrong and the paths (`scan/min_bins`) that were taken out.
pub(super) fn check(document: &mut Document, schema: &Json) -> (Vec<Diagnostic>, Vec<String>) {
    let at = document.root.at;
    let mut root = std::mem::replace(&mut document.root, Node { value: Value::Null, at });
    let mut walk = Walk { document, schema, diagnostics: Vec::new(), removed: Vec::new() };
    if matches!(root.value, Value::Null) {
        root.value = Value::Map(Vec::new());
    }
    if !walk.keep(&mut root, schema, "") {
        root.value = Value::Null;
    }
    let (diagnostics, removed) = (walk.diagnostics, walk.removed);
    document.root = root;
    (diagnostics, removed)
}

struct Walk<'d> {
    document: &'d Document,
    schema: &'d Json,
    diagnostics: Vec<Diagnostic>,
    removed: Vec<String>,
}

impl<'d> Walk<'d> {
    /// Checks a node against a schema; false if it has to be taken out.
    fn keep(&mut self, node: &mut Node, schema: &'d Json, path: &str) -> bool {
        if self.diagnostics.len() >= MOST {
            return false;
        }
        let every_kind = self.every_kind(schema);
        let schema = self.choose(node, schema);
        if let Some(allowed) = allowed_values(schema) {
            return self.is_one_of(node, &allowed, path);
        }
        let kinds = kinds(schema);
        let fits = kinds.is_empty()
            || kinds.iter().any(|kind| match (*kind, &node.value) {
                ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("string", Value::Text(_)) => true,
                ("integer" | "number", Value::Integer(_)) | ("array", Value::List(_)) | ("object", Value::Map(_)) => {
                    true
                }
                ("number", Value::Float(number)) => number.is_finite(),
                _ => false,
            });
        if !fits {
            let wanted: Vec<&str> = every_kind.iter().map(|kind| in_words(kind)).collect();
            let diagnostic =
                self.error(node.at, format!("{} must be {}, not {}", shown(path), wanted.join(" or "), describe(node)));
            let wants_text = every_kind.contains(&"string");
            self.diagnostics.push(match &node.value {
                Value::Integer(_) | Value::Float(_) | Value::Bool(_) if wants_text => {
                    diagnostic.hint("put it in quotes")
                }
                _ => diagnostic,
            });
            return false;
        }
        match &mut node.value {
            Value::Map(_) => self.keep_map(node, schema, path),
            Value::List(items) => {
                let least = schema.get("minItems").and_then(Json::as_u64).unwrap_or(0);
                if (items.len() as u64) < least {
                    self.push(node.at, format!("{} is an empty list", shown(path)));
                    return false;
                }
                if let Some(item_schema) = schema.get("items") {
                    let mut index = 0;
                    items.retain_mut(|item| {
                        let path = format!("{path}/{index}");
                        index += 1;
                        let keep = self.keep(item, item_schema, &path);
                        if !keep {
                            self.removed.push(path);
                        }
                        keep
                    });
                }
                true
            }
            Value::Integer(number) => self.in_range(node.at, *number as f64, &number.to_string(), schema, path),
            Value::Float(number) => self.in_range(node.at, *number, &number.to_string(), schema, path),
            _ => true,
        }
    }

    fn keep_map(&mut self, node: &mut Node, schema: &'d Json, path: &str) -> bool {
        let at = node.at;
        let Value::Map(entries) = &mut node.value else { return true };
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let mut seen: Vec<String> = Vec::new();
        entries.retain_mut(|(key, value)| {
            let name = key.name.clone();
            let child_path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            if seen.contains(&name) {
                self.push(key.at, format!("key `{name}` is given twice"));
                return false;
            }
            seen.push(name.clone());
            let Some(child) = properties.and_then(|known| known.get(&name)).or(others) else {
                let known: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                let place = if path.is_empty() { String::new() } else { format!(" in {}", shown(path)) };
                let nearest = nearest(&name, known.iter().copied());
                let diagnostic = self.error(key.at, format!("unknown key `{name}`{place}"));
                self.diagnostics.push(match nearest.is_empty() {
                    true => diagnostic.hint(format!("the keys here are {}", known.join(", "))),
                    false => diagnostic.near(nearest),
                });
                return false;
            };
            // A key without a value is a key not given (its lines may be commented out).
            if matches!(value.value, Value::Null) && !self.accepts_null(child) {
                return false;
            }
            let keep = self.keep(value, child, &child_path);
            if !keep {
                self.removed.push(child_path);
            }
            keep
        });
        let mut complete = true;
        for required in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            let child_path = if path.is_empty() { required.to_string() } else { format!("{path}/{required}") };
            if node.get(required).is_none() {
                complete = false;
                if !self.removed.contains(&child_path) {
                    let place = if path.is_empty() { "the campaign".to_string() } else { shown(path) };
                    self.push(at, format!("{place} has no `{required}`"));
                }
            }
        }
        complete
    }

    fn is_one_of(&mut self, node: &Node, allowed: &[&Json], path: &str) -> bool {
        let json = node.to_json();
        if allowed.contains(&&json) {
            return true;
        }
        let mut names: Vec<String> = Vec::new();
        for value in allowed.iter().filter(|value| !value.is_null()) {
            let name = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let written = match &node.value {
            Value::Text(text) => nearest(text, names.iter().map(String::as_str)),
            _ => Vec::new(),
        };
        let diagnostic = self.error(node.at, format!("{} must be one of {list}, not {}", shown(path), describe(node)));
        self.diagnostics.push(diagnostic.near(written));
        false
    }

    fn in_range(&mut self, at: At, number: f64, written: &str, schema: &Json, path: &str) -> bool {
        let limit = |name| schema.get(name).and_then(Json::as_f64);
        let message = match (limit("minimum"), limit("exclusiveMinimum"), limit("maximum")) {
            (Some(least), ..) if number < least => format!("must be at least {least}"),
            (_, Some(bound), _) if number <= bound => format!("must be above {bound}"),
            (.., Some(most)) if number > most => format!("must be at most {most}"),
            _ if schema_has_kind(schema, "integer")
                && !schema_has_kind(schema, "number")
                && number >= 2f64.powi(64) =>
            {
                "is too large".to_string()
            }
            _ => return true,
        };
        self.push(at, format!("{} {message}, it is {written}", shown(path)));
        false
    }

    /// Follows references and takes the alternative that this node looks like.
    fn choose(&self, node: &Node, schema: &'d Json) -> &'d Json {
        let schema = self.follow(schema);
        let Some(alternatives) = schema.get("anyOf").and_then(Json::as_array) else { return schema };
        let kind = match &node.value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Integer(_) => "integer",
            Value::Float(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        };
        let like = |other: &&Json| self.looks_like(other, kind);
        // Of several groups of keys that which knows one of these keys.
        let keys = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        let knows = |schema: &&'d Json| {
            let properties = schema.get("properties").and_then(Json::as_object);
            properties.is_some_and(|known| keys.iter().any(|(key, _)| known.contains_key(&key.name)))
        };
        let alike = || alternatives.iter().filter(like).map(|found| self.choose(node, found));
        let found = alike().find(knows).or_else(|| alike().next());
        found.unwrap_or_else(|| alternatives.first().map_or(schema, |first| self.follow(first)))
    }

    fn looks_like(&self, schema: &'d Json, kind: &str) -> bool {
        let schema = self.follow(schema);
        if let Some(alternatives) = schema.get("anyOf").and_then(Json::as_array) {
            return alternatives.iter().any(|schema| self.looks_like(schema, kind));
        }
        match allowed_values(schema) {
            Some(values) => values.iter().any(|value| value.is_string()) && kind == "string",
            None => schema_has_kind(schema, kind) || (kind == "integer" && schema_has_kind(schema, "number")),
        }
    }

    /// Types that a schema takes in any of its alternatives, but for null.
    fn every_kind(&self, schema: &'d Json) -> Vec<&'d str> {
        let schema = self.follow(schema);
        let mut found = Vec::new();
        match schema.get("anyOf").and_then(Json::as_array) {
            Some(alternatives) => found.extend(alternatives.iter().flat_map(|schema| self.every_kind(schema))),
            None if allowed_values(schema).is_some() => found.push("string"),
            None => found.extend(kinds(schema)),
        }
        found.retain(|kind| *kind != "null");
        found
    }

    fn accepts_null(&self, schema: &'d Json) -> bool {
        let schema = self.follow(schema);
        match allowed_values(schema) {
            Some(values) => values.iter().any(|value| value.is_null()),
            None => self.looks_like(schema, "null"),
        }
    }

    /// The schema that a `$ref` stands for.
    fn follow(&self, schema: &'d Json) -> &'d Json {
        let mut schema = schema;
        // Every reference leads to a definition; definitions that are references themselves are not deep.
        for _ in 0..8 {
            let target = schema.get("$ref").and_then(Json::as_str).and_then(|reference| reference.strip_prefix('#'));
            match target.and_then(|pointer| self.schema.pointer(pointer)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn error(&self, at: At, message: String) -> Diagnostic {
        Diagnostic::new(self.document.place(at), message)
    }

    fn push(&mut self, at: At, message: String) {
        let error = self.error(at, message);
        self.diagnostics.push(error);
    }
}

/// Values of an enumeration: `enum`, or `oneOf` of `const`s.
fn allowed_values(schema: &Json) -> Option<Vec<&Json>> {
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().collect());
    }
    if let Some(value) = schema.get("const") {
        return Some(vec![value]);
    }
    let alternatives = schema.get("oneOf").and_then(Json::as_array)?;
    let mut values = Vec::new();
    for alternative in alternatives {
        values.extend(allowed_values(alternative)?);
    }
    Some(values)
}

fn kinds(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(kind)) => vec![kind],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn schema_has_kind(schema: &Json, kind: &str) -> bool {
    kinds(schema).contains(&kind)
}

fn in_words(kind: &str) -> &str {
    match kind {
        "object" => "a group of keys",
        "array" => "a list",
        "string" => "text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "`true` or `false`",
        other => other,
    }
}

fn describe(node: &Node) -> String {
    match &node.value {
        Value::Null => "empty".to_string(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Integer(value) => format!("the number {value}"),
        Value::Float(value) if value.is_finite() => format!("the number {value}"),
        Value::Float(_) => "an infinite number".to_string(),
        Value::Text(text) if text.chars().count() <= 40 => format!("the text `{}`", text.trim_end()),
        Value::Text(_) => "this text".to_string(),
        Value::List(_) => "a list".to_string(),
        Value::Map(_) => "a group of keys".to_string(),
    }
}

/// `inputs/0/files` as people write it: `inputs[0].files`.
pub(super) fn shown(path: &str) -> String {
    let mut text = String::new();
    for step in path.split('/').filter(|step| !step.is_empty()) {
        match step.parse::<usize>() {
            Ok(index) => text.push_str(&format!("[{index}]")),
            Err(_) if text.is_empty() => text.push_str(step),
            Err(_) => text.push_str(&format!(".{step}")),
        }
    }
    match text.is_empty() {
        true => "the campaign".to_string(),
        false => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let mut document = Document::parse("m.yaml", text).expect("the text is right");
        let schema = super::super::raw::schema();
        let (diagnostics, _) = check(&mut document, &schema);
        let raw = serde_json::from_value::<super::super::raw::RawCampaign>(document.root.to_json());
        assert!(raw.is_ok() || matches!(document.root.value, Value::Null), "{text}: {raw:?}");
        diagnostics
            .iter()
            .map(|d| {
                let (line, column) = d.place.as_ref().map_or((0, 0), |place| (place.line, place.column));
                format!(
                    "{line}:{column} {}{}",
                    d.message,
                    d.nearest.first().map(|n| format!(" ({n})")).unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn all_structural_mistakes_come_at_once() {
        let text = "
nmae: x
seed: -1
lumi_ifb: yes please
inputs:
  - {files: [a.root], layout: delfes, data: maybe}
  - {file: a.root}
  - [a]
  - files: 5
    mc: {cross_section_pb: 0}
  - files: []
pseudo_data: poison
scan: {min_bins: 2.5, tail_min: .inf, min_entries: }
regions: {incl: , a: 5}
channel: 4
seed: 2
jet_schemes: [exclusiv]
binning:
selection: {electron: {pt: 5}, jet: 20}
masses: 3
";
        assert_eq!(
            messages(text),
            [
                "2:1 unknown key `nmae` (name)",
                "3:7 `seed` must be at least 0, it is -1",
                "4:11 `lumi_ifb` must be a number, not the text `yes please`",
                "6:31 `inputs[0].layout` must be one of `delphes`, `nanoaod`, `darkmachines_csv`, not the text `delfes` (delphes)",
                "6:45 `inputs[0].data` must be `true` or `false`, not the text `maybe`",
                "7:6 unknown key `file` in `inputs[1]` (files)",
                "7:5 `inputs[1]` has no `files`",
                "8:5 `inputs[2]` must be text or a group of keys, not a list",
                "9:12 `inputs[3].files` must be text or a list, not the number 5",
                "10:28 `inputs[3].mc.cross_section_pb` must be above 0, it is 0",
                "11:12 `inputs[4].files` is an empty list",
                "12:14 `pseudo_data` must be one of `off`, `poisson`, `unweight`, not the text `poison` (poisson)",
                "13:18 `scan.min_bins` must be a whole number, not the number 2.5",
                "13:33 `scan.tail_min` must be a number, not an infinite number",
                "14:22 `regions.a` must be text, not the number 5",
                "15:10 `channel` must be one of `1`, `2a`, `2b`, `3`, not the number 4",
                "16:1 key `seed` is given twice",
                "17:15 `jet_schemes[0]` must be one of `exclusive`, `inclusive`, not the text `exclusiv` (exclusive)",
                "19:24 unknown key `pt` in `selection.electron` (pt_min)",
                "19:37 `selection.jet` must be a group of keys, not the number 20",
                "20:9 `masses` must be a group of keys, not the number 3",
            ]
        );
    }

    #[test]
    fn a_campaign_of_another_kind_altogether_is_one_mistake() {
        assert_eq!(messages("[1, 2]"), ["1:1 the campaign must be a group of keys, not a list"]);
        assert_eq!(messages(""), ["1:1 the campaign has no `inputs`"]);
    }
}
