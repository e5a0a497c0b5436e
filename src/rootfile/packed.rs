//! `Double32_t` and `Float16_t`: floating point stored in fewer bytes than it has in memory.
//!
//! In: the brackets of a class member's comment or of a leaf's title (`[0,pi,16]`: minimum, maximum, bits), and
//! big-endian bytes. Out: [`Stored`], which knows how long a number is in the file and appends numbers to a column.
//! With a range, a number is a 4-byte integer in units of the range; with bits alone, one byte of exponent and two of
//! mantissa; with neither, `Double32_t` is a float and `Float16_t` has 12 bits. Source: ROOT's TBufferFile, TStreamerElement.

use super::column::Values;

/// How the numbers of a branch stand in its baskets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stored {
    /// As their type says.
    Plain,
    /// A float that becomes a double.
    Single,
    /// One byte of exponent, two bytes that hold sign and `bits` bits of mantissa.
    Truncated {
        /// 2 to 15.
        bits: u32,
    },
    /// Unsigned 32-bit integers: value = minimum + number / factor.
    Scaled {
        /// Steps per unit.
        factor: f64,
        /// Value of 0.
        minimum: f64,
    },
}

/// Bits of a `Float16_t` without brackets.
const FLOAT16_BITS: u32 = 12;

impl Stored {
    /// By the text that may hold brackets. Brackets without a comma are dimensions.
    pub(crate) fn from_title(title: &str, float16: bool) -> Stored {
        let plain = if float16 { Stored::Truncated { bits: FLOAT16_BITS } } else { Stored::Single };
        let Some((minimum, maximum, bits)) = brackets(title) else { return plain };
        if minimum < maximum {
            let steps = if bits < 32 { f64::from(1u32 << bits) } else { f64::from(u32::MAX) };
            return Stored::Scaled { factor: steps / (maximum - minimum), minimum };
        }
        if bits < 15 { Stored::Truncated { bits } } else { plain }
    }

    /// Bytes of one number in the file; `plain` is the size of its type.
    pub(crate) fn size(self, plain: usize) -> usize {
        match self {
            Stored::Plain => plain,
            Stored::Truncated { .. } => 3,
            Stored::Single | Stored::Scaled { .. } => 4,
        }
    }

    /// Appends big-endian numbers. A remainder that is no whole number is ignored.
    pub(crate) fn append(self, values: &mut Values, bytes: &[u8]) {
        match self {
            Stored::Plain => values.extend_big_endian(bytes),
            Stored::Single => {
                let (numbers, _) = bytes.as_chunks::<4>();
                extend_floats(values, numbers.iter().map(|number| f32::from_be_bytes(*number).into()));
            }
            Stored::Truncated { bits } => {
                let (numbers, _) = bytes.as_chunks::<3>();
                extend_floats(values, numbers.iter().map(|number| truncated(*number, bits)));
            }
            Stored::Scaled { factor, minimum } => {
                let (numbers, _) = bytes.as_chunks::<4>();
                let scaled = |number: &[u8; 4]| minimum + f64::from(u32::from_be_bytes(*number)) / factor;
                extend_floats(values, numbers.iter().map(scaled));
            }
        }
    }
}

fn extend_floats(values: &mut Values, numbers: impl Iterator<Item = f64>) {
    match values {
        Values::F32(v) => v.extend(numbers.map(|number| number as f32)),
        Values::F64(v) => v.extend(numbers),
        _ => {}
    }
}

/// The sign stands above the mantissa.
fn truncated([exponent, high, low]: [u8; 3], bits: u32) -> f64 {
    let mantissa = u32::from(u16::from_be_bytes([high, low]));
    let below = mantissa & ((1 << (bits + 1)) - 1);
    let pattern = (u32::from(exponent) << 23) | (below.checked_shl(23 - bits).unwrap_or(0) & 0x7f_ffff);
    let size = f64::from(f32::from_bits(pattern));
    if mantissa & (1 << (bits + 1)) != 0 { -size } else { size }
}

/// Minimum, maximum and bits of `[min,max]` or `[min,max,bits]`; brackets without a comma are array dimensions.
fn brackets(title: &str) -> Option<(f64, f64, u32)> {
    let groups = title.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(inside, _)| inside);
    let inside = groups.into_iter().find(|inside| inside.contains(','))?;
    let mut parts = inside.split(',').map(str::trim);
    let (minimum, maximum) = (limit(parts.next()?)?, limit(parts.next()?)?);
    let bits = parts.next().and_then(|bits| bits.parse().ok()).filter(|bits| (2..=32).contains(bits)).unwrap_or(32);
    Some((minimum, maximum, bits))
}

/// A number, or a multiple or fraction of pi as ROOT spells them.
fn limit(text: &str) -> Option<f64> {
    use std::f64::consts::PI;
    let (sign, size) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim()),
        None => (1.0, text),
    };
    let value = match size {
        "pi" => PI,
        "2pi" | "2*pi" | "twopi" => 2.0 * PI,
        "pi/2" => PI / 2.0,
        "pi/4" => PI / 4.0,
        number => number.parse().ok().filter(|number: &f64| number.is_finite())?,
    };
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_tell_the_form_and_array_dimensions_do_not() {
        assert_eq!(Stored::from_title("x [fN]", false), Stored::Single);
        assert_eq!(Stored::from_title("x", true), Stored::Truncated { bits: 12 });
        assert_eq!(Stored::from_title("x[3][0,0,10]", false), Stored::Truncated { bits: 10 });
        let angle = Stored::from_title("[-pi,pi,16]", false);
        assert!(matches!(angle, Stored::Scaled { minimum, .. } if minimum == -std::f64::consts::PI), "{angle:?}");
        assert_eq!(
            Stored::from_title("x[n]/d[0,8,32]", false),
            Stored::Scaled { factor: f64::from(u32::MAX) / 8.0, minimum: 0.0 }
        );
        assert_eq!(
            Stored::from_title("[-1,1]", false),
            Stored::Scaled { factor: f64::from(u32::MAX) / 2.0, minimum: -1.0 }
        );
        assert_eq!(Stored::from_title("[nan,inf,99]", false), Stored::Single);
    }

    #[test]
    fn scaled_and_truncated_numbers_come_back() {
        let mut values = Values::F64(Vec::new());
        Stored::from_title("[0,128,8]", false).append(&mut values, &[0, 0, 0, 3, 0, 0]);
        assert_eq!(values, Values::F64(vec![1.5]));
        // 1.5: exponent 127, mantissa 0.5, 12 bits; the sign is bit 13.
        let mut values = Values::F32(Vec::new());
        Stored::Truncated { bits: 12 }.append(&mut values, &[127, 0x08, 0, 127, 0x28, 0]);
        assert_eq!(values, Values::F32(vec![1.5, -1.5]));
    }
}
