//! Binned spectra as text: one row per bin, as published tables and the user's own scripts have them.
//!
//! In: CSV with a header (commas, semicolons or tabs between the fields); edges in the unit of the file (GeV by
//! convention), contents per bin, where known the expected background per bin. Lines that start with `#` are comments and
//! are kept: they say where the numbers come from. Rows with an infinite edge are flow bins and are left out. Out:
//! [`CountsTable`]s of sorted bins without gaps, all numbers finite, contents not negative. Columns are found by name:
//!
//! | what | names |
//! |---|---|
//! | lower edge | `low_edge`, `m_low`, `low`, `bin_low`, `xlow`, `xmin` |
//! | upper edge | `high_edge`, `m_high`, `high`, `bin_high`, `xhigh`, `xmax` |
//! | contents | `observed`, `count`, `counts`, `entries`, `events`, `data`; `sum_w` where `sum_w2` stands beside it |
//! | variance of the contents (optional) | `variance`, `variances`, `sum_w2`, `sumw2` |
//! | expected background (optional) | `expected`, `background`, `bkg`, `bkg_fit`, `fit` |
//! | name, where a file holds several spectra | `spectrum`, or `category` and `mass` |
//!
//! Tables of HEPData are read too: edges in `X LOW` and `X HIGH`, contents in the one column that is left beside `X` and
//! errors (`... +`, `... -`).
//!
//! ```
//! use bumphound::histograms::counts_csv::parse;
//! let table = parse("# source: example\nm_low,m_high,count,bkg\n100,110,12,11.5\n110,120,9,8.7\n")?;
//! assert_eq!(table.edges, [100.0, 110.0, 120.0]);
//! assert_eq!(table.expected, Some(vec![11.5, 8.7]));
//! # Ok::<(), bumphound::histograms::counts_csv::CountsError>(())
//! ```

use csv::StringRecord;
use rustc_hash::FxHashMap;
use thiserror::Error;

use super::uhi::MOST_BINS;

const LOW: &[&str] = &["low_edge", "m_low", "low", "bin_low", "xlow", "xmin"];
const HIGH: &[&str] = &["high_edge", "m_high", "high", "bin_high", "xhigh", "xmax"];
const OBSERVED: &[&str] = &["observed", "count", "counts", "entries", "events", "data"];
const VARIANCE: &[&str] = &["variance", "variances", "sum_w2", "sumw2"];
const EXPECTED: &[&str] = &["expected", "background", "bkg", "bkg_fit", "fit"];

/// A binned spectrum.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CountsTable {
    /// n + 1 rising edges.
    pub edges: Vec<f64>,
    /// n contents.
    pub observed: Vec<f64>,
    /// n variances of the contents; None if the file has none.
    pub variances: Option<Vec<f64>>,
    /// n expected values; None if the file has no such column.
    pub expected: Option<Vec<f64>>,
    /// Comment lines without their `#`.
    pub comments: Vec<String>,
}

impl CountsTable {
    /// Only the bins that lie in a range.
    pub fn within(&self, [from, to]: [f64; 2]) -> CountsTable {
        let first = self.edges.partition_point(|&edge| edge < from);
        let last = self.edges.partition_point(|&edge| edge <= to).saturating_sub(1).max(first);
        let part = |values: &Vec<f64>| values.get(first..last).unwrap_or_default().to_vec();
        CountsTable {
            edges: self.edges.get(first..=last).unwrap_or_default().to_vec(),
            observed: part(&self.observed),
            variances: self.variances.as_ref().map(part),
            expected: self.expected.as_ref().map(part),
            comments: self.comments.clone(),
        }
    }
}

/// A spectrum of a file that may hold several, or why it cannot be used.
pub type Named = (String, Result<CountsTable, CountsError>);

