//! Binned spectra as text: one row per bin, as published tables and the user's own scripts have them.
//!
//! In: CSV with a header; edges in the unit of the file (GeV by convention), counts per bin, where known the expected
//! background per bin. Lines that start with `#` are comments and are kept: they say where the numbers come from. Out: a
//! [`CountsTable`] of sorted bins without gaps, all numbers finite, counts not negative. Columns are found by name:
//!
//! | what | names |
//! |---|---|
//! | lower edge | `low_edge`, `m_low`, `low` |
//! | upper edge | `high_edge`, `m_high`, `high` |
//! | counts | `observed`, `count`, `counts`, `entries`, `data` |
//! | expected background (optional) | `expected`, `background`, `bkg`, `bkg_fit`, `fit` |
//!
//! ```
//! use bumphound::histograms::counts_csv::parse;
//! let table = parse("# source: example\nm_low,m_high,count,bkg\n100,110,12,11.5\n110,120,9,8.7\n")?;
//! assert_eq!(table.edges, [100.0, 110.0, 120.0]);
//! assert_eq!(table.expected, Some(vec![11.5, 8.7]));
//! # Ok::<(), bumphound::histograms::counts_csv::CountsError>(())
//! ```

use thiserror::Error;

use super::uhi::MOST_BINS;

const LOW: &[&str] = &["low_edge", "m_low", "low"];
const HIGH: &[&str] = &["high_edge", "m_high", "high"];
const OBSERVED: &[&str] = &["observed", "count", "counts", "entries", "data"];
const EXPECTED: &[&str] = &["expected", "background", "bkg", "bkg_fit", "fit"];

/// A binned spectrum.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CountsTable {
    /// n + 1 rising edges.
    pub edges: Vec<f64>,
    /// n counts.
    pub observed: Vec<f64>,
    /// n expected values; None if the file has no such column.
    pub expected: Option<Vec<f64>>,
    /// Comment lines without their `#`.
    pub comments: Vec<String>,
}

/// Why a table cannot be used; lines and columns count from 1.
#[derive(Debug, Error)]
pub enum CountsError {
    /// Not CSV.
    #[error("not CSV: {0}\nhint: one header line, then one line per bin with the same number of fields")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error("no column `{wanted}` (found: {found})\nhint: the columns are {}; `{wanted}` may also be called {}", COLUMNS, .others.join(", "))]
    NoColumn {
        /// The name this program prefers.
        wanted: &'static str,
        /// Header of the file.
        found: String,
        /// Other names that would do.
        others: &'static [&'static str],
    },
    /// A field is not a number.
    #[error("line {line}, column {column}: `{text}` in column `{name}` is not a number")]
    NotANumber {
        /// Line of the file.
        line: u64,
        /// Field of the line.
        column: usize,
        /// Name of the column.
        name: String,
        /// The field.
        text: String,
    },
    /// A count or an expected value is negative.
    #[error("line {line}: {name} is {value}, which is not a count\nhint: counts of events, not subtracted or scaled")]
    NotACount {
        /// Line of the file.
        line: u64,
        /// Name of the column.
        name: String,
        /// The value.
        value: f64,
    },
    /// Events where none are expected.
    #[error("line {line}: {observed} events observed where the expected background is 0")]
    NoBackground {
        /// Line of the file.
        line: u64,
        /// Events.
        observed: f64,
    },
    /// Edges out of order.
    #[error("line {line}: the upper edge {high} is not above the lower edge {low}")]
    EmptyBin {
        /// Line of the file.
        line: u64,
        /// Lower edge.
        low: f64,
        /// Upper edge.
        high: f64,
    },
    /// A gap or an overlap between bins.
    #[error(
        "line {line}: the lower edge {low} is not the upper edge {before} of the bin before\nhint: bins must be sorted and without gaps"
    )]
    Gap {
        /// Line of the file.
        line: u64,
        /// Lower edge.
        low: f64,
        /// Upper edge of the bin before.
        before: f64,
    },
    /// No bin.
    #[error("no bin: the file ends after its header")]
    Empty,
    /// Too long.
    #[error("more than {MOST_BINS} bins")]
    TooMany,
}

const COLUMNS: &str = "low_edge,high_edge,observed and, where it is known, expected";

