//! The figures: one module each, a function from [`Samples`] to a [`Figure`].
//!
//! | module | figure | thesis |
//! |---|---|---|
//! | [`figure`] | what a figure is made of | |
//! | [`mod@reference`] | the rows of physics.md section 9 | |
//! | [`calibration`] | mean true Zmax at a predicted one | |
//! | [`true_zmax`] | bias and spread against true Zmax, 68 and 95 % intervals | fig. 9 |
//! | [`dependence`] | bias and spread against position, bins, dynamic range, width, entries, source | figs. 10-16, 21 |
//! | [`roc`] | ROC curves, AUC, efficiency | |
//! | [`null`] | false positives, uniformity of p_spectrum | |
//! | [`hard_set`] | shoulders, steps, Jacobian edges | |
//! | [`coverage`] | 68 and 95 % intervals of each bin | |
//!
//! A new figure is a module here and a line in [`all`].

use crate::evaluation::sample::judge::Method;
use crate::evaluation::sets::samples::Samples;
use bumphound::drawing::chart::{Mark, Series};
use figure::{ByMethod, Figure};

pub mod calibration;
pub mod coverage;
pub mod dependence;
pub mod figure;
pub mod hard_set;
pub mod null;
pub mod reference;
pub mod roc;
pub mod true_zmax;

/// Size of a plot that shares its line with another one, pixels.
const HALF: (f64, f64) = (600.0, 340.0);
/// Of one of three in a line.
const THIRD: (f64, f64) = (390.0, 300.0);
/// Methods that are drawn beside the network where bias and spread are shown: the whole-spectrum fit is far off the
/// scale.
const DRAWN: [Method; 3] = [Method::Network, Method::FamilyFit, Method::SlidingFit];

/// All figures, in the order of the page.
pub fn all(samples: &Samples) -> Vec<Figure> {
    let mut figures = vec![
        reference::figure(samples),
        calibration::figure(samples),
        true_zmax::bands(samples),
        true_zmax::intervals(samples),
    ];
    figures.extend(dependence::figures(samples));
    figures.extend([roc::figure(samples), null::false_positives(samples), null::uniformity(samples)]);
    figures.push(hard_set::figure(samples));
    figures.extend(coverage::figure(samples));
    figures
}

/// A series named after its method.
fn series(method: Method, points: Vec<(f64, f64, f64)>, mark: Mark) -> Series {
    let sets_scale = !matches!(method, Method::SlidingFit | Method::WholeFit);
    Series { name: method.name().to_string(), style: method.style(), points, mark, sets_scale }
}

/// Values at x by the methods that are drawn, the network's with their errors.
fn drawn(values: &[(f64, ByMethod)], mark: Mark) -> Vec<Series> {
    let points = |method: Method| {
        let error = |value: &ByMethod| value.error.filter(|_| method == Method::Network).unwrap_or(0.0);
        values.iter().filter_map(move |(at, value)| Some((*at, value.of(method)?, error(value)))).collect()
    };
    DRAWN.map(|method| series(method, points(method), mark)).to_vec()
}

/// `+0.12`, or a dash.
fn signed(value: Option<f64>) -> String {
    // Adding 0 makes −0 a 0.
    value.map_or("–".to_string(), |v| format!("{:+.2}", (100.0 * v).round() / 100.0 + 0.0).replace('-', "−"))
}

/// `1.23`, or a dash.
fn plain(value: Option<f64>) -> String {
    value.map_or("–".to_string(), |v| format!("{v:.2}").replace('-', "−"))
}

/// `65 %`, or a dash.
fn percent(part: Option<f64>) -> String {
    part.map_or("–".to_string(), |p| format!("{:.0} %", 100.0 * p))
}

/// The smallest and largest of some values, each through `write`: `0.8 to 1.2`.
fn range(values: impl Iterator<Item = f64>, write: fn(Option<f64>) -> String) -> String {
    let all: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    let (low, high) = (all.iter().copied().reduce(f64::min), all.iter().copied().reduce(f64::max));
    if write(low) == write(high) { write(low) } else { format!("{} to {}", write(low), write(high)) }
}
