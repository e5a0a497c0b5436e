//! The campaign said back in plain English, for `bumphound check`.
//!
//! In: a resolved [`Campaign`]. Out: a page of text; the numbers of events, categories and spectra to expect are added
//! by the command, which reads the files. Looks up file sizes, nothing else.

use std::fmt::Write;

use super::{Campaign, OnBadValue, PseudoData, Role, Sample};
use crate::categories::JetSchemes;
use crate::ntuples::layouts::Layout;
use crate::objects::KinematicLimits;
use crate::particles::Kind;
use crate::particles::pdg::Z_CANDIDATE_MASS_GEV;

/// The campaign as a page of text, newline at the end.
pub fn describe(campaign: &Campaign) -> String {
    let mut page = Page::default();
    page.line(&format!("Campaign {}", campaign.name));
    if !campaign.about.is_empty() {
        page.line(&campaign.about);
    }
    page.inputs(campaign);
    page.selection(campaign);
    page.what_is_scanned(campaign);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn head(&mut self, head: &str) {
        self.text.push('\n');
        self.line(head);
    }

    fn item(&mut self, item: &str) {
        self.line(&format!("  {item}"));
    }

    fn inputs(&mut self, campaign: &Campaign) {
        let files: usize = campaign.samples.iter().map(|sample| sample.files.len()).sum();
        let all_bytes: u64 = campaign.samples.iter().map(bytes).sum();
        let folder = campaign.base.display().to_string();
        let folder = if folder.is_empty() { ".".to_string() } else { folder };
        self.head(&format!(
            "Inputs: {}, {}, {}; relative paths start at {folder}",
            counted(campaign.samples.len(), "sample"),
            counted(files, "file"),
            megabytes(all_bytes)
        ));
        let width = campaign.samples.iter().map(|sample| sample.name.chars().count()).max().unwrap_or(0);
        for sample in &campaign.samples {
            let first = sample.files.first().map(|path| campaign.shown_path(path)).unwrap_or_default();
            let files = match sample.files.len() {
                0 | 1 => first,
                n => format!("{first} and {} more", n - 1),
            };
            let layout = sample.layout.in_words();
            let mut line = format!("{:width$}  {files} ({}), {layout}", sample.name, megabytes(bytes(sample)));
            match (sample.role, sample.lumi_ifb) {
                (Role::Data, _) => line.push_str(": data, every event counts once"),
                (Role::AsIs, _) => line.push_str(": event weights as in the file"),
                (Role::MonteCarlo { cross_section_pb }, lumi) => {
                    let lumi = lumi.map(|lumi| format!(", scaled to {lumi} fb^-1")).unwrap_or_default();
                    let _ = write!(line, ": simulation of {cross_section_pb} pb{lumi}");
                }
            }
            if let Some(events) = sample.events {
                let _ = write!(line, "; a seeded choice of {events} events that pass the preselection");
            }
            if sample.planted {
                line.push_str("; a signal planted on purpose");
            }
            self.item(&line);
        }
    }

    fn selection(&mut self, campaign: &Campaign) {
        self.layouts(campaign);
        self.head("Objects");
        let selection = &campaign.selection;
        let kinds = [
            ("electrons", selection.electron),
            ("muons", selection.muon),
            ("photons", selection.photon),
            ("jets", selection.jet),
        ];
        for (name, KinematicLimits { pt_min, eta_max }) in kinds {
            self.item(&format!("{name:9} pT > {pt_min} GeV, |eta| < {eta_max}"));
        }
        self.overlaps(campaign);
        if campaign.on_bad_value == OnBadValue::Stop {
            self.item("an impossible value (not finite, pT <= 0) stops the program");
        }
        let composites = &campaign.composites;
        if composites.z {
            let window = composites.z_window_gev;
            self.item(&format!(
                "Z: same-flavour opposite-charge lepton pairs within {window} GeV of {Z_CANDIDATE_MASS_GEV} GeV, closest first"
            ));
        }
        if composites.heavy_jets {
            let (v, t, hm) = (composites.v_min_gev, composites.t_min_gev, composites.hm_min_gev);
            self.item(&format!(
                "jets by mass: V {v} to {t} GeV, T {t} to {hm} GeV, HM from {hm} GeV, lighter ones j or b"
            ));
        }

        self.head("Events");
        match (&campaign.preselection, &campaign.channel) {
            (None, _) => self.item("all events (no preselection)"),
            (Some(cut), None) => self.item(&format!("that pass {cut}")),
            (Some(cut), Some(channel)) => self.item(&format!("that pass {cut} (with Dark Machines channel {channel})")),
        }
        let all_data = campaign.samples.iter().all(|sample| sample.role == Role::Data);
        self.item(match campaign.pseudo_data {
            _ if all_data => "each event counts once: all samples are data",
            PseudoData::Off => "weights are summed unchanged",
            PseudoData::Poisson => {
                "weighted spectra become counts: a Poisson draw per bin, seeded by the spectrum's name"
            }
            PseudoData::Unweight => {
                "weighted events become counts: each is kept or dropped by its weight, seeded by file and entry"
            }
        });
        for region in &campaign.regions {
            match &region.cut {
                None => self.item(&format!("region {}: no further cut", region.name)),
                Some(cut) => self.item(&format!("region {}: {cut}", region.name)),
            }
        }
    }

    /// Branches and conditions that the campaign spells, each layout once.
    fn layouts(&mut self, campaign: &Campaign) {
        let mut told: Vec<&Layout> = Vec::new();
        for Sample { layout, name, .. } in &campaign.samples {
            let (objects, conditions) = (layout.objects_in_words(), layout.conditions_in_words());
            if (objects.is_empty() && conditions.is_empty()) || told.contains(&layout) {
                continue;
            }
            match objects.is_empty() {
                true => self.head(&format!("Events of layout {} (sample {name})", layout.name())),
                false => self.head(&format!("Branches of tree {} (sample {name})", layout.tree())),
            }
            objects.iter().chain(&conditions).for_each(|line| self.item(line));
            told.push(layout);
        }
    }

    fn overlaps(&mut self, campaign: &Campaign) {
        let clean = campaign.samples.iter().filter(|sample| !sample.layout.may_overlap()).count();
        let removal = "jets within 0.4 of an electron or photon are dropped, then leptons within 0.4 of a jet";
        match campaign.selection.overlap_removal {
            Some(true) => self.item(removal),
            Some(false) => self.item("no overlap removal"),
            None if clean == campaign.samples.len() => {
                self.item("no overlap removal (already done by the program that made the files)");
            }
            None if clean == 0 => self.item(removal),
            None => {
                self.item(removal);
                let clean = campaign.samples.iter().filter(|sample| !sample.layout.may_overlap());
                let clean: Vec<&str> = clean.map(|sample| sample.name.as_str()).collect();
                self.item(&format!("  (except in {}, where it has been done)", clean.join(", ")));
            }
        }
    }

    fn what_is_scanned(&mut self, campaign: &Campaign) {
        self.head("Spectra");
        self.item("categories: region, numbers of e, mu, g, Z, V, T, HM (4 means 4 or more), charge of lepton pairs");
        self.item(match campaign.jet_schemes {
            JetSchemes { exclusive: true, inclusive: true } => {
                "jets: 0j to 5j and 6j+ separately, and all together (Xj)"
            }
            JetSchemes { exclusive: true, inclusive: false } => "jets: 0j to 5j and 6j+ separately",
            JetSchemes { .. } => {
                "jets: all multiplicities together (Xj); without exclusive ones neighbours can confirm nothing"
            }
        });
        let masses = &campaign.masses;
        if masses.only.is_empty() {
            let cap = masses.max_objects.map(|most| format!(" of at most {most} objects")).unwrap_or_default();
            let met = if masses.transverse { ", and transverse masses with MET" } else { "" };
            self.item(&format!("masses: every subset of the objects{cap}{met}"));
        } else {
            let only: Vec<String> = masses.only.iter().map(ToString::to_string).collect();
            self.item(&format!("masses: only {}", only.join(", ")));
        }
        let left_out: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| masses.leave_out.contains(kind)).collect();
        if !left_out.is_empty() {
            self.item(&format!("masses leave out {}", Kind::names(&left_out, ", ")));
        }
        let binning = &campaign.binning;
        self.item(&format!(
            "bins: one sigma of mass resolution wide, from {} GeV ({} GeV with jets) to {} GeV",
            binning.m_min_gev, binning.m_min_jet_gev, binning.m_max_gev
        ));
        let scan = &campaign.scan;
        self.item(&format!(
            "scanned: at least {} bins and {} entries, up to the last bin with {}",
            scan.min_bins,
            scan.min_entries,
            if scan.tail_min == 1.0 { "an entry".to_string() } else { format!("{} entries", scan.tail_min) }
        ));
        let model = scan.model.as_ref().map(|path| campaign.shown_path(path));
        self.item(&format!("network: {}", model.unwrap_or_else(|| "the built-in one".to_string())));
        let ranking = &campaign.ranking;
        self.item(&format!(
            "bumps: z at least {}, at least {} events in the window, at most {} per spectrum",
            ranking.z_min, ranking.min_window_events, ranking.max_per_spectrum
        ));
        self.item(&format!("report: {} bumps listed, {} drawn", campaign.report.rows, campaign.report.plots));
        self.item(&format!("random choices derive from seed {} and names", campaign.seed));
    }
}

fn bytes(sample: &Sample) -> u64 {
    sample.files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|found| found.len()).sum()
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Decimal units, as disks are sold.
fn megabytes(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes < 1e5 => format!("{:.1} kB", bytes / 1e3),
        _ if bytes < 1e8 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_for_people() {
        assert_eq!(
            ["0.5 kB", "14.1 MB", "2.5 GB"],
            [megabytes(512), megabytes(14_134_994), megabytes(2_500_000_000)].each_ref().map(String::as_str)
        );
    }
}
