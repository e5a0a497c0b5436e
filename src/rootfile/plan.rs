//! The way through an object that was not split: which bytes are which member.
//!
//! In: a class with its description in the file. Out: [`Walk`], the steps through the bytes of one object, and the
//! [`WalkLeaf`]s, the members that can become columns (`fP.fX`). Members that are no plain numbers have steps over
//! them. Objects inside a collection have no columns of differing length: a column has one level of counts.

use std::collections::HashMap;
use std::sync::Arc;

use super::basic::Basic;
use super::element::{ElementType, sequence_element};
use super::packed::Stored;
use super::streamer::{Member, Streamers};

/// Classes inside classes.
const MAX_DEPTH: usize = 12;
/// Members of a class, those of its bases and parts included.
const MAX_STEPS: usize = 5000;

/// The way through one object.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(super) steps: Vec<Step>,
    /// How many members count others.
    pub(super) counters: usize,
    /// Several objects per entry, behind a header of so many bytes.
    pub(super) collection: Option<usize>,
}

/// A member that can become a column.
#[derive(Debug, Clone)]
pub(crate) struct WalkLeaf {
    /// Names of the members that lead to it, such as `fP.fX`.
    pub(crate) path: String,
    pub(crate) element: ElementType,
    /// Numbers per object, or per element of a `vector`.
    pub(crate) width: usize,
    /// Its count differs from object to object.
    pub(crate) counted: bool,
}

/// One thing on the way.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Length and version, then what is inside; whatever is left behind it belongs to members that have no step.
    Class { name: Arc<str>, version: Option<i32>, checksum: Option<u32>, inside: Vec<Step>, complete: bool },
    /// A base class: the same, but where members stand side by side it has no length and version.
    Base(Box<Step>),
    /// TObject: version, identifier, bits.
    TObject,
    /// Numbers: `count` of them.
    Numbers { stored: Stored, element: ElementType, count: usize, keep: Option<usize>, counter: Option<usize> },
    /// A flag byte, then as many numbers as a counter says.
    Counted { stored: Stored, element: ElementType, counter: usize, keep: Option<usize> },
    /// `std::vector` of numbers: length and version, count, numbers.
    Vector { stored: Stored, element: ElementType, keep: Option<usize> },
    /// TString.
    Text,
    /// Something that begins with its own length. `shared`: where members stand side by side, one length is that of all.
    Sized { shared: bool },
    /// A pointer: null, a reference, or an object with its length.
    Pointer,
    /// The same steps several times.
    Repeat { count: usize, inside: Vec<Step> },
}

impl Walk {
    /// The way through objects of `class`, and what is found on it. `collection`: several of them stand in an entry,
    /// behind a header of so many bytes.
    pub(crate) fn through(
        streamers: &Streamers,
        class: &str,
        version: Option<i32>,
        collection: Option<usize>,
    ) -> Option<(Arc<Walk>, Vec<WalkLeaf>)> {
        let mut builder =
            Builder { streamers, leaves: Vec::new(), counters: HashMap::new(), made: 0, nested: collection.is_some() };
        let step = builder.class(class, version, "", 0)?;
        let walk = Walk { steps: vec![step], counters: builder.counters.len(), collection };
        Some((Arc::new(walk), builder.leaves))
    }

    /// The same for objects that stand in their entry without a length and version in front.
    pub(crate) fn bare(walk: &Walk) -> Arc<Walk> {
        let steps = match walk.steps.as_slice() {
            [Step::Class { inside, complete: true, .. }] => inside.clone(),
            steps => steps.to_vec(),
        };
        Arc::new(Walk { steps, ..walk.clone() })
    }

    /// True if an entry holds several objects.
    pub(crate) fn is_collection(&self) -> bool {
        self.collection.is_some()
    }

    /// True if, without entry offsets, another branch must say how many objects an entry holds.
    pub(crate) fn needs_counts(&self) -> bool {
        self.collection == Some(0)
    }

    /// The same for `count` objects in a row (`TLorentzVector x[5]`).
    pub(crate) fn repeated(walk: &Walk, count: usize) -> Arc<Walk> {
        let steps = vec![Step::Repeat { count, inside: walk.steps.clone() }];
        Arc::new(Walk { steps, ..walk.clone() })
    }
}

struct Builder<'a> {
    streamers: &'a Streamers,
    leaves: Vec<WalkLeaf>,
    /// Names of the counters that were met.
    counters: HashMap<Arc<str>, usize>,
    made: usize,
    /// Inside a collection: no columns of differing length.
    nested: bool,
}

