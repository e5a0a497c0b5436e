//! Ready preselections of the Dark Machines data challenge (thesis sec. 5.2.1, SciPost Phys. 12 (2022) 043).

/// The cut of a channel (GeV); None for a name that is none of 1, 2a, 2b, 3.
pub fn channel_cut(channel: &str) -> Option<&'static str> {
    Some(match channel {
        "1" => "HT > 600 and MET > 200 and MET / HT > 0.2 and n(jet, pt > 50) >= 4 and n(jet, pt > 200) >= 1",
        "2a" => "MET > 50 and n(lepton) >= 3",
        "2b" => "HT > 50 and MET > 50 and n(lepton) >= 2",
        "3" => "HT > 600 and MET > 100",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::channel_cut;
    use crate::cuts::Cut;

    #[test]
    fn channels_are_cuts_that_events_can_pass() {
        for name in ["1", "2a", "2b", "3"] {
            let text = channel_cut(name).expect("a channel");
            let cut = Cut::parse(text).expect(text);
            assert!(cut.impossible().is_empty());
            assert_eq!(cut.to_string(), text);
        }
        assert_eq!(channel_cut("4"), None);
    }
}
