//! AdamW with a state that can be saved, and an exponential mean of the weights.
//!
//! libtorch's own optimiser does not give its moments out, and a training that resumes must go on exactly where it
//! stopped. In: a VarStore with gradients. Out: updated variables; moments and mean weights as named tensors.

use std::collections::BTreeMap;

use tch::{Tensor, nn::VarStore, no_grad};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Optimiser state of every trainable variable, by name.
#[derive(Debug)]
pub struct Adam {
    variables: BTreeMap<String, Tensor>,
    first: BTreeMap<String, Tensor>,
    second: BTreeMap<String, Tensor>,
    mean: BTreeMap<String, Tensor>,
    step: i64,
    weight_decay: f64,
    mean_decay: f64,
}

impl Adam {
    /// A fresh state for all trainable variables of `store`.
    pub fn new(store: &VarStore, weight_decay: f64, mean_decay: f64) -> Self {
        let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        let zeros = || variables.iter().map(|(name, v)| (name.clone(), v.zeros_like().detach())).collect();
        let (first, second) = (zeros(), zeros());
        let mean = variables.iter().map(|(name, v)| (name.clone(), v.detach().copy())).collect();
        Adam { variables, first, second, mean, step: 0, weight_decay, mean_decay }
    }

    /// Steps done.
    pub fn step_count(&self) -> i64 {
        self.step
    }

    /// One step along the gradients of `loss`, clipped to a total norm of `clip`. Returns the norm before clipping.
    pub fn step(&mut self, loss: &Tensor, learning_rate: f64, clip: f64) -> f64 {
        for variable in self.variables.values_mut() {
            variable.zero_grad();
        }
        loss.backward();
        self.step += 1;
        no_grad(|| {
            let norms: Vec<Tensor> = self.variables.values().map(|v| v.grad().square().sum(tch::Kind::Float)).collect();
            let norm = Tensor::stack(&norms, 0).sum(tch::Kind::Float).sqrt().double_value(&[]);
            if !norm.is_finite() {
                return norm;
            }
            let scale = (clip / norm.max(1e-12)).min(1.0);
            let correction1 = 1.0 - BETA1.powi(self.step as i32);
            let correction2 = 1.0 - BETA2.powi(self.step as i32);
            // The mean follows quickly at first, so that it is useful early.
            let decay = self.mean_decay.min((1.0 + self.step as f64) / (10.0 + self.step as f64));
            for (name, variable) in &mut self.variables {
                let gradient = variable.grad() * scale;
                let (Some(first), Some(second), Some(mean)) =
                    (self.first.get_mut(name), self.second.get_mut(name), self.mean.get_mut(name))
                else {
                    continue;
                };
                let _ = first.lerp_(&gradient, 1.0 - BETA1);
                let _ = second.lerp_(&gradient.square(), 1.0 - BETA2);
                let update = (&*first / correction1) / ((&*second / correction2).sqrt() + EPSILON);
                let decayed = &*variable * (1.0 - learning_rate * self.weight_decay);
                variable.copy_(&(decayed - update * learning_rate));
                let _ = mean.lerp_(variable, 1.0 - decay);
            }
            norm
        })
    }

    /// Puts the mean weights into `store` (for evaluation or as the final network).
    pub fn copy_mean_into(&self, store: &VarStore) {
        no_grad(|| {
            for (name, mut variable) in store.variables() {
                if let Some(mean) = self.mean.get(&name) {
                    variable.copy_(mean);
                }
            }
        });
    }

    /// Everything needed to go on: variables, moments, mean, step.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let mut state = vec![("step".to_string(), Tensor::from_slice(&[self.step]))];
        for (prefix, tensors) in
            [("variable/", &self.variables), ("first/", &self.first), ("second/", &self.second), ("mean/", &self.mean)]
        {
            state.extend(
                tensors.iter().map(|(name, t)| (format!("{prefix}{name}"), t.detach().to_device(tch::Device::Cpu))),
            );
        }
        state
    }

    /// Takes a saved state over; false if a tensor is missing or has another shape.
    pub fn restore(&mut self, state: Vec<(String, Tensor)>) -> bool {
        let mut saved: BTreeMap<String, Tensor> = state.into_iter().collect();
        let Some(step) = saved.remove("step").and_then(|t| i64::try_from(t).ok()) else { return false };
        no_grad(|| {
            for (prefix, tensors) in [
                ("variable/", &mut self.variables),
                ("first/", &mut self.first),
                ("second/", &mut self.second),
                ("mean/", &mut self.mean),
            ] {
                for (name, tensor) in tensors.iter_mut() {
                    match saved.get(&format!("{prefix}{name}")) {
                        Some(value) if value.size() == tensor.size() => tensor.copy_(value),
                        _ => return false,
                    }
                }
            }
            self.step = step;
            true
        })
    }
}
