//! Files that earlier programs wrote: today's code reads them and writes them again to the last byte.

mod support {
    pub mod golden;
    #[allow(dead_code, reason = "tests of the page use the rest")]
    pub mod sample_report;
}
use std::sync::Arc;

use bumphound::histograms::{Bins, Book, Content, Page};
use bumphound::report::{read_report_json, write_report_json};
use support::golden::{assert_golden, golden, updating};
use support::sample_report::sample_report;

#[test]
fn a_report_of_this_form_stays_readable() {
    let mut report = sample_report(2, 1);
    report.spectra.list.truncate(3);
    report.stacks.list.truncate(3);
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

/// A small weighted book with flow bins, a transverse mass and a spectrum that starts late.
fn small_book() -> Book {
    let edges = |from: f64| -> Arc<[f64]> { (0..=40).map(|bin| from * 1.05_f64.powi(bin)).collect() };
    let content = |n: u64| {
        let mut content = Content::unit(n);
        content.add(Content::of(0.25));
        content
    };
    let page = |category: &str, scale: u64| {
        let mut page = Page::new(category.parse().expect("a category"), content(10 * scale));
        for (mass, bins) in [
            ("m(mu1,mu2)", Bins { edges: 0, first_usable: 7 }),
            ("m(mu1,mu2,j1)", Bins::all_of(1)),
            ("mT(mu1,met)", Bins::all_of(1)),
        ] {
            let filled = (0..42).step_by(3).map(|bin| (bin as u16, content(scale + bin)));
            page.push(mass.parse().expect("a label"), bins, filled);
        }
        page
    };
    let pages = vec![page("incl/2mu.os/1j", 5), page("incl/2mu.os/Xj", 8), page("met200/2mu.os/1j", 2)];
    Book::new("{\"made\":\"by hand\"}".into(), vec![edges(10.0), edges(20.0)], pages).expect("a book")
}

#[test]
fn a_book_of_this_format_stays_readable() {
    let path = golden("frozen/book.bumphound");
    let book = small_book();
    if updating() {
        book.write(&path).expect("writable");
    }
    let read = Book::read(&path).expect("today's code reads it");
    assert!(read == book, "the book on disk holds what it held when it was written");
    assert!(std::fs::read(&path).expect("it is there") == book.to_bytes(), "today's code writes other bytes");
}
