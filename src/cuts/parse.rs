//! Text of a cut to its tree.
//!
//! A recursive descent over the words and signs of [`super::tokens`] builds the tree, so that every error knows the
//! bytes it is about. Binding, loosest first: `or`, `and`, `not`, comparison, `+ -`, `* /`, unary `-`.

use std::ops::Range;

use super::tokens::{Token, tokenize};
use super::{Amount, Comparison, Counted, Cut, CutError, CutQuantity, Operator, Relation, Test, error};

/// Parentheses, `not` and minus signs inside each other; keeps hostile text from exhausting the stack.
const MAX_DEPTH: usize = 50;

const QUANTITIES: [&str; 4] = ["MET", "HT", "lead_pt", "n"];
const WORDS: [&str; 7] = ["MET", "HT", "lead_pt", "n", "and", "or", "not"];

/// A part and the bytes it was read from.
type Piece = (Part, Range<usize>);

/// Part of a cut while it is being read: `MET` is an amount, `MET > 200` a test.
enum Part {
    Test(Test),
    Amount(Amount),
}

struct Tokens<'t> {
    text: &'t str,
    tokens: Vec<(Token<'t>, Range<usize>)>,
    next: usize,
    depth: usize,
}

pub(super) fn cut(text: &str) -> Result<Cut, CutError> {
    let mut tokens = Tokens { text, tokens: tokenize(text)?, next: 0, depth: 0 };
    if tokens.tokens.is_empty() {
        return Err(error(0..text.len(), "the cut is empty").hint("for example `MET > 200`; `~` for no cut"));
    }
    let part = tokens.any()?;
    let test = tokens.test(part)?;
    match tokens.tokens.get(tokens.next) {
        None => Ok(Cut { test }),
        Some((Token::Sign(sign @ (">" | "<" | ">=" | "<=" | "==" | "!=")), at)) => {
            Err(error(at.clone(), format!("a second comparison, `{sign}`, in a row"))
                .hint("write `100 < MET and MET < 200` instead of `100 < MET < 200`"))
        }
        Some((Token::Name(name), at)) => Err(error(at.clone(), format!("`{name}` is not expected here"))
            .near(name, &["and", "or"])
            .hint("join parts of a cut with `and` or `or`")),
        Some((_, at)) => {
            Err(error(at.clone(), format!("`{}` is not expected here", text.get(at.clone()).unwrap_or_default()))
                .hint("join parts of a cut with `and` or `or`"))
        }
    }
}

impl<'t> Tokens<'t> {
    fn any(&mut self) -> Result<Piece, CutError> {
        let first = self.all()?;
        self.joined(first, "or", Self::all, Test::Any)
    }

    fn all(&mut self) -> Result<Piece, CutError> {
        let first = self.not()?;
        self.joined(first, "and", Self::not, Test::All)
    }

    /// `first word next word next`, flattened into one list.
    fn joined(
        &mut self,
        first: Piece,
        word: &str,
        next: fn(&mut Self) -> Result<Piece, CutError>,
        build: fn(Vec<Test>) -> Test,
    ) -> Result<Piece, CutError> {
        if self.peek() != Some(Token::Name(word)) {
            return Ok(first);
        }
        let start = first.1.start;
        let mut tests = Vec::new();
        let mut part = first;
        loop {
            let end = part.1.end;
            match (self.test(part)?, word) {
                (Test::All(inner), "and") | (Test::Any(inner), "or") => tests.extend(inner),
                (test, _) => tests.push(test),
            }
            if !self.take(Token::Name(word)) {
                return Ok((Part::Test(build(tests)), start..end));
            }
            part = next(self)?;
        }
    }

    fn not(&mut self) -> Result<Piece, CutError> {
        let start = self.here().start;
        if !self.take(Token::Name("not")) {
            return self.comparison();
        }
        let part = self.deeper(Self::not)?;
        let end = part.1.end;
        Ok((Part::Test(Test::Not(Box::new(self.test(part)?))), start..end))
    }

    fn comparison(&mut self) -> Result<Piece, CutError> {
        let left = self.sum()?;
        let is = match self.peek() {
            Some(Token::Sign(">")) => Relation::Above,
            Some(Token::Sign(">=")) => Relation::AtLeast,
            Some(Token::Sign("<")) => Relation::Below,
            Some(Token::Sign("<=")) => Relation::AtMost,
            Some(Token::Sign("==")) => Relation::Equal,
            Some(Token::Sign("!=")) => Relation::NotEqual,
            _ => return Ok(left),
        };
        self.next += 1;
        let right = self.sum()?;
        let at = left.1.start..right.1.end;
        let (left, right) = (amount(left)?, amount(right)?);
        Ok((Part::Test(Test::Compare(Comparison { left, is, right, at: at.clone() })), at))
    }

