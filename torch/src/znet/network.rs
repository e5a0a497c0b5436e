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

use bumphound::shape_average::Libraries;
use bumphound::shape_average::features::{WHOLE, channels, places};
use bumphound::shape_average::library::KnownShapes;
use bumphound::significance::SIGNAL_WIDTHS;

use super::filters::{BUMP_WINDOWS, FilterBank, N_BUMP, SMOOTHERS};

/// Size of a network; stored in the model card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Besides the largest z over all widths, a z for each of [`SIGNAL_WIDTHS`].
    #[serde(default)]
    pub by_width: bool,
    /// Widths (in bins) of the signals that the average over shapes ([`bumphound::shape_average`]) knows; none: the network
    /// gets no such average.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape_average: Vec<f64>,
    /// Which shapes that average is over.
    #[serde(default, skip_serializing_if = "is_all")]
    pub known_shapes: KnownShapes,
    /// An uncertainty of every output.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spread: bool,
}

impl Default for Architecture {
    fn default() -> Self {
        Architecture {
            channels: 48,
            layers: 3,
            kernels: vec![3, 7, 15],
            head: 64,
            by_width: false,
            shape_average: Vec::new(),
            known_shapes: KnownShapes::All,
            spread: false,
        }
    }
}

impl Architecture {
    /// An error if no network has such sizes.
    pub fn check(&self) -> Result<(), String> {
        let sane = (1..=1024).contains(&self.channels)
            && (0..=64).contains(&self.layers)
            && (1..=1024).contains(&self.head)
            && (1..=16).contains(&self.kernels.len())
            && self.kernels.len() as i64 <= self.channels
            && self.kernels.iter().all(|k| (1..=255).contains(k) && k % 2 == 1)
            && self.kernels.iter().enumerate().all(|(i, k)| !self.kernels[..i].contains(k))
            && self.shape_average.len() <= 16
            && self.shape_average.iter().all(|width| (0.1..=50.0).contains(width));
        let size: i64 =
            if sane { self.shapes().iter().map(|(_, shape)| shape.iter().product::<i64>()).sum() } else { 0 };
        match sane && size <= MOST_WEIGHTS {
            true => Ok(()),
            false => Err(format!("the architecture {self:?} is out of range")),
        }
    }

    /// Names and shapes of the weights of such a network.
    pub fn shapes(&self) -> Vec<(String, Vec<i64>)> {
        let convolutions = self.convolutions();
        let both = convolutions.into_iter().flat_map(|(name, inputs, outputs, kernel)| {
            [(format!("{name}.weight"), vec![outputs, inputs, kernel]), (format!("{name}.bias"), vec![outputs])]
        });
        both.collect()
    }

    /// Name, inputs, outputs and kernel of every convolution.
    fn convolutions(&self) -> Vec<(String, i64, i64, i64)> {
        let (channels, branches) = (self.channels, self.kernels.len() as i64);
        let (mixed, smooth, each) = candidates(self);
        let targets = if self.by_width { 1 + SIGNAL_WIDTHS.len() as i64 } else { 1 };
        let outputs = mixed + smooth + (targets - 1) * each + targets + 1;
        let n_input = N_INPUT + shape_channels(self);
        let mut all = vec![("entry".to_string(), n_input, channels, 1)];
        for layer in 0..self.layers {
            let name = |kernel: i64| format!("layer{layer}_kernel{kernel}");
            all.extend(self.kernels.iter().map(|&kernel| (name(kernel), 2 * channels, channels / branches, kernel)));
        }
        all.push(("head".to_string(), channels / branches * branches + channels + n_input, self.head, 1));
        all.push(("out".to_string(), self.head, outputs, 1));
        if self.spread {
            all.push(("spread".to_string(), self.head, self.head, 1));
            all.push(("spread_out".to_string(), self.head, targets + 1, 1));
        }
        all
    }

    /// The libraries of shapes that the network is shown averages over.
    pub fn libraries(&self) -> Libraries {
        Libraries::new(&self.shape_average, self.known_shapes)
    }
}

fn is_all(known: &KnownShapes) -> bool {
    *known == KnownShapes::All
}

