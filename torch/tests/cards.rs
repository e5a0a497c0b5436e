//! Cards of trained networks as they lie in `models/`: today's code reads them and writes them again to the last byte.

use bumphound::scan::calibration::SpectrumKind;
use bumphound_torch::znet::card::Card;
use bumphound_torch::znet::model::Model;
use bumphound_torch::znet::predict::Predictor;

fn models() -> std::path::PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../models").into()
}

#[test]
fn a_card_of_another_network_is_refused() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("mixed.safetensors");
    std::fs::copy(models().join("dmf1w.safetensors"), &path).expect("copied");
    let open_with = |card: &str| {
        std::fs::write(path.with_extension("json"), card).expect("written");
        Model::open(&path).map(|_| ()).map_err(|error| error.to_string())
    };
    let read = |name: &str| std::fs::read_to_string(models().join(name)).expect("a card");
    assert_eq!(open_with(&read("dmf1w.json")), Ok(()));
    let other = open_with(&read("dmf2w.json")).expect_err("the card of another network");
    assert!(other.contains("belongs to other weights"), "{other}");
    let mut bare: serde_json::Value = serde_json::from_str(&read("dmf1w.json")).expect("JSON");
    bare.as_object_mut().expect("an object").remove("weights_sha256");
    let untied = open_with(&bare.to_string()).expect_err("a card of nothing");
    assert!(untied.contains("\"weights_sha256\": \""), "{untied}");
}

/// Every number of a card, one at a time, becomes something else: the network opens and predicts, or is refused.
#[test]
fn mutated_cards_are_refused_or_used_without_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("mutant.safetensors");
    std::fs::copy(models().join("dmf1w.safetensors"), &path).expect("copied");
    let text = std::fs::read_to_string(models().join("dmf1w.json")).expect("a card");
    let card: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut places = Vec::new();
    walk(&card, String::new(), &mut places);
    let parts = ["/architecture", "/max_bins", "/z_shift", "/intervals", "/calibrations", "/steps", "/plan/recipe"];
    places.retain(|place| parts.iter().any(|part| place.starts_with(part)));
    let counts: Vec<f64> = (0..130).map(|i| (500.0 * (-0.05 * f64::from(i)).exp()).round()).collect();
    let (mut refused, mut used) = (0, 0);
    for (number, place) in places.iter().enumerate().filter(|(i, place)| i % 61 == 0 || place.len() < 24) {
        let values = [
            serde_json::json!(-1),
            serde_json::json!(1e300),
            serde_json::json!(4_000_000_000_u64),
            serde_json::json!([]),
        ];
        let mut mutant = card.clone();
        *mutant.pointer_mut(place).expect("it is there") = values[number % values.len()].clone();
        std::fs::write(path.with_extension("json"), mutant.to_string()).expect("written");
        match Model::open(&path) {
            Err(_) => refused += 1,
            Ok(model) => {
                used += 1;
                if used % 30 == 1 {
                    let predictor = Predictor::new(model, tch::Device::Cpu, 1);
                    let curve = predictor.predict(&[&counts, &counts[..9]]).expect("z").remove(0);
                    let _ = curve.p_spectrum(&predictor.model().card.calibrations, SpectrumKind::InvariantMass);
                }
            }
        }
    }
    assert!(refused > 5 && used > 5, "{refused} refused, {used} used");
}

/// JSON pointers of all values.
fn walk(value: &serde_json::Value, at: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(key, one)| walk(one, format!("{at}/{key}"), places)),
        serde_json::Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, one)| walk(one, format!("{at}/{i}"), places));
        }
        _ => {}
    }
    places.push(at);
}

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
        assert_eq!(card.check(), Ok(()), "{}", path.display());
        Model::open(&path.with_extension("safetensors")).expect("weights that belong to it");
        cards += 1;
    }
    assert!(cards >= 10, "{cards} cards in {models}");
}
