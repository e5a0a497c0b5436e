//! The program without libtorch: what needs no network runs, what does says in one sentence what is missing.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of the program in an empty folder: no checkout around it, no Python, no libtorch.
fn installed(folder: &Path) -> PathBuf {
    let bin = folder.join("bin");
    fs::create_dir(&bin).expect("a folder");
    let program = bin.join("bumphound");
    fs::copy(env!("CARGO_BIN_EXE_bumphound"), &program).expect("copied");
    program
}

/// Stands in for `bumphound-torch`: says what it was given.
fn stand_in(program: &Path) {
    let path = program.with_file_name("bumphound-torch");
    fs::write(&path, "#!/bin/sh\necho \"$LD_LIBRARY_PATH$DYLD_LIBRARY_PATH|$BUMPHOUND_STARTED_BY|$*\"\nexit 1\n")
        .expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
}

fn run(program: &Path, arguments: &[&str], libtorch: Option<&Path>) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    command.envs(libtorch.map(|folder| ("LIBTORCH", folder)));
    command.output().expect("it starts")
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_and_check_need_no_libtorch() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let program = installed(folder.path());
    for arguments in [&["--help"][..], &["run", "--help"], &["schema"], &["doctor"]] {
        let output = run(&program, arguments, None);
        assert!(output.status.success() && !output.stdout.is_empty(), "{arguments:?}: {output:?}");
    }
    let doctor = String::from_utf8_lossy(&run(&program, &["doctor"], None).stdout).into_owned();
    assert!(doctor.contains("libtorch     none: "), "{doctor}");
}

#[test]
fn what_is_missing_is_one_sentence_with_a_hint() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let program = installed(folder.path());
    let scan = ["scan", "x.json", "--out", "z.csv"];
    let no_program = error(&run(&program, &scan, None));
    assert!(
        no_program.contains("`bumphound scan` needs the network: bumphound-torch is not installed"),
        "{no_program}"
    );
    stand_in(&program);
    let no_library = error(&run(&program, &scan, None));
    assert!(no_library.contains("no libtorch 2.11 was found\nhint: `pip install torch==2.11.0`"), "{no_library}");
    assert_eq!(no_library.lines().count(), 2, "{no_library}");
    let wrong = error(&run(&program, &scan, Some(folder.path())));
    assert!(wrong.contains("holds no lib/libtorch_cpu") && wrong.contains("hint: unset LIBTORCH"), "{wrong}");
}

#[test]
fn arguments_libraries_and_exit_code_are_handed_over() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let program = installed(folder.path());
    stand_in(&program);
    let torch = folder.path().join("lib/python3.12/site-packages/torch");
    fs::create_dir_all(torch.join("lib")).expect("folders");
    for name in ["libtorch_cpu.so", "libtorch_cpu.dylib"] {
        fs::write(torch.join("lib").join(name), "").expect("written");
    }
    fs::write(torch.join("version.py"), "__version__ = '2.10.0'\n").expect("written");
    let older = error(&run(&program, &["evaluate"], None));
    assert!(older.contains("torch is 2.10.0"), "{older}");
    fs::write(torch.join("version.py"), "__version__ = '2.11.0+cpu'\n").expect("written");
    let output = run(&program, &["scan", "a b.json", "--out", "z.csv"], None);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let [libraries, started_by, arguments] = said.trim().split('|').collect::<Vec<_>>()[..] else {
        unreachable!("{said}")
    };
    assert!(Path::new(libraries).ends_with("torch/lib"), "{said}");
    assert!(started_by.starts_with(env!("CARGO_PKG_VERSION")), "{said}");
    assert_eq!(arguments, "scan a b.json --out z.csv");
}
