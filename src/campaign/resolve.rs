//! Spelled to meant: paths become existing files, texts become cuts, defaults become numbers.
//!
//! In: a [`Document`] whose structure is checked. Out: a [`Campaign`], or every mistake in it. Nothing here stops at
//! the first mistake.

use std::path::{Path, PathBuf};

use super::diagnostics::Diagnostic;
use super::document::{At, Document};
use super::find_files::{self, NotFound};
use super::given_cut;
use super::load::InputPaths;
use super::raw::{RawCampaign, RawMasses};
use super::structure::shown;
use super::{Campaign, Region};
use crate::binning::Binning;
use crate::binning::resolution::ResolutionTable;
use crate::categories::{JetScheme, JetSchemes};
use crate::cuts::{Cut, CutError, channel_cut};
use crate::masses::MassOptions;
use crate::nearest::nearest;
use crate::objects::{Composites, ObjectSelection};
use crate::particles::{Kind, MassLabel};

/// Gives a meaning to a checked document. `path` is the campaign file as given; `damaged` names what the structure
/// check took out, so that its absence is not reported again.
pub(super) fn resolve(
    document: &Document,
    path: &Path,
    raw: RawCampaign,
    damaged: &[String],
    inputs: InputPaths,
) -> Result<Campaign, Vec<Diagnostic>> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let base = raw.base.as_ref().map_or(folder.clone(), |base| folder.join(base));
    let mut resolver = Resolver { document, damaged, base, inputs, diagnostics: Vec::new() };
    let campaign = resolver.campaign(path, &raw);
    match campaign {
        Some(campaign) if resolver.diagnostics.is_empty() => Ok(campaign),
        _ => Err(resolver.diagnostics),
    }
}

