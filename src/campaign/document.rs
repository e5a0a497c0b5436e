//! The YAML text of a campaign as a tree in which every key and value knows where it stands.
//!
//! In: text of the file and of each `--set key=value`. Out: a [`Document`]. What the keys mean is not known here.
//! Repeated keys are kept (and reported by [`super::structure`]), so that they come with all other mistakes.

use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

use super::diagnostics::{Diagnostic, Place};
use super::shape::{Shape, at, shape_to_node};

/// Lists and maps inside each other; a campaign needs 5.
const MAX_DEPTH: usize = 40;

/// A tree with the texts that it came from.
#[derive(Debug)]
pub(super) struct Document {
    /// File first, then one per `--set`.
    sources: Vec<Source>,
    pub(super) root: Node,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
}

/// A stretch of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) source: usize,
    /// Bytes from the start of the source's text.
    pub(super) offset: usize,
    pub(super) len: usize,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) at: At,
}

#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) at: At,
}

impl Document {
    /// Parses the file's text; a text that is no YAML is one mistake.
    pub(super) fn parse(name: &str, text: &str) -> Result<Document, Diagnostic> {
        let mut document = Document {
            sources: vec![Source { name: name.to_string(), text: text.to_string() }],
            root: Node { value: Value::Null, at: At { source: 0, offset: 0, len: 0 } },
        };
        document.root = document.parse_source(0, 0)?;
        Ok(document)
    }

    /// Puts `key.key.0.key=value` into the tree, as if the file said so.
    pub(super) fn set(&mut self, assignment: &str) -> Result<(), Diagnostic> {
        let source = self.sources.len();
        self.sources.push(Source { name: "--set".to_string(), text: assignment.to_string() });
        let whole = At { source, offset: 0, len: assignment.len() };
        let Some((path, _)) = assignment.split_once('=') else {
            return Err(Diagnostic::new(self.place(whole), "an override needs a key and a value")
                .hint("for example `--set scan.min_entries=50` or `--set 'regions.met200=MET > 200'`"));
        };
        let value = self.parse_source(source, path.len() + 1)?;
        let mut keys = Vec::new();
        let mut offset = 0;
        for key in path.split('.') {
            keys.push(Key { name: key.trim().to_string(), at: At { source, offset, len: key.len() } });
            offset += key.len() + 1;
        }
        if let Some(key) = keys.iter().find(|key| key.name.is_empty()) {
            return Err(Diagnostic::new(self.place(key.at), "an override has an empty key"));
        }
        let mut root = std::mem::replace(&mut self.root, Node { value: Value::Null, at: whole });
        let result = put(&mut root, keys, value);
        self.root = root;
        result.map_err(|(at, message)| {
            Diagnostic::new(self.place(at), message).hint("lists count from 0: `--set inputs.0.events=100`")
        })
    }

    /// Reads a source's text from a byte on.
    fn parse_source(&self, source: usize, start: usize) -> Result<Node, Diagnostic> {
        let whole = At { source, offset: start, len: 0 };
        let text = self.sources.get(source).and_then(|source| source.text.get(start..)).unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(Node { value: Value::Null, at: whole });
        }
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_depth: MAX_DEPTH },
            duplicate_keys: DuplicateKeyPolicy::PassThrough,
            strict_booleans: true,
            non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
            with_snippet: false,
        };
        match serde_saphyr::from_str_with_options::<Spanned<Shape>>(text, options) {
            Ok(shape) => Ok(shape_to_node(shape, source, start)),
            Err(error) => {
                let at = error.location().map_or(whole, |location| at(location, source, start, 1));
                Err(Diagnostic::new(self.place(at), yaml_message(&error))
                    .hint("indent with spaces; put text that holds `: ` or ` #` in quotes"))
            }
        }
    }

    /// The line around a stretch, for messages.
    pub(super) fn place(&self, at: At) -> Option<Box<Place>> {
        let source = self.sources.get(at.source)?;
        Place::in_text(&source.name, &source.text, at.offset, at.len).map(Box::new)
    }

    /// A stretch inside a text value; the start of the value where the file spells it otherwise (escapes, folding).
    pub(super) fn inside(&self, at: At, value: &str, offset: usize, len: usize) -> At {
        let text = self.sources.get(at.source).and_then(|source| source.text.get(at.offset..)).unwrap_or_default();
        let quote = usize::from(text.starts_with(['"', '\'']));
        match text.get(quote..).is_some_and(|text| text.starts_with(value)) {
            true => At { source: at.source, offset: at.offset + quote + offset, len },
            false => at,
        }
    }
}

impl Node {
    /// The value under a key of a map.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().rev().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The key itself, to point at it.
    pub(super) fn key(&self, name: &str) -> Option<&Key> {
        match &self.value {
            Value::Map(entries) => entries.iter().rev().find(|(key, _)| key.name == name).map(|(key, _)| key),
            _ => None,
        }
    }

