//! `bumphound skim`: the events behind a bump, or passing a cut, read back.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bumphound::categories::{Category, JetCount};
use bumphound::ntuples::Scratch;
use bumphound::ntuples::layouts::Layout;
use bumphound::ranking::{Bump, RowSeen};
use bumphound::rootfile::{Column, RootFile, Values};
use bumphound::skim::SKIM_TREE;

#[path = "support/sample_report.rs"]
#[allow(dead_code, reason = "parts of it are for tests/report.rs")]
mod sample_report;
mod support {
    pub mod program;
    pub mod python;
}
use sample_report::{empty_report, sample_report};
use support::program::{campaign_in, code_and_notes, error_of, notes_of, path_in, rows, stdout_of};
use support::python::{printed, python_with_uproot};

const SMALL: &str = "
inputs:
  - {sample: diboson, files: data-samples/tiny/diboson.root, data: true}
  - {sample: zprime, files: data-samples/tiny/zprime_mumu_m500.root, data: true, events: 400, planted: true}
  - {sample: stream, files: 'data-samples/leptonstream/A_diboson_0[01].root', data: true}
preselection: HT > 25
regions: {incl: ~, dimuon: n(mu) >= 2 and MET > 20}
";

/// A column of a skim.
fn column(file: &str, name: &str) -> Column {
    let tree = RootFile::open(file).and_then(|file| file.tree(SKIM_TREE)).expect("a skim");
    let mut column = Column::default();
    let branch = tree.branch(name).expect("every skim has it");
    tree.read(branch, 0..tree.entries(), &mut Default::default(), &mut column).expect("a good file");
    column
}

/// Where the events of a skim come from: file number and entry.
fn origins(file: &str) -> Vec<(i32, i64)> {
    match (column(file, "file").values, column(file, "entry").values) {
        (Values::I32(files), Values::I64(entries)) => files.into_iter().zip(entries).collect(),
        other => unreachable!("file and entry are integers, not {other:?}"),
    }
}

fn floats(column: Column) -> Vec<f32> {
    match column.values {
        Values::F32(values) => values,
        other => unreachable!("a column of floats, not {other:?}"),
    }
}

fn events_in(notes: &str) -> usize {
    let line = notes.lines().find(|line| line.contains(" read (")).expect("the number of events is said");
    line.split(' ').next().and_then(|number| number.parse().ok()).expect("it comes first")
}

#[test]
fn events_that_pass_a_cut_are_those_of_the_region_with_this_cut() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let (_, book) = path_in(folder.path(), "book");
    notes_of(&["fill", &campaign, "--out", &book]);
    let categories = rows(&stdout_of(&["export", &book, "--categories"]));
    let in_region = categories.iter().filter(|row| row[0].starts_with("dimuon/") && row[0].ends_with("/Xj"));
    let want: usize = in_region.map(|row| row[1].parse::<usize>().expect("entries")).sum();
    assert!(want > 100, "{want}");

    let (_, out) = path_in(folder.path(), "dimuon.root");
    let notes = notes_of(&["skim", &campaign, "--out", &out, "--cut", "n(mu) >= 2 and MET > 20", "--threads", "2"]);
    assert_eq!(events_in(&notes), want, "{notes}");
    assert!(notes.contains(&format!("uproot.open(\"{out}\")[\"events\"]")), "{notes}");
    let found = origins(&out);
    assert_eq!(found.len(), want);
    assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] != pair[1]), "order: file, entry");
    assert_eq!(column(&out, "weight").values, Values::F64(vec![1.0; want]));
    assert!(floats(column(&out, "met")).into_iter().all(|met| met > 20.0));

    // From a run directory with the same campaign, with another number of threads: the same events.
    let (_, other) = path_in(folder.path(), "other.root");
    notes_of(&["skim", &book, "--out", &other, "--cut", "MET > 20 and n(mu) >= 2", "--threads", "1"]);
    assert_eq!(origins(&other), found);
    assert_eq!(column(&other, "jet_pt"), column(&out, "jet_pt"));
}

#[test]
fn events_are_those_of_the_files_that_the_list_names() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let (_, out) = path_in(folder.path(), "skim.root");
    let notes = notes_of(&["skim", &campaign, "--out", &out, "--cut", "n(mu) >= 1 and n(jet) >= 2"]);
    let (list, text) = path_in(folder.path(), "skim.files.csv");
    assert!(notes.contains(&text), "{notes}");
    let files = rows(&std::fs::read_to_string(list).expect("it is beside the skim"));
    let samples: Vec<&str> = files.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(samples, ["diboson", "zprime", "stream", "stream"]);
    let (met, muons) = (floats(column(&out, "met")), column(&out, "muon_pt"));
    let pts = floats(muons.clone());
    let mut seen = [0; 4];
    for (i, (file, entry)) in origins(&out).into_iter().enumerate() {
        let file = file as usize;
        seen[file] += 1;
        if seen[file] > 20 {
            continue;
        }
        let source = Layout::default().open(&files[file][2]).expect("an input");
        let batch = source.read(entry as u64..entry as u64 + 1, &mut Scratch::default()).expect("an event");
        assert_eq!(batch.met[0], met[i]);
        assert_eq!(batch.muons.pt, pts[muons.offsets[i] as usize..muons.offsets[i + 1] as usize]);
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
    assert!(seen[1] <= 400, "`events: 400` is honoured: {seen:?}");
}

