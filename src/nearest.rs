//! Names that exist and look like what was written, for error messages.

/// At most three of `names`, closest first (ties in the order given), each once, empty if nothing is close. Case counts little:
/// `MEt` is near `MET`.
pub fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let written = written.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut seen = std::collections::HashSet::new();
    scored.retain(|(_, name)| seen.insert(*name));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    // An exact match but for case stands alone; else what is about as good as the best.
    scored.retain(|(score, _)| if best == 1.0 { *score == 1.0 } else { *score > best - 0.08 });
    scored.into_iter().take(3).map(|(_, name)| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn close_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("MEt", ["MET", "HT"]), ["MET"]);
        assert_eq!(nearest("min_entry", ["min_bins", "min_entries", "model"]), ["min_entries"]);
        assert_eq!(nearest("zzz", ["min_bins"]), Vec::<String>::new());
        assert_eq!(nearest("Jet.BTags", ["Jet.PT", "Jet.TauTag", "Jet.BTag", "Jet.BTag"])[0], "Jet.BTag");
        assert_eq!(nearest("tre", ["tree", "tree"]), ["tree"]);
        assert_eq!(nearest("A_tbar_00.root", ["A_ttbar_00.root", "A_zjets_00.root"])[0], "A_ttbar_00.root");
    }
}
