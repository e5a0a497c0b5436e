//! `index.html` of an evaluation: one file that needs nothing else.
//!
//! In: an [`Evaluation`]. Out: HTML with inline style and SVG; a content security policy forbids every load. The layout
//! is in `page.html`; here its numbers become texts: z with two decimals, parts as per cent.

use askama::Template;

use crate::evaluation::Evaluation;
use crate::evaluation::figures::figure::{ByMethod, Figure, HeadingUnit, Table, TableRow};
use crate::evaluation::sample::judge::Method;
use bumphound::digits;
use bumphound::drawing::page::Head;

/// The page as text.
pub fn html(evaluation: &Evaluation) -> Result<String, askama::Error> {
    let title = format!("{} – evaluation", evaluation.network);
    let head = Head::new(&title, evaluation.version, include_str!("page.css"));
    let sections =
        evaluation.figures.iter().map(|figure| Section { figure, tables: figure.tables.iter().map(written).collect() });
    Page { head, evaluation, drawn: digits::count(evaluation.spectra as f64), sections: sections.collect() }.render()
}

#[derive(Template)]
#[template(path = "evaluation/output/page.html")]
struct Page<'a> {
    head: Head<'a>,
    evaluation: &'a Evaluation,
    drawn: String,
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    figure: &'a Figure,
    tables: Vec<WrittenTable<'a>>,
}

struct WrittenTable<'a> {
    rows_are: &'a str,
    groups: Vec<Group>,
    rows: Vec<WrittenRow<'a>>,
}

/// A quantity and the methods that have it.
struct Group {
    name: String,
    methods: Vec<&'static str>,
}

struct WrittenRow<'a> {
    name: &'a str,
    spectra: String,
    cells: Vec<Cell>,
}

struct Cell {
    class: String,
    text: String,
    error: Option<String>,
}

fn written(table: &Table) -> WrittenTable<'_> {
    let methods_of = |column: usize| -> Vec<Method> {
        let in_row = |row: &TableRow, method| row.values.get(column).is_some_and(|value| value.of(method).is_some());
        Method::ALL.into_iter().filter(|&method| table.rows.iter().any(|row| in_row(row, method))).collect()
    };
    let methods: Vec<Vec<Method>> = (0..table.quantities.len()).map(methods_of).collect();
    // A quantity that nobody has takes no room.
    let groups =
        table.quantities.iter().zip(&methods).filter(|(_, methods)| !methods.is_empty()).map(|(quantity, methods)| {
            Group {
                name: match quantity.unit {
                    HeadingUnit::Part => format!("{} (%)", quantity.name),
                    HeadingUnit::Z => format!("{} (z)", quantity.name),
                    HeadingUnit::Number => quantity.name.clone(),
                },
                methods: methods.iter().map(|method| short(*method)).collect(),
            }
        });
    let rows = table.rows.iter().map(|row| {
        let columns = table.quantities.iter().zip(&methods).zip(&row.values);
        let cells = columns.flat_map(|((quantity, methods), value)| {
            methods.iter().enumerate().map(move |(i, method)| cell(quantity.unit, *method, value, i == 0))
        });
        WrittenRow { name: &row.name, spectra: digits::count(row.spectra as f64), cells: cells.collect() }
    });
    WrittenTable { rows_are: &table.rows_are, groups: groups.collect(), rows: rows.collect() }
}

fn cell(unit: HeadingUnit, method: Method, value: &ByMethod, first: bool) -> Cell {
    let of = if method == Method::Network { "net" } else { "ref" };
    let error = value.error.filter(|_| method == Method::Network && value.of(method).is_some());
    Cell {
        class: format!("{of}{}", if first { " first" } else { "" }),
        text: value.of(method).map_or(digits::MISSING.to_string(), |v| number(unit, v)),
        error: error.map(|error| number(unit, error)),
    }
}

fn number(unit: HeadingUnit, value: f64) -> String {
    let text = match unit {
        HeadingUnit::Z if value.abs() >= 99.95 => format!("{value:.0}"),
        HeadingUnit::Z => format!("{value:.2}"),
        HeadingUnit::Part => format!("{:.*}", if value < 0.0995 { 2 } else { 1 }, 100.0 * value),
        HeadingUnit::Number => format!("{value:.3}"),
    };
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.replace('-', "") } else { text.replace('-', "−") }
}

fn short(method: Method) -> &'static str {
    match method {
        Method::Network => "network",
        Method::Target => "target",
        Method::FamilyFit => "family",
        Method::SlidingFit => "sliding",
        Method::WholeFit => "whole",
    }
}
