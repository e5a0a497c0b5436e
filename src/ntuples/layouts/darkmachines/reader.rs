//! A Dark Machines text, open: any range of its events.
//!
//! In: a file or bytes, a [`CsvLayout`], an entry range. Out: columns of an [`EventBatch`], GeV; the first wrong line where
//! lines are wrong. The order of the first columns is the one that the file names, else the one that the campaign gives,
//! else the published one, unless only another makes sense of the first lines.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blocks::{Blocks, CutError, is_blank, lines};
use super::line::{self, Order, Wrong};
use super::store::Store;
use super::{CsvColumn, CsvLayout, KIND};
use crate::ntuples::describe::RawField;
use crate::ntuples::{EventBatch, NtupleError, Part, Quantity, Reader, Scratch};

/// Lines that decide about the order of the columns where nothing names them.
const LINES_FOR_ORDER: usize = 100;

/// An open text of events.
#[derive(Debug, Clone)]
pub(crate) struct CsvReader {
    path: PathBuf,
    bytes: u64,
    blocks: Arc<Blocks>,
    order: Order,
    notes: Vec<String>,
}

/// As published: `event ID; process ID; event weight; MET; METphi; obj1, E1, pt1, eta1, phi1; ...`, arXiv:2105.14027 and
/// zenodo.org/record/3961917.
pub(super) const USUAL: [CsvColumn; 5] =
    [CsvColumn::Event, CsvColumn::Process, CsvColumn::Weight, CsvColumn::Met, CsvColumn::MetPhi];
/// Of files made otherwise; taken only where the first lines make no sense in the usual order.
const OTHER: [CsvColumn; 5] =
    [CsvColumn::Event, CsvColumn::Process, CsvColumn::Weight, CsvColumn::MetPhi, CsvColumn::Met];

impl CsvReader {
    /// Opens a file and goes through it once.
    pub(crate) fn open(path: &Path, layout: &CsvLayout) -> Result<CsvReader, NtupleError> {
        let failed = |error: std::io::Error| NtupleError::Text { path: path.into(), reason: error.to_string() };
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        if !meta.is_file() {
            return Err(NtupleError::Text { path: path.into(), reason: "it is no regular file".into() });
        }
        let mut magic = [0; 4];
        if (&file).read_exact(&mut magic).is_ok() && magic == *b"root" {
            return Err(NtupleError::Text { path: path.into(), reason: "it is a ROOT file".into() });
        }
        CsvReader::from_store(path, Store::Disk { file: Arc::new(file), length: meta.len() }, layout)
    }

    fn from_store(path: &Path, store: Store, layout: &CsvLayout) -> Result<CsvReader, NtupleError> {
        let bytes = store.length();
        let mut named: Option<Order> = None;
        let mut any = false;
        let mut first_lines: Vec<Vec<u8>> = Vec::new();
        let blocks = Blocks::cut(store, |line| {
            if !any {
                any = true;
                named = line::header(line);
                if named.is_some() {
                    return false;
                }
            }
            if first_lines.len() < LINES_FOR_ORDER {
                first_lines.push(line.to_vec());
            }
            true
        });
        let blocks = blocks.map_err(|error| match error {
            CutError::Io(error) => NtupleError::Text { path: path.into(), reason: error.to_string() },
            CutError::LongLine { line } => NtupleError::Text {
                path: path.into(),
                reason: format!("line {line} is longer than 1 MiB: this is no text of events"),
            },
        })?;
        let mut notes = Vec::new();
        let order = match (named, &layout.columns) {
            (Some(named), _) => named,
            (None, Some(columns)) => columns.iter().copied().map(Some).collect(),
            (None, None) => match [USUAL, OTHER].iter().position(|order| fits(order, &first_lines)) {
                Some(0) | None => USUAL.map(Some).into(),
                Some(_) => {
                    notes.push("the direction of MET comes before MET".to_string());
                    OTHER.map(Some).into()
                }
            },
        };
        Ok(CsvReader { path: path.into(), bytes, blocks: Arc::new(blocks), order, notes })
    }

