//! Masses and widths of known particles, GeV: every such number of the house.
//!
//! In: nothing. Out: constants. Source: Particle Data Group, Review of Particle Physics; "PDG 2026" in a comment is what
//! <https://pdg.lbl.gov> gives today. Some numbers are older or rounded on purpose: results were published with them, and
//! each says why. Change one and results move.

/// Electron. PDG 2022; PDG 2026: 0.000 510 998 950 69.
pub const ELECTRON_MASS_GEV: f64 = 0.000_510_998_950;

/// Muon. PDG 2022; PDG 2026: the same.
pub const MUON_MASS_GEV: f64 = 0.105_658_375_5;

/// Tau. PDG 2026: 1.776 93 +- 0.000 09.
pub const TAU_MASS_GEV: f64 = 1.776_93;

/// Z, to the last digit that is known: the peak under dilepton spectra of toys, as in ATLAS' fit (arXiv:1903.06248).
/// PDG 2018; PDG 2026: 91.1879 +- 0.0020.
pub const Z_MASS_GEV: f64 = 91.187_6;

/// Width of the Z, used with [`Z_MASS_GEV`]. PDG 2018; PDG 2026: 2.4955 +- 0.0023.
pub const Z_WIDTH_GEV: f64 = 2.495_2;

/// Z of Z candidates: the thesis' cut is |m - 91.18| <= 15 (its section 5.2.1), cut off after two digits, not rounded.
pub const Z_CANDIDATE_MASS_GEV: f64 = 91.18;

/// Masses by which known structure is named: rounded to what a spectrum can show, since bins are 1 % wide or wider, and
/// printed as they stand (`Z 91.2`).
pub mod rounded {
    /// J/psi. PDG 2026: 3.096 900, width 0.000 093.
    pub const J_PSI_GEV: f64 = 3.1;
    /// Upsilon(1S). PDG 2026: 9.460 40, width 0.000 054.
    pub const UPSILON_GEV: f64 = 9.5;
    /// W. PDG 2026: 80.3625 +- 0.0077, width 2.14.
    pub const W_GEV: f64 = 80.4;
    /// Z. PDG 2026: 91.1879 +- 0.0020, width 2.4955.
    pub const Z_GEV: f64 = 91.2;
    /// Higgs boson. PDG 2024: 125.20 +- 0.11; PDG 2026: 125.13 +- 0.11, width 0.003.
    pub const H_GEV: f64 = 125.2;
    /// Top quark: the value of most simulated samples. PDG 2026: 172.60 +- 0.27, width 1.42.
    pub const TOP_GEV: f64 = 172.5;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_and_older_masses_stay_within_a_part_in_two_hundred_of_the_review() {
        let of_2026 = [
            (ELECTRON_MASS_GEV, 0.000_510_998_950_69),
            (MUON_MASS_GEV, 0.105_658_375_5),
            (TAU_MASS_GEV, 1.776_932),
            (Z_MASS_GEV, 91.187_873),
            (Z_WIDTH_GEV, 2.495_5),
            (Z_CANDIDATE_MASS_GEV, 91.187_873),
            (rounded::J_PSI_GEV, 3.096_900),
            (rounded::UPSILON_GEV, 9.460_400),
            (rounded::W_GEV, 80.362_5),
            (rounded::Z_GEV, 91.187_873),
            (rounded::H_GEV, 125.130_9),
            (rounded::TOP_GEV, 172.603_6),
        ];
        for (here, review) in of_2026 {
            assert!((here / review - 1.0_f64).abs() < 5e-3, "{here} {review}");
        }
    }
}
