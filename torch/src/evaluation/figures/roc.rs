//! ROC curves: signals found against background-only spectra let through, over all thresholds on Zmax, for the network
//! on p_spectrum too.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{THIRD, plain, range, series};
use crate::evaluation::merit::pairs::{ZmaxPair, auc_of, found, pairs, pairs_by_p_spectrum};
use crate::evaluation::merit::statistics::{part, roc, threshold};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method};
use crate::evaluation::sets::samples::{RowSample, Samples};
use bumphound::drawing::chart::{Chart, Mark, Scale, Series};

/// Parts of the background-only spectra that are let through, in tables.
const RATES: [(f64, &str); 3] = [(0.1, "10 %"), (0.01, "1 %"), (0.001, "0.1 %")];

/// The figure.
pub fn figure(samples: &Samples) -> Figure {
    let to_target = |row: &RowSample| ByMethod::each(&row.all(), auc_of).ratio(Method::Network, Method::Target);
    let text = format!(
        "Injected signals of any strength from 0 to 10 against spectra without one, separated by Zmax, and the network's \
         (dashed) by p_spectrum, which knows how well the background is known: campaigns are ranked by it. A curve further up \
         is better; the target's is the best that Zmax can do, because strengths begin at 0. The network's AUC is {} times \
         the target's.",
        range(samples.rows.iter().filter_map(to_target), plain),
    );
    let quantities = RATES.map(|(_, name)| Heading::part(&format!("signals found at {name} false positives")));
    let table = |rows_are: &str, values: fn(&[JudgedSpectrum], f64) -> ByMethod| {
        Table::new(rows_are, quantities.clone(), samples.rows.iter().map(|sample| row(sample, values)))
    };
    Figure {
        id: "roc",
        title: "Signals found against false positives".to_string(),
        text,
        plots: samples.rows.iter().filter(|row| row.main).map(plot).collect(),
        tables: vec![table("row, by Zmax", by_zmax), table("row, by p_spectrum", by_p_spectrum)],
    }
}

fn row(sample: &RowSample, values: fn(&[JudgedSpectrum], f64) -> ByMethod) -> TableRow {
    let all = sample.all();
    TableRow { name: sample.name(), spectra: all.len(), values: RATES.map(|(rate, _)| values(&all, rate)).to_vec() }
}

fn by_zmax(judged: &[JudgedSpectrum], rate: f64) -> ByMethod {
    ByMethod::each(judged, |pairs| found_at(pairs, rate))
}

fn by_p_spectrum(judged: &[JudgedSpectrum], rate: f64) -> ByMethod {
    ByMethod::network(found_at(&pairs_by_p_spectrum(judged), rate))
}

/// Part of the signals above the threshold that `rate` of the others exceed.
fn found_at(pairs: &[ZmaxPair], rate: f64) -> Option<f64> {
    let cut = threshold(&found(pairs, false), rate)?;
    part(&found(pairs, true), |z| z > cut)
}

fn plot(sample: &RowSample) -> Plot {
    let title = format!("Widths 1-4, {} bins", sample.bins);
    let mut chart = Chart::new(&title, "background-only spectra let through", "signals found");
    (chart.x_scale, chart.x_range, chart.y_range) = (Scale::Logarithmic, Some((1e-3, 1.0)), Some((0.0, 1.0)));
    let rates: Vec<f64> = (0..=60).map(|i| 10f64.powf(-3.0 + f64::from(i) / 20.0)).collect();
    let curve = |pairs: &[ZmaxPair]| {
        let points = roc(&found(pairs, true), &found(pairs, false), &rates);
        points.into_iter().map(|(x, y)| (x, y, 0.0)).collect()
    };
    let all = sample.all();
    for (method, mark) in [
        (Method::Target, Mark::Dashes),
        (Method::Network, Mark::Line),
        (Method::FamilyFit, Mark::Line),
        (Method::SlidingFit, Mark::Line),
        (Method::WholeFit, Mark::Line),
    ] {
        chart.series.push(series(method, curve(&pairs(&all, method)), mark));
    }
    let name = format!("{} by p_spectrum", Method::Network.name());
    let by_chance = curve(&pairs_by_p_spectrum(&all));
    chart.series.push(Series { name, ..series(Method::Network, by_chance, Mark::Dashes) });
    Plot::of(&chart, THIRD)
}
