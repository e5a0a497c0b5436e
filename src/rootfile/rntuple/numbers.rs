//! From bytes to native numbers, for each way in which pages hold them.
//!
//! In: an unpacked page whose size was checked, and which of its elements are wanted. Out: numbers appended to
//! [`Values`] of the fitting type; nothing is appended to others, which the caller notices.

use std::array;
use std::ops::Range;

use itertools::izip;

use super::encoding::Number;
use crate::rootfile::column::Values;

/// Elements of whole bytes.
fn plain<const N: usize>(page: &[u8], wanted: Range<usize>) -> impl Iterator<Item = [u8; N]> + '_ {
    page.get(wanted.start * N..wanted.end * N).unwrap_or_default().as_chunks().0.iter().copied()
}

/// The wanted part of each of the byte planes of a split page.
fn planes<'a, const N: usize>(page: &'a [u8], elements: usize, wanted: &Range<usize>) -> [&'a [u8]; N] {
    array::from_fn(|byte| page.get(byte * elements + wanted.start..byte * elements + wanted.end).unwrap_or_default())
}

fn split2(page: &[u8], elements: usize, wanted: Range<usize>) -> impl Iterator<Item = [u8; 2]> + '_ {
    let [a, b] = planes(page, elements, &wanted);
    izip!(a, b).map(|(a, b)| [*a, *b])
}

fn split4(page: &[u8], elements: usize, wanted: Range<usize>) -> impl Iterator<Item = [u8; 4]> + '_ {
    let [a, b, c, d] = planes(page, elements, &wanted);
    izip!(a, b, c, d).map(|(a, b, c, d)| [*a, *b, *c, *d])
}

fn split8(page: &[u8], elements: usize, wanted: Range<usize>) -> impl Iterator<Item = [u8; 8]> + '_ {
    let [a, b, c, d, e, f, g, h] = planes(page, elements, &wanted);
    izip!(a, b, c, d, e, f, g, h).map(|(a, b, c, d, e, f, g, h)| [*a, *b, *c, *d, *e, *f, *g, *h])
}

/// Appends numbers that stand one after the other.
pub(crate) fn append_plain(number: Number, page: &[u8], wanted: Range<usize>, out: &mut Values) {
    match (number, out) {
        (Number::I8, Values::I8(out)) => out.extend(plain(page, wanted).map(i8::from_le_bytes)),
        (Number::U8, Values::U8(out)) => out.extend_from_slice(page.get(wanted).unwrap_or_default()),
        (Number::I16, Values::I16(out)) => out.extend(plain(page, wanted).map(i16::from_le_bytes)),
        (Number::U16, Values::U16(out)) => out.extend(plain(page, wanted).map(u16::from_le_bytes)),
        (Number::I32, Values::I32(out)) => out.extend(plain(page, wanted).map(i32::from_le_bytes)),
        (Number::U32, Values::U32(out)) => out.extend(plain(page, wanted).map(u32::from_le_bytes)),
        (Number::I64, Values::I64(out)) => out.extend(plain(page, wanted).map(i64::from_le_bytes)),
        (Number::U64 | Number::Index64, Values::U64(out)) => out.extend(plain(page, wanted).map(u64::from_le_bytes)),
        (Number::Index32, Values::U64(out)) => {
            out.extend(plain(page, wanted).map(|bytes| u64::from(u32::from_le_bytes(bytes))));
        }
        (Number::F16, out) => append_floats(plain(page, wanted).map(half), out),
        (Number::F32, out) => append_floats(plain(page, wanted).map(f32::from_le_bytes), out),
        (Number::F64, out) => append_doubles(plain(page, wanted).map(f64::from_le_bytes), out),
        _ => {}
    }
}

