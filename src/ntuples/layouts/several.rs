//! One or a list, as YAML may spell it: `met: MET`, `met: [MET, PuppiMET]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One or a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Several<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}

impl<T> Default for Several<T> {
    fn default() -> Self {
        Several::Many(Vec::new())
    }
}

impl<T> Several<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Several::One(one) => std::slice::from_ref(one),
            Several::Many(list) => list,
        }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<T> From<Vec<T>> for Several<T> {
    fn from(mut list: Vec<T>) -> Self {
        match (list.len(), list.pop()) {
            (1, Some(one)) => Several::One(one),
            (_, last) => {
                list.extend(last);
                Several::Many(list)
            }
        }
    }
}
