//! Bias and spread against everything that they may depend on.

use super::figure::{ByMethod, Figure, Heading, Plot, Table, TableRow};
use super::{HALF, drawn, plain, range, signed};
use crate::evaluation::merit::pairs::{auc_of, differences, mean_between};
use crate::evaluation::merit::statistics::half68;
use crate::evaluation::sample::judge::{JudgedSpectrum, Method};
use crate::evaluation::sets::samples::{Samples, SpectrumGroup};
use bumphound::drawing::chart::{Chart, Mark, Scale};

/// Parts of a spectrum for the position of the signal.
const PARTS: usize = 10;

/// What a figure of this kind is about.
struct About {
    id: &'static str,
    title: &'static str,
    /// First column of the table, label of the axis.
    axis: &'static str,
    scale: Scale,
    text: &'static str,
}

/// All of them.
pub fn figures(samples: &Samples) -> Vec<Figure> {
    let position = positions(samples);
    let mut figures = vec![
        figure(
            About {
                id: "position",
                title: "Position of the signal",
                axis: "place of the signal, part of the spectrum",
                scale: Scale::Linear,
                text: "Mixed widths, 30 to 100 bins, spectra with a signal. Near both ends half of the background beside the signal \
                       is missing.",
            },
            &position,
        ),
        figure(
            About {
                id: "bins",
                title: "Number of bins",
                axis: "number of bins",
                scale: Scale::Linear,
                text: "Mixed widths. A signal of 4 bins covers most of a spectrum of 30: there it is background to anybody who \
                       does not know the background.",
            },
            &samples.bins,
        ),
        figure(
            About {
                id: "dynamic_range",
                title: "Dynamic range",
                axis: "expected entries per bin",
                scale: groups(&samples.dynamic_range),
                text: "Mixed widths, 60 bins; functions from y1 to y2, both at random between 10 and the largest value. The thesis \
                       sees some degradation for narrow ranges.",
            },
            &samples.dynamic_range,
        ),
        figure(
            About {
                id: "width",
                title: "Signal width, output for mixed widths",
                axis: "signal width (bins)",
                scale: Scale::Linear,
                text: "60 bins; all signals of one width, target and network the largest over widths 1 to 4.",
            },
            &samples.width_mixed,
        ),
    ];
    if !samples.width_own.is_empty() {
        figures.push(figure(
            About {
                id: "width_own",
                title: "Signal width, output for that width",
                axis: "signal width (bins)",
                scale: Scale::Linear,
                text: "60 bins; all signals of one width, target and network for that width alone.",
            },
            &samples.width_own,
        ));
    }
    let mut entries = figure(
        About {
            id: "entries",
            title: "Entries per bin",
            axis: "expected entries per bin",
            scale: Scale::Logarithmic,
            text: "Mixed widths, 60 bins; functions whose every bin lies within one decade. The papers' range begins at 10; below, \
                   single events decide, and the family fit, a Gaussian one, is no longer a fit that could be made.",
        },
        &samples.entries,
    );
    if let Some(table) = entries.tables.first_mut() {
        let together = |name: &str, range: std::ops::Range<f64>| {
            let inside = samples.entries.iter().filter(|group| range.contains(&group.at));
            let judged = inside.flat_map(|group| group.judged.iter().copied()).collect();
            row(&SpectrumGroup { name: name.to_string(), at: range.start, judged })
        };
        table.rows.push(together("all from 10 to 10⁵", 10.0..1e5));
        table.rows.push(together("all from 0.1 to 10⁶", 0.1..1e6));
    }
    figures.push(entries);
    figures.push(figure(
        About {
            id: "source",
            title: "Source of the shapes",
            axis: "source",
            scale: groups(&samples.sources),
            text: "Mixed widths, 60 bins. Simulation: fitted spectra of simulated events, 3 to 10⁶ entries in the highest bin; the \
                   unseen half is in no training. The family fit of simulation is a cubic in ln f, of dilepton spectra their \
                   published form with all six parameters free; the other sources have no family. Trimmed: generated beyond both ends and cut as data are, a second process in a part of \
                   them; Jacobian edges: all of them transverse masses with an edge.",
        },
        &samples.sources,
    ));
    figures
}

