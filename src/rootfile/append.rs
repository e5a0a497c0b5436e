//! From the bytes of a basket to the end of a column.
//!
//! In: a [`Payload`] and which of its entries are wanted. Out: numbers and offsets appended to a [`Column`]. Sizes,
//! offsets and counts are checked against the payload before they are used.

use std::ops::Range;

use super::basket::Payload;
use super::column::{Column, Values};
use super::error::Damage;
use super::packed::Stored;

/// Entries of the same size; one leaf of several if the branch has more.
pub(crate) fn append_fixed(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    (stride, offset): (usize, usize),
    stored: Stored,
    column: &mut Column,
) -> Result<(), Damage> {
    let wanted = held.checked_mul(stride);
    if wanted != Some(payload.values.len()) {
        let expected = format!("{held} entries of {stride} bytes need another");
        return Err(Damage::implausible("number of value bytes", payload.values.len(), expected));
    }
    let bytes = payload.values.get(entries.start * stride..entries.end * stride).unwrap_or_default();
    let size = object_bytes(column, stored);
    if size == stride {
        stored.append(&mut column.values, bytes);
    } else if stride > 0 {
        for entry in bytes.chunks_exact(stride) {
            stored.append(&mut column.values, entry.get(offset..offset.saturating_add(size)).unwrap_or_default());
        }
    }
    Ok(())
}

/// Counts come from the offsets, which must not run backwards nor cut a number in two.
pub(crate) fn append_jagged(
    payload: &Payload,
    held: usize,
    entries: Range<usize>,
    header: usize,
    stored: Stored,
    column: &mut Column,
) -> Result<(), Damage> {
    let object = object_bytes(column, stored).max(1);
    let shift = object.is_power_of_two().then(|| object.trailing_zeros());
    let border = payload.values.len();
    let start_of = |entry: usize| if entry < held { payload.starts.get(entry).unwrap_or(usize::MAX) } else { border };
    let first = start_of(entries.start);
    let mut start = first;
    let mut total = column.offsets.last().copied().unwrap_or(0);
    column.offsets.reserve(entries.len());
    for entry in entries {
        let end = start_of(entry + 1);
        let bytes = match end.checked_sub(start) {
            Some(bytes) if end <= border => bytes,
            _ => {
                let expected = format!("the next starts at {end} and the values end at {border}");
                return Err(Damage::implausible("start of an entry", start, expected));
            }
        };
        let numbers = bytes.checked_sub(header).or((bytes == 0).then_some(0));
        let numbers =
            numbers.ok_or_else(|| Damage::implausible("size of an entry", bytes, format!("{header} at least")))?;
        let count = shift.map_or_else(|| numbers / object, |shift| numbers >> shift);
        if count * object != numbers {
            return Err(Damage::implausible("size of an entry", numbers, format!("its objects have {object} bytes")));
        }
        total = u32::try_from(count).ok().and_then(|count| total.checked_add(count)).ok_or_else(too_many)?;
        column.offsets.push(total);
        if header > 0 {
            stored.append(&mut column.values, payload.values.get(start + header.min(bytes)..end).unwrap_or_default());
        }
        start = end;
    }
    if header == 0 {
        stored.append(&mut column.values, payload.values.get(first..start).unwrap_or_default());
    }
    Ok(())
}

/// For baskets without offsets: `counts` are those of all entries in the basket.
pub(crate) fn append_counted(
    payload: &Payload,
    counts: &Values,
    entries: Range<usize>,
    stored: Stored,
    column: &mut Column,
) -> Result<(), Damage> {
    let object = object_bytes(column, stored);
    let (mut before, mut inside, mut all) = (0usize, 0usize, 0usize);
    let mut total = column.offsets.last().copied().unwrap_or(0);
    let mut problem = None;
    let mut entry = 0;
    let known = counts.for_each_int(|count| {
        match usize::try_from(count).ok().filter(|count| all + count <= payload.values.len()) {
            Some(count) => {
                if entry < entries.start {
                    before += count;
                } else if entry < entries.end {
                    inside += count;
                    total = total.saturating_add(count as u32);
                    column.offsets.push(total);
                }
                all += count;
            }
            None => {
                problem = Some(Damage::implausible("number of objects in an entry", count, "too many for the basket"))
            }
        }
        entry += 1;
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    if known.is_none() || all.checked_mul(object) != Some(payload.values.len()) {
        let expected = format!("the counting branch has {all} objects of {object} bytes");
        return Err(Damage::implausible("number of value bytes", payload.values.len(), expected));
    }
    let bytes = payload.values.get(before * object..(before + inside) * object);
    stored.append(&mut column.values, bytes.unwrap_or_default());
    Ok(())
}

/// Bytes of one object (or one entry of a fixed column) in the file.
fn object_bytes(column: &Column, stored: Stored) -> usize {
    column.width.saturating_mul(stored.size(column.values.element().size()))
}

fn too_many() -> Damage {
    Damage::TooMuch("more than four thousand million objects in one range of entries")
}

#[cfg(test)]
mod tests {
    use super::super::basket::Starts;
    use super::super::element::ElementType;
    use super::*;

    fn jagged(starts: &[u32], values: &[u8], entries: Range<usize>) -> Result<Column, Damage> {
        let mut column = Column::default();
        column.reset(ElementType::U16, 1, true);
        let payload = Payload { values, starts: Starts::Known(starts) };
        append_jagged(&payload, starts.len(), entries, 0, Stored::Plain, &mut column).map(|()| column)
    }

    #[test]
    fn jagged_entries_inside_a_basket_keep_their_offsets() {
        let values = [0, 1, 0, 2, 0, 3];
        let column = jagged(&[0, 0, 2], &values, 1..3).expect("offsets in order");
        assert_eq!((column.offsets, column.values), (vec![0, 1, 3], Values::U16(vec![1, 2, 3])));
        let as_many_values_as_entries = jagged(&[0, 0, 2], &values, 0..3).expect("offsets in order");
        assert_eq!(as_many_values_as_entries.offsets, [0, 0, 1, 3]);
    }

    #[test]
    fn offsets_out_of_order_or_inside_a_number_are_refused() {
        let values = [0, 1, 0, 2, 0, 3];
        for starts in [[0, 4, 2], [0, 1, 2], [0, 2, 8], [u32::MAX, 0, 2]] {
            assert!(jagged(&starts, &values, 0..3).is_err(), "{starts:?}");
        }
    }

    #[test]
    fn counts_of_another_branch_must_add_up() {
        let payload = Payload { values: &[0, 1, 0, 2, 0, 3], starts: Starts::Unknown };
        let mut column = Column::default();
        column.reset(ElementType::U16, 1, true);
        append_counted(&payload, &Values::I32(vec![1, 0, 2]), 1..3, Stored::Plain, &mut column).expect("they add up");
        assert_eq!((column.offsets, column.values), (vec![0, 0, 2], Values::U16(vec![2, 3])));
        for counts in [vec![1, 0, 1], vec![-1, 2, 2], vec![i32::MAX, 0, 0]] {
            let mut column = Column::default();
            column.reset(ElementType::U16, 1, true);
            assert!(append_counted(&payload, &Values::I32(counts), 0..3, Stored::Plain, &mut column).is_err());
        }
    }
}
