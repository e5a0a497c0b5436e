//! Writes sample report pages to look at: `cargo run --release --example sample_report -- FOLDER`.
//!
//! In: a folder. Out: `planted/`, `null/`, `empty/`, `many/` and `nasty/` in it, each with index.html, bumps.csv and
//! report.json. For people who change the page.

use std::path::Path;

use bumphound::ranking::{Verdict, method};
use bumphound::report::{PageOptions, summary_text, write_run_report};

#[path = "../tests/support/sample_report.rs"]
mod sample_report;
use sample_report::{empty_report, nasty_report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder to write to")?;
    let options = PageOptions { method: method(), ..PageOptions::default() };
    let mut null = sample_report::sample_report(14, 6);
    null.bumps.iter_mut().for_each(|bump| {
        bump.p_campaign = 0.7;
        bump.p_stack_is_extrapolated = false;
        bump.verdict = if bump.known.is_empty() { Verdict::Chance } else { Verdict::Known };
    });
    null.inputs.retain(|input| !input.planted);
    let reports = [
        ("planted", sample_report::sample_report(60, 20)),
        ("null", null),
        ("empty", empty_report()),
        ("many", sample_report::sample_report(700, 9)),
        ("nasty", nasty_report()),
    ];
    for (name, data) in reports {
        let dir = Path::new(&folder).join(name);
        std::fs::create_dir_all(&dir)?;
        for path in write_run_report(&dir, &data, &options)? {
            println!("{:>9} bytes  {}", std::fs::metadata(&path)?.len(), path.display());
        }
        println!("{}", summary_text(&data, 10));
    }
    Ok(())
}
