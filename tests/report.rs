//! The report as its readers meet it: a page, a table, a JSON file, a few lines in a terminal.

use std::io::Cursor;

use bumphound::ranking::{Neighbour, NeighbourMethod, Verdict};
use bumphound::report::wording::Finding;
use bumphound::report::{
    PageOptions, ReportData, ReportError, csv as bumps_csv, read_report_json, summary_text, write_html,
    write_report_json, write_run_report,
};

#[path = "support/sample_report.rs"]
mod sample_report;
use sample_report::{category, empty_report, nasty_report, sample_report};

mod support {
    pub mod program;
}
use support::program::{error_of, results_in, stdout_of};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn page(data: &ReportData) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = Vec::new();
    write_html(&mut out, data, &PageOptions { method: "How.\nWhy <i>.".into(), ..PageOptions::default() })?;
    Ok(String::from_utf8(out)?)
}

fn json(data: &ReportData) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = Vec::new();
    write_report_json(&mut out, data)?;
    Ok(String::from_utf8(out)?)
}

fn table(data: &ReportData) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = Vec::new();
    bumps_csv::write_bumps_csv(&mut out, data)?;
    Ok(String::from_utf8(out)?)
}

/// Every `<svg>` of a page.
fn pictures(page: &str) -> Vec<&str> {
    let ends = page.match_indices("<svg").map(|(start, _)| {
        let rest = &page[start..];
        &rest[..rest.find("</svg>").map_or(rest.len(), |end| end + "</svg>".len())]
    });
    ends.collect()
}

#[test]
fn bumps_csv_begins_with_the_promised_columns() -> Outcome {
    let text = table(&sample_report(3, 0))?;
    let promised = "rank,category,mass,peak_gev,low_gev,high_gev,observed,expected,z_local,p_spectrum,\
                    neighbour_z_minus,neighbour_z_plus,verdict,";
    assert!(text.starts_with(promised), "{text}");
    assert!(text.contains("\n1,incl/2mu.os/0j,\"m(mu1,mu2)\",495.3,462,531,"), "{text}");
    Ok(())
}

#[test]
fn bumps_csv_reads_back_whatever_the_labels_hold() -> Outcome {
    let data = nasty_report();
    let text = table(&data)?;
    let mut reader = csv::Reader::from_reader(Cursor::new(text));
    assert!(reader.headers()?.iter().eq(bumps_csv::columns()));
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    assert_eq!(records.len(), data.bumps.len());
    for (record, bump) in records.iter().zip(&data.bumps) {
        assert_eq!(record.get(1), Some(bump.category.to_string().as_str()));
        assert_eq!(record.get(2), Some(bump.mass.to_string().as_str()));
        assert_eq!(record.get(19), Some(bump.reason.as_str()));
        let z: f64 = record.get(8).unwrap_or_default().parse()?;
        // Nine digits are written.
        assert!((z - bump.z_local).abs() <= 1e-8 * bump.z_local.abs());
        let empty = bump.neighbour_minus.z.is_none();
        assert_eq!(record.get(10).unwrap_or_default().is_empty(), empty);
    }
    Ok(())
}

#[test]
fn report_json_reads_back_equal_and_is_the_same_bytes_twice() -> Outcome {
    for data in [empty_report(), sample_report(30, 7), nasty_report()] {
        let text = json(&data)?;
        assert_eq!(text, json(&data)?);
        assert!(text.starts_with("{\n  \"schema\": 1,\n"), "{}", &text[..40]);
        assert_eq!(read_report_json(Cursor::new(text))?, data);
    }
    Ok(())
}

#[test]
fn report_json_spells_categories_and_masses_as_people_do() -> Outcome {
    let text = json(&sample_report(4, 0))?;
    let bumps: serde_json::Value = serde_json::from_str(&text)?;
    let of = |rank: usize, key: &str| bumps["bumps"][rank - 1][key].clone();
    assert_eq!((of(1, "category"), of(1, "mass")), ("incl/2mu.os/0j".into(), "m(mu1,mu2)".into()));
    assert_eq!((of(1, "transverse"), of(4, "transverse")), (false.into(), true.into()));
    let keys: Vec<_> = bumps["bumps"][0].as_object().into_iter().flat_map(|bump| bump.keys().take(5)).collect();
    assert_eq!(keys, ["rank", "category", "mass", "transverse", "peak_gev"]);
    for (label, none) in [("m(mu1,mu2)", "m(mu1,<i>)"), ("incl/2mu.os/0j", "incl/<script>/0j")] {
        assert!(read_report_json(Cursor::new(text.replace(label, none))).is_err(), "{none} is refused");
    }
    Ok(())
}

#[test]
fn report_json_keeps_lists_of_numbers_on_one_line() -> Outcome {
    let text = json(&sample_report(2, 2))?;
    let edges = text.lines().find(|line| line.trim_start().starts_with("\"edges\"")).unwrap_or_default();
    assert!(edges.ends_with("],") && edges.contains(", "), "{edges}");
    assert!(text.lines().count() < 16_000, "{}", text.lines().count());
    Ok(())
}

