//! Checked big-endian reads from a buffer: ROOT writes every number big-endian.
//!
//! In: a byte slice. Out: numbers and strings, or [`Damage::Short`]; never a read beyond the current limit.

use super::error::Damage;

/// A position in a buffer, with a limit that nested objects narrow.
#[derive(Debug, Clone)]
pub(crate) struct Bytes<'a> {
    data: &'a [u8],
    at: usize,
    limit: usize,
}

macro_rules! number {
    ($($name:ident: $type:ty),*) => {
        $(pub(crate) fn $name(&mut self) -> Result<$type, Damage> {
            let bytes = self.take(size_of::<$type>())?;
            let mut array = [0u8; size_of::<$type>()];
            array.copy_from_slice(bytes);
            Ok(<$type>::from_be_bytes(array))
        })*
    };
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Bytes<'a> {
        Bytes { data, at: 0, limit: data.len() }
    }

    /// Offset of the next byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// First offset that may not be read.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes before the limit.
    pub(crate) fn left(&self) -> usize {
        self.limit.saturating_sub(self.at)
    }

    /// Narrows (or restores) the limit; never beyond the buffer.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.min(self.data.len());
    }

    /// Moves to an offset at or before the limit.
    pub(crate) fn jump(&mut self, at: usize) -> Result<(), Damage> {
        if at > self.limit {
            return Err(Damage::Short { at: self.at, wanted: at.saturating_sub(self.at), left: self.left() });
        }
        self.at = at;
        Ok(())
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let short = Damage::Short { at: self.at, wanted: count, left: self.left() };
        let end = self.at.checked_add(count).filter(|end| *end <= self.limit).ok_or(short.clone())?;
        let bytes = self.data.get(self.at..end).ok_or(short)?;
        self.at = end;
        Ok(bytes)
    }

    /// The next `count` elements of `size` bytes each.
    pub(crate) fn take_array(&mut self, count: usize, size: usize) -> Result<&'a [u8], Damage> {
        let wanted =
            count.checked_mul(size).ok_or(Damage::Short { at: self.at, wanted: usize::MAX, left: self.left() })?;
        self.take(wanted)
    }

    number!(u8: u8, i8: i8, u16: u16, i16: i16, u32: u32, i32: i32, u64: u64, i64: i64, f32: f32, f64: f64);

    /// A count that must not be negative.
    pub(crate) fn count(&mut self, what: &'static str) -> Result<usize, Damage> {
        let found = self.i32()?;
        usize::try_from(found).map_err(|_| Damage::implausible(what, found, "it cannot be negative"))
    }

    /// The next four bytes as a number, without moving.
    pub(crate) fn peek_u32(&self) -> Result<u32, Damage> {
        self.clone().u32()
    }

    /// A TString: one length byte (255: four more), then the characters.
    pub(crate) fn string(&mut self) -> Result<String, Damage> {
        let length = match self.u8()? {
            255 => self.count("length of a string")?,
            short => usize::from(short),
        };
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// Characters up to a zero byte.
    pub(crate) fn zero_terminated(&mut self) -> Result<String, Damage> {
        let rest = self.data.get(self.at..self.limit).unwrap_or(&[]);
        let Some(length) = rest.iter().position(|byte| *byte == 0) else {
            return Err(Damage::Short { at: self.at, wanted: rest.len() + 1, left: rest.len() });
        };
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.take(1)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_big_endian_and_reads_stop_at_the_limit() {
        let mut bytes = Bytes::new(&[0, 0, 1, 2, 255]);
        assert_eq!(bytes.u32(), Ok(258));
        bytes.set_limit(4);
        assert_eq!(bytes.u8(), Err(Damage::Short { at: 4, wanted: 1, left: 0 }));
        bytes.set_limit(99);
        assert_eq!(bytes.i8(), Ok(-1));
    }

    #[test]
    fn a_string_longer_than_the_buffer_is_refused_before_memory_is_taken() {
        let mut bytes = Bytes::new(&[255, 0x7f, 0xff, 0xff, 0xff, b'a']);
        assert!(matches!(bytes.string(), Err(Damage::Short { .. })));
        assert_eq!(Bytes::new(&[3, b'P', b'h', b'i']).string().as_deref(), Ok("Phi"));
        assert_eq!(Bytes::new(b"Jet\0x").zero_terminated().as_deref(), Ok("Jet"));
        assert!(Bytes::new(b"Jet").zero_terminated().is_err());
    }
}
