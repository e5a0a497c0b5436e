//! Spectra without a signal: how often Zmax is large, and whether p_spectrum says how often.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{HALF, THIRD, series};
use crate::evaluation::merit::pairs::{found, pairs};
use crate::evaluation::merit::statistics::{mean, part, quantile};
use crate::evaluation::sample::judge::Method;
use crate::evaluation::sets::samples::{RowSample, Samples, SpectrumGroup};
use bumphound::drawing::chart::{Chart, Mark, Scale, Series};

/// Levels at which p_spectrum is asked.
const LEVELS: [f64; 3] = [0.1, 0.01, 0.001];

/// Part of the background-only spectra above every Zmax.
pub fn false_positives(samples: &Samples) -> Figure {
    let mixed: Vec<&RowSample> = samples.rows.iter().filter(|row| row.main).collect();
    let above_five = |row: &&RowSample, method| {
        let null = found(&pairs(&row.background_only(), method), false);
        100.0 * part(&null, |z| z > 5.0).unwrap_or(0.0)
    };
    let list =
        |method| mixed.iter().map(|row| format!("{:.2}", above_five(row, method))).collect::<Vec<_>>().join(" / ");
    let lengths = mixed.iter().map(|row| row.bins.to_string()).collect::<Vec<_>>().join(" / ");
    let text = format!(
        "Part of the spectra without a signal in which a larger Zmax is found. The target has the trials of its bins and widths; the \
         network adds what it takes for background wrongly, and what it has learnt of how common signals are. Above 5, {lengths} \
         bins: network {} %, family fit {} %, target {} %.",
        list(Method::Network),
        list(Method::FamilyFit),
        list(Method::Target),
    );
    Figure {
        id: "false_positives",
        title: "False positives".to_string(),
        text,
        plots: mixed.iter().map(|row| survival(row)).collect(),
        tables: vec![quantiles(&mixed)],
    }
}

fn survival(row: &RowSample) -> Plot {
    let mut chart = Chart::new(&format!("Background only, {}", row.name()), "Zmax", "part of the spectra above");
    (chart.y_log, chart.x_range) = (true, Some((0.0, 8.0)));
    let null = row.background_only();
    chart.y_range = Some((0.5 / null.len().max(2) as f64, 1.2));
    for (method, mark) in [
        (Method::Target, Mark::Dashes),
        (Method::Network, Mark::Line),
        (Method::FamilyFit, Mark::Line),
        (Method::SlidingFit, Mark::Line),
    ] {
        let zmax = found(&pairs(&null, method), false);
        let points = (0..=80).map(|i| 0.1 * f64::from(i)).filter_map(|z| Some((z, part(&zmax, |v| v > z)?, 0.0)));
        chart.series.push(series(method, points.filter(|p| p.1 > 0.0).collect(), mark));
    }
    Plot::of(&chart, THIRD)
}

fn quantiles(rows: &[&RowSample]) -> Table {
    let row = |row: &&RowSample| {
        let null = row.background_only();
        let each = |merit: &dyn Fn(&[f64]) -> Option<f64>| {
            ByMethod::each(&null, |pairs| merit(&found(pairs, false))).without(Method::WholeFit)
        };
        let at = |p: f64| each(&|zmax| quantile(zmax, 1.0 - p));
        TableRow { name: row.name(), spectra: null.len(), values: vec![each(&mean), at(0.1), at(0.01), at(0.001)] }
    };
    let quantities = ["mean Zmax", "exceeded by 10 %", "exceeded by 1 %", "exceeded by 0.1 %"].map(Heading::z);
    Table::new("background-only spectra", quantities, rows.iter().map(row))
}

/// Is p_spectrum, as the ranking uses it, uniform?
pub fn uniformity(samples: &Samples) -> Figure {
    let mut chart = Chart::new(
        "Part of the background-only spectra with a p_spectrum below p, divided by p",
        "p",
        "part of the spectra below p / p",
    );
    (chart.x_scale, chart.x_range, chart.y_log) = (Scale::Logarithmic, Some((1e-3, 1.0)), true);
    chart.y_range = Some((0.2, 8.0));
    chart.levels = vec![0.8, 1.0, 1.2];
    // Sources, not methods: their five colours and markers.
    let colours = [Method::Network, Method::SlidingFit, Method::FamilyFit, Method::Target, Method::WholeFit];
    for (group, method) in samples.null.iter().zip(colours) {
        let p: Vec<f64> = group.judged.iter().map(|one| one.p_spectrum).collect();
        let points = (0..=30).map(|i| 10f64.powf(-0.1 * f64::from(i))).filter_map(|level| {
            let below = part(&p, |value| value <= level)?;
            let error = if p.is_empty() { 0.0 } else { (below / p.len() as f64).sqrt() };
            (below > 0.0).then_some((level, below / level, if level < 0.0012 { error / level } else { 0.0 }))
        });
        let series = series(method, points.collect(), Mark::Joined);
        chart.series.push(Series { name: group.name.clone(), sets_scale: true, ..series });
    }
    let rows: Vec<TableRow> = samples.null.iter().map(row).collect();
    let one_per_cent = rows.iter().filter_map(|row| {
        let value = row.values.get(1)?.of(Method::Network)?;
        Some(format!("{} {:.1} %", row.name, 100.0 * value))
    });
    let text = format!(
        "p_spectrum is the chance that background alone gives such a Zmax in a spectrum like this one (so many bins, the background as \
         well known there, of the same likeliest kind), from the tables on the network's card. If it is what it says, 1 % of the spectra without a signal lie below 0.01: \
         every curve at 1. Above the line: too many alarms; below: signals are played down. The tables are made from all of these kinds together, those of \
         transverse masses from trimmed spectra with Jacobian edges in 30 %. Below 0.01 lie: {}.",
        one_per_cent.collect::<Vec<String>>().join(", "),
    );
    Figure {
        id: "p_spectrum",
        title: "p_spectrum of background-only spectra".to_string(),
        text,
        plots: vec![Plot::of(&chart, (HALF.0 * 1.3, HALF.1))],
        tables: vec![Table::new(
            "background-only spectra, 30 to 100 bins",
            LEVELS.map(|level| Heading::part(&format!("p_spectrum below {level}"))),
            rows.into_iter(),
        )],
    }
}

fn row(group: &SpectrumGroup) -> TableRow {
    let values = LEVELS.map(|level| ByMethod::rare(&group.judged, level)).to_vec();
    TableRow { name: group.name.clone(), spectra: group.judged.len(), values }
}
