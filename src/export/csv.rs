//! A book as CSV, for scripts and spreadsheets.
//!
//! In: a book. Out: text on any writer. Categories: `category,entries,sum_w`. Spectra:
//! `category,mass,low_edge,high_edge,entries,sum_w,sum_w2`, one line per bin, edges in GeV; filled flow bins with `-inf`
//! and `inf` as the open edge. Numbers are written so that they read back as the same float64; mass labels stand in
//! quotes because they hold commas.

use std::io::{self, Write};

use rustc_hash::FxHashMap;

use crate::histograms::Content;
use crate::histograms::book::Book;

/// Writes one line per category.
pub fn categories_csv(book: &Book, to: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(["category", "entries", "sum_w"]).map_err(io_error)?;
    for (category, total) in book.categories() {
        let row = [category.to_string(), total.entries.to_string(), total.sum_w().to_string()];
        csv.write_record(row).map_err(io_error)?;
    }
    csv.flush()
}

/// Writes one line per bin of every spectrum, empty ones too: whoever fits them must know of them.
pub fn spectra_csv(book: &Book, to: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(["category", "mass", "low_edge", "high_edge", "entries", "sum_w", "sum_w2"]).map_err(io_error)?;
    for spectrum in book.spectra() {
        let (category, mass) = (spectrum.category().to_string(), spectrum.mass().to_string());
        let edges = spectrum.edges();
        let filled: FxHashMap<usize, Content> = spectrum.filled().collect();
        for bin in 0..=spectrum.bins() + 1 {
            let content = filled.get(&bin).copied().unwrap_or_default();
            if (bin == 0 || bin > spectrum.bins()) && content.entries == 0 {
                continue;
            }
            let low = bin.checked_sub(1).and_then(|i| edges.get(i)).copied().unwrap_or(f64::NEG_INFINITY);
            let high = edges.get(bin).copied().unwrap_or(f64::INFINITY);
            let [low, high, sum_w, sum_w2] = [low, high, content.sum_w(), content.sum_w2()].map(|x| x.to_string());
            csv.write_record([&category, &mass, &low, &high, &content.entries.to_string(), &sum_w, &sum_w2])
                .map_err(io_error)?;
        }
    }
    csv.flush()
}

/// The writer's own error: a closed pipe must stay one, so that the caller can tell.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::histograms::{Bins, Page};

    #[test]
    fn flow_bins_have_open_edges_and_labels_stand_in_quotes() {
        let mut page = Page::new("incl/2mu.os/1j".parse().unwrap(), Content::unit(4));
        let content = |n| Content::unit(n);
        page.push("m(mu1,mu2)".parse().unwrap(), Bins::all_of(0), [(0, content(1)), (2, content(2)), (4, content(1))]);
        let edges: Arc<[f64]> = Arc::from([10.0, 10.5, 11.25, 12.0]);
        let book = Book::new(String::new(), vec![edges], vec![page]).unwrap();
        let mut text = Vec::new();
        spectra_csv(&book, &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "category,mass,low_edge,high_edge,entries,sum_w,sum_w2\n\
             incl/2mu.os/1j,\"m(mu1,mu2)\",-inf,10,1,1,1\n\
             incl/2mu.os/1j,\"m(mu1,mu2)\",10,10.5,0,0,0\n\
             incl/2mu.os/1j,\"m(mu1,mu2)\",10.5,11.25,2,2,2\n\
             incl/2mu.os/1j,\"m(mu1,mu2)\",11.25,12,0,0,0\n\
             incl/2mu.os/1j,\"m(mu1,mu2)\",12,inf,1,1,1\n"
        );
        let mut text = Vec::new();
        categories_csv(&book, &mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "category,entries,sum_w\nincl/2mu.os/1j,4,4\n");
    }
}
