//! Four-momenta in float64.
//!
//! In: pT, eta, phi, mass (GeV, radians). Out: (px, py, pz, E) in GeV; sums, invariant mass.

use std::ops::{Add, AddAssign};

/// (px, py, pz, E) in GeV.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FourMomentum(pub [f64; 4]);

impl FourMomentum {
    /// From pT, pseudorapidity, azimuth and mass; a mass below 0 counts as 0.
    #[inline]
    pub fn new(pt: f64, eta: f64, phi: f64, mass: f64) -> Self {
        let (sin, cos) = phi.sin_cos();
        let pz = pt * eta.sinh();
        let mass = mass.max(0.0);
        FourMomentum([pt * cos, pt * sin, pz, (pt * pt + pz * pz + mass * mass).sqrt()])
    }

    /// px^2 + py^2, GeV^2.
    #[inline]
    pub fn pt2(&self) -> f64 {
        self.0[0] * self.0[0] + self.0[1] * self.0[1]
    }

    /// Transverse momentum, GeV.
    #[inline]
    pub fn pt(&self) -> f64 {
        self.pt2().sqrt()
    }

    /// Invariant mass squared, GeV^2; rounding below 0 counts as 0.
    #[inline]
    pub fn mass2(&self) -> f64 {
        let [x, y, z, e] = self.0;
        (e * e - (x * x + y * y + z * z)).max(0.0)
    }

    /// Invariant mass, GeV.
    #[inline]
    pub fn mass(&self) -> f64 {
        self.mass2().sqrt()
    }

    /// Pseudorapidity; infinite along the beam.
    pub fn eta(&self) -> f64 {
        pseudorapidity(self.pt(), self.0[2])
    }

    /// Azimuth, radians.
    pub fn phi(&self) -> f64 {
        self.0[1].atan2(self.0[0])
    }
}

/// asinh(pz / pT); infinite along the beam. Written out as in the standard library, whose own asks for the `hypot` of glibc
/// 2.35.
pub fn pseudorapidity(pt: f64, pz: f64) -> f64 {
    let x = pz / pt;
    let inverse = 1.0 / x.abs();
    (x.abs() + x.abs() / ((1.0 + inverse * inverse).sqrt() + inverse)).ln_1p().copysign(x)
}

impl Add for FourMomentum {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        FourMomentum([a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]])
    }
}

impl AddAssign for FourMomentum {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_to_back_photons_of_50_gev_have_100_gev() {
        let a = FourMomentum::new(50.0, 0.0, 0.0, 0.0);
        let b = FourMomentum::new(50.0, 0.0, std::f64::consts::PI, 0.0);
        assert!(((a + b).mass() - 100.0).abs() < 1e-12);
        assert_eq!(a.mass(), 0.0);
    }

    #[test]
    fn pt_eta_phi_come_back() {
        let p = FourMomentum::new(35.0, -1.7, 2.5, 91.2);
        for (got, want) in [(p.pt(), 35.0), (p.eta(), -1.7), (p.phi(), 2.5), (p.mass(), 91.2)] {
            assert!((got - want).abs() < 1e-10, "{got} {want}");
        }
    }

    #[test]
    fn pseudorapidity_is_asinh_to_the_last_digits() {
        for x in [0.0, 1e-300, 1e-9, 0.3, 1.0, 7.0, 1e5, 1e200, f64::INFINITY] {
            for pz in [x, -x] {
                let (eta, exact) = (pseudorapidity(1.0, pz), pz.asinh());
                assert!(eta == exact || (eta - exact).abs() <= 1e-15 * exact.abs(), "{pz}: {eta} {exact}");
            }
        }
        assert!(pseudorapidity(0.0, 0.0).is_nan());
    }
}