    /// Shows every event line of a range; the first wrong line is reported when all have been seen.
    fn each_line(
        &self,
        range: Range<u64>,
        text: &mut Vec<u8>,
        mut show: impl FnMut(&[u8]) -> Result<(), Wrong>,
    ) -> Result<(), NtupleError> {
        let mut first_wrong: Option<(u64, Wrong)> = None;
        let mut wrong_lines = 0u64;
        let mut next = range.start;
        for number in self.blocks.holding(range.start).. {
            let Some(block) = self.blocks.list.get(number) else { break };
            if block.first_event >= range.end {
                break;
            }
            let failed =
                |error: std::io::Error| NtupleError::Text { path: self.path.clone(), reason: error.to_string() };
            self.blocks.read(number, text).map_err(failed)?;
            let mut event = block.first_event;
            for (line, line_number) in lines(text).zip(block.first_line..) {
                if is_blank(line) {
                    continue;
                }
                if range.contains(&event) {
                    next += 1;
                    if let Err(wrong) = show(line) {
                        wrong_lines += 1;
                        first_wrong.get_or_insert((line_number, wrong));
                    }
                }
                event += 1;
            }
        }
        if let Some((line, wrong)) = first_wrong {
            return Err(NtupleError::WrongLine {
                path: self.path.clone(),
                line,
                column: wrong.at as u64 + 1,
                expected: wrong.expected,
                found: wrong.found,
                wrong_lines,
            });
        }
        match next == range.end.max(range.start) {
            true => Ok(()),
            false => Err(NtupleError::Text {
                path: self.path.clone(),
                reason: format!("events {next} to {} are not there: was it changed while it was read?", range.end),
            }),
        }
    }
}

impl Reader for CsvReader {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn entries(&self) -> u64 {
        self.blocks.events()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// First events of all blocks.
    fn starts(&self) -> Vec<u64> {
        self.blocks.list.iter().map(|block| block.first_event).collect()
    }

    fn branches_of(&self, part: Part, quantity: Quantity) -> String {
        format!("{} {}", part.name(), quantity.name())
    }

    fn read_into(&self, range: Range<u64>, scratch: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        batch.first_entry = range.start;
        batch.may_overlap = KIND.may_overlap;
        batch.set_unconditional();
        for column in [&mut batch.met, &mut batch.met_phi] {
            column.clear();
        }
        batch.weight.clear();
        for kind in [&mut batch.electrons, &mut batch.muons, &mut batch.photons, &mut batch.jets] {
            kind.clear();
            kind.offsets.push(0);
        }
        self.each_line(range, &mut scratch.text, |line| line::append(line, &self.order, batch))
    }

    fn raw_fields(&self, entry: u64, scratch: &mut Scratch) -> Result<Vec<RawField>, NtupleError> {
        let mut fields = Vec::new();
        self.each_line(entry..entry.saturating_add(1), &mut scratch.text, |line| {
            fields = line::fields(line, &self.order);
            Ok(())
        })?;
        Ok(fields)
    }

    fn read_weights(
        &self,
        range: Range<u64>,
        scratch: &mut Scratch,
        weights: &mut Vec<f64>,
    ) -> Result<(), NtupleError> {
        weights.clear();
        self.each_line(range, &mut scratch.text, |line| {
            line::head(line, &self.order).map(|(head, _)| weights.push(head.weight))
        })
    }
}

/// Reads all events of a text in memory, plain or gzip.
///
/// ```
/// use bumphound::ntuples::layouts::CsvLayout;
///
/// let text = b"0;zjets;1.5;15891.1;-2.88;m+,153340,70606.5,1.41,0.15;m-,48777.9,46633.7,-0.3,-2.07;";
/// let batch = bumphound::ntuples::read_darkmachines(text, &CsvLayout::default())?;
/// assert_eq!((batch.len(), batch.muons.charge), (1, vec![1, -1]));
/// # Ok::<(), bumphound::ntuples::NtupleError>(())
/// ```
pub fn read_darkmachines(text: &[u8], layout: &CsvLayout) -> Result<EventBatch, NtupleError> {
    let reader = CsvReader::from_store(Path::new("(text)"), Store::Memory(text.into()), layout)?;
    let mut batch = EventBatch::default();
    reader.read_into(0..reader.entries(), &mut Scratch::default(), &mut batch)?;
    Ok(batch)
}

/// True if the first lines make sense in this order: MET not negative, its direction an angle.
fn fits(order: &[CsvColumn], first_lines: &[Vec<u8>]) -> bool {
    let order: Order = order.iter().copied().map(Some).collect();
    !first_lines.is_empty()
        && first_lines.iter().all(|line| {
            let head = line::head(line, &order);
            head.is_ok_and(|(head, _)| head.met >= 0.0 && head.met_phi.abs() <= std::f64::consts::TAU)
        })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory takes everything")
    }

    fn events(n: u64, line: impl Fn(u64) -> String) -> String {
        (0..n).map(line).collect()
    }

    fn reader(text: &[u8]) -> CsvReader {
        CsvReader::from_store(Path::new("t.csv"), Store::Memory(text.into()), &CsvLayout::default()).expect("a text")
    }

