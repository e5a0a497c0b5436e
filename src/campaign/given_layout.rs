//! Layouts as spelled to layouts as meant, and back. Part of [`super::resolve`].
//!
//! In: [`RawLayout`]. Out: [`Layout`], or what is wrong with it and where. Whether the branches exist is known only when a
//! file is opened.

use super::raw::{LayoutName, RawLayout, RenamedLayout};
use super::resolve::Resolver;
use super::structure::shown;
use crate::ntuples::layouts::{BranchMap, CsvColumn, CsvLayout, DelphesLayout, Layout, NanoAodLayout};
use crate::ntuples::layouts::{Charge, Condition, EventCondition, ObjectMap, Part, Units};

const MOMENTUM_HINT: &str = "an object has `pt`, `eta`, `phi`, or `px`, `py`, `pz`";

impl RawLayout {
    /// What it stands for; None if it names no layout, or several.
    fn meant(&self) -> Option<Layout> {
        Some(match self {
            RawLayout::Usual(LayoutName::Delphes) => Layout::Delphes(DelphesLayout::default()),
            RawLayout::Usual(LayoutName::NanoAod) => Layout::NanoAod(NanoAodLayout::default()),
            RawLayout::Usual(LayoutName::DarkMachinesCsv) => Layout::DarkMachinesCsv(CsvLayout::default()),
            RawLayout::Renamed(renamed) => match &**renamed {
                RenamedLayout { delphes: Some(names), nanoaod: None, branches: None, darkmachines_csv: None } => {
                    Layout::Delphes(names.clone())
                }
                RenamedLayout { delphes: None, nanoaod: Some(names), branches: None, darkmachines_csv: None } => {
                    Layout::NanoAod(names.clone())
                }
                RenamedLayout { delphes: None, nanoaod: None, branches: Some(map), darkmachines_csv: None } => {
                    Layout::Branches(Box::new(map.clone()))
                }
                RenamedLayout { delphes: None, nanoaod: None, branches: None, darkmachines_csv: Some(columns) } => {
                    Layout::DarkMachinesCsv(columns.clone())
                }
                _ => return None,
            },
        })
    }
}

impl From<&Layout> for RawLayout {
    /// With every name spelled out.
    fn from(layout: &Layout) -> RawLayout {
        let mut written = RenamedLayout::default();
        match layout.clone() {
            Layout::Delphes(names) => written.delphes = Some(names),
            Layout::NanoAod(names) => written.nanoaod = Some(names),
            Layout::Branches(map) => written.branches = Some(*map),
            Layout::DarkMachinesCsv(CsvLayout { columns: None }) => {
                return RawLayout::Usual(LayoutName::DarkMachinesCsv);
            }
            Layout::DarkMachinesCsv(columns) => written.darkmachines_csv = Some(columns),
        }
        RawLayout::Renamed(Box::new(written))
    }
}

impl Layout {
    /// Its name in YAML.
    pub fn name(&self) -> &'static str {
        match self {
            Layout::Delphes(_) => "delphes",
            Layout::NanoAod(_) => "nanoaod",
            Layout::Branches(_) => "branches",
            Layout::DarkMachinesCsv(_) => "darkmachines_csv",
        }
    }

    /// As a campaign spells it: lines from `layout:` on, only the name where all names are the usual ones. The error is
    /// a sentence.
    pub fn yaml(&self) -> Result<String, String> {
        let usual = [LayoutName::Delphes, LayoutName::NanoAod, LayoutName::DarkMachinesCsv].map(RawLayout::Usual);
        let usual = usual.into_iter().find(|usual| usual.meant().as_ref() == Some(self));
        let written = usual.unwrap_or_else(|| RawLayout::from(self));
        let lines = std::collections::BTreeMap::from([("layout", written)]);
        serde_saphyr::to_string(&lines).map_err(|error| format!("the layout cannot be written: {error}"))
    }

    /// True if the program that wrote the files has removed overlaps between objects.
    pub fn has_no_overlaps(&self) -> bool {
        matches!(self, Layout::Delphes(_) | Layout::DarkMachinesCsv(_))
    }
}