fn groups(groups: &[SpectrumGroup]) -> Scale {
    // Long names break the axis: their first word tells them apart with the last.
    let short = |name: &str| name.replace("simulation, ", "sim. ").replace(", shoulders", "").replace(" tails", "");
    Scale::Groups(groups.iter().map(|group| short(&group.name)).collect())
}

fn positions(samples: &Samples) -> Vec<SpectrumGroup> {
    let all: Vec<JudgedSpectrum> = samples.bins.iter().flat_map(|group| group.judged.iter().copied()).collect();
    (0..PARTS)
        .map(|part| {
            let (low, high) = (part as f64 / PARTS as f64, (part + 1) as f64 / PARTS as f64);
            let inside = |at: f64| at >= low && (at < high || part + 1 == PARTS);
            SpectrumGroup {
                name: format!("{low:.1}–{high:.1}"),
                at: 0.5 * (low + high),
                judged: all.iter().copied().filter(|one| one.position.is_some_and(inside)).collect(),
            }
        })
        .collect()
}

fn figure(about: About, groups: &[SpectrumGroup]) -> Figure {
    let rows: Vec<TableRow> = groups.iter().map(row).collect();
    let ratio = |row: &TableRow| row.values.get(1)?.ratio(Method::Network, Method::FamilyFit);
    let column = |i: usize| rows.iter().filter_map(move |row| row.values.get(i)?.of(Method::Network));
    let text = format!(
        "{} The network's mean is {}, its spread {}, {} times the family fit's.",
        about.text,
        range(column(0), signed),
        range(column(1), plain),
        range(rows.iter().filter_map(ratio), plain),
    );
    let plots = vec![
        plot(&about, groups, &rows, (0, "mean of found − true Zmax")),
        plot(&about, groups, &rows, (1, "standard deviation")),
    ];
    let of_z = ["mean", "standard deviation", "half of the 68 % interval", "mean for true Zmax 3–10"].map(Heading::z);
    let table = Table::new(about.axis, [&of_z[..], &[Heading::number("AUC")]].concat(), rows.into_iter());
    Figure { id: about.id, title: about.title.to_string(), text, plots, tables: vec![table] }
}

fn row(group: &SpectrumGroup) -> TableRow {
    let judged = &group.judged;
    TableRow {
        name: group.name.clone(),
        spectra: judged.len(),
        values: vec![
            ByMethod::bias(judged),
            ByMethod::spread(judged),
            ByMethod::each(judged, |pairs| half68(&differences(pairs))).without_target(),
            ByMethod::each(judged, |pairs| mean_between(pairs, 3.0..10.0)).without_target(),
            ByMethod::each(judged, auc_of),
        ],
    }
}

fn plot(about: &About, groups: &[SpectrumGroup], rows: &[TableRow], (column, y): (usize, &str)) -> Plot {
    let mut chart = Chart::new(&format!("{}: {y}", about.title), about.axis, y);
    chart.x_scale = about.scale.clone();
    let has_names = matches!(about.scale, Scale::Groups(_));
    chart.levels = if column == 0 { vec![0.0] } else { Vec::new() };
    if let (Some(first), Some(last)) = (groups.first(), groups.last())
        && about.scale == Scale::Linear
    {
        let margin = 0.06 * (last.at - first.at);
        chart.x_range = Some((first.at - margin, last.at + margin));
    }
    if about.scale == Scale::Logarithmic {
        chart.x_range = Some((0.1, 1e6));
    }
    let values = groups.iter().zip(rows).enumerate().filter_map(|(i, (group, row))| {
        let at = if has_names { i as f64 } else { group.at };
        Some((at, *row.values.get(column)?))
    });
    chart.series = drawn(&values.collect::<Vec<_>>(), if has_names { Mark::Dots } else { Mark::Joined });
    Plot::of(&chart, HALF)
}
