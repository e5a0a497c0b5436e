//! One line of a Dark Machines text: an event.
//!
//! `event; process; weight; MET; METphi; obj, E, pt, eta, phi; obj, E, pt, eta, phi; ...`, MeV and radians. Spaces around
//! everything, empty fields and a `;` at the end are allowed. Objects: j b e- e+ m- m+ g.
//!
//! In: the bytes of a line and the order of its first columns. Out: one more event in a batch, GeV; nothing is allocated
//! but room in the columns.

use super::CsvColumn;
use crate::ntuples::describe::RawField;
use crate::ntuples::layouts::branches::mass_from_energy;
use crate::ntuples::{EventBatch, ObjectColumns};

const GEV: f64 = 1e-3;

/// What the first columns of a file are; None: a column that is not known.
pub(super) type Order = Vec<Option<CsvColumn>>;

/// Where a line is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wrong {
    /// Byte of the line, from 0.
    pub at: usize,
    pub expected: &'static str,
    /// What stands there, shortened.
    pub found: String,
}

/// The first columns of an event. What the file does not have is weight 1, MET 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Head {
    pub weight: f64,
    /// MeV.
    pub met: f64,
    pub met_phi: f64,
}

/// Pieces of a line between separators, trimmed, with the byte where each begins.
struct Pieces<'l> {
    line: &'l [u8],
    separator: u8,
    start: usize,
    next: Option<usize>,
}

impl<'l> Pieces<'l> {
    fn new(line: &'l [u8], separator: u8, start: usize) -> Self {
        Pieces { line, separator, start, next: Some(0) }
    }
}

impl<'l> Iterator for Pieces<'l> {
    type Item = (usize, &'l [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.next?;
        let rest = self.line.get(from..)?;
        let piece = match memchr::memchr(self.separator, rest) {
            Some(end) => {
                self.next = Some(from + end + 1);
                rest.get(..end).unwrap_or_default()
            }
            None => {
                self.next = None;
                rest
            }
        };
        let spaces = piece.len() - piece.trim_ascii_start().len();
        Some((self.start + from + spaces, piece.trim_ascii()))
    }
}

/// The columns before the objects, and the byte where those begin.
pub(super) fn head(line: &[u8], order: &[Option<CsvColumn>]) -> Result<(Head, usize), Wrong> {
    let mut pieces = Pieces::new(line, b';', 0);
    let mut head = Head { weight: 1.0, met: 0.0, met_phi: 0.0 };
    for column in order {
        let Some((at, field)) = pieces.next() else {
            return Err(Wrong { at: line.len(), expected: "more columns before the objects", found: "the end".into() });
        };
        match column {
            Some(CsvColumn::Weight) => head.weight = number(at, field, "a number (event weight)")?,
            Some(CsvColumn::Met) => head.met = number(at, field, "a number (MET, MeV)")?,
            Some(CsvColumn::MetPhi) => head.met_phi = number(at, field, "a number (direction of MET)")?,
            Some(CsvColumn::Event | CsvColumn::Process) | None => {}
        }
    }
    Ok((head, pieces.next.unwrap_or(line.len())))
}

/// Appends the event of a line to a batch, whose columns are left in disorder if the line is wrong.
pub(super) fn append(line: &[u8], order: &[Option<CsvColumn>], batch: &mut EventBatch) -> Result<(), Wrong> {
    let (head, objects) = head(line, order)?;
    for (at, field) in Pieces::new(line.get(objects..).unwrap_or_default(), b';', objects) {
        if !field.is_empty() {
            object(at, field, batch)?;
        }
    }
    batch.weight.push(head.weight);
    batch.met.push((head.met * GEV) as f32);
    batch.met_phi.push(head.met_phi as f32);
    for kind in [&mut batch.electrons, &mut batch.muons, &mut batch.photons, &mut batch.jets] {
        kind.offsets.push(kind.pt.len() as u32);
    }
    Ok(())
}

fn object(start: usize, field: &[u8], batch: &mut EventBatch) -> Result<(), Wrong> {
    let mut pieces = Pieces::new(field, b',', start);
    let (at, symbol) = pieces.next().unwrap_or((start, field));
    let mut next = |expected| {
        let (at, piece) = pieces.next().unwrap_or((start + field.len(), b""));
        number(at, piece, expected)
    };
    let energy = |next: &mut dyn FnMut(&'static str) -> Result<f64, Wrong>| next("a number (energy, MeV)");
    let (columns, charge, jet): (&mut ObjectColumns, i8, Option<bool>) = match symbol {
        b"j" => (&mut batch.jets, 0, Some(false)),
        b"b" => (&mut batch.jets, 0, Some(true)),
        b"e-" => (&mut batch.electrons, -1, None),
        b"e+" => (&mut batch.electrons, 1, None),
        b"m-" | b"mu-" => (&mut batch.muons, -1, None),
        b"m+" | b"mu+" => (&mut batch.muons, 1, None),
        b"g" => (&mut batch.photons, 0, None),
        _ => return Err(Wrong { at, expected: "an object: j, b, e-, e+, m-, m+ or g", found: shown(symbol) }),
    };
    let energy = energy(&mut next)?;
    let pt = next("a number (pT, MeV)")?;
    let eta = next("a number (eta)")?;
    let phi = next("a number (phi)")?;
    if let Some((at, more)) = pieces.next() {
        return Err(Wrong { at, expected: "the end of the object after phi", found: shown(more) });
    }
    columns.pt.push((pt * GEV) as f32);
    columns.eta.push(eta as f32);
    columns.phi.push(phi as f32);
    if let Some(btag) = jet {
        columns.mass.push(mass_from_energy(energy, (pt * eta.cosh()).powi(2), GEV));
        columns.btag.push(btag);
    } else if charge != 0 {
        columns.charge.push(charge);
    }
    Ok(())
}

/// The fields of a line as they stand there, with what they are.
pub(super) fn fields(line: &[u8], order: &[Option<CsvColumn>]) -> Vec<RawField> {
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let fields = Pieces::new(line, b';', 0).map(|(_, field)| field).enumerate();
    let named = fields.map(|(i, field)| match order.get(i) {
        Some(Some(column)) => RawField { column: column.name().into(), text: text(field) },
        Some(None) => RawField { column: "not read".into(), text: text(field) },
        None => RawField { column: format!("object {}", i - order.len() + 1), text: text(field) },
    });
    // A `;` at the end has nothing behind it.
    named.enumerate().filter(|(i, field)| *i < order.len() || !field.text.is_empty()).map(|(_, field)| field).collect()
}

fn number(at: usize, text: &[u8], expected: &'static str) -> Result<f64, Wrong> {
    let parsed = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| Wrong { at, expected, found: shown(text) })
}

