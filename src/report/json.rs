//! `report.json`: everything that the report shows, for programs.
//!
//! In: a [`ReportData`]. Out: indented JSON whose first key is `schema`; lists of numbers stay on one line. The same
//! data give the same bytes (shortest decimal form of each float), and reading back gives equal data, which is checked
//! before the first byte leaves: JSON has no NaN.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use super::{ReportData, ReportError};

/// Version of the layout of `report.json` that this program writes and reads.
pub const SCHEMA: u32 = 2;

/// Writes `report.json`; `data.schema` must be [`SCHEMA`], or it could not be read back.
pub fn write_report_json<W: Write>(mut out: W, data: &ReportData) -> Result<(), ReportError> {
    if data.schema != SCHEMA {
        return Err(ReportError::Schema { found: data.schema.into(), known: SCHEMA });
    }
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Indented::default());
    data.serialize(&mut serializer)?;
    text.push(b'\n');
    if let Err(error) = serde_json::from_slice::<ReportData>(&text) {
        let line = String::from_utf8_lossy(&text).lines().nth(error.line().saturating_sub(1)).unwrap_or("").to_string();
        let text: String = line.trim().chars().take(80).collect();
        return Err(ReportError::NotFinite { line: error.line(), text, why: error.to_string() });
    }
    out.write_all(&text)?;
    out.flush()?;
    Ok(())
}

/// Reads `report.json` back; refuses other schema versions.
pub fn read_report_json<R: Read>(mut input: R) -> Result<ReportData, ReportError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema: u64,
    }
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    let Version { schema } = serde_json::from_slice(&text)?;
    if schema != u64::from(SCHEMA) {
        return Err(ReportError::Schema { found: schema, known: SCHEMA });
    }
    Ok(serde_json::from_slice(&text)?)
}

/// Two spaces per level. The first element of a list decides: numbers stay on one line, all else stands on lines.
#[derive(Debug, Default)]
struct Indented {
    /// One entry per open list or object.
    open: Vec<Container>,
    /// A list element is due; true for the first of its list.
    due: Option<bool>,
}

#[derive(Debug)]
struct Container {
    /// Elements stand on lines of their own.
    lines: bool,
    empty: bool,
}

impl Indented {
    fn new_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.open.len()).try_for_each(|_| out.write_all(b"  "))
    }

    /// Puts the space before a value; inside objects the value follows its key and there is none.
    fn begin_value<W: ?Sized + Write>(&mut self, out: &mut W, is_number: bool) -> io::Result<()> {
        let Some(first) = self.due.take() else { return Ok(()) };
        let Some(list) = self.open.last_mut() else { return Ok(()) };
        if first {
            list.lines = !is_number;
        }
        match (list.lines, first) {
            (true, _) => self.new_line(out),
            (false, true) => Ok(()),
            (false, false) => out.write_all(b" "),
        }
    }

    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.begin_value(out, false)?;
        self.open.push(Container { lines: true, empty: true });
        out.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        if let Some(done) = self.open.pop()
            && done.lines
            && !done.empty
        {
            self.new_line(out)?;
        }
        out.write_all(bracket)
    }

    fn separate<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if let Some(container) = self.open.last_mut() {
            container.empty = false;
        }
        if first { Ok(()) } else { out.write_all(b",") }
    }
}

impl Formatter for Indented {
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)?;
        self.new_line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.due = Some(first);
        self.separate(out, first)
    }

    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin_value(out, false)?;
        CompactFormatter.begin_string(out)
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        self.begin_value(out, true)?;
        CompactFormatter.write_f64(out, value)
    }

    fn write_u64<W: ?Sized + Write>(&mut self, out: &mut W, value: u64) -> io::Result<()> {
        self.begin_value(out, true)?;
        CompactFormatter.write_u64(out, value)
    }

    fn write_null<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin_value(out, true)?;
        CompactFormatter.write_null(out)
    }
}