/// Weights that fit into a GB.
const MOST_WEIGHTS: i64 = 250_000_000;
/// Matched filters beyond this are squashed: the network learns from z up to about 12.
const FILTER_REACH: f64 = 15.0;
/// Position features: distance from each end in units of these many bins, as exp(-distance).
const POSITION_SCALES: [f64; 2] = [3.0, 12.0];
const N_INPUT: i64 = (N_BUMP + 2 * SMOOTHERS.len() + 1 + 2 * POSITION_SCALES.len() + 1) as i64;

/// What the network says about a batch of spectra.
#[derive(Debug)]
pub struct Output {
    /// z `[batch, targets, bins]`. Target 0 is the largest z over all widths, the others (where the network has them) are
    /// [`SIGNAL_WIDTHS`].
    pub z: Tensor,
    /// ln(background) `[batch, bins]`.
    pub ln_background: Tensor,
    /// ln of the standard deviation of each z, then of ln(background): `[batch, targets + 1, bins]`.
    pub ln_spread: Option<Tensor>,
}

/// What goes in, per bin.
struct Inputs {
    /// All features `[batch, channels, bins]`.
    all: Tensor,
    /// Candidates for z: squashed bump filters, then z and fitted z of the shapes.
    bumps: Tensor,
    /// Candidates for ln(background).
    smooth: Tensor,
}

/// Candidates for the mixed z, for ln(background), and for z of one width.
fn candidates(architecture: &Architecture) -> (i64, i64, i64) {
    let widths = architecture.shape_average.len();
    let of_shapes = usize::from(widths > 0);
    ((N_BUMP + 2 * widths) as i64, (SMOOTHERS.len() + of_shapes) as i64, (BUMP_WINDOWS.len() + 2 * of_shapes) as i64)
}

fn shape_channels(architecture: &Architecture) -> i64 {
    match architecture.shape_average.len() {
        0 => 0,
        widths => channels(widths) as i64,
    }
}

/// Znet3 with its weights.
#[derive(Debug)]
pub struct Znet3 {
    architecture: Architecture,
    entry: nn::Conv1D,
    layers: Vec<Vec<nn::Conv1D>>,
    head: nn::Conv1D,
    out: nn::Conv1D,
    spread: Option<(nn::Conv1D, nn::Conv1D)>,
    /// Matrices per number of bins, on the device of the weights.
    banks: RefCell<HashMap<i64, (Tensor, Tensor)>>,
    device: Device,
}

impl Znet3 {
    /// Makes the variables under `path`; their initial values follow libtorch's seed.
    pub fn new(path: &nn::Path, architecture: &Architecture) -> Self {
        let sizes: HashMap<String, (i64, i64, i64)> =
            architecture.convolutions().into_iter().map(|(name, i, o, kernel)| (name, (i, o, kernel))).collect();
        // In this order libtorch draws the first weights.
        let conv = |name: String| {
            let (inputs, outputs, kernel) = sizes.get(&name).copied().unwrap_or((1, 1, 1));
            let config = nn::ConvConfig { padding: kernel / 2, ..Default::default() };
            nn::conv1d(path / name, inputs, outputs, kernel, config)
        };
        let of_layer = |layer| architecture.kernels.iter().map(|k| conv(format!("layer{layer}_kernel{k}"))).collect();
        let layers = (0..architecture.layers).map(of_layer).collect();
        let spread = architecture.spread.then(|| (conv("spread".into()), conv("spread_out".into())));
        Znet3 {
            entry: conv("entry".into()),
            layers,
            head: conv("head".into()),
            out: conv("out".into()),
            spread,
            architecture: architecture.clone(),
            banks: RefCell::new(HashMap::new()),
            device: path.device(),
        }
    }