/// Why a table cannot be used; lines and columns count from 1.
#[derive(Debug, Error)]
pub enum CountsError {
    /// Not CSV.
    #[error("not CSV: {0}\nhint: one header line, then one line per bin with the same number of fields")]
    Csv(#[from] csv::Error),
    /// A line with more or fewer fields than the header.
    #[error(
        "line {line}: not CSV: {found} fields, the header has {wanted}\nhint: one header line, then one line per bin with the same number of fields"
    )]
    Fields {
        /// Line of the file.
        line: u64,
        /// Fields of the line.
        found: usize,
        /// Fields of the header.
        wanted: usize,
    },
    /// A column is missing.
    #[error("no column `{wanted}` (found: {found})\nhint: the columns are {}; `{wanted}` may also be called {}{}", COLUMNS, .others.join(", "),
        if found.contains(',') { "" } else { "; fields are separated by commas, semicolons or tabs" })]
    NoColumn {
        /// The name this program prefers.
        wanted: &'static str,
        /// Header of the file.
        found: String,
        /// Other names that would do.
        others: &'static [&'static str],
    },
    /// Several columns could be meant.
    #[error("columns {} could each be `{wanted}`\nhint: rename the right one to `{wanted}` and the others to something else", .columns.join(" and "))]
    Ambiguous {
        /// What is looked for.
        wanted: &'static str,
        /// Columns in the header.
        columns: Vec<String>,
    },
    /// A column that holds no counts by its own name.
    #[error(
        "column `{column}` is a density or a cross section by its name, not counts\nhint: multiply it by the width of each bin (and the luminosity), round to whole events, and call it `observed`"
    )]
    Density {
        /// Column in the header.
        column: String,
    },
    /// A field is not a number.
    #[error("line {line}, column {column}: `{text}` in column `{name}` is not a number{}", number_hint(text))]
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
    /// A header in the middle.
    #[error(
        "line {line}: a second table starts here\nhint: one table per file: counts in one column, the background in another"
    )]
    SecondTable {
        /// Line of the file.
        line: u64,
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
        "line {line}: the lower edge {low} is not the upper edge {before} of the bin before\nhint: bins must be sorted and without gaps: bins without events are rows with 0"
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
    /// One was asked for.
    #[error(
        "{spectra} spectra; one is needed\nhint: `bumphound scan` takes files with several, or keep the rows of one"
    )]
    Several {
        /// How many there are.
        spectra: usize,
    },
}

const COLUMNS: &str = "low_edge,high_edge,observed and, where it is known, expected";

fn number_hint(text: &str) -> &'static str {
    let decimal_comma = text.split_once(',').is_some_and(|(whole, part)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole.trim_start_matches('-')) && digits(part)
    });
    if decimal_comma { "\nhint: write numbers with a point: 1.5" } else { "" }
}

/// Reads a table of one spectrum from CSV text.
pub fn parse(text: &str) -> Result<CountsTable, CountsError> {
    let mut all = parse_all(text)?;
    match (all.len(), all.pop()) {
        (1, Some((_, table))) => table,
        (0, _) => Err(CountsError::Empty),
        (spectra, _) => Err(CountsError::Several { spectra }),
    }
}

/// Reads all spectra of a CSV text, in the order of the file; one without a name has an empty one.
pub fn parse_all(text: &str) -> Result<Vec<Named>, CountsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let comments: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix('#')).map(|line| line.trim().to_string()).collect();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let columns = Columns::of(reader.headers()?)?;
    let mut spectra: Vec<Named> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for record in reader.records() {
        let record = record?;
        let name = columns.name(&record);
        let place = *places.entry(name.clone()).or_insert(spectra.len());
        if place == spectra.len() {
            let optional = |column: Option<usize>| column.map(|_| Vec::new());
            let table = CountsTable {
                comments: comments.clone(),
                variances: optional(columns.variance),
                expected: optional(columns.expected),
                ..CountsTable::default()
            };
            spectra.push((name, Ok(table)));
        }
        if let Some((_, result)) = spectra.get_mut(place)
            && let Ok(table) = result
            && let Err(error) = columns.add(&record, table)
        {
            *result = Err(error);
        }
    }
    for (_, spectrum) in &mut spectra {
        if spectrum.as_ref().is_ok_and(|table| table.observed.is_empty()) {
            *spectrum = Err(CountsError::Empty);
        }
    }
    Ok(spectra)
}

/// What stands between the fields of the header.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or("");
    [b',', b';', b'\t'].into_iter().find(|byte| header.as_bytes().contains(byte)).unwrap_or(b',')
}