/// Bumps made up from a book: windows in the fullest spectra, with the events that they and the other multiplicities hold.
fn bumps_of(book: &str) -> Vec<Bump> {
    let mut spectra: BTreeMap<(String, String), Vec<[f64; 3]>> = BTreeMap::new();
    for row in rows(&stdout_of(&["export", book, "--spectra"])) {
        let bin = [2, 3, 4].map(|i| row[i].parse::<f64>().expect("a number"));
        if bin[0].is_finite() && bin[1].is_finite() && bin[2] > 0.0 {
            spectra.entry((row[0].clone(), row[1].clone())).or_default().push(bin);
        }
    }
    let mut fullest: Vec<_> = spectra.clone().into_iter().filter(|(_, bins)| bins.len() >= 12).collect();
    fullest.sort_by_key(|(_, bins)| std::cmp::Reverse(bins.len()));
    // Some of every kind: all jets together, invariant and transverse masses, both regions.
    let kind = |category: &str, mass: &str| {
        (category.ends_with("Xj"), mass.starts_with("mT"), category.starts_with("dimuon"), mass.contains('j'))
    };
    let mut taken: BTreeMap<(bool, bool, bool, bool), usize> = BTreeMap::new();
    fullest.retain(|((category, mass), _)| {
        let n = taken.entry(kind(category, mass)).or_default();
        *n += 1;
        *n == 1
    });
    let mut bumps = Vec::new();
    for ((category, mass), bins) in fullest {
        let window = &bins[bins.len() / 3..2 * bins.len() / 3];
        let (low_gev, high_gev) = (window[0][0], window[window.len() - 1][1]);
        let category: Category = category.parse().expect("a category");
        let sample = sample_report(1, 0).bumps.remove(0);
        let rows = spectra.iter().filter(|((other, of), _)| {
            let other: Category = other.parse().expect("a category");
            *of == mass
                && other.jets != JetCount::Any
                && other.with_jets(JetCount::Any) == category.with_jets(JetCount::Any)
        });
        let rows = rows.map(|((category, _), bins)| RowSeen {
            category: category.parse().expect("a category"),
            observed: bins.iter().filter(|bin| bin[0] >= low_gev && bin[1] <= high_gev).map(|bin| bin[2]).sum(),
            ..sample.rows[0].clone()
        });
        bumps.push(Bump {
            rank: bumps.len() + 1,
            rows: rows.collect(),
            category,
            mass: mass.parse().expect("a label"),
            low_gev,
            high_gev,
            observed: window.iter().map(|bin| bin[2]).sum(),
            ..sample
        });
    }
    bumps
}

/// A run directory whose report.json holds made-up bumps with true numbers of events.
fn run_dir(folder: &Path) -> (String, Vec<Bump>) {
    let campaign = campaign_in(folder, SMALL);
    let (dir, text) = path_in(folder, "run");
    notes_of(&["fill", &campaign, "--out", &text]);
    let bumps = bumps_of(&text);
    let resolved = bumphound::campaign::load(&dir.join("campaign.resolved.yaml"), &[]).expect("a fill writes it");
    let mut report = empty_report();
    report.provenance.campaign_sha256 = resolved.sha256();
    report.bumps = bumps.clone();
    let file = std::fs::File::create(dir.join("report.json")).expect("the folder is writable");
    bumphound::report::write_report_json(file, &report).expect("a good report");
    (text, bumps)
}