    /// Size of the network.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// From float32 counts `[batch, bins]` on the network's device; `shapes` `[batch, channels, bins]` are the features of
    /// [`bumphound::shape_average`], if the network uses them.
    pub fn forward(&self, counts: &Tensor, shapes: Option<&Tensor>) -> Output {
        let Inputs { all: inputs, bumps, smooth } = self.inputs(counts, shapes);
        let entry = self.entry_layer(&inputs);
        let mut hidden = entry.shallow_clone();
        for layer in &self.layers {
            let joined = Tensor::cat(&[&hidden, &entry], 1);
            let outputs: Vec<Tensor> = layer.iter().map(|conv| joined.apply(conv)).collect();
            hidden = Tensor::cat(&outputs, 1).silu();
        }
        let head = Tensor::cat(&[&hidden, &entry, &inputs], 1).apply(&self.head).silu();
        let outputs = head.apply(&self.out);
        let mut next = 0;
        // A weighted mean of candidates plus a correction.
        let mut mean = |of: &Tensor| {
            let count = of.size()[1];
            let weights = outputs.narrow(1, next, count).softmax(1, Kind::Float);
            let correction = outputs.select(1, next + count);
            next += count + 1;
            (weights * of).sum_dim_intlist(1i64, false, Kind::Float) + correction
        };
        let mut z = vec![mean(&bumps)];
        let ln_background = mean(&smooth);
        if self.architecture.by_width {
            let windows = BUMP_WINDOWS.len() as i64;
            for width in 0..SIGNAL_WIDTHS.len() as i64 {
                let filters = bumps.narrow(1, width * windows, windows);
                z.push(mean(&match self.architecture.shape_average.len() as i64 {
                    0 => filters,
                    // z and fitted z of this width stand behind all filters.
                    widths => {
                        let place = N_BUMP as i64 + width.min(widths - 1);
                        Tensor::cat(&[filters, bumps.narrow(1, place, 1), bumps.narrow(1, place + widths, 1)], 1)
                    }
                }));
            }
        }
        // The spread learns from what the others have found, and does not change it.
        let ln_spread = self
            .spread
            .as_ref()
            .map(|(first, second)| head.detach().apply(first).silu().apply(second).clamp(-6.0, 4.0));
        Output { z: Tensor::stack(&z, 1), ln_background, ln_spread }
    }

    fn entry_layer(&self, inputs: &Tensor) -> Tensor {
        inputs.apply(&self.entry).silu()
    }

    fn inputs(&self, counts: &Tensor, shapes: Option<&Tensor>) -> Inputs {
        let (batch, bins) = (counts.size()[0], counts.size()[1]);
        let (matrix, position) = self.bank(bins);
        let y = (counts + 0.375).sqrt() * 2.0;
        let rows = (N_BUMP + SMOOTHERS.len()) as i64;
        let filtered = y.matmul(&matrix).view([batch, rows, bins]);
        let mut bumps = (filtered.narrow(1, 0, N_BUMP as i64) / FILTER_REACH).tanh() * FILTER_REACH;
        let smooth_y = filtered.narrow(1, N_BUMP as i64, SMOOTHERS.len() as i64).clamp_min(1.2);
        let residual = ((y.unsqueeze(1) - &smooth_y) / FILTER_REACH).tanh() * FILTER_REACH;
        let mut smooth = (&smooth_y * &smooth_y * 0.25 - 0.355).log();
        let mut all = vec![
            &bumps * 0.3,
            residual * 0.3,
            &smooth * 0.2,
            counts.log1p().unsqueeze(1) * 0.2,
            position.expand([batch, -1, bins], false),
        ];
        let widths = self.architecture.shape_average.len();
        if let Some(shapes) = shapes.filter(|_| widths > 0) {
            let [z, fitted, strength, ln_background] = places(widths).map(|place| place as i64);
            let widths = widths as i64;
            let both = shapes.narrow(1, z, fitted - z + widths);
            all.push(&both * 0.3);
            all.push(shapes.narrow(1, fitted + widths, strength - fitted - widths));
            all.push(shapes.narrow(1, strength, widths) * 0.3);
            all.push(shapes.narrow(1, ln_background + 1, 1) * 0.3);
            all.push(shapes.narrow(1, ln_background + 2, WHOLE as i64));
            let ln_background = shapes.narrow(1, ln_background, 1);
            all.push(&ln_background * 0.2);
            bumps = Tensor::cat(&[&bumps, &both], 1);
            smooth = Tensor::cat(&[&smooth, &ln_background], 1);
        }
        Inputs { all: Tensor::cat(&all, 1), bumps, smooth }
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
