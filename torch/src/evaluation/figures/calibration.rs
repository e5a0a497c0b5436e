//! Calibration: the mean true Zmax of spectra in which a method finds this Zmax.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{THIRD, series, signed};
use crate::evaluation::merit::calibrated;
use crate::evaluation::merit::pairs::{ZmaxPair, pairs};
use crate::evaluation::sample::judge::Method;
use crate::evaluation::sets::samples::{RowSample, Samples};
use bumphound::drawing::chart::{Chart, Mark};

/// The figure.
pub fn figure(samples: &Samples) -> Figure {
    let mixed: Vec<&RowSample> = samples.rows.iter().filter(|row| row.main).collect();
    let worst = mixed
        .iter()
        .filter_map(|row| Some((row.bins, calibrated::largest(&pairs(&row.mixed, Method::Network))?)))
        .map(|(bins, point)| {
            format!("{} ± {:.2} near {:.1} ({bins} bins)", signed(Some(point.deviation)), point.error, point.found)
        });
    let text = format!(
        "Spectra are sorted by the Zmax that is found; shown is by how much the true Zmax is larger on average. Zero means that a \
         found 5 is a true 5 on average. It depends on how many spectra hold a signal: 70 % here. A fit that knows nothing of how \
         often signals occur cannot be calibrated in this sense. The network's largest deviations: {}.",
        worst.collect::<Vec<String>>().join(", "),
    );
    Figure {
        id: "calibration",
        title: "Calibration: true Zmax at a found one".to_string(),
        text,
        plots: mixed.iter().map(|row| plot(row)).collect(),
        tables: vec![table(&mixed)],
    }
}

fn plot(row: &RowSample) -> Plot {
    let title = format!("Widths {}, {} bins", row.widths, row.bins);
    let mut chart = Chart::new(&title, "found Zmax", "mean of true − found");
    chart.levels = vec![-0.15, 0.0, 0.15];
    chart.x_range = Some((2.0, 10.0));
    for method in [Method::Network, Method::FamilyFit] {
        let points = calibrated::curve(&pairs(&row.mixed, method));
        let points = points.into_iter().map(|point| (point.found, point.deviation, point.error)).collect();
        chart.series.push(series(method, points, Mark::Joined));
    }
    Plot::of(&chart, THIRD)
}

fn table(rows: &[&RowSample]) -> Table {
    let in_bin = |pairs: &[ZmaxPair], low: f64| {
        calibrated::curve(pairs).into_iter().find(|point| (low..low + 1.0).contains(&point.found))
    };
    let rows_of = |row: &&RowSample| {
        let all = pairs(&row.mixed, Method::Network);
        let values = (2..10).map(f64::from).map(|low| {
            let value = ByMethod::network(in_bin(&all, low).map(|point| point.deviation));
            value.with_error(in_bin(&all, low).map(|point| point.error))
        });
        TableRow { name: row.name(), spectra: row.mixed.len(), values: values.collect() }
    };
    let quantities: Vec<Heading> = (2..10).map(|low| Heading::z(&format!("{low}–{}", low + 1))).collect();
    Table::new("mean of true − found, network; found Zmax in", quantities, rows.iter().map(rows_of))
}
