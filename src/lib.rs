//! bumphound hunts resonances that nobody has looked for in collider ntuples.
//!
//! The rooms, floor by floor from the ground up. A room imports only rooms that are named above it; a test holds the
//! house to that.
//!
//! | room | takes | gives | subcommand |
//! |---|---|---|---|
//! | **ground** | | | |
//! | [`digits`] | numbers | short texts for people | |
//! | [`whole_file`] | a path, the most bytes that are believed | its contents | |
//! | [`file_kind`] | a path | what the file is by its first bytes | |
//! | [`nearest`](mod@nearest) | a name, those that exist | those that look like it | |
//! | [`part_file`] | a path, something that writes | a complete file, or none | |
//! | [`seeds`] | a seed, a name | a random stream | |
//! | [`provenance`] | hash and seed of a campaign | where a result comes from | |
//! | [`progress`] | how much there is, how much is done | what a progress bar shows | |
//! | [`run_files`] | a run directory | the names of its files | |
//! | **tools** | | | |
//! | [`particles`] | | kinds of objects, four-momenta, mass labels, known masses | |
//! | [`drawing`] | values | pictures as SVG | |
//! | [`rootfile`] | ROOT bytes | trees, branches, columns | |
//! | [`significance`] | counts, known background | z per bin (likelihood ratio) | `significance` |
//! | **events** | | | |
//! | [`cuts`] | text | a compiled [`cuts::Cut`] | |
//! | [`binning`] | resolutions, a spectrum | edges, the part that is scanned | |
//! | [`ntuples`] | files | [`ntuples::EventBatch`]: columns with offsets | `inspect` |
//! | **spectra** | | | |
//! | [`categories`] | counts of objects | `met200/1Z1V/6j+` | |
//! | [`objects`] | a row of a batch | electrons, muons, photons, Z, V, T, HM, jets, MET | |
//! | [`masses`] | labelled objects | every subset's mass, `m(mu1,j1,j2)` | |
//! | [`histograms`] | masses | a [`histograms::Book`] of spectra, bins one resolution wide | |
//! | [`toys`] | a recipe, a random stream | labelled spectra with known background | |
//! | **scan** | | | |
//! | [`shape_average`] | counts | background as the mean over prior shapes | `shapes` |
//! | [`scan`] | a book, a [`scan::Scanner`] | z curves, p_spectrum, intervals | |
//! | **bumps** | | | |
//! | [`ranking`] | z curves, the book | bumps, neighbours, verdicts, order | |
//! | **choices** | | | |
//! | [`campaign`] | YAML | [`campaign::Campaign`], checked and resolved | `check`, `schema` |
//! | **results** | | | |
//! | [`fill`](mod@fill) | a campaign | book, cutflow | `fill`, `merge` |
//! | [`skim`] | a campaign, a bump or a cut | its events as a ROOT ntuple | `skim` |
//! | [`export`] | a book | other formats | `export` |
//! | [`report`] | everything found | index.html, bumps.csv, report.json | `report` |
//! | **command line** | | | |
//! | [`cli`] | arguments | one file per subcommand | |
//!
//! The network, its training and what measures it are the crate `bumphound-torch`: `run`, `scan`, `rank`, `train`,
//! `evaluate`, `validate`. [`cli::terminal`] is the only place that prints; nothing below [`cli`] reads the clock or
//! picks a seed. Units: GeV, radians, pb, fb^-1.
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
pub mod file_kind;
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
pub mod stacks;
pub mod toys;
pub mod whole_file;
