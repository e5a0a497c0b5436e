//! The network: convolutions of several kernel sizes, every layer's output joined with the input, a head per bin.
//!
//! In: counts `[batch, bins]`, any number of bins, all spectra of a batch of one length. Out: z `[batch, bins]` and
//! ln(background) `[batch, bins]`. Thesis sec. 5.1; inputs as in [`super::filters`]. z is a weighted mean of the
//! matched filters, the weights chosen per bin by the network, plus a correction: so a network that has learnt nothing
//! is already a side-band fit. The background is a
//! weighted mean of local polynomial fits in the same way.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn};

use super::filters::{BUMP_WINDOWS, FilterBank, N_BUMP, SMOOTHERS, WIDTHS};

/// Size of a network; stored in the model card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// Channels between layers.
    pub channels: i64,
    /// Convolution layers.
    pub layers: i64,
    /// Kernel sizes of each layer; its channels are shared among them.
    pub kernels: Vec<i64>,
    /// Channels of the head.
    pub head: i64,
    /// Besides the largest z over all widths, a z for each of [`WIDTHS`].
    #[serde(default)]
    pub by_width: bool,
}

impl Default for Architecture {
    fn default() -> Self {
        Architecture { channels: 48, layers: 3, kernels: vec![3, 7, 15], head: 64, by_width: false }
    }
}

/// Matched filters beyond this are squashed: the network learns from z up to about 12.
const FILTER_REACH: f64 = 15.0;
/// Position features: distance from each end in units of these many bins, as exp(-distance).
const POSITION_SCALES: [f64; 2] = [3.0, 12.0];
const N_INPUT: i64 = (N_BUMP + 2 * SMOOTHERS.len() + 1 + 2 * POSITION_SCALES.len() + 1) as i64;

/// Znet3 with its weights.
#[derive(Debug)]
pub struct Znet3 {
    architecture: Architecture,
    entry: nn::Conv1D,
    layers: Vec<Vec<nn::Conv1D>>,
    head: nn::Conv1D,
    out: nn::Conv1D,
    /// Matrices per number of bins, on the device of the weights.
    banks: RefCell<HashMap<i64, (Tensor, Tensor)>>,
    device: Device,
}

impl Znet3 {
    /// Makes the variables under `path`; their initial values follow libtorch's seed.
    pub fn new(path: &nn::Path, architecture: &Architecture) -> Self {
        let conv = |name: String, inputs: i64, outputs: i64, kernel: i64| {
            let config = nn::ConvConfig { padding: kernel / 2, ..Default::default() };
            nn::conv1d(path / name, inputs, outputs, kernel, config)
        };
        let (channels, branches) = (architecture.channels, architecture.kernels.len() as i64);
        let layers = (0..architecture.layers)
            .map(|layer| {
                architecture
                    .kernels
                    .iter()
                    .map(|&kernel| {
                        conv(format!("layer{layer}_kernel{kernel}"), 2 * channels, channels / branches, kernel)
                    })
                    .collect()
            })
            .collect();
        let joined = channels / branches * branches;
        let by_width = if architecture.by_width { (N_BUMP + WIDTHS.len()) as i64 } else { 0 };
        let outputs = N_BUMP as i64 + 1 + SMOOTHERS.len() as i64 + 1 + by_width;
        Znet3 {
            entry: conv("entry".into(), N_INPUT, channels, 1),
            layers,
            head: conv("head".into(), joined + channels + N_INPUT, architecture.head, 1),
            out: conv("out".into(), architecture.head, outputs, 1),
            architecture: architecture.clone(),
            banks: RefCell::new(HashMap::new()),
            device: path.device(),
        }
    }

