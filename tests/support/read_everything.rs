//! Reads all that there is in the bytes of a ROOT file, as the fuzz target and the hostile tests do.

use bumphound::rootfile::{Column, RootError, RootFile, Scratch};

/// Opens, lists, decodes and reads everything. Errors are fine, the first one of the file as a whole is returned;
/// panics, endless loops and memory without bound are not. Returns how many columns could be read.
pub fn read_everything(bytes: Vec<u8>) -> Result<usize, RootError> {
    let file = RootFile::from_bytes("fuzzed.root", bytes)?;
    let (mut scratch, mut column, mut columns) = (Scratch::default(), Column::default(), 0);
    // A file of a thousand names for the same object would only be slow.
    for key in file.keys()?.into_iter().take(20) {
        let name = format!("{};{}", key.path, key.cycle);
        if let Ok(ntuple) = file.rntuple(&name) {
            for field in ntuple.fields().iter().take(300) {
                // What it claims may be more than it has: a look at both ends.
                for range in [0..ntuple.entries().min(1000), ntuple.entries().saturating_sub(7)..ntuple.entries()] {
                    columns += usize::from(ntuple.read(field, range, &mut scratch, &mut column).is_ok());
                }
            }
            continue;
        }
        let Ok(tree) = file.tree(&name) else {
            let _ = file.object(&name);
            continue;
        };
        for branch in tree.branches().iter().take(300) {
            let whole = tree.read(branch, 0..branch.entries, &mut scratch, &mut column);
            columns += usize::from(whole.is_ok());
            let _ = tree.read(branch, 3..tree.entries().max(3), &mut scratch, &mut column);
            if branch.is_text() {
                let _ = tree.read_text(branch, 0..branch.entries, &mut scratch);
            }
        }
    }
    Ok(columns)
}
