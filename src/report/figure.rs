//! The figure of one bump: its own spectrum and the two neighbouring jet multiplicities.
//!
//! In: a [`Bump`] and its [`BumpPlot`]. Out: three `<svg>` texts on one mass axis (that of the bump's own spectrum, GeV)
//! with the same window shaded; a side without a spectrum says why.

use super::svg::panel::{Frame, Panel, mass_range};
use super::wording::{Side, empty_side};
use super::{BumpPlot, DrawnSpectrum, digits};
use crate::ranking::{Bump, Neighbour, NeighbourMethod};

/// One neighbour, drawn or explained.
#[derive(Debug, Clone, PartialEq)]
pub struct SideFigure {
    /// `one jet fewer`, `one jet more`.
    pub name: &'static str,
    /// The picture; None: [`SideFigure::why_empty`] instead.
    pub figure: Option<String>,
    /// Why there is no picture.
    pub why_empty: String,
}

/// The picture of the bump's own spectrum, and its sides: fewer jets, more jets.
pub fn of_bump(bump: &Bump, plot: &BumpPlot) -> (String, [SideFigure; 2]) {
    let range = mass_range(&plot.spectrum).unwrap_or((0.5 * bump.low_gev, 2.0 * bump.high_gev));
    let near = if bump.transverse { "near" } else { "at" };
    let own = Panel {
        spectrum: &plot.spectrum,
        window_gev: (bump.low_gev, bump.high_gev),
        range_gev: range,
        notes: vec![
            plot.spectrum.category.clone(),
            format!("z = {} {near} {} GeV", digits::z(bump.z_local), digits::mass(bump.peak_gev)),
        ],
        legend: true,
        no_z: "no z for this spectrum".to_string(),
        title: format!(
            "{} in {}: {} events observed and {} expected between {} and {} GeV",
            bump.mass,
            bump.category,
            digits::count(bump.observed),
            digits::count(bump.expected),
            digits::mass(bump.low_gev),
            digits::mass(bump.high_gev),
        ),
        frame: Frame::MAIN,
    };
    let sides = [
        side(bump, Side::Minus, &bump.neighbour_minus, plot.minus.as_ref(), range),
        side(bump, Side::Plus, &bump.neighbour_plus, plot.plus.as_ref(), range),
    ];
    (own.svg(), sides)
}

fn side(
    bump: &Bump,
    side: Side,
    neighbour: &Neighbour,
    spectrum: Option<&DrawnSpectrum>,
    range_gev: (f64, f64),
) -> SideFigure {
    let name = side.name();
    let empty = |why: String| SideFigure { name, figure: None, why_empty: why };
    let Some(spectrum) = spectrum else {
        let why = empty_side(bump, side, neighbour).unwrap_or_else(|| match neighbour.z {
            Some(z) => format!("z = {} at this mass; its spectrum is not drawn", digits::z(z)),
            None => "not drawn".to_string(),
        });
        return empty(why);
    };
    let panel = Panel {
        spectrum,
        window_gev: (bump.low_gev, bump.high_gev),
        range_gev,
        notes: notes(spectrum, neighbour),
        legend: false,
        no_z: match neighbour.method {
            Some(NeighbourMethod::Poisson) => "too small for the network: exact Poisson z of the window".to_string(),
            _ => "not scanned".to_string(),
        },
        title: format!("{} in {}, {name}: {}", spectrum.mass, spectrum.category, notes(spectrum, neighbour).join(", ")),
        frame: Frame::NEIGHBOUR,
    };
    SideFigure { name, figure: Some(panel.svg()), why_empty: String::new() }
}

/// Category, z, what was seen there and what the excess should have been.
fn notes(spectrum: &DrawnSpectrum, neighbour: &Neighbour) -> Vec<String> {
    let mut notes = vec![spectrum.category.clone()];
    notes.push(match (neighbour.z, neighbour.method) {
        (Some(z), Some(NeighbourMethod::Poisson)) => format!("z = {} (Poisson)", digits::z(z)),
        (Some(z), _) => format!("z = {}", digits::z(z)),
        (None, _) => "too few events to tell".to_string(),
    });
    if let (Some(observed), Some(background)) = (neighbour.observed, neighbour.background) {
        notes.push(format!("{} observed, {} background", digits::count(observed), digits::count(background)));
    }
    if let Some(excess) = neighbour.expected_excess {
        notes.push(format!("excess expected {}", digits::excess(excess)));
    }
    notes
}
