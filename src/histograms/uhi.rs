//! UHI histograms in JSON, as hist, boost-histogram and uproot write them: spectra that the user already has.
//!
//! In: a JSON object name -> histogram (UHI schema 1) with one `variable` or `regular` axis and counts or sums of weights,
//! dense or sparse; or one such histogram without a name. Out: names, edges, contents and variances without flow bins, in
//! the order of the file; a histogram that cannot be used is an error of its own. `NaN` and `Infinity`, which Python
//! writes and JSON does not know, are read where they stand and make their histogram one of those.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::counts_csv::CountsTable;

/// Most bins that a spectrum may have.
pub const MOST_BINS: usize = 100_000;
/// The version of UHI that is read.
const SCHEMA: i64 = 1;

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum UhiError {
    /// Not JSON, or not an object of histograms.
    #[error(
        "not a JSON object of UHI histograms: {0}\nhint: {{\"name\": {{\"uhi_schema\": 1, \"axes\": [...], \"storage\": {{...}}}}}}"
    )]
    Json(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct RawHistogram {
    #[serde(default = "schema")]
    uhi_schema: i64,
    axes: Vec<RawAxis>,
    storage: RawStorage,
}

fn schema() -> i64 {
    SCHEMA
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum RawAxis {
    Regular {
        lower: f64,
        upper: f64,
        bins: usize,
        #[serde(default)]
        underflow: bool,
        #[serde(default)]
        overflow: bool,
        #[serde(default)]
        circular: bool,
    },
    Variable {
        edges: Numbers,
        #[serde(default)]
        underflow: bool,
        #[serde(default)]
        overflow: bool,
        #[serde(default)]
        circular: bool,
    },
    CategoryStr {},
    CategoryInt {},
    Boolean {},
}

#[derive(Deserialize)]
struct RawStorage {
    #[serde(rename = "type", default)]
    kind: String,
    index: Option<Vec<Vec<usize>>>,
    values: Numbers,
    variances: Option<Numbers>,
}

/// Numbers of an array; what JSON cannot write is NaN.
struct Numbers(Vec<f64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Numbers, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Numbers(Vec<Option<f64>>),
            Elsewhere(String),
            Nested(de::IgnoredAny),
        }
        match Raw::deserialize(deserializer)? {
            Raw::Numbers(numbers) => Ok(Numbers(numbers.into_iter().map(|n| n.unwrap_or(f64::NAN)).collect())),
            Raw::Elsewhere(path) => Err(de::Error::custom(format!(
                "its numbers are in another file, `{path}`: write them into the JSON (json.dump(..., default=uhi.io.json.default))"
            ))),
            Raw::Nested(_) => Err(de::Error::custom("an array holds something other than numbers")),
        }
    }
}

/// One histogram, or many with their names, not yet looked into.
enum Top {
    One,
    Many(Vec<(String, Box<RawValue>)>),
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Top, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Top;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of histograms")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
                let mut entries: Vec<(String, Box<RawValue>)> = Vec::new();
                let mut names = rustc_hash::FxHashSet::default();
                while let Some(entry) = map.next_entry::<String, Box<RawValue>>()? {
                    if !names.insert(entry.0.clone()) {
                        return Err(de::Error::custom(format!("the name `{}` stands there twice", entry.0)));
                    }
                    entries.push(entry);
                }
                let is_histogram = names.contains("axes") && names.contains("storage");
                Ok(if is_histogram { Top::One } else { Top::Many(entries) })
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// A histogram by its name, or why it cannot be used.
pub type Named = (String, Result<CountsTable, String>);

/// Histograms of a UHI JSON text; `alone` is the name of one that stands there without any.
pub fn parse(text: &str, alone: &str) -> Result<Vec<Named>, UhiError> {
    let text = &without_nan(text.strip_prefix('\u{feff}').unwrap_or(text));
    Ok(match serde_json::from_str(text)? {
        Top::One => vec![(alone.to_string(), histogram(text))],
        Top::Many(entries) => entries.into_iter().map(|(name, raw)| (name, histogram(raw.get()))).collect(),
    })
}

fn histogram(text: &str) -> Result<CountsTable, String> {
    dense(serde_json::from_str(text).map_err(|error| error.to_string())?)
}

/// `NaN`, `Infinity` and `-Infinity` outside of strings become `null`.
fn without_nan(text: &str) -> String {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let word = WORDS.iter().find(|word| from.starts_with(**word));
        let taken = match word {
            Some(word) => word.len(),
            None if from.starts_with('"') => string_length(from),
            None => 1,
        };
        out.push_str(if word.is_some() { "null" } else { &from[..taken] });
        rest = &from[taken..];
    }
    out + rest
}

