//! One event, step by step: what the file holds, what became of every object, which spectra it enters.
//!
//! In: a campaign, an event of a batch. Out: [`ExplainedEvent`], made by the same code as in the event loop (objects,
//! cuts, categories, masses, bins), so that what it says is what is booked. GeV and radians. `events: N` and
//! pseudo-data, which choose among events, are left out.

use serde::Serialize;

use super::FillError;
use super::event_path::{EventPath, SampleRules, Step, Used};
use super::weighting::Weight;
use crate::binning::edges::EdgeTable;
use crate::campaign::{Campaign, Role};
use crate::masses::{MassRecipe, MassSelection, Signature};
use crate::ntuples::layouts::{Layout, Part};
use crate::ntuples::{EventBatch, ObjectColumns};
use crate::objects::{Event, KinematicLimits, Object, is_sane};

/// An event with everything that the event loop makes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedEvent {
    /// Entry in the file.
    pub entry: u64,
    /// Weight as it stands in the file.
    pub weight: f64,
    /// GeV; None: the file's value cannot be used.
    pub met_gev: Option<f64>,
    /// Radians.
    pub met_phi: f64,
    /// Scalar sum of the selected jets' pT, GeV.
    pub ht_gev: f64,
    /// All objects of the file, kind by kind, in the file's order.
    pub objects: Vec<ExplainedObject>,
    /// Composites and everything else that carries a label, in label order.
    pub labelled: Vec<LabelledObject>,
    /// Conditions of the layout on events, up to the first that the event fails; the event loop drops it there.
    pub required: Vec<PassedCut>,
    /// The preselection and whether the event passes.
    pub preselection: Option<PassedCut>,
    /// Regions with their cuts, and whether the event passes.
    pub regions: Vec<PassedCut>,
    /// Category in every region that is passed, every jet scheme; none if the event is dropped before.
    pub categories: Vec<String>,
    /// All masses with their bins.
    pub masses: Vec<ExplainedMass>,
}

/// An object of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedObject {
    /// `electron`, `muon`, `photon`, `jet`.
    pub kind: &'static str,
    /// Place in the file's list, from 0.
    pub number: usize,
    /// GeV.
    pub pt_gev: f64,
    /// Pseudorapidity.
    pub eta: f64,
    /// Radians.
    pub phi: f64,
    /// GeV; jets only.
    pub mass_gev: Option<f64>,
    /// Sign; leptons only.
    pub charge: Option<i8>,
    /// Jets only.
    pub btag: Option<bool>,
    /// It passed the selection.
    pub selected: bool,
    /// Its label (`mu1`), what it is part of (`in Z1`), or why it was dropped.
    pub becomes: String,
}

/// An object that takes part in masses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelledObject {
    /// `mu1`, `Z1`, `j2`.
    pub label: String,
    /// GeV.
    pub pt_gev: f64,
    /// Pseudorapidity.
    pub eta: f64,
    /// Radians.
    pub phi: f64,
    /// GeV.
    pub mass_gev: f64,
}

/// A cut and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassedCut {
    /// Name of the region; `preselection`, `require_event`.
    pub name: String,
    /// The cut; None: no further one.
    pub cut: Option<String>,
    /// The event passes.
    pub passed: bool,
}

/// A mass and where it is booked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedMass {
    /// `m(mu1,j1)`.
    pub mass: String,
    /// GeV.
    pub value_gev: f64,
    /// 0 below the first edge, 1 the first bin, number of bins + 1 above.
    pub bin: u16,
    /// Lower edge of the bin, GeV; None: underflow.
    pub low_gev: Option<f64>,
    /// Upper edge, GeV; None: overflow.
    pub high_gev: Option<f64>,
}

/// Explains row `row` of a batch that was read through `layout`; `role`: of its sample.
pub fn explain(
    campaign: &Campaign,
    (layout, role): (&Layout, Role),
    batch: &EventBatch,
    row: usize,
) -> Result<ExplainedEvent, FillError> {
    let selection = MassSelection::new(&campaign.masses)?;
    let mut path = EventPath::default();
    let end = path.follow(&rules(campaign, role), 0, batch, row);
    if matches!(end, Err(Step::Weight | Step::Conditions)) {
        // It is dropped before its objects are looked at; they are shown all the same.
        path.build(campaign, batch, row);
    }
    let labelled = path.label(&selection);
    let signature = labelled.signature;
    let labelled = signature.objects().zip(&labelled.p4).map(|((kind, label), p4)| LabelledObject {
        label: label.objects().next().map_or_else(String::new, |(_, number)| format!("{kind}{number}")),
        pt_gev: p4.pt(),
        eta: p4.eta(),
        phi: p4.phi(),
        mass_gev: p4.mass(),
    });
    let labelled = labelled.collect();
    let masses = masses(campaign, &mut path, &MassRecipe::new(signature, &selection))?;
    let event = &path.event;
    let answer = |name: &str, cut: &Option<crate::cuts::Cut>| PassedCut {
        name: name.to_string(),
        cut: cut.as_ref().map(ToString::to_string),
        passed: cut.as_ref().is_none_or(|cut| cut.eval(event)),
    };
    Ok(ExplainedEvent {
        entry: batch.first_entry + row as u64,
        weight: batch.weight.get(row).copied().unwrap_or(f64::NAN),
        met_gev: event.met.map(|met| met.pt),
        met_phi: event.met.map_or(0.0, |met| met.phi),
        ht_gev: event.ht,
        objects: Told { campaign, event, signature }.objects(batch, row),
        labelled,
        required: required(layout, batch.fails(row)),
        preselection: campaign.preselection.is_some().then(|| answer("preselection", &campaign.preselection)),
        regions: campaign.regions.iter().map(|region| answer(&region.name, &region.cut)).collect(),
        categories: end.map_or_else(|_| vec![], |used| categories(campaign, &used)),
        masses,
    })
}

