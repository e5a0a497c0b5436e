//! Checked little-endian reads, and the frames and locators that RNTuple metadata is made of.
//!
//! In: a byte slice. Out: numbers, strings, sub-slices, or [`Damage`]. Unlike the rest of a ROOT file, RNTuple
//! metadata is little-endian.

use twox_hash::XxHash3_64;

use crate::rootfile::error::Damage;

/// True if a checksum is that of the bytes. Fuzzing does not ask: no change would survive.
pub(super) fn sum_fits(bytes: &[u8], sum: u64) -> bool {
    cfg!(fuzzing) || XxHash3_64::oneshot(bytes) == sum
}

/// A position in a buffer of metadata.
#[derive(Debug, Clone)]
pub(crate) struct Wire<'a> {
    rest: &'a [u8],
    at: usize,
}

/// A byte range of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locator {
    /// Position in the file.
    pub(crate) seek: u64,
    /// Bytes there, packed.
    pub(crate) bytes: u64,
}

macro_rules! number {
    ($($name:ident: $type:ty),*) => {
        $(pub(crate) fn $name(&mut self) -> Result<$type, Damage> {
            let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(|| self.short(size_of::<$type>()))?;
            self.rest = rest;
            self.at += size_of::<$type>();
            Ok(<$type>::from_le_bytes(*bytes))
        })*
    };
}

impl<'a> Wire<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Wire<'a> {
        Wire { rest: data, at: 0 }
    }

    number!(u16: u16, u32: u32, i32: i32, u64: u64, i64: i64, f64: f64);

    fn short(&self, wanted: usize) -> Damage {
        Damage::Short { at: self.at, wanted, left: self.rest.len() }
    }

    /// True at the end.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.short(count))?;
        self.rest = rest;
        self.at += count;
        Ok(bytes)
    }

    /// Length in four bytes, then UTF-8.
    pub(crate) fn string(&mut self) -> Result<String, Damage> {
        let length = self.u32()? as usize;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// The inside of a record frame.
    pub(crate) fn record(&mut self) -> Result<Wire<'a>, Damage> {
        let size = self.i64()?;
        let inside = usize::try_from(size).ok().and_then(|size| size.checked_sub(8));
        let inside = inside.ok_or_else(|| Damage::implausible("size of a record frame", size, "8 at least"))?;
        self.frame(inside)
    }

    /// Number of items and the inside of a list frame whose items have `smallest` bytes at least.
    pub(crate) fn list(&mut self, smallest: usize) -> Result<(usize, Wire<'a>), Damage> {
        let size = self.i64()?;
        let items = self.u32()? as usize;
        let inside = size.checked_neg().and_then(|size| usize::try_from(size).ok()?.checked_sub(12));
        let inside = inside.ok_or_else(|| Damage::implausible("size of a list frame", size, "-12 at most"))?;
        let inside = self.frame(inside)?;
        if items > inside.rest.len() / smallest.max(1) {
            let expected = format!("its {} bytes cannot hold that", inside.rest.len());
            return Err(Damage::implausible("number of items in a list frame", items, expected));
        }
        Ok((items, inside))
    }

    fn frame(&mut self, inside: usize) -> Result<Wire<'a>, Damage> {
        let at = self.at;
        Ok(Wire { rest: self.take(inside)?, at })
    }

    /// Where a page or an envelope is.
    pub(crate) fn locator(&mut self) -> Result<Locator, Damage> {
        let head = self.i32()?;
        if let Ok(bytes) = u64::try_from(head) {
            return Ok(Locator { seek: self.u64()?, bytes });
        }
        let head = head.unsigned_abs();
        let (kind, size) = (head >> 24, (head & 0xffff) as usize);
        let inside = size.checked_sub(4).ok_or_else(|| Damage::implausible("size of a locator", size, "4 at least"))?;
        let mut inside = self.frame(inside)?;
        if kind != 1 {
            let reason = format!("its type is {kind}; only positions in the file are known");
            return Err(Damage::Undecodable { what: "locator".into(), reason });
        }
        let bytes = inside.u64()?;
        Ok(Locator { seek: inside.u64()?, bytes })
    }

    /// Feature flags: any that is set is one that this reader does not know.
    pub(crate) fn feature_flags(&mut self) -> Result<(), Damage> {
        loop {
            let flags = self.i64()?;
            if flags & i64::MAX != 0 {
                let reason = format!("it uses features of a newer format (flags {:#x})", flags & i64::MAX);
                return Err(Damage::Undecodable { what: "RNTuple".into(), reason });
            }
            if flags >= 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_frame(size: i64, items: u32, inside: &[u8]) -> Vec<u8> {
        [&size.to_le_bytes()[..], &items.to_le_bytes(), inside].concat()
    }

    #[test]
    fn frames_hold_what_their_size_says_and_no_more() {
        let bytes = [&10i64.to_le_bytes()[..], &[1, 2], &[9, 9]].concat();
        let mut wire = Wire::new(&bytes);
        let mut record = wire.record().expect("a good frame");
        assert_eq!(record.u16(), Ok(0x201));
        assert!(record.u16().is_err());
        assert_eq!(wire.u16(), Ok(0x909));
        for size in [0, 7, -10, i64::MIN, i64::MAX, 11] {
            let bytes = [&i64::to_le_bytes(size)[..], &[1, 2]].concat();
            assert!(Wire::new(&bytes).record().is_err(), "{size}");
        }
        assert!(Wire::new(&list_frame(-16, 2, &[1, 2, 3, 4])).list(2).is_ok());
        assert!(Wire::new(&list_frame(-16, 3, &[1, 2, 3, 4])).list(2).is_err());
        assert!(Wire::new(&list_frame(-16, u32::MAX, &[1, 2, 3, 4])).list(0).is_err());
        assert!(Wire::new(&list_frame(i64::MIN, 0, &[])).list(1).is_err());
        assert!(Wire::new(&list_frame(-11, 0, &[])).list(1).is_err());
    }

    #[test]
    fn locators_are_small_or_large() {
        let small = [&40i32.to_le_bytes()[..], &7u64.to_le_bytes()].concat();
        assert_eq!(Wire::new(&small).locator(), Ok(Locator { seek: 7, bytes: 40 }));
        let head = -(20 | (1 << 24));
        let large = [&i32::to_le_bytes(head)[..], &(1u64 << 33).to_le_bytes(), &7u64.to_le_bytes()].concat();
        assert_eq!(Wire::new(&large).locator(), Ok(Locator { seek: 7, bytes: 1 << 33 }));
        for head in [-(20 | (2 << 24)), -3, i32::MIN] {
            let bad = [&i32::to_le_bytes(head)[..], &[0; 16]].concat();
            assert!(Wire::new(&bad).locator().is_err(), "{head}");
        }
    }

    #[test]
    fn unknown_features_are_refused_and_the_list_of_flags_ends() {
        assert_eq!(Wire::new(&[0; 8]).feature_flags(), Ok(()));
        assert!(Wire::new(&4i64.to_le_bytes()).feature_flags().is_err());
        let two = [i64::MIN.to_le_bytes(), 0i64.to_le_bytes()].concat();
        assert_eq!(Wire::new(&two).feature_flags(), Ok(()));
        assert!(Wire::new(&i64::MIN.to_le_bytes()).feature_flags().is_err());
    }
}
