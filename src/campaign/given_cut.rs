//! A cut that stands on the command line instead of in a campaign: `--cut "MET > 200"`.
//!
//! In: the text and what it is called in messages. Out: a [`Cut`], or its mistakes in the form of a campaign's, each with
//! a caret.
//!
//! ```
//! use bumphound::campaign::given_cut;
//! assert!(given_cut("--cut", "MET > 200 and n(mu) >= 2", None).is_ok());
//! let mistakes = given_cut("--cut", "MEt > 200", None).unwrap_err().to_string();
//! assert!(mistakes.contains("--> --cut:1:1") && mistakes.contains("nearest: `MET`"));
//! ```

use std::path::PathBuf;

use super::diagnostics::{CampaignErrors, Diagnostic, Place};
use crate::cuts::{Cut, CutError};

/// Compiles a cut that comes after a preselection; `source` names it in messages.
pub fn given_cut(source: &str, text: &str, preselection: Option<&Cut>) -> Result<Cut, CampaignErrors> {
    let refused = |mistakes: Vec<CutError>| {
        let diagnostic = |CutError { offset, len, message, nearest, hint }| Diagnostic {
            place: Place::in_text(source, text, offset, len).map(Box::new),
            message,
            nearest,
            hint,
        };
        CampaignErrors { path: PathBuf::from(source), diagnostics: mistakes.into_iter().map(diagnostic).collect() }
    };
    let cut = checked(text).map_err(refused)?;
    let joined = Cut::all(preselection.cloned().into_iter().chain([cut.clone()]));
    match joined.as_ref().and_then(Cut::never_true) {
        Some(reason) => {
            let message = format!("no event that passes the preselection can pass this: {reason}");
            Err(refused(vec![CutError { offset: 0, len: text.len(), message, nearest: vec![], hint: None }]))
        }
        None => Ok(cut),
    }
}

/// A cut that some events can pass and some cannot, or everything that is wrong with it.
pub(super) fn checked(text: &str) -> Result<Cut, Vec<CutError>> {
    let cut = Cut::parse(text).map_err(|error| vec![error])?;
    let impossible = cut.impossible();
    if impossible.is_empty() { Ok(cut) } else { Err(impossible) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_carets_and_impossible_cuts_are_refused() {
        let message = |text: &str, preselection: &str| {
            let preselection = Cut::parse(preselection).unwrap();
            given_cut("--cut", text, Some(&preselection)).unwrap_err().to_string()
        };
        let text = message("MET > 200 and leadpt(Z) > 5", "HT > 5");
        assert!(text.contains("--> --cut:1:15") && text.contains("^^^^^^"), "{text}");
        assert!(message("MET > 200 and MET < 100", "HT > 5").contains('^'));
        assert!(message("HT < 5", "HT > 50").contains("passes the preselection"));
        assert!(message("", "HT > 5").contains("--> --cut:1:1"));
        assert!(message("MET >\n 200 and", "HT > 5").contains("--> --cut:2:"));
    }
}
