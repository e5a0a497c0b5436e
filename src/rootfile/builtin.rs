//! Classes that ROOT writes by hand-written code, so that their class description does not tell their bytes.
//!
//! In: the decoder at the start of a TList, TObjArray, TObject, TArray or TBasket. Out: the object.

use super::basic::Basic;
use super::decode::Decoder;
use super::error::Damage;
use super::object::{EmbeddedBasket, RootObject};

impl Decoder<'_> {
    /// TList (each element followed by an option string) or TObjArray (with a lower bound in front).
    pub(crate) fn list(&mut self, options: bool) -> Result<RootObject, Damage> {
        let start = self.start()?;
        self.tobject()?;
        self.bytes.string()?;
        let count = self.bytes.count("number of list elements")?;
        if !options {
            self.bytes.i32()?;
        }
        if count > self.bytes.left() / 4 {
            let expected = format!("{} bytes hold them", self.bytes.left());
            return Err(Damage::implausible("number of list elements", count, expected));
        }
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(self.pointer()?);
            if options {
                self.bytes.string()?;
            }
        }
        if let Some(end) = start.end {
            self.bytes.jump(end)?;
        }
        Ok(RootObject::List(elements))
    }

    /// TObject: an identifier and bits.
    pub(crate) fn tobject(&mut self) -> Result<(), Damage> {
        let start = self.start()?;
        self.bytes.u32()?;
        Basic::Bits.read(&mut self.bytes)?;
        start.end.map_or(Ok(()), |end| self.bytes.jump(end))
    }

    /// A basket that was in memory when the tree was written: a key, the basket's numbers, offsets, then the buffer.
    pub(crate) fn basket(&mut self) -> Result<RootObject, Damage> {
        let wide = {
            self.bytes.take(4)?;
            self.bytes.u16()? > 1000
        };
        self.bytes.take(8)?; // object size, date
        let key_bytes = usize::from(self.bytes.u16()?);
        self.bytes.take(if wide { 2 + 16 } else { 2 + 8 })?; // cycle, positions
        for _ in 0..3 {
            self.bytes.string()?;
        }
        let version = self.bytes.u16()?;
        self.bytes.i32()?; // buffer size
        if self.bytes.i32()? < 0 {
            self.bytes.u8()?; // negative entry size: feature bits follow
        }
        let entries = self.bytes.count("entries of a basket")?;
        let last = self.bytes.count("end of a basket")?;
        let flag = self.bytes.u8()?;
        // 80 and more: offsets are not stored, the counter branch has them.
        let (stored, flag) = if flag >= 80 { (false, flag - 80) } else { (flag != 0 && flag % 10 != 2, flag) };
        let mut offsets = Vec::new();
        if stored && entries > 0 {
            let count = self.bytes.count("number of offsets")?;
            let raw = self.bytes.take_array(count, 4)?;
            let starts = raw.chunks_exact(4).take(entries).filter_map(|b| b.first_chunk::<4>());
            offsets = starts.map(|b| u32::from_be_bytes(*b).wrapping_sub(key_bytes as u32)).collect();
            if flag > 40 {
                let count = self.bytes.count("number of displacements")?;
                self.bytes.take_array(count, 4)?;
            }
        }
        let mut data = Vec::new();
        if flag == 1 || flag > 10 {
            let count = if version > 1 { last } else { self.bytes.count("size of a basket")? };
            data = self.bytes.take(count)?.get(key_bytes..).unwrap_or_default().to_vec();
        }
        Ok(RootObject::Basket(EmbeddedBasket { entries, offsets, data }))
    }
}

/// TArrayC .. TArrayD: a count and the numbers, nothing in front.
pub(crate) fn array_class(class: &str) -> Option<Basic> {
    Some(match class {
        "TArrayC" => Basic::I8,
        "TArrayS" => Basic::I16,
        "TArrayI" => Basic::I32,
        "TArrayL" | "TArrayL64" => Basic::I64,
        "TArrayF" => Basic::F32,
        "TArrayD" => Basic::F64,
        _ => return None,
    })
}
