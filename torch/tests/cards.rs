//! Cards of trained networks as they lie in `models/`: today's code reads them and writes them again to the last byte.

use bumphound_torch::znet::card::Card;

#[test]
fn cards_of_all_networks_read_and_are_written_the_same() {
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../models");
    let mut cards = 0;
    for entry in std::fs::read_dir(models).expect("the folder") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let card: Card = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let again = serde_json::to_string_pretty(&card).expect("JSON");
        assert!(again.trim_end() == text.trim_end(), "{} is written differently", path.display());
        assert!(card.calibrations.are_complete(), "{}", path.display());
        cards += 1;
    }
    assert!(cards >= 10, "{cards} cards in {models}");
}
