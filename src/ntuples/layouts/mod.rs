//! Where the columns of an event are found in a file: ready layouts, and branch maps that a campaign spells out.
//!
//! In: the `layout` of a campaign. Out: [`Layout`]: names and rules, and readers of files. The types are spelled in YAML
//! as they are here; doc comments become the JSON schema. Names of branches are known in this folder alone.
//!
//! A layout is one file (or folder) here and one row of [`LAYOUTS`]: its names in YAML, what is wrong with them, words for
//! `check`, how its files are recognised, its reader. To add one, write the file as the others are, add the row;
//! `tests/layouts.rs` walks the table and asks for a sample.
//!
//! | what | file |
//! |---|---|
//! | what every layout must tell | `layout` |
//! | as campaigns spell it, JSON schema | `spelled` |
//! | words that several layouts use in YAML | `several`, `conditions` |
//! | mistakes | `mistakes` |
//! | the layouts | `delphes`, `nanoaod`, `branches`, `darkmachines` |
//!
//! ```yaml
//! layout:
//!   branches:
//!     tree: ntuple
//!     units: MeV
//!     electron: {pt: el_pt, eta: el_eta, phi: el_phi, charge: el_charge, require: el_isTight}
//!     muon:
//!       - {pt: mu1_pt, eta: mu1_eta, phi: mu1_phi, charge: mu1_q}
//!       - {pt: mu2_pt, eta: mu2_eta, phi: mu2_phi, charge: mu2_q}
//!     jet: {px: jet_px, py: jet_py, pz: jet_pz, energy: jet_E, btag: {branch: jet_score, above: 0.7}}
//!     met: {pt: met, phi: met_phi}
//!     weight: [mcWeight, pileupWeight]
//!     require_event: [passGRL, {any: [trig_e, trig_mu]}]
//! ```

mod branches;
mod conditions;
mod darkmachines;
mod delphes;
mod layout;
mod mistakes;
mod nanoaod;
mod several;
mod spelled;

pub use branches::{BranchMap, ChargeMap, MetMap, ObjectMap, UnitName, Units};
pub(crate) use branches::{MappedMemory, momenta};
pub use conditions::{AnyOf, Condition, ConditionTest, EventCondition};
pub use darkmachines::{CsvColumn, CsvLayout, read_darkmachines};
pub use delphes::DelphesLayout;
pub(crate) use layout::Detect;
pub use layout::{Layout, LayoutKind, Names, Written};
pub use mistakes::{Mistake, Mistakes};
pub use nanoaod::NanoAodLayout;
pub use several::Several;
pub use spelled::RawLayout;

pub use super::quantity::Part;

/// All layouts, in the order in which trees are held against them.
pub static LAYOUTS: [&LayoutKind; 4] = [&delphes::KIND, &nanoaod::KIND, &branches::KIND, &darkmachines::KIND];

/// `Muon_tightId` belongs to the collection `Muon`.
fn belongs(branch: &str, collection: &str) -> bool {
    branch.strip_prefix(collection).is_some_and(|rest| rest.starts_with('_'))
}

/// `NanoAOD tree Friends without photon`: a layout whose tree and collections have usual names.
fn tree_in_words(kind: &LayoutKind, tree: &str, without: &[Part]) -> String {
    let usual = kind.usual.is_some_and(|usual| usual().tree() == tree);
    let tree = if usual { String::new() } else { format!(" tree {tree}") };
    let without: Vec<&str> = without.iter().map(|part| part.name()).collect();
    let without = if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) };
    format!("{}{tree}{without}", kind.title)
}
