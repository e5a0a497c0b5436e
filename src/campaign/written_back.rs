//! The campaign written back with every default spelled out: `campaign.resolved.yaml` of a run directory.
//!
//! Files are listed one by one, relative to `base`, which is absolute: the text gives the same result from any folder,
//! and `base` is its only line that knows the machine (see [`Campaign::sha256`]).

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::load::InputPaths;
use super::raw::{OneOrMany, RawBinning, RawCampaign, RawInput, RawMasses, RawSample, RawSelection};
use super::{Campaign, Role, Sample};
use crate::categories::JetScheme;
use crate::cuts::Cut;
use crate::ntuples::layouts::RawLayout;

const HEADER: &str =
    "# Written by bumphound: the campaign with every default spelled out. Running it gives the same result.\n";

/// The text; the error is a sentence.
pub(super) fn yaml(campaign: &Campaign, raw: &RawCampaign, inputs: InputPaths) -> Result<String, String> {
    written(campaign, raw, inputs).and_then(|written| text_of(&written))
}

fn written(campaign: &Campaign, raw: &RawCampaign, inputs: InputPaths) -> Result<RawCampaign, String> {
    let here = if campaign.base.as_os_str().is_empty() { Path::new(".") } else { &campaign.base };
    let base = match (here.canonicalize(), inputs) {
        (Ok(base), _) => base,
        (Err(_), InputPaths::AsWritten) => here.to_path_buf(),
        (Err(error), InputPaths::Existing) => {
            return Err(format!("the folder `{}` cannot be found: {error}", here.display()));
        }
    };
    let base =
        base.to_str().ok_or_else(|| format!("the folder `{}` is not UTF-8: rename it", base.display()))?.to_string();
    let text = |cut: &Option<Cut>| cut.as_ref().map(Cut::to_string);
    let mut jet_schemes = Vec::new();
    if campaign.jet_schemes.exclusive {
        jet_schemes.push(JetScheme::Exclusive);
    }
    if campaign.jet_schemes.inclusive {
        jet_schemes.push(JetScheme::Inclusive);
    }
    Ok(RawCampaign {
        name: Some(campaign.name.clone()),
        about: campaign.about.clone(),
        seed: campaign.seed,
        lumi_ifb: campaign.lumi_ifb,
        base: Some(base),
        layout: None,
        inputs: written_inputs(campaign),
        selection: RawSelection {
            electron: campaign.selection.electron.into(),
            muon: campaign.selection.muon.into(),
            photon: campaign.selection.photon.into(),
            jet: campaign.selection.jet.into(),
            overlap_removal: campaign.selection.overlap_removal,
        },
        composites: campaign.composites,
        channel: None,
        preselection: text(&campaign.preselection),
        regions: campaign.regions.iter().map(|region| (region.name.clone(), text(&region.cut).into())).collect(),
        jet_schemes,
        masses: RawMasses {
            max_objects: campaign.masses.max_objects,
            leave_out: texts(&campaign.masses.leave_out),
            transverse: campaign.masses.transverse,
            only: texts(&campaign.masses.only),
        },
        binning: RawBinning {
            resolution: raw.binning.resolution.clone(),
            resolution_sha256: match inputs {
                InputPaths::Existing => {
                    campaign.binning.resolution.file().map(|_| campaign.binning.resolution.sha256().to_string())
                }
                InputPaths::AsWritten => raw.binning.resolution_sha256.clone(),
            },
            m_min_gev: campaign.binning.m_min_gev,
            m_min_jet_gev: campaign.binning.m_min_jet_gev,
            m_max_gev: campaign.binning.m_max_gev,
        },
        pseudo_data: campaign.pseudo_data,
        on_bad_value: campaign.on_bad_value,
        on_duplicate: campaign.on_duplicate,
        // The model as the campaign spells it, relative to base; the rest is the same.
        scan: raw.scan.clone(),
        ranking: campaign.ranking.clone(),
        report: campaign.report.clone(),
    })
}

fn text_of(written: &RawCampaign) -> Result<String, String> {
    // One line per text, whatever is in it: `base:` must stay on its line. serde_yaml, which writes layouts for people,
    // cannot be told so: a line break makes it a block of several lines (`base: |-`), U+2028 in a text comes back with
    // blanks behind it, and `1_000` stays bare, which the reader of campaigns takes for a number.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let body = serde_saphyr::to_string_with_options(written, options)
        .map_err(|error| format!("the campaign cannot be written: {error}"))?;
    Ok(format!("{HEADER}{body}"))
}

/// The text of a resolved campaign with the samples that it has now.
pub(super) fn with_inputs_of(campaign: &Campaign) -> Result<String, String> {
    let mut raw: RawCampaign = serde_saphyr::from_str(&campaign.resolved_yaml).map_err(|error| error.to_string())?;
    raw.inputs = written_inputs(campaign);
    text_of(&raw)
}

fn written_inputs(campaign: &Campaign) -> Vec<RawInput> {
    campaign.samples.iter().map(|sample| RawInput::Sample(Box::new(written_sample(campaign, sample)))).collect()
}

/// sha256 of all that decides how an event is booked: the campaign without its inputs and without what is obeyed after
/// the book, with the text of its resolution table. Books of equal hash may be joined.
pub(super) fn booking_sha256(campaign: &Campaign, raw: &RawCampaign, inputs: InputPaths) -> Result<String, String> {
    let mut booking = written(campaign, raw, inputs)?;
    booking.name = None;
    booking.about = String::new();
    booking.base = None;
    booking.inputs = Vec::new();
    (booking.scan, booking.ranking, booking.report) = Default::default();
    (booking.binning.resolution, booking.binning.resolution_sha256) = (None, None);
    let text = format!("{}{}", text_of(&booking)?, campaign.binning.resolution.sha256());
    Ok(Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn written_sample(campaign: &Campaign, sample: &Sample) -> RawSample {
    RawSample {
        sample: Some(sample.name.clone()),
        files: OneOrMany::Many(sample.files.iter().map(|path| campaign.shown_path(path)).collect()),
        layout: Some(RawLayout::from(&sample.layout)),
        role: None,
        data: sample.role == Role::Data,
        mc: sample.mc.clone(),
        lumi_ifb: sample.lumi_ifb.filter(|lumi| Some(*lumi) != campaign.lumi_ifb),
        events: sample.events,
        planted: sample.planted,
    }
}

fn texts(names: &[impl ToString]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

impl RawSample {
    /// A plain file or glob among the inputs.
    pub(super) fn plain(written: String) -> RawSample {
        RawSample {
            sample: None,
            files: OneOrMany::One(written),
            layout: None,
            role: None,
            data: false,
            mc: None,
            lumi_ifb: None,
            events: None,
            planted: false,
        }
    }
}

impl Campaign {
    /// An input path as the campaign spells it: relative to `base`, so that reports do not depend on the machine.
    pub fn shown_path(&self, path: &Path) -> String {
        path.strip_prefix(&self.base).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// All files that a command reads which goes through the events.
    pub fn files_read(&self) -> impl Iterator<Item = &Path> {
        let samples = self.samples.iter().flat_map(|sample| &sample.files).map(PathBuf::as_path);
        samples.chain(self.binning.resolution.file()).chain(self.scan.model.as_deref())
    }

    /// sha256 of `resolved_yaml` without its `base:` line, in hex: the same campaign has the same hash in every clone
    /// (`grep -v '^base:' campaign.resolved.yaml | sha256sum`).
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for line in self.resolved_yaml.split_inclusive('\n').filter(|line| !line.starts_with("base:")) {
            hash.update(line.as_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