#[test]
fn other_schemas_and_broken_files_are_errors_that_say_so() -> Outcome {
    let text = json(&empty_report())?.replacen("\"schema\": 1", "\"schema\": 77", 1);
    match read_report_json(Cursor::new(text)) {
        Err(ReportError::Schema { found: 77, known: 1 }) => {}
        other => return Err(format!("expected a schema error, got {other:?}").into()),
    }
    assert!(read_report_json(Cursor::new("{\"schema\": 1}")).is_err());
    assert!(read_report_json(Cursor::new(b"\xff\x00")).is_err());
    Ok(())
}

#[test]
fn a_nan_in_the_data_is_an_error_that_shows_the_line() -> Outcome {
    let mut data = sample_report(3, 1);
    data.bumps[2].z_combined = f64::NAN;
    match write_report_json(Vec::new(), &data) {
        Err(ReportError::NotFinite { text, .. }) => assert_eq!(text, "\"z_combined\": null,"),
        other => return Err(format!("expected NotFinite, got {other:?}").into()),
    }
    // The page and the table still say what there is.
    assert!(page(&data)?.contains("bump-table"));
    assert!(table(&data)?.contains("nan"));
    Ok(())
}

#[test]
fn the_page_loads_nothing() -> Outcome {
    for data in [empty_report(), sample_report(40, 20), nasty_report()] {
        let page = page(&data)?;
        assert!(!page.contains("http://") && !page.contains("https://"));
        for loading in ["src=", "<link rel=\"stylesheet", "@import", "url(", "<iframe", "<object", "<base"] {
            let escaped_only = page.match_indices(loading).all(|(at, _)| page[..at].ends_with("&#60;img "));
            assert!(escaped_only, "{loading} in the page");
        }
        let references = page.match_indices("href=\"").map(|(at, _)| page.as_bytes().get(at + 6));
        assert!(references.into_iter().all(|first| matches!(first, Some(b'#') | Some(b'd'))), "a link leaves the page");
    }
    Ok(())
}

#[test]
fn labels_cannot_break_out_of_the_page() -> Outcome {
    let page = page(&nasty_report())?;
    assert_eq!(page.matches("<script>").count(), 1, "only the page's own");
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(!page.contains("<img") && !page.contains("<i>,") && !page.contains("<b>incl_"));
    Ok(())
}

#[test]
fn pictures_are_well_formed_and_described() -> Outcome {
    for data in [sample_report(12, 12), nasty_report()] {
        let page = page(&data)?;
        let pictures = pictures(&page);
        assert!(pictures.len() > data.plots.len(), "{}", pictures.len());
        for picture in pictures {
            let parsed = roxmltree::Document::parse(picture)?;
            let svg = parsed.root_element();
            assert!(svg.attribute("aria-label").is_some_and(|label| label.len() > 20));
            assert!(!picture.contains("NaN") && !picture.contains("inf "), "{picture}");
        }
    }
    Ok(())
}

#[test]
fn a_page_of_twenty_plots_stays_below_two_megabytes() -> Outcome {
    let size = page(&sample_report(700, 20))?.len();
    assert!(size < 2_000_000, "{size} bytes");
    Ok(())
}

#[test]
fn the_table_is_cut_and_says_so() -> Outcome {
    let page = page(&sample_report(700, 2))?;
    assert!(page.contains("The first 200 of 700; <code>bumps.csv</code> has all."));
    assert!(page.contains("The 500 of 640 scanned spectra with the largest z"));
    Ok(())
}

#[test]
fn transverse_masses_are_never_called_peaks() -> Outcome {
    let data = sample_report(4, 4);
    let page = page(&data)?;
    let card = page.split("<article").find(|card| card.contains("id=\"bump-4\"")).unwrap_or_default();
    assert!(card.contains("excess near 498 GeV") && card.contains("transverse mass: has edges, not peaks"), "{card}");
    let card = card.split("</article>").next().unwrap_or_default();
    assert!(!card.replace("has edges, not peaks", "").contains("peak"), "{card}");
    Ok(())
}

#[test]
fn an_empty_campaign_makes_a_complete_report() -> Outcome {
    let data = empty_report();
    let page = page(&data)?;
    assert!(page.contains("No spectrum was scanned.") && page.ends_with("</html>\n") || page.ends_with("</html>"));
    assert_eq!(table(&data)?.lines().count(), 1);
    assert_eq!(summary_text(&data, 10).lines().next(), Some("No spectrum was scanned."));
    Ok(())
}

