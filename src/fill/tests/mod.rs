//! The event loop on events made up in memory, against a straightforward loop.

mod pseudo_data;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use super::draws::EventDraw;
use super::*;
use crate::binning::Binning;
use crate::binning::edges::EdgeTable;
use crate::binning::resolution::ResolutionTable;
use crate::campaign::{PseudoData, Region, ReportOptions, Role, Sample};
use crate::categories::CategoryKey;
use crate::categories::JetSchemes;
use crate::cuts::Cut;
use crate::histograms::{Content, Spectrum};
use crate::masses::MassOptions;
use crate::masses::{LabelledObjects, MassRecipe, MassScratch};
use crate::ntuples::layouts::{Layout, NanoAodLayout};
use crate::ntuples::{EventBatch, NtupleError, ObjectColumns, Reader, Scratch};
use crate::objects::Event;
use crate::objects::{Composites, ObjectSelection};
use crate::ranking::RankingOptions;
use crate::scan::ScanOptions;
use crate::skim::pick::{MassWindow, Pick, PickError, Picked, pick as pick_events};

/// Events made from random numbers, the same for the same name.
#[derive(Debug)]
struct MadeUp {
    events: u64,
    draw: EventDraw,
    weighted: bool,
    broken_from: u64,
}

impl MadeUp {
    fn boxed(name: &str, events: u64, weighted: bool) -> Box<dyn Reader> {
        Box::new(MadeUp { events, draw: EventDraw::new(9, "made up", name), weighted, broken_from: u64::MAX })
    }

    /// Objects of one entry: number up to `most`, pT falling, taken from bits of the entry.
    fn objects(&self, entry: u64, kind: usize, most: u64, columns: &mut ObjectColumns) {
        if columns.offsets.is_empty() {
            columns.offsets.push(0);
        }
        let n = self.draw.bits(kind, entry) % (most + 1);
        for i in 0..n {
            let uniform = |what: usize| self.draw.uniform(100 * kind + 10 * i as usize + what, entry) as f32;
            columns.pt.push(12.0 - 60.0 * (1.0 - uniform(0)).ln());
            columns.eta.push(5.6 * uniform(1) - 2.8);
            columns.phi.push(6.0 * uniform(2) - 3.0);
            columns.mass.push(if uniform(3) < 0.9 { 10.0 } else { 250.0 * uniform(4) });
            columns.charge.push(if uniform(5) < 0.5 { 1 } else { -1 });
            columns.btag.push(uniform(6) < 0.2);
        }
        columns.offsets.push(columns.pt.len() as u32);
    }
}

impl Reader for MadeUp {
    fn entries(&self) -> u64 {
        self.events
    }

    fn bytes(&self) -> u64 {
        100
    }

    fn units(&self, _: u64) -> Vec<Range<u64>> {
        (0..self.events.div_ceil(100)).map(|i| 100 * i..(100 * i + 100).min(self.events)).collect()
    }

    /// Weights can be read where the rest cannot.
    fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        *weights = MadeUp { broken_from: u64::MAX, ..*self }.read(range, scratch)?.weight;
        Ok(())
    }

    fn read_into(&self, range: Range<u64>, _: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        if range.end > self.broken_from {
            return Err(NtupleError::Text { path: "made_up".into(), reason: "basket 7 is damaged".into() });
        }
        *batch = EventBatch { first_entry: range.start, ..EventBatch::default() };
        for entry in range {
            let uniform = |what| self.draw.uniform(what, entry);
            batch.weight.push(if self.weighted { 0.5 + uniform(1) } else { 1.0 });
            batch.met.push(-50.0 * (1.0 - uniform(2)).ln() as f32);
            batch.met_phi.push(6.0 * uniform(3) as f32 - 3.0);
            self.objects(entry, 4, 2, &mut batch.electrons);
            self.objects(entry, 5, 3, &mut batch.muons);
            self.objects(entry, 6, 1, &mut batch.photons);
            self.objects(entry, 7, 7, &mut batch.jets);
        }
        Ok(())
    }
}

fn sample(name: &str, role: Role) -> Sample {
    Sample {
        name: name.into(),
        files: vec![],
        layout: Layout::default(),
        role,
        mc: None,
        lumi_ifb: matches!(role, Role::MonteCarlo { .. }).then_some(0.1),
        planted: false,
        events: None,
    }
}

