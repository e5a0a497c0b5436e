//! The rules of the house, read from the sources as text.
//!
//! In: every `.rs` file of the project. Out: nothing, or `file:line` of each broken rule and what to do instead. Comments
//! and test modules are told from code by the form that rustfmt gives them. Each rule is shown to fail on a made-up line.

use std::path::{Path, PathBuf};

/// Floors of `src/` from the ground up: a room imports only rooms that are named before it.
const FLOORS: &[&str] = &[
    "digits whole_file file_kind nearest part_file seeds provenance progress run_files",
    "particles drawing rootfile significance",
    "cuts binning ntuples",
    "categories objects masses histograms toys",
    "shape_average scan stacks",
    "ranking",
    "campaign",
    "fill skim export report",
    "cli",
];
/// Floors of `torch/src/`, likewise; all of them stand on the crate `bumphound`.
const TORCH_FLOORS: &[&str] = &["znet", "evaluation", "published", "training", "cli"];
/// Names of branches that stand for many: none belongs outside of the layouts.
const BRANCHES: &[&str] = &[
    "Electron.PT",
    "Electron_pt",
    "Muon.PT",
    "Muon_pt",
    "Jet.PT",
    "Jet_pt",
    "Jet.BTag",
    "FatJet",
    "MissingET",
    "MET_pt",
];
/// Where branch names are at home.
const LAYOUTS: &str = "src/ntuples/layouts/";
/// The command line of both programs: the clock, arguments and environment end here.
const COMMAND_LINE: &[&str] = &["src/cli/", "torch/src/cli/"];

/// Where streams are made: by name, and the first weights, which libtorch draws itself from the seed of the plan.
const STREAMS: &[&str] = &["src/seeds.rs", "torch/src/training/fit.rs"];

/// A file, line by line: code without comments and test modules, comments without their slashes.
struct Source {
    path: String,
    lines: Vec<Line>,
}

struct Line {
    code: String,
    comment: String,
}

/// A broken rule: line number and what to do.
type Broken = (usize, String);

struct Rule {
    name: &'static str,
    check: fn(&Source) -> Vec<Broken>,
    /// A path and a line that break it.
    example: (&'static str, &'static str),
}

const RULES: &[Rule] = &[
    Rule { name: "arrows point down", check: arrows, example: ("src/binning/edges.rs", "use crate::fill::Progress;") },
    Rule { name: "libtorch stays in torch/", check: libtorch, example: ("src/scan/mod.rs", "use tch::Tensor;") },
    Rule { name: "one place prints", check: printing, example: ("src/fill/mod.rs", "    println!(\"{n}\");") },
    Rule { name: "no clock below the command line", check: clock, example: ("src/fill/mod.rs", "std::env::args();") },
    Rule { name: "branches live in layouts", check: branches, example: ("src/fill/mod.rs", "open(\"Jet.BTag\");") },
    Rule {
        name: "sections exist",
        check: sections,
        example: ("src/fill/mod.rs", "// see docs/physics.md section 99."),
    },
    Rule { name: "files say what they are", check: headers, example: ("src/fill/mod.rs", "use std::fs;") },
    Rule { name: "streams come from seeds", check: streams, example: ("src/fill/mod.rs", "Rng::seed_from_u64(1);") },
    Rule { name: "any glibc", check: hypot, example: ("src/fill/mod.rs", "let pt = px.hypot(py);") },
];

