//! Columns: the numbers of one branch for a range of entries.
//!
//! In: big-endian bytes of baskets. Out: native numbers, and offsets where entries differ in length. A column that is
//! read into again keeps its memory.

use super::element::ElementType;

/// Numbers of one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// `float`
    F32(Vec<f32>),
    /// `double`
    F64(Vec<f64>),
    /// `int8_t`
    I8(Vec<i8>),
    /// `uint8_t`
    U8(Vec<u8>),
    /// `int16_t`
    I16(Vec<i16>),
    /// `uint16_t`
    U16(Vec<u16>),
    /// `int32_t`
    I32(Vec<i32>),
    /// `uint32_t`
    U32(Vec<u32>),
    /// `int64_t`
    I64(Vec<i64>),
    /// `uint64_t`
    U64(Vec<u64>),
    /// `bool`
    Bool(Vec<bool>),
}

/// The numbers of a branch for a range of entries.
///
/// A fixed column has `width` numbers per entry and no offsets. A jagged column has `n_entries + 1` offsets, and the
/// objects of entry `i` are `offsets[i]..offsets[i + 1]`, each of `width` numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// All numbers, entry after entry.
    pub values: Values,
    /// Starts at 0; counts objects, not numbers. Empty for fixed columns.
    pub offsets: Vec<u32>,
    /// Numbers per object (5 for `float[][5]`), or per entry of a fixed column.
    pub width: usize,
}

impl Default for Column {
    fn default() -> Self {
        Column { values: Values::F32(Vec::new()), offsets: Vec::new(), width: 1 }
    }
}

macro_rules! for_each_type {
    ($value:expr, $vector:ident => $body:expr) => {
        match $value {
            Values::F32($vector) => $body,
            Values::F64($vector) => $body,
            Values::I8($vector) => $body,
            Values::U8($vector) => $body,
            Values::I16($vector) => $body,
            Values::U16($vector) => $body,
            Values::I32($vector) => $body,
            Values::U32($vector) => $body,
            Values::I64($vector) => $body,
            Values::U64($vector) => $body,
            Values::Bool($vector) => $body,
        }
    };
}

impl Values {
    /// An empty vector of the type.
    pub fn empty(element: ElementType) -> Values {
        match element {
            ElementType::F32 => Values::F32(Vec::new()),
            ElementType::F64 => Values::F64(Vec::new()),
            ElementType::I8 => Values::I8(Vec::new()),
            ElementType::U8 => Values::U8(Vec::new()),
            ElementType::I16 => Values::I16(Vec::new()),
            ElementType::U16 => Values::U16(Vec::new()),
            ElementType::I32 => Values::I32(Vec::new()),
            ElementType::U32 => Values::U32(Vec::new()),
            ElementType::I64 => Values::I64(Vec::new()),
            ElementType::U64 => Values::U64(Vec::new()),
            ElementType::Bool => Values::Bool(Vec::new()),
        }
    }

    /// The type of the numbers.
    pub fn element(&self) -> ElementType {
        match self {
            Values::F32(_) => ElementType::F32,
            Values::F64(_) => ElementType::F64,
            Values::I8(_) => ElementType::I8,
            Values::U8(_) => ElementType::U8,
            Values::I16(_) => ElementType::I16,
            Values::U16(_) => ElementType::U16,
            Values::I32(_) => ElementType::I32,
            Values::U32(_) => ElementType::U32,
            Values::I64(_) => ElementType::I64,
            Values::U64(_) => ElementType::U64,
            Values::Bool(_) => ElementType::Bool,
        }
    }

