//! Lets the program find the libtorch of a checkout without LD_LIBRARY_PATH. No path of the building machine goes in:
//! installed, `bumphound` finds libtorch and says where it is.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=BUMPHOUND_TORCH=PyTorch 2.11.0 (tch 0.24.0)");
    if !cfg!(windows) {
        // target/release/bumphound-torch -> ../../.libtorch/lib; tests and benches live one folder deeper.
        for origin in ["$ORIGIN/../../.libtorch/lib", "$ORIGIN/../../../.libtorch/lib"] {
            println!("cargo:rustc-link-arg=-Wl,-rpath,{origin}");
        }
    }
}
