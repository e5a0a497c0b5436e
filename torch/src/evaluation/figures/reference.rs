//! The nine rows of physics.md section 9: widths 1, 3 and 1-4 over 30, 60 and 100 bins.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{HALF, drawn, plain, range, signed};
use crate::evaluation::merit::calibrated;
use crate::evaluation::merit::pairs::{auc_of, differences, efficiency, mean_between, pairs, pairs_by_p_spectrum};
use crate::evaluation::merit::statistics::{error_of_part, half68};
use crate::evaluation::sample::judge::{JudgedSpectrum, Method};
use crate::evaluation::sets::rows::row;
use crate::evaluation::sets::samples::Samples;
use bumphound::drawing::chart::{Chart, Mark, Scale};

/// Part of the background-only spectra that the efficiency lets through.
const FALSE_POSITIVE_RATE: f64 = 0.001;

/// The figure.
pub fn figure(samples: &Samples) -> Figure {
    let ratios = samples.rows.iter().filter_map(|row| to_family_fit(&ByMethod::spread(&row.mixed)));
    let biases = samples.rows.iter().filter_map(|row| ByMethod::bias(&row.mixed).of(Method::Network));
    let text = format!(
        "Signals in 70 % of the spectra, Asimov significance uniform from 0 to 10, functions between 10 and 100 000 entries per \
         bin. Each number stands beside those of the references on the same spectra. Read: the mean should be 0, the spread as \
         small as the family fit's or smaller, AUC as large as the target's. Seen: the network's mean is {}, its spread {} times \
         the family fit's.",
        range(biases, signed),
        range(ratios, plain),
    );
    Figure {
        id: "reference",
        title: "The reference rows".to_string(),
        text,
        plots: vec![
            plot(samples, ["Mean of found − true Zmax per row", "mean of found − true Zmax"], ByMethod::bias, &[0.0]),
            plot(
                samples,
                ["Standard deviation of found − true Zmax per row", "standard deviation"],
                ByMethod::spread,
                &[],
            ),
        ],
        tables: vec![
            bias_and_spread(samples),
            interval_and_mean(samples),
            calibration_and_efficiency(samples),
            false_positives(samples),
        ],
    }
}

/// The network's by the family fit's.
fn to_family_fit(value: &ByMethod) -> Option<f64> {
    value.ratio(Method::Network, Method::FamilyFit)
}

fn plot(samples: &Samples, [title, y]: [&str; 2], of: fn(&[JudgedSpectrum]) -> ByMethod, levels: &[f64]) -> Plot {
    let mut chart = Chart::new(title, "signal widths / number of bins", y);
    chart.x_scale = Scale::Groups(samples.rows.iter().map(|row| format!("{}/{}", row.widths, row.bins)).collect());
    chart.levels = levels.to_vec();
    let values: Vec<_> = samples.rows.iter().enumerate().map(|(i, row)| (i as f64, of(&row.mixed))).collect();
    chart.series = drawn(&values, Mark::Dots);
    Plot::of(&chart, HALF)
}

fn bias_and_spread(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let judged = &sample.mixed;
        let published = row(&sample.widths, sample.bins, judged).reference_sd;
        let spread = ByMethod::spread(judged);
        let to_published = spread.of(Method::Network).zip(published).map(|(net, fit)| net / fit);
        TableRow {
            name: sample.name(),
            spectra: judged.len(),
            values: vec![
                ByMethod::bias(judged),
                spread,
                ByMethod::network(to_family_fit(&spread)),
                ByMethod::network(to_published),
            ],
        }
    });
    let quantities = [
        Heading::z("mean"),
        Heading::z("standard deviation"),
        Heading::number("sd / family fit's, same spectra"),
        Heading::number("sd / family fit's, published"),
    ];
    Table::new("row", quantities, rows)
}

fn interval_and_mean(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| TableRow {
        name: sample.name(),
        spectra: sample.mixed.len(),
        values: vec![
            ByMethod::each(&sample.mixed, |pairs| half68(&differences(pairs))).without_target(),
            ByMethod::each(&sample.mixed, |pairs| mean_between(pairs, 3.0..10.0)).without_target(),
        ],
    });
    Table::new("row", ["half of the 68 % interval", "mean for true Zmax 3–10"].map(Heading::z), rows)
}

fn calibration_and_efficiency(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let all = sample.all();
        let auc = ByMethod::each(&all, auc_of);
        let efficient = ByMethod::each(&all, |pairs| efficiency(pairs, 4.0..6.0, FALSE_POSITIVE_RATE));
        let wanted = all.iter().filter(|one| one.has_signal && (4.0..6.0).contains(&one.target())).count();
        let error = efficient.of(Method::Network).and_then(|part| error_of_part(part, wanted));
        let by_chance = pairs_by_p_spectrum(&all);
        let auc_by_chance = auc_of(&by_chance).zip(auc.of(Method::FamilyFit)).map(|(net, fit)| net / fit);
        let worst = ByMethod::each(&sample.mixed, |pairs| calibrated::largest(pairs).map(|point| point.deviation));
        let worst_error = calibrated::largest(&pairs(&sample.mixed, Method::Network));
        TableRow {
            name: sample.name(),
            spectra: all.len(),
            values: vec![
                worst.without_target().with_error(worst_error.map(|point| point.error)),
                auc,
                ByMethod::network(to_family_fit(&auc)),
                ByMethod::network(auc_by_chance),
                efficient.with_error(error),
                ByMethod::network(efficiency(&by_chance, 4.0..6.0, FALSE_POSITIVE_RATE)),
            ],
        }
    });
    let quantities = [
        Heading::z("largest calibration deviation, found 2–10"),
        Heading::number("AUC"),
        Heading::number("AUC / family fit's"),
        Heading::number("AUC by p_spectrum / family fit's"),
        Heading::part("efficiency for true Zmax 4–6 at 0.1 % false positives"),
        Heading::part("the same, separated by p_spectrum"),
    ];
    Table::new("row, more null spectra", quantities, rows)
}

fn false_positives(samples: &Samples) -> Table {
    let rows = samples.rows.iter().map(|sample| {
        let null = sample.background_only();
        let values = [3.0, 4.0, 5.0].map(|cut| ByMethod::false_positives(&null, cut)).to_vec();
        TableRow { name: sample.name(), spectra: null.len(), values }
    });
    Table::new("null spectra of the row", ["above 3", "above 4", "above 5"].map(Heading::part), rows)
}