/// Bytes of the string that a text starts with, both quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn dense(raw: RawHistogram) -> Result<CountsTable, String> {
    let RawStorage { kind, index, values, variances } = raw.storage;
    if raw.uhi_schema != SCHEMA {
        return Err(format!("uhi_schema {} is not known; {SCHEMA} is read", raw.uhi_schema));
    }
    match kind.as_str() {
        "" | "int" | "double" | "weighted" => {}
        "mean" | "weighted_mean" => return Err(format!("a profile (storage `{kind}`) holds means, not counts")),
        other => return Err(format!("storage `{other}` is not known; int, double and weighted are read")),
    }
    let axis = match <[RawAxis; 1]>::try_from(raw.axes) {
        Ok([axis]) => axis,
        Err(axes) => return Err(format!("{} axes; one is needed (project it onto one: h.project(\"m\"))", axes.len())),
    };
    let (edges, underflow, overflow, circular) = match axis {
        RawAxis::Variable { edges, underflow, overflow, circular } => (edges.0, underflow, overflow, circular),
        RawAxis::Regular { lower, upper, bins, underflow, overflow, circular } => {
            if bins > MOST_BINS {
                return Err(format!("{bins} bins; at most {MOST_BINS} are read"));
            }
            let edge = |i: usize| lower + (upper - lower) * i as f64 / bins as f64;
            ((0..=bins).map(edge).collect(), underflow, overflow, circular)
        }
        RawAxis::CategoryStr {} | RawAxis::CategoryInt {} | RawAxis::Boolean {} => {
            return Err("its axis has categories; a spectrum needs edges in mass".to_string());
        }
    };
    if circular {
        return Err("its axis is circular: an angle, not a mass".to_string());
    }
    if edges.len() < 2 || edges.len() > MOST_BINS + 1 {
        return Err(format!("{} edges", edges.len()));
    }
    if let Some(i) =
        edges.windows(2).position(|pair| !(pair[0].is_finite() && pair[1].is_finite() && pair[0] < pair[1]))
    {
        return Err(format!("edges {} and {} do not rise", i, i + 1));
    }
    let bins = edges.len() - 1;
    let stored = bins + usize::from(underflow) + usize::from(overflow);
    let spread = |what: &str, values: Numbers| -> Result<Vec<f64>, String> {
        let mut values = match &index {
            None => values.0,
            Some(index) => spread(index, &values.0, stored)?,
        };
        if values.len() == stored {
            values.drain(..usize::from(underflow));
            values.truncate(bins);
        }
        if values.len() != bins {
            return Err(format!("{} {what} for {bins} bins", values.len()));
        }
        match values.iter().position(|n| !n.is_finite() || *n < 0.0) {
            Some(bin) if values[bin].is_finite() => {
                Err(format!("bin {bin} holds {}, which is not a count", values[bin]))
            }
            Some(bin) => Err(format!("bin {bin} holds NaN or Infinity, which is not a count")),
            None => Ok(values),
        }
    };
    let variances = variances.filter(|_| kind == "weighted").map(|variances| spread("variances", variances));
    let observed = spread("values", values)?;
    Ok(CountsTable { edges, observed, variances: variances.transpose()?, ..CountsTable::default() })
}

