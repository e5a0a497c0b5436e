//! The nine rows of physics.md section 9: widths 1, 3 and 1-4 over 30, 60 and 100 bins.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{HALF, plain, range, series, signed};
use crate::evaluation::merit::calibrated;
use crate::evaluation::merit::pairs::{auc_of, differences, efficiency, found, mean_between, pairs_by_p_spectrum};
use crate::evaluation::merit::statistics::{error_of_mean, error_of_part, half68, mean, part, sd};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method};
use crate::evaluation::sets::rows::row;
use crate::evaluation::sets::samples::{RowSample, Samples};
use bumphound::drawing::chart::{Chart, Mark, Scale};

/// Part of the background-only spectra that the efficiency lets through.
const FALSE_POSITIVE_RATE: f64 = 0.001;

/// The figure.
pub fn figure(samples: &Samples) -> Figure {
    let spread: Vec<ByMethod> = samples.rows.iter().map(|row| spread_of(&row.mixed)).collect();
    let ratio = |value: &ByMethod| Some(value.of(Method::Network)? / value.of(Method::FamilyFit)?);
    let biases = samples.rows.iter().filter_map(|row| bias_of(&row.mixed).of(Method::Network));
    let text = format!(
        "Signals in 70 % of the spectra, Asimov significance uniform from 0 to 10, functions between 10 and 100 000 entries per \
         bin. Each number stands beside those of the references on the same spectra. Read: the mean should be 0, the spread as \
         small as the family fit's or smaller, AUC as large as the target's. Seen: the network's mean is {}, its spread {} times \
         the family fit's.",
        range(biases, signed),
        range(spread.iter().filter_map(ratio), plain),
    );
    Figure {
        id: "reference",
        title: "The reference rows".to_string(),
        text,
        plots: vec![
            plot(samples, "mean of found − true Zmax", "Mean of found − true Zmax per row", &bias_of, Some(0.0)),
            plot(samples, "standard deviation", "Standard deviation of found − true Zmax per row", &spread_of, None),
        ],
        tables: vec![
            bias_and_spread(samples),
            interval_and_mean(samples),
            calibration_and_efficiency(samples),
            false_positives(samples),
        ],
    }
}

fn bias_of(judged: &[JudgedSpectrum]) -> ByMethod {
    let network = differences(&crate::evaluation::merit::pairs::pairs(judged, Method::Network));
    ByMethod::each(judged, |pairs| mean(&differences(pairs))).without_target().with_error(error_of_mean(&network))
}

fn spread_of(judged: &[JudgedSpectrum]) -> ByMethod {
    let spread = ByMethod::each(judged, |pairs| sd(&differences(pairs))).without_target();
    let error = spread.of(Method::Network).map(|sd| sd / (2.0 * judged.len() as f64).sqrt());
    spread.with_error(error)
}

fn name(row: &RowSample) -> String {
    format!("widths {}, {} bins", row.widths, row.bins)
}

fn plot(
    samples: &Samples,
    y: &str,
    caption: &str,
    of: &dyn Fn(&[JudgedSpectrum]) -> ByMethod,
    level: Option<f64>,
) -> Plot {
    let mut chart = Chart::new(caption, "signal widths / number of bins", y);
    chart.x_scale = Scale::Groups(samples.rows.iter().map(|row| format!("{}/{}", row.widths, row.bins)).collect());
    chart.levels = level.into_iter().collect();
    let values: Vec<ByMethod> = samples.rows.iter().map(|row| of(&row.mixed)).collect();
    for method in super::DRAWN {
        let points = values.iter().enumerate().filter_map(|(i, value)| {
            let error = if method == Method::Network { value.error.unwrap_or(0.0) } else { 0.0 };
            Some((i as f64, value.of(method)?, error))
        });
        chart.series.push(series(method, points.collect(), Mark::Dots));
    }
    Plot { caption: caption.to_string(), svg: chart.svg(HALF) }
}

