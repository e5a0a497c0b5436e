//! Masses of all subsets of an event's labelled objects (physics.md section 4).
//!
//! In: an [`Event`](crate::objects::Event) and the campaign's mass options. Out: invariant masses `m(mu1,j1,j2)` and
//! transverse masses `mT(mu1,met)` in GeV, each subset for one addition of four-momenta and one or two square roots.
//!
//! | step | type |
//! |---|---|
//! | which objects carry labels | [`LabelledObjects`], with their [`Signature`] |
//! | which subsets are built for such a signature | [`MassRecipe`], made once per signature |
//! | the masses of one event | [`MassRecipe::compute`] |

mod labelled;
mod options;
mod recipe;

pub use labelled::{LabelledObjects, MAX_LABELLED, Signature};
pub use options::MassOptions;
pub use recipe::{MassRecipe, MassScratch, MassSelection};
