//! Signal templates: Gaussians integrated over bins.
//!
//! In: bin edges (any unit) and widths k in bins. Out, for every (bin i, width k): the fraction of a Gaussian centred on
//! bin i with sigma = k x (width of bin i) that falls into each bin j. Entries below 1e-12 are 0, so a template is a
//! short contiguous run of bins. (physics.md section 6.)

use statrs::function::erf::erfc;

/// Entries below this are zero.
pub const TEMPLATE_FLOOR: f64 = 1e-12;

/// Beyond so many sigma a Gaussian holds 3e-13.
const REACH: f64 = 7.2;

/// Widths of the signals that are looked for, in bins: sigma of a Gaussian (physics.md section 6).
pub const SIGNAL_WIDTHS: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

/// One template: its values on bins `first..first + values.len()`.
#[derive(Debug, Clone, Copy)]
pub struct Template<'a> {
    /// First bin with a value.
    pub first: usize,
    /// Fraction of the signal per bin.
    pub values: &'a [f64],
}

/// All templates of one binning, `n_bins x widths.len()`, stored back to back.
#[derive(Debug, Clone)]
pub struct Templates {
    n_bins: usize,
    widths: Vec<f64>,
    /// (first bin, start in `values`); one more entry at the end.
    index: Vec<(u32, u32)>,
    values: Vec<f64>,
}

impl Templates {
    /// Templates for rising `edges` (n + 1 of them) and `widths` in units of the bin's width.
    pub fn new(edges: &[f64], widths: &[f64]) -> Self {
        let n_bins = edges.len().saturating_sub(1);
        let mut templates = Templates {
            n_bins,
            widths: widths.to_vec(),
            index: Vec::with_capacity(n_bins * widths.len() + 1),
            values: Vec::new(),
        };
        for bin in 0..n_bins {
            let centre = 0.5 * (edges[bin] + edges[bin + 1]);
            let bin_width = edges[bin + 1] - edges[bin];
            for &width in widths {
                templates.push(edges, centre, width * bin_width);
            }
        }
        templates.index.push((0, templates.values.len() as u32));
        templates
    }

    /// Templates for `n_bins` bins of equal width.
    pub fn uniform(n_bins: usize, widths: &[f64]) -> Self {
        let edges: Vec<f64> = (0..=n_bins).map(|i| i as f64).collect();
        Templates::new(&edges, widths)
    }

    fn push(&mut self, edges: &[f64], centre: f64, sigma: f64) {
        let start = self.values.len();
        // Bins that lie farther out hold less than the floor. Inside, the ends that do are cut off.
        let from = edges.partition_point(|edge| *edge < centre - REACH * sigma).saturating_sub(1);
        let to = (edges.partition_point(|edge| *edge <= centre + REACH * sigma) + 1).min(edges.len());
        let near = edges.get(from..to).unwrap_or_default();
        let values =
            near.windows(2).map(|pair| gaussian_integral((pair[0] - centre) / sigma, (pair[1] - centre) / sigma));
        let mut values = values.enumerate().skip_while(|(_, value)| *value < TEMPLATE_FLOOR).peekable();
        let first = from + values.peek().map_or(0, |(bin, _)| *bin);
        self.values.extend(values.map(|(_, value)| value));
        while self.values.len() > start && self.values.last().is_some_and(|value| *value < TEMPLATE_FLOOR) {
            self.values.pop();
        }
        self.index.push((first as u32, start as u32));
    }

    /// How many values [`Templates::new`] makes at most.
    pub fn size(n_bins: usize, widths: &[f64]) -> f64 {
        widths.iter().map(|width| (2.0 * REACH * width + 2.0).min(n_bins as f64)).sum::<f64>() * n_bins as f64
    }

    /// Number of bins.
    pub fn n_bins(&self) -> usize {
        self.n_bins
    }

    /// Widths in bins.
    pub fn widths(&self) -> &[f64] {
        &self.widths
    }

    /// The template centred on `bin` with the width number `width`.
    pub fn get(&self, bin: usize, width: usize) -> Template<'_> {
        let slot = bin * self.widths.len() + width;
        let (first, start) = self.index[slot];
        let end = self.index[slot + 1].1;
        Template { first: first as usize, values: &self.values[start as usize..end as usize] }
    }
}

/// Integral of the unit Gaussian from `low` to `high`, exact in the tails.
pub fn gaussian_integral(low: f64, high: f64) -> f64 {
    let upper = |x: f64| 0.5 * erfc(x * std::f64::consts::FRAC_1_SQRT_2);
    if low >= 0.0 {
        upper(low) - upper(high)
    } else if high <= 0.0 {
        upper(-high) - upper(-low)
    } else {
        1.0 - upper(-low) - upper(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_in_the_middle_holds_all_of_the_signal() {
        let templates = Templates::uniform(100, &[1.0, 4.0]);
        for width in 0..2 {
            let sum: f64 = templates.get(50, width).values.iter().sum();
            assert!((sum - 1.0).abs() < 1e-10, "{sum}");
        }
    }

    #[test]
    fn a_sliver_of_a_bin_does_not_cut_a_template_in_two() {
        let mut edges: Vec<f64> = (0..=40).map(f64::from).collect();
        edges.insert(16, 15.0 + 1e-9);
        let templates = Templates::new(&edges, &[4.0]);
        let template = templates.get(21, 0);
        let sum: f64 = template.values.iter().sum();
        assert!((sum - 1.0).abs() < 1e-6 && template.first <= 1, "{} {sum}", template.first);
        let reference = Templates::uniform(40, &[4.0]);
        assert!((template.values[20 - template.first] - reference.get(20, 0).values[19]).abs() < 1e-12);
    }

    #[test]
    fn the_size_is_known_before() {
        for (bins, widths) in [(100, &[1.0, 4.0][..]), (20, &[0.05, 100.0][..]), (3, &[1.0][..])] {
            let templates = Templates::uniform(bins, widths);
            let made = templates.values.len() as f64;
            assert!(
                made <= Templates::size(bins, widths) && made > 0.3 * Templates::size(bins, widths),
                "{bins} {made}"
            );
        }
    }

    #[test]
    fn template_is_symmetric_around_its_bin() {
        let templates = Templates::uniform(41, &[2.0]);
        let template = templates.get(20, 0);
        let n = template.values.len();
        assert_eq!(template.first + n, 41 - template.first);
        for i in 0..n / 2 {
            assert!((template.values[i] - template.values[n - 1 - i]).abs() < 1e-15);
        }
    }
}
