//! Inputs of a campaign: names, files, weights. Part of [`super::resolve`].

use super::find_files::{self, Found};
use super::load::InputPaths;
use super::raw::{OneOrMany, RawCampaign, RawInput, RawSample};
use super::resolve::Resolver;
use super::{Role, Sample};
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
                role: self.role(&here, sample, raw.lumi_ifb),
                planted: sample.planted,
                events: sample.events,
            });
        }
        samples
    }

    fn refuse_repeated(&mut self, place: &str, written: &str, found: &[Found], read: &mut Vec<(Found, String)>) {
        let mut repeated = found.iter().filter_map(|file| {
            read.iter().find(|(other, _)| other.identity == file.identity).map(|(_, by)| (file, by))
        });
        if let Some((file, by)) = repeated.next() {
            let more = match repeated.count() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            let message = format!("`{}`{more} would be read twice: by `{by}` and by `{written}`", file.written);
            self.hinted(place, message, "each event may be read only once: narrow the globs");
        }
        read.extend(found.iter().map(|file| (file.clone(), written.to_string())));
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
        let Some(mc) = &sample.mc else { return if sample.data { Role::Data } else { Role::AsIs } };
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
        Role::MonteCarlo { cross_section_pb: mc.cross_section_pb }
    }
}
