//! Column encodings: from the bytes of a page to numbers.
//!
//! In: an unpacked page and which of its elements are wanted. Out: native numbers, appended. Numbers are
//! little-endian; *split* pages hold all first bytes, then all second bytes, and so on, after signed numbers were made
//! unsigned (zigzag) and offsets were replaced by their differences (delta). Low-precision reals are packed bit by
//! bit, lowest bit first.

use std::ops::Range;

use super::numbers::{append_doubles, append_floats, append_plain, append_split, packed_bits};
use crate::rootfile::column::Values;
use crate::rootfile::element::ElementType;
use crate::rootfile::error::Damage;

/// How the elements of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Encoding {
    Bit,
    /// Little-endian numbers one after the other, or their bytes split.
    Whole {
        number: Number,
        split: bool,
    },
    /// The upper bits of a float.
    Truncated {
        bits: u32,
    },
    /// Integers that count equal steps from `min` to `max`.
    Quantized {
        bits: u32,
        min: f64,
        max: f64,
    },
    /// Anything else: its field cannot be read, others can.
    Unknown {
        bits: u32,
    },
}

/// Numbers of whole bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
    /// Ends of collections.
    Index32,
    /// Ends of collections.
    Index64,
}

impl Number {
    fn bits(self) -> u32 {
        match self {
            Number::I8 | Number::U8 => 8,
            Number::I16 | Number::U16 | Number::F16 => 16,
            Number::I32 | Number::U32 | Number::F32 | Number::Index32 => 32,
            Number::I64 | Number::U64 | Number::F64 | Number::Index64 => 64,
        }
    }
}

impl Encoding {
    /// By the numbers of the specification.
    pub(crate) fn new(kind: u16, bits: u16, range: Option<(f64, f64)>) -> Result<Encoding, Damage> {
        let bits = u32::from(bits);
        let whole = |number, split| Encoding::Whole { number, split };
        let encoding = match kind {
            0x00 => Encoding::Bit,
            0x01 | 0x04 => whole(Number::U8, false),
            0x02 | 0x03 => whole(Number::I8, false),
            0x05 => whole(Number::I16, false),
            0x06 => whole(Number::U16, false),
            0x07 => whole(Number::I32, false),
            0x08 => whole(Number::U32, false),
            0x09 => whole(Number::I64, false),
            0x0a => whole(Number::U64, false),
            0x0b => whole(Number::F16, false),
            0x0c => whole(Number::F32, false),
            0x0d => whole(Number::F64, false),
            0x0e => whole(Number::Index32, false),
            0x0f => whole(Number::Index64, false),
            0x11 => whole(Number::I16, true),
            0x12 => whole(Number::U16, true),
            0x13 => whole(Number::I32, true),
            0x14 => whole(Number::U32, true),
            0x15 => whole(Number::I64, true),
            0x16 => whole(Number::U64, true),
            0x17 => whole(Number::F16, true),
            0x18 => whole(Number::F32, true),
            0x19 => whole(Number::F64, true),
            0x1a => whole(Number::Index32, true),
            0x1b => whole(Number::Index64, true),
            0x1c if (10..=31).contains(&bits) => Encoding::Truncated { bits },
            0x1d if (1..=32).contains(&bits) => {
                let reason = || "it is quantized, but has no range".to_string();
                let (min, max) =
                    range.ok_or_else(|| Damage::Undecodable { what: "column".into(), reason: reason() })?;
                Encoding::Quantized { bits, min, max }
            }
            0x1c | 0x1d => return Err(wrong_bits(bits, "10 to 31, or 1 to 32 for quantized reals")),
            _ => Encoding::Unknown { bits },
        };
        match encoding.bits() == bits {
            true => Ok(encoding),
            false => Err(wrong_bits(bits, &format!("its type {kind:#x} has {}", encoding.bits()))),
        }
    }

