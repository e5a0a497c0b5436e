//! `bumphound evaluate`: the thesis' figures for a network, beside three references on the same spectra.

use super::network;
use crate::evaluation;
use crate::evaluation::output::{export, files};
use crate::evaluation::sets::rows::{Row, row};
use crate::evaluation::sets::samples::{Extent, Samples};
use crate::znet::predict::Predictor;
use bumphound::cli::evaluate::EvaluateArgs;
use bumphound::cli::terminal::{Failure, data, note};
use bumphound::part_file::PartFile;
use bumphound::run_files::{lock, refuse_foreign};
use std::path::Path;

/// Runs the command.
pub(super) fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let predictor = network::open(args.model.as_deref(), args.device, args.threads)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads).build()?;
    if let Some([n, path]) = args.write_spectra.as_deref() {
        let n: usize = n.parse().map_err(|_| {
            Failure::new(format!("--write-spectra {n}: N is a number of spectra, as in `500 spectra.csv`"))
        })?;
        return pool.install(|| write_spectra(&predictor, n, args.seed, Path::new(path)));
    }
    if let Some(dir) = &args.out {
        std::fs::create_dir_all(dir).map_err(|e| Failure::io(dir, e))?;
        refuse_foreign(dir, &files::FILES, files::FILES[0], args.force)?;
    }
    let _alone = args.out.as_deref().map(lock).transpose()?;
    let extent = Extent { spectra: args.spectra, seed: args.seed, rows_only: args.out.is_none() };
    let samples = pool.install(|| {
        Samples::judge(&predictor, extent, &mut |name| {
            if args.out.is_some() {
                note(&format!("judging {name}"));
            }
        })
    })?;
    for sample in &samples.rows {
        data(&line(&row(&sample.widths, sample.bins, &sample.mixed)));
    }
    if let Some(dir) = &args.out {
        let evaluation = evaluation::evaluate(&predictor, &samples, args.spectra, args.seed);
        let paths = files::write(dir, &evaluation)?;
        if let Some(page) = paths.first() {
            note(&format!(
                "{} spectra, {} figures: open {}",
                evaluation.spectra,
                evaluation.figures.len(),
                page.display()
            ));
        }
    }
    Ok(())
}

fn write_spectra(predictor: &Predictor, n: usize, seed: u64, path: &Path) -> Result<(), Failure> {
    let mut file = PartFile::create(path)?;
    export::write_spectra(&mut file, predictor, n, seed)?;
    file.commit()?;
    note(&format!("{} spectra: {}", 6 * n, path.display()));
    Ok(())
}

/// One row as text.
pub fn line(row: &Row) -> String {
    let published = row.reference_sd.map_or(String::new(), |sd| format!(" = {:.2} x family fit {sd}", row.sd / sd));
    let here =
        row.family_sd.filter(|sd| *sd > 0.0).map_or(String::new(), |sd| format!(" (here {sd:.2}: {:.2})", row.sd / sd));
    let auc_family = row.auc_family.map_or(String::new(), |auc| format!(", family fit {auc:.3}"));
    format!(
        "widths {:<3} bins {:>3}: mean {:+.3} (3-10: {:+.2})  sd {:.3}{published}{here}  half68 {:.2}  \
         AUC {:.3} (target {:.3}{auc_family})  null > 3/4/5: {:.2} {:.2} {:.2} % (target {:.2} {:.2} {:.2} %)",
        row.widths,
        row.bins,
        row.mean,
        row.mean_3_to_10,
        row.sd,
        row.half68,
        row.auc,
        row.auc_target,
        100.0 * row.false_positives[0],
        100.0 * row.false_positives[1],
        100.0 * row.false_positives[2],
        100.0 * row.false_positives_target[0],
        100.0 * row.false_positives_target[1],
        100.0 * row.false_positives_target[2],
    )
}
