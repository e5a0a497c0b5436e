//! Inputs of a campaign: names, files, weights. Part of [`super::resolve`].

use super::find_files::{self, Found};
use super::load::InputPaths;
use super::raw::{OneOrMany, RawCampaign, RawInput, RawRole, RawSample};
use super::resolve::Resolver;
use super::{PseudoData, Role, Sample};
use crate::ntuples::layouts::Layout;

impl Resolver<'_> {
    /// All samples, in the order of the file.
    pub(super) fn samples(&mut self, raw: &RawCampaign) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        let mut read: Vec<(Found, String)> = Vec::new();
        let common = raw.layout.as_ref().map_or_else(Layout::default, |layout| self.layout("layout", layout));
        for (i, input) in raw.inputs.iter().enumerate() {
            let here = format!("inputs/{i}");
            let plain;
            let sample = match input {
                RawInput::Sample(sample) => &**sample,
                RawInput::Path(written) => {
                    plain = RawSample::plain(written.clone());
                    &plain
                }
            };
            let patterns = match &sample.files {
                OneOrMany::One(written) => std::slice::from_ref(written),
                OneOrMany::Many(list) => list,
            };
            let mut files = Vec::new();
            for (k, written) in patterns.iter().enumerate() {
                let place = match (&input, &sample.files) {
                    (RawInput::Path(_), _) => here.clone(),
                    (_, OneOrMany::One(_)) => format!("{here}/files"),
                    (_, OneOrMany::Many(_)) => format!("{here}/files/{k}"),
                };
                let found = match self.inputs {
                    InputPaths::Existing => {
                        self.found(&place, find_files::expand(&self.base, written)).unwrap_or_default()
                    }
                    InputPaths::AsWritten => vec![find_files::as_written(&self.base, written)],
                };
                self.refuse_repeated(&place, written, &found, &mut read);
                files.extend(found.iter().cloned());
            }
            files.sort_by(|a, b| a.written.cmp(&b.written));
            let first = patterns.first().map(String::as_str).unwrap_or_default();
            let name = self.sample_name(&here, sample, first, &samples);
            samples.push(Sample {
                name,
                files: files.into_iter().map(|found| found.path).collect(),
                layout: match &sample.layout {
                    Some(layout) => self.layout(&format!("{here}/layout"), layout),
                    None => common.clone(),
                },
                role: self.role(&here, sample, sample.lumi_ifb.or(raw.lumi_ifb)),
                mc: sample.mc.clone(),
                lumi_ifb: sample.mc.as_ref().and(sample.lumi_ifb.or(raw.lumi_ifb)),
                planted: sample.planted || sample.role == Some(RawRole::Planted),
                events: sample.events,
            });
        }
        self.refuse_mixtures(raw, &samples);
        samples
    }

    /// Data and simulation of it would be added, and everything would be twice as large as it should be.
    fn refuse_mixtures(&mut self, raw: &RawCampaign, samples: &[Sample]) {
        let data = samples.iter().find(|sample| sample.role == Role::Data && !sample.planted);
        let simulated: Vec<&Sample> = samples.iter().filter(|sample| sample.role != Role::Data).collect();
        let not_planted = samples.iter().position(|sample| sample.role != Role::Data && !sample.planted);
        match (data, not_planted) {
            (Some(data), Some(other)) => {
                let message = format!(
                    "`{}` is data and `{}` is simulation: added up they mean nothing",
                    data.name, samples[other].name
                );
                let hint =
                    "`role: planted` for a signal put in on purpose, `data: true` for mock data; else two campaigns";
                self.hinted(&format!("inputs/{other}"), message, hint);
            }
            (Some(_), None) if simulated.is_empty() && raw.pseudo_data != PseudoData::Off => {
                let message = "all samples are data: there is nothing to draw";
                self.hinted("pseudo_data", message, "leave `pseudo_data` out: data are counts already");
            }
            (Some(_), None) if !simulated.is_empty() && raw.pseudo_data == PseudoData::Off => {
                let planted = &simulated[0].name;
                let message = format!("weights of `{planted}` would be added to counts of data");
                let place = samples.iter().position(|sample| sample.name == *planted).unwrap_or(0);
                let hint =
                    "`pseudo_data: poisson` draws counts of what is simulated; `data: true` counts its events once";
                self.hinted(&format!("inputs/{place}"), message, hint);
            }
            _ => {}
        }
    }

    fn refuse_repeated(&mut self, place: &str, written: &str, found: &[Found], read: &mut Vec<(Found, String)>) {
        let mut repeated: Vec<(&Found, Found, String)> = Vec::new();
        for file in found {
            match read.iter().find(|(other, _)| other.identity == file.identity) {
                Some((other, by)) => repeated.push((file, other.clone(), by.clone())),
                None => read.push((file.clone(), written.to_string())),
            }
        }
        let Some((file, other, by)) = repeated.first() else { return };
        let more = match repeated.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let message = match other.written == file.written {
            true => format!("`{}`{more} would be read twice: by `{by}` and by `{written}`", file.written),
            false => format!("`{}` and `{}`{more} are one file that would be read twice", other.written, file.written),
        };
        self.hinted(place, message, "each event may be read only once: narrow the globs, or remove the link");
    }

    fn sample_name(&mut self, here: &str, sample: &RawSample, first: &str, others: &[Sample]) -> String {
        let taken = |name: &str| others.iter().any(|other| other.name == name);
        match &sample.sample {
            Some(name) => {
                if taken(name) {
                    let message = format!("sample `{name}` appears twice");
                    self.hinted(
                        &format!("{here}/sample"),
                        message,
                        "the name identifies a sample in the cutflow and seeds its random choices",
                    );
                } else if name.trim().is_empty() || name.chars().any(char::is_control) {
                    self.error(&format!("{here}/sample"), "a sample's name must be a line of text");
                }
                name.clone()
            }
            None => {
                let name = find_files::sample_name(first);
                let numbered = (2..).map(|n| format!("{name}_{n}"));
                let mut names = std::iter::once(name.clone()).chain(numbered);
                names.find(|name| !taken(name)).unwrap_or(name)
            }
        }
    }

    fn role(&mut self, here: &str, sample: &RawSample, lumi_ifb: Option<f64>) -> Role {
        let place = format!("{here}/role");
        match sample.role {
            Some(RawRole::Data) if sample.mc.is_some() || sample.planted => {
                self.hinted(&place, "data have no cross section and are not planted", "leave `role` out");
            }
            Some(RawRole::Pseudo) if sample.data || sample.planted => {
                self.hinted(&place, "`pseudo` is simulation that is not planted", "leave one of them out");
            }
            _ => {}
        }
        let is_data = sample.data || sample.role == Some(RawRole::Data);
        if sample.lumi_ifb.is_some() && sample.mc.is_none() {
            self.hinted(
                &format!("{here}/lumi_ifb"),
                "only simulation is scaled to a luminosity",
                "add `mc`, or leave `lumi_ifb` out",
            );
        }
        let Some(mc) = &sample.mc else { return if is_data { Role::Data } else { Role::AsIs } };
        let place = format!("{here}/mc");
        if sample.data {
            self.hinted(&place, "a sample is data or mc, not both", "leave one of them out");
        }
        if lumi_ifb.is_none() && !self.damaged.iter().any(|path| path == "lumi_ifb") {
            self.hinted(&place, "`mc` needs a luminosity", "add `lumi_ifb: 10` at the top of the campaign (fb^-1)");
        }
        if sample.events.is_some() {
            let message = "a sample is scaled to its cross section or cut to a number of events, not both";
            self.hinted(&format!("{here}/events"), message, "leave out `mc` (and say `data: true`) or `events`");
        }
        if mc.sum_of_weights.is_some() && mc.generated.is_some() {
            self.error(&place, "`sum_of_weights` and `generated` say the same: leave one of them out");
        }
        Role::MonteCarlo { cross_section_pb: mc.effective_pb() }
    }
}
