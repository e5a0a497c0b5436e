//! Axes: from values to pixels, and the ticks that a physicist would have chosen.
//!
//! In: a range of values and a range of pixels. Out: positions in pixels, ticks with labels (1-2-5 steps on linear axes
//! and narrow logarithmic ones, powers of ten on wide ones).

use crate::digits::superscript;

/// A linear or logarithmic axis. Values outside its range are drawn at its ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    log: bool,
    from_px: f64,
    to_px: f64,
}

/// A tick mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Pixels.
    pub px: f64,
    /// Empty for minor ticks.
    pub label: String,
}

impl Axis {
    /// A linear axis from `low` to `high`; an empty or unreal range becomes 0 to 1.
    pub fn linear(low: f64, high: f64, from_px: f64, to_px: f64) -> Axis {
        let (low, high) = if low.is_finite() && high.is_finite() && high > low { (low, high) } else { (0.0, 1.0) };
        Axis { low, high, log: false, from_px, to_px }
    }

    /// A logarithmic axis; an empty, unreal or not positive range becomes 0.1 to 10.
    pub fn logarithmic(low: f64, high: f64, from_px: f64, to_px: f64) -> Axis {
        let good = low.is_finite() && high.is_finite() && low > 0.0 && high > low;
        let (low, high) = if good { (low, high) } else { (0.1, 10.0) };
        Axis { low, high, log: true, from_px, to_px }
    }

    /// Logarithmic where the range spans more than a factor of four, else linear.
    pub fn for_masses(low: f64, high: f64, from_px: f64, to_px: f64) -> Axis {
        let axis = if low > 0.0 && high > 4.0 * low { Axis::logarithmic } else { Axis::linear };
        axis(low, high, from_px, to_px)
    }

    /// Largest value of the axis.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Smallest value of the axis.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Position of a value; values beyond an end sit on that end.
    pub fn px(&self, value: f64) -> f64 {
        let value = if value.is_nan() { self.low } else { value.clamp(self.low, self.high) };
        let fraction = if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from_px + fraction * (self.to_px - self.from_px)
    }

    /// Major ticks have labels, minor ones none. Labels are at least `spacing_px` apart.
    pub fn ticks(&self, spacing_px: f64) -> Vec<Tick> {
        if !self.log {
            self.linear_ticks(spacing_px)
        } else if self.high / self.low < 2_000.0 && (self.to_px - self.from_px).abs() > 8.0 * spacing_px {
            self.mantissa_ticks(spacing_px)
        } else {
            self.decade_ticks(spacing_px)
        }
    }

    fn linear_ticks(&self, spacing_px: f64) -> Vec<Tick> {
        let room = ((self.to_px - self.from_px).abs() / spacing_px).max(1.0);
        let step = nice_step((self.high - self.low) / room);
        let first = (self.low / step).ceil();
        let last = (self.high / step).floor();
        let n = (last - first).clamp(0.0, 200.0) as usize;
        (0..=n)
            .map(|i| (first + i as f64) * step)
            .filter(|&value| value <= self.high + 1e-9 * step)
            .map(|value| Tick { px: self.px(value), label: plain(value) })
            .collect()
    }

    /// 1, 2, 5 (and the others where they fit) times powers of ten, as masses are read: 100 200 500 1000.
    fn mantissa_ticks(&self, spacing_px: f64) -> Vec<Tick> {
        let values: Vec<(i32, i32, f64)> = self.round_values().collect();
        let mut ticks: Vec<Tick> =
            values.iter().map(|(.., value)| Tick { px: self.px(*value), label: String::new() }).collect();
        let mut labelled: Vec<f64> = Vec::new();
        for order in [&[1][..], &[2, 5], &[3, 7], &[4, 6, 8, 9]] {
            for (tick, (_, mantissa, value)) in ticks.iter_mut().zip(&values) {
                if order.contains(mantissa) && labelled.iter().all(|px| (px - tick.px).abs() >= spacing_px) {
                    labelled.push(tick.px);
                    tick.label = plain(*value);
                }
            }
        }
        ticks
    }

    fn decade_ticks(&self, spacing_px: f64) -> Vec<Tick> {
        let per_decade = (self.px(self.low * 10.0) - self.px(self.low)).abs().max(1e-9);
        let every =
            if self.high < self.low * 10.0 { 1 } else { (spacing_px / per_decade).ceil().clamp(1.0, 400.0) as i32 };
        let has_minor = every == 1 && per_decade > 14.0;
        self.round_values()
            .filter(|(_, mantissa, _)| *mantissa == 1 || has_minor)
            .map(|(decade, mantissa, value)| {
                let is_labelled = mantissa == 1 && decade.rem_euclid(every) == 0;
                Tick { px: self.px(value), label: if is_labelled { power_of_ten(decade) } else { String::new() } }
            })
            .collect()
    }

    /// Decade, mantissa (1 to 9) and value of the round values on a logarithmic axis, from low to high.
    fn round_values(&self) -> impl Iterator<Item = (i32, i32, f64)> {
        let ends = self.low * (1.0 - 1e-12)..=self.high * (1.0 + 1e-12);
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let all = decades.flat_map(|decade| (1..10).map(move |mantissa| (decade, mantissa)));
        all.map(|(decade, mantissa)| (decade, mantissa, f64::from(mantissa) * 10f64.powi(decade)))
            .filter(move |(.., value)| ends.contains(value))
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `step`.
pub fn nice_step(step: f64) -> f64 {
    if !(step.is_finite() && step > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|&nice| nice >= step * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// `0.1`, `1`, `10`, `100`, then `10³`.
fn power_of_ten(decade: i32) -> String {
    match decade {
        -1 => "0.1".to_string(),
        0 => "1".to_string(),
        1 => "10".to_string(),
        2 => "100".to_string(),
        other => format!("10{}", superscript(&other.to_string())),
    }
}

/// A tick value without noise: `0.3`, `250`, `−3`.
fn plain(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    let rounded = if rounded == 0.0 { 0.0 } else { rounded };
    format!("{rounded}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, spacing: f64) -> Vec<String> {
        axis.ticks(spacing).into_iter().map(|t| t.label).filter(|l| !l.is_empty()).collect()
    }

    #[test]
    fn masses_get_round_labels() {
        let axis = Axis::for_masses(106.0, 1900.0, 0.0, 600.0);
        assert_eq!(labels(&axis, 40.0), ["200", "300", "400", "500", "700", "1000"]);
        let axis = Axis::for_masses(400.0, 1000.0, 0.0, 600.0);
        assert_eq!(labels(&axis, 90.0), ["400", "500", "600", "700", "800", "900", "1000"]);
    }

    #[test]
    fn counts_get_powers_of_ten() {
        let axis = Axis::logarithmic(0.1, 2e5, 300.0, 0.0);
        assert_eq!(labels(&axis, 16.0), ["0.1", "1", "10", "100", "10³", "10⁴", "10⁵"]);
        let axis = Axis::logarithmic(0.1, 2e5, 60.0, 0.0);
        assert_eq!(labels(&axis, 16.0), ["1", "100", "10⁴"]);
    }

    #[test]
    fn positions_stay_on_the_axis_for_any_value() {
        for axis in [Axis::linear(1.0, 1.0, 0.0, 10.0), Axis::logarithmic(-1.0, 5.0, 10.0, 0.0)] {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -3.0, 1e300] {
                let px = axis.px(value);
                assert!((0.0..=10.0).contains(&px), "{value} -> {px}");
            }
            assert!(axis.ticks(20.0).len() < 300);
        }
    }
}