/// Reads a table from CSV text.
pub fn parse(text: &str) -> Result<CountsTable, CountsError> {
    let comments: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix('#')).map(|line| line.trim().to_string()).collect();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers()?.clone();
    let find = |names: &[&str]| headers.iter().position(|header| names.contains(&header.to_lowercase().as_str()));
    let need = |names: &'static [&'static str]| {
        let (wanted, others) = names.split_first().ok_or(CountsError::Empty)?;
        find(names).ok_or_else(|| CountsError::NoColumn {
            wanted,
            found: headers.iter().collect::<Vec<_>>().join(","),
            others,
        })
    };
    let (low, high, observed) = (need(LOW)?, need(HIGH)?, need(OBSERVED)?);
    let expected = find(EXPECTED);
    let mut table = CountsTable { comments, expected: expected.map(|_| Vec::new()), ..CountsTable::default() };
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let name = |column: usize| headers.get(column).unwrap_or("?").to_string();
        let number = |column: usize| {
            let text = record.get(column).unwrap_or("");
            text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| CountsError::NotANumber {
                line,
                column: column + 1,
                name: name(column),
                text: text.to_string(),
            })
        };
        let count = |column: usize| {
            let value = number(column)?;
            if value < 0.0 { Err(CountsError::NotACount { line, name: name(column), value }) } else { Ok(value) }
        };
        let (low, high, n) = (number(low)?, number(high)?, count(observed)?);
        if high <= low {
            return Err(CountsError::EmptyBin { line, low, high });
        }
        match table.edges.last() {
            None => table.edges.push(low),
            // Published edges are rounded, so the two spellings of one edge may differ in the last digit.
            Some(&before) if (low - before).abs() > 1e-6 * low.abs().max(1.0) || high <= before => {
                return Err(CountsError::Gap { line, low, before });
            }
            Some(_) => {}
        }
        if let (Some(column), Some(values)) = (expected, &mut table.expected) {
            let b = count(column)?;
            if b == 0.0 && n > 0.0 {
                return Err(CountsError::NoBackground { line, observed: n });
            }
            values.push(b);
        }
        table.edges.push(high);
        table.observed.push(n);
        if table.observed.len() > MOST_BINS {
            return Err(CountsError::TooMany);
        }
    }
    if table.observed.is_empty() { Err(CountsError::Empty) } else { Ok(table) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(text: &str) -> String {
        parse(text).map_or_else(|error| error.to_string(), |table| format!("{table:?}"))
    }

    #[test]
    fn comments_and_unknown_columns_do_no_harm() {
        let table = parse("# a\n# b\nx,m_low,m_high,count,stored_y\n?,1,2,0,0.5\n# c\n?,2,3.5,4,0\n").expect("a table");
        assert_eq!(table.edges, [1.0, 2.0, 3.5]);
        assert_eq!(table.observed, [0.0, 4.0]);
        assert_eq!((table.expected, table.comments), (None, vec!["a".into(), "b".into(), "c".into()]));
    }

    #[test]
    fn mistakes_name_line_and_column() {
        for (text, message) in [
            ("", "no column `low_edge`"),
            ("m_low,m_high\n1,2\n", "no column `observed` (found: m_low,m_high)"),
            ("m_low,m_high,count\n", "no bin"),
            ("# source\nm_low,m_high,count\n1,2,3\n2,3,many\n", "line 4, column 3: `many` in column `count`"),
            ("m_low,m_high,count\n1,2,inf\n", "line 2, column 3: `inf`"),
            ("m_low,m_high,count\n1,2,-3\n", "line 2: count is -3"),
            ("m_low,m_high,count\n2,2,3\n", "line 2: the upper edge 2 is not above"),
            ("m_low,m_high,count\n1,2,3\n3,4,1\n", "line 3: the lower edge 3 is not the upper edge 2"),
            ("m_low,m_high,count,fit\n1,2,3,0\n", "line 2: 3 events observed where"),
            ("m_low,m_high,count\n1,2,3,4\n", "not CSV"),
        ] {
            assert!(error(text).contains(message), "{text:?}: {}", error(text));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_table_or_an_error(text in "(m_low,m_high,count\n)?[0-9a-z,.#\n -]{0,80}") {
            if let Ok(table) = parse(&text) {
                prop_assert_eq!(table.edges.len(), table.observed.len() + 1);
                prop_assert!(table.edges.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}
