//! The basic types of ROOT's class descriptions, by their number in TStreamerElement::fType.
//!
//! In: a type number and bytes. Out: a [`Value`], single or array. Numbers 1..19 are single values, +20 fixed arrays,
//! +40 arrays of counted length. `Double32_t` and `Float16_t` are read in their plain forms only.

use super::bytes::Bytes;
use super::error::Damage;
use super::object::Value;

/// How a basic type is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basic {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Bool,
    /// TObject::fBits: two more bytes follow if the object is referenced.
    Bits,
}

impl Basic {
    /// By type number (1..19). None: no basic type, or one with a form of its own.
    pub(crate) fn from_number(number: i32) -> Option<Basic> {
        Some(match number {
            1 | 10 => Basic::I8,
            2 => Basic::I16,
            3 | 6 => Basic::I32,
            4 | 16 => Basic::I64,
            5 | 9 => Basic::F32, // 9: Double32_t without a range is stored as float
            8 => Basic::F64,
            11 => Basic::U8,
            12 => Basic::U16,
            13 => Basic::U32,
            14 | 17 => Basic::U64,
            15 => Basic::Bits,
            18 => Basic::Bool,
            _ => return None,
        })
    }

    /// Bytes of one value.
    pub(crate) fn size(self) -> usize {
        match self {
            Basic::I8 | Basic::U8 | Basic::Bool => 1,
            Basic::I16 | Basic::U16 => 2,
            Basic::I32 | Basic::U32 | Basic::F32 | Basic::Bits => 4,
            Basic::I64 | Basic::U64 | Basic::F64 => 8,
        }
    }

    /// One value.
    pub(crate) fn read(self, bytes: &mut Bytes) -> Result<Value, Damage> {
        const REFERENCED: u32 = 1 << 4;
        Ok(match self {
            Basic::I8 => Value::Int(bytes.i8()?.into()),
            Basic::I16 => Value::Int(bytes.i16()?.into()),
            Basic::I32 => Value::Int(bytes.i32()?.into()),
            Basic::I64 => Value::Int(bytes.i64()?),
            Basic::U8 => Value::UInt(bytes.u8()?.into()),
            Basic::U16 => Value::UInt(bytes.u16()?.into()),
            Basic::U32 => Value::UInt(bytes.u32()?.into()),
            Basic::U64 => Value::UInt(bytes.u64()?),
            Basic::F32 => Value::Float(bytes.f32()?.into()),
            Basic::F64 => Value::Float(bytes.f64()?),
            Basic::Bool => Value::Int((bytes.u8()? != 0).into()),
            Basic::Bits => {
                let bits = bytes.u32()?;
                if bits & REFERENCED != 0 {
                    bytes.u16()?;
                }
                Value::UInt(bits.into())
            }
        })
    }

    /// `count` values in a row.
    pub(crate) fn read_array(self, bytes: &mut Bytes, count: usize) -> Result<Value, Damage> {
        let raw = bytes.take_array(count, self.size())?;
        let ints = |convert: fn(&[u8]) -> i64| Value::Ints(raw.chunks_exact(self.size()).map(convert).collect());
        Ok(match self {
            Basic::I8 | Basic::U8 | Basic::Bool => Value::Bytes(raw.to_vec()),
            Basic::I16 => ints(|b| i16::from_be_bytes(fixed(b)).into()),
            Basic::U16 => ints(|b| u16::from_be_bytes(fixed(b)).into()),
            Basic::I32 => ints(|b| i32::from_be_bytes(fixed(b)).into()),
            Basic::U32 | Basic::Bits => ints(|b| u32::from_be_bytes(fixed(b)).into()),
            Basic::I64 | Basic::U64 => ints(|b| i64::from_be_bytes(fixed(b))),
            Basic::F32 => Value::Floats(raw.chunks_exact(4).map(|b| f32::from_be_bytes(fixed(b)).into()).collect()),
            Basic::F64 => Value::Floats(raw.chunks_exact(8).map(|b| f64::from_be_bytes(fixed(b))).collect()),
        })
    }
}

/// A slice of exactly `N` bytes as an array (zeros if the length differs, which `chunks_exact` rules out).
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_keep_sign_and_order() {
        let raw = [0xff, 0xfe, 0x00, 0x03];
        assert_eq!(Basic::I16.read_array(&mut Bytes::new(&raw), 2), Ok(Value::Ints(vec![-2, 3])));
        assert_eq!(Basic::U16.read_array(&mut Bytes::new(&raw), 2), Ok(Value::Ints(vec![0xfffe, 3])));
        assert!(Basic::F64.read_array(&mut Bytes::new(&raw), usize::MAX).is_err());
    }

    #[test]
    fn referenced_bits_are_two_bytes_longer() {
        let mut bytes = Bytes::new(&[0, 0, 0, 0x10, 0, 1, 9]);
        assert_eq!(Basic::Bits.read(&mut bytes), Ok(Value::UInt(16)));
        assert_eq!(bytes.u8(), Ok(9));
    }
}