    /// Follows `inputs/0/files/2`; stops at the deepest node that exists.
    pub(super) fn follow(&self, path: &str) -> &Node {
        let mut node = self;
        for step in path.split('/').filter(|step| !step.is_empty()) {
            let next = match &node.value {
                Value::List(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The tree without places, for serde.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Integer(value) => match (u64::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => value.into(),
                (_, Ok(value)) => value.into(),
                _ => (*value as f64).into(),
            },
            Value::Float(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

fn put(node: &mut Node, keys: Vec<Key>, value: Node) -> Result<(), (At, String)> {
    let mut node = node;
    for key in keys {
        if matches!(node.value, Value::Null) {
            node.value = Value::Map(Vec::new());
            node.at = key.at;
        }
        node = match &mut node.value {
            Value::List(items) => {
                let count = items.len();
                key.name
                    .parse()
                    .ok()
                    .and_then(|i: usize| items.get_mut(i))
                    .ok_or_else(|| (key.at, format!("`{}` is no place in a list of {count}", key.name)))?
            }
            Value::Map(entries) => {
                let found = entries.iter().rposition(|(other, _)| other.name == key.name);
                let index = found.unwrap_or_else(|| {
                    let at = key.at;
                    entries.push((key, Node { value: Value::Null, at }));
                    entries.len() - 1
                });
                &mut entries.get_mut(index).expect("found or pushed just now").1
            }
            _ => return Err((key.at, format!("`{}` cannot be set inside a single value", key.name))),
        };
    }
    *node = value;
    Ok(())
}

/// First line of the parser's message, without place and snippet: those are ours.
fn yaml_message(error: &serde_saphyr::Error) -> String {
    let options = serde_saphyr::render_options! { snippets: serde_saphyr::SnippetMode::Off };
    let text = error.without_snippet().render_with_options(options);
    let first = text.lines().next().unwrap_or_default();
    let first = first.split_once(" at line ").map_or(first, |(message, _)| message);
    let first = first.rsplit_once("error: ").map_or(first, |(_, message)| message);
    format!("not readable as YAML: {first}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse("mine.yaml", text).expect("the text is right")
    }

    #[test]
    fn keys_and_values_know_their_place() {
        let document = parse("name: x\nscan:\n  min_bins: 30\n  # µ\n  model: \"µ y\" # c\ninputs: [a, {b: 1}]\n");
        let place = |at| document.place(at).map(|p| (p.line, p.column, p.length));
        assert_eq!(place(document.root.follow("scan/min_bins").at), Some((3, 13, 2)));
        assert_eq!(place(document.root.follow("scan/model").at).map(|p| (p.0, p.1)), Some((5, 10)));
        assert_eq!(place(document.root.follow("inputs/1/b").at), Some((6, 17, 1)));
        assert_eq!(document.root.key("scan").and_then(|key| place(key.at)), Some((2, 1, 4)));
        let model = document.root.follow("scan/model").at;
        assert_eq!(place(document.inside(model, "µ y", 3, 1)), Some((5, 13, 1)));
    }

    #[test]
    fn words_that_yaml_1_1_takes_for_booleans_stay_words() {
        let json = parse("a: off\nb: no\nc: true\nd: ~\ne: 1e3\nf: 2b\ng: 18446744073709551615\n").root.to_json();
        let expected = serde_json::json!({"a": "off", "b": "no", "c": true, "d": null, "e": 1000.0, "f": "2b",
            "g": u64::MAX});
        assert_eq!(json, expected);
    }

    #[test]
    fn overrides_replace_add_and_reach_into_lists() {
        let mut document = parse("a: {b: 1}\nl: [1, 2]\n");
        for assignment in ["a.b=5", "a.c.d=MET > 200", "l.1={x: [y]}", "z=~"] {
            document.set(assignment).expect("the text is right");
        }
        let expected = serde_json::json!({"a": {"b": 5, "c": {"d": "MET > 200"}}, "l": [1, {"x": ["y"]}], "z": null});
        assert_eq!(document.root.to_json(), expected);
        let at = document.root.follow("a/c/d").at;
        assert_eq!(document.place(at).map(|p| (p.source, p.column)), Some(("--set".to_string(), 7)));
        for wrong in ["nonsense", "l.2=5", "a.b.c=1", "a..b=1", "a=[", "l.x=1"] {
            assert!(document.set(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn broken_yaml_is_a_message_with_a_place() {
        for text in ["a: [1, 2\nb: 3\n", "a: b: c\n", "a:\n\tb: 1\n", "a: *nowhere\n", "- a\nb: 1\n"] {
            let error = Document::parse("m.yaml", text).expect_err("broken on purpose");
            assert!(error.place.is_some(), "{error}");
        }
        let deep = format!("a: {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(Document::parse("m.yaml", &deep).is_err());
    }
}
