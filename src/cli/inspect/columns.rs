//! Aligned columns on the terminal.

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

use Align::{Left, Right};

/// Lines of a table, two spaces in front and between columns, nothing behind the last word. The header may be empty.
pub(super) fn table(header: &[&str], align: &[Align], rows: &[Vec<String>]) -> String {
    let columns = align.len();
    let mut widths = vec![0; columns];
    let header: Vec<String> = header.iter().map(|text| text.to_string()).collect();
    let lines = || std::iter::once(&header).filter(|line| !line.is_empty()).chain(rows);
    for line in lines() {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in lines() {
        let mut shown = String::new();
        for ((cell, &width), &align) in line.iter().zip(&widths).zip(align) {
            let gap = " ".repeat(width - cell.chars().count().min(width));
            shown.push_str("  ");
            match align {
                Left => shown.push_str(&format!("{cell}{gap}")),
                Right => shown.push_str(&format!("{gap}{cell}")),
            }
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
    text
}

/// A text of at most `most` characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_left_and_numbers_right() {
        let rows = [vec!["Jet.PT".to_string(), "7".into()], vec!["µ".into(), "12 345".into()]];
        assert_eq!(
            table(&["name", "n"], &[Left, Right], &rows),
            "  name         n\n  Jet.PT       7\n  µ       12 345\n"
        );
        assert_eq!(table(&[], &[Left], &[vec!["a".into()]]), "  a\n");
        assert_eq!(shortened("vector<float>", 7), "vector…");
    }
}
