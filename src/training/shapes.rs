//! Smooth background shapes: what a falling mass spectrum may look like.
//!
//! In: a number of bins and a random generator. Out: expected entries per bin. The functions are those of thesis
//! sec. 4 (eq. 32), cut at random points and stretched to the full range (sec. 5.2.1), as fixed by physics.md section 7
//! ("reference test distribution"); dilepton shapes follow eq. 33. Simulated shapes are rows of a fitted table.

use rand::{Rng, RngExt};

/// The forms of thesis eq. 32 (power laws counted one by one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// exp(-a t), a in [0.1, 8].
    Exponential,
    /// 1 - t.
    Linear,
    /// (x0 / (x0 + t))^n, n = 1, 2, 3, 4.
    Power(u8),
    /// The same with n in [0.01, 10].
    PowerAny,
    /// (t - 1)^2.
    Parabola,
    /// -ln(x0 + t).
    Logarithm,
    /// cos(pi t / 2).
    Cosine,
    /// cosh(a (t - 1)), a in [0.5, 5].
    Cosh,
}

/// All forms with equal probability.
pub const FORMS: [Form; 11] = [
    Form::Exponential,
    Form::Linear,
    Form::Power(1),
    Form::Power(2),
    Form::Power(3),
    Form::Power(4),
    Form::PowerAny,
    Form::Parabola,
    Form::Logarithm,
    Form::Cosine,
    Form::Cosh,
];

/// A function of t in [0, 1] that falls, up to scale and offset.
#[derive(Debug, Clone, Copy)]
struct Curve {
    form: Form,
    a: f64,
    x0: f64,
    n: f64,
}

impl Curve {
    fn draw(form: Form, rng: &mut impl Rng) -> Curve {
        let a = match form {
            Form::Cosh => rng.random_range(0.5..5.0),
            _ => rng.random_range(0.1..8.0),
        };
        let log10_x0 = match form {
            Form::Logarithm => rng.random_range(-2.5..0.5),
            _ => rng.random_range(-1.5..0.5),
        };
        let n = match form {
            Form::Power(n) => f64::from(n),
            _ => rng.random_range(0.01..10.0),
        };
        Curve { form, a, x0: 10f64.powf(log10_x0), n }
    }

    fn at(&self, t: f64) -> f64 {
        match self.form {
            Form::Exponential => (-self.a * t).exp(),
            Form::Linear => 1.0 - t,
            Form::Power(_) | Form::PowerAny => (self.x0 / (self.x0 + t)).powf(self.n),
            Form::Parabola => (t - 1.0) * (t - 1.0),
            Form::Logarithm => -(self.x0 + t).ln(),
            Form::Cosine => (std::f64::consts::FRAC_PI_2 * t).cos(),
            Form::Cosh => (self.a * (t - 1.0)).cosh(),
        }
    }
}

/// A random function, cut to a random part of its range, with 1 at the first of `bins` points and 0 at the last.
fn unit_function(bins: usize, rng: &mut impl Rng) -> Vec<f64> {
    let form = FORMS[rng.random_range(0..FORMS.len())];
    let curve = Curve::draw(form, rng);
    let t0 = rng.random_range(0.0..0.7);
    let t1 = rng.random_range(t0 + 0.2..1.0);
    let (top, bottom) = (curve.at(t0), curve.at(t1));
    let span = top - bottom;
    (0..bins)
        .map(|i| {
            let part = i as f64 / (bins - 1).max(1) as f64;
            if span.abs() < 1e-12 { 1.0 - part } else { (curve.at(t0 + (t1 - t0) * part) - bottom) / span }
        })
        .collect()
}

/// Two expectations per bin, the larger first, uniform in the logarithm between `low` and `high`.
pub fn draw_range(low: f64, high: f64, rng: &mut impl Rng) -> (f64, f64) {
    let mut draw = || rng.random_range(low.ln()..high.ln()).exp();
    let (a, b) = (draw(), draw());
    (a.max(b), a.min(b))
}

