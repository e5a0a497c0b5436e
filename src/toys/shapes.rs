//! Smooth background shapes: what a falling mass spectrum may look like.
//!
//! In: a number of bins and a random generator. Out: expected entries per bin. The functions are those of thesis
//! sec. 4 (eq. 32), cut at random points and stretched to the full range (sec. 5.2.1), as fixed by physics.md section
//! 7.1; dilepton shapes follow eq. 33 (section 7.4). Simulated shapes are rows of a fitted table.

use rand::{Rng, RngExt};

use crate::particles::pdg::{Z_MASS_GEV, Z_WIDTH_GEV};

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

/// A function of t in [0, 1] that falls, up to scale and offset, cut to [t0, t1]: everything that its shape depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Function {
    /// Its form.
    pub form: Form,
    /// Of exp and cosh.
    pub a: f64,
    /// Of power laws and the logarithm.
    pub x0: f64,
    /// Exponent of power laws.
    pub n: f64,
    /// Where the first bin lies.
    pub t0: f64,
    /// Where the last bin lies.
    pub t1: f64,
}

impl Function {
    /// A random form with random parameters, cut to a random part of its range.
    pub fn draw(rng: &mut impl Rng) -> Function {
        let form = FORMS[rng.random_range(0..FORMS.len())];
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
        let t0 = rng.random_range(0.0..0.7);
        let t1 = rng.random_range(t0 + 0.2..1.0);
        Function { form, a, x0: 10f64.powf(log10_x0), n, t0, t1 }
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

    /// On `bins` points from t0 to t1, moved and scaled to 1 at the first and 0 at the last.
    pub fn unit(&self, bins: usize) -> Vec<f64> {
        let (top, bottom) = (self.at(self.t0), self.at(self.t1));
        let span = top - bottom;
        (0..bins)
            .map(|i| {
                let part = i as f64 / (bins - 1).max(1) as f64;
                if span.abs() < 1e-12 {
                    1.0 - part
                } else {
                    (self.at(self.t0 + (self.t1 - self.t0) * part) - bottom) / span
                }
            })
            .collect()
    }
}

impl Function {
    /// What a small change of any parameter, of scale and offset adds to the expectation: columns of `bins` values that
    /// span the tangent space of the family at this function. They may depend on each other (moving exp(-a t) is scaling it).
    pub fn tangents(&self, bins: usize) -> Vec<Vec<f64>> {
        let part = |i: usize| i as f64 / (bins - 1).max(1) as f64;
        let column = |value: &dyn Fn(f64) -> f64| -> Vec<f64> {
            (0..bins).map(|i| value(self.t0 + (self.t1 - self.t0) * part(i))).collect()
        };
        let slope = column(&|t| self.slope(t));
        let mut columns = vec![
            vec![1.0; bins],
            column(&|t| self.at(t)),
            slope.iter().enumerate().map(|(i, s)| s * (1.0 - part(i))).collect(),
            slope.iter().enumerate().map(|(i, s)| s * part(i)).collect(),
        ];
        match self.form {
            Form::Exponential => columns.push(column(&|t| t * self.at(t))),
            Form::Cosh => columns.push(column(&|t| (t - 1.0) * (self.a * (t - 1.0)).sinh())),
            Form::Power(_) | Form::PowerAny => {
                columns.push(column(&|t| self.at(t) * t / (self.x0 + t)));
                if self.form == Form::PowerAny {
                    columns.push(column(&|t| self.at(t) * (self.x0 / (self.x0 + t)).ln()));
                }
            }
            // Moving the logarithm's x0 is moving t; the others have no parameter but the cut.
            Form::Logarithm | Form::Linear | Form::Parabola | Form::Cosine => {}
        }
        columns
    }

    /// d/dt of [`Function::at`].
    fn slope(&self, t: f64) -> f64 {
        match self.form {
            Form::Exponential => -self.a * (-self.a * t).exp(),
            Form::Linear => -1.0,
            Form::Power(_) | Form::PowerAny => -self.n / (self.x0 + t) * self.at(t),
            Form::Parabola => 2.0 * (t - 1.0),
            Form::Logarithm => -1.0 / (self.x0 + t),
            Form::Cosine => -std::f64::consts::FRAC_PI_2 * (std::f64::consts::FRAC_PI_2 * t).sin(),
            Form::Cosh => self.a * (self.a * (t - 1.0)).sinh(),
        }
    }
}

fn unit_function(bins: usize, rng: &mut impl Rng) -> Vec<f64> {
    Function::draw(rng).unit(bins)
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
    Dilepton::draw(rng).on(bins).into_iter().map(|value| value * y1).collect()
}

/// The parameters of a dilepton spectrum (thesis eq. 33) and its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dilepton {
    /// 1 for electrons, 1/3 for muons.
    pub c: f64,
    /// Exponent of (1 - x^c).
    pub b: f64,
    /// Coefficients of ln^i x in the exponent of x.
    pub p: [f64; 4],
    /// Lower end, GeV.
    pub from_gev: f64,
    /// Upper end, GeV.
    pub to_gev: f64,
    /// 0: bins of equal width, 1: of equal relative width.
    pub curvature: f64,
}

