//! What is wrong with a layout as a campaign spells it, as far as that shows without a file.
//!
//! In: places inside the layout (`muon/0/charge`), messages, hints. Out: a list of [`Mistake`]s, to which the campaign
//! adds where in its text they stand.

/// Something wrong with a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Keys and numbers from the layout's own name down: `muon/0/charge`; empty for the layout as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: Option<&'static str>,
    /// Something is missing there. That says nothing where a key below was taken out because it is wrong in itself.
    pub incomplete: bool,
}

/// Collects mistakes.
pub struct Mistakes<'a> {
    shown: &'a dyn Fn(&str) -> String,
    list: Vec<Mistake>,
}

impl<'a> Mistakes<'a> {
    /// `shown`: how people write a path inside the layout: `` `inputs[0].layout.branches.muon[0]` ``.
    pub fn new(shown: &'a dyn Fn(&str) -> String) -> Mistakes<'a> {
        Mistakes { shown, list: Vec::new() }
    }

    /// All of them, in the order in which they were found.
    pub fn into_list(self) -> Vec<Mistake> {
        self.list
    }

    /// A path as people write it.
    pub(super) fn shown(&self, path: &str) -> String {
        (self.shown)(path)
    }

    pub(super) fn push(&mut self, path: &str, message: impl Into<String>) {
        self.add(path, message, None, false);
    }

    pub(super) fn hinted(&mut self, path: &str, message: impl Into<String>, hint: &'static str) {
        self.add(path, message, Some(hint), false);
    }

    pub(super) fn incomplete(&mut self, path: &str, message: impl Into<String>, hint: &'static str) {
        self.add(path, message, Some(hint), true);
    }

    /// Names of branches and trees are not empty.
    pub(super) fn named(&mut self, path: &str, name: Option<&str>) {
        if name.is_some_and(|name| name.trim().is_empty()) {
            self.push(path, "the name is empty");
        }
    }

    fn add(&mut self, path: &str, message: impl Into<String>, hint: Option<&'static str>, incomplete: bool) {
        self.list.push(Mistake { path: path.to_string(), message: message.into(), hint, incomplete });
    }
}
