//! What of bumphound needs libtorch: the network, its training, and what measures it.
//!
//! `bumphound`, the program that people type, knows nothing of libtorch and starts in milliseconds. It runs
//! `bumphound-torch`, the program of this crate, when a command needs the network; arguments and help are defined once,
//! in [`bumphound::cli`].
//!
//! The rooms from the ground up; each imports only rooms above it in this table, and any of [`bumphound`]:
//!
//! | room | takes | gives | subcommand |
//! |---|---|---|---|
//! | [`znet`] | counts and shape average | z and background per bin | `run`, `scan`, `rank` |
//! | [`evaluation`] | a network, toys | the thesis' figures beside three references | `evaluate` |
//! | [`published`] | published spectra, a network | network beside known backgrounds, page | `validate` |
//! | [`training`] | a plan | a network with its measured card | `train` |
//! | [`cli`] | arguments | what they ask for | |
//!
//! From events to a ranked bump:
//!
//! ```
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
//! use bumphound::{campaign, fill, ranking, scan};
//! use bumphound_torch::znet;
//!
//! let campaign = campaign::load("selections/quickstart.yaml".as_ref(), &[])?;
//! let filled = fill::fill(&campaign, 2, &fill::Silent)?;
//! let network = znet::predict::Predictor::new(znet::model::Model::embedded()?, tch::Device::Cpu, 2);
//! let scan = scan::scan(&filled.book, &campaign.scan, &network, &fill::Silent)?;
//! let (options, seed) = (&campaign.ranking, campaign.seed);
//! let input = ranking::Input { book: &filled.book, simulated: None, scan: &scan, options, seed, pictures: 0 };
//! let ranked = ranking::rank(&input, &fill::Silent);
//! assert_eq!(ranked.bumps[0].mass.to_string(), "m(mu1,mu2)"); // the planted Z' at 500 GeV
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod evaluation;
pub mod published;
pub mod training;
pub mod znet;