impl Builder<'_> {
    fn class(&mut self, class: &str, version: Option<i32>, path: &str, depth: usize) -> Option<Step> {
        if own_streamer(class) {
            return None;
        }
        let info = self.streamers.describe(class, version)?;
        let (mut inside, mut complete) = (Vec::new(), depth <= MAX_DEPTH);
        for member in &info.members {
            self.made += 1;
            let step = if self.made > MAX_STEPS || !complete { None } else { self.member(member, path, depth) };
            match step {
                Some(step) => inside.push(step),
                None => complete = false,
            }
        }
        // The checksum of a pair may be that of another: ROOT computes it before it knows what is in there.
        let known = !class.starts_with("pair<");
        let (version, checksum) = (Some(info.version), known.then_some(info.checksum));
        Some(Step::Class { name: class.into(), version, checksum, inside, complete })
    }

    fn member(&mut self, member: &Member, path: &str, depth: usize) -> Option<Step> {
        let name = if path.is_empty() { member.name.to_string() } else { format!("{path}.{}", member.name) };
        if member.is_base {
            return match member.name.as_ref() {
                "TObject" => Some(Step::TObject),
                "TNamed" => Some(named()),
                // Members of a base class are members of the class.
                base => Some(Step::Base(Box::new(self.class(base, None, path, depth + 1)?))),
            };
        }
        let kind = member.kind;
        match kind {
            1..=19 => {
                let (stored, element) = number(member, kind)?;
                let integer = !matches!(element, ElementType::F32 | ElementType::F64);
                let counter = (kind == 6 && integer).then(|| self.counter(&member.name));
                let keep = self.leaf(name, element, 1, false);
                Some(Step::Numbers { stored, element, count: 1, keep, counter })
            }
            21..=39 => {
                let (stored, element) = number(member, kind - 20)?;
                let keep = self.leaf(name, element, member.length, false);
                Some(Step::Numbers { stored, element, count: member.length, keep, counter: None })
            }
            41..=59 => {
                let (stored, element) = number(member, kind - 40)?;
                let counter = member.counter.as_ref().and_then(|name| self.counters.get(name).copied())?;
                let keep = self.leaf(name, element, 1, true);
                Some(Step::Counted { stored, element, counter, keep })
            }
            61 | 62 | 66 | 67 => match member.type_name.as_ref() {
                "TObject" => Some(Step::TObject),
                "TNamed" => Some(named()),
                // A date, packed into four bytes.
                "TDatime" => {
                    let (stored, element) = (Stored::Plain, ElementType::U32);
                    Some(Step::Numbers { stored, element, count: 1, keep: None, counter: None })
                }
                class => Some(self.class(class, None, &name, depth + 1).unwrap_or(Step::Sized { shared: false })),
            },
            64 | 69 => Some(Step::Pointer),
            65 => Some(Step::Text),
            81 | 82 => {
                // Several parts per object: wider columns, and none of differing length.
                let (outer, nested) = (self.leaves.len(), std::mem::replace(&mut self.nested, true));
                let inside =
                    self.class(&member.type_name, None, &name, depth + 1).unwrap_or(Step::Sized { shared: false });
                self.nested = nested;
                for leaf in self.leaves.iter_mut().skip(outer) {
                    leaf.width = leaf.width.saturating_mul(member.length);
                }
                Some(Step::Repeat { count: member.length, inside: vec![inside] })
            }
            71 | 300..=600 => match sequence_element(&member.type_name) {
                Some((stored, element)) => {
                    Some(Step::Vector { stored, element, keep: self.leaf(name, element, 1, true) })
                }
                None => Some(Step::Sized { shared: true }),
            },
            _ => None,
        }
    }

    fn counter(&mut self, name: &Arc<str>) -> usize {
        let next = self.counters.len();
        *self.counters.entry(name.clone()).or_insert(next)
    }

    /// The number of a new leaf; None: it cannot become a column.
    fn leaf(&mut self, path: String, element: ElementType, width: usize, counted: bool) -> Option<usize> {
        if width == 0 || (counted && self.nested) {
            return None;
        }
        self.leaves.push(WalkLeaf { path, element, width, counted });
        Some(self.leaves.len() - 1)
    }
}

/// Classes that write themselves otherwise than their description says.
fn own_streamer(class: &str) -> bool {
    let collections = ["TCollection", "TSeqCollection", "TObjArray", "TList", "THashList", "TClonesArray", "TMap"];
    collections.contains(&class)
        || class.starts_with("TRef")
        || class.starts_with("TArray")
        || ["TString", "TObject", "TDatime"].contains(&class)
}

/// TNamed: TObject, name, title.
fn named() -> Step {
    let inside = vec![Step::TObject, Step::Text, Step::Text];
    Step::Class { name: "TNamed".into(), version: None, checksum: None, inside, complete: true }
}

/// How a number of a basic type is stored, and what it becomes. None: `fBits` and the like.
fn number(member: &Member, kind: i32) -> Option<(Stored, ElementType)> {
    match kind {
        9 => Some((member.stored, ElementType::F64)),
        19 => Some((member.stored, ElementType::F32)),
        _ => Basic::from_number(kind).and_then(ElementType::from_basic).map(|element| (Stored::Plain, element)),
    }
}
