//! Which masses an event with a given signature has, and how to compute them with the least work.
//!
//! In: a [`Signature`] and the campaign's mass options. Out: a [`MassRecipe`]: a list of subsets in which every subset
//! is an earlier one plus one object, and which of them give an invariant and a transverse mass. Rules: two or more
//! objects for an invariant mass, of single ones only HM; one or more together with MET for a transverse mass
//! (physics.md section 4).

use rustc_hash::FxHashSet;

use super::MassOptions;
use super::labelled::Signature;
use crate::particles::{FourMomentum, Kind, LabelError, MassLabel, PerKind};

/// The campaign's mass options, ready to be asked.
#[derive(Debug, Clone)]
pub struct MassSelection {
    max_objects: usize,
    left_out: PerKind<bool>,
    transverse: bool,
    only: Option<FxHashSet<MassLabel>>,
}

impl MassSelection {
    /// Refuses a label of `only` that is never built, such as `m(T1)`.
    pub fn new(options: &MassOptions) -> Result<Self, LabelError> {
        let only: FxHashSet<MassLabel> = options.only.iter().map(|label| label.built()).collect::<Result<_, _>>()?;
        Ok(MassSelection {
            max_objects: options.max_objects.unwrap_or(usize::MAX),
            left_out: PerKind::from_fn(|kind| options.leave_out.contains(&kind)),
            transverse: options.transverse || only.iter().any(|label| label.is_transverse()),
            only: (!only.is_empty()).then_some(only),
        })
    }

    /// True if objects of this kind take part in masses.
    pub fn uses(&self, kind: Kind) -> bool {
        !self.left_out[kind]
    }

    /// True if transverse masses are built.
    pub fn transverse(&self) -> bool {
        self.transverse
    }

    fn wants(&self, label: MassLabel) -> bool {
        match &self.only {
            Some(only) => only.contains(&label),
            None => label.is_built(),
        }
    }
}

/// A subset: an earlier subset (0 is the empty one) and one more object.
#[derive(Debug, Clone, Copy)]
struct Step {
    parent: u32,
    object: u32,
}

/// All masses of events with one signature.
#[derive(Debug, Clone)]
pub struct MassRecipe {
    /// Subset `i + 1` is made by `steps[i]`.
    steps: Vec<Step>,
    /// Subsets that give an invariant mass.
    invariant: Vec<u32>,
    /// Subsets that give a transverse mass.
    transverse: Vec<u32>,
    /// Labels of the masses: the invariant ones, then the transverse ones.
    labels: Vec<MassLabel>,
}

impl MassRecipe {
    /// Lists the masses of a signature.
    pub fn new(signature: Signature, selection: &MassSelection) -> Self {
        let objects: Vec<(Kind, u8)> = signature.numbered().collect();
        let mut tree = Tree { objects: &objects, selection, met: signature.has_met(), found: vec![] };
        tree.grow(0, 0, MassLabel::EMPTY);
        let mut recipe =
            MassRecipe { steps: Vec::new(), invariant: Vec::new(), transverse: Vec::new(), labels: Vec::new() };
        // Subsets that lead to no mass are cut away; what is left is renumbered in the order found.
        let mut number = vec![0_u32; tree.found.len() + 1];
        let mut transverse_labels = Vec::new();
        for (i, found) in tree.found.iter().enumerate() {
            if !found.needed {
                continue;
            }
            recipe.steps.push(Step { parent: number[found.parent], object: found.object as u32 });
            let own = recipe.steps.len() as u32;
            number[i + 1] = own;
            if let Some(label) = found.invariant {
                recipe.invariant.push(own);
                recipe.labels.push(label);
            }
            if let Some(label) = found.transverse {
                recipe.transverse.push(own);
                transverse_labels.push(label);
            }
        }
        recipe.labels.extend(transverse_labels);
        recipe
    }

