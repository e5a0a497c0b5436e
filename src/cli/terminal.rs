//! The only place that prints: data to stdout, everything for people to stderr.
//!
//! In: text, in which names from files may stand. Out: the same, with what a terminal would obey spelled out.

use std::borrow::Cow;
use std::io::{BufWriter, Error, ErrorKind, IsTerminal, Result as IoResult, StdoutLock, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;

/// A message for people.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", harmless(text));
}

/// A line of data.
pub fn data(text: &str) {
    to_stdout(|out| writeln!(out, "{}", harmless(text)));
}

/// Several lines of data that end in a line break already.
pub fn text(text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    to_stdout(|out| write!(out, "{}{end}", harmless(text)));
}

/// Control characters but line break and tab, and the marks that turn the direction of writing, as `\u001b`: JSON and
/// YAML read that back.
fn harmless(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match obeyed(c) {
            true => clean.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

/// Data too large for one text: `write` gets stdout. `| head` closes the pipe: that is not an error.
pub fn stream(write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> IoResult<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(stdout_failed),
    }
}

/// The first error of stdout: a full disk behind it must not look like success.
static LOST: Mutex<Option<Error>> = Mutex::new(None);

fn to_stdout(write: impl FnOnce(&mut StdoutLock<'static>) -> IoResult<()>) {
    if let Err(error) = write(&mut std::io::stdout().lock()) {
        LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// An error if data that were printed before did not arrive; for the end of the program.
pub fn all_arrived() -> Result<(), Failure> {
    to_stdout(Write::flush);
    match LOST.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(stdout_failed(error)),
        _ => Ok(()),
    }
}

fn stdout_failed(error: Error) -> Failure {
    Failure::new(format!("cannot write to stdout: {error}"))
}

/// Do people watch stderr as it is written?
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Why a command could not run: the text that is shown after `error: `.
#[derive(Debug)]
pub struct Failure {
    message: String,
}

impl Failure {
    /// A failure with a message (hints follow on lines of their own).
    pub fn new(message: String) -> Self {
        Failure { message }
    }

    /// A file that cannot be read or written.
    pub fn io(path: &Path, error: std::io::Error) -> Self {
        Failure { message: format!("{}: {error}", path.display()) }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(&format!("\n  because: {text}"));
            }
            source = cause.source();
        }
        Failure { message }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DeviceArg {
    /// CUDA where it works, else CPU.
    #[default]
    Auto,
    /// CPU.
    Cpu,
    /// CUDA or an error.
    Cuda,
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_terminal_obeys_nothing_that_stands_in_a_name() {
        assert_eq!(harmless("m(μμ)\t1\n"), "m(μμ)\t1\n");
        assert_eq!(
            harmless("\x1b[2J\r\0\x7f\u{9b}\u{202e}gpj.\u{2066}"),
            "\\u001b[2J\\u000d\\u0000\\u007f\\u009b\\u202egpj.\\u2066"
        );
    }
}