    fn sum(&mut self) -> Result<Piece, CutError> {
        self.arithmetic(Self::product, [("+", Operator::Plus), ("-", Operator::Minus)])
    }

    fn product(&mut self) -> Result<Piece, CutError> {
        self.arithmetic(Self::signed, [("*", Operator::Times), ("/", Operator::Over)])
    }

    fn arithmetic(
        &mut self,
        next: fn(&mut Self) -> Result<Piece, CutError>,
        signs: [(&str, Operator); 2],
    ) -> Result<Piece, CutError> {
        let mut left = next(self)?;
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.peek() == Some(Token::Sign(sign))) {
            self.next += 1;
            let right = next(self)?;
            let at = left.1.start..right.1.end;
            let tree = Amount::Arithmetic(Box::new(amount(left)?), *operator, Box::new(amount(right)?));
            left = (Part::Amount(tree), at);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Piece, CutError> {
        let start = self.here().start;
        if !self.take(Token::Sign("-")) {
            return self.single();
        }
        let part = self.deeper(Self::signed)?;
        let end = part.1.end;
        Ok((Part::Amount(Amount::Minus(Box::new(amount(part)?))), start..end))
    }

    fn single(&mut self) -> Result<Piece, CutError> {
        let at = self.here();
        let Some(token) = self.peek() else {
            return Err(error(at, "the cut ends too early").hint("for example `MET > 200`"));
        };
        self.next += 1;
        match token {
            Token::Number(number) => Ok((Part::Amount(Amount::Number(number)), at)),
            Token::Sign("(") => {
                let (part, _) = self.deeper(Self::any)?;
                let end = self.expect_closing(&at)?;
                Ok((part, at.start..end))
            }
            Token::Name("MET") => Ok((Part::Amount(Amount::Quantity(CutQuantity::Met)), at)),
            Token::Name("HT") => Ok((Part::Amount(Amount::Quantity(CutQuantity::Ht)), at)),
            Token::Name("lead_pt") => self.lead_pt(at),
            Token::Name("n") => self.count(at),
            Token::Name(name) => Err(unknown_name(name, at)),
            Token::Sign(sign) => Err(error(at, format!("a quantity or number is expected here, not `{sign}`"))
                .hint("quantities are MET, HT, lead_pt, lead_pt(Z), n(jet), n(jet, pt > 50)")),
        }
    }

    fn lead_pt(&mut self, at: Range<usize>) -> Result<Piece, CutError> {
        let mut end = at.end;
        let opening = self.here();
        let what = if self.take(Token::Sign("(")) {
            let what = self.object("lead_pt")?;
            end = self.expect_closing(&opening)?;
            Some(what)
        } else {
            None
        };
        Ok((Part::Amount(Amount::Quantity(CutQuantity::LeadPt(what))), at.start..end))
    }

    fn count(&mut self, at: Range<usize>) -> Result<Piece, CutError> {
        let opening = self.here();
        if !self.take(Token::Sign("(")) {
            return Err(
                error(at, "`n` needs something to count").hint("for example `n(jet) >= 2` or `n(jet, pt > 50)`")
            );
        }
        let what = self.object("n")?;
        let (mut pt_min, mut eta_max) = (f64::NEG_INFINITY, f64::INFINITY);
        while self.take(Token::Sign(",")) {
            self.condition(&mut pt_min, &mut eta_max)?;
        }
        let end = self.expect_closing(&opening)?;
        Ok((Part::Amount(Amount::Quantity(CutQuantity::Count { what, pt_min, eta_max })), at.start..end))
    }

    /// `pt > 50` or `abs(eta) < 2.5` inside `n(...)`.
    fn condition(&mut self, pt_min: &mut f64, eta_max: &mut f64) -> Result<(), CutError> {
        const HINT: &str = "conditions are `pt > 50` and `abs(eta) < 2.5`";
        let start = self.here();
        let (limit, sign, what) = match self.peek() {
            Some(Token::Name("pt")) => {
                self.next += 1;
                (pt_min, ">", "pt")
            }
            Some(Token::Name("abs")) => {
                self.next += 1;
                let opening = self.here();
                if !(self.take(Token::Sign("(")) && self.take(Token::Name("eta"))) {
                    return Err(error(self.here(), "expected `(eta)` after `abs`").hint(HINT));
                }
                self.expect_closing(&opening)?;
                (eta_max, "<", "abs(eta)")
            }
            Some(Token::Name("eta")) => {
                return Err(error(start, "`eta` has two signs").near("abs(eta)", &["abs(eta)"]).hint(HINT));
            }
            Some(Token::Name(name)) => {
                return Err(error(start, format!("`{name}` is not a condition on an object"))
                    .near(name, &["pt", "abs(eta)"])
                    .hint(HINT));
            }
            _ => return Err(error(start, "expected a condition").hint(HINT)),
        };
        if limit.is_finite() {
            return Err(error(start, format!("`{what}` is limited twice")));
        }
        if !self.take(Token::Sign(sign)) {
            return Err(
                error(self.here(), format!("`{what}` can only be compared as `{what} {sign}` a number")).hint(HINT)
            );
        }
        let negative = self.take(Token::Sign("-"));
        let Some(Token::Number(number)) = self.peek() else {
            return Err(error(self.here(), "expected a number").hint(HINT));
        };
        self.next += 1;
        let at = start.start..self.end();
        if negative || (what == "abs(eta)" && number == 0.0) {
            let always = if what == "pt" { "always true" } else { "never true" };
            return Err(error(at, format!("`{what} {sign} {}{number}` is {always}", if negative { "-" } else { "" }))
                .hint(HINT));
        }
        *limit = number;
        Ok(())
    }

    fn object(&mut self, function: &str) -> Result<Counted, CutError> {
        let at = self.here();
        let names: Vec<&str> = Counted::NAMES.iter().map(|(name, _)| *name).collect();
        let Some(Token::Name(written)) = self.peek() else {
            return Err(error(at, format!("`{function}(...)` needs a kind of object"))
                .hint(format!("kinds are {}", names.join(", "))));
        };
        self.next += 1;
        if let Some((_, what)) = Counted::NAMES.iter().find(|(name, _)| *name == written) {
            return Ok(*what);
        }
        // Words that physicists say, too far from the short names for a distance to find them.
        let meant = match written.to_lowercase().as_str() {
            "electron" | "electrons" | "el" | "ele" => Some("e"),
            "muon" | "muons" | "m" => Some("mu"),
            "photon" | "photons" | "gamma" | "ph" | "y" => Some("g"),
            "top" | "tops" => Some("T"),
            "bjet" | "bjets" | "btag" | "b_jet" => Some("b"),
            "l" | "lep" | "leptons" => Some("lepton"),
            "w" | "vhad" => Some("V"),
            _ => None,
        };
        let error = error(at, format!("`{written}` is not a kind of object"));
        let error = match meant {
            Some(meant) => CutError { nearest: vec![meant.to_string()], ..error },
            None => error.near(written, &names),
        };
        Err(error.hint(format!("kinds are {}", names.join(", "))))
    }

    // ---- small steps ----

    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    /// Bytes of the next token; the empty end of the text if there is none.
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |(_, at)| at.clone())
    }

    /// Last byte of the token before.
    fn end(&self) -> usize {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |(_, at)| at.end)
    }

    fn expect_closing(&mut self, opening: &Range<usize>) -> Result<usize, CutError> {
        if self.take(Token::Sign(")")) {
            return Ok(self.end());
        }
        match self.tokens.get(self.next) {
            None => Err(error(opening.clone(), "this parenthesis is never closed")
                .hint("inside [ ] and { } a comma ends a YAML string: put the cut in quotes")),
            Some((_, at)) => {
                let written = self.text.get(at.clone()).unwrap_or_default();
                Err(error(at.clone(), format!("unexpected `{written}`")).hint("is a `)` missing before it?"))
            }
        }
    }

    fn deeper<T>(&mut self, step: fn(&mut Self) -> Result<T, CutError>) -> Result<T, CutError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error(self.here(), format!("more than {MAX_DEPTH} levels inside each other")));
        }
        let result = step(self);
        self.depth -= 1;
        result
    }

    fn test(&self, (part, at): Piece) -> Result<Test, CutError> {
        match part {
            Part::Test(test) => Ok(test),
            Part::Amount(_) => {
                let written = self.text.get(at.clone()).unwrap_or_default();
                Err(error(at, format!("`{written}` is a number, not a yes or no"))
                    .hint(format!("compare it: `{written} > 200`")))
            }
        }
    }
}

