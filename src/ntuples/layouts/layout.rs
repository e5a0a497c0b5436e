//! What every layout tells about itself ([`LayoutKind`]), and a layout as a campaign gives it ([`Layout`]).
//!
//! In: the type of one layout's names, which implements [`Names`], and its row of [`LAYOUTS`](super::LAYOUTS). Out: one
//! type that the rest of the program asks, whatever layout it is.

use std::any::Any;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{DelphesLayout, EventCondition, Mistake, Mistakes, RawLayout};
use crate::ntuples::detect::Detected;
use crate::ntuples::{NtupleError, Reader};
use crate::rootfile::table::Table;

/// A row of the table of layouts: what is true of all files of a layout, whatever their names.
pub struct LayoutKind {
    /// In YAML.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// One sentence on its files, for the JSON schema.
    pub about: &'static str,
    /// One sentence on its group of names, for the JSON schema.
    pub about_names: &'static str,
    /// The layout with its usual names, so that a campaign need not spell any; None if it has none.
    pub usual: Option<fn() -> Layout>,
    /// Objects of its files may overlap: the program that wrote them has not removed overlaps.
    pub may_overlap: bool,
    /// Opening a file goes through all of it: it is better kept open.
    pub slow_to_open: bool,
    /// How its files are recognised.
    pub(crate) detect: Detect,
    /// What to try when files lack a branch (whose name is like those of this layout), given names like it.
    pub(crate) missing_branch: fn(branch: &str, nearest: &[String]) -> Option<String>,
    /// How its names are read and described.
    pub(crate) spelled: Spelled,
}

/// How files of a layout are recognised.
pub(crate) enum Detect {
    /// By the first bytes of a file, tried before it is opened as a ROOT file.
    Start(fn(&Path) -> Option<Detected>),
    /// By the branches of a tree of this name.
    Tree(fn(&str, &Table) -> Option<Detected>),
    /// By names in common use, for trees that are nothing else; with how many kinds of objects were found.
    Guess(fn(&str, &Table) -> Option<(usize, Detected)>),
}

/// How the names of a layout are read from YAML and described in the JSON schema.
pub(crate) struct Spelled {
    pub(super) read: fn(Value) -> Result<Layout, serde_json::Error>,
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Spelled {
    /// As the type says.
    pub(super) const fn as_in<N: Names + DeserializeOwned + JsonSchema>() -> Spelled {
        Spelled {
            read: |value| serde_json::from_value::<N>(value).map(Layout::from),
            schema: |generator| generator.subschema_for::<N>(),
        }
    }
}

/// Names and rules of a layout, as a campaign spells them in YAML. Each layout has one type that is this.
pub trait Names: Written + Debug + Send + Sync {
    /// Its row of the table.
    fn kind(&self) -> &'static LayoutKind;
    /// What is wrong with them, as far as that shows without a file.
    fn check(&self, mistakes: &mut Mistakes);
    /// A few words: `Delphes`, `NanoAOD tree Friends`, ...
    fn in_words(&self) -> String;
    /// A line per kind of object where the campaign spells all branches; nothing where the names are known.
    fn objects_in_words(&self) -> Vec<String>;
    /// The tree that is read, with its folders; empty for text.
    fn tree(&self) -> &str;
    /// What events must fulfil to be used, in order.
    fn require_event(&self) -> &[EventCondition];
    /// True if objects may overlap in the files: the program that wrote them has not removed overlaps of these collections.
    fn may_overlap(&self) -> bool {
        self.kind().may_overlap
    }
    /// Opens a file and finds everything that is needed in it.
    fn open(&self, path: &Path) -> Result<Box<dyn Reader>, NtupleError>;
}

/// What types of names can do because they are written in YAML.
pub trait Written: Any {
    /// All names, spelled out.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
    /// The same layout with the same names.
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: Serialize + PartialEq + Any> Written for T {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>() == Some(self)
    }
}

/// Where the columns of an event are found in a file. Cheap to clone.
///
/// ```
/// use bumphound::ntuples::layouts::{DelphesLayout, Layout};
///
/// let layout = Layout::from(DelphesLayout { jet: "FatJet".into(), ..DelphesLayout::default() });
/// assert_eq!(layout.name(), "delphes");
/// assert!(layout.yaml()?.starts_with("layout:\n  delphes:\n    tree: Delphes\n"));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone)]
pub struct Layout(Arc<dyn Names>);

impl<N: Names> From<N> for Layout {
    fn from(names: N) -> Layout {
        Layout(Arc::new(names))
    }
}

impl Default for Layout {
    /// What a campaign means that names none.
    fn default() -> Layout {
        DelphesLayout::default().into()
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Layout) -> bool {
        let other: &dyn Any = &*other.0;
        self.0.equals(other)
    }
}

impl Layout {
    /// What is true of all files of this layout.
    pub fn kind(&self) -> &'static LayoutKind {
        self.0.kind()
    }

    /// Its name in YAML.
    pub fn name(&self) -> &'static str {
        self.kind().name
    }

    /// Its names, if it is the layout that they belong to.
    pub fn names<N: Names>(&self) -> Option<&N> {
        let names: &dyn Any = &*self.0;
        names.downcast_ref()
    }

    /// Opens a file and finds everything that the layout needs in it.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Box<dyn Reader>, NtupleError> {
        self.0.open(path.as_ref())
    }

    /// What is wrong with it; `shown`: how people write a path inside it.
    pub fn mistakes(&self, shown: &dyn Fn(&str) -> String) -> Vec<Mistake> {
        let mut mistakes = Mistakes::new(shown);
        self.0.check(&mut mistakes);
        mistakes.into_list()
    }

    /// A few words: `Delphes`, `NanoAOD tree Friends`, ...
    pub fn in_words(&self) -> String {
        self.0.in_words()
    }

    /// A line per kind of object where the campaign spells all branches.
    pub fn objects_in_words(&self) -> Vec<String> {
        self.0.objects_in_words()
    }

    /// Sentences on what events must fulfil.
    pub fn conditions_in_words(&self) -> Vec<String> {
        let conditions = self.require_event().iter();
        conditions
            .map(|condition| format!("{:9} only if {condition}; others are dropped and counted", "events"))
            .collect()
    }

    /// The tree that is read, with its folders; empty for text.
    pub fn tree(&self) -> &str {
        self.0.tree()
    }

    /// True if objects may overlap in the files.
    pub fn may_overlap(&self) -> bool {
        self.0.may_overlap()
    }

    /// What events must fulfil to be used, in order.
    pub fn require_event(&self) -> &[EventCondition] {
        self.0.require_event()
    }

    /// As a campaign spells it: lines from `layout:` on, only the name where all names are the usual ones. The error is
    /// a sentence.
    pub fn yaml(&self) -> Result<String, String> {
        match self.kind().usual.is_some_and(|usual| usual() == *self) {
            true => Ok(format!("layout: {}\n", self.name())),
            false => self.yaml_in_full(),
        }
    }

    /// The same with every name spelled out.
    pub fn yaml_in_full(&self) -> Result<String, String> {
        let lines = std::collections::BTreeMap::from([("layout", RawLayout::from(self))]);
        serde_yaml::to_string(&lines).map_err(|error| format!("the layout cannot be written: {error}"))
    }

    pub(super) fn to_json(&self) -> Result<Value, serde_json::Error> {
        self.0.to_json()
    }
}