/// One function running from `y1` in the first bin to `y2` in the last.
pub fn function(bins: usize, (y1, y2): (f64, f64), rng: &mut impl Rng) -> Vec<f64> {
    unit_function(bins, rng).into_iter().map(|u| y2 + (y1 - y2) * u).collect()
}

/// The same in the logarithm: ln f runs along a random function, so that steep tails over many decades appear.
pub fn log_function(bins: usize, (y1, y2): (f64, f64), rng: &mut impl Rng) -> Vec<f64> {
    unit_function(bins, rng).into_iter().map(|u| (y2.ln() + (y1 / y2).ln() * u).exp()).collect()
}

/// exp of a random cubic in the mass, monotonically falling from `y1` to `y2` (the form that simulation is fitted with).
pub fn cubic(bins: usize, (y1, y2): (f64, f64), rng: &mut impl Rng) -> Vec<f64> {
    // d ln f / dt is a non-positive quadratic, made as a positive mixture of the three quadratic Bernstein polynomials.
    let weights: [f64; 3] = std::array::from_fn(|_| rng.random_range(0.0f64..1.0).powi(2) + 1e-3);
    let integral = |t: f64| {
        let u = 1.0 - t;
        weights[0] * (1.0 - u.powi(3)) + weights[1] * (3.0 * t * t - 2.0 * t.powi(3)) + weights[2] * t.powi(3)
    };
    let total = integral(1.0);
    let drop = (y1 / y2).ln();
    (0..bins)
        .map(|i| {
            let t = i as f64 / (bins - 1).max(1) as f64;
            y1 * (-drop * integral(t) / total).exp()
        })
        .collect()
}

/// Dilepton mass spectrum of thesis eq. 33 with its published parameters varied, bins of constant relative width.
///
/// Valid above 225 GeV. The density is integrated per bin (midpoint rule on 4 sub-bins) and scaled so that the first
/// bin has `y1` entries; the last bin follows from the shape.
pub fn dilepton(bins: usize, y1: f64, rng: &mut impl Rng) -> Vec<f64> {
    const ECM_GEV: f64 = 13_000.0;
    const M_Z: f64 = 91.1876;
    const WIDTH_Z: f64 = 2.4952;
    let electron = rng.random_bool(0.5);
    let (b, p) =
        if electron { (1.5, [-12.38, -4.295, -0.9191, -0.0845]) } else { (11.8, [-7.38, -4.132, -1.0637, -0.1022]) };
    let c: f64 = if electron { 1.0 } else { 1.0 / 3.0 };
    let b = b * rng.random_range(0.8..1.2);
    let tilt = rng.random_range(-0.6..0.6);
    let from = rng.random_range(225.0f64.ln()..600.0f64.ln()).exp();
    let to = from * (rng.random_range(2.0f64.ln()..12.0f64.ln()).exp());
    let to = to.min(6000.0);
    let density = |m: f64| {
        let x = m / ECM_GEV;
        let log = x.ln();
        let exponent = p[0] + tilt + log * (p[1] + log * (p[2] + log * p[3]));
        let breit_wigner = 1.0 / ((m - M_Z).powi(2) + 0.25 * WIDTH_Z * WIDTH_Z);
        breit_wigner * (1.0 - x.powf(c)).max(0.0).powf(b) * (log * exponent).exp()
    };
    // Bins between constant width (photons, electrons at high mass) and constant relative width (muons, jets).
    let curvature = rng.random_range(0.0..1.0);
    let edge = |i: usize| {
        let t = i as f64 / bins as f64;
        curvature * from * (to / from).powf(t) + (1.0 - curvature) * (from + (to - from) * t)
    };
    let mut values: Vec<f64> = (0..bins)
        .map(|i| {
            let (low, high) = (edge(i), edge(i + 1));
            let step = (high - low) / 4.0;
            (0..4).map(|k| density(low + (f64::from(k) + 0.5) * step) * step).sum()
        })
        .collect();
    let top = values.first().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
    for value in &mut values {
        *value *= y1 / top;
    }
    values
}

