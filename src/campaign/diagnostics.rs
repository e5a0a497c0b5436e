//! Mistakes in a campaign, all of them at once, each with its place in the file.
//!
//! In: mistakes collected by the other files of this folder. Out: [`CampaignErrors`], whose `Display` is ready for a
//! terminal (print `error: ` before it):
//! ```text
//! unknown key `min_entry` in `scan`
//!   --> selections/mine.yaml:12:3
//!    |
//! 12 |   min_entry: 50
//!    |   ^^^^^^^^^
//!   nearest: `min_entries`
//! hint: the keys of `scan` are ...
//! ```

use std::fmt;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// Width in which lines of a campaign are shown, characters.
const SHOWN: usize = 110;

/// Of a line, so many characters before and behind a mistake are kept: a file may be one line of megabytes with thousands of
/// mistakes.
const KEPT: usize = 500;

/// Most mistakes that are shown.
const MOST_SHOWN: usize = 50;

/// One mistake.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Where; None if it concerns the file as a whole.
    pub place: Option<Box<Place>>,
    /// What happened.
    pub message: String,
    /// Names that exist and look like what was written.
    pub nearest: Vec<String>,
    /// What to try.
    pub hint: Option<String>,
}

/// A stretch of one line of the campaign or of a `--set`.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Campaign file as given, or `--set`.
    pub source: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Characters, at least 1.
    pub length: usize,
    /// The line; of a long one the part around the place.
    pub text: String,
    /// Characters of the line before `text`.
    pub left_out: usize,
}

/// Everything that is wrong with a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignErrors {
    /// The campaign file as given.
    pub path: PathBuf,
    /// At least one, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::error::Error for CampaignErrors {}

impl Diagnostic {
    pub(super) fn new(place: Option<Box<Place>>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { place, message: message.into(), nearest: Vec::new(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn near(mut self, nearest: Vec<String>) -> Diagnostic {
        self.nearest = nearest;
        self
    }
}

impl Place {
    /// The place of `len` bytes from byte `offset` on; None where they do not lie in the text.
    pub(super) fn in_text(source: &str, text: &str, offset: usize, len: usize) -> Option<Place> {
        let before = text.get(..offset)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let left = before.get(start..)?;
        let right = text.get(offset..)?.lines().next().unwrap_or_default();
        let stretch = text.get(offset..offset.saturating_add(len)).unwrap_or_default();
        let column = left.chars().count() + 1;
        let kept = left.char_indices().rev().nth(KEPT - 1).map_or(0, |(at, _)| at);
        Some(Place {
            source: source.to_string(),
            line: before.matches('\n').count() + 1,
            column,
            length: stretch.lines().next().unwrap_or_default().trim_end().chars().count().clamp(1, KEPT),
            text: left.get(kept..)?.chars().chain(right.chars().take(KEPT)).collect(),
            left_out: (column - 1).saturating_sub(KEPT),
        })
    }
}

impl fmt::Display for CampaignErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.diagnostics.iter().take(MOST_SHOWN).enumerate() {
            if i > 0 {
                f.write_str("\n\nerror: ")?;
            }
            write!(f, "{diagnostic}")?;
        }
        match self.diagnostics.len() {
            0 | 1 => Ok(()),
            n if n <= MOST_SHOWN => write!(f, "\n\n{n} mistakes in {}", self.path.display()),
            n => write!(f, "\n\n{n} mistakes in {}; the first {MOST_SHOWN} are shown", self.path.display()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n{place}")?;
        }
        if !self.nearest.is_empty() {
            let names: Vec<String> = self.nearest.iter().map(|name| format!("`{name}`")).collect();
            write!(f, "\n  nearest: {}", names.join(", "))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = |character: usize| self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at);
        let first = self.column.saturating_sub(1 + self.left_out);
        let stretch = byte(first)..byte(first.saturating_add(self.length));
        let line = Snippet::source(&self.text)
            .path(&self.source)
            .line_start(self.line)
            .annotation(AnnotationKind::Primary.span(stretch));
        // Longer lines are cut on both sides of the place.
        let renderer = Renderer::plain().term_width(SHOWN);
        let shown = renderer.render(&[Group::with_level(Level::ERROR).element(line)]);
        // The column in the line, not in the part of it.
        let [found, right] = [first + 1, self.column].map(|column| format!(":{}:{column}\n", self.line));
        f.write_str(shown.replacen(&found, &right, 1).trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_shown_with_its_line_and_a_caret() {
        let place = Place {
            source: "mine.yaml".into(),
            line: 12,
            column: 3,
            length: 9,
            text: "  min_entry: 50".into(),
            left_out: 0,
        };
        let diagnostic = Diagnostic::new(Some(Box::new(place)), "unknown key `min_entry` in `scan`")
            .near(vec!["min_entries".into()])
            .hint("see selections/README.md");
        assert_eq!(
            diagnostic.to_string(),
            "unknown key `min_entry` in `scan`\n  --> mine.yaml:12:3\n   |\n12 |   min_entry: 50\n   |   ^^^^^^^^^\n  \
             nearest: `min_entries`\nhint: see selections/README.md"
        );
    }

    #[test]
    fn a_place_far_out_in_a_long_line_is_still_shown() {
        let text = format!("{}HERE{}", "x".repeat(5000), "y".repeat(5000));
        let place = Place::in_text("m", &text, 5000, 4).expect("it lies in the text");
        assert!(place.text.len() < 1010);
        let shown = place.to_string();
        assert!(shown.contains("m:1:5001\n"), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[3].find('^').expect("there is a caret");
        assert_eq!(&lines[2][caret..caret + 4], "HERE");
        assert!(lines[2].len() < 130);
    }

    #[test]
    fn a_place_outside_its_line_does_no_harm() {
        let place = Place { source: "m".into(), line: 1, column: 900, length: 900, text: "ab".into(), left_out: 0 };
        assert!(place.to_string().contains('^'));
    }
}