fn bias_and_spread(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let judged = &sample.mixed;
        let published = row(&sample.widths, sample.bins, judged).reference_sd;
        let spread = spread_of(judged);
        let ratio = spread.of(Method::Network).zip(spread.of(Method::FamilyFit)).map(|(net, fit)| net / fit);
        let to_published = spread.of(Method::Network).zip(published).map(|(net, fit)| net / fit);
        TableRow {
            name: name(sample),
            spectra: judged.len(),
            values: vec![bias_of(judged), spread, ByMethod::network(ratio), ByMethod::network(to_published)],
        }
    });
    Table {
        rows_are: "row".to_string(),
        quantities: vec![
            Heading::z("mean"),
            Heading::z("standard deviation"),
            Heading::number("sd / family fit's, same spectra"),
            Heading::number("sd / family fit's, published"),
        ],
        rows: rows.collect(),
    }
}

fn interval_and_mean(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| TableRow {
        name: name(sample),
        spectra: sample.mixed.len(),
        values: vec![
            ByMethod::each(&sample.mixed, |pairs| half68(&differences(pairs))).without_target(),
            ByMethod::each(&sample.mixed, |pairs| mean_between(pairs, 3.0..10.0)).without_target(),
        ],
    });
    Table {
        rows_are: "row".to_string(),
        quantities: vec![Heading::z("half of the 68 % interval"), Heading::z("mean for true Zmax 3–10")],
        rows: rows.collect(),
    }
}

fn calibration_and_efficiency(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let all = sample.all();
        let auc = ByMethod::each(&all, auc_of);
        let of_fit = auc.of(Method::Network).zip(auc.of(Method::FamilyFit)).map(|(net, fit)| net / fit);
        let efficient = ByMethod::each(&all, |pairs| efficiency(pairs, 4.0..6.0, FALSE_POSITIVE_RATE));
        let wanted = all.iter().filter(|one| one.has_signal && (4.0..6.0).contains(&one.target())).count();
        let error = efficient.of(Method::Network).and_then(|part| error_of_part(part, wanted));
        let by_chance = pairs_by_p_spectrum(&all);
        let auc_by_chance = auc_of(&by_chance).zip(auc.of(Method::FamilyFit)).map(|(net, fit)| net / fit);
        let worst = ByMethod::each(&sample.mixed, |pairs| calibrated::largest(pairs).map(|point| point.deviation));
        let worst_error = calibrated::largest(&crate::evaluation::merit::pairs::pairs(&sample.mixed, Method::Network));
        TableRow {
            name: name(sample),
            spectra: all.len(),
            values: vec![
                worst.without_target().with_error(worst_error.map(|point| point.error)),
                auc,
                ByMethod::network(of_fit),
                ByMethod::network(auc_by_chance),
                efficient.with_error(error),
                ByMethod::network(efficiency(&by_chance, 4.0..6.0, FALSE_POSITIVE_RATE)),
            ],
        }
    });
    Table {
        rows_are: "row, more null spectra".to_string(),
        quantities: vec![
            Heading::z("largest calibration deviation, found 2–10"),
            Heading::number("AUC"),
            Heading::number("AUC / family fit's"),
            Heading::number("AUC by p_spectrum / family fit's"),
            Heading::part("efficiency for true Zmax 4–6 at 0.1 % false positives"),
            Heading::part("the same, separated by p_spectrum"),
        ],
        rows: rows.collect(),
    }
}

fn false_positives(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let null = sample.background_only();
        let above = |cut: f64| {
            let value = ByMethod::each(&null, |pairs| part(&found(pairs, false), |z| z > cut));
            value.with_error(value.of(Method::Network).and_then(|part| error_of_part(part, null.len())))
        };
        TableRow { name: name(sample), spectra: null.len(), values: [3.0, 4.0, 5.0].map(above).to_vec() }
    });
    Table {
        rows_are: "null spectra of the row".to_string(),
        quantities: ["above 3", "above 4", "above 5"].map(Heading::part).to_vec(),
        rows: rows.collect(),
    }
}
