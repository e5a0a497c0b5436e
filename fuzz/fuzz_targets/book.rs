//! Any bytes are a book or an error; the checksum is put right, so that what lies behind it is reached. See ../README.md.

#![no_main]

use bumphound::export::csv::{categories_csv, spectra_csv};
use bumphound::histograms::Book;
use bumphound::stacks;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.to_vec();
    bytes.extend_from_slice(&Sha256::digest(data));
    let Ok(book) = Book::from_bytes(&bytes) else { return };
    assert_eq!(Book::from_bytes(&book.to_bytes()).as_ref(), Ok(&book));
    let (mut categories, mut spectra) = (Vec::new(), Vec::new());
    categories_csv(&book, &mut categories).expect("memory");
    if book.len() < 50 {
        spectra_csv(&book, &mut spectra).expect("memory");
        let _ = stacks::stacks(&book);
    }
    let _ = book.merge(&book);
});
