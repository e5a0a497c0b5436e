//! Numbers as people read them: as many digits as they deserve.
//!
//! In: masses in GeV, counts, z scores, probabilities, bytes. Out: short texts for pages, plots and the terminal
//! (`495`, `1 284 310`, `−1.2`, `3 × 10⁻⁵`). Files for machines (CSV, JSON) keep more: [`nine_digits`].
//!
//! ```
//! use bumphound::digits;
//! assert_eq!(digits::mass(495.2), "495");
//! assert_eq!(digits::probability(3.2e-5), "3.2 × 10⁻⁵");
//! ```

/// What stands where a number is missing.
pub const MISSING: &str = "–";

/// A mass in GeV, without the unit: two decimals below 10, one below 200, none above.
pub fn mass(gev: f64) -> String {
    match gev.abs() {
        _ if !gev.is_finite() => MISSING.to_string(),
        m if m < 9.995 => fixed(gev, 2),
        m if m < 199.95 => fixed(gev, 1),
        _ => fixed(gev, 0),
    }
}

/// A number of events: whole numbers as they are, others with three digits or so.
pub fn count(events: f64) -> String {
    match events.abs() {
        _ if !events.is_finite() => MISSING.to_string(),
        n if n >= 1e15 => scientific(events, 2),
        n if (n - n.round()).abs() < 1e-9 => fixed(events, 0),
        n if n < 9.995 => fixed(events, 2),
        n if n < 99.95 => fixed(events, 1),
        _ => fixed(events, 0),
    }
}

/// A positive number with three significant digits, rounded down, without a power of ten: `0.0543`, `184`.
pub fn three(value: f64) -> String {
    if !value.is_finite() || value <= 0.0 {
        return count(value);
    }
    let scale = 10_f64.powi(2 - value.log10().floor() as i32);
    // A rounding error of the last bit must not take a whole step off.
    format!("{}", (value * scale + 1e-9).floor() / scale)
}

/// A number of events with its sign, for excesses: `+122`, `−3.1`.
pub fn excess(events: f64) -> String {
    let text = count(events);
    if events > 0.0 && events.is_finite() { format!("+{text}") } else { text }
}

/// A z score, one decimal.
pub fn z(score: f64) -> String {
    if score.is_finite() { fixed(score, 1) } else { MISSING.to_string() }
}

/// A probability: two digits, powers of ten below one in a thousand.
pub fn probability(p: f64) -> String {
    match p {
        _ if !p.is_finite() => MISSING.to_string(),
        p if p <= 0.0 => "0".to_string(),
        p if p < 1e-3 => scientific(p, 1),
        p if p < 0.00995 => format!("{p:.4}"),
        p if p < 0.0995 => format!("{p:.3}"),
        p if p < 0.995 => format!("{p:.2}"),
        _ => "1".to_string(),
    }
}

/// A probability or an upper bound of one: `< 1 × 10⁻⁴`.
pub fn bounded_probability(p: f64, is_bound: bool) -> String {
    if is_bound && p.is_finite() { format!("< {}", probability(p)) } else { probability(p) }
}

/// A size in bytes with a decimal prefix: `14.5 MB`.
pub fn bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "B" || value >= 99.95 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// `1 spectrum`, `12 spectra`: a count and its noun.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n as f64), if n == 1 { one } else { many })
}

/// Nine significant digits in plain ASCII, for CSV: exact for single precision, without the noise of its conversion.
pub fn nine_digits(value: f64) -> String {
    if !value.is_finite() {
        return match value {
            v if v.is_nan() => "nan".to_string(),
            v if v > 0.0 => "inf".to_string(),
            _ => "-inf".to_string(),
        };
    }
    if value == value.trunc() && value.abs() < 9e15 {
        return format!("{value:.0}").replace("-0", if value == 0.0 { "0" } else { "-0" });
    }
    let rounded: f64 = format!("{value:.8e}").parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e15).contains(&rounded.abs()) { format!("{rounded:e}") } else { format!("{rounded}") }
}

/// Fixed decimals, thousands apart by a narrow no-break space, a real minus sign, no `-0`.
fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let negative = value < 0.0 && digits.bytes().any(|b| b.is_ascii_digit() && b != b'0');
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::from(if negative { "−" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        // Four digits read well without a gap.
        if i > 0 && whole.len() > 4 && (whole.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// `3.2 × 10⁻⁵`; a mantissa of exactly one is left out.
fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let power = format!("10{}", superscript(exponent));
    if mantissa == "1" { power } else { format!("{} × {power}", mantissa.replace('-', "−")) }
}

/// ASCII digits as superscripts.
pub fn superscript(digits: &str) -> String {
    digits
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '0'..='9' => char::from_u32(0x2070 + (c as u32 - '0' as u32)).unwrap_or(c),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_and_counts_have_sensible_digits() {
        assert_eq!(mass(3.0969), "3.10");
        assert_eq!(mass(91.18), "91.2");
        assert_eq!(mass(495.4), "495");
        assert_eq!(mass(13000.0), "13\u{202f}000");
        assert_eq!(count(1284310.0), "1\u{202f}284\u{202f}310");
        assert_eq!(count(0.034), "0.03");
        assert_eq!(count(12.34), "12.3");
        assert_eq!(count(-0.0), "0");
        assert_eq!(excess(122.0), "+122");
        assert_eq!(excess(-3.15), "−3.15");
        assert_eq!(mass(f64::NAN), "–");
    }

    #[test]
    fn small_probabilities_become_powers_of_ten() {
        assert_eq!(probability(0.43), "0.43");
        assert_eq!(probability(1.0), "1");
        assert_eq!(probability(0.0123), "0.012");
        assert_eq!(probability(0.0012), "0.0012");
        assert_eq!(probability(1e-4), "10⁻⁴");
        assert_eq!(bounded_probability(2e-5, true), "< 2 × 10⁻⁵");
        assert_eq!(probability(1e-12), "10⁻¹²");
    }

    #[test]
    fn machine_numbers_parse_back() {
        for value in [0.0, -0.0, 495.2, 1.0 / 3.0, 3.3_f32 as f64, 1e-30, 6.02e23, -17.25, 1e9 + 1.0] {
            let text = nine_digits(value);
            let back: f64 = text.parse().unwrap_or(f64::NAN);
            assert!((back - value).abs() <= 1e-9 * value.abs(), "{value} -> {text}");
        }
        assert_eq!(nine_digits(3.3_f32 as f64), "3.29999995");
        assert_eq!(nine_digits(f64::INFINITY), "inf");
        assert_eq!(nine_digits(-0.0), "0");
        assert_eq!(nine_digits(-10.0), "-10");
    }

    #[test]
    fn sizes_and_nouns() {
        assert_eq!(bytes(14_500_000), "14.5 MB");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(counted(1, "spectrum", "spectra"), "1 spectrum");
        assert_eq!(counted(512, "spectrum", "spectra"), "512 spectra");
    }
}
