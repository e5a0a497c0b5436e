//! How significant is an excess over a known background: the target that the network learns.
//!
//! In: observed counts n, expected background b (same length), bin edges. Out: one signed z per bin.
//! L(mu) = prod_j Poisson(n_j | b_j + mu s_j), mu free; z_i = sign(mu_hat) sqrt(2 [ln L(mu_hat) - ln L(0)])
//! (arXiv:1007.1727; thesis sec. 2.4). The template s of bin i is a Gaussian centred on the bin, sigma = k bin widths,
//! integrated over each bin ([`templates`]). Several k: the largest z per bin counts.
//!
//! ```
//! use bumphound::significance::{z_per_bin, Templates};
//! let edges: Vec<f64> = (0..=40).map(|i| 100.0 + 10.0 * i as f64).collect();
//! let background = vec![100.0; 40];
//! let mut observed = background.clone();
//! observed[20] = 160.0;
//! let z = z_per_bin(&observed, &background, &Templates::new(&edges, &[1.0, 2.0, 3.0, 4.0])).unwrap();
//! // One bin holds 38 % of a Gaussian of one bin: 60 events more in it are 4.1 sigma for that shape.
//! assert!((z[20] - 4.14).abs() < 0.01 && z[5] < 0.1);
//! ```

pub mod likelihood;
pub mod log_cubic;
pub mod poisson;
pub mod poisson_fit;
pub mod sideband;
mod template_cache;
pub mod templates;
pub mod trials;

pub use likelihood::{SignificanceError, asimov_strength, z_at, z_by_width_into, z_mixed_into, z_per_bin};
pub use sideband::sideband_z;
pub use template_cache::TemplateCache;
pub use templates::{SIGNAL_WIDTHS, Templates};
