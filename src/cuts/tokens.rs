//! Text of a cut to its numbers, words and signs, with winnow.
//!
//! Characters that mean something elsewhere (`&&`, `|`, `=`) are errors that say what to write instead.

use std::ops::Range;

use winnow::ModalResult;
use winnow::Parser as _;
use winnow::ascii::{digit0, digit1, multispace0};
use winnow::combinator::{alt, opt};
use winnow::stream::LocatingSlice;
use winnow::token::{one_of, take_while};

use super::{CutError, error};

/// Numbers, names and signs of one cut; keeps hostile text from exhausting the stack (a long sum is a deep tree).
const MAX_TOKENS: usize = 1000;

/// A number, word or sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'t> {
    Number(f64),
    Name(&'t str),
    Sign(&'t str),
}

/// Words, numbers and signs of a cut with their bytes.
pub(super) fn tokenize(text: &str) -> Result<Vec<(Token<'_>, Range<usize>)>, CutError> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    let mut end = 0;
    loop {
        let space: ModalResult<&str> = multispace0.parse_next(&mut input);
        end += space.map_or(0, str::len);
        if end >= text.len() {
            return Ok(tokens);
        }
        let token: ModalResult<(Token<'_>, Range<usize>)> = token.with_span().parse_next(&mut input);
        let Ok((token, at)) = token else { return Err(unknown_character(text, end)) };
        end = at.end;
        if let Token::Number(number) = token
            && !number.is_finite()
        {
            return Err(error(at, "this number is too large"));
        }
        tokens.push((token, at));
        if tokens.len() > MAX_TOKENS {
            return Err(error(0..text.len(), format!("the cut is longer than {MAX_TOKENS} words and signs")));
        }
    }
}

fn unknown_character(text: &str, offset: usize) -> CutError {
    let rest = text.get(offset..).unwrap_or_default();
    let character = rest.chars().next().unwrap_or(' ');
    let (length, hint) = match character {
        '&' => (if rest.starts_with("&&") { 2 } else { 1 }, Some("write `and`")),
        '|' if rest.starts_with("||") => (2, Some("write `or`")),
        '|' => (1, Some("write `or`; absolute values as `abs(eta)`")),
        '!' => (1, Some("write `not`")),
        '=' => (1, Some("compare with `==`")),
        '≥' | '≤' | '≠' => (character.len_utf8(), Some("write `>=`, `<=` or `!=`")),
        '"' | '\'' => (1, Some("names need no quotes inside a cut")),
        _ => (character.len_utf8(), None),
    };
    let written = rest.get(..length).unwrap_or_default();
    let mut error = error(offset..offset + length, format!("`{written}` means nothing in a cut"));
    error.hint = hint.map(str::to_string);
    error
}

fn token<'t>(input: &mut LocatingSlice<&'t str>) -> ModalResult<Token<'t>> {
    alt((number, name, sign)).parse_next(input)
}

fn number<'t>(input: &mut LocatingSlice<&'t str>) -> ModalResult<Token<'t>> {
    let exponent = || opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1));
    let whole_first = (digit1, opt(('.', digit0)), exponent()).take();
    let point_first = ('.', digit1, exponent()).take();
    alt((whole_first, point_first)).try_map(|text: &str| text.parse().map(Token::Number)).parse_next(input)
}

fn name<'t>(input: &mut LocatingSlice<&'t str>) -> ModalResult<Token<'t>> {
    (one_of(|c: char| c.is_alphabetic() || c == '_'), take_while(0.., |c: char| c.is_alphanumeric() || c == '_'))
        .take()
        .map(Token::Name)
        .parse_next(input)
}

fn sign<'t>(input: &mut LocatingSlice<&'t str>) -> ModalResult<Token<'t>> {
    let single = one_of(['>', '<', '(', ')', ',', '+', '-', '*', '/']).take();
    alt((">=", "<=", "==", "!=", single)).map(Token::Sign).parse_next(input)
}