/// Jacobian peak of a transverse mass, 1 at its highest bin: dN/dmT ~ (mT/M) / sqrt(1 - (mT/M)^2) below the mass M, which
/// lies at bin `edge` (bins of constant relative width `bin_width`), smeared by the resolution of missing momentum, with a
/// tail above from off-shell decays and mismeasured events.
pub fn jacobian(bins: usize, edge: f64, bin_width: f64, rng: &mut impl Rng) -> Vec<f64> {
    let sigma = rng.random_range(0.8..3.0);
    let (tail_share, tail_bins) = (rng.random_range(0.0..0.5), rng.random_range(1.0..6.0));
    // The integral of the density over a bin is known: sqrt(1 - x^2) at its lower minus that at its upper edge.
    let below = |i: f64| (1.0 - ((i - edge) * bin_width).exp().min(1.0).powi(2)).sqrt();
    // The bins below the first one reach into the spectrum by the smearing only.
    let margin = SMEARING_REACH as usize;
    let sharp: Vec<f64> =
        (0..bins + 2 * margin).map(|i| i as f64 - margin as f64).map(|i| below(i) - below(i + 1.0)).collect();
    let kernel: Vec<f64> = (-SMEARING_REACH..=SMEARING_REACH)
        .map(|step| {
            let step = f64::from(step);
            let gaussian = (-0.5 * (step / sigma).powi(2)).exp() / sigma;
            let tail = if step > 0.0 { (-step / tail_bins).exp() / tail_bins } else { 0.0 };
            (1.0 - tail_share) * gaussian + tail_share * tail
        })
        .collect();
    let mut values: Vec<f64> =
        (0..bins).map(|i| kernel.iter().rev().zip(&sharp[i..]).map(|(weight, value)| weight * value).sum()).collect();
    let top = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for value in &mut values {
        *value /= top;
    }
    values
}

/// Smearing is cut off so many bins away.
const SMEARING_REACH: i32 = 12;

/// A positive sum of two shapes.
pub fn mixture(first: &[f64], second: &[f64], share: f64) -> Vec<f64> {
    first.iter().zip(second).map(|(a, b)| (1.0 - share) * a + share * b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn functions_fall_from_y1_to_y2() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..500 {
            let (y1, y2) = draw_range(10.0, 1e5, &mut rng);
            for f in
                [function(60, (y1, y2), &mut rng), log_function(60, (y1, y2), &mut rng), cubic(60, (y1, y2), &mut rng)]
            {
                assert!((f[0] / y1 - 1.0).abs() < 1e-6 && (f[59] / y2 - 1.0).abs() < 1e-6, "{f:?}");
                assert!(f.windows(2).all(|w| w[1] <= w[0] * (1.0 + 1e-9)), "{f:?}");
            }
        }
    }

    #[test]
    fn jacobian_peaks_lie_at_their_edge_and_end_there() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..200 {
            let f = jacobian(80, 30.0, 0.08, &mut rng);
            let top = (0..80).max_by(|a, b| f[*a].total_cmp(&f[*b])).unwrap_or(0);
            assert!((24..=33).contains(&top) && f[top] == 1.0, "{f:?}");
            assert!(f[0] > 0.0 && f[0] < 0.5 && f[60] < 0.01 && f.iter().all(|v| *v >= 0.0), "{f:?}");
        }
    }

    #[test]
    fn dilepton_spectra_fall_and_start_where_asked() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..200 {
            let f = dilepton(80, 1e4, &mut rng);
            assert!((f[0] - 1e4).abs() < 1e-6);
            assert!(f.iter().all(|v| v.is_finite() && *v >= 0.0));
            assert!(f[79] < f[0]);
        }
    }
}