#[test]
fn the_finding_is_the_best_confirmed_unnamed_rare_bump() {
    let mut data = sample_report(8, 0);
    assert_eq!(Finding::of(&data), Finding::StandsOut(1));
    data.bumps[0].known = vec!["Z 91.2".into()];
    assert_eq!(Finding::of(&data), Finding::StandsOut(2));
    data.bumps.iter_mut().for_each(|bump| bump.p_campaign = 0.6);
    assert_eq!(Finding::of(&data), Finding::Nothing(Some(2)));
    data.bumps.iter_mut().for_each(|bump| bump.verdict = Verdict::Isolated);
    assert_eq!(Finding::of(&data), Finding::Nothing(None));
    assert!(Finding::of(&data).sentence(&data).starts_with("Nothing stands out"));
}

#[test]
fn a_planted_signal_is_said_to_be_one_everywhere() -> Outcome {
    let data = sample_report(5, 1);
    assert!(page(&data)?.contains("sample zprime_mumu_500 was mixed into the data"));
    assert!(summary_text(&data, 3).contains("sample zprime_mumu_500 was mixed into the data"));
    Ok(())
}

#[test]
fn empty_sides_say_why() -> Outcome {
    let mut data = sample_report(2, 2);
    data.plots[1].minus = None;
    data.plots[1].plus = None;
    data.bumps[1].category = category("incl/2mu.os/6j+");
    data.bumps[1].neighbour_minus = Neighbour { category: Some(category("incl/2mu.os/5j")), ..Neighbour::default() };
    data.bumps[1].neighbour_plus = Neighbour::default();
    let page = page(&data)?;
    assert!(page.contains("0j is the lowest multiplicity"));
    assert!(page.contains("incl/2mu.os/5j has too few events to judge"));
    assert!(page.contains("6j+ is the highest multiplicity"));
    Ok(())
}

#[test]
fn spectra_that_make_no_sense_are_drawn_as_far_as_they_go() -> Outcome {
    let mut data = sample_report(6, 6);
    let spectrum = |i: usize, data: &mut ReportData, change: fn(&mut bumphound::report::DrawnSpectrum)| {
        change(&mut data.plots[i].spectrum);
    };
    spectrum(0, &mut data, |s| s.edges.clear());
    spectrum(1, &mut data, |s| s.observed.truncate(3));
    spectrum(2, &mut data, |s| s.edges.reverse());
    spectrum(3, &mut data, |s| s.observed.iter_mut().for_each(|n| *n = f64::NAN));
    spectrum(4, &mut data, |s| s.background.iter_mut().for_each(|b| *b = f64::INFINITY));
    spectrum(5, &mut data, |s| s.observed.iter_mut().for_each(|n| *n = 1e300));
    data.bumps[0].low_gev = f64::NAN;
    data.bumps[1].high_gev = f64::INFINITY;
    data.bumps[2].neighbour_plus.method = Some(NeighbourMethod::Poisson);
    let page = page(&data)?;
    for picture in pictures(&page) {
        roxmltree::Document::parse(picture)?;
        assert!(!picture.contains("NaN") && !picture.contains("inf\""), "{picture}");
    }
    Ok(())
}

#[test]
fn the_terminal_summary_is_a_plain_table() {
    let text = summary_text(&nasty_report(), 5);
    assert!(text.lines().any(|line| line.trim_start().starts_with("rank  mass")), "{text}");
    assert!(text.contains("... and 7 more bumps in bumps.csv"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn a_run_report_is_three_complete_files() -> Outcome {
    let dir = tempfile::tempdir()?;
    let paths = write_run_report(dir.path(), &sample_report(5, 2), &PageOptions::default())?;
    let names: Vec<_> = paths.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(names, ["index.html", "bumps.csv", "report.json"]);
    assert_eq!(std::fs::read_dir(dir.path())?.count(), 3);
    let missing = write_run_report(&dir.path().join("nowhere"), &empty_report(), &PageOptions::default());
    assert!(missing.is_err_and(|error| error.to_string().contains("hint")));
    Ok(())
}

#[test]
fn the_report_command_writes_the_same_bytes_again() -> Outcome {
    let dir = tempfile::tempdir()?;
    let options = PageOptions { method: bumphound::ranking::method(), ..PageOptions::default() };
    write_run_report(dir.path(), &sample_report(30, 7), &options)?;
    let before = results_in(dir.path());
    std::fs::remove_file(dir.path().join("index.html"))?;
    std::fs::write(dir.path().join("bumps.csv"), "spoilt")?;
    let summary = stdout_of(&["report", &dir.path().display().to_string(), "--top", "3"]);
    assert!(summary.contains("m(mu1,mu2)"), "{summary}");
    assert!(results_in(dir.path()) == before);
    Ok(())
}

#[test]
fn folders_without_a_good_report_json_are_errors() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().display().to_string();
    let error = error_of(&["report", &path]);
    assert!(error.contains("report.json") && error.contains("hint: `bumphound run"), "{error}");
    for content in ["", "{}", "{\"schema\": 99}", "[1"] {
        std::fs::write(dir.path().join("report.json"), content)?;
        assert!(error_of(&["report", &path]).contains("report.json"));
    }
    Ok(())
}
