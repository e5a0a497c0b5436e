//! The layout that stands at a place of a campaign. Part of [`super::resolve`].
//!
//! In: [`RawLayout`]. Out: the [`Layout`] that it means; what the layout finds wrong with itself gets its place in the text.
//! Whether the branches exist is known only when a file is opened.

use super::resolve::Resolver;
use super::structure::shown;
use crate::ntuples::layouts::{LAYOUTS, Layout, Mistake, RawLayout};

impl Resolver<'_> {
    /// The layout that stands at `place`.
    pub(super) fn layout(&mut self, place: &str, raw: &RawLayout) -> Layout {
        let Some(layout) = raw.meant() else {
            if !self.is_damaged(place) {
                let names: Vec<&str> = LAYOUTS.iter().map(|kind| kind.name).collect();
                let message = format!("{} must name one layout", shown(place));
                self.hinted(place, message, &format!("one of {}", names.join(", ")));
            }
            return Layout::default();
        };
        let at = |path: &str| match path {
            "" => format!("{place}/{}", layout.name()),
            path => format!("{place}/{}/{path}", layout.name()),
        };
        for Mistake { path, message, hint, incomplete } in layout.mistakes(&|path| shown(&at(path))) {
            let place = at(&path);
            match hint {
                _ if incomplete && self.is_damaged(&place) => {}
                Some(hint) => self.hinted(&place, message, hint),
                None => self.error(&place, message),
            }
        }
        layout.clone()
    }

    /// True if something at this place or below was wrong in itself and is taken out.
    fn is_damaged(&self, place: &str) -> bool {
        self.damaged.iter().any(|path| path.starts_with(place))
    }
}
