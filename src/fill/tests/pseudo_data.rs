//! Weighted simulation to counts: what is drawn, what is refused, what stays as it is.

use super::*;

#[test]
fn pseudo_data_are_counts_with_the_right_mean() {
    let sources = || vec![vec![MadeUp::boxed("1", 700, true)]];
    for (pseudo_data, cross_section_pb) in [(PseudoData::Unweight, 2.0), (PseudoData::Poisson, 100.0)] {
        let mut campaign = campaign(vec![sample("mc", Role::MonteCarlo { cross_section_pb })]);
        campaign.pseudo_data = pseudo_data;
        let filled = run(&campaign, sources(), 2);
        assert!(!filled.book.is_weighted());
        assert_eq!(filled.book.to_bytes(), run(&campaign, sources(), 1).book.to_bytes());
        let of = |jets| {
            let found = filled.book.spectra().filter(move |s| {
                s.category().region == "incl" && jets == (s.category().jets == crate::categories::JetCount::Any)
            });
            let masses = found.filter(|s| s.mass().to_string() == "mT(mu1,met)");
            masses.map(|s| s.total().entries).sum::<u64>()
        };
        assert_eq!(of(true), of(false), "Xj is the sum of the exclusive counts");
        campaign.pseudo_data = PseudoData::Off;
        let mean: f64 = run(&campaign, sources(), 1)
            .book
            .spectra()
            .filter(|s| s.category().to_string().starts_with("incl") && s.category().to_string().ends_with("Xj"))
            .filter(|s| s.mass().to_string() == "mT(mu1,met)")
            .map(|s| s.total().sum_w())
            .sum();
        // Five standard deviations of a Poisson number.
        assert!((of(true) as f64 - mean).abs() < 5.0 * mean.sqrt(), "{} {mean}", of(true));
    }
}

#[test]
fn weights_that_cannot_become_whole_events_are_refused() {
    let mut campaign = campaign(vec![sample("mc", Role::MonteCarlo { cross_section_pb: 100.0 })]);
    campaign.pseudo_data = PseudoData::Unweight;
    let sources = || vec![vec![MadeUp::boxed("1", 700, true)]];
    let refused = try_run(&campaign, sources(), 1).expect_err("weights of 14").to_string();
    let lumi = refused.split("`lumi_ifb: ").nth(1).and_then(|rest| rest.split('`').next()).expect("a luminosity");
    let lumi: f64 = lumi.parse().expect("a number");
    campaign.samples[0].lumi_ifb = Some(lumi);
    assert!(try_run(&campaign, sources(), 1).is_ok(), "{lumi} works, as was said");
    campaign.samples[0].lumi_ifb = Some(lumi * 1.02);
    assert!(try_run(&campaign, sources(), 1).is_err(), "a little more does not: {lumi}");
}

#[test]
fn data_are_never_drawn() {
    let sources = || vec![vec![MadeUp::boxed("1", 400, false)], vec![MadeUp::boxed("2", 400, true)]];
    let samples = vec![sample("data", Role::Data), sample("signal", Role::MonteCarlo { cross_section_pb: 20.0 })];
    let mut both = campaign(samples.clone());
    both.pseudo_data = PseudoData::Poisson;
    let filled = run(&both, sources(), 2);
    let [mut data, mut signal] = [0, 1].map(|number| campaign(vec![samples[number].clone()]));
    signal.pseudo_data = PseudoData::Poisson;
    let data_alone = run(&data, sources().into_iter().take(1).collect(), 1);
    let signal_alone = run(&signal, sources().into_iter().skip(1).collect(), 1);
    let want = data_alone.book.merge(&signal_alone.book).expect("one binning");
    let contents = |book: &Book| -> Vec<(String, Vec<(usize, Content)>)> {
        let one =
            |spectrum: Spectrum| (format!("{} {}", spectrum.category(), spectrum.mass()), spectrum.filled().collect());
        let mut all: Vec<_> = book.spectra().map(one).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    assert_eq!(contents(&filled.book), contents(&want));
    data.pseudo_data = PseudoData::Poisson;
    let undrawn = run(&data, sources().into_iter().take(1).collect(), 1);
    assert_eq!(contents(&undrawn.book), contents(&data_alone.book));
}