fn campaign(samples: Vec<Sample>) -> Campaign {
    let region = |name: &str, cut: Option<&str>| Region { name: name.into(), cut: cut.map(|c| Cut::parse(c).unwrap()) };
    Campaign {
        name: "test".into(),
        about: String::new(),
        seed: 1,
        lumi_ifb: Some(0.1),
        base: PathBuf::new(),
        samples,
        selection: ObjectSelection::default(),
        composites: Composites::default(),
        channel: None,
        preselection: None,
        regions: vec![region("incl", None), region("met80", Some("MET > 80")), region("manyjets", Some("n(jet) >= 4"))],
        jet_schemes: JetSchemes::default(),
        masses: MassOptions { transverse: true, ..MassOptions::default() },
        binning: Binning {
            resolution: ResolutionTable::default_table(),
            m_min_gev: 10.0,
            m_min_jet_gev: 20.0,
            m_max_gev: 13_000.0,
        },
        pseudo_data: PseudoData::Off,
        on_bad_value: Default::default(),
        on_duplicate: Default::default(),
        scan: ScanOptions::default(),
        ranking: RankingOptions::default(),
        report: ReportOptions::default(),
        resolved_yaml: String::new(),
        booking_sha256: String::new(),
    }
}

type Sources = Vec<Vec<Box<dyn Reader>>>;

fn run(campaign: &Campaign, sources: Sources, threads: usize) -> Filled {
    try_run(campaign, sources, threads).unwrap()
}

fn try_run(campaign: &Campaign, sources: Sources, threads: usize) -> Result<Filled, FillError> {
    OpenInputs::given(campaign, sources, threads)?.book(&Silent)
}

fn skim(campaign: &Campaign, sources: Sources, pick: &Pick, threads: usize) -> Result<Picked, PickError> {
    pick_events(&OpenInputs::given(campaign, sources, threads)?, pick, &Silent)
}

fn row(filled: &Filled, sample: &str, step: &str) -> (u64, f64) {
    let row = filled.cutflow.iter().find(|row| row.sample == sample && row.step == step);
    row.map(|row| (row.events, row.sum_w)).unwrap_or_else(|| panic!("no row {sample} {step}"))
}

/// Entries and sum of weights per (category, mass, bin), event by event.
fn straightforward(campaign: &Campaign, source: &dyn Reader) -> BTreeMap<(String, String, usize), (u64, f64)> {
    let mut found: BTreeMap<(String, String, usize), (u64, f64)> = BTreeMap::new();
    let batch = source.read(0..source.entries(), &mut Scratch::default()).unwrap();
    let selection = MassSelection::new(&campaign.masses).unwrap();
    let regions: Vec<String> = campaign.regions.iter().map(|region| region.name.clone()).collect();
    let (mut event, mut objects, mut scratch) = (Event::default(), LabelledObjects::default(), MassScratch::default());
    let mut edges = EdgeTable::default();
    for entry in 0..batch.len() {
        event.build(&batch, entry, &campaign.selection, &campaign.composites);
        objects.label(&event, &selection);
        let recipe = MassRecipe::new(objects.signature, &selection);
        let met = event.met.unwrap();
        recipe.compute(&objects.p4, met.pt, met.phi, &mut scratch);
        for (number, region) in campaign.regions.iter().enumerate() {
            if region.cut.as_ref().is_some_and(|cut| !cut.eval(&event)) {
                continue;
            }
            let key = CategoryKey::new(number as u16, event.counts(), event.charge(), event.jet_count());
            for key in [key, key.any_jets()] {
                for (&label, &mass) in recipe.labels().iter().zip(&scratch.masses) {
                    let bin = edges.finder(&campaign.binning, label).unwrap().1.find(mass) as usize;
                    let category = key.category(&regions).unwrap().to_string();
                    let sum = found.entry((category, label.to_string(), bin)).or_default();
                    sum.0 += 1;
                    sum.1 += batch.weight[entry];
                }
            }
        }
    }
    found
}

fn as_map(book: &Book) -> BTreeMap<(String, String, usize), (u64, f64)> {
    let mut map = BTreeMap::new();
    for spectrum in book.spectra() {
        for (bin, content) in spectrum.filled() {
            let key = (spectrum.category().to_string(), spectrum.mass().to_string(), bin);
            map.insert(key, (content.entries, content.sum_w()));
        }
    }
    map
}

