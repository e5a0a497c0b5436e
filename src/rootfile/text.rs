//! Branches of strings: `char*` leaves, `std::string`, `TString`.
//!
//! In: a branch that [`Branch::is_text`](super::Branch::is_text) and a range of its entries. Out: one string per entry.

use std::ops::Range;

use super::basket::{Payload, Starts};
use super::bytes::Bytes;
use super::error::Damage;

/// Appends the strings of some entries of a basket; `header` bytes stand in front of each.
pub(crate) fn append_text(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    header: usize,
    texts: &mut Vec<String>,
) -> Result<(), Damage> {
    let border = payload.values.len();
    let mut bytes = Bytes::new(payload.values);
    for entry in 0..entries.end {
        let known = payload.starts != Starts::Unknown;
        if known && entry < entries.start {
            continue;
        }
        if known {
            let start_of =
                |entry: usize| if entry < held { payload.starts.get(entry).unwrap_or(usize::MAX) } else { border };
            let (start, end) = (start_of(entry), start_of(entry + 1));
            if start > end || end > border {
                let expected = format!("the next starts at {end} and the values end at {border}");
                return Err(Damage::implausible("start of an entry", start, expected));
            }
            bytes.set_limit(end);
            bytes.jump(start)?;
        }
        bytes.take(header)?;
        let text = bytes.string()?;
        if known && bytes.left() != 0 {
            let expected = format!("{} bytes of its entry are left over", bytes.left());
            return Err(Damage::implausible("length of a string", text.len(), expected));
        }
        if entry >= entries.start {
            texts.push(text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_with_and_without_offsets() {
        let values = [2, b'e', b'e', 0, 1, b'g'];
        let mut texts = Vec::new();
        let payload = Payload { values: &values, starts: Starts::Known(&[0, 3, 4]) };
        append_text(&payload, 3, 1..3, 0, &mut texts).expect("well formed");
        assert_eq!(texts, ["", "g"]);
        texts.clear();
        append_text(&Payload { values: &values, starts: Starts::Unknown }, 3, 0..3, 0, &mut texts)
            .expect("well formed");
        assert_eq!(texts, ["ee", "", "g"]);
        let cut = Payload { values: &values, starts: Starts::Known(&[0, 2, 4]) };
        assert!(append_text(&cut, 3, 0..3, 0, &mut texts).is_err());
    }
}
