//! Files to columns: every layout becomes the same [`EventBatch`]. Branch names of files live only in [`layouts`].
//!
//! In: a file and an entry range. Out: columns with offsets, GeV and radians, in file order, before any selection.
//!
//! ```
//! use bumphound::ntuples::Scratch;
//! use bumphound::ntuples::layouts::{DelphesLayout, Layout};
//!
//! let reader = Layout::from(DelphesLayout::default()).open("data-samples/tiny/diphoton.root")?;
//! let batch = reader.read(0..100, &mut Scratch::default())?;
//! let photons_of_event_0 = batch.photons.offsets[0]..batch.photons.offsets[1];
//! println!("{} events, photons {photons_of_event_0:?} in the first", batch.len());
//! # Ok::<(), bumphound::ntuples::NtupleError>(())
//! ```

mod columns;
pub mod describe;
mod detect;
mod error;
pub mod layouts;
mod quantity;
mod reader;

pub use detect::{Detected, better_layout, detect};
pub use error::NtupleError;
pub(crate) use layouts::momenta;
pub use layouts::read_darkmachines;
pub use quantity::{Part, Quantity};
pub use reader::{EVENTS_PER_UNIT, Reader};

/// Memory and decompressors that reading reuses. One per thread.
#[derive(Default)]
pub struct Scratch {
    pub(crate) root: crate::rootfile::Scratch,
    pub(crate) column: crate::rootfile::Column,
    /// Objects per entry, as the file counts them.
    counts: crate::rootfile::Column,
    mapped: layouts::MappedMemory,
    text: Vec<u8>,
}

/// Events in columns. Per-object columns are flat; the objects of event `i` are `offsets[i]..offsets[i + 1]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventBatch {
    /// Entry number in the file of the first event.
    pub first_entry: u64,
    /// Generator weight per event (1 where the file has none). Its length is the number of events.
    pub weight: Vec<f64>,
    /// Missing transverse momentum per event, GeV, and its direction; both empty if the file has none.
    pub met: Vec<f32>,
    /// Radians.
    pub met_phi: Vec<f32>,
    /// Electrons (charge filled).
    pub electrons: ObjectColumns,
    /// Muons (charge filled).
    pub muons: ObjectColumns,
    /// Photons.
    pub photons: ObjectColumns,
    /// Jets (mass and btag filled).
    pub jets: ObjectColumns,
    /// How many conditions the layout sets on events (`require_event`).
    pub conditions: u16,
    /// Per event, how many of them it fulfils, in order, before the first that it fails. Empty if there are none.
    pub fulfilled: Vec<u16>,
    /// True if objects of the file may overlap: the program that wrote it has not removed overlaps.
    pub may_overlap: bool,
}

/// One kind of object in columns. Columns that a kind does not have are empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectColumns {
    /// `n_events + 1` offsets into the columns, starting at 0.
    pub offsets: Vec<u32>,
    /// GeV.
    pub pt: Vec<f32>,
    /// Pseudorapidity.
    pub eta: Vec<f32>,
    /// Radians.
    pub phi: Vec<f32>,
    /// GeV; jets only.
    pub mass: Vec<f32>,
    /// Sign of the charge; leptons only.
    pub charge: Vec<i8>,
    /// b-tagged; jets only.
    pub btag: Vec<bool>,
}

impl ObjectColumns {
    /// Empties all columns; their memory is kept.
    pub fn clear(&mut self) {
        let ObjectColumns { offsets, pt, eta, phi, mass, charge, btag } = self;
        offsets.clear();
        [pt, eta, phi, mass].into_iter().for_each(Vec::clear);
        charge.clear();
        btag.clear();
    }
}

impl EventBatch {
    /// Number of events.
    pub fn len(&self) -> usize {
        self.weight.len()
    }

    /// How many of the layout's conditions on events the event in a row fulfils before it fails one; None: it fails none.
    #[inline]
    pub fn fails(&self, row: usize) -> Option<u16> {
        self.fulfilled.get(row).copied().filter(|fulfilled| *fulfilled < self.conditions)
    }

    /// The file's layout sets no conditions on events.
    pub(crate) fn set_unconditional(&mut self) {
        self.conditions = 0;
        self.fulfilled.clear();
    }

    /// True if there is no event.
    pub fn is_empty(&self) -> bool {
        self.weight.is_empty()
    }
}