/// Where the columns are.
struct Columns {
    header: Vec<String>,
    names: Vec<usize>,
    low: usize,
    high: usize,
    observed: usize,
    variance: Option<usize>,
    expected: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Columns, CountsError> {
        let header: Vec<String> = header.iter().map(str::to_string).collect();
        let is = |column: &str, names: &[&str]| names.contains(&column.to_lowercase().replace(' ', "_").as_str());
        let find = |names: &'static [&'static str]| {
            let found: Vec<usize> = (0..header.len()).filter(|&i| is(&header[i], names)).collect();
            match found.as_slice() {
                [] => Ok(None),
                [one] => Ok(Some(*one)),
                several => Err(ambiguous(names, several.iter().map(|&i| &header[i]))),
            }
        };
        let missing = |names: &'static [&'static str]| CountsError::NoColumn {
            wanted: names[0],
            found: header.join(","),
            others: &names[1..],
        };
        let (low, high, observed) = match published(&header) {
            Some((low, high, rest)) if find(LOW)?.is_none() => {
                let named: Vec<usize> = rest.iter().copied().filter(|&i| is(&header[i], OBSERVED)).collect();
                let rest: Vec<usize> = rest.into_iter().filter(|&i| !is(&header[i], EXPECTED)).collect();
                match (named.as_slice(), rest.as_slice()) {
                    ([one], _) | ([], [one]) => (low, high, *one),
                    (_, []) => return Err(missing(OBSERVED)),
                    (_, several) => return Err(ambiguous(OBSERVED, several.iter().map(|&i| &header[i]))),
                }
            }
            _ => {
                let edge = |names| find(names)?.ok_or_else(|| missing(names));
                let (low, high) = (edge(LOW)?, edge(HIGH)?);
                // What `export --spectra` writes: events, and the sums that events with weights make.
                let sum_w = header.iter().position(|column| is(column, &["sum_w"]));
                match sum_w.filter(|_| header.iter().any(|column| is(column, &["sum_w2"]))) {
                    Some(sum_w) => (low, high, sum_w),
                    None => (low, high, edge(OBSERVED)?),
                }
            }
        };
        if is_density(&header[observed]) {
            return Err(CountsError::Density { column: header[observed].clone() });
        }
        let (variance, expected) = (find(VARIANCE)?, find(EXPECTED)?);
        let whole_name = header.iter().position(|column| is(column, &["spectrum"]));
        let parts = ["category", "mass"].map(|part| header.iter().position(|column| is(column, &[part])));
        let names = match (whole_name, parts) {
            (Some(one), _) => vec![one],
            (None, [Some(category), Some(mass)]) => vec![category, mass],
            (None, _) => Vec::new(),
        };
        Ok(Columns { header, names, low, high, observed, variance, expected })
    }

    /// Name of the spectrum that a row belongs to.
    fn name(&self, record: &StringRecord) -> String {
        let parts: Vec<&str> = self.names.iter().filter_map(|&column| record.get(column)).collect();
        parts.join(" ")
    }

    /// Adds a row.
    fn add(&self, record: &StringRecord, table: &mut CountsTable) -> Result<(), CountsError> {
        let line = record.position().map_or(0, csv::Position::line);
        let name = |column: usize| self.header.get(column).map_or("?", String::as_str).to_string();
        if record.len() != self.header.len() {
            return Err(CountsError::Fields { line, found: record.len(), wanted: self.header.len() });
        }
        let any_number = |column: usize| {
            let text = record.get(column).unwrap_or("");
            text.parse::<f64>().ok().filter(|value| !value.is_nan()).ok_or_else(|| CountsError::NotANumber {
                line,
                column: column + 1,
                name: name(column),
                text: text.to_string(),
            })
        };
        let number = |column: usize| {
            any_number(column).and_then(|value| match value.is_finite() {
                true => Ok(value),
                false => Err(CountsError::NotANumber {
                    line,
                    column: column + 1,
                    name: name(column),
                    text: record.get(column).unwrap_or("").to_string(),
                }),
            })
        };
        let count = |column: usize| {
            let value = number(column)?;
            if value < 0.0 { Err(CountsError::NotACount { line, name: name(column), value }) } else { Ok(value) }
        };
        if [self.low, self.high, self.observed]
            .iter()
            .all(|&column| any_number(column).is_err() && !record[column].is_empty())
        {
            return Err(CountsError::SecondTable { line });
        }
        let (low, high) = (any_number(self.low)?, any_number(self.high)?);
        if low == f64::NEG_INFINITY || high == f64::INFINITY {
            return Ok(());
        }
        let (low, high, n) = (number(self.low)?, number(self.high)?, count(self.observed)?);
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
        if let (Some(column), Some(values)) = (self.variance, &mut table.variances) {
            values.push(count(column)?);
        }
        if let (Some(column), Some(values)) = (self.expected, &mut table.expected) {
            let b = count(column)?;
            if b == 0.0 && n > 0.0 {
                return Err(CountsError::NoBackground { line, observed: n });
            }
            values.push(b);
        }
        table.edges.push(high);
        table.observed.push(n);
        if table.observed.len() > MOST_BINS { Err(CountsError::TooMany) } else { Ok(()) }
    }
}

fn ambiguous<'a>(names: &'static [&'static str], columns: impl Iterator<Item = &'a String>) -> CountsError {
    CountsError::Ambiguous { wanted: names[0], columns: columns.map(|column| format!("`{column}`")).collect() }
}

/// Edges of a HEPData table, `X LOW` and `X HIGH`, and the columns that may be contents: neither `X` nor an error.
fn published(header: &[String]) -> Option<(usize, usize, Vec<usize>)> {
    let low = header.iter().position(|column| column.ends_with(" LOW"))?;
    let variable = header[low].strip_suffix(" LOW")?;
    let high = header.iter().position(|column| column.strip_suffix(" HIGH") == Some(variable))?;
    let is_error = |column: &str| column.ends_with(" +") || column.ends_with(" -");
    let rest = (0..header.len()).filter(|&i| i != low && i != high && header[i] != variable && !is_error(&header[i]));
    Some((low, high, rest.collect()))
}