/// The rules for an event whose sample is not known: it keeps its weight, and is neither chosen nor copied.
fn rules(campaign: &Campaign, role: Role) -> SampleRules<'_> {
    let weight = match role {
        Role::Data => Weight::One,
        Role::MonteCarlo { .. } | Role::AsIs => Weight::Scaled(1.0),
    };
    SampleRules { campaign, weight, chosen: None, keep: None }
}

/// Conditions of the layout up to the first that the event fails.
fn required(layout: &Layout, failed: Option<u16>) -> Vec<PassedCut> {
    let failed = failed.map(usize::from);
    let conditions = layout.require_event().iter().enumerate();
    conditions
        .take_while(|(i, _)| failed.is_none_or(|failed| *i <= failed))
        .map(|(i, condition)| PassedCut {
            name: "require_event".into(),
            cut: Some(condition.to_string()),
            passed: failed != Some(i),
        })
        .collect()
}

fn categories(campaign: &Campaign, used: &Used) -> Vec<String> {
    let names: Vec<String> = campaign.regions.iter().map(|region| region.name.clone()).collect();
    let mut found = Vec::new();
    for number in (0..u64::BITS as u16).filter(|number| used.regions >> number & 1 != 0) {
        let key = used.category.with_region(number);
        if campaign.jet_schemes.exclusive {
            found.extend(key.category(&names));
        }
        if campaign.jet_schemes.inclusive {
            found.extend(key.any_jets().category(&names));
        }
    }
    found.iter().map(ToString::to_string).collect()
}

fn masses(campaign: &Campaign, path: &mut EventPath, recipe: &MassRecipe) -> Result<Vec<ExplainedMass>, FillError> {
    let mut edges = EdgeTable::default();
    let explained = recipe.labels().iter().zip(path.masses(recipe)).map(|(&label, &value_gev)| {
        let (_, finder) = edges.finder(&campaign.binning, label)?;
        let bin = finder.find(value_gev);
        let edge = |place: usize| finder.edges().get(place).copied();
        Ok::<_, FillError>(ExplainedMass {
            mass: label.to_string(),
            value_gev,
            bin,
            low_gev: usize::from(bin).checked_sub(1).and_then(edge),
            high_gev: edge(usize::from(bin)),
        })
    });
    explained.collect()
}

/// What became of the objects of the file.
struct Told<'a> {
    campaign: &'a Campaign,
    event: &'a Event,
    signature: Signature,
}

/// One kind of object in the file.
struct FileKind<'a> {
    part: Part,
    columns: &'a ObjectColumns,
    limits: KinematicLimits,
    /// Selected ones, before composites take any.
    kept: &'a [Object],
}

