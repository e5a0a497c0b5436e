//! A layout as a campaign spells it: `delphes`, `{delphes: {jet: FatJet}}`, `{branches: {...}}`.
//!
//! In: YAML (a name, or a group of names by layout). Out: [`RawLayout`], and its JSON schema; both walk the table of
//! layouts, so that a new row is a new key of campaigns.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{LAYOUTS, Layout, LayoutKind};

/// The layouts that were named at one place, in the order of the table: one, unless the campaign is wrong.
#[derive(Debug, Clone)]
pub struct RawLayout(Vec<Layout>);

impl RawLayout {
    /// What it stands for; None if it names no layout, or several.
    pub fn meant(&self) -> Option<&Layout> {
        match self.0.as_slice() {
            [layout] => Some(layout),
            _ => None,
        }
    }
}

impl From<&Layout> for RawLayout {
    fn from(layout: &Layout) -> RawLayout {
        RawLayout(vec![layout.clone()])
    }
}

impl<'de> Deserialize<'de> for RawLayout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawLayout, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let mut groups = match written {
            Value::Object(groups) => groups,
            Value::String(name) => {
                let usual = LAYOUTS.iter().find(|kind| kind.name == name).and_then(|kind| kind.usual);
                let usual = usual.ok_or_else(|| D::Error::custom(format!("no layout `{name}`")))?;
                return Ok(RawLayout(vec![usual()]));
            }
            other => return Err(D::Error::custom(format!("{other} is no layout"))),
        };
        let given = LAYOUTS.iter().filter_map(|kind| Some((kind, groups.shift_remove(kind.name)?)));
        let layouts: Result<Vec<Layout>, _> = given.map(|(kind, names)| (kind.spelled.read)(names)).collect();
        let layouts = layouts.map_err(D::Error::custom)?;
        match groups.keys().next() {
            Some(unknown) => Err(D::Error::custom(format!("no layout `{unknown}`"))),
            None => Ok(RawLayout(layouts)),
        }
    }
}

impl Serialize for RawLayout {
    /// Every name spelled out; a layout that has none to spell is written as its name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = |layout: &Layout| layout.to_json().map_err(S::Error::custom);
        if let [layout] = self.0.as_slice()
            && names(layout)? == Value::Object(Map::new())
        {
            return serializer.serialize_str(layout.name());
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for layout in &self.0 {
            map.serialize_entry(layout.name(), &names(layout)?)?;
        }
        map.end()
    }
}

impl JsonSchema for RawLayout {
    fn schema_name() -> Cow<'static, str> {
        "RawLayout".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                described(generator.subschema_for::<LayoutName>(), "A layout with its usual names."),
                described(generator.subschema_for::<RenamedLayout>(), "A layout with names of its own."),
            ],
            "description":
                "A layout by its name, or with names of its own: `delphes`, `delphes: {jet: FatJet}`, `branches: {...}`.",
        })
    }
}

/// In the schema: the layouts that have usual names.
struct LayoutName;

impl JsonSchema for LayoutName {
    fn schema_name() -> Cow<'static, str> {
        "LayoutName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let usual = LAYOUTS.iter().filter(|kind| kind.usual.is_some());
        let one = |kind: &&LayoutKind| json!({ "type": "string", "const": kind.name, "description": kind.about });
        let names: Vec<Value> = usual.map(one).collect();
        json_schema!({ "oneOf": names, "description": "Layouts that have usual names." })
    }
}

/// In the schema: a group of names per layout.
struct RenamedLayout;

impl JsonSchema for RenamedLayout {
    fn schema_name() -> Cow<'static, str> {
        "RenamedLayout".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for kind in LAYOUTS {
            let names = described((kind.spelled.schema)(generator), kind.about_names);
            properties.insert(kind.name.to_string(), names);
        }
        json_schema!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "description": "A layout with names of its own; one of these.",
        })
    }
}

fn described(mut schema: Schema, text: &str) -> Value {
    schema.insert("description".to_string(), text.into());
    schema.to_value()
}
