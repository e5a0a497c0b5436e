//! Names of masses that a campaign asks for in `masses.only`: `m(mu1,mu2)`, `mT(e1,met)`.
//!
//! In: text. Out: its canonical form (labels in the order e mu g Z V T HM j b, no spaces), or what is wrong with it.

use crate::cuts::Counted;

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(super) struct MassName {
    /// Canonical text.
    pub(super) text: String,
    /// Kind names, in order.
    pub(super) kinds: Vec<&'static str>,
    /// With MET.
    pub(super) transverse: bool,
}

/// Names of the kinds that masses are made of, in label order.
pub(super) fn kind_names() -> impl Iterator<Item = (&'static str, crate::particles::Kind)> {
    Counted::NAMES.into_iter().filter_map(|(name, what)| match what {
        Counted::Kind(kind) => Some((name, kind)),
        _ => None,
    })
}

/// Reads a name; the error is a sentence.
pub(super) fn parse(text: &str) -> Result<MassName, String> {
    let form = || format!("`{text}` is not a mass: write `m(mu1,mu2)` or `mT(mu1,met)`");
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (transverse, inside) = match (compact.strip_prefix("m("), compact.strip_prefix("mT(")) {
        (Some(inside), _) => (false, inside),
        (_, Some(inside)) => (true, inside),
        _ => return Err(form()),
    };
    let mut items: Vec<&str> = inside.strip_suffix(')').ok_or_else(form)?.split(',').collect();
    if transverse != (items.last() == Some(&"met")) {
        return Err(match transverse {
            true => format!("`{text}` is a transverse mass: its last entry must be `met`"),
            false => format!("`{text}` holds `met`: transverse masses are called mT(...)"),
        });
    }
    if transverse {
        items.pop();
    }
    let mut labels = Vec::new();
    for item in items {
        let digits = item.find(|c: char| c.is_ascii_digit()).unwrap_or(item.len());
        let (kind, number) = item.split_at(digits);
        let Some((order, (name, _))) = kind_names().enumerate().find(|(_, (name, _))| *name == kind) else {
            return Err(format!("`{item}` in `{text}` is no object: kinds are e, mu, g, Z, V, T, HM, j, b"));
        };
        let most = if matches!(name, "j" | "b") { 4 } else { 16 };
        let number = match number.parse::<u32>() {
            Ok(value) if (1..=most).contains(&value) && !number.starts_with('0') => value,
            _ => return Err(format!("`{item}` in `{text}` must be numbered, {name}1 to {name}{most}")),
        };
        if labels.iter().any(|(other, other_number, _)| (*other, *other_number) == (order, number)) {
            return Err(format!("`{item}` appears twice in `{text}`"));
        }
        labels.push((order, number, name));
    }
    labels.sort();
    let kinds: Vec<&'static str> = labels.iter().map(|(_, _, name)| *name).collect();
    if kinds.is_empty() {
        return Err(format!("`{text}` holds no object"));
    }
    if !transverse && kinds.len() < 2 && kinds != ["HM"] {
        return Err(format!("`{text}` is the mass of a single object; of these only m(HM1), m(HM2) .. are built"));
    }
    let mut names: Vec<String> = labels.iter().map(|(_, number, name)| format!("{name}{number}")).collect();
    if transverse {
        names.push("met".to_string());
    }
    Ok(MassName { text: format!("{}({})", if transverse { "mT" } else { "m" }, names.join(",")), kinds, transverse })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_canonical() {
        let text = |text| parse(text).map(|mass| mass.text);
        assert_eq!(text("m( j1, mu2 ,mu1)"), Ok("m(mu1,mu2,j1)".to_string()));
        assert_eq!(text("mT(e1,met)"), Ok("mT(e1,met)".to_string()));
        assert_eq!(text("m(HM1)"), Ok("m(HM1)".to_string()));
    }

    #[test]
    fn names_that_mean_nothing_are_refused() {
        for wrong in [
            "m(mu1)",
            "m(mu1,mu1)",
            "m(mu0,mu1)",
            "m(mu,mu)",
            "m(j5,j1)",
            "m(mu1,met)",
            "mT(mu1)",
            "mT(met)",
            "M(mu1,mu2)",
            "m(mu1,mu2",
            "m()",
            "m(mu1,mu01)",
            "",
            "m(q1,mu1)",
            "m(mu1,é1)",
        ] {
            let result = parse(wrong);
            assert!(result.is_err(), "{wrong}: {result:?}");
        }
    }
}