fn shown(text: &[u8]) -> String {
    match text {
        b"" => "nothing".to_string(),
        text => {
            let text = String::from_utf8_lossy(text.get(..text.len().min(80)).unwrap_or_default());
            let short: String = text.chars().take(30).map(|c| if c.is_control() { '?' } else { c }).collect();
            format!("`{short}`")
        }
    }
}

/// The columns that a first line names, up to the first that is none of an event's; None if it is no such line.
pub(super) fn header(line: &[u8]) -> Option<Order> {
    let mut order = Vec::new();
    for (_, field) in Pieces::new(line, b';', 0) {
        let name: Vec<u8> = field.iter().filter(|c| c.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
        order.push(match name.as_slice() {
            b"event" | b"eventid" | b"eventnumber" | b"id" => Some(CsvColumn::Event),
            b"process" | b"processid" => Some(CsvColumn::Process),
            b"weight" | b"eventweight" => Some(CsvColumn::Weight),
            b"met" => Some(CsvColumn::Met),
            b"metphi" | b"phimet" | b"phi" => Some(CsvColumn::MetPhi),
            name if name.starts_with(b"obj") => break,
            _ if field.contains(&b',') || field.is_empty() => break,
            _ => None,
        });
    }
    let has = |column| order.contains(&Some(column));
    (has(CsvColumn::Met) && has(CsvColumn::MetPhi)).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Order {
        use CsvColumn::*;
        [Event, Process, Weight, Met, MetPhi].map(Some).into()
    }

    fn one(line: &str) -> Result<EventBatch, Wrong> {
        let mut batch = EventBatch::default();
        append(line.as_bytes(), &usual(), &mut batch).map(|()| batch)
    }

    #[test]
    fn an_event_with_spaces_and_a_trailing_semicolon() {
        let batch =
            one(" 5; zjets;0.5 ; 15891.1;-2.5; j, 5000, 3000,0,2.5; b,3000,3000,0,1;m+,9,70606.5,1.4,0.1; g,1,2,3,-1;")
                .expect("a good line");
        assert_eq!((batch.weight, batch.met, batch.met_phi), (vec![0.5], vec![15.8911], vec![-2.5]));
        assert_eq!((batch.jets.mass, batch.jets.btag), (vec![4.0, 0.0], vec![false, true]));
        assert_eq!((batch.muons.pt, batch.muons.charge), (vec![70.6065], vec![1]));
        assert_eq!((batch.photons.phi, batch.photons.charge), (vec![-1.0], vec![]));
    }

    #[test]
    fn fields_are_shown_as_they_stand() {
        let fields = fields(b" 5; zjets;0.5 ; 15891.1;-2.5; j, 5000, 3000,0,2.5;", &usual());
        let shown: Vec<(&str, &str)> = fields.iter().map(|field| (&*field.column, &*field.text)).collect();
        let head = [("event", "5"), ("process", "zjets"), ("weight", "0.5"), ("met", "15891.1"), ("met_phi", "-2.5")];
        assert_eq!(shown[..5], head);
        assert_eq!(shown[5..], [("object 1", "j, 5000, 3000,0,2.5")]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let wrong = |line: &str| one(line).map_err(|wrong| (wrong.at, wrong.expected, wrong.found)).expect_err("wrong");
        assert_eq!(wrong("1;p;1;2"), (7, "more columns before the objects", "the end".into()));
        assert_eq!(wrong("1;p;1; x;0"), (7, "a number (MET, MeV)", "`x`".into()));
        assert_eq!(wrong("1;p;1;2;0;t,1,2,3,4").0, 10);
        assert_eq!(wrong("1;p;1;2;0;j,1,2,3"), (17, "a number (phi)", "nothing".into()));
        assert_eq!(wrong("1;p;1;2;0;j,1,2,3,4,5"), (20, "the end of the object after phi", "`5`".into()));
        assert_eq!(wrong("1;p;1;;0"), (6, "a number (MET, MeV)", "nothing".into()));
    }

    #[test]
    fn a_first_line_may_name_the_columns() {
        use CsvColumn::*;
        let text = "event ID; process ID; event weight; MET; METphi; obj1, E1, pt1, eta1, phi1; obj2, E2";
        assert_eq!(header(text.as_bytes()), Some(usual()));
        let other = header(b"eventID;processID;METphi;MET;weight;");
        assert_eq!(other, Some([Event, Process, MetPhi, Met, Weight].map(Some).into()));
        assert_eq!(header(b"0;zjets;9270.52;62932.9;-0.547138;j,1,2,3,4;"), None);
        assert_eq!(header(b""), None);
    }
}
