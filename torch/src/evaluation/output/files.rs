//! The files of an evaluation: `index.html`, `evaluate.csv`, `evaluate.json`.
//!
//! In: an [`Evaluation`] and a folder. Out: the files, all complete or none. The CSV is in long form, one
//! line per figure, row and quantity, with the same quantity by every method; empty where a method has none. Units: z,
//! parts from 0 to 1.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::page;
use crate::evaluation::Evaluation;
use crate::evaluation::figures::figure::HeadingUnit;
use crate::evaluation::sample::judge::Method;
use bumphound::digits::nine_digits;
use bumphound::part_file::{ContentsError, FileError, commit_all, filled};

/// The files that are written, the one first that says whose the others are.
pub const FILES: [&str; 3] = ["evaluate.json", "evaluate.csv", "index.html"];

/// Writes all three; their paths, the one to open first.
pub fn write(dir: &Path, evaluation: &Evaluation) -> Result<Vec<PathBuf>, FileError> {
    let [json, table, html] = FILES.map(|name| dir.join(name));
    commit_all(vec![
        filled(&json, |out| Ok::<_, ContentsError>(writeln!(out, "{}", serde_json::to_string_pretty(evaluation)?)?))?,
        filled(&table, |out| Ok::<_, ContentsError>(out.write_all(&csv_text(evaluation)?)?))?,
        filled(&html, |out| Ok::<_, ContentsError>(out.write_all(page::html(evaluation)?.as_bytes())?))?,
    ])?;
    Ok(vec![html, table, json])
}

/// `figure,rows_are,row,spectra,quantity,unit,network,network_error,target,family_fit,sliding_log_cubic,whole_log_cubic`.
fn csv_text(evaluation: &Evaluation) -> Result<Vec<u8>, ContentsError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["figure", "rows_are", "row", "spectra", "quantity", "unit", "network", "network_error"];
    let references = Method::ALL.into_iter().filter(|method| *method != Method::Network);
    writer.write_record(head.into_iter().chain(references.clone().map(Method::key)))?;
    let written = |value: Option<f64>| value.map_or(String::new(), nine_digits);
    for figure in &evaluation.figures {
        for table in &figure.tables {
            for row in &table.rows {
                for (quantity, value) in table.quantities.iter().zip(&row.values) {
                    let unit = match quantity.unit {
                        HeadingUnit::Z => "z",
                        HeadingUnit::Part => "part",
                        HeadingUnit::Number => "",
                    };
                    let texts = [figure.id, &table.rows_are, &row.name].map(str::to_string);
                    let numbers = [row.spectra.to_string(), quantity.name.clone(), unit.to_string()];
                    let network = [written(value.of(Method::Network)), written(value.error)];
                    let others = references.clone().map(|method| written(value.of(method)));
                    let record = texts.into_iter().chain(numbers).chain(network).chain(others);
                    writer.write_record(record)?;
                }
            }
        }
    }
    Ok(writer.into_inner().map_err(|e| e.into_error())?)
}