impl Told<'_> {
    fn objects(&self, batch: &EventBatch, row: usize) -> Vec<ExplainedObject> {
        let selection = &self.campaign.selection;
        let event = self.event;
        let kind = |part, columns, limits, kept| FileKind { part, columns, limits, kept };
        [
            kind(Part::Electron, &batch.electrons, selection.electron, &event.leptons),
            kind(Part::Muon, &batch.muons, selection.muon, &event.leptons),
            kind(Part::Photon, &batch.photons, selection.photon, &event.photons),
            kind(Part::Jet, &batch.jets, selection.jet, &event.jets),
        ]
        .iter()
        .flat_map(|kind| self.of_kind(kind, row))
        .collect()
    }

    fn of_kind(&self, kind: &FileKind, row: usize) -> Vec<ExplainedObject> {
        let columns = kind.columns;
        let (Some(&from), Some(&to)) = (columns.offsets.get(row), columns.offsets.get(row + 1)) else { return vec![] };
        let value = |column: &[f32], i: usize| column.get(i).map_or(f64::NAN, |&value| f64::from(value));
        (from as usize..to as usize)
            .filter(|&i| i < columns.pt.len())
            .map(|i| {
                let (pt, eta, phi) = (value(&columns.pt, i), value(&columns.eta, i), value(&columns.phi, i));
                let mass = (!columns.mass.is_empty()).then(|| value(&columns.mass, i));
                let charge = columns.charge.get(i).copied();
                let number = i - from as usize;
                let kept = kind.kept.iter().find(|object| object.is_made_of(kind.part, number));
                let becomes = match kept {
                    Some(object) => self.name_of(object, number),
                    None => self.why_dropped(kind.limits, pt, eta, phi, mass.unwrap_or(0.0)),
                };
                ExplainedObject {
                    kind: kind.part.name(),
                    number,
                    pt_gev: pt,
                    eta,
                    phi,
                    mass_gev: mass,
                    charge,
                    btag: columns.btag.get(i).copied(),
                    selected: kept.is_some(),
                    becomes,
                }
            })
            .collect()
    }

    /// `mu1`, or why a selected object, at this place of the file's list, has no label of its own.
    fn name_of(&self, object: &Object, entry: usize) -> String {
        let (event, kind) = (self.event, object.kind);
        let from = (object.part, entry);
        // Labels go to the leading objects of each kind.
        let labelled = usize::from(self.signature.count(kind));
        if let Some(place) = place(event.of_kind(kind), from).filter(|place| *place < labelled) {
            return format!("{kind}{}", place + 1);
        }
        if let Some(z) = place(event.z.iter(), from) {
            return format!("in Z{}", z + 1);
        }
        if place(event.light_jets.iter().skip(4), from).is_some() {
            return "light jet without a label (only the four leading ones have one)".into();
        }
        "selected, in no mass (left out by the campaign, or beyond 16 objects)".into()
    }

    fn why_dropped(&self, limits: KinematicLimits, pt: f64, eta: f64, phi: f64, mass: f64) -> String {
        if !is_sane(pt, eta, phi, mass) {
            return "dropped: impossible values".into();
        }
        if pt <= limits.pt_min {
            return format!("dropped: pT is not above {} GeV", limits.pt_min);
        }
        if eta.abs() >= limits.eta_max {
            return format!("dropped: |eta| is not below {}", limits.eta_max);
        }
        "dropped: overlap removal".into()
    }
}

/// Where among `objects` that one is which was made of an entry of the file's list.
fn place<'a>(mut objects: impl Iterator<Item = &'a Object>, (part, entry): (Part, usize)) -> Option<usize> {
    objects.position(|object| object.is_made_of(part, entry))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::campaign;
    use crate::fill::{Silent, fill};
    use crate::ntuples::Scratch;

    const FILE: &str = "data-samples/tiny/diboson.root";

    fn campaign() -> Campaign {
        let text = format!("inputs: [{{files: {FILE}, data: true}}]\nregions: {{incl: ~, met80: MET > 80}}\n");
        campaign::parse(&text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("test.yaml"), &[]).unwrap()
    }

    #[test]
    fn explained_events_add_up_to_the_book() {
        let campaign = campaign();
        let sample = &campaign.samples[0];
        let source = sample.layout.open(&sample.files[0]).unwrap();
        let batch = source.read(0..source.entries(), &mut Scratch::default()).unwrap();
        let book = fill(&campaign, 1, &Silent).unwrap().book;
        let mut counts = std::collections::BTreeMap::<(String, String, u16), u64>::new();
        for row in 0..batch.len() {
            let event = explain(&campaign, (&sample.layout, sample.role), &batch, row).unwrap();
            for category in &event.categories {
                for mass in &event.masses {
                    *counts.entry((category.clone(), mass.mass.clone(), mass.bin)).or_default() += 1;
                }
            }
        }
        let mut booked = 0;
        for spectrum in book.spectra() {
            for (bin, content) in spectrum.filled() {
                let key = (spectrum.category().to_string(), spectrum.mass().to_string(), bin as u16);
                assert_eq!(counts.get(&key), Some(&content.entries), "{key:?}");
                booked += 1;
            }
        }
        assert_eq!(booked, counts.len());
    }

    #[test]
    fn every_object_has_a_fate() {
        let campaign = campaign();
        let sample = &campaign.samples[0];
        let source = sample.layout.open(&sample.files[0]).unwrap();
        let batch = source.read(0..500, &mut Scratch::default()).unwrap();
        let (mut in_z, mut dropped, mut labelled) = (0, 0, 0);
        for row in 0..batch.len() {
            let event = explain(&campaign, (&sample.layout, sample.role), &batch, row).unwrap();
            let zs = event.labelled.iter().filter(|one| one.label.starts_with('Z')).count();
            let parts = event.objects.iter().filter(|one| one.becomes.starts_with("in Z")).count();
            assert_eq!(parts, 2 * zs, "event {row}");
            for object in &event.objects {
                assert_eq!(object.selected, !object.becomes.starts_with("dropped"), "{object:?}");
                assert!(!object.becomes.starts_with("selected, in no mass"), "{object:?}");
                assert!(!object.becomes.contains("overlap"), "{object:?}");
                in_z += usize::from(object.becomes.starts_with("in Z"));
                dropped += usize::from(!object.selected);
                labelled += usize::from(event.labelled.iter().any(|one| one.label == object.becomes));
            }
        }
        assert!(in_z >= 2 && dropped > 100 && labelled > 500, "{in_z} {dropped} {labelled}");
    }
}
