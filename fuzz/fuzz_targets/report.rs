//! Any bytes are a report.json or an error; what is read makes a page and a table. See ../README.md.

#![no_main]

use bumphound::report::{PageOptions, read_report_json, summary_text, write_html};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(report) = read_report_json(data) else { return };
    let mut page = Vec::new();
    let _ = write_html(&mut page, &report, &PageOptions { rows: 20, ..PageOptions::default() });
    let _ = summary_text(&report, 10);
});