    /// Labels of the masses in the order in which [`MassRecipe::compute`] gives them.
    pub fn labels(&self) -> &[MassLabel] {
        &self.labels
    }

    /// Masses in GeV of one event, in the order of [`MassRecipe::labels`], left in `scratch.masses`. `p4`: the labelled
    /// objects in label order; objects that are missing count as zero. `met` GeV, `met_phi` radians.
    pub fn compute(&self, p4: &[FourMomentum], met: f64, met_phi: f64, scratch: &mut MassScratch) {
        let MassScratch { sums, masses } = scratch;
        sums.clear();
        sums.push(FourMomentum::default());
        for step in &self.steps {
            let sum = sums[step.parent as usize] + p4.get(step.object as usize).copied().unwrap_or_default();
            sums.push(sum);
        }
        masses.clear();
        masses.extend(self.invariant.iter().map(|&subset| sums[subset as usize].mass()));
        let (sin, cos) = met_phi.sin_cos();
        let (met_x, met_y) = (met * cos, met * sin);
        // (ET + MET)^2 - |pT + MET_vec|^2 with ET^2 = m^2 + pT^2, multiplied out: nothing large is subtracted.
        masses.extend(self.transverse.iter().map(|&subset| {
            let sum = &sums[subset as usize];
            let m2 = sum.mass2();
            let et = (m2 + sum.pt2()).sqrt();
            let [x, y, ..] = sum.0;
            (m2 + 2.0 * (et * met - (x * met_x + y * met_y))).max(0.0).sqrt()
        }));
    }
}

/// Buffers of [`MassRecipe::compute`].
#[derive(Debug, Clone, Default)]
pub struct MassScratch {
    sums: Vec<FourMomentum>,
    /// Result: masses in GeV.
    pub masses: Vec<f64>,
}

/// Subsets in the order in which they are found: each after its parent.
struct Tree<'a> {
    objects: &'a [(Kind, u8)],
    selection: &'a MassSelection,
    met: bool,
    found: Vec<Found>,
}

struct Found {
    parent: usize,
    object: usize,
    invariant: Option<MassLabel>,
    transverse: Option<MassLabel>,
    needed: bool,
}