#[test]
fn the_house_is_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    let sources = sources(root);
    assert!(sources.len() > 200, "only {} files found", sources.len());
    for source in &sources {
        for rule in RULES {
            let found = (rule.check)(source);
            broken.extend(found.iter().map(|(line, what)| format!("{}:{line}: {}: {what}", source.path, rule.name)));
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_rule_can_be_broken() {
    for rule in RULES {
        let (path, line) = rule.example;
        let text = if line.starts_with("use std") { line.to_string() } else { format!("//! A file.\n{line}\n") };
        let lines: Vec<usize> = (rule.check)(&Source::new(path, &text)).iter().map(|broken| broken.0).collect();
        assert_eq!(lines, [text.lines().count()], "{}: {line}", rule.name);
        let tested = format!("//! A file.\n#[cfg(test)]\nmod tests {{\n    {}\n}}\n", line.replace("//", ""));
        assert!((rule.check)(&Source::new(path, &tested)).is_empty(), "{}: tests are free", rule.name);
    }
}

#[test]
fn roundabout_ways_up_are_seen() {
    let broken = |path, text| !arrows(&Source::new(path, text)).is_empty();
    assert!(broken("src/binning/edges.rs", "use crate::{\n    particles::Kind,\n    fill::{Progress, particles},\n};"));
    assert!(broken("src/binning/mod.rs", "use super::fill;"));
    assert!(broken("src/binning/edges.rs", "use super::super::fill;"));
    assert!(broken("torch/src/znet/model.rs", "let row = crate::training::card();"));
    assert!(broken("src/attic/mod.rs", "use crate::digits;"), "a room without a floor");
    assert!(!broken("src/binning/edges.rs", "use super::trim;\nuse crate::{binning::trim, particles::{Kind, fill}};"));
    assert!(!broken("src/fill/mod.rs", "// crate::cli prints\nlet url = \"crate//x\";"));
}

#[test]
fn every_cited_section_is_looked_up() {
    assert_eq!(cited(" section 6.2: z"), ["6.2"]);
    assert_eq!(cited(" sections 1, 2.1 and 4). In 5, 6"), ["1", "2.1", "4"]);
    assert_eq!(cited(" section 9 (30, 60, 100 bins)"), ["9"]);
    assert_eq!(cited("` alone, 7"), [""; 0]);
}

fn arrows(source: &Source) -> Vec<Broken> {
    let (floors, inside) = match source.path.strip_prefix("torch/src/") {
        Some(inside) => (TORCH_FLOORS, inside),
        None => match source.path.strip_prefix("src/") {
            Some(inside) => (FLOORS, inside),
            None => return Vec::new(),
        },
    };
    if ["lib.rs", "main.rs"].contains(&inside) {
        return Vec::new();
    }
    let room = inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs");
    let rooms: Vec<&str> = floors.iter().flat_map(|floor| floor.split(' ')).collect();
    let Some(own) = rooms.iter().position(|other| *other == room) else {
        return vec![(1, format!("give `{room}` its floor in tests/house.rs"))];
    };
    let up = |name: &str| rooms.iter().position(|other| *other == name).is_some_and(|other| other > own);
    let depth = inside.split('/').count() - usize::from(inside.ends_with("/mod.rs"));
    let code = source.code();
    let roots = ["crate::".to_string(), "super::".repeat(depth)];
    let mut broken = Vec::new();
    for (at, root) in roots.iter().flat_map(|root| code.match_indices(root.as_str())) {
        let line = code[..at].matches('\n').count() + 1;
        for name in first_names(&code[at + root.len()..]).into_iter().filter(|name| up(name)) {
            broken.push((line, format!("`{room}` stands below `{name}`: pass in what it needs, or move that down")));
        }
    }
    broken
}

/// First names of the paths behind `crate::`: of `a::b` and of `{a::b, c}`.
fn first_names(after: &str) -> Vec<&str> {
    let word = |text: &'_ str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let Some(group) = after.strip_prefix('{') else { return vec![&after[..word(after)]] };
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && !c.is_whitespace() => {
                names.push(&group[at..at + word(&group[at..])]);
                fresh = false;
            }
            _ => {}
        }
    }
    names
}

fn libtorch(source: &Source) -> Vec<Broken> {
    let words = ["tch::", "torch_sys", "bumphound_torch"];
    if source.path.starts_with("torch/") || source.path == "tests/house.rs" {
        return Vec::new();
    }
    source.with_any(&words, "what needs libtorch belongs in torch/, the crate bumphound-torch")
}

fn printing(source: &Source) -> Vec<Broken> {
    let words = ["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout()", "stderr()"];
    if !source.is_program() || source.path == "src/cli/terminal.rs" {
        return Vec::new();
    }
    source.with_any(&words, "hand the text to src/cli/terminal.rs, or give it back")
}

fn clock(source: &Source) -> Vec<Broken> {
    let words = ["SystemTime", "Instant", "std::env", "env::"];
    if !source.is_program() || COMMAND_LINE.iter().any(|folder| source.path.starts_with(folder)) {
        return Vec::new();
    }
    source.with_any(&words, "read it in the command line and pass it in")
}

fn branches(source: &Source) -> Vec<Broken> {
    if !source.is_program() || source.path.starts_with(LAYOUTS) {
        return Vec::new();
    }
    source.with_any(BRANCHES, &format!("names of branches belong in {LAYOUTS}"))
}

fn streams(source: &Source) -> Vec<Broken> {
    let words = ["SeedableRng", "from_seed", "seed_from_u64", "from_rng", "rand::rng()", "manual_seed"];
    if !source.is_program() || STREAMS.contains(&source.path.as_str()) {
        return Vec::new();
    }
    source.with_any(&words, "take the stream from src/seeds.rs, by its name")
}

fn hypot(source: &Source) -> Vec<Broken> {
    if !source.is_program() {
        return Vec::new();
    }
    source.with_any(
        &[".hypot(", ".asinh(", ".acosh("],
        "write (x * x + y * y).sqrt(), particles::pseudorapidity: hypot, which they call, would ask for glibc 2.35",
    )
}

fn headers(source: &Source) -> Vec<Broken> {
    let first = source.lines.iter().find(|line| !line.code.is_empty() || !line.comment.is_empty());
    let said = first.is_none_or(|line| line.comment.starts_with('!'));
    if said { Vec::new() } else { vec![(1, "start with `//!`: what comes in, what goes out, units, source".into())] }
}

fn sections(source: &Source) -> Vec<Broken> {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/physics.md")).expect("readable");
    let heading =
        |line: &str| Some(line.strip_prefix('#')?.trim_start_matches('#').split_whitespace().next()?.to_string());
    let headings: Vec<String> =
        text.lines().filter_map(heading).map(|number| number.trim_end_matches('.').to_string()).collect();
    let mut broken = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        // A sentence may go on in the next line.
        let next = source.lines.get(index + 1).map_or("", |next| next.comment.trim_start_matches(['!', '/']).trim());
        let both = format!("{} {next}", line.comment);
        for (at, _) in line.comment.match_indices("physics.md") {
            for number in cited(both[at..].trim_start_matches("physics.md")) {
                if !headings.contains(&number) {
                    broken.push((index + 1, format!("docs/physics.md has no section {number}")));
                }
            }
        }
    }
    broken
}