impl Resolver<'_> {
    /// The layout that stands at `place`.
    pub(super) fn layout(&mut self, place: &str, raw: &RawLayout) -> Layout {
        let Some(layout) = raw.meant() else {
            if !self.damaged.iter().any(|path| path.starts_with(place)) {
                let message = format!("{} must name one layout", shown(place));
                self.hinted(place, message, "one of delphes, nanoaod, branches, darkmachines_csv");
            }
            return Layout::Delphes(DelphesLayout::default());
        };
        let place = format!("{place}/{}", layout.name());
        match &layout {
            Layout::Delphes(_) => {}
            Layout::NanoAod(names) => self.check_nanoaod(&place, names),
            Layout::Branches(map) => self.check_map(&place, map),
            Layout::DarkMachinesCsv(columns) => self.check_columns(&place, columns),
        }
        layout
    }

    fn check_nanoaod(&mut self, place: &str, names: &NanoAodLayout) {
        // The usual taggers are those of `Jet`; they say nothing about a collection of another name.
        let taggers = names.btag.as_slice().iter().filter(|_| names.btag != NanoAodLayout::default().btag);
        self.check_event_conditions(place, names.require_event.as_slice());
        for condition in taggers.chain(names.require.as_slice()) {
            let collections = [&names.electron, &names.muon, &names.photon, &names.jet];
            let found = collections.iter().any(|name| belongs(condition.branch(), name));
            if !found {
                let message =
                    format!("`{}` belongs to none of the collections of {}", condition.branch(), shown(place));
                self.hinted(place, message, "a branch is named COLLECTION_property, such as `Muon_tightId`");
            }
        }
        if names.met.is_empty() && !names.without.contains(&Part::Met) {
            self.hinted(&format!("{place}/met"), "there is no MET", "say `without: [met]` if the files have none");
        }
    }

    fn check_columns(&mut self, place: &str, layout: &CsvLayout) {
        let Some(columns) = &layout.columns else { return };
        let place = format!("{place}/columns");
        for (i, column) in columns.iter().enumerate() {
            if columns.iter().take(i).any(|other| other == column) {
                self.error(&format!("{place}/{i}"), "this column is there twice");
            }
        }
        for (column, name) in [(CsvColumn::Met, "met"), (CsvColumn::MetPhi, "met_phi")] {
            if !columns.contains(&column) {
                self.error(&place, format!("{} has no `{name}`", shown(&place)));
            }
        }
    }

    fn check_map(&mut self, place: &str, map: &BranchMap) {
        let parts = [Part::Electron, Part::Muon, Part::Photon, Part::Jet];
        if parts.iter().all(|part| map.objects(*part).is_empty()) {
            let message = format!("{} holds no objects", shown(place));
            self.hinted(place, message, "name the branches of at least one of electron, muon, photon, jet");
        }
        self.named(&format!("{place}/tree"), Some(&map.tree));
        self.units(&format!("{place}/units"), Some(map.units));
        for part in parts {
            let here = format!("{place}/{}", part.name());
            let objects = map.objects(part);
            for (i, object) in objects.iter().enumerate() {
                let here = match &self.is_list(&here) {
                    true => format!("{here}/{i}"),
                    false => here.clone(),
                };
                self.check_object(&here, part, object);
            }
        }
        if let Some(met) = &map.met {
            let here = format!("{place}/met");
            match (&met.pt, &met.phi, &met.px, &met.py) {
                (Some(_), Some(_), None, None) | (None, None, Some(_), Some(_)) => {}
                _ => {
                    self.hinted(&here, format!("{} is not complete", shown(&here)), "`pt` and `phi`, or `px` and `py`")
                }
            }
            for (name, branch) in [("pt", &met.pt), ("phi", &met.phi), ("px", &met.px), ("py", &met.py)] {
                self.named(&format!("{here}/{name}"), branch.as_ref());
            }
            self.units(&format!("{here}/units"), met.units);
        }
        for weight in map.weight.as_slice() {
            self.named(&format!("{place}/weight"), Some(weight));
        }
        self.check_event_conditions(place, map.require_event.as_slice());
    }

    fn check_event_conditions(&mut self, place: &str, conditions: &[EventCondition]) {
        let here = format!("{place}/require_event");
        for condition in conditions {
            if condition.any().is_empty() {
                self.hinted(&here, "`any` holds no conditions, so no event passes", "name at least one branch");
            }
            for one in condition.any() {
                self.check_condition(&here, one);
            }
        }
    }

    fn check_object(&mut self, here: &str, part: Part, object: &ObjectMap) {
        let polar = [("pt", &object.pt), ("eta", &object.eta), ("phi", &object.phi)];
        let cartesian = [("px", &object.px), ("py", &object.py), ("pz", &object.pz)];
        let given = |set: &[(&str, &Option<String>)]| set.iter().filter(|(_, branch)| branch.is_some()).count();
        let removed = self.damaged.iter().any(|path| path.starts_with(here));
        match (given(&polar), given(&cartesian)) {
            (3, 0) | (0, 3) => {}
            _ if removed => {}
            (n, 0) if n > 0 => self.missing_of(here, &polar),
            (0, n) if n > 0 => self.missing_of(here, &cartesian),
            (0, 0) => self.hinted(here, format!("{} has no momentum", shown(here)), MOMENTUM_HINT),
            _ => self.hinted(here, format!("{} has its momentum twice", shown(here)), MOMENTUM_HINT),
        }
        let plain = [("mass", &object.mass), ("energy", &object.energy), ("pdgid", &object.pdgid)];
        for (name, branch) in polar.iter().chain(&cartesian).chain(&plain) {
            self.named(&format!("{here}/{name}"), branch.as_ref());
        }
        let jet = part == Part::Jet;
        let lepton = matches!(part, Part::Electron | Part::Muon);
        for (name, there) in [("mass", object.mass.is_some()), ("energy", object.energy.is_some())] {
            if there && !jet {
                let message = format!("{} is not used: {}s have the mass of the particle", shown(here), part.name());
                self.hinted(&format!("{here}/{name}"), message, "leave it out");
            }
        }
        if object.btag.is_some() && !jet {
            self.hinted(&format!("{here}/btag"), "only jets are b-tagged", "leave it out");
        }
        if (object.charge.is_some() || object.pdgid.is_some()) && !lepton {
            let key = if object.charge.is_some() { "charge" } else { "pdgid" };
            self.hinted(&format!("{here}/{key}"), "only leptons have a charge", "leave it out");
        }
        match &object.charge {
            Some(_) if object.pdgid.is_some() => {
                self.hinted(&format!("{here}/charge"), "the charge is given twice", "leave out `charge` or `pdgid`");
            }
            Some(Charge::Fixed(charge)) if charge.abs() != 1 => {
                self.error(&format!("{here}/charge"), format!("a charge is a branch, 1 or -1, not {charge}"));
            }
            Some(Charge::Branch(branch)) => self.named(&format!("{here}/charge"), Some(branch)),
            _ => {}
        }
        for condition in object.require.as_slice().iter().chain(&object.btag) {
            self.check_condition(here, condition);
        }
        self.units(&format!("{here}/units"), object.units);
    }

    fn check_condition(&mut self, here: &str, condition: &Condition) {
        self.named(here, Some(&condition.branch().to_string()));
        let test = condition.test();
        let limits = [test.above, test.below, test.at_least, test.at_most, test.equals];
        if test.bit.is_some() && (limits.iter().any(Option::is_some) || test.absolute) {
            self.error(here, format!("`{}` is tested for a bit and for its size: one of them", test.branch));
        }
    }

    fn missing_of(&mut self, here: &str, set: &[(&str, &Option<String>)]) {
        let names = |there: bool| -> Vec<String> {
            set.iter().filter(|(_, branch)| branch.is_some() == there).map(|(name, _)| format!("`{name}`")).collect()
        };
        let message = format!("{} has {} but no {}", shown(here), names(true).join(", "), names(false).join(", "));
        self.hinted(here, message, MOMENTUM_HINT);
    }

    fn named(&mut self, place: &str, name: Option<&String>) {
        if name.is_some_and(|name| name.trim().is_empty()) {
            self.error(place, "the name is empty");
        }
    }

    fn units(&mut self, place: &str, units: Option<Units>) {
        if units.is_some_and(|units| !(units.factor() > 0.0 && units.factor().is_finite())) {
            self.error(place, "units are `GeV`, `MeV` or a factor above 0");
        }
    }
}

/// `Muon_tightId` belongs to `Muon`.
fn belongs(branch: &str, collection: &str) -> bool {
    branch.strip_prefix(collection).is_some_and(|rest| rest.starts_with('_'))
}
