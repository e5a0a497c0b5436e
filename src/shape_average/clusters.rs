//! A family of shapes as a few clusters: a representative each, how often shapes like it are drawn, and the two
//! directions in which they differ from it.
//!
//! In: thousands of random members of a [`ShapeFamily`], compared on a common grid of masses up to scale (and offset).
//! Out: [`ShapeCluster`]s, for any number of bins. Representatives are chosen one after the other, each the farthest
//! from all earlier ones, so that rare shapes have one too.

use std::sync::LazyLock;

use rand::Rng;

use crate::seeds::rng_for;
use crate::toys::shapes::{Dilepton, Function};

/// Directions of each cluster.
pub const TANGENTS: usize = 2;
/// Grid on which functions are compared.
const GRID: usize = 48;
/// Bins with a smaller value (1 at the top) weigh like this.
const LEAST_VALUE: f64 = 0.03;
/// Seed of the draws.
const SEED: u64 = 2407;
/// Clusters with fewer members show no direction.
const ALONE: usize = 3;
/// The directions are this much longer than the spread of the shapes.
const STRETCH: f64 = 1.3;

/// Shapes of a few parameters.
pub trait ShapeFamily: Copy + Send + Sync {
    /// Names the stream of draws.
    const NAME: &'static str;
    /// Members that are drawn.
    const DRAWN: usize;
    /// Clusters that they are sorted into.
    const CLUSTERS: usize;
    /// A constant may be added to any member.
    const WITH_CONSTANT: bool;

    /// A random member.
    fn draw(rng: &mut impl Rng) -> Self;

    /// On `bins` bins: 1 in the first.
    fn unit(&self, bins: usize) -> Vec<f64>;
}

/// The functions of thesis eq. 32.
impl ShapeFamily for Function {
    const NAME: &'static str = "function";
    const DRAWN: usize = 6000;
    const CLUSTERS: usize = 192;
    const WITH_CONSTANT: bool = true;

    fn draw(rng: &mut impl Rng) -> Self {
        Function::draw(rng)
    }

    fn unit(&self, bins: usize) -> Vec<f64> {
        Function::unit(self, bins)
    }
}

/// The dilepton shapes of thesis eq. 33.
impl ShapeFamily for Dilepton {
    const NAME: &'static str = "dilepton";
    const DRAWN: usize = 2000;
    const CLUSTERS: usize = 48;
    const WITH_CONSTANT: bool = false;

    fn draw(rng: &mut impl Rng) -> Self {
        Dilepton::draw(rng)
    }

    fn unit(&self, bins: usize) -> Vec<f64> {
        self.on(bins)
    }
}

/// Shapes of one family that are alike.
#[derive(Debug, Clone)]
pub struct ShapeCluster<F> {
    centre: F,
    /// Part of all shapes.
    pub share: f64,
    /// Shapes that mark the directions, and the length of each in units of their distance.
    marks: [(F, f64); TANGENTS],
    /// Part of the first direction that is taken from the second mark.
    common: f64,
}

/// All functions.
pub static FUNCTIONS: LazyLock<Vec<ShapeCluster<Function>>> = LazyLock::new(drawn_clusters);
/// All dilepton shapes.
pub static DILEPTONS: LazyLock<Vec<ShapeCluster<Dilepton>>> = LazyLock::new(drawn_clusters);

fn drawn_clusters<F: ShapeFamily>() -> Vec<ShapeCluster<F>> {
    let drawn: Vec<F> = (0..F::DRAWN).map(|i| F::draw(&mut rng_for(SEED, &format!("{}/{i}", F::NAME)))).collect();
    clusters(&drawn)
}

impl<F: ShapeFamily> ShapeCluster<F> {
    /// The representative on `bins` bins: 1 in the first.
    pub fn shape(&self, bins: usize) -> Vec<f64> {
        self.centre.unit(bins)
    }

    /// What one standard deviation in each direction adds: `TANGENTS x bins`.
    pub fn tangents(&self, bins: usize) -> Vec<f64> {
        let centre = self.shape(bins);
        let to = |mark: &F| -> Vec<f64> { mark.unit(bins).iter().zip(&centre).map(|(m, c)| m - c).collect() };
        let [(first, length), (second, other)] = &self.marks;
        let first = to(first);
        let second =
            to(second).into_iter().zip(&first).map(|(s, f)| other * (s - self.common * f)).collect::<Vec<f64>>();
        first.iter().map(|f| length * f).chain(second).collect()
    }
}