#[test]
fn a_bump_has_exactly_the_events_of_all_its_multiplicities() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, bumps) = run_dir(folder.path());
    assert!(bumps.len() >= 10, "{}", bumps.len());
    assert!(bumps.iter().any(|bump| bump.observed_in_all() > bump.observed), "one counts a part of them");
    assert!(bumps.iter().any(|bump| bump.observed_in_all() == bump.observed), "one counts all of them");
    let (_, out) = path_in(folder.path(), "bump.root");
    for bump in &bumps {
        let notes = notes_of(&["skim", &dir, "--rank", &bump.rank.to_string(), "--out", &out]);
        // A head that counts a part of the jets has its events of all of them.
        let jets = if bump.rows.len() > 1 { JetCount::Any } else { bump.category.jets };
        let name = format!("{} {}", bump.category.with_jets(jets), bump.mass);
        assert_eq!(events_in(&notes) as f64, bump.observed_in_all(), "{name}: {notes}");
        assert!(notes.contains(&name) && !notes.contains("warning"), "{notes}");
    }
    // The same by hand, and with a cut on top.
    let (bump, campaign) = (&bumps[0], path_in(folder.path(), "campaign.yaml").1);
    let found = origins(&out);
    let last = &bumps[bumps.len() - 1];
    let (low, high) = (last.low_gev.to_string(), last.high_gev.to_string());
    let category = if last.rows.len() > 1 { last.category.with_jets(JetCount::Any) } else { last.category.clone() };
    let (category, mass) = (category.to_string(), last.mass.to_string());
    let window = ["--category", &category, "--mass", &mass, "--low", &low, "--high", &high];
    let arguments = [["skim", &campaign, "--out", &out].as_slice(), &window].concat();
    notes_of(&arguments);
    assert_eq!(origins(&out), found);
    let notes = notes_of(&["skim", &dir, "--rank", "1", "--cut", "MET > 40", "--out", &out]);
    assert!(!notes.contains("warning") && (events_in(&notes) as f64) < bump.observed_in_all(), "{notes}");
    assert!(floats(column(&out, "met")).into_iter().all(|met| met > 40.0));
}

#[test]
fn a_category_has_as_many_events_as_the_book_says() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let (_, book) = path_in(folder.path(), "book");
    notes_of(&["fill", &campaign, "--out", &book]);
    let (_, out) = path_in(folder.path(), "category.root");
    let categories = rows(&stdout_of(&["export", &book, "--categories"]));
    for name in ["incl/2mu.os/Xj", "incl/2mu.os/1j", "dimuon/2mu.os/2j", "incl/1mu/Xj"] {
        let want = categories.iter().find(|row| row[0] == name).map(|row| row[1].as_str());
        let notes = notes_of(&["skim", &campaign, "--category", name, "--out", &out]);
        assert_eq!(want, Some(events_in(&notes).to_string().as_str()), "{name}");
    }
}

#[test]
fn no_event_is_an_empty_file_that_says_so() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let (_, out) = path_in(folder.path(), "none.root");
    let notes = notes_of(&["skim", &campaign, "--cut", "MET > 12000", "--out", &out]);
    assert_eq!(events_in(&notes), 0, "{notes}");
    assert!(origins(&out).is_empty());
}

#[test]
fn weights_are_those_of_the_campaign() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let inputs = "lumi_ifb: 2\ninputs: [{files: data-samples/tiny/diboson.root, mc: {cross_section_pb: 10}}]";
    let campaign = campaign_in(folder.path(), inputs);
    let (_, out) = path_in(folder.path(), "mc.root");
    let notes = notes_of(&["skim", &campaign, "--cut", "n(mu) >= 1", "--out", &out]);
    // 10 pb x 2 fb^-1 = 20 000 events in 2000 simulated ones of weight 1.
    assert_eq!(column(&out, "weight").values, Values::F64(vec![10.0; events_in(&notes)]));
}

#[test]
fn wrong_questions_are_errors_with_hints() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (dir, bumps) = run_dir(folder.path());
    let campaign = path_in(folder.path(), "campaign.yaml").1;
    let (out, text) = path_in(folder.path(), "out.root");
    let error = |arguments: &[&str], parts: &[&str]| {
        let arguments = [["skim", "--out", &text].as_slice(), arguments].concat();
        let message = error_of(&arguments);
        for part in parts {
            assert!(message.contains(part), "{arguments:?}: no `{part}` in\n{message}");
        }
        assert!(!out.exists(), "{arguments:?} wrote a file");
    };
    let (empty, no_run) = path_in(folder.path(), "empty");
    std::fs::create_dir(&empty).expect("the folder is writable");
    error(&[&campaign], &["no events chosen", "hint: give --rank"]);
    error(&[&dir, "--rank", "999"], &["no bump of rank 999", &format!("1 to {}", bumps.len())]);
    error(&[&campaign, "--rank", "1"], &["needs a run directory", "hint: `bumphound run"]);
    error(&[&no_run, "--rank", "1"], &["campaign.resolved.yaml does not exist", "hint:"]);
    error(&["no-such.yaml", "--cut", "MET > 5"], &["no-such.yaml"]);
    error(&[&dir, "--rank", "1", "--mass", "m(mu1,mu2)"], &["cannot be used with"]);
    error(&[&campaign, "--cut", "MET > 5", "--low", "5"], &["--mass"]);
    error(&[&campaign, "--cut", "n(muo) >= 2 and MET > 5"], &["--> --cut:1:3", "^^^", "nearest: `mu`"]);
    error(&[&campaign, "--cut", "MET > 200 and MET < 100"], &["--> --cut:1", "^"]);
    error(&[&campaign, "--cut", "HT < 20"], &["passes the preselection", "^"]);
    error(&[&campaign, "--category", "incl/2mu/1j"], &["`2mu`", "hint:"]);
    error(&[&campaign, "--category", "inc/2mu.os/1j"], &["no region `inc`", "`incl`, `dimuon`"]);
    error(&[&campaign, "--mass", "m(mu)"], &["`mu` in `m(mu)` must be numbered, mu1 to mu16"]);
    error(&[&campaign, "--mass", "m(mu1,mu2)", "--low", "9", "--high", "9"], &["between 9 and 9 GeV"]);
    error(&[&campaign, "--mass", "m(mu1,mu2)", "--low", "NaN"], &["GeV"]);
    let masses = ["--set", "masses.leave_out=[j]", "--mass", "m(mu1,j1)"];
    error(&[[campaign.as_str()].as_slice(), &masses].concat(), &["`masses.leave_out`"]);
    let report = Path::new(&dir).join("report.json");
    for (other, part) in [("{\"schema\": 1}", "schema 1"), ("{\"schema\": 2}", "report.json")] {
        std::fs::write(&report, other).expect("the folder is writable");
        error(&[&dir, "--rank", "1"], &["report.json", part]);
    }
    std::fs::remove_file(&report).expect("it was there");
    error(&[&dir, "--rank", "1"], &["report.json", "hint: `bumphound run"]);
}