impl Dilepton {
    /// Either flavour, its published parameters varied.
    pub fn draw(rng: &mut impl Rng) -> Dilepton {
        let electron = rng.random_bool(0.5);
        let (b, mut p) = if electron {
            (1.5, [-12.38, -4.295, -0.9191, -0.0845])
        } else {
            (11.8, [-7.38, -4.132, -1.0637, -0.1022])
        };
        let c: f64 = if electron { 1.0 } else { 1.0 / 3.0 };
        let b = b * rng.random_range(0.8..1.2);
        p[0] += rng.random_range(-0.6..0.6);
        let from = rng.random_range(225.0f64.ln()..600.0f64.ln()).exp();
        let to = from * (rng.random_range(2.0f64.ln()..12.0f64.ln()).exp());
        // Bins between constant width (photons, electrons at high mass) and constant relative width (muons, jets).
        let curvature = rng.random_range(0.0..1.0);
        Dilepton { c, b, p, from_gev: from, to_gev: to.min(6000.0), curvature }
    }

    /// Events per GeV at a mass, up to scale.
    fn density(&self, m: f64) -> f64 {
        let x = m / ECM_GEV;
        let log = x.ln();
        let exponent = self.p[0] + log * (self.p[1] + log * (self.p[2] + log * self.p[3]));
        let breit_wigner = 1.0 / ((m - Z_MASS_GEV).powi(2) + 0.25 * Z_WIDTH_GEV * Z_WIDTH_GEV);
        breit_wigner * (1.0 - x.powf(self.c)).max(0.0).powf(self.b) * (log * exponent).exp()
    }

    /// On `bins` bins, 1 in the first.
    pub fn on(&self, bins: usize) -> Vec<f64> {
        let values = self.integrals(bins, |_| 1.0);
        let top = values.first().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        values.into_iter().map(|value| value / top).collect()
    }

    /// As [`Function::tangents`]: scale, b and the coefficients p. The bins are known.
    pub fn tangents(&self, bins: usize) -> Vec<Vec<f64>> {
        let mut columns = vec![self.integrals(bins, |_| 1.0)];
        columns.push(self.integrals(bins, |x| (1.0 - x.powf(self.c)).max(f64::MIN_POSITIVE).ln()));
        columns.extend((1..=4).map(|power| self.integrals(bins, |x| x.ln().powi(power))));
        columns
    }

    /// Integral per bin of the density times a weight that depends on x = m / 13 TeV (midpoint rule on 4 sub-bins).
    fn integrals(&self, bins: usize, weight: impl Fn(f64) -> f64) -> Vec<f64> {
        let (from, to, curvature) = (self.from_gev, self.to_gev, self.curvature);
        let edge = |i: usize| {
            let t = i as f64 / bins as f64;
            curvature * from * (to / from).powf(t) + (1.0 - curvature) * (from + (to - from) * t)
        };
        (0..bins)
            .map(|i| {
                let (low, high) = (edge(i), edge(i + 1));
                let step = (high - low) / 4.0;
                let middle = |k: i32| low + (f64::from(k) + 0.5) * step;
                (0..4).map(|k| self.density(middle(k)) * weight(middle(k) / ECM_GEV) * step).sum()
            })
            .collect()
    }
}

/// Energy of the collisions behind the published dilepton parameters.
const ECM_GEV: f64 = 13_000.0;

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

    /// The residual of `change` after a least-squares fit of `columns`, relative to it.
    fn left_over(change: &[f64], columns: &[Vec<f64>]) -> f64 {
        let matrix = nalgebra::DMatrix::from_fn(change.len(), columns.len(), |i, j| columns[j][i]);
        let change = nalgebra::DVector::from_column_slice(change);
        let svd = matrix.clone().svd(true, true);
        let fitted = &matrix * svd.solve(&change, 1e-10).expect("both sides were asked for");
        (change.clone() - fitted).norm() / change.norm()
    }

    #[test]
    fn tangents_span_small_changes_of_every_parameter() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for _ in 0..200 {
            let f = Function::draw(&mut rng);
            let before = f.unit(50);
            for changed in [
                Function { a: f.a * 1.00001, ..f },
                Function { x0: f.x0 * 1.00001, ..f },
                Function { t0: f.t0 + 1e-6, ..f },
                Function { t1: f.t1 - 1e-6, ..f },
            ] {
                let change: Vec<f64> = changed.unit(50).iter().zip(&before).map(|(a, b)| a - b).collect();
                if change.iter().any(|c| c.abs() > 1e-8) {
                    assert!(left_over(&change, &f.tangents(50)) < 1e-3, "{f:?} {changed:?}");
                }
            }
            let shape = Dilepton::draw(&mut rng);
            let changed = Dilepton { b: shape.b + 1e-5, p: shape.p.map(|p| p + 1e-5), ..shape };
            let change: Vec<f64> = changed.on(50).iter().zip(shape.on(50)).map(|(a, b)| a - b).collect();
            assert!(left_over(&change, &shape.tangents(50)) < 1e-3, "{shape:?}");
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
