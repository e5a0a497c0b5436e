//! Relative resolutions per kind of object, from a YAML table in `resolution/`.
//!
//! In: a table (formula, units and source are written in it). Out: sigma(m)/m for any composition of a mass
//! (physics.md section 5). pT and masses in GeV.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::file_kind::{TextError, read_text};
use crate::particles::kind::{Measured, Resolution};
use crate::particles::{Kind, MassLabel, PerKind};
use crate::whole_file;

/// Opened resolution table.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolutionTable {
    name: String,
    about: String,
    kinds: PerKind<Response>,
    single_high_mass_jet: f64,
    met_stochastic: f64,
    sha256: String,
    file: Option<PathBuf>,
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
    classes: PerKind<u8>,
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
        let text = read_text(path, "a resolution table (YAML)", whole_file::WRITTEN)?;
        Ok(ResolutionTable { file: Some(path.into()), ..parse(&text, path)? })
    }

    /// The file that it was read from; None for the built-in one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// sha256 of the table as it is written, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
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
        let mut classes = PerKind::default();
        for (kind, count) in label.counts().iter() {
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
        let objects: u32 = composition.classes.iter().map(|(_, &n)| u32::from(n)).sum();
        let n = f64::from(objects + u32::from(composition.met)).max(1.0);
        let pt = mass_gev / n;
        let mut sum = 0.0;
        for (kind, &count) in composition.classes.iter() {
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
        let Response { row, constituents } = self.kinds[kind];
        row.squared(pt / constituents) / constituents
    }

    /// First kind with the same resolution, jets apart from others since their edges start elsewhere.
    fn class(&self, kind: Kind) -> Kind {
        let same = |other: &Kind| self.kinds[*other] == self.kinds[kind] && other.is_jet() == kind.is_jet();
        Kind::ALL.into_iter().find(same).unwrap_or(kind)
    }
}

/// The YAML as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    name: String,
    about: String,
    objects: RawObjects,
    composites: BTreeMap<String, RawComposite>,
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
struct RawComposite {
    of: Measured,
    constituents: u8,
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
    let measured = |of: Measured| match of {
        Measured::Muon => muon,
        Measured::Electron => electron,
        Measured::Photon => photon,
        Measured::Jet => jet,
    };
    let composites: Vec<Kind> =
        Kind::ALL.into_iter().filter(|kind| kind.resolution() == Resolution::Composite).collect();
    if let Some(name) = raw.composites.keys().find(|name| composites.iter().all(|kind| kind.name() != *name)) {
        let names = Kind::names(&composites, ", ");
        return Err(invalid(format!("composites.{name}: there is no such composite, only {names}")));
    }
    let mut kinds = PerKind::from_fn(|_| Response { row: jet, constituents: 1.0 });
    for kind in Kind::ALL {
        kinds[kind] = match kind.resolution() {
            Resolution::Of(object) => Response { row: measured(object), constituents: 1.0 },
            Resolution::Composite => {
                let missing =
                    || invalid(format!("composites.{kind} is missing: say what {} are made of", kind.plural()));
                let raw = raw.composites.get(kind.name()).ok_or_else(missing)?;
                let constituents = positive(&format!("composites.{kind}.constituents"), f64::from(raw.constituents))?;
                Response { row: measured(raw.of), constituents }
            }
        };
    }
    Ok(ResolutionTable {
        kinds,
        single_high_mass_jet: positive("single_high_mass_jet", raw.single_high_mass_jet)?,
        met_stochastic: positive("met_stochastic", raw.met_stochastic)?,
        name: raw.name,
        about: raw.about,
        sha256: Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect(),
        file: None,
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
    /// The file cannot be read, or is no text.
    #[error("resolution table {0}")]
    Unreadable(#[from] TextError),
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
            ("{of: muon, constituents: 2}", "{of: muon, constituents: 0}", "composites.Z.constituents"),
            ("  Z: {of: muon", "  tau: {of: muon", "composites.tau: there is no such composite, only Z, V, T, HM"),
            ("  Z: {of: muon, constituents: 2}", "", "composites.Z is missing: say what Z candidates are made of"),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            let error = parse(&text, Path::new("t.yaml")).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("t.yaml"), "{error}");
        }
        assert!(ResolutionTable::open(Path::new("/nowhere/t.yaml")).is_err());
    }
}
