//! Starts `bumphound-torch`, the program that holds the network, in place of this one.
//!
//! In: the arguments of this process. Out: never back if all goes well (the process becomes the other program); else one
//! sentence with a hint. Loading libtorch costs 0.3 s and 120 MB, which commands without the network do not pay.
//!
//! libtorch is looked for in this order, and must be of the version that the program was built for:
//! 1. `LIBTORCH`, an unpacked libtorch (its `lib` folder);
//! 2. `.libtorch` of a checkout, which `make` fills: `target/release/../../.libtorch`;
//! 3. the Python environment that the program is installed in: `bin/../lib/python3*/site-packages/torch`;
//! 4. the active Python's `torch`;
//! 5. where the system's loader looks by itself.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::terminal::Failure;
use crate::provenance::{COMMIT, VERSION};

/// The program that holds the network.
const PROGRAM: &str = "bumphound-torch";
/// The libtorch it is built for; the C++ interface holds within a minor version.
const LIBTORCH: &str = "2.11";
const LIBRARY: &str = if cfg!(target_os = "macos") { "libtorch_cpu.dylib" } else { "libtorch_cpu.so" };
const SEARCH_PATH: &str = if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
/// Tells the other program which build started it.
const STARTED_BY: &str = "BUMPHOUND_STARTED_BY";

/// Why the network cannot be had.
#[derive(Debug)]
pub enum Missing {
    /// The program is not installed.
    Program {
        /// Where it should be.
        beside: PathBuf,
    },
    /// `LIBTORCH` is set and holds none, or another version.
    Named {
        /// What it says.
        folder: PathBuf,
        /// Its version; None if there is no library.
        version: Option<String>,
    },
    /// None anywhere; versions that do not fit were found there.
    Libtorch {
        /// Folder and version.
        others: Vec<(PathBuf, String)>,
    },
    /// It is there and does not start.
    Start {
        /// The program.
        program: PathBuf,
        /// System's message.
        source: std::io::Error,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Program { beside } => write!(f, "{PROGRAM} is not installed beside {}", beside.display()),
            Missing::Named { folder, version: None } => {
                write!(f, "LIBTORCH={} holds no lib/{LIBRARY}", folder.display())
            }
            Missing::Named { folder, version: Some(version) } => {
                write!(f, "LIBTORCH={} is version {version}, {LIBTORCH} is needed", folder.display())
            }
            Missing::Libtorch { others } if others.is_empty() => write!(f, "no libtorch {LIBTORCH} was found"),
            Missing::Libtorch { others } => {
                write!(f, "no libtorch {LIBTORCH} was found")?;
                others.iter().try_for_each(|(folder, version)| write!(f, "; {} is {version}", folder.display()))
            }
            Missing::Start { program, source } => write!(f, "{} does not start: {source}", program.display()),
        }
    }
}

impl Missing {
    fn hint(&self) -> String {
        match self {
            Missing::Program { .. } => {
                format!("`cargo build --release` builds both; copy {PROGRAM} along with bumphound")
            }
            Missing::Named { .. } => {
                format!("unset LIBTORCH, or point it to an unpacked libtorch {LIBTORCH} (the folder above `lib`)")
            }
            Missing::Libtorch { .. } | Missing::Start { .. } => format!(
                "`pip install torch=={LIBTORCH}.0` in the active Python environment, `make libtorch` in a checkout, or set \
                 LIBTORCH; `bumphound doctor` says what is found. fill, check, inspect, export, skim and report do without"
            ),
        }
    }
}

/// Runs this command line in the program that holds the network. Comes back only if that cannot be started.
pub fn with_network(command: &str) -> Failure {
    let missing = hand_over();
    Failure::new(format!("`bumphound {command}` needs the network: {missing}\nhint: {}", missing.hint()))
}

/// Becomes the other program; comes back with the reason if there is none.
pub(super) fn hand_over() -> Missing {
    let found = find_program().and_then(|program| Ok((find_libtorch(&program)?, program)));
    let (libraries, program) = match found {
        Ok(found) => found,
        Err(missing) => return missing,
    };
    let mut command = Command::new(&program);
    command.args(env::args_os().skip(1)).env(STARTED_BY, build());
    if let Some(libraries) = libraries {
        command.env(SEARCH_PATH, search_path(&libraries, env::var_os(SEARCH_PATH)));
    }
    become_command(command, program)
}

#[cfg(unix)]
fn become_command(mut command: Command, program: PathBuf) -> Missing {
    use std::os::unix::process::CommandExt;
    let source = command.exec();
    Missing::Start { program, source }
}

#[cfg(not(unix))]
fn become_command(mut command: Command, program: PathBuf) -> Missing {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(source) => Missing::Start { program, source },
    }
}

fn build() -> String {
    format!("{VERSION} ({COMMIT})")
}

/// Was this program started by the other one? That has read the same arguments before.
pub(super) fn is_handed_over() -> bool {
    env::var_os(STARTED_BY).is_some()
}

