//! The text of a cut, with no more parentheses than it needs; reading it gives the same cut.

use std::fmt;

use super::{Amount, Comparison, Cut, CutQuantity, Operator, Test};

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.test)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, tests: &[Test], word: &str, inner: fn(&Test) -> bool| {
            for (i, test) in tests.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                if inner(test) { write!(f, "({test})")? } else { write!(f, "{test}")? }
            }
            Ok(())
        };
        match self {
            Test::All(tests) => join(f, tests, "and", |test| matches!(test, Test::Any(_))),
            Test::Any(tests) => join(f, tests, "or", |_| false),
            Test::Not(test) => match **test {
                Test::All(_) | Test::Any(_) => write!(f, "not ({test})"),
                _ => write!(f, "not {test}"),
            },
            Test::Compare(comparison) => write!(f, "{comparison}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.is.symbol(), self.right)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_sum = |a: &Amount| matches!(a, Amount::Arithmetic(_, Operator::Plus | Operator::Minus, _));
        let is_arithmetic = |a: &Amount| matches!(a, Amount::Arithmetic(..));
        let show = |f: &mut fmt::Formatter<'_>, amount: &Amount, parentheses: bool| {
            if parentheses { write!(f, "({amount})") } else { write!(f, "{amount}") }
        };
        match self {
            Amount::Number(number) => write!(f, "{number}"),
            Amount::Quantity(quantity) => write!(f, "{quantity}"),
            Amount::Minus(amount) => {
                f.write_str("-")?;
                show(f, amount, is_arithmetic(amount))
            }
            Amount::Arithmetic(left, operator, right) => {
                let product = matches!(operator, Operator::Times | Operator::Over);
                show(f, left, product && is_sum(left))?;
                write!(f, " {} ", operator.symbol())?;
                // The right side of `+` and `-` binds tighter than a sum, that of `*` and `/` tighter than a product.
                show(f, right, if product { is_arithmetic(right) } else { is_sum(right) })
            }
        }
    }
}

impl fmt::Display for CutQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CutQuantity::Met => f.write_str("MET"),
            CutQuantity::Ht => f.write_str("HT"),
            CutQuantity::LeadPt(None) => f.write_str("lead_pt"),
            CutQuantity::LeadPt(Some(what)) => write!(f, "lead_pt({what})"),
            CutQuantity::Count { what, pt_min, eta_max } => {
                write!(f, "n({what}")?;
                if pt_min.is_finite() {
                    write!(f, ", pt > {pt_min}")?;
                }
                if eta_max.is_finite() {
                    write!(f, ", abs(eta) < {eta_max}")?;
                }
                f.write_str(")")
            }
        }
    }
}
