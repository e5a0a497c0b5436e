//! A compared spectrum as a picture: counts and backgrounds, deviations from the network's background, z.
//!
//! In: a [`Compared`]. Out: an `<svg>` text. Top: counts with Poisson intervals, the network's background, the published
//! one. Middle: deviations from the network's background in units of its square root. Bottom: z of the network (columns),
//! z against the published background (line) or, where there is none, of the side-band fit.

use super::compare::Compared;
use bumphound::digits;
use bumphound::drawing::legend::Symbol;
use bumphound::drawing::marks::{BACKGROUND, Z};
use bumphound::drawing::spectrum::{Bin, OTHER_BACKGROUND, OTHER_Z, Size, SpectrumPicture, bins, range_gev};

const SIZE: Size = Size { width: 760.0, height: 506.0, deviations: 80.0, z: 120.0 };

/// The picture.
pub fn svg(compared: &Compared) -> String {
    let spectrum = &compared.spectrum;
    let published = spectrum.published.as_deref();
    let (other_z, other_name) = match &compared.known {
        Some(known) => (&known.z, "z, published background"),
        None => (&compared.sideband_z, "z, side-band fit"),
    };
    let backgrounds = [&compared.network_background, published.unwrap_or_default()];
    let bins = bins(&spectrum.edges, &spectrum.counts, backgrounds, [&compared.network_z, other_z]);
    let mut symbols = vec![(Symbol::Line(BACKGROUND), "background, network")];
    symbols.extend(published.map(|_| (Symbol::Line(OTHER_BACKGROUND), "background, published")));
    symbols.extend([(Symbol::Column(Z), "z, network"), (Symbol::Line(OTHER_Z), other_name)]);
    let picture = SpectrumPicture {
        title: &format!("{}: counts, deviations and z per bin", compared.name),
        bins: &bins,
        mass: &compared.mass,
        range_gev: range_gev(&bins).unwrap_or((0.0, 1.0)),
        notes: std::slice::from_ref(&compared.name),
        symbols: &symbols,
        no_z: "no z for this spectrum",
        tip: Some(&|bin| tip(compared, bin)),
        size: SIZE,
        window_gev: None,
    };
    picture.svg()
}

/// `480–495 GeV: 12 observed, 3.1 predicted, z 3.8; published: 3.3 expected, z 3.6; side band: z 3.5`.
fn tip(compared: &Compared, bin: &Bin) -> String {
    let published = match (&compared.known, bin.backgrounds[1], bin.z[1]) {
        (Some(_), Some(b), Some(z)) => format!("; published: {} expected, z {}", digits::count(b), digits::z(z)),
        _ => String::new(),
    };
    let side_band = compared.sideband_z.get(bin.number).copied().unwrap_or(f64::NAN);
    format!("{}{published}; side band: z {}", bin.text(), digits::z(side_band))
}