    /// The numbers as whole ones of 64 bits, the same for every type that they may be stored in.
    pub fn each_whole(&self, mut each: impl FnMut(u64)) {
        match self {
            Values::F32(list) => list.iter().for_each(|value| each(f64::from(*value) as i64 as u64)),
            Values::F64(list) => list.iter().for_each(|value| each(*value as i64 as u64)),
            Values::I8(list) => list.iter().for_each(|value| each(i64::from(*value) as u64)),
            Values::I16(list) => list.iter().for_each(|value| each(i64::from(*value) as u64)),
            Values::I32(list) => list.iter().for_each(|value| each(i64::from(*value) as u64)),
            Values::I64(list) => list.iter().for_each(|value| each(*value as u64)),
            Values::U8(list) => list.iter().for_each(|value| each(u64::from(*value))),
            Values::U16(list) => list.iter().for_each(|value| each(u64::from(*value))),
            Values::U32(list) => list.iter().for_each(|value| each(u64::from(*value))),
            Values::U64(list) => list.iter().for_each(|value| each(*value)),
            Values::Bool(list) => list.iter().for_each(|value| each(u64::from(*value))),
        }
    }

    /// How many numbers.
    pub fn len(&self) -> usize {
        for_each_type!(self, vector => vector.len())
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number `index` as f64 (64-bit integers are rounded, true is 1).
    pub fn get(&self, index: usize) -> Option<f64> {
        Some(match self {
            Values::F32(v) => (*v.get(index)?).into(),
            Values::F64(v) => *v.get(index)?,
            Values::I8(v) => (*v.get(index)?).into(),
            Values::U8(v) => (*v.get(index)?).into(),
            Values::I16(v) => (*v.get(index)?).into(),
            Values::U16(v) => (*v.get(index)?).into(),
            Values::I32(v) => (*v.get(index)?).into(),
            Values::U32(v) => (*v.get(index)?).into(),
            Values::I64(v) => *v.get(index)? as f64,
            Values::U64(v) => *v.get(index)? as f64,
            Values::Bool(v) => u8::from(*v.get(index)?).into(),
        })
    }

    /// Moves the numbers into `out` as f32, without a copy if they are f32 (`out`'s memory is kept for the next read).
    pub fn drain_f32(&mut self, out: &mut Vec<f32>) {
        out.clear();
        match self {
            Values::F32(v) => std::mem::swap(v, out),
            Values::F64(v) => out.extend(v.iter().map(|x| *x as f32)),
            other => out.extend((0..other.len()).filter_map(|i| other.get(i)).map(|x| x as f32)),
        }
    }

    /// The numbers as integers; None if they are floating point. Calls `each` once per number.
    pub fn for_each_int(&self, mut each: impl FnMut(i64)) -> Option<()> {
        match self {
            Values::F32(_) | Values::F64(_) => return None,
            Values::I8(v) => v.iter().for_each(|x| each((*x).into())),
            Values::U8(v) => v.iter().for_each(|x| each((*x).into())),
            Values::I16(v) => v.iter().for_each(|x| each((*x).into())),
            Values::U16(v) => v.iter().for_each(|x| each((*x).into())),
            Values::I32(v) => v.iter().for_each(|x| each((*x).into())),
            Values::U32(v) => v.iter().for_each(|x| each((*x).into())),
            Values::I64(v) => v.iter().for_each(|x| each(*x)),
            Values::U64(v) => v.iter().for_each(|x| each(*x as i64)),
            Values::Bool(v) => v.iter().for_each(|x| each((*x).into())),
        }
        Some(())
    }

    /// Keeps number `index` of every group of so many.
    fn keep_every(&mut self, width: usize, index: usize) {
        for_each_type!(self, vector => {
            let mut at = 0;
            vector.retain(|_| {
                at += 1;
                (at - 1) % width == index
            });
        });
    }

    /// Appends big-endian numbers. A remainder that is no whole number is ignored.
    pub(crate) fn extend_big_endian(&mut self, bytes: &[u8]) {
        macro_rules! append {
            ($vector:expr, $type:ty) => {{
                let (numbers, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                $vector.extend(numbers.iter().map(|number| <$type>::from_be_bytes(*number)))
            }};
        }
        match self {
            Values::F32(v) => append!(v, f32),
            Values::F64(v) => append!(v, f64),
            Values::I8(v) => append!(v, i8),
            Values::U8(v) => v.extend_from_slice(bytes),
            Values::I16(v) => append!(v, i16),
            Values::U16(v) => append!(v, u16),
            Values::I32(v) => append!(v, i32),
            Values::U32(v) => append!(v, u32),
            Values::I64(v) => append!(v, i64),
            Values::U64(v) => append!(v, u64),
            Values::Bool(v) => v.extend(bytes.iter().map(|byte| *byte != 0)),
        }
    }
}

impl Column {
    /// Entries in a column, jagged or fixed.
    pub fn entries(&self) -> usize {
        match self.offsets.len() {
            0 => self.values.len() / self.width.max(1),
            offsets => offsets - 1,
        }
    }

    /// Keeps one number per entry: number `index` of each. Where an entry of a list has fewer the column becomes one of
    /// `double`, with what is no number there.
    pub(crate) fn pick(&mut self, index: usize) {
        if self.offsets.is_empty() {
            self.values.keep_every(self.width.max(1), index);
        } else {
            let place = |pair: &[u32]| match pair {
                [start, end] => Some(*start as usize + index).filter(|place| *place < *end as usize),
                _ => None,
            };
            let places: Vec<Option<usize>> = self.offsets.windows(2).map(place).collect();
            if places.iter().all(Option::is_some) {
                let mut wanted = places.iter().flatten().peekable();
                let mut at = 0;
                for_each_type!(&mut self.values, vector => vector.retain(|_| {
                    at += 1;
                    wanted.next_if(|place| **place == at - 1).is_some()
                }));
            } else {
                let number = |place: &Option<usize>| place.and_then(|place| self.values.get(place)).unwrap_or(f64::NAN);
                self.values = Values::F64(places.iter().map(number).collect());
            }
            self.offsets.clear();
        }
        self.width = 1;
    }

    /// Empties the column for numbers of another (or the same) type; memory is kept where the type is the same.
    pub(crate) fn reset(&mut self, element: ElementType, width: usize, jagged: bool) {
        if self.values.element() == element {
            for_each_type!(&mut self.values, vector => vector.clear());
        } else {
            self.values = Values::empty(element);
        }
        self.offsets.clear();
        if jagged {
            self.offsets.push(0);
        }
        self.width = width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_endian_numbers_of_every_type_convert() {
        let mut column = Column::default();
        column.reset(ElementType::F32, 1, false);
        column.values.extend_big_endian(&[0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]);
        assert_eq!(column.values, Values::F32(vec![1.0, -2.0]));
        column.reset(ElementType::U16, 1, true);
        column.values.extend_big_endian(&[1, 2]);
        assert_eq!((column.values.get(0), column.offsets.as_slice()), (Some(258.0), &[0][..]));
        column.reset(ElementType::Bool, 1, false);
        column.values.extend_big_endian(&[0, 1, 7]);
        assert_eq!(column.values, Values::Bool(vec![false, true, true]));
    }

    #[test]
    fn one_number_of_several_is_picked_and_what_is_missing_is_no_number() {
        let mut fixed = Column { values: Values::I32((0..6).collect()), offsets: vec![], width: 3 };
        fixed.pick(1);
        assert_eq!((fixed.values, fixed.width), (Values::I32(vec![1, 4]), 1));
        let list = |offsets: &[u32]| Column { values: Values::U8(vec![1, 2, 3]), offsets: offsets.to_vec(), width: 1 };
        let mut whole = list(&[0, 1, 3]);
        whole.pick(0);
        assert_eq!((whole.values, whole.offsets), (Values::U8(vec![1, 2]), vec![]));
        let mut holes = list(&[0, 1, 3]);
        holes.pick(1);
        assert!(matches!(holes.values, Values::F64(numbers) if numbers[0].is_nan() && numbers[1] == 3.0));
    }

    #[test]
    fn draining_floats_swaps_memory_and_doubles_convert() {
        let mut out = Vec::new();
        Values::F32(vec![1.5]).drain_f32(&mut out);
        assert_eq!(out, [1.5]);
        Values::F64(vec![2.5]).drain_f32(&mut out);
        assert_eq!(out, [2.5]);
        Values::U32(vec![3]).drain_f32(&mut out);
        assert_eq!(out, [3.0]);
    }
}