#[test]
fn the_book_equals_a_straightforward_loop_for_any_number_of_threads() {
    for weighted in [false, true] {
        let campaign = campaign(vec![sample("a", Role::AsIs)]);
        let sources = || vec![vec![MadeUp::boxed("a", 400, weighted)]];
        let one = run(&campaign, sources(), 1);
        let want = straightforward(&campaign, &*sources()[0][0]);
        let got = as_map(&one.book);
        assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
        for (key, (entries, sum_w)) in &want {
            assert_eq!(got[key].0, *entries, "{key:?}");
            assert!((got[key].1 - sum_w).abs() < 1e-9 * sum_w, "{key:?}");
        }
        assert_eq!(one.book.is_weighted(), weighted);
        let three = run(&campaign, sources(), 3);
        assert_eq!(one.book.to_bytes(), three.book.to_bytes());
        assert_eq!(one.cutflow, three.cutflow);
    }
}

#[test]
fn every_event_is_accounted_for() {
    let mut campaign = campaign(vec![sample("a", Role::Data), sample("b", Role::Data)]);
    campaign.preselection = Some(Cut::parse("n(lepton) >= 1").unwrap());
    let filled = run(&campaign, vec![vec![MadeUp::boxed("a", 700, false)], vec![MadeUp::boxed("b", 300, false)]], 2);
    assert_eq!(row(&filled, "a", "read").0, 700);
    assert_eq!(row(&filled, "all", "read"), (1000, 1000.0));
    let passing = row(&filled, "all", "preselection").0;
    assert!(passing > 500 && passing < 1000);
    assert_eq!(row(&filled, "all", "region incl").0, passing);
    for region in ["incl", "met80", "manyjets"] {
        let in_categories = |any: bool| -> u64 {
            let inside = filled.book.categories().filter(|(category, _)| {
                category.region == region && (category.jets == crate::categories::JetCount::Any) == any
            });
            inside.map(|(_, total)| total.entries).sum()
        };
        let want = row(&filled, "all", &format!("region {region}")).0;
        assert_eq!((in_categories(true), in_categories(false)), (want, want), "{region}");
    }
    assert_eq!(filled.inputs[1].files[0].entries, 300);
}

#[test]
fn simulation_is_scaled_to_the_luminosity() {
    let campaign = campaign(vec![sample("mc", Role::MonteCarlo { cross_section_pb: 25.0 })]);
    let sources = vec![vec![MadeUp::boxed("1", 450, true), MadeUp::boxed("2", 300, true)]];
    let filled = run(&campaign, sources, 2);
    // 25 pb x 0.1 fb^-1 = 2500 events.
    let (events, sum_w) = row(&filled, "mc", "read");
    assert_eq!(events, 750);
    assert!((sum_w - 2500.0).abs() < 1e-6, "{sum_w}");
    let warnings = FilledRun::new(campaign.clone(), filled, String::new()).unwrap().warnings();
    assert!(warnings.iter().any(|w| w.contains("fewer simulated events")), "{warnings:?}");
    let mut without = campaign;
    without.samples[0].lumi_ifb = None;
    let error = try_run(&without, vec![vec![MadeUp::boxed("1", 9, true)]], 1).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("lumi_ifb"));
}

#[test]
fn lost_events_are_not_in_the_sum_of_weights() {
    let campaign = campaign(vec![sample("mc", Role::MonteCarlo { cross_section_pb: 25.0 })]);
    let broken = MadeUp { events: 300, draw: EventDraw::new(9, "made up", "1"), weighted: true, broken_from: 250 };
    let filled = run(&campaign, vec![vec![Box::new(broken), MadeUp::boxed("2", 300, true)]], 2);
    let (events, sum_w) = row(&filled, "mc", "read");
    assert_eq!((events, filled.skipped.len()), (500, 1));
    assert!((sum_w - 2500.0).abs() < 1e-6, "{sum_w}");
}

