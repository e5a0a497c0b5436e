//! The figure of one bump: its own spectrum and the two neighbouring jet multiplicities.
//!
//! In: a [`Bump`] and its [`BumpPlot`]. Out: three `<svg>` texts on one mass axis (that of the bump's own spectrum, GeV)
//! with the same window shaded; a side without a spectrum says why.

use super::wording::{Side, empty_side};
use super::{BumpPlot, DrawnSpectrum};
use crate::digits;
use crate::drawing::legend::Symbol;
use crate::drawing::marks::BACKGROUND;
use crate::drawing::spectrum::{self, Bin, Size, SpectrumPicture};
use crate::ranking::{Bump, Neighbour, NeighbourMethod};

/// One neighbour, drawn or explained.
#[derive(Debug, Clone, PartialEq)]
pub struct SideFigure {
    /// `one jet fewer`, `one jet more`.
    pub name: &'static str,
    /// Category key; empty where there is none.
    pub category: String,
    /// What was seen there, what the excess should have been; or why there is nothing.
    pub caption: String,
    /// The picture.
    pub figure: Option<String>,
}

/// The bump's own spectrum.
const MAIN: Size = Size { width: 680.0, height: 480.0, deviations: 0.0, z: 116.0 };
/// A neighbouring multiplicity; two of them with captions are as tall as [`MAIN`] when drawn 3/5 as wide.
const NEIGHBOUR: Size = Size { width: 408.0, height: 182.0, deviations: 0.0, z: 46.0 };

/// The picture of the bump's own spectrum, and its sides: fewer jets, more jets.
pub fn of_bump(bump: &Bump, plot: &BumpPlot) -> (String, [SideFigure; 2]) {
    let range = spectrum::range_gev(&bins(&plot.spectrum)).unwrap_or((0.5 * bump.low_gev, 2.0 * bump.high_gev));
    let sides = [
        side(bump, Side::Minus, &bump.neighbour_minus, plot.minus.as_ref(), range),
        side(bump, Side::Plus, &bump.neighbour_plus, plot.plus.as_ref(), range),
    ];
    (own(bump, &plot.spectrum, range), sides)
}

fn own(bump: &Bump, spectrum: &DrawnSpectrum, range_gev: (f64, f64)) -> String {
    let near = if bump.is_transverse() { "near" } else { "at" };
    let title = format!(
        "{} in {}: {} events observed and {} expected between {} and {} GeV",
        bump.mass,
        bump.category,
        digits::count(bump.observed),
        digits::count(bump.expected),
        digits::mass(bump.low_gev),
        digits::mass(bump.high_gev),
    );
    let notes = [
        spectrum.category.to_string(),
        format!("z = {} {near} {} GeV", digits::z(bump.z_local), digits::mass(bump.peak_gev)),
    ];
    let picture = SpectrumPicture {
        title: &title,
        bins: &bins(spectrum),
        mass: &spectrum.mass.to_string(),
        range_gev,
        window_gev: Some((bump.low_gev, bump.high_gev)),
        notes: &notes,
        symbols: &[(Symbol::Data, "data"), (Symbol::Line(BACKGROUND), "predicted background")],
        no_z: "no z for this spectrum",
        tip: Some(&Bin::text),
        size: MAIN,
    };
    picture.svg()
}

fn bins(spectrum: &DrawnSpectrum) -> Vec<Bin> {
    let DrawnSpectrum { edges, observed, background, z, .. } = spectrum;
    spectrum::bins(edges, observed, [background, &[]], [z, &[]])
}

fn side(
    bump: &Bump,
    side: Side,
    neighbour: &Neighbour,
    spectrum: Option<&DrawnSpectrum>,
    range_gev: (f64, f64),
) -> SideFigure {
    let name = side.name();
    if let Some(why) = empty_side(bump, side, neighbour)
        && spectrum.is_none()
    {
        return SideFigure { name, category: String::new(), caption: why, figure: None };
    }
    let category =
        spectrum.map(|s| &s.category).or(neighbour.category.as_ref()).map_or(String::new(), |c| c.to_string());
    let caption = caption(neighbour);
    let figure = spectrum.map(|spectrum| {
        let picture = SpectrumPicture {
            title: &format!("{} in {category}, {name}: {caption}", spectrum.mass),
            bins: &bins(spectrum),
            mass: &spectrum.mass.to_string(),
            range_gev,
            window_gev: Some((bump.low_gev, bump.high_gev)),
            no_z: match neighbour.method {
                Some(NeighbourMethod::Poisson) => "too small for the network",
                _ => "not scanned",
            },
            size: NEIGHBOUR,
            ..SpectrumPicture::default()
        };
        picture.svg()
    });
    SideFigure { name, category, caption, figure }
}

/// `z 2.9: 142 observed, 120 background; excess +22, expected +24`.
fn caption(neighbour: &Neighbour) -> String {
    let mut caption = match (neighbour.z, neighbour.method) {
        (Some(z), Some(NeighbourMethod::Poisson)) => format!("z {} (exact Poisson)", digits::z(z)),
        (Some(z), _) => format!("z {}", digits::z(z)),
        (None, _) => "too few events to judge".to_string(),
    };
    if let (Some(observed), Some(background)) = (neighbour.observed, neighbour.background) {
        let (observed_text, background_text) = (digits::count(observed), digits::count(background));
        caption += &format!(": {observed_text} observed, {background_text} background");
        if let Some(expected) = neighbour.expected_excess {
            let (seen, expected) = (digits::excess(observed - background), digits::excess(expected));
            caption += &format!("; excess {seen}, expected {expected}");
        }
    }
    caption
}