#[test]
fn outputs_that_cannot_be_written_are_said_and_inputs_never_replaced() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (input, name) = path_in(folder.path(), "input.root");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tiny/diboson.root"), &input)
        .expect("the folder is writable");
    let campaign = campaign_in(folder.path(), &format!("inputs: [{{files: {name:?}, data: true}}]"));
    let before = std::fs::read(&input).expect("an input");
    let error = |out: &str| error_of(&["skim", &campaign, "--cut", "MET > 50", "--out", out]);
    assert!(error(&name).contains("is read by this command and would be replaced"));
    assert!(std::fs::read(&input).expect("an input") == before);
    assert!(error(&folder.path().to_string_lossy()).contains("is a folder"));
    assert!(error(&path_in(folder.path(), "nowhere/out.root").1).contains("nowhere"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|f| f.file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
}

#[test]
fn bad_files_stop_a_skim_or_are_skipped() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (path, bad) = path_in(folder.path(), "bad.root");
    std::fs::write(path, "no ROOT file").expect("the folder is writable");
    let mut inputs = String::from("inputs:\n");
    writeln!(inputs, "  - {{sample: bad, files: {bad:?}, data: true}}").expect("text takes all");
    writeln!(inputs, "  - {{files: data-samples/tiny/diphoton.root, data: true}}").expect("text takes all");
    let campaign = campaign_in(folder.path(), &inputs);
    let (_, out) = path_in(folder.path(), "out.root");
    let arguments = ["skim", &campaign, "--cut", "n(g) >= 2", "--out", &out];
    let error = error_of(&arguments);
    assert!(error.contains("bad.root") && error.contains("hint: `--on-bad-file skip`"), "{error}");
    let (code, notes) = code_and_notes(&[arguments.as_slice(), &["--on-bad-file", "skip"]].concat());
    assert_eq!(code, 1, "{notes}");
    assert!(notes.contains("warning: sample bad: ") && events_in(&notes) > 100, "{notes}");
    // Numbers of files do not shift where one is missing.
    assert!(origins(&out).iter().all(|(file, _)| *file == 1));
}

#[test]
fn uproot_reads_the_same_events() {
    let Some(python) = python_with_uproot() else { return };
    let folder = tempfile::tempdir().expect("temporary folder");
    let campaign = campaign_in(folder.path(), SMALL);
    let (path, out) = path_in(folder.path(), "skim.root");
    notes_of(&["skim", &campaign, "--out", &out, "--cut", "n(mu) >= 1"]);
    let script = "import sys, uproot, awkward as ak\n\
        a = uproot.open(sys.argv[1])['events'].arrays()\n\
        print(len(a), ak.sum(a.file), ak.sum(a.entry), ak.sum(ak.num(a.jet_pt)), ak.max(a.muon_pt))";
    let found = origins(&out);
    let (files, entries) = found.iter().fold((0, 0), |sum, (file, entry)| (sum.0 + file, sum.1 + entry));
    let hardest = floats(column(&out, "muon_pt")).into_iter().fold(0.0_f32, f32::max);
    let jets = floats(column(&out, "jet_pt")).len();
    assert_eq!(printed(python, script, &path), format!("{} {files} {entries} {jets} {hardest}", found.len()));
}
