//! Background-only spectra through the network: the tables behind `p_spectrum`.
//!
//! In: a predictor. Out: [`Calibrations`]: how often background alone is as significant, in masses
//! and in transverse masses. The toys are of every kind that training has (functions, simulation, dilepton, sparse tails, trimmed as
//! data are); their random streams are named `null/KIND/i`, disjoint from training.

use rand::RngExt;
use rayon::prelude::*;

use bumphound::progress::Silent;
use bumphound::scan::Scanner;
use bumphound::scan::calibration::{Calibration, Calibrations, N_CLASSES, NullTables, TOY_BINS};
use bumphound::seeds::rng_for;
use bumphound::toys::spectra::{Recipe, draw};

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
            let bins = rng.random_range(TOY_BINS);
            draw(bins, recipe, &mut rng).counts
        })
        .collect();
    let views: Vec<&[f64]> = spectra.iter().map(Vec::as_slice).collect();
    let curves = predictor.curves(&views, &Silent)?;
    let mut network = vec![Vec::new(); N_CLASSES];
    for curve in curves {
        let Some((bin, z)) = curve.most_significant() else { continue };
        let conditions = curve.conditions(bin);
        if let Some(class) = conditions.class() {
            network[class].push(conditions.significance(z));
        }
    }
    Ok(NullTables { network: Calibration::from_toys(network) })
}