/// The numbers in ` section 6.2: ...` and ` sections 1, 2.1 and 4`.
fn cited(after: &str) -> Vec<String> {
    let Some(list) = after.trim_start_matches(['`', ',', ' ']).strip_prefix("section") else { return Vec::new() };
    let list = list.trim_start_matches('s').replace(" and ", ", ");
    let number = |part: &str| -> String { part.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect() };
    let mut numbers = Vec::new();
    for part in list.split(", ").map(str::trim_start) {
        let number = number(part);
        if number.starts_with(|c: char| c.is_ascii_digit()) {
            numbers.push(number.trim_end_matches('.').to_string());
        }
        // The list ends where something else than the next number follows.
        if number.len() < part.trim_end().len() || number.is_empty() {
            break;
        }
    }
    numbers
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        let mut lines = Vec::new();
        let mut tests = Skip::No;
        for line in text.lines() {
            let (code, comment) = halves(line);
            let skipped = tests.step(code);
            lines.push(Line { code: if skipped { "" } else { code }.to_string(), comment: comment.to_string() });
        }
        Source { path: path.to_string(), lines }
    }

    /// Part of one of the programs, no test, benchmark or build script.
    fn is_program(&self) -> bool {
        self.path.starts_with("src/") || self.path.starts_with("torch/src/")
    }

    fn code(&self) -> String {
        self.lines.iter().map(|line| format!("{}\n", line.code)).collect()
    }

    /// Lines of code that hold one of these words, not as the end of a longer one.
    fn with_any(&self, words: &[&str], what: &str) -> Vec<Broken> {
        let whole = |code: &str, at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let holds = |code: &str| {
            words.iter().any(|word| code.match_indices(word).any(|(at, _)| word.starts_with('.') || whole(code, at)))
        };
        let lines = self.lines.iter().enumerate();
        lines.filter(|(_, line)| holds(&line.code)).map(|(index, _)| (index + 1, what.to_string())).collect()
    }
}

/// Code and comment of a line; slashes in a string of one line are code.
fn halves(line: &str) -> (&str, &str) {
    let quotes = |code: &str| code.replace("'\"'", "").replace("\\\"", "").matches('"').count();
    let comment = line.match_indices("//").find(|(at, _)| quotes(&line[..*at]) % 2 == 0);
    comment.map_or((line.trim_end(), ""), |(at, _)| (line[..at].trim_end(), &line[at + 2..]))
}

/// Where we are in an item behind `#[cfg(test)]`.
enum Skip {
    No,
    Head(String),
    Body(String),
}

impl Skip {
    /// Is this line part of a test?
    fn step(&mut self, code: &str) -> bool {
        let indent = || " ".repeat(code.len() - code.trim_start().len());
        *self = match std::mem::replace(self, Skip::No) {
            Skip::No if code.trim() == "#[cfg(test)]" => Skip::Head(indent()),
            Skip::No => return false,
            Skip::Head(indent) if code.trim().starts_with("#[") => Skip::Head(indent),
            Skip::Head(_) if code.ends_with(';') || code.ends_with('}') => return true,
            Skip::Body(indent) if code == format!("{indent}}}") => return true,
            Skip::Head(indent) | Skip::Body(indent) => Skip::Body(indent),
        };
        true
    }
}

/// All sources but those that are tests by their name, sorted.
fn sources(root: &Path) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = vec![root.join("build.rs"), root.join("torch/build.rs")];
    let mut folders: Vec<PathBuf> =
        ["src", "tests", "benches", "examples", "torch/src", "torch/tests", "torch/benches"]
            .map(|folder| root.join(folder))
            .to_vec();
    folders.push(root.join("fuzz/fuzz_targets"));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    // Tests beside the code, in a file or a folder of that name.
    let of_tests = |path: &PathBuf| {
        let in_src = path.strip_prefix(root).is_ok_and(|path| path.components().any(|part| part.as_os_str() == "src"));
        let is_tests = |part: std::path::Component| {
            ["tests", "tests.rs", "hostile.rs"].iter().any(|name| part.as_os_str() == *name)
        };
        in_src && path.strip_prefix(root).is_ok_and(|path| path.components().any(is_tests))
    };
    paths
        .iter()
        .filter(|path| !of_tests(path))
        .map(|path| {
            let text =
                std::fs::read_to_string(path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()));
            Source::new(&path.strip_prefix(root).expect("inside").to_string_lossy(), &text)
        })
        .collect()
}