fn clusters<F: ShapeFamily>(drawn: &[F]) -> Vec<ShapeCluster<F>> {
    let units: Vec<Vec<f64>> = drawn.iter().map(|shape| shape.unit(GRID)).collect();
    // Nearest representative of each and its squared distance.
    let mut nearest = vec![(0usize, f64::INFINITY); drawn.len()];
    let mut chosen: Vec<usize> = Vec::new();
    let mut next = 0;
    while chosen.len() < F::CLUSTERS.min(drawn.len()) {
        let centre = Metric::at(&units[next], F::WITH_CONSTANT);
        for (unit, nearest) in units.iter().zip(&mut nearest) {
            let distance = centre.square(&centre.difference(unit));
            if distance < nearest.1 {
                *nearest = (chosen.len(), distance);
            }
        }
        chosen.push(next);
        next = (0..drawn.len()).max_by(|a, b| nearest[*a].1.total_cmp(&nearest[*b].1)).unwrap_or(0);
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); chosen.len()];
    for (i, (cluster, _)) in nearest.iter().enumerate() {
        members[*cluster].push(i);
    }
    let cluster = |(&centre, members): (&usize, &Vec<usize>)| {
        let metric = Metric::at(&units[centre], F::WITH_CONSTANT);
        let (marks, common) = match members.len() {
            0..ALONE => (towards_neighbours(drawn, &units, &chosen, centre, &metric), 0.0),
            _ => along_members(drawn, &units, members, &metric),
        };
        ShapeCluster { centre: drawn[centre], share: members.len() as f64 / drawn.len() as f64, marks, common }
    };
    chosen.iter().zip(&members).map(cluster).collect()
}

/// Marks of a cluster with too few members to see a direction: half way to the two nearest representatives.
fn towards_neighbours<F: ShapeFamily>(
    drawn: &[F],
    units: &[Vec<f64>],
    chosen: &[usize],
    centre: usize,
    metric: &Metric,
) -> [(F, f64); TANGENTS] {
    let mut others: Vec<(usize, f64)> = chosen
        .iter()
        .filter(|other| **other != centre)
        .map(|other| (*other, metric.square(&metric.difference(&units[*other]))))
        .collect();
    others.sort_by(|a, b| a.1.total_cmp(&b.1));
    [0, 1].map(|n| (drawn[others.get(n).map_or(centre, |other| other.0)], 0.5))
}

/// Marks of the two directions in which the members differ from their representative, and the part of the first in the
/// second.
fn along_members<F: ShapeFamily>(
    drawn: &[F],
    units: &[Vec<f64>],
    members: &[usize],
    metric: &Metric,
) -> ([(F, f64); TANGENTS], f64) {
    let differences: Vec<Vec<f64>> = members.iter().map(|i| metric.difference(&units[*i])).collect();
    let (first, along, length) = direction(metric, &differences);
    let without_first = |(difference, part): (&Vec<f64>, &f64)| -> Vec<f64> {
        difference.iter().zip(&differences[first]).map(|(d, f)| d - part * f).collect()
    };
    let rest: Vec<Vec<f64>> = differences.iter().zip(&along).map(without_first).collect();
    let (second, _, other) = direction(metric, &rest);
    ([(drawn[members[first]], STRETCH * length), (drawn[members[second]], STRETCH * other)], along[second])
}

/// The longest difference, all differences along it, and their root mean square.
fn direction(metric: &Metric, differences: &[Vec<f64>]) -> (usize, Vec<f64>, f64) {
    let squares: Vec<f64> = differences.iter().map(|d| metric.square(d)).collect();
    let longest = (0..squares.len()).max_by(|a, b| squares[*a].total_cmp(&squares[*b])).unwrap_or(0);
    let norm = squares[longest].max(1e-12);
    let along: Vec<f64> = differences.iter().map(|d| metric.product(d, &differences[longest]) / norm).collect();
    let length = (along.iter().map(|part| part * part).sum::<f64>() / along.len().max(1) as f64).sqrt();
    (longest, along, length)
}

