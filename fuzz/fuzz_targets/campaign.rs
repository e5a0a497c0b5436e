//! Any text is a campaign or a list of mistakes, and so is any override. See ../README.md.

#![no_main]

use bumphound::campaign::{describe, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (text, set) = text.rsplit_once("\n--set ").unwrap_or((text, ""));
    let overrides: Vec<String> = Some(set).filter(|set| !set.is_empty()).map(str::to_string).into_iter().collect();
    match parse(text, "selections/fuzz.yaml".as_ref(), &overrides) {
        Ok(campaign) => drop((describe(&campaign), campaign.sha256())),
        Err(errors) => drop(errors.to_string()),
    }
});
