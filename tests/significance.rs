//! Significances against an independent calculation (bisection in float64): `golden/plrt.json`.

use bumphound::significance::{Templates, z_per_bin};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

#[test]
fn likelihood_ratio_equals_the_golden_z() {
    let text = std::fs::read_to_string("tests/golden/plrt.json").expect("golden file");
    let golden: Value = serde_json::from_str(&text).expect("golden file is JSON");
    let mut checked = 0;
    for case in golden["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().unwrap_or("?");
        let templates = Templates::new(&numbers(&case["edges"]), &numbers(&case["widths"]));
        let z = z_per_bin(&numbers(&case["n"]), &numbers(&case["b"]), &templates).expect("golden input is good");
        let expected = numbers(&case["z"]);
        assert_eq!(z.len(), expected.len());
        for (bin, (z, expected)) in z.iter().zip(&expected).enumerate() {
            // The golden file is rounded to 1e-9; 1e-6 is what the specification asks.
            assert!((z - expected).abs() < 1e-6, "{name}, bin {bin}: {z} instead of {expected}");
            checked += 1;
        }
    }
    assert!(checked > 300, "only {checked} bins in the golden file");
}
