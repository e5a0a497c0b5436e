//! Files that earlier programs wrote: today's code reads them and writes them again to the last byte.

mod support {
    pub mod golden;
    #[allow(dead_code, reason = "tests of the page use the rest")]
    pub mod sample_report;
}
use bumphound::report::{read_report_json, write_report_json};
use support::golden::{assert_golden, golden, updating};
use support::sample_report::sample_report;

#[test]
fn a_report_of_this_form_stays_readable() {
    let mut report = sample_report(2, 1);
    report.spectra.list.truncate(3);
    let mut now = Vec::new();
    write_report_json(&mut now, &report).expect("writable");
    assert_golden("frozen/report.json", &String::from_utf8(now).expect("text"));
    if updating() {
        return;
    }
    let file = std::fs::File::open(golden("frozen/report.json")).expect("the file");
    let read = read_report_json(file).expect("today's code reads it");
    let mut again = Vec::new();
    write_report_json(&mut again, &read).expect("writable");
    assert_golden("frozen/report.json", &String::from_utf8(again).expect("text"));
}
