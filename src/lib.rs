//! bumphound hunts resonances that nobody has looked for in collider ntuples.
//!
//! The pipeline, in the order the data walk; each stage imports only stages before it:
//!
//! | stage | folder | takes | gives | subcommand |
//! |---|---|---|---|---|
//! | campaign | [`campaign`] | YAML | [`campaign::Campaign`], checked and resolved | `check`, `schema` |
//! | file format | [`rootfile`] | ROOT bytes | trees, branches, columns | |
//! | ntuples | [`ntuples`] | files | [`ntuples::EventBatch`]: columns with offsets | `inspect` |
//! | objects | [`objects`] | a row of a batch | electrons, muons, photons, Z, V, T, HM, jets, MET | |
//! | categories | [`categories`] | objects | `met200/1Z1V/6j+` | |
//! | masses | [`masses`] | labelled objects | every subset's mass, `m(mu1,j1,j2)` | |
//! | histograms | [`histograms`] | masses | a [`histograms::Book`] of spectra, bins one resolution wide | `export` |
//! | event loop | [`fill`] | a campaign | book, cutflow; picked events | `fill`, `skim` |
//! | significance | [`significance`] | counts, known background | z per bin (likelihood ratio) | `significance` |
//! | toys | [`toys`] | a recipe, a random stream | labelled spectra with known background | `shapes` |
//! | shape average | [`shape_average`] | counts | background as the mean over prior shapes | |
//! | network | `znet` (torch/) | counts and shape average | z and background per bin | `scan` |
//! | training | `training` (torch/) | labelled spectra | a network | `train` |
//! | ranking | [`ranking`] | z curves | bumps, neighbours, verdicts, order | `run` |
//! | report | [`report`] | everything found | index.html, bumps.csv, report.json | `run`, `report` |
//! | evaluation | `evaluation` (torch/) | a network | the thesis' figures beside three references | `evaluate` |
//! | published | `published` (torch/) | published spectra, a predictor | network beside known backgrounds, page | `validate` |
//!
//! [`cli`] holds one file per subcommand; [`cli::terminal`] is the only place that prints. [`seeds`] makes random
//! streams from names. Nothing else reads the clock or picks a seed. Units: GeV, radians, pb, fb^-1.
//!
//! From events to a book of spectra (from there to ranked bumps: the crate `bumphound-torch`):
//!
//! ```
//! use bumphound::{campaign, fill};
//!
//! let campaign = campaign::load("selections/minimal.yaml".as_ref(), &[])?;
//! let filled = fill::fill(&campaign, 2, &fill::Silent)?;
//! assert!(filled.book.spectra().any(|spectrum| spectrum.mass().to_string() == "m(mu1,mu2)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod binning;
pub mod campaign;
pub mod categories;
pub mod cli;
pub mod cuts;
pub mod digits;
pub mod drawing;
pub mod export;
pub mod fill;
pub mod histograms;
pub mod masses;
pub mod nearest;
pub mod ntuples;
pub mod objects;
pub mod part_file;
pub mod particles;
pub mod progress;
pub mod provenance;
pub mod ranking;
pub mod report;
pub mod rootfile;
pub mod run_files;
pub mod scan;
pub mod seeds;
pub mod shape_average;
pub mod significance;
pub mod skim;
pub mod toys;