    /// Size of the network.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// z `[batch, targets, bins]` and ln(background) `[batch, bins]` from float32 counts `[batch, bins]` on the network's
    /// device. Target 0 is the largest z over all widths, the others (where the network has them) are [`WIDTHS`].
    pub fn forward(&self, counts: &Tensor) -> (Tensor, Tensor) {
        let (inputs, bumps, smooth) = self.inputs(counts);
        let entry = self.entry_layer(&inputs);
        let mut hidden = entry.shallow_clone();
        for layer in &self.layers {
            let joined = Tensor::cat(&[&hidden, &entry], 1);
            let outputs: Vec<Tensor> = layer.iter().map(|conv| joined.apply(conv)).collect();
            hidden = Tensor::cat(&outputs, 1).silu();
        }
        let outputs = Tensor::cat(&[&hidden, &entry, &inputs], 1).apply(&self.head).silu().apply(&self.out);
        let (filters, smoothers) = (N_BUMP as i64, SMOOTHERS.len() as i64);
        let mean = |from: i64, of: &Tensor| {
            let weights = outputs.narrow(1, from, of.size()[1]).softmax(1, Kind::Float);
            (weights * of).sum_dim_intlist(1i64, false, Kind::Float)
        };
        let mut z = vec![mean(0, &bumps) + outputs.select(1, filters)];
        let ln_background = mean(filters + 1, &smooth) + outputs.select(1, filters + 1 + smoothers);
        if self.architecture.by_width {
            let (first, each) = (filters + smoothers + 2, BUMP_WINDOWS.len() as i64);
            for width in 0..WIDTHS.len() as i64 {
                let from = first + width * (each + 1);
                z.push(mean(from, &bumps.narrow(1, width * each, each)) + outputs.select(1, from + each));
            }
        }
        (Tensor::stack(&z, 1), ln_background)
    }

    fn entry_layer(&self, inputs: &Tensor) -> Tensor {
        inputs.apply(&self.entry).silu()
    }

    /// Input features `[batch, N_INPUT, bins]`, squashed bump filters `[batch, N_BUMP, bins]`, ln(background)
    /// of the smoothers `[batch, SMOOTHERS, bins]`.
    fn inputs(&self, counts: &Tensor) -> (Tensor, Tensor, Tensor) {
        let (batch, bins) = (counts.size()[0], counts.size()[1]);
        let (matrix, position) = self.bank(bins);
        let y = (counts + 0.375).sqrt() * 2.0;
        let rows = (N_BUMP + SMOOTHERS.len()) as i64;
        let filtered = y.matmul(&matrix).view([batch, rows, bins]);
        let bumps = (filtered.narrow(1, 0, N_BUMP as i64) / FILTER_REACH).tanh() * FILTER_REACH;
        let smooth_y = filtered.narrow(1, N_BUMP as i64, SMOOTHERS.len() as i64).clamp_min(1.2);
        let residual = ((y.unsqueeze(1) - &smooth_y) / FILTER_REACH).tanh() * FILTER_REACH;
        let ln_smooth = (&smooth_y * &smooth_y * 0.25 - 0.355).log();
        let inputs = Tensor::cat(
            &[
                &bumps * 0.3,
                residual * 0.3,
                &ln_smooth * 0.2,
                counts.log1p().unsqueeze(1) * 0.2,
                position.expand([batch, -1, bins], false),
            ],
            1,
        );
        (inputs, bumps, ln_smooth)
    }

    /// Filter matrix `[bins, rows x bins]` and position features `[1, 5, bins]`, made once per number of bins.
    fn bank(&self, bins: i64) -> (Tensor, Tensor) {
        let mut banks = self.banks.borrow_mut();
        let (matrix, position) = banks.entry(bins).or_insert_with(|| {
            let bank = FilterBank::new(bins as usize);
            let rows = (N_BUMP + SMOOTHERS.len()) as i64 * bins;
            let matrix = Tensor::from_slice(&bank.rows).view([rows, bins]).transpose(0, 1).contiguous();
            let mut position = Vec::new();
            for scale in POSITION_SCALES {
                position.extend((0..bins).map(|i| (-(i as f64) / scale).exp() as f32));
                position.extend((0..bins).map(|i| (-((bins - 1 - i) as f64) / scale).exp() as f32));
            }
            position.extend((0..bins).map(|_| bins as f32 / 100.0));
            let position = Tensor::from_slice(&position).view([1, -1, bins]);
            (matrix.to_device(self.device), position.to_device(self.device))
        });
        (matrix.shallow_clone(), position.shallow_clone())
    }
}
