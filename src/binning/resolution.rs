//! Relative resolutions per kind of object, from a YAML table in `resolution/`.
//!
//! In: a table (formula, units and source are written in it). Out: sigma(m)/m for any composition of a mass
//! (physics.md section 5). pT and masses in GeV.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::particles::{Kind, MassLabel};

/// Opened resolution table.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolutionTable {
    name: String,
    about: String,
    /// Per kind, indexed by [`Kind::index`].
    kinds: [Response; 9],
    single_high_mass_jet: f64,
    met_stochastic: f64,
}

/// Resolution of one kind: that of its constituents, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Response {
    row: Formula,
    constituents: f64,
}

/// r(pT) = sqrt((noise/pT)^2 + stochastic^2/pT + constant^2 + (linear pT)^2), pT in GeV.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Formula {
    noise: f64,
    stochastic: f64,
    constant: f64,
    linear: f64,
}

impl Formula {
    fn squared(&self, pt: f64) -> f64 {
        let (noise, linear) = (self.noise / pt, self.linear * pt);
        noise * noise + self.stochastic * self.stochastic / pt + self.constant * self.constant + linear * linear
    }
}

/// What decides the bin edges of a mass: how many objects of each resolution class, and MET. Masses of one composition
/// share their edges: `m(e1,j1)` and `m(g1,b2)` in the default table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Composition {
    /// Objects per class; a class is named by the first kind that belongs to it.
    classes: [u8; 9],
    met: bool,
    single_high_mass_jet: bool,
    /// A jet of any mass takes part: edges start higher.
    jet: bool,
}

impl Composition {
    /// A jet of any mass takes part.
    pub fn has_jet(&self) -> bool {
        self.jet
    }
}

impl ResolutionTable {
    /// The table built into the program, `resolution/default.yaml`.
    pub fn default_table() -> ResolutionTable {
        parse(include_str!("../../resolution/default.yaml"), Path::new("resolution/default.yaml"))
            .expect("the built-in table is read by the unit tests")
    }

    /// Reads a table from a file.
    pub fn open(path: &Path) -> Result<ResolutionTable, ResolutionError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ResolutionError::Unreadable { path: path.into(), source })?;
        parse(&text, path)
    }

    /// Name of the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One sentence about it.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Relative pT resolution of a kind at `pt` GeV; for composites that of the sum of their constituents.
    pub fn relative(&self, kind: Kind, pt: f64) -> f64 {
        self.relative_squared(kind, pt).sqrt()
    }

    /// What decides the edges of a mass.
    pub fn composition(&self, label: MassLabel) -> Composition {
        let mut classes = [0; 9];
        for (kind, count) in Kind::ALL.into_iter().zip(label.counts()) {
            classes[self.class(kind)] += count;
        }
        Composition {
            classes,
            met: label.is_transverse(),
            single_high_mass_jet: label.len() == 1
                && !label.is_transverse()
                && label.objects().all(|(kind, _)| kind == Kind::Hm),
            jet: label.objects().any(|(kind, _)| kind.is_jet()),
        }
    }

    /// sigma(m)/m at `mass_gev` GeV: (1/N) sqrt(sum R^2), every object taken at pT = m/N, MET counting as one.
    pub fn mass_resolution(&self, composition: &Composition, mass_gev: f64) -> f64 {
        if composition.single_high_mass_jet {
            return self.single_high_mass_jet;
        }
        let objects: u32 = composition.classes.iter().map(|&n| u32::from(n)).sum();
        let n = f64::from(objects + u32::from(composition.met)).max(1.0);
        let pt = mass_gev / n;
        let mut sum = 0.0;
        for (kind, &count) in Kind::ALL.into_iter().zip(&composition.classes) {
            if count > 0 {
                sum += f64::from(count) * self.relative_squared(kind, pt);
            }
        }
        if composition.met {
            let met = self.met_stochastic * mass_gev.sqrt() / pt;
            sum += met * met;
        }
        sum.sqrt() / n
    }

    fn relative_squared(&self, kind: Kind, pt: f64) -> f64 {
        let Response { row, constituents } = self.kinds[kind.index()];
        row.squared(pt / constituents) / constituents
    }

    /// First kind with the same resolution, jets apart from others since their edges start elsewhere.
    fn class(&self, kind: Kind) -> usize {
        let same =
            |other: &Kind| self.kinds[other.index()] == self.kinds[kind.index()] && other.is_jet() == kind.is_jet();
        Kind::ALL.into_iter().find(same).unwrap_or(kind).index()
    }
}