/// `Events / GeV`, `$d\sigma/dm$ [pb/TeV]`, but not `Events / 5 GeV`.
fn is_density(column: &str) -> bool {
    let text: String = column.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    ["/gev", "/tev", "pergev", "pertev", "[pb", "[fb", "[nb", "fb^", "sigma", "density"]
        .iter()
        .any(|word| text.contains(word))
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
        assert_eq!(table.within([1.5, 9.0]).edges, [2.0, 3.5]);
        assert_eq!(table.within([7.0, 9.0]).observed, [0.0; 0]);
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
            ("m_low,m_high,count\n1,2,3,4\n", "line 2: not CSV: 4 fields, the header has 3"),
            ("low,high,entries,data\n1,2,3,1\n", "columns `entries` and `data` could each be `observed`"),
            ("low,high,count,bkg,fit\n1,2,3,1,1\n", "columns `bkg` and `fit` could each be `expected`"),
            ("low high count\n1 2 3\n", "fields are separated by commas, semicolons or tabs"),
            ("low;high;count\n1,5;2,5;3\n", "`1,5` in column `low` is not a number\nhint: write numbers with a point"),
            ("low,high,count\n1,2,3\nlow,high,fit\n1,2,3\n", "line 3: a second table starts here"),
            ("spectrum,low,high,count\na,1,2,3\nb,1,2,3\n", "2 spectra; one is needed"),
            ("$m$ [GEV],$m$ [GEV] LOW,$m$ [GEV] HIGH,Events / GeV\n1,0,2,3\n", "column `Events / GeV` is a density"),
            ("$m$,$m$ LOW,$m$ HIGH,SR1,SR2\n1,0,2,3,4\n", "columns `SR1` and `SR2` could each be `observed`"),
            ("$m$ [GEV],Events\n1,3\n", "no column `low_edge` (found: $m$ [GEV],Events)"),
        ] {
            assert!(error(text).contains(message), "{text:?}: {}", error(text));
        }
    }

    #[test]
    fn tables_of_hepdata_are_read() {
        let text = "#: table_doi: 10.17182/hepdata.1.v1/t1\n#: SQRT(S) [GeV],,13000\n\
                    $m_{ee}$ [GEV],$m_{ee}$ [GEV] LOW,$m_{ee}$ [GEV] HIGH,Events / 10 GeV,stat +,stat -,\"sys,lumi +\",\"sys,lumi -\"\n\
                    105,100,110,12,3.5,-3.5,1,-1\n115,110,120,9,3,-3,1,-1\n";
        let table = parse(text).expect("a table");
        assert_eq!((table.edges, table.observed), (vec![100.0, 110.0, 120.0], vec![12.0, 9.0]));
        assert_eq!(table.comments[0], ": table_doi: 10.17182/hepdata.1.v1/t1");
        let both = parse("X,X LOW,X HIGH,Data,Background\n1,0,2,3,2.5\n2,2,4,1,2\n").expect("a table");
        assert_eq!((both.observed, both.expected), (vec![3.0, 1.0], Some(vec![2.5, 2.0])));
    }

    #[test]
    fn semicolons_and_tabs_separate_fields_too() {
        for separator in [";", "\t"] {
            let text = "\u{feff}# a\nlow,high,count\n1,2,3\n2,3,4\n".replace(',', separator);
            let table = parse(&text).expect("a table");
            assert_eq!((table.observed, table.comments), (vec![3.0, 4.0], vec!["a".to_string()]));
        }
    }

    #[test]
    fn a_file_of_several_spectra_gives_each_by_its_name_and_flow_bins_are_left_out() {
        let text = "category,mass,low_edge,high_edge,entries,sum_w,sum_w2\n\
                    c,\"m(j1,j2)\",-inf,1,7,7,7\nc,\"m(j1,j2)\",1,2,4,2,1\nc,\"m(j1,j2)\",2,3,2,1,0.5\nc,\"m(j1,j2)\",3,inf,7,7,7\n\
                    c,m(j1),1,2,4,-1,1\nc,m(j1),2,3,4,1,1\n";
        let spectra = parse_all(text).expect("a file");
        let (name, first) = &spectra[0];
        let first = first.as_ref().expect("good");
        assert_eq!((name.as_str(), &first.edges[..]), ("c m(j1,j2)", &[1.0, 2.0, 3.0][..]));
        assert_eq!((&first.observed[..], first.variances.as_deref()), (&[2.0, 1.0][..], Some(&[1.0, 0.5][..])));
        let error = spectra[1].1.as_ref().expect_err("negative").to_string();
        assert!(spectra[1].0 == "c m(j1)" && error.starts_with("line 6: sum_w is -1"), "{error}");
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