#[test]
fn a_choice_of_events_depends_on_the_seed_only() {
    let mut campaign = campaign(vec![sample("signal", Role::Data), sample("rest", Role::Data)]);
    campaign.samples[0].events = Some(50);
    campaign.preselection = Some(Cut::parse("n(mu) >= 1").unwrap());
    let sources = || {
        let signal = vec![MadeUp::boxed("s1", 400, false), MadeUp::boxed("s2", 400, false)];
        vec![signal, vec![MadeUp::boxed("r", 100, false)]]
    };
    let one = run(&campaign, sources(), 1);
    assert_eq!(row(&one, "signal", "chosen").0, 50);
    assert_eq!(row(&one, "all", "chosen").0, 50 + row(&one, "rest", "preselection").0);
    assert_eq!(one.book.to_bytes(), run(&campaign, sources(), 4).book.to_bytes());
    let other_seed = Campaign { seed: 2, ..campaign.clone() };
    assert_ne!(one.book.to_bytes(), run(&other_seed, sources(), 1).book.to_bytes());
    campaign.samples[0].events = Some(5000);
    let all = run(&campaign, sources(), 1);
    assert_eq!(row(&all, "signal", "chosen"), row(&all, "signal", "preselection"));
    assert!(all.warnings[0].contains("5000 events requested"), "{:?}", all.warnings);
}

#[test]
fn what_cannot_be_read_is_missing_and_said() {
    let campaign = campaign(vec![sample("a", Role::Data)]);
    let broken = MadeUp { events: 300, draw: EventDraw::new(9, "made up", "a"), weighted: false, broken_from: 250 };
    let filled = run(&campaign, vec![vec![Box::new(broken)]], 2);
    assert_eq!(row(&filled, "a", "read").0, 200);
    assert_eq!(filled.skipped[0].entries, Some(200..300));
    assert!(filled.warnings.iter().any(|w| w.contains("basket 7 is damaged")));
    let mut wrong = campaign.clone();
    wrong.masses.only = vec!["m(mu1)".parse().unwrap()];
    assert!(matches!(try_run(&wrong, vec![], 1), Err(FillError::Label(_))));
    let empty = run(&campaign, vec![], 1);
    assert!(empty.book.is_empty());
}

#[test]
fn the_events_of_a_window_are_those_that_the_book_counts() {
    for (pseudo_data, role) in [
        (PseudoData::Off, Role::Data),
        (PseudoData::Off, Role::MonteCarlo { cross_section_pb: 25.0 }),
        (PseudoData::Unweight, Role::MonteCarlo { cross_section_pb: 1.0 }),
    ] {
        let mut campaign = campaign(vec![sample("a", role), sample("b", Role::Data)]);
        campaign.samples[1].events = Some(90);
        campaign.preselection = Some(Cut::parse("n(jet) >= 1").unwrap());
        campaign.pseudo_data = pseudo_data;
        let sources = || vec![vec![MadeUp::boxed("a", 350, true)], vec![MadeUp::boxed("b", 350, true)]];
        let filled = run(&campaign, sources(), 1);
        let mut spectra: Vec<Spectrum> = filled.book.spectra().collect();
        spectra.sort_by_key(|spectrum| std::cmp::Reverse(spectrum.total().entries));
        for spectrum in spectra.iter().take(400).step_by(29) {
            let edges = spectrum.edges();
            let bins: Vec<usize> =
                spectrum.filled().map(|(bin, _)| bin).filter(|bin| (1..edges.len()).contains(bin)).collect();
            // Bin k lies between edges k - 1 and k.
            let (low, high) = (bins[bins.len() / 4] - 1, bins[3 * bins.len() / 4]);
            let inside: Vec<Content> =
                spectrum.filled().filter(|(bin, _)| (low + 1..=high).contains(bin)).map(|(_, c)| c).collect();
            let window = MassWindow { mass: *spectrum.mass(), low_gev: edges[low], high_gev: edges[high] };
            let pick = Pick { cut: None, category: Some(spectrum.category().clone()), window: Some(window) };
            let picked = |threads| skim(&campaign, sources(), &pick, threads).unwrap();
            let found = picked(2);
            let name = format!("{} {} {pseudo_data:?}", spectrum.category(), spectrum.mass());
            let want: f64 = inside.iter().map(Content::sum_w).sum();
            assert!((found.skim.sum_w() - want).abs() < 1e-9 * want, "{name}: {} {want}", found.skim.sum_w());
            if pseudo_data == PseudoData::Off {
                let entries: u64 = inside.iter().map(|content| content.entries).sum();
                assert_eq!(found.skim.len() as u64, entries, "{name}");
            }
            assert_eq!(format!("{:?}", found.skim), format!("{:?}", picked(1).skim), "{name}");
            assert_eq!((found.read, found.used), (700, row(&filled, "all", last_step(&campaign)).0), "{name}");
        }
    }
}