/// The YAML as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    name: String,
    about: String,
    objects: RawObjects,
    composites: RawComposites,
    single_high_mass_jet: f64,
    met_stochastic: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawObjects {
    muon: RawObject,
    electron: RawObject,
    photon: RawObject,
    jet: RawObject,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawObject {
    source: String,
    rows: Vec<RawRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    eta: [f64; 2],
    #[serde(default)]
    noise: f64,
    #[serde(default)]
    stochastic: f64,
    #[serde(default)]
    constant: f64,
    #[serde(default)]
    linear: f64,
    #[serde(default)]
    binning: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(non_snake_case)] // The names of categories and labels.
struct RawComposites {
    Z: RawComposite,
    V: RawComposite,
    T: RawComposite,
    HM: RawComposite,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComposite {
    of: Constituent,
    constituents: u8,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Constituent {
    Muon,
    Electron,
    Photon,
    Jet,
}

fn parse(text: &str, path: &Path) -> Result<ResolutionTable, ResolutionError> {
    let raw: RawTable = serde_saphyr::from_str(text)
        .map_err(|error| ResolutionError::Yaml { path: path.into(), message: error.to_string() })?;
    let invalid = |message: String| ResolutionError::Invalid { path: path.into(), message };
    let positive = |what: &str, value: f64| {
        if value.is_finite() && value > 0.0 {
            Ok(value)
        } else {
            Err(invalid(format!("{what} is {value}, not above 0")))
        }
    };
    let row = |name: &str, object: &RawObject| binning_row(name, object).map_err(invalid);
    let objects = &raw.objects;
    let (muon, electron) = (row("muon", &objects.muon)?, row("electron", &objects.electron)?);
    let (photon, jet) = (row("photon", &objects.photon)?, row("jet", &objects.jet)?);
    let plain = |row: Formula| Response { row, constituents: 1.0 };
    let composite = |name: &str, raw: &RawComposite| {
        let row = match raw.of {
            Constituent::Muon => muon,
            Constituent::Electron => electron,
            Constituent::Photon => photon,
            Constituent::Jet => jet,
        };
        let constituents = positive(&format!("composites.{name}.constituents"), f64::from(raw.constituents))?;
        Ok(Response { row, constituents })
    };
    let composites = &raw.composites;
    Ok(ResolutionTable {
        kinds: [
            plain(electron),
            plain(muon),
            plain(photon),
            composite("Z", &composites.Z)?,
            composite("V", &composites.V)?,
            composite("T", &composites.T)?,
            composite("HM", &composites.HM)?,
            plain(jet),
            plain(jet),
        ],
        single_high_mass_jet: positive("single_high_mass_jet", raw.single_high_mass_jet)?,
        met_stochastic: positive("met_stochastic", raw.met_stochastic)?,
        name: raw.name,
        about: raw.about,
    })
}

/// The one row that sets bin edges, checked.
fn binning_row(name: &str, object: &RawObject) -> Result<Formula, String> {
    if object.source.trim().is_empty() {
        return Err(format!("objects.{name}.source is empty: say where the numbers come from"));
    }
    for row in &object.rows {
        let terms = [row.noise, row.stochastic, row.constant, row.linear];
        if !terms.iter().all(|term| term.is_finite() && *term >= 0.0) || terms.iter().sum::<f64>() <= 0.0 {
            return Err(format!("objects.{name}: the terms {terms:?} must be 0 or more and not all 0"));
        }
        if !(row.eta[0] >= 0.0 && row.eta[0] < row.eta[1]) {
            return Err(format!("objects.{name}: the eta range {:?} must run upwards from 0 or more", row.eta));
        }
    }
    let mut chosen = object.rows.iter().filter(|row| row.binning);
    match (chosen.next(), chosen.next()) {
        (Some(row), None) => {
            Ok(Formula { noise: row.noise, stochastic: row.stochastic, constant: row.constant, linear: row.linear })
        }
        (None, _) => Err(format!("objects.{name}: no row has `binning: true`")),
        _ => Err(format!("objects.{name}: more than one row has `binning: true`")),
    }
}

/// A resolution table that cannot be used.
#[derive(Debug, Error)]
pub enum ResolutionError {
    /// The file cannot be read.
    #[error("resolution table {} cannot be read: {source}", path.display())]
    Unreadable {
        /// File.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the YAML that is expected.
    #[error("resolution table {}: {message}\nhint: resolution/default.yaml shows the form", path.display())]
    Yaml {
        /// File.
        path: PathBuf,
        /// What the parser says, with line and column.
        message: String,
    },
    /// Values that make no sense.
    #[error("resolution table {}: {message}\nhint: resolution/README.md explains the formula", path.display())]
    Invalid {
        /// File.
        path: PathBuf,
        /// Which and why.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_table_gives_the_percentages_of_its_comments() {
        let table = ResolutionTable::default_table();
        for (pt, percent) in [(20.0, 23.5), (100.0, 9.8), (300.0, 7.0), (1000.0, 6.0)] {
            assert!((100.0 * table.relative(Kind::J, pt) - percent).abs() < 0.06, "{pt}");
        }
    }

    #[test]
    fn kinds_of_equal_resolution_share_their_composition() {
        let table = ResolutionTable::default_table();
        let composition = |text: &str| table.composition(text.parse().unwrap());
        assert_eq!(composition("m(e1,j1)"), composition("m(g2,b3)"));
        assert_eq!(composition("m(T1,V1)"), composition("m(HM1,V2)"));
        assert_ne!(composition("m(HM1)"), composition("mT(HM1,met)"));
        assert_ne!(composition("m(mu1,mu2)"), composition("m(e1,e2)"));
    }

    #[test]
    fn wrong_tables_are_refused_with_a_reason() {
        let good = include_str!("../../resolution/default.yaml");
        for (from, to, says) in [
            ("linear: 1.5e-4, binning: true", "linear: 1.5e-4", "no row has `binning: true`"),
            ("constant: 0.055", "constant: -0.055", "0 or more"),
            ("met_stochastic: 0.5", "met_stochastic: .nan", "met_stochastic"),
            ("noise: 3.16", "noize: 3.16", "noize"),
            ("{of: muon, constituents: 2}", "{of: muon, constituents: 0}", "constituents"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            let error = parse(&text, Path::new("t.yaml")).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("t.yaml"), "{error}");
        }
        assert!(ResolutionTable::open(Path::new("/nowhere/t.yaml")).is_err());
    }
}