    #[test]
    fn any_range_of_a_plain_or_gzip_text_in_any_order_is_the_same() {
        let text = events(7000, |i| format!("{i};p;{i}.5;{};0.5;j,9e4,8e4,0.1,{};\r\n\n", 10 * i, i % 3));
        let text = format!("event ID; process ID; event weight; MET; METphi\n{text}");
        let (plain, packed) = (reader(text.as_bytes()), reader(&gzip(text.as_bytes())));
        assert_eq!((plain.entries(), packed.entries()), (7000, 7000));
        assert!(plain.starts().len() >= 3);
        let mut scratch = Scratch::default();
        for range in [6999..7000, 0..10, 1999..4001, 0..7000, 5..5] {
            let (mut one, mut other) = (EventBatch::default(), EventBatch::default());
            plain.read_into(range.clone(), &mut scratch, &mut one).expect("good lines");
            packed.read_into(range.clone(), &mut scratch, &mut other).expect("good lines");
            assert_eq!(one, other);
            let expected: Vec<f64> = range.map(|i| i as f64 + 0.5).collect();
            assert_eq!(one.weight, expected);
            assert_eq!(one.jets.pt.len(), expected.len());
        }
    }

    #[test]
    fn the_order_of_columns_is_named_given_or_seen() {
        let met = |text: &str, layout: &CsvLayout| {
            read_darkmachines(text.as_bytes(), layout).map(|batch| (batch.met[0], batch.met_phi[0], batch.weight[0]))
        };
        let any = CsvLayout::default();
        assert_eq!(met("1;p;2;50000;-3;\n", &any).ok(), Some((50.0, -3.0, 2.0)));
        assert_eq!(met("1;p;2;-3;50000;\n", &any).ok(), Some((50.0, -3.0, 2.0)));
        assert_eq!(met("eventID;weight;METphi;MET;obj1\n1;2;-3;50000", &any).ok(), Some((50.0, -3.0, 2.0)));
        let given = CsvLayout { columns: Some(vec![CsvColumn::Met, CsvColumn::MetPhi]) };
        assert_eq!(met("50000;-3;g,1,1,1,1", &given).ok(), Some((50.0, -3.0, 1.0)));
        assert!(met("1;p;2;-5000;50000;\n", &any).is_ok(), "a MET below 0 is counted later");
    }

    #[test]
    fn wrong_lines_are_counted_and_the_first_is_named() {
        let text = "1;p;1;1;1;j,1,1,1,1\n\n2;p;1;1;1;j,1,x,1,1\n3;p;1;1;1\n4;p;1;1\n";
        let error = read_darkmachines(text.as_bytes(), &CsvLayout::default()).expect_err("line 3 is wrong");
        assert!(matches!(error, NtupleError::WrongLine { line: 3, column: 15, wrong_lines: 2, .. }), "{error}");
        assert_eq!(read_darkmachines(b"", &CsvLayout::default()).map(|batch| batch.len()).ok(), Some(0));
        assert!(read_darkmachines(b"root\0\0\xff", &CsvLayout::default()).is_err());
        let packed = gzip(text.as_bytes());
        assert!(read_darkmachines(packed.get(..packed.len() - 5).unwrap_or_default(), &CsvLayout::default()).is_err());
    }

    #[test]
    fn a_line_that_never_ends_is_refused_before_it_fills_the_memory() {
        let packed = gzip(&vec![b'1'; 3 << 20]);
        assert!(matches!(read_darkmachines(&packed, &CsvLayout::default()), Err(NtupleError::Text { .. })));
    }
}

#[cfg(test)]
mod properties {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "event ID; process ID; event weight; MET; METphi; obj1\n0;p;1;5000;1;j,3e4,2e4,0.1,0;m+,1,2,3,4;\r\n\n1; p;2;0;-1;\n";

    proptest! {
        #[test]
        fn any_bytes_are_events_or_an_error(
            changes in prop::collection::vec((0..GOOD.len(), any::<u8>()), 0..6),
            cut in 0..=GOOD.len(),
            gzip in any::<bool>(),
        ) {
            let mut bytes = GOOD.as_bytes().to_vec();
            for (at, byte) in &changes {
                bytes[*at] = *byte;
            }
            bytes.truncate(cut);
            if gzip {
                use std::io::Write;
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                bytes = encoder.write_all(&bytes).and_then(|()| encoder.finish()).expect("memory takes everything");
                for (at, byte) in changes.iter().filter(|(at, _)| at % 3 == 0) {
                    let at = at % bytes.len();
                    bytes[at] = *byte;
                }
            }
            if let Ok(batch) = read_darkmachines(&bytes, &CsvLayout::default()) {
                prop_assert_eq!(batch.jets.offsets.len(), batch.len() + 1);
                prop_assert_eq!(batch.jets.offsets.last().copied(), Some(batch.jets.btag.len() as u32));
                prop_assert_eq!(batch.muons.pt.len(), batch.muons.charge.len());
            }
        }
    }
}