/// Sparse contents at their places, 0 elsewhere.
fn spread(index: &[Vec<usize>], values: &[f64], stored: usize) -> Result<Vec<f64>, String> {
    let [places] = index else { return Err(format!("an index of {} axes; one is needed", index.len())) };
    if places.len() != values.len() {
        return Err(format!("{} values at {} places", values.len(), places.len()));
    }
    let mut dense: Vec<Option<f64>> = vec![None; stored];
    for (&place, &value) in places.iter().zip(values) {
        match dense.get_mut(place) {
            Some(bin @ None) => *bin = Some(value),
            Some(Some(_)) => return Err(format!("place {place} of the sparse contents is there twice")),
            None => return Err(format!("place {place} of the sparse contents lies outside of {stored} bins")),
        }
    }
    Ok(dense.into_iter().map(Option::unwrap_or_default).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Result<CountsTable, String> {
        parse(text, "alone").expect("JSON").remove(0).1
    }

    /// A histogram of three bins with flow, with this storage.
    fn stored(storage: &str) -> Result<CountsTable, String> {
        one(&format!(
            r#"{{"m": {{"uhi_schema": 1, "axes": [{{"type": "regular", "lower": 0, "upper": 3, "bins": 3, "underflow": true, "overflow": true}}],
            "storage": {storage}}}}}"#
        ))
    }

    #[test]
    fn flow_bins_are_left_out() {
        let text = r#"{"m": {"uhi_schema": 1,
            "axes": [{"type": "variable", "edges": [0.0, 1.0, 3.0], "underflow": true, "overflow": true, "circular": false}],
            "storage": {"type": "double", "values": [9.0, 1.0, 2.0, 8.0]}},
          "b": {"axes": [{"type": "regular", "lower": 0, "upper": 2, "bins": 2, "underflow": false, "overflow": false}],
            "storage": {"type": "int", "values": [4, 5]}}}"#;
        let histograms = parse(text, "").expect("good file");
        let names: Vec<&str> = histograms.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["m", "b"], "the order of the file");
        assert_eq!(histograms[0].1.as_ref().map(|h| h.observed.clone()), Ok(vec![1.0, 2.0]));
        assert_eq!(histograms[1].1.as_ref().map(|h| h.edges.clone()), Ok(vec![0.0, 1.0, 2.0]));
    }

    #[test]
    fn contents_are_what_their_storage_says() {
        let weighted = stored(r#"{"type": "weighted", "values": [9, 4, 2, 0, 8], "variances": [9, 8, 4, 0, 8]}"#);
        assert_eq!(weighted.map(|h| (h.observed, h.variances)), Ok((vec![4.0, 2.0, 0.0], Some(vec![8.0, 4.0, 0.0]))));
        let sparse = stored(r#"{"type": "double", "index": [[3, 0, 1]], "values": [7, 5, 2]}"#);
        assert_eq!(sparse.map(|h| h.observed), Ok(vec![2.0, 0.0, 7.0]));
        for (storage, what) in [
            (
                r#"{"type": "mean", "values": [0,0,0,0,0], "counts": [1,1,1,1,1], "variances": [NaN,0,0,0,0]}"#,
                "profile",
            ),
            (r#"{"type": "weighted_mean", "values": [0,0,0,0,0]}"#, "profile"),
            (r#"{"type": "quantile", "values": [0,0,0,0,0]}"#, "storage `quantile` is not known"),
            (
                r#"{"type": "double", "index": [[1, 1]], "values": [7, 5]}"#,
                "place 1 of the sparse contents is there twice",
            ),
            (r#"{"type": "double", "index": [[5]], "values": [7]}"#, "place 5 of the sparse contents lies outside"),
            (r#"{"type": "double", "index": [[1], [2]], "values": [7]}"#, "an index of 2 axes"),
            (r#"{"type": "double", "index": [[1, 2]], "values": [7]}"#, "1 values at 2 places"),
            (r#"{"type": "double", "values": [0, 1, NaN, 2, 0]}"#, "bin 1 holds NaN"),
            (r#"{"type": "double", "values": [0, 1, -Infinity, 2, 0]}"#, "bin 1 holds NaN or Infinity"),
            (r#"{"type": "double", "values": [0, 1, -2, 2, 0]}"#, "bin 1 holds -2"),
            (r#"{"type": "double", "values": [0, 1], "values": [0, 1, 2, 2, 0]}"#, "duplicate field `values`"),
            (r#"{"type": "double", "values": "m/values.npy"}"#, "its numbers are in another file, `m/values.npy`"),
            (r#"{"type": "double", "values": [[1, 2]]}"#, "other than numbers"),
        ] {
            let error = stored(storage).expect_err(storage);
            assert!(error.contains(what), "{storage}: {error}");
        }
    }

    #[test]
    fn one_histogram_needs_no_name_and_a_name_stands_once() {
        let text = r#"{"axes": [{"type": "variable", "edges": [0, 1, 3]}], "storage": {"values": [1, 2]}, "metadata": {"NaN": "a \" NaN"}}"#;
        let histograms = parse(text, "file").expect("one histogram");
        assert_eq!((histograms.len(), histograms[0].0.as_str(), histograms[0].1.is_ok()), (1, "file", true));
        let twice = format!(r#"{{"m": {text}, "m": {text}}}"#);
        assert!(parse(&twice, "").expect_err("twice").to_string().contains("the name `m` stands there twice"));
    }

    #[test]
    fn a_bad_histogram_leaves_the_others() {
        for (axes, values) in [
            (r#"[{"type":"regular","lower":0,"upper":1,"bins":99999999999}]"#, "[]"),
            (r#"[{"type":"variable","edges":[1,0]}]"#, "[1]"),
            (r#"[{"type":"variable","edges":[0,1]}]"#, "[-1]"),
            (r#"[{"type":"variable","edges":[0,1]}]"#, "[1,2,3]"),
            (r#"[{"type":"variable","edges":[0,1]},{"type":"variable","edges":[0,1]}]"#, "[1]"),
            (r#"[{"type":"category_str","categories":["a"]}]"#, "[1]"),
            (r#"[{"type":"regular","lower":0,"upper":1,"bins":1,"circular":true}]"#, "[1]"),
        ] {
            let good = r#"{"axes":[{"type":"variable","edges":[0,1]}],"storage":{"values":[1]}}"#;
            let text = format!(r#"{{"bad": {{"axes":{axes},"storage":{{"values":{values}}}}}, "good": {good}}}"#);
            let histograms = parse(&text, "").expect("a file");
            assert!(histograms[0].1.is_err() && histograms[1].1.is_ok(), "{axes} {values}");
        }
        let version =
            r#"{"m": {"uhi_schema": 99, "axes":[{"type":"variable","edges":[0,1]}],"storage":{"values":[1]}}}"#;
        assert!(one(version).expect_err("another version").contains("uhi_schema 99"));
        assert!(parse("[", "").is_err() && parse("[1]", "").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_histograms_or_an_error(text in r#"[\[\]{}":,NaInfty0-9 \\axesstorage-]{0,60}"#) {
            let _ = parse(&text, "");
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_err() || without_nan(&text) == text);
        }
    }
}
