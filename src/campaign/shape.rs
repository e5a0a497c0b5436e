//! YAML nodes as serde-saphyr hands them over, and how they become nodes of a [`super::document::Document`].

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::document::{At, Key, Node, Value};

/// A YAML node as serde hands it over.
pub(super) enum Shape {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Shape>>),
    Map(Vec<(Spanned<String>, Spanned<Shape>)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Shape, E> {
        Ok(Shape::Integer(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Shape, E> {
        Ok(Shape::Integer(value.into()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Shape, E> {
        Ok(Shape::Integer(value))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Shape, E> {
        Ok(i128::try_from(value).map_or(Shape::Float(value as f64), Shape::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Shape, E> {
        Ok(Shape::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Shape, E> {
        Ok(Shape::Text(value.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Shape::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Shape::Map(entries))
    }
}

/// A node of one source whose parsed text starts at byte `start`.
pub(super) fn shape_to_node(shape: Spanned<Shape>, source: usize, start: usize) -> Node {
    let container = matches!(shape.value, Shape::List(_) | Shape::Map(_));
    let at_of = |location, len| at(location, source, start, len);
    let at = at_of(shape.referenced, if container { 1 } else { 0 });
    let value = match shape.value {
        Shape::Null => Value::Null,
        Shape::Bool(value) => Value::Bool(value),
        Shape::Integer(value) => Value::Integer(value),
        Shape::Float(value) => Value::Float(value),
        Shape::Text(text) => Value::Text(text),
        Shape::List(items) => Value::List(items.into_iter().map(|item| shape_to_node(item, source, start)).collect()),
        Shape::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, item)| {
                    (Key { at: at_of(key.referenced, 0), name: key.value }, shape_to_node(item, source, start))
                })
                .collect(),
        ),
    };
    Node { value, at }
}

/// Where a location of the parser lies in a source; `len` replaces the parser's length unless 0.
pub(super) fn at(location: Location, source: usize, start: usize, len: usize) -> At {
    let span = location.span();
    let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
    At { source, offset: start + number(span.byte_offset()), len: if len > 0 { len } else { number(span.byte_len()) } }
}
