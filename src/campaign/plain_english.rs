//! The campaign said back in plain English, for `bumphound check`.

use super::Campaign;

/// Lines of text, newline at the end.
pub fn describe(_campaign: &Campaign) -> String {
    String::new()
}