/// The last step of the cutflow before regions.
fn last_step(campaign: &Campaign) -> &'static str {
    match campaign.pseudo_data {
        PseudoData::Unweight => "accepted as pseudo-data",
        _ => "chosen",
    }
}

/// A file of one event.
#[derive(Debug)]
struct OneEvent(EventBatch);

impl Reader for OneEvent {
    fn entries(&self) -> u64 {
        1
    }

    fn bytes(&self) -> u64 {
        1
    }

    fn read_into(&self, _: Range<u64>, _: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        *batch = self.0.clone();
        Ok(())
    }
}

/// The made-up event of an entry, with an impossible weight, jet or MET now and then, and conditions that some fail.
fn event_with_faults(entry: u64) -> EventBatch {
    let source =
        MadeUp { events: u64::MAX, draw: EventDraw::new(9, "made up", "a"), weighted: true, broken_from: u64::MAX };
    let mut batch = source.read(entry..entry + 1, &mut Scratch::default()).unwrap();
    batch.first_entry = 0;
    batch.conditions = 2;
    batch.fulfilled = vec![if entry % 4 == 1 { (entry % 8 == 1).into() } else { 2 }];
    match entry % 16 {
        3 => batch.weight[0] = f64::NAN,
        6 => batch.met[0] = -1.0,
        10 => batch.jets.pt.iter_mut().take(1).for_each(|pt| *pt = f32::NAN),
        _ => {}
    }
    batch
}

#[test]
fn fill_skim_and_explain_agree_on_weight_regions_and_category_of_every_event() {
    let mut campaign = campaign(vec![sample("a", Role::AsIs)]);
    campaign.preselection = Some(Cut::parse("n(jet) >= 2").unwrap());
    campaign.regions.remove(0);
    let (mut in_a_region, mut in_none, mut dropped) = (0, 0, 0);
    for entry in 0..160 {
        let batch = event_with_faults(entry);
        let sources = || vec![vec![Box::new(OneEvent(batch.clone())) as Box<dyn Reader>]];
        let filled = run(&campaign, sources(), 1);
        let booked: Vec<(String, f64)> =
            filled.book.categories().map(|(category, total)| (category.to_string(), total.sum_w())).collect();
        let event = explain::explain(&campaign, (&campaign.samples[0].layout, Role::AsIs), &batch, 0).unwrap();
        let mut categories = event.categories.clone();
        categories.sort();
        assert_eq!(booked.iter().map(|(category, _)| category.clone()).collect::<Vec<_>>(), categories, "{entry}");

        let everything = skim(&campaign, sources(), &Pick::default(), 1).unwrap();
        assert_eq!(everything.used, row(&filled, "all", "preselection").0, "{entry}");
        assert_eq!(everything.skim.sum_w(), row(&filled, "all", "preselection").1, "{entry}");
        for (category, sum_w) in &booked {
            let pick = Pick { category: Some(category.parse().unwrap()), ..Pick::default() };
            let found = skim(&campaign, sources(), &pick, 1).unwrap().skim;
            assert_eq!((found.len(), found.sum_w()), (1, *sum_w), "{entry} {category}");
            assert!((sum_w - event.weight).abs() < 1e-12, "{entry} {category}");
        }
        for region in event.regions {
            let own = row(&filled, "all", &format!("region {}", region.name)).0;
            assert_eq!(own == 1, region.passed && everything.used == 1, "{entry} {}", region.name);
        }
        in_a_region += usize::from(!booked.is_empty());
        in_none += usize::from(booked.is_empty() && everything.used == 1);
        dropped += usize::from(everything.used == 0);
    }
    assert!(in_a_region > 20 && in_none > 20 && dropped > 40, "{in_a_region} {in_none} {dropped}");
}

