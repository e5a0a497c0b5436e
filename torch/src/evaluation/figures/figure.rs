//! One figure of the evaluation: a paragraph, plots, and tables of quantities by the network and each reference.
//!
//! In: judged spectra. Out: [`Figure`]s, which [`output`](crate::evaluation::output) writes. A [`ByMethod`] holds the
//! same quantity by every method on the same spectra, so that no number of the network stands alone.

use serde::Serialize;

use crate::evaluation::merit::pairs::{ZmaxPair, differences, found, pairs};
use crate::evaluation::merit::statistics::{error_of_mean, error_of_part, mean, part, sd};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method, PerMethod};
use bumphound::drawing::chart::Chart;

/// Unit of a quantity: decides how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadingUnit {
    /// Significance.
    Z,
    /// Part of the spectra, 0 to 1; tables show per cent.
    Part,
    /// A number without unit.
    Number,
}

/// Heading of a group of columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heading {
    /// Name for people and files.
    pub name: String,
    /// Unit.
    pub unit: HeadingUnit,
}

impl Heading {
    /// A significance.
    pub fn z(name: &str) -> Heading {
        Heading { name: name.to_string(), unit: HeadingUnit::Z }
    }

    /// A part of the spectra.
    pub fn part(name: &str) -> Heading {
        Heading { name: name.to_string(), unit: HeadingUnit::Part }
    }

    /// A plain number.
    pub fn number(name: &str) -> Heading {
        Heading { name: name.to_string(), unit: HeadingUnit::Number }
    }
}

/// One quantity by every method on the same spectra.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ByMethod {
    /// None where a method has none.
    pub by: PerMethod<Option<f64>>,
    /// Statistical error of the network's.
    pub error: Option<f64>,
}

impl ByMethod {
    /// `merit` of every method's pairs; a method that has not judged all of the spectra has none.
    pub fn each(judged: &[JudgedSpectrum], merit: impl Fn(&[ZmaxPair]) -> Option<f64>) -> ByMethod {
        let by = PerMethod::from_fn(|method| {
            let pairs = pairs(judged, method);
            if pairs.len() == judged.len() { merit(&pairs) } else { None }
        });
        ByMethod { by, error: None }
    }

    /// A number of the network's alone.
    pub fn network(value: Option<f64>) -> ByMethod {
        ByMethod { by: PerMethod::from_fn(|method| value.filter(|_| method == Method::Network)), error: None }
    }

    /// Mean of found minus true Zmax, with its statistical error.
    pub fn bias(judged: &[JudgedSpectrum]) -> ByMethod {
        let error = error_of_mean(&differences(&pairs(judged, Method::Network)));
        ByMethod::each(judged, |pairs| mean(&differences(pairs))).without_target().with_error(error)
    }

    /// Standard deviation of found minus true Zmax, with its statistical error.
    pub fn spread(judged: &[JudgedSpectrum]) -> ByMethod {
        let spread = ByMethod::each(judged, |pairs| sd(&differences(pairs))).without_target();
        let error = spread.of(Method::Network).map(|sd| sd / (2.0 * judged.len() as f64).sqrt());
        spread.with_error(error)
    }

    /// Part of spectra without a signal in which a Zmax above `cut` is found, with its statistical error.
    pub fn false_positives(null: &[JudgedSpectrum], cut: f64) -> ByMethod {
        let above = ByMethod::each(null, |pairs| part(&found(pairs, false), |z| z > cut));
        above.with_error(above.of(Method::Network).and_then(|part| error_of_part(part, null.len())))
    }

    /// Part of the spectra whose p_spectrum is at most `level`, with its statistical error.
    pub fn rare(judged: &[JudgedSpectrum], level: f64) -> ByMethod {
        let p: Vec<f64> = judged.iter().map(|one| one.p_spectrum).collect();
        let below = part(&p, |p| p <= level);
        ByMethod::network(below).with_error(below.and_then(|part| error_of_part(part, p.len())))
    }

    /// One method's by another's.
    pub fn ratio(&self, method: Method, to: Method) -> Option<f64> {
        Some(self.of(method)? / self.of(to)?)
    }

    /// The same without the target, of which the quantity says nothing.
    pub fn without_target(self) -> ByMethod {
        self.without(Method::Target)
    }

    /// The same without a method.
    pub fn without(mut self, method: Method) -> ByMethod {
        self.by[method] = None;
        self
    }

    /// The same with a statistical error of the network's.
    pub fn with_error(self, error: Option<f64>) -> ByMethod {
        ByMethod { error, ..self }
    }

    /// By one method.
    pub fn of(&self, method: Method) -> Option<f64> {
        self.by[method]
    }
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableRow {
    /// What the spectra have in common.
    pub name: String,
    /// Number of spectra.
    pub spectra: usize,
    /// One per quantity of the table.
    pub values: Vec<ByMethod>,
}

/// A table: rows of spectra, groups of columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Heading of the first column.
    pub rows_are: String,
    /// Groups of columns.
    pub quantities: Vec<Heading>,
    /// Rows.
    pub rows: Vec<TableRow>,
}

impl Table {
    /// A table; `rows_are` heads its first column.
    pub fn new(rows_are: &str, quantities: impl Into<Vec<Heading>>, rows: impl Iterator<Item = TableRow>) -> Table {
        Table { rows_are: rows_are.to_string(), quantities: quantities.into(), rows: rows.collect() }
    }
}

/// A plot with what it shows in a line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plot {
    /// One line.
    pub caption: String,
    /// `<svg>` text.
    #[serde(skip)]
    pub svg: String,
}

impl Plot {
    /// A chart under its title, `size` in pixels.
    pub fn of(chart: &Chart, size: (f64, f64)) -> Plot {
        Plot { caption: chart.title.clone(), svg: chart.svg(size) }
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Name in files and links.
    pub id: &'static str,
    /// Heading.
    pub title: String,
    /// How to read it, and what is seen.
    pub text: String,
    /// Plots.
    pub plots: Vec<Plot>,
    /// Tables.
    pub tables: Vec<Table>,
}