    /// Bits of an element.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Encoding::Bit => 1,
            Encoding::Whole { number, .. } => number.bits(),
            Encoding::Truncated { bits } | Encoding::Quantized { bits, .. } | Encoding::Unknown { bits } => *bits,
        }
    }

    /// True for ends of collections.
    pub(crate) fn is_index(&self) -> bool {
        matches!(self, Encoding::Whole { number: Number::Index32 | Number::Index64, .. })
    }

    /// The type that elements have when nothing else is asked for.
    pub(crate) fn element(&self) -> Option<ElementType> {
        Some(match self {
            Encoding::Bit => ElementType::Bool,
            Encoding::Whole { number, .. } => match number {
                Number::I8 => ElementType::I8,
                Number::U8 => ElementType::U8,
                Number::I16 => ElementType::I16,
                Number::U16 => ElementType::U16,
                Number::I32 => ElementType::I32,
                Number::U32 => ElementType::U32,
                Number::I64 => ElementType::I64,
                Number::U64 => ElementType::U64,
                Number::F16 | Number::F32 => ElementType::F32,
                Number::F64 => ElementType::F64,
                Number::Index32 | Number::Index64 => ElementType::U64,
            },
            Encoding::Truncated { .. } | Encoding::Quantized { .. } => ElementType::F32,
            Encoding::Unknown { .. } => return None,
        })
    }

    /// True if elements can become numbers of that type: the same type, or both floating point.
    pub(crate) fn fits(&self, element: ElementType) -> bool {
        let real = |element| matches!(element, ElementType::F32 | ElementType::F64);
        self.element().is_some_and(|own| own == element || (real(own) && real(element)))
    }

    /// Appends elements `wanted` of a page that holds `elements`.
    pub(crate) fn append(
        &self,
        page: &[u8],
        elements: usize,
        wanted: Range<usize>,
        out: &mut Values,
    ) -> Result<(), Damage> {
        let before = out.len();
        // As `wanted.end <= elements` and the page has the size that `elements` needs, no slice below is out of range.
        match *self {
            Encoding::Bit => {
                let bit = |at: usize| page.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 != 0);
                if let Values::Bool(out) = out {
                    out.extend(wanted.clone().map(bit));
                }
            }
            Encoding::Whole { number, split: false } => append_plain(number, page, wanted.clone(), out),
            Encoding::Whole { number, split: true } => append_split(number, page, elements, wanted.clone(), out),
            Encoding::Truncated { bits } => {
                append_floats(wanted.clone().map(|at| f32::from_bits(packed_bits(page, at, bits) << (32 - bits))), out);
            }
            Encoding::Quantized { bits, min, max } => {
                let step = (max - min) / ((1u64 << bits) - 1) as f64;
                append_doubles(wanted.clone().map(|at| f64::from(packed_bits(page, at, bits)) * step + min), out);
            }
            Encoding::Unknown { .. } => {}
        }
        match out.len() - before == wanted.len() {
            true => Ok(()),
            false => Err(Damage::Undecodable {
                what: "page".into(),
                reason: format!("its encoding {self:?} does not give {}", out.element().name()),
            }),
        }
    }
}

fn wrong_bits(bits: u32, expected: &str) -> Damage {
    Damage::implausible("number of bits of a column", bits, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(encoding: Encoding, page: &[u8], elements: usize, wanted: Range<usize>, element: ElementType) -> Values {
        let mut out = Values::empty(element);
        encoding.append(page, elements, wanted, &mut out).expect("a good page");
        out
    }

    #[test]
    fn bits_come_lowest_first() {
        let values = read(Encoding::Bit, &[0b1010_0001, 0b1], 9, 5..9, ElementType::Bool);
        assert_eq!(values, Values::Bool(vec![true, false, true, true]));
    }

    #[test]
    fn split_and_zigzag_numbers_are_put_together() {
        // 0, -1, 1, -300 in zigzag: 0, 1, 2, 599 = 0x257.
        let page = [0, 1, 2, 0x57, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
        let split = |number| Encoding::Whole { number, split: true };
        assert_eq!(read(split(Number::I32), &page, 4, 0..4, ElementType::I32), Values::I32(vec![0, -1, 1, -300]));
        assert_eq!(read(split(Number::I32), &page, 4, 1..3, ElementType::I32), Values::I32(vec![-1, 1]));
        assert_eq!(read(split(Number::U32), &page, 4, 3..4, ElementType::U32), Values::U32(vec![599]));
    }

    #[test]
    fn deltas_add_up_from_the_start_of_the_page() {
        let page = [2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let split = Encoding::Whole { number: Number::Index32, split: true };
        assert_eq!(read(split, &page, 3, 0..3, ElementType::U64), Values::U64(vec![2, 2, 5]));
        assert_eq!(read(split, &page, 3, 2..3, ElementType::U64), Values::U64(vec![5]));
    }

    #[test]
    fn packed_reals_lose_precision_but_not_their_place() {
        // Two floats of 12 bits: 0x3f8 (1.0) and 0xc00 (-2.0).
        let page = [0xf8, 0x03, 0xc0];
        let truncated = Encoding::Truncated { bits: 12 };
        assert_eq!(read(truncated, &page, 2, 0..2, ElementType::F32), Values::F32(vec![1.0, -2.0]));
        assert_eq!(read(truncated, &page, 2, 1..2, ElementType::F64), Values::F64(vec![-2.0]));
        let quantized = Encoding::Quantized { bits: 2, min: -3.0, max: 3.0 };
        assert_eq!(read(quantized, &[0b1101_0010], 4, 0..4, ElementType::F64), Values::F64(vec![1.0, -3.0, -1.0, 3.0]));
    }

    #[test]
    fn a_type_that_the_encoding_does_not_give_is_refused() {
        let mut out = Values::empty(ElementType::I32);
        assert!(Encoding::Bit.append(&[1], 1, 0..1, &mut out).is_err());
        assert!(Encoding::Unknown { bits: 96 }.append(&[0; 12], 1, 0..1, &mut out).is_err());
        assert!(Encoding::new(0x0c, 31, None).is_err());
        assert!(Encoding::new(0x1d, 8, None).is_err());
        assert!(Encoding::new(0x1c, 9, None).is_err());
        assert_eq!(Encoding::new(0x7777, 96, None), Ok(Encoding::Unknown { bits: 96 }));
    }
}
