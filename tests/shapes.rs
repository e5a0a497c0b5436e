//! `bumphound shapes`: fitted shapes of simulated spectra.

mod support {
    pub mod program;
}

use bumphound::toys::simulation::Half;
use support::program::{error_of, notes_of, path_in};

#[test]
fn spectra_of_a_filled_campaign_become_shapes_of_two_halves() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let ((_, book), (_, table)) = (path_in(folder.path(), "book"), path_in(folder.path(), "shapes.csv"));
    notes_of(&["fill", "selections/quickstart-null.yaml", "--out", &book, "--threads", "1"]);
    notes_of(&["shapes", &book, "--out", &table, "--most", "50"]);
    let text = std::fs::read_to_string(&table).expect("it was written");
    let shapes = bumphound::toys::simulation::parse(&text).expect("it can be read");
    assert_eq!(shapes.len(), 50);
    for half in [Half::Seen, Half::Unseen] {
        assert!(shapes.iter().any(|shape| shape.half == half), "{half:?}");
    }
    assert!(shapes.iter().all(|shape| shape.half == Half::of_group(&shape.group())));
    // The largest spectra come first, and all jet multiplicities of one mass and objects are in one half.
    assert!(shapes.windows(2).all(|pair| pair[0].entries >= pair[1].entries));
    assert!(shapes.iter().all(|shape| shape.chance >= 0.05 && shape.b < 0.0), "{shapes:?}");
}

#[test]
fn a_folder_that_is_no_run_is_named() {
    let error = error_of(&["shapes", "no/such/run", "--out", "x.csv"]);
    assert!(error.contains("no/such/run"), "{error}");
}