/// An error if the program that started this one is of another build: arguments may mean something else there.
pub fn same_build() -> Result<(), Failure> {
    match env::var(STARTED_BY) {
        Ok(other) if other != build() => Err(Failure::new(format!(
            "bumphound is {other}, {PROGRAM} beside it is {}\nhint: install both from one build",
            build()
        ))),
        _ => Ok(()),
    }
}

/// Beside this program, else wherever the shell would find it.
fn find_program() -> Result<PathBuf, Missing> {
    let own = env::current_exe().and_then(|own| own.canonicalize()).unwrap_or_else(|_| PathBuf::from("bumphound"));
    let name = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    let beside = own.with_file_name(&name);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = std::iter::once(beside).chain(env::split_paths(&path).map(|folder| folder.join(&name)));
    places.find(|place| place.is_file()).ok_or(Missing::Program { beside: own })
}

/// Folder of the libraries; None: the system's loader finds them by itself.
fn find_libtorch(program: &Path) -> Result<Option<PathBuf>, Missing> {
    if let Some(folder) = env::var_os("LIBTORCH").filter(|folder| !folder.is_empty()).map(PathBuf::from) {
        let libraries = folder.join("lib");
        let version = libraries.join(LIBRARY).exists().then(|| version_of(&folder).unwrap_or_default());
        return match version {
            Some(version) if fits(&version) => Ok(Some(libraries)),
            version => Err(Missing::Named { folder, version }),
        };
    }
    let mut others = Vec::new();
    let here = program.parent().unwrap_or(Path::new("."));
    let checkout = here.join("../../.libtorch");
    let own_python = here.join("../lib/python3*/site-packages/torch");
    let own_python = glob::glob(&own_python.to_string_lossy()).into_iter().flatten().flatten();
    let places = std::iter::once(checkout).chain(own_python).map(Some).chain(std::iter::once_with(active_python));
    for folder in places.flatten() {
        let libraries = folder.join("lib");
        if libraries.join(LIBRARY).exists() {
            match version_of(&folder).unwrap_or_default() {
                version if fits(&version) => return Ok(Some(libraries)),
                version => others.push((folder, version)),
            }
        }
    }
    let known = env::var_os(SEARCH_PATH).unwrap_or_default();
    let by_loader = env::split_paths(&known).any(|folder| folder.join(LIBRARY).exists());
    if by_loader { Ok(None) } else { Err(Missing::Libtorch { others }) }
}

/// Folder of the active Python's torch, found without importing it.
fn active_python() -> Option<PathBuf> {
    let script =
        "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')";
    let output = Command::new("python3").args(["-c", script]).output().ok()?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_string();
    (output.status.success() && !folder.is_empty()).then(|| PathBuf::from(folder))
}

/// Version of a libtorch (`build-version`) or of a Python package (`version.py`); None if neither file is there.
fn version_of(folder: &Path) -> Option<String> {
    let plain = std::fs::read_to_string(folder.join("build-version")).ok();
    let python = || {
        let text = std::fs::read_to_string(folder.join("version.py")).ok()?;
        let line = text.lines().find(|line| line.starts_with("__version__"))?;
        line.split('\'').nth(1).map(str::to_string)
    };
    plain.map(|text| text.trim().to_string()).or_else(python)
}

/// A library of no known version is given a try.
fn fits(version: &str) -> bool {
    let rest = version.strip_prefix(LIBTORCH);
    version.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '+', 'a']))
}

fn search_path(libraries: &Path, known: Option<OsString>) -> OsString {
    let known = known.unwrap_or_default();
    let all =
        std::iter::once(libraries.to_path_buf()).chain(env::split_paths(&known).filter(|p| !p.as_os_str().is_empty()));
    env::join_paths(all).unwrap_or_else(|_| libraries.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_fit_within_a_minor_version() {
        for (version, fitting) in [
            ("2.11.0", true),
            ("2.11.0+cpu", true),
            ("2.11", true),
            ("", true),
            ("2.1.1", false),
            ("2.110.0", false),
            ("2.12.0", false),
        ] {
            assert_eq!(fits(version), fitting, "{version}");
        }
    }

    #[test]
    fn both_version_files_are_read() {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(version_of(folder.path()), None);
        std::fs::write(folder.path().join("version.py"), "__all__ = []\n__version__ = '2.11.0+cu130'\n")
            .expect("written");
        assert_eq!(version_of(folder.path()).as_deref(), Some("2.11.0+cu130"));
        std::fs::write(folder.path().join("build-version"), "2.12.1\n").expect("written");
        assert_eq!(version_of(folder.path()).as_deref(), Some("2.12.1"));
    }

    #[test]
    fn what_was_searched_before_is_searched_after() {
        let path = search_path(Path::new("/torch/lib"), Some("/a:/b".into()));
        assert_eq!(path, "/torch/lib:/a:/b");
        assert_eq!(search_path(Path::new("/torch/lib"), None), "/torch/lib");
    }
}
