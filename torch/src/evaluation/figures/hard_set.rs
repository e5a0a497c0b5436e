//! The hard set: shoulders, steps and edges, beside what a side-band fit makes of them (physics.md section 11).
//!
//! In: the judged spectra of each structure. Out: a [`Figure`] of two tables, z and parts of the spectra.

use super::figure::{ByMethod, Figure, Heading, Table, TableRow};
use crate::evaluation::merit::pairs::{differences, found};
use crate::evaluation::merit::statistics::{mean, sd};
use crate::evaluation::sample::judge::Method;
use crate::evaluation::sets::samples::{Samples, SpectrumGroup};

/// The figure: tables alone.
pub fn figure(samples: &Samples) -> Figure {
    let column = |rows: &[TableRow], number: usize, method| {
        let of_row =
            |row: &TableRow| Some(format!("{} {:.1} %", row.name, 100.0 * row.values.get(number)?.of(method)?));
        rows.iter().filter_map(of_row).collect::<Vec<_>>().join(", ")
    };
    let null: Vec<TableRow> = samples.hard.iter().map(without_signal).collect();
    let text = format!(
        "Spectra that no smooth function describes though nothing new is in them: a second process that sets in later, a step where a \
         window or a threshold of another object acts, a Jacobian edge (with the tables of transverse masses). Half of them hold a signal \
         besides. Structure looks like a resonance, so this is where false alarms come from: compare them with neighbouring \
         categories and simulation. Without a signal the network finds a Zmax above 5 in: {}; the side-band fit in: {}.",
        column(&null, 2, Method::Network),
        column(&null, 2, Method::SlidingFit),
    );
    Figure {
        id: "hard_set",
        title: "The hard set: structure that is no resonance".to_string(),
        text,
        plots: Vec::new(),
        tables: vec![
            Table::new(
                "with and without a signal, 30 to 100 bins",
                ["mean of found − true Zmax", "standard deviation"].map(Heading::z),
                samples.hard.iter().map(all),
            ),
            Table::new(
                "background only",
                [
                    Heading::z("mean Zmax"),
                    Heading::part("above 3"),
                    Heading::part("above 5"),
                    Heading::part("p_spectrum below 0.01"),
                ],
                null.into_iter(),
            ),
        ],
    }
}

fn all(group: &SpectrumGroup) -> TableRow {
    let judged = &group.judged;
    TableRow {
        name: group.name.clone(),
        spectra: judged.len(),
        values: vec![
            ByMethod::each(judged, |pairs| mean(&differences(pairs))).without_target(),
            ByMethod::each(judged, |pairs| sd(&differences(pairs))).without_target(),
        ],
    }
}

fn without_signal(group: &SpectrumGroup) -> TableRow {
    let null: Vec<_> = group.judged.iter().copied().filter(|one| !one.has_signal).collect();
    TableRow {
        name: group.name.clone(),
        spectra: null.len(),
        values: vec![
            ByMethod::each(&null, |pairs| mean(&found(pairs, false))),
            ByMethod::false_positives(&null, 3.0),
            ByMethod::false_positives(&null, 5.0),
            ByMethod::rare(&null, 0.01),
        ],
    }
}
