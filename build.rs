//! Lets the binary find libtorch without LD_LIBRARY_PATH, and stamps the commit into it.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/logs/HEAD");
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string())
        .unwrap_or_else(|| "unknown".to_string());
    println!("cargo:rustc-env=BUMPHOUND_COMMIT={commit}");

    println!("cargo:rustc-env=BUMPHOUND_TORCH=PyTorch 2.11.0 (tch 0.24.0)");
    if std::env::var_os("CARGO_FEATURE_TORCH").is_some() && !cfg!(windows) {
        // target/release/bumphound -> ../../.libtorch/lib; tests and benches live one folder deeper.
        for origin in ["$ORIGIN/../../.libtorch/lib", "$ORIGIN/../../../.libtorch/lib"] {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}");
        }
        if let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
        }
    }
}