/// Appends numbers whose bytes are split; signed ones are zigzag, offsets are differences.
pub(crate) fn append_split(number: Number, page: &[u8], elements: usize, wanted: Range<usize>, out: &mut Values) {
    match (number, out) {
        (Number::I16, Values::I16(out)) => {
            out.extend(
                split2(page, elements, wanted)
                    .map(u16::from_le_bytes)
                    .map(|n| (n >> 1 ^ (n & 1).wrapping_neg()) as i16),
            );
        }
        (Number::U16, Values::U16(out)) => out.extend(split2(page, elements, wanted).map(u16::from_le_bytes)),
        (Number::I32, Values::I32(out)) => {
            out.extend(
                split4(page, elements, wanted)
                    .map(u32::from_le_bytes)
                    .map(|n| (n >> 1 ^ (n & 1).wrapping_neg()) as i32),
            );
        }
        (Number::U32, Values::U32(out)) => out.extend(split4(page, elements, wanted).map(u32::from_le_bytes)),
        (Number::I64, Values::I64(out)) => {
            out.extend(
                split8(page, elements, wanted)
                    .map(u64::from_le_bytes)
                    .map(|n| (n >> 1 ^ (n & 1).wrapping_neg()) as i64),
            );
        }
        (Number::U64, Values::U64(out)) => out.extend(split8(page, elements, wanted).map(u64::from_le_bytes)),
        (Number::Index32, Values::U64(out)) => {
            // The differences before the wanted range count as well.
            let (mut sum, skip) = (0u32, wanted.start);
            let ends = split4(page, elements, 0..wanted.end).map(|bytes| {
                sum = sum.wrapping_add(u32::from_le_bytes(bytes));
                u64::from(sum)
            });
            out.extend(ends.skip(skip));
        }
        (Number::Index64, Values::U64(out)) => {
            let (mut sum, skip) = (0u64, wanted.start);
            let ends = split8(page, elements, 0..wanted.end).map(|bytes| {
                sum = sum.wrapping_add(u64::from_le_bytes(bytes));
                sum
            });
            out.extend(ends.skip(skip));
        }
        (Number::F16, out) => append_floats(split2(page, elements, wanted).map(half), out),
        (Number::F32, out) => append_floats(split4(page, elements, wanted).map(f32::from_le_bytes), out),
        (Number::F64, out) => append_doubles(split8(page, elements, wanted).map(f64::from_le_bytes), out),
        _ => {}
    }
}

/// Appends singles, as they are or as doubles.
pub(crate) fn append_floats(numbers: impl Iterator<Item = f32>, out: &mut Values) {
    match out {
        Values::F32(out) => out.extend(numbers),
        Values::F64(out) => out.extend(numbers.map(f64::from)),
        _ => {}
    }
}

/// Appends doubles, as they are or rounded.
pub(crate) fn append_doubles(numbers: impl Iterator<Item = f64>, out: &mut Values) {
    match out {
        Values::F32(out) => out.extend(numbers.map(|number| number as f32)),
        Values::F64(out) => out.extend(numbers),
        _ => {}
    }
}

/// Element `at` of a page of elements of `bits` bits (at most 32), lowest bit first.
pub(crate) fn packed_bits(page: &[u8], at: usize, bits: u32) -> u32 {
    let first = at * bits as usize;
    let tail = page.get(first / 8..).unwrap_or_default();
    // Five bytes hold 32 bits that start anywhere in the first.
    let mut window = [0u8; 8];
    for (to, from) in window.iter_mut().zip(tail).take(5) {
        *to = *from;
    }
    ((u64::from_le_bytes(window) >> (first % 8)) & ((1u64 << bits) - 1)) as u32
}

/// IEEE 754 half precision, little-endian.
fn half(bytes: [u8; 2]) -> f32 {
    let half = u32::from(u16::from_le_bytes(bytes));
    let (sign, exponent, mantissa) = ((half & 0x8000) << 16, half >> 10 & 0x1f, half & 0x3ff);
    match exponent {
        // Subnormal: mantissa times 2^-24, exact in single precision.
        0 => f32::from_bits(sign | (mantissa as f32 * f32::from_bits(0x3380_0000)).to_bits()),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | mantissa << 13),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_matches_its_definition() {
        let cases = [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 2f32.powi(-24)), (0x8000, -0.0)];
        for (bits, number) in cases {
            assert_eq!(half(u16::to_le_bytes(bits)).to_bits(), f32::to_bits(number), "{bits:#x}");
        }
        assert!(half(0x7e00u16.to_le_bytes()).is_nan());
        assert_eq!(half(0xfc00u16.to_le_bytes()), f32::NEG_INFINITY);
    }
}