fn amount((part, at): Piece) -> Result<Amount, CutError> {
    match part {
        Part::Amount(amount) => Ok(amount),
        Part::Test(test) => Err(error(at, format!("`{test}` is a yes or no, not a number"))
            .hint("join comparisons with `and` or `or`, and put `not` before them")),
    }
}

fn unknown_name(name: &str, at: Range<usize>) -> CutError {
    let upper = name.to_uppercase();
    let hint = match upper.as_str() {
        "AND" | "OR" | "NOT" => "`and`, `or`, `not` are written small".to_string(),
        "PT" | "ETA" | "ABS" => "pt and abs(eta) belong inside n(...): `n(jet, pt > 50, abs(eta) < 2.5)`".to_string(),
        _ if Counted::NAMES.iter().any(|(kind, _)| *kind == name) => {
            format!("count it, `n({name}) >= 1`, or look at the hardest one, `lead_pt({name}) > 100`")
        }
        _ => {
            format!("quantities are {}", QUANTITIES.join(", ").replace(", n", ", lead_pt(Z), n(jet), n(jet, pt > 50)"))
        }
    };
    error(at, format!("`{name}` is not a quantity")).near(name, &WORDS).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str, canonical: &str) {
        let cut = Cut::parse(text).expect(text);
        assert_eq!(cut.to_string(), canonical);
        assert_eq!(Cut::parse(canonical).as_ref(), Ok(&cut));
    }

    #[test]
    fn every_documented_form_parses_and_prints_back() {
        round_trip("MET>200", "MET > 200");
        round_trip("MET > 200 and lead_pt(Z) > 100", "MET > 200 and lead_pt(Z) > 100");
        round_trip("n(jet, pt > 50) >= 4", "n(jet, pt > 50) >= 4");
        round_trip("n(jet , abs(eta)<2.5, pt>50.0) >= 4", "n(jet, pt > 50, abs(eta) < 2.5) >= 4");
        round_trip("(MET > 1 or HT > 2) and not (n(b) == 0)", "(MET > 1 or HT > 2) and not n(b) == 0");
        round_trip("MET > 1 or (HT > 2 and lead_pt != 3)", "MET > 1 or HT > 2 and lead_pt != 3");
        round_trip("MET/HT > 2e-1", "MET / HT > 0.2");
        round_trip("MET - (HT - 10) * 2 > -.5", "MET - (HT - 10) * 2 > -0.5");
        round_trip("MET / (HT * 2) < 1", "MET / (HT * 2) < 1");
        round_trip("(MET > 1 and HT > 2) and n(HM) > 0", "MET > 1 and HT > 2 and n(HM) > 0");
        for (name, _) in Counted::NAMES {
            round_trip(
                &format!("n({name}) >= 1 or lead_pt({name}) > 5"),
                &format!("n({name}) >= 1 or lead_pt({name}) > 5"),
            );
        }
    }

    fn mistake(text: &str) -> (String, String, Vec<String>) {
        let error = Cut::parse(text).expect_err("the text is wrong on purpose");
        let at = text.get(error.offset..error.offset + error.len).unwrap_or("?").to_string();
        (at, error.message, error.nearest)
    }

    #[test]
    fn errors_point_at_the_bytes_they_are_about() {
        assert_eq!(mistake("MEt > 200"), ("MEt".into(), "`MEt` is not a quantity".into(), vec!["MET".into()]));
        let (at, message, _) = mistake("lead_pt(Q) > 100");
        assert_eq!((at.as_str(), message.as_str()), ("Q", "`Q` is not a kind of object"));
        assert_eq!(mistake("n(muon) > 1").2, vec!["mu".to_string()]);
        assert_eq!(mistake("MET > 200 && HT > 2").0, "&&");
        assert_eq!(mistake("100 < MET < 200").0, "<");
        assert_eq!(mistake("MET").1, "`MET` is a number, not a yes or no");
        assert_eq!(mistake("MET > 200 HT > 3").0, "HT");
        assert_eq!(mistake("(MET > 200").0, "(");
        assert_eq!(mistake("n(jet, pt < 50) > 1").0, "<");
        assert_eq!(mistake("n(jet, pt > -5) > 1").1, "`pt > -5` is always true");
        assert_eq!(mistake("MET > ").1, "the cut ends too early");
        assert_eq!(mistake("  ").1, "the cut is empty");
        assert_eq!(mistake("MET ≥ 3").0, "≥");
        assert_eq!(mistake("MET > 1e999").0, "1e999");
        assert_eq!(mistake("(MET > 2) + 3 > 1").0, "(MET > 2)");
        assert_eq!(mistake("n > 3").0, "n");
    }

    #[test]
    fn hostile_nesting_is_refused_not_followed() {
        for open in ["(", "not ", "-"] {
            assert!(Cut::parse(&open.repeat(100_000)).is_err());
            assert!(Cut::parse(&open.repeat(900)).expect_err("too deep").message.contains("levels"));
        }
        assert!(Cut::parse(&format!("MET{} > 1", " + 1".repeat(100_000))).is_err());
        assert!(Cut::parse(&format!("MET{} > 1", " + 1".repeat(400))).is_ok());
    }
}
