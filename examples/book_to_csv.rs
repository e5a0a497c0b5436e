//! From the book of a finished run to a table of your own: `cargo run --release --example book_to_csv -- out/quickstart`.
//!
//! In: a run directory. Out: one line per spectrum on stdout: category, mass, events, range of its filled bins in GeV.

use std::path::Path;

use bumphound::histograms::Book;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("give a run directory, such as out/quickstart")?;
    let book = Book::read(&Path::new(&dir).join("book.bumphound"))?;
    println!("category,mass,events,from_gev,to_gev");
    for spectrum in book.spectra() {
        let edges = spectrum.edges();
        // Bin 0 lies below the first edge, the last one above the last edge.
        let filled: Vec<usize> =
            spectrum.filled().map(|(bin, _)| bin).filter(|bin| (1..edges.len()).contains(bin)).collect();
        let (Some(&first), Some(&last)) = (filled.first(), filled.last()) else { continue };
        let events = spectrum.total().entries;
        println!("{},\"{}\",{events},{},{}", spectrum.category(), spectrum.mass(), edges[first - 1], edges[last]);
    }
    Ok(())
}
