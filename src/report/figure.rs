//! The figure of one candidate: all jet multiplicities together, and the two that show it best.
//!
//! In: the head of a candidate and its [`BumpPlot`]. Out: `<svg>` texts on one mass axis (GeV) with the same window shaded.

use super::wording::with_error;
use super::{BumpPlot, DrawnSpectrum};
use crate::categories::JetCount;
use crate::digits;
use crate::drawing::legend::Symbol;
use crate::drawing::marks::BACKGROUND;
use crate::drawing::spectrum::{self, Bin, Size, SpectrumPicture};
use crate::ranking::Bump;

/// One multiplicity, drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFigure {
    /// `2 jets`.
    pub name: String,
    /// Category.
    pub category: String,
    /// What is seen there.
    pub caption: String,
    /// The picture.
    pub figure: String,
}

/// All multiplicities together.
const MAIN: Size = Size { width: 680.0, height: 480.0, deviations: 0.0, z: 116.0 };
/// One multiplicity; two of them with captions are as tall as [`MAIN`] when drawn 3/5 as wide.
const ROW: Size = Size { width: 408.0, height: 182.0, deviations: 0.0, z: 46.0 };
/// No z is drawn where there is none.
const NO_Z: &str = "no z for this spectrum";

/// The picture of all multiplicities, and those of single ones.
pub fn of_bump(bump: &Bump, plot: &BumpPlot) -> (String, Vec<RowFigure>) {
    let Some((all, rows)) = plot.spectra.split_first() else { return (String::new(), Vec::new()) };
    let range = spectrum::range_gev(&bins(all)).unwrap_or((0.5 * bump.low_gev, 2.0 * bump.high_gev));
    (own(bump, all, range), rows.iter().map(|spectrum| row(bump, spectrum, range)).collect())
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
        format!("z = {} {near} {} GeV ({})", digits::z(bump.z_combined), digits::mass(bump.peak_gev), bump.jets),
    ];
    let picture = SpectrumPicture {
        title: &title,
        bins: &bins(spectrum),
        mass: &spectrum.mass.to_string(),
        range_gev,
        window_gev: Some((bump.low_gev, bump.high_gev)),
        notes: &notes,
        symbols: &[(Symbol::Data, "data"), (Symbol::Line(BACKGROUND), "background from outside the window")],
        no_z: NO_Z,
        tip: Some(&Bin::text),
        size: MAIN,
    };
    picture.svg()
}

fn bins(spectrum: &DrawnSpectrum) -> Vec<Bin> {
    let DrawnSpectrum { edges, observed, background, z, .. } = spectrum;
    spectrum::bins(edges, observed, [background, &[]], [z, &[]])
}

fn row(bump: &Bump, spectrum: &DrawnSpectrum, range_gev: (f64, f64)) -> RowFigure {
    let name = match spectrum.category.jets {
        JetCount::Exactly(1) => "1 jet".to_string(),
        JetCount::Exactly(n) => format!("{n} jets"),
        JetCount::SixOrMore => "6 or more jets".to_string(),
        JetCount::Any => "any number of jets".to_string(),
    };
    let seen = bump.rows.iter().find(|row| row.category == spectrum.category);
    let caption = seen.map_or(String::new(), |row| {
        let network = row.z_network.map_or(String::new(), |z| format!("; z of the network {}", digits::z(z)));
        format!(
            "{} observed, {} expected (p {}){network}",
            digits::count(row.observed),
            with_error(row.expected, row.expected_error),
            digits::probability(row.p),
        )
    });
    let category = spectrum.category.to_string();
    let picture = SpectrumPicture {
        title: &format!("{} in {category}, {name}: {caption}", spectrum.mass),
        bins: &bins(spectrum),
        mass: &spectrum.mass.to_string(),
        range_gev,
        window_gev: Some((bump.low_gev, bump.high_gev)),
        no_z: NO_Z,
        size: ROW,
        ..SpectrumPicture::default()
    };
    let figure = picture.svg();
    RowFigure { name, category, caption, figure }
}
