//! UHI histograms in JSON, as hist, boost-histogram and uproot write them: spectra that the user already has.
//!
//! In: a JSON object name -> histogram (UHI schema 1) with one `variable` or `regular` axis and counts. Out: names,
//! edges and contents without flow bins, in the order of the names.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

/// Most bins that a spectrum may have.
pub const MOST_BINS: usize = 100_000;

/// One histogram without its flow bins.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedHistogram {
    /// Key in the file.
    pub name: String,
    /// n + 1 rising edges.
    pub edges: Vec<f64>,
    /// n contents.
    pub values: Vec<f64>,
}

/// Why a file cannot be used; names the histogram.
#[derive(Debug, Error)]
pub enum UhiError {
    /// Not JSON, or not an object of histograms.
    #[error(
        "not a JSON object of UHI histograms: {0}\nhint: {{\"name\": {{\"uhi_schema\": 1, \"axes\": [...], \"storage\": {{...}}}}}}"
    )]
    Json(#[from] serde_json::Error),
    /// One histogram is not usable.
    #[error("histogram `{name}`: {what}")]
    Histogram {
        /// Key in the file.
        name: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
struct RawHistogram {
    axes: Vec<RawAxis>,
    storage: RawStorage,
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
    },
    Variable {
        edges: Vec<f64>,
        #[serde(default)]
        underflow: bool,
        #[serde(default)]
        overflow: bool,
    },
}

#[derive(Deserialize)]
struct RawStorage {
    values: Vec<f64>,
}

/// Histograms of a UHI JSON text.
pub fn parse(text: &str) -> Result<Vec<NamedHistogram>, UhiError> {
    let raw: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)?;
    raw.into_iter()
        .map(|(name, value)| {
            let wrong = |what: String| UhiError::Histogram { name: name.clone(), what };
            let raw: RawHistogram = serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
            let (edges, values) = dense(raw).map_err(wrong)?;
            Ok(NamedHistogram { name, edges, values })
        })
        .collect()
}

fn dense(raw: RawHistogram) -> Result<(Vec<f64>, Vec<f64>), String> {
    let axis = match <[RawAxis; 1]>::try_from(raw.axes) {
        Ok([axis]) => axis,
        Err(axes) => return Err(format!("{} axes; one is needed", axes.len())),
    };
    let (edges, underflow, overflow) = match axis {
        RawAxis::Variable { edges, underflow, overflow } => (edges, underflow, overflow),
        RawAxis::Regular { lower, upper, bins, underflow, overflow } => {
            if bins > MOST_BINS {
                return Err(format!("{bins} bins; at most {MOST_BINS} are read"));
            }
            let edge = |i: usize| lower + (upper - lower) * i as f64 / bins as f64;
            ((0..=bins).map(edge).collect(), underflow, overflow)
        }
    };
    if edges.len() < 2 || edges.len() > MOST_BINS {
        return Err(format!("{} edges", edges.len()));
    }
    if let Some(i) =
        edges.windows(2).position(|pair| !(pair[0].is_finite() && pair[1].is_finite() && pair[0] < pair[1]))
    {
        return Err(format!("edges {} and {} do not rise", i, i + 1));
    }
    let bins = edges.len() - 1;
    let mut values = raw.storage.values;
    if values.len() == bins + usize::from(underflow) + usize::from(overflow) {
        values.drain(..usize::from(underflow));
        values.truncate(bins);
    }
    if values.len() != bins {
        return Err(format!("{} values for {bins} bins", values.len()));
    }
    if let Some(bin) = values.iter().position(|n| !n.is_finite() || *n < 0.0) {
        return Err(format!("bin {bin} holds {}, which is not a count", values[bin]));
    }
    Ok((edges, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_bins_are_left_out() {
        let text = r#"{"m": {"uhi_schema": 1,
            "axes": [{"type": "variable", "edges": [0.0, 1.0, 3.0], "underflow": true, "overflow": true, "circular": false}],
            "storage": {"type": "double", "values": [9.0, 1.0, 2.0, 8.0]}},
          "r": {"axes": [{"type": "regular", "lower": 0, "upper": 2, "bins": 2, "underflow": false, "overflow": false}],
            "storage": {"type": "int", "values": [4, 5]}}}"#;
        let histograms = parse(text).expect("good file");
        assert_eq!(histograms[0].values, [1.0, 2.0]);
        assert_eq!(histograms[1].edges, [0.0, 1.0, 2.0]);
    }

    #[test]
    fn hostile_histograms_are_errors_that_name_them() {
        for (axis, values) in [
            (r#"{"type":"regular","lower":0,"upper":1,"bins":99999999999}"#, "[]"),
            (r#"{"type":"variable","edges":[1,0]}"#, "[1]"),
            (r#"{"type":"variable","edges":[0,1]}"#, "[-1]"),
            (r#"{"type":"variable","edges":[0,1]}"#, "[1,2,3]"),
        ] {
            let text = format!(r#"{{"bad one": {{"axes":[{axis}],"storage":{{"values":{values}}}}}}}"#);
            let error = parse(&text).expect_err("bad histogram").to_string();
            assert!(error.contains("bad one"), "{error}");
        }
        assert!(parse("[").is_err());
    }
}
