//! A first look at the events of a file: what is in them, and which ready selections they pass.
//!
//! In: a source of events, object selections. Out: [`Survey`] of the first so many events: objects per event, weights,
//! share of events that pass each channel of the Dark Machines challenge and some simple cuts.

use serde::Serialize;

use super::event_path::EventPath;
use super::work_units::ReadBuffers;
use crate::campaign::Campaign;
use crate::cuts::Cut;
use crate::cuts::channel_cut;
use crate::ntuples::{EVENTS_PER_UNIT, Reader};
use crate::objects::Object;
use crate::particles::Kind;

/// What the first events of a file are like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Survey {
    /// Events looked at.
    pub events: u64,
    /// Objects per event: in the file and after selection.
    pub objects: Vec<ObjectsPerEvent>,
    /// Mean MET, GeV.
    pub mean_met_gev: f64,
    /// Least and largest weight.
    pub weights: [f64; 2],
    /// Ready selections.
    pub selections: Vec<PassingShare>,
}

/// One kind of object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObjectsPerEvent {
    /// `electrons`, `Z`, `b-jets`.
    pub kind: &'static str,
    /// In the file, per event; None for what is built from others.
    pub in_file: Option<f64>,
    /// Selected, per event.
    pub selected: f64,
}

/// How many events pass a selection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassingShare {
    /// As a campaign writes it: `channel: 2b`, `preselection: n(lepton) >= 1`.
    pub selection: String,
    /// The cut behind it.
    pub cut: String,
    /// Events of those looked at.
    pub events: u64,
}

/// Cuts that are tried beside the channels.
const CUTS: [&str; 5] = ["n(lepton) >= 1", "n(lepton) >= 2", "n(g) >= 2", "n(jet, pt > 50) >= 2", "MET > 200"];

/// Looks at the first `events` events.
pub fn survey(campaign: &Campaign, source: &dyn Reader, events: u64) -> Result<Survey, String> {
    let channels = ["1", "2a", "2b", "3"].into_iter().filter_map(|name| {
        let text = channel_cut(name)?;
        Some((format!("channel: {name}"), Cut::parse(text).ok()?))
    });
    let cuts = CUTS.into_iter().filter_map(|text| Some((format!("preselection: {text}"), Cut::parse(text).ok()?)));
    let selections: Vec<(String, Cut)> = channels.chain(cuts).collect();
    let mut passed = vec![0; selections.len()];
    let (mut buffers, mut path) = (ReadBuffers::default(), EventPath::default());
    let (mut in_file, mut selected, mut met) = ([0_u64; 4], [0_u64; 9], 0.0);
    let mut weights = [f64::INFINITY, f64::NEG_INFINITY];
    let mut seen = 0;
    for mut unit in source.units(EVENTS_PER_UNIT) {
        if unit.start >= events {
            break;
        }
        unit.end = unit.end.min(events);
        source.read_into(unit, &mut buffers.scratch, &mut buffers.batch).map_err(|error| error.to_string())?;
        let batch = &buffers.batch;
        let lists = [&batch.electrons, &batch.muons, &batch.photons, &batch.jets];
        for (sum, list) in in_file.iter_mut().zip(lists) {
            *sum += list.pt.len() as u64;
        }
        for row in 0..batch.len() {
            path.build(campaign, batch, row);
            let event = &path.event;
            seen += 1;
            met += event.met.map_or(0.0, |met| met.pt);
            let weight = batch.weight.get(row).copied().unwrap_or(f64::NAN);
            weights = [weights[0].min(weight), weights[1].max(weight)];
            // Electrons and muons before Z building.
            let of_kind = |list: &[Object], kind| list.iter().filter(|object| object.kind == kind).count();
            let counts = [
                of_kind(&event.leptons, Kind::E),
                of_kind(&event.leptons, Kind::Mu),
                event.photons.len(),
                event.jets.len(),
                of_kind(&event.light_jets, Kind::B),
                event.z.len(),
                event.v.len(),
                event.t.len(),
                event.hm.len(),
            ];
            for (sum, count) in selected.iter_mut().zip(counts) {
                *sum += count as u64;
            }
            for (count, (_, cut)) in passed.iter_mut().zip(&selections) {
                *count += u64::from(cut.eval(event));
            }
        }
    }
    let per_event = |sum: u64| if seen == 0 { 0.0 } else { sum as f64 / seen as f64 };
    let kinds = ["electrons", "muons", "photons", "jets", "b-jets", "Z", "V", "T", "HM"];
    let objects = kinds.into_iter().zip(selected).enumerate().map(|(i, (kind, sum))| ObjectsPerEvent {
        kind,
        in_file: in_file.get(i).map(|&sum| per_event(sum)),
        selected: per_event(sum),
    });
    Ok(Survey {
        events: seen,
        objects: objects.collect(),
        mean_met_gev: if seen == 0 { 0.0 } else { met / seen as f64 },
        weights: if seen == 0 { [1.0, 1.0] } else { weights },
        selections: selections
            .into_iter()
            .zip(passed)
            .map(|((selection, cut), events)| PassingShare { selection, cut: cut.to_string(), events })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::campaign;

    #[test]
    fn a_dimuon_signal_has_two_muons_per_event() {
        let text = "inputs: [{files: data-samples/tiny/zprime_mumu_m500.root, data: true}]";
        let campaign = campaign::parse(text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("test.yaml"), &[]).unwrap();
        let sample = &campaign.samples[0];
        let source = sample.layout.open(&sample.files[0]).unwrap();
        let survey = survey(&campaign, &*source, 500).unwrap();
        assert_eq!(survey.events, 500);
        let muons = survey.objects.iter().find(|one| one.kind == "muons").unwrap();
        assert!(muons.selected > 1.0 && muons.selected <= muons.in_file.unwrap(), "{muons:?}");
        let dilepton = survey.selections.iter().find(|one| one.selection.contains("n(lepton) >= 2")).unwrap();
        assert!(dilepton.events > 250, "{dilepton:?}");
        assert_eq!(survey.weights, [1.0, 1.0]);
    }
}