#[test]
fn the_cutflow_equals_a_straightforward_count() {
    const EVENTS: u64 = 320;
    for pseudo_data in [PseudoData::Off, PseudoData::Unweight] {
        let mut campaign = campaign(vec![sample("a", Role::AsIs)]);
        let conditions = r#"{"require_event": ["trigger", {"branch": "n", "at_least": 2}]}"#;
        campaign.samples[0].layout = serde_json::from_str::<NanoAodLayout>(conditions).unwrap().into();
        campaign.preselection = Some(Cut::parse("n(jet) >= 2").unwrap());
        campaign.regions.remove(0);
        campaign.pseudo_data = pseudo_data;
        let mut batches: Vec<EventBatch> = (0..EVENTS).map(event_with_faults).collect();
        if pseudo_data == PseudoData::Unweight {
            batches.iter_mut().for_each(|batch| batch.weight[0] /= 2.0);
        }
        let files = batches.iter().map(|batch| Box::new(OneEvent(batch.clone())) as Box<dyn Reader>).collect();
        let filled = run(&campaign, vec![files], 2);

        let draw = EventDraw::new(campaign.seed, "unweight", "a");
        let mut want: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
        let mut event = Event::default();
        for (file, batch) in batches.iter().enumerate() {
            let mut count = |step, w: f64| {
                let (events, sum_w) = want.entry(step).or_default();
                (*events, *sum_w) = (*events + 1, *sum_w + w);
            };
            let w = batch.weight[0];
            count("read", if w.is_nan() { 0.0 } else { w });
            if w.is_nan() {
                continue;
            }
            count("weight is a number", w);
            if batch.fulfilled[0] > 0 {
                count("require_event trigger", w);
            }
            if batch.fulfilled[0] < 2 {
                continue;
            }
            count("require_event n >= 2", w);
            event.build(batch, 0, &campaign.selection, &campaign.composites);
            if event.rejected.objects[3] > 0 {
                count("of these, with bad jets", w);
            }
            if event.rejected.met {
                count("of these, with bad MET", w);
            }
            if event.jets.len() < 2 {
                continue;
            }
            count("preselection", w);
            let mut w = w;
            if pseudo_data == PseudoData::Unweight {
                w = w.floor() + f64::from(draw.uniform(file, 0) < w.fract());
                if w == 0.0 {
                    continue;
                }
                count("accepted as pseudo-data", w);
            }
            let (met, jets) = (event.met.is_some_and(|met| met.pt > 80.0), event.jets.len() >= 4);
            if met || jets {
                count("in any region", w);
            }
            if met {
                count("region met80", w);
            }
            if jets {
                count("region manyjets", w);
            }
        }
        for sample in ["a", "all"] {
            let rows = filled.cutflow.iter().filter(|row| row.sample == sample);
            let found: BTreeMap<&str, (u64, f64)> =
                rows.map(|row| (row.step.as_str(), (row.events, row.sum_w))).collect();
            assert_eq!(found.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
            for (step, (events, sum_w)) in &want {
                assert!(*events > 0 && *events <= EVENTS, "{step}");
                assert_eq!(found[step].0, *events, "{sample} {step}");
                assert!((found[step].1 - sum_w).abs() < 1e-9, "{sample} {step}: {} {sum_w}", found[step].1);
            }
        }
    }
}

#[test]
fn picks_that_no_event_can_pass_are_refused() {
    let mut campaign = campaign(vec![sample("a", Role::Data)]);
    campaign.masses.leave_out = vec![crate::particles::Kind::J];
    let refused = |pick: &Pick| {
        let sources = vec![vec![MadeUp::boxed("a", 100, false)]];
        skim(&campaign, sources, pick, 1).unwrap_err().to_string()
    };
    let category = Some("met300/1mu/1j".parse().unwrap());
    assert!(refused(&Pick { category, ..Pick::default() }).contains("`incl`, `met80`, `manyjets`"));
    let window = |mass: &str, low_gev, high_gev| Pick {
        window: Some(MassWindow { mass: mass.parse().unwrap(), low_gev, high_gev }),
        ..Pick::default()
    };
    assert!(refused(&window("m(mu1,mu2)", 500.0, 500.0)).contains("between 500 and 500 GeV"));
    assert!(refused(&window("m(mu1,mu2)", f64::NAN, 500.0)).contains("hint"));
    assert!(refused(&window("m(mu1,j1)", 5.0, 500.0)).contains("`masses.leave_out`"));
}
