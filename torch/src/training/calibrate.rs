//! Background-only spectra through network and cross-checks: the tables behind `p_spectrum` and the evidence.
//!
//! In: a predictor. Out: [`Calibrations`]: how often background alone is as significant, by z and by backed z, in masses
//! and in transverse masses. The toys are of every kind that training has (functions, simulation, dilepton, sparse tails, trimmed as
//! data are); their random streams are named `null/KIND/i`, disjoint from training.

use rand::RngExt;
use rayon::prelude::*;

use bumphound::progress::Silent;
use bumphound::ranking::RankingOptions;
use bumphound::ranking::backed::backed_z;
use bumphound::ranking::candidates::{WIDTHS, candidates};
use bumphound::scan::Scanner;
use bumphound::scan::backed::backed_by_background;
use bumphound::scan::calibration::{Calibration, Calibrations, N_CLASSES, NullTables};
use bumphound::seeds::rng_for;
use bumphound::significance::{SIGNAL_WIDTHS, TemplateCache};
use bumphound::toys::spectra::{Recipe, draw};

/// Lengths of the toys.
const BINS: std::ops::RangeInclusive<usize> = 30..=110;

/// Tables from `toys` background-only spectra of invariant and of transverse masses each; `trained` is what the network has
/// learnt from.
pub fn calibrate(predictor: &dyn Scanner, trained: &Recipe, toys: usize, seed: u64) -> Result<Calibrations, String> {
    Ok(Calibrations {
        invariant: tables(predictor, "invariant", &Recipe::null().of_kinds_in(trained), toys, seed)?,
        transverse: tables(predictor, "transverse", &Recipe::null_transverse(), toys, seed)?,
    })
}

fn tables(predictor: &dyn Scanner, kind: &str, recipe: &Recipe, toys: usize, seed: u64) -> Result<NullTables, String> {
    let spectra: Vec<Vec<f64>> = (0..toys)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(seed, &format!("null/{kind}/{i}"));
            let bins = rng.random_range(BINS);
            draw(bins, recipe, &mut rng).counts
        })
        .collect();
    let views: Vec<&[f64]> = spectra.iter().map(Vec::as_slice).collect();
    let curves = predictor.curves(&views, &Silent)?;
    let (signal, widths) = (TemplateCache::new(&SIGNAL_WIDTHS), TemplateCache::new(&WIDTHS));
    let largest: Vec<Option<[(usize, f64); 2]>> = views
        .par_iter()
        .zip(curves)
        .map(|(counts, curve)| {
            let by_background = backed_by_background(counts, &curve, &signal.of(counts.len()));
            let significance = |&(bin, z): &(usize, f64)| curve.conditions(bin).significance(z);
            let of_network = curve.most_significant()?;
            let of_all = candidates(counts, &curve, &widths.of(counts.len()), &RankingOptions::default())
                .iter()
                .map(|candidate| (candidate.peak, backed_z(counts, &by_background, candidate)))
                .fold(
                    (of_network.0, 0.0),
                    |best, next| if significance(&next) > significance(&best) { next } else { best },
                );
            let classed = |one: (usize, f64)| Some((curve.conditions(one.0).class()?, significance(&one)));
            Some([classed(of_network)?, classed(of_all)?])
        })
        .collect();
    let mut network = vec![Vec::new(); N_CLASSES];
    let mut backed = vec![Vec::new(); N_CLASSES];
    for [(class, of_network), (class_of_backed, of_all)] in largest.into_iter().flatten() {
        network[class].push(of_network);
        backed[class_of_backed].push(of_all);
    }
    Ok(NullTables { network: Calibration::from_toys(network), backed: Calibration::from_toys(backed) })
}