/// How shapes near one of them are compared: in units of something like a Poisson error, scale (and offset) free.
struct Metric<'a> {
    centre: &'a [f64],
    with_constant: bool,
    weights: Vec<f64>,
    sums: [f64; 3],
}

impl<'a> Metric<'a> {
    fn at(centre: &'a [f64], with_constant: bool) -> Metric<'a> {
        let weights: Vec<f64> = centre.iter().map(|u| 1.0 / (u.max(0.0) + LEAST_VALUE)).collect();
        let mut sums = [0.0; 3];
        for (u, w) in centre.iter().zip(&weights) {
            sums[0] += w;
            sums[1] += w * u;
            sums[2] += w * u * u;
        }
        Metric { centre, with_constant, weights, sums }
    }

    /// Another shape minus the centre, without what scale and offset describe.
    fn difference(&self, other: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = other.iter().zip(self.centre).map(|(o, c)| o - c).collect();
        let (mut with_one, mut with_centre) = (0.0, 0.0);
        for ((value, weight), centre) in values.iter().zip(&self.weights).zip(self.centre) {
            with_one += weight * value;
            with_centre += weight * value * centre;
        }
        let [s0, s1, s2] = self.sums;
        let determinant = (s0 * s2 - s1 * s1).max(f64::MIN_POSITIVE);
        let (offset, scale) = if self.with_constant {
            ((with_one * s2 - with_centre * s1) / determinant, (with_centre * s0 - with_one * s1) / determinant)
        } else {
            (0.0, with_centre / s2.max(f64::MIN_POSITIVE))
        };
        values.iter_mut().zip(self.centre).for_each(|(value, centre)| *value -= offset + scale * centre);
        values
    }

    fn product(&self, a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).zip(&self.weights).map(|((a, b), weight)| a * b * weight).sum()
    }

    fn square(&self, a: &[f64]) -> f64 {
        self.product(a, a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_hold_all_functions_and_their_directions_vanish_at_both_ends() {
        let share: f64 = FUNCTIONS.iter().map(|cluster| cluster.share).sum();
        assert_eq!(FUNCTIONS.len(), Function::CLUSTERS);
        assert!((share - 1.0).abs() < 1e-9, "{share}");
        for cluster in FUNCTIONS.iter() {
            let tangents = cluster.tangents(40);
            assert!(tangents.iter().all(|value| value.is_finite()));
            assert!(tangents.chunks(40).all(|row| row[0].abs() < 1e-9 && row[39].abs() < 1e-9));
        }
    }

    #[test]
    fn most_shapes_are_near_a_cluster_in_its_directions() {
        assert!(
            far_from_all(&FUNCTIONS) < 30,
            "{} of 300 functions are far from all clusters",
            far_from_all(&FUNCTIONS)
        );
        assert!(far_from_all(&DILEPTONS) < 30, "{} of 300 dilepton shapes", far_from_all(&DILEPTONS));
    }

    /// How many of 300 shapes are farther than 0.003 of the height in a typical bin from all clusters.
    fn far_from_all<F: ShapeFamily>(clusters: &[ShapeCluster<F>]) -> usize {
        let is_far = |i: &usize| {
            let unit = F::draw(&mut rng_for(5, &format!("other/{i}"))).unit(GRID);
            let least = clusters
                .iter()
                .map(|cluster| {
                    let centre = cluster.shape(GRID);
                    let metric = Metric::at(&centre, F::WITH_CONSTANT);
                    let mut rest = metric.difference(&unit);
                    for tangent in cluster.tangents(GRID).chunks(GRID) {
                        let along: Vec<f64> = tangent.iter().zip(&centre).map(|(t, c)| t + c).collect();
                        let along = metric.difference(&along);
                        let part = metric.product(&rest, &along) / metric.square(&along).max(1e-12);
                        let part = part.clamp(-2.0, 2.0);
                        rest.iter_mut().zip(&along).for_each(|(r, a)| *r -= part * a);
                    }
                    metric.square(&rest)
                })
                .fold(f64::INFINITY, f64::min);
            least > 1e-5 * GRID as f64
        };
        (0..300).filter(is_far).count()
    }
}
