//! Coverage: the part of the truths that lie inside the network's 68 % and 95 % intervals, bin by bin.

use super::figure::{ByMethod, Figure, Heading, Table, TableRow};
use crate::evaluation::sets::coverage::Coverage;
use crate::evaluation::sets::samples::Samples;

/// The figure; None if the network has no uncertainties.
pub fn figure(samples: &Samples) -> Option<Figure> {
    let asked: Vec<&str> = samples.coverage.first()?.1.iter().map(|(what, _)| *what).collect();
    let deviations = samples.coverage.iter().flat_map(|(_, list)| list).filter(|(_, coverage)| coverage.of > 0);
    let worst =
        deviations.map(|(_, c)| (c.central68 - 0.6827).abs().max((c.central95 - 0.95).abs())).fold(0.0, f64::max);
    let part = |value: fn(&Coverage) -> f64| {
        move |(_, coverage): &(&str, Coverage)| ByMethod::network((coverage.of > 0).then(|| value(coverage)))
    };
    let table = |level: &str, value: fn(&Coverage) -> f64| {
        let rows = samples.coverage.iter().map(|(source, list)| TableRow {
            name: source.clone(),
            spectra: samples.coverage_spectra,
            values: list.iter().map(part(value)).collect(),
        });
        let quantities: Vec<Heading> = asked.iter().map(|what| Heading::part(what)).collect();
        Table::new(&format!("inside the {level} interval"), quantities, rows)
    };
    Some(Figure {
        id: "coverage",
        title: "Intervals of each bin".to_string(),
        text: format!(
            "The network gives each bin's z and background with intervals of 68 % and 95 %. Shown is how often the truth (z over the \
             true background, the true background) lies inside, in spectra of 30 to 100 bins of which 70 % hold a signal. The \
             intervals were measured on training spectra, those of the bin of the largest z apart. Largest deviation here: {:.1} %.",
            100.0 * worst
        ),
        plots: Vec::new(),
        tables: vec![table("68.3 %", |c| c.central68), table("95 %", |c| c.central95)],
    })
}