impl Tree<'_> {
    /// Adds all subsets that extend `parent`, which is `own`, by objects from number `first` on; true if any of them is needed.
    fn grow(&mut self, parent: usize, first: usize, own: MassLabel) -> bool {
        if own.len() >= self.selection.max_objects {
            return false;
        }
        let mut any = false;
        for object in first..self.objects.len() {
            let (kind, number) = self.objects[object];
            // A signature has no more objects than labels carry.
            let Some(label) = own.with_object(kind, number) else { continue };
            let transverse = label.with_met();
            let found = Found {
                parent,
                object,
                invariant: self.selection.wants(label).then_some(label),
                transverse: (self.met && self.selection.wants(transverse)).then_some(transverse),
                needed: false,
            };
            let mut needed = found.invariant.is_some() || found.transverse.is_some();
            let place = self.found.len();
            self.found.push(found);
            needed |= self.grow(place + 1, object + 1, label);
            self.found[place].needed = needed;
            any |= needed;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::particles::Kind::{B, E, Hm, J, Mu, T, V, Z};
    use proptest::prelude::*;

    fn signature(objects: &[(Kind, u8)], met: bool) -> Signature {
        let mut counts = PerKind::default();
        objects.iter().for_each(|&(kind, n)| counts[kind] = n);
        Signature::new(counts, met)
    }

    fn all() -> MassOptions {
        MassOptions { transverse: true, ..MassOptions::default() }
    }

    fn recipe(objects: &[(Kind, u8)], met: bool, options: &MassOptions) -> MassRecipe {
        MassRecipe::new(signature(objects, met), &MassSelection::new(options).unwrap())
    }

    fn texts(recipe: &MassRecipe) -> Vec<String> {
        recipe.labels().iter().map(MassLabel::to_string).collect()
    }

    #[test]
    fn eight_objects_have_255_subsets() {
        let recipe = recipe(&[(E, 1), (Mu, 1), (Z, 1), (V, 1), (J, 2), (B, 2)], true, &all());
        assert_eq!(recipe.labels().len(), (255 - 8) + 255);
    }

    #[test]
    fn of_single_objects_only_hm_has_a_mass() {
        let found = texts(&recipe(&[(Mu, 1), (Hm, 1)], true, &all()));
        assert_eq!(found, ["m(mu1,HM1)", "m(HM1)", "mT(mu1,met)", "mT(mu1,HM1,met)", "mT(HM1,met)"]);
        assert!(texts(&recipe(&[(Mu, 1)], false, &all())).is_empty());
    }

    #[test]
    fn subsets_can_be_capped_and_listed() {
        let capped = MassOptions { max_objects: Some(2), ..MassOptions::default() };
        assert_eq!(recipe(&[(Mu, 2), (J, 2)], false, &capped).labels().len(), 6);
        let only = |labels: [&str; 2]| MassOptions {
            only: labels.map(|text| text.parse().unwrap()).to_vec(),
            ..MassOptions::default()
        };
        let listed = recipe(&[(Mu, 2), (T, 1), (J, 2)], true, &only(["m(mu1,j1,j2)", "m(T1,j1)"]));
        assert_eq!(texts(&listed), ["m(mu1,j1,j2)", "m(T1,j1)"]);
        let error = MassSelection::new(&only(["m(mu1,j1)", "m(T1)"])).unwrap_err();
        assert!(error.to_string().contains("`m(T1)` is the mass of a single object"), "{error}");
    }

    /// Straight from the definitions of physics.md section 4.
    fn naive(label: MassLabel, objects: &[(MassLabel, FourMomentum)], met: f64, met_phi: f64) -> f64 {
        let mut sum = [0.0; 4];
        for (_, p4) in objects.iter().filter(|(own, _)| label.contains(*own)) {
            for (total, part) in sum.iter_mut().zip(p4.0) {
                *total += part;
            }
        }
        let [x, y, z, e] = sum;
        let m2 = (e * e - x * x - y * y - z * z).max(0.0);
        if !label.is_transverse() {
            return m2.sqrt();
        }
        let et = (m2 + x * x + y * y).sqrt();
        let total = (x + met * met_phi.cos(), y + met * met_phi.sin());
        ((et + met).powi(2) - total.0.powi(2) - total.1.powi(2)).max(0.0).sqrt()
    }

    proptest! {
        #[test]
        fn masses_equal_a_naive_computation(
            kinematics in prop::collection::vec((5.0..900.0_f64, -2.5..2.5_f64, -3.1..3.1_f64, 0.0..300.0_f64), 7),
            met in 0.0..500.0_f64,
            met_phi in -3.1..3.1_f64,
        ) {
            let signature = signature(&[(E, 1), (Mu, 2), (Hm, 1), (J, 2), (B, 1)], true);
            let recipe = MassRecipe::new(signature, &MassSelection::new(&all()).unwrap());
            let p4: Vec<FourMomentum> =
                kinematics.iter().map(|&(pt, eta, phi, m)| FourMomentum::new(pt, eta, phi, m)).collect();
            let objects: Vec<(MassLabel, FourMomentum)> =
                signature.objects().map(|(_, label)| label).zip(p4.iter().copied()).collect();
            let mut scratch = MassScratch::default();
            recipe.compute(&p4, met, met_phi, &mut scratch);
            prop_assert_eq!(scratch.masses.len(), recipe.labels().len());
            for (&label, &mass) in recipe.labels().iter().zip(&scratch.masses) {
                let want = naive(label, &objects, met, met_phi);
                // E^2 - p^2 of several TeV loses half the digits where the mass is small.
                prop_assert!((mass - want).abs() <= 1e-6 * want + 1e-3, "{} {} {}", label, mass, want);
            }
        }
    }
}