/// Collects mistakes while a campaign gets its meaning.
pub(super) struct Resolver<'d> {
    document: &'d Document,
    /// Paths that the structure check took out.
    pub(super) damaged: &'d [String],
    /// Where relative paths start.
    pub(super) base: PathBuf,
    /// Whether files are looked for.
    pub(super) inputs: InputPaths,
    diagnostics: Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn campaign(&mut self, path: &Path, raw: &RawCampaign) -> Option<Campaign> {
        let here = if self.base.as_os_str().is_empty() { Path::new(".") } else { &self.base };
        if self.inputs == InputPaths::Existing && !here.is_dir() {
            let shown = here.display().to_string();
            self.error("base", format!("the folder `{shown}` does not exist"));
            return None;
        }
        let samples = self.samples(raw);
        let composites = self.composites(raw);
        let (channel, preselection) = self.preselection(raw);
        let regions = self.regions(raw, preselection.as_ref());
        let jet_schemes = self.jet_schemes(raw);
        let masses = self.masses(&raw.masses);
        let binning = self.binning(raw)?;
        let mut scan = raw.scan.clone();
        if let Some(model) = &raw.scan.model {
            let written = model.to_string_lossy().into_owned();
            scan.model = match self.inputs {
                InputPaths::Existing => {
                    self.found("scan/model", find_files::file(&self.base, &written)).map(|found| found.path)
                }
                InputPaths::AsWritten => Some(self.base.join(&written)),
            };
        }
        let name = raw.name.clone().unwrap_or_else(|| {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            stem.trim_end_matches(".resolved").to_string()
        });
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            self.error("name", "`name` must be a line of text");
        }
        let selection = ObjectSelection {
            electron: raw.selection.electron.or(ObjectSelection::default().electron),
            muon: raw.selection.muon.or(ObjectSelection::default().muon),
            photon: raw.selection.photon.or(ObjectSelection::default().photon),
            jet: raw.selection.jet.or(ObjectSelection::default().jet),
            overlap_removal: raw.selection.overlap_removal,
        };
        let mut campaign = Campaign {
            name,
            about: raw.about.clone(),
            seed: raw.seed,
            lumi_ifb: raw.lumi_ifb,
            base: self.base.clone(),
            samples,
            selection,
            composites,
            channel,
            preselection,
            regions,
            jet_schemes,
            masses,
            binning,
            pseudo_data: raw.pseudo_data,
            on_bad_value: raw.on_bad_value,
            on_duplicate: raw.on_duplicate,
            scan,
            ranking: raw.ranking.clone(),
            report: raw.report.clone(),
            resolved_yaml: String::new(),
            booking_sha256: String::new(),
        };
        let texts = super::written_back::yaml(&campaign, raw, self.inputs)
            .and_then(|yaml| Ok((yaml, super::written_back::booking_sha256(&campaign, raw, self.inputs)?)));
        match texts {
            Ok((yaml, booking)) => (campaign.resolved_yaml, campaign.booking_sha256) = (yaml, booking),
            Err(message) => {
                self.diagnostics.push(Diagnostic::new(None, message));
                return None;
            }
        }
        Some(campaign)
    }

    fn composites(&mut self, raw: &RawCampaign) -> Composites {
        let composites = raw.composites;
        let Composites { v_min_gev, t_min_gev, hm_min_gev, .. } = composites;
        if v_min_gev >= t_min_gev {
            let place = self.first_given(&["composites/v_min_gev", "composites/t_min_gev"]);
            self.error(place, format!("no jet could be a V: v_min_gev {v_min_gev} is not below t_min_gev {t_min_gev}"));
        }
        if t_min_gev >= hm_min_gev {
            let place = self.first_given(&["composites/t_min_gev", "composites/hm_min_gev"]);
            self.error(
                place,
                format!("T jets would have no mass: t_min_gev {t_min_gev} is not below hm_min_gev {hm_min_gev}"),
            );
        }
        composites
    }

    fn preselection(&mut self, raw: &RawCampaign) -> (Option<String>, Option<Cut>) {
        let channel = raw.channel.as_ref().map(|channel| match channel.as_str() {
            Some(name) => name.to_string(),
            None => channel.to_string(),
        });
        let of_channel = channel.as_deref().and_then(channel_cut).and_then(|text| Cut::parse(text).ok());
        let own = raw.preselection.as_deref().and_then(|text| self.cut("preselection", text));
        let both = of_channel.is_some() && own.is_some();
        let joined = Cut::all(of_channel.into_iter().chain(own));
        if let Some(reason) = joined.as_ref().filter(|_| both).and_then(Cut::never_true) {
            self.error(
                "preselection",
                format!("no event can pass together with channel {}: {reason}", channel.clone().unwrap_or_default()),
            );
        }
        (channel, joined)
    }

    fn regions(&mut self, raw: &RawCampaign, preselection: Option<&Cut>) -> Vec<Region> {
        if raw.regions.is_empty() {
            self.hinted("regions", "there is no region", "`incl: ~` is the region without a further cut");
        }
        let mut regions: Vec<Region> = Vec::new();
        for (name, cut) in &raw.regions {
            let place = format!("regions/{name}");
            let key = self.document.root.follow("regions").key(name).map(|key| key.at);
            let at = key.unwrap_or(self.document.root.at);
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                self.at(
                    at,
                    format!("`{name}` is not a valid region name"),
                    Some("use letters, digits and `_`: the name becomes part of category keys"),
                );
                continue;
            }
            let cut = match (cut.as_str(), name.as_str()) {
                (None, "incl") => None,
                (None, _) => {
                    self.at(
                        at,
                        format!("region `{name}` has no cut"),
                        Some("`incl: ~` is the region without a cut; others need one"),
                    );
                    continue;
                }
                (Some(_), "incl") => {
                    self.at(
                        at,
                        "`incl` is the region without a cut".to_string(),
                        Some("give this region another name"),
                    );
                    continue;
                }
                (Some(text), _) => match self.cut(&place, text) {
                    Some(cut) => Some(cut),
                    None => continue,
                },
            };
            let joined = Cut::all(preselection.cloned().into_iter().chain(cut.clone()));
            if let (Some(_), Some(reason)) = (&cut, joined.as_ref().and_then(Cut::never_true)) {
                self.error(&place, format!("no event that passes the preselection can enter `{name}`: {reason}"));
            }
            if let Some(same) = regions.iter().find(|other| other.cut == cut) {
                let message = format!("region `{name}` has the same cut as `{}`", same.name);
                self.hinted(&place, message, "the same spectra would be scanned twice");
            }
            regions.push(Region { name: name.clone(), cut });
        }
        regions
    }

    /// Compiles a cut; complains about what is wrong with it or impossible.
    fn cut(&mut self, place: &str, text: &str) -> Option<Cut> {
        let mistakes = match given_cut::checked(text) {
            Ok(cut) => return Some(cut),
            Err(mistakes) => mistakes,
        };
        let at = self.document.root.follow(place).at;
        for CutError { offset, len, message, nearest, hint } in mistakes {
            let at = self.document.inside(at, text, offset, len);
            let diagnostic =
                Diagnostic::new(self.document.place(at), format!("in the cut of {}: {message}", shown(place)));
            self.diagnostics.push(Diagnostic { nearest, hint, ..diagnostic });
        }
        None
    }

    fn jet_schemes(&mut self, raw: &RawCampaign) -> JetSchemes {
        for (i, scheme) in raw.jet_schemes.iter().enumerate() {
            if raw.jet_schemes.iter().take(i).any(|other| other == scheme) {
                self.error(&format!("jet_schemes/{i}"), "this jet scheme appears twice");
            }
        }
        JetSchemes {
            exclusive: raw.jet_schemes.contains(&JetScheme::Exclusive),
            inclusive: raw.jet_schemes.contains(&JetScheme::Inclusive),
        }
    }

    fn masses(&mut self, raw: &RawMasses) -> MassOptions {
        let mut leave_out = Vec::new();
        for (i, written) in raw.leave_out.iter().enumerate() {
            let place = format!("masses/leave_out/{i}");
            match written.parse() {
                Ok(kind) if leave_out.contains(&kind) => self.error(&place, format!("`{written}` is left out twice")),
                Ok(kind) => leave_out.push(kind),
                Err(_) => {
                    let names = Kind::ALL.map(Kind::name);
                    let error = self.diagnostic(&place, format!("`{written}` is not a kind of object"));
                    let hint = format!("kinds are {}", Kind::names(&Kind::ALL, ", "));
                    self.diagnostics.push(error.near(nearest(written, names)).hint(hint));
                }
            }
        }
        let mut only: Vec<MassLabel> = Vec::new();
        for (i, written) in raw.only.iter().enumerate() {
            let place = format!("masses/only/{i}");
            let mass = match written.parse().and_then(MassLabel::built) {
                Ok(mass) => mass,
                Err(error) => {
                    let hint = "inside [ ] a comma ends a YAML string: put the mass in quotes";
                    self.hinted(&place, error.to_string(), hint);
                    continue;
                }
            };
            let left_out = mass.objects().map(|(kind, _)| kind).find(|kind| leave_out.contains(kind));
            if let Some(kind) = left_out {
                self.error(&place, format!("`{mass}` is never built: `leave_out` holds {kind}"));
            } else if mass.is_transverse() && !raw.transverse {
                self.error(&place, format!("`{mass}` is never built: `transverse` is false"));
            } else if raw.max_objects.is_some_and(|most| mass.len() > most) {
                self.error(&place, format!("`{mass}` is never built: it has more than `max_objects`"));
            } else if only.contains(&mass) {
                self.error(&place, format!("`{mass}` is listed twice"));
            }
            only.push(mass);
        }
        if leave_out.len() == Kind::COUNT {
            self.error("masses/leave_out", "all kinds are left out: there is no mass to scan");
        }
        MassOptions { max_objects: raw.max_objects, leave_out, transverse: raw.transverse, only }
    }

    fn binning(&mut self, raw: &RawCampaign) -> Option<Binning> {
        let raw = &raw.binning;
        for (name, from) in [("m_min_gev", raw.m_min_gev), ("m_min_jet_gev", raw.m_min_jet_gev)] {
            if from >= raw.m_max_gev {
                let own = format!("binning/{name}");
                let place = self.first_given(&[&own, "binning/m_max_gev"]).to_string();
                self.error(
                    &place,
                    format!("there would be no bins: {name} {from} is not below m_max_gev {}", raw.m_max_gev),
                );
            }
        }
        let resolution = match &raw.resolution {
            // The edges of a filled book are in the book.
            Some(_) if self.inputs == InputPaths::AsWritten => ResolutionTable::default_table(),
            None => ResolutionTable::default_table(),
            Some(written) => {
                let found = find_files::file(&self.base, written);
                let found = self.found("binning/resolution", found)?;
                match ResolutionTable::open(&found.path) {
                    Ok(table) => {
                        if raw.resolution_sha256.as_ref().is_some_and(|sha256| sha256 != table.sha256()) {
                            let message = format!(
                                "`{written}` is not the table that it was: its sha256 is now {}",
                                table.sha256()
                            );
                            let hint = "leave `resolution_sha256` out to take the table as it is";
                            self.hinted("binning/resolution_sha256", message, hint);
                        }
                        table
                    }
                    Err(error) => {
                        self.error("binning/resolution", format!("`{written}`: {error}"));
                        return None;
                    }
                }
            }
        };
        Some(Binning {
            resolution,
            m_min_gev: raw.m_min_gev,
            m_min_jet_gev: raw.m_min_jet_gev,
            m_max_gev: raw.m_max_gev,
        })
    }

    // ---- collecting mistakes ----

    pub(super) fn found<T>(&mut self, place: &str, found: Result<T, NotFound>) -> Option<T> {
        found
            .map_err(|NotFound { message, nearest, hint }| {
                let error = self.diagnostic(place, message);
                self.diagnostics.push(Diagnostic { nearest, hint, ..error });
            })
            .ok()
    }

    /// The first of these paths that the campaign spells out.
    fn first_given<'p>(&self, paths: &[&'p str]) -> &'p str {
        let given = |path: &str| match path.rsplit_once('/') {
            Some((folder, name)) => self.document.root.follow(folder).get(name).is_some(),
            None => self.document.root.get(path).is_some(),
        };
        paths.iter().copied().find(|path| given(path)).or(paths.first().copied()).unwrap_or_default()
    }

    fn diagnostic(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.document.place(self.document.root.follow(path).at), message)
    }

    pub(super) fn error(&mut self, path: &str, message: impl Into<String>) {
        let error = self.diagnostic(path, message);
        self.diagnostics.push(error);
    }

    pub(super) fn hinted(&mut self, path: &str, message: impl Into<String>, hint: &str) {
        let error = self.diagnostic(path, message).hint(hint);
        self.diagnostics.push(error);
    }

    fn at(&mut self, at: At, message: String, hint: Option<&str>) {
        let error = Diagnostic::new(self.document.place(at), message);
        self.diagnostics.push(Diagnostic { hint: hint.map(str::to_string), ..error });
    }
}
