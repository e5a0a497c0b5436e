//! The report as its readers meet it: a page, a table, a JSON file, a few lines in a terminal.

use std::collections::BTreeMap;
use std::io::Cursor;

use bumphound::ranking::{StackSummary, Verdict};
use bumphound::report::wording::{Finding, heads};
use bumphound::report::{
    PageOptions, ReportData, ReportError, csv as bumps_csv, read_report_json, summary_text, write_html,
    write_report_json, write_run_report,
};

#[path = "support/sample_report.rs"]
mod sample_report;
use sample_report::{empty_report, nasty_report, sample_report};

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

/// The card of a candidate.
fn card(page: &str, rank: usize) -> &str {
    let card = page.split("<article").find(|card| card.contains(&format!("id=\"bump-{rank}\"")));
    card.and_then(|card| card.split("</article>").next()).unwrap_or_default()
}

#[test]
fn bumps_csv_begins_with_the_promised_columns() -> Outcome {
    let text = table(&sample_report(3, 0))?;
    let promised = "rank,category,mass,peak_gev,low_gev,high_gev,observed,expected,p_local,p_stack,p_campaign,\
                    z_combined,verdict,known,";
    assert!(text.starts_with(promised), "{text}");
    assert!(text.contains("\n1,incl/2mu.os/Xj,\"m(mu1,mu2)\",495.3,462,531,"), "{text}");
    Ok(())
}

#[test]
fn bumps_csv_reads_back_whatever_the_labels_hold() -> Outcome {
    let data = nasty_report();
    let text = table(&data)?;
    let mut reader = csv::Reader::from_reader(Cursor::new(text));
    assert!(reader.headers()?.iter().eq(bumps_csv::columns()));
    let records: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>()?;
    assert_eq!(records.len(), data.bumps.len());
    for (record, bump) in records.iter().zip(&data.bumps) {
        assert_eq!(record["rank"], bump.rank.to_string());
        assert_eq!(record["category"], bump.category.to_string());
        assert_eq!(record["mass"], bump.mass.to_string());
        assert_eq!((&record["jets"], &record["reason"]), (&bump.jets, &bump.reason));
        assert_eq!(record["known"], bump.known.join("; "));
        // Nine digits are written.
        let agrees = |name: &str, value: f64| {
            record[name].parse::<f64>().is_ok_and(|read| (read - value).abs() <= 1e-8 * value.abs())
        };
        assert!(agrees("p_local", bump.p_local) && agrees("z_combined", bump.z_combined), "{record:?}");
        assert_eq!(record["z_network"].is_empty(), bump.z_network.is_none());
        assert_eq!(record["rows"].split("; ").count(), bump.rows.len());
    }
    assert!(records.iter().any(|record| record["z_network"].is_empty()));
    assert!(records.iter().any(|record| !record["z_network"].is_empty()));
    Ok(())
}

#[test]
fn report_json_reads_back_equal_and_is_the_same_bytes_twice() -> Outcome {
    for data in [empty_report(), sample_report(30, 7), nasty_report()] {
        let text = json(&data)?;
        assert_eq!(text, json(&data)?);
        assert!(text.starts_with("{\n  \"schema\": 2,\n"), "{}", &text[..40]);
        assert_eq!(read_report_json(Cursor::new(text))?, data);
    }
    Ok(())
}

#[test]
fn report_json_spells_categories_and_masses_as_people_do() -> Outcome {
    let text = json(&sample_report(4, 0))?;
    let bumps: serde_json::Value = serde_json::from_str(&text)?;
    let of = |line: usize, key: &str| bumps["bumps"][line - 1][key].clone();
    assert_eq!((of(2, "category"), of(1, "mass")), ("incl/2mu.os/0j".into(), "m(mu1,mu2)".into()));
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
    let text = json(&empty_report())?.replacen("\"schema\": 2", "\"schema\": 77", 1);
    match read_report_json(Cursor::new(text)) {
        Err(ReportError::Schema { found: 77, known: 2 }) => {}
        other => return Err(format!("expected a schema error, got {other:?}").into()),
    }
    // The layout of earlier versions is named too, not half read.
    match read_report_json(Cursor::new("{\"schema\": 1}")) {
        Err(ReportError::Schema { found: 1, known: 2 }) => {}
        other => return Err(format!("expected a schema error, got {other:?}").into()),
    }
    assert!(read_report_json(Cursor::new("{\"schema\": 2}")).is_err());
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
    assert!(page.contains("The 500 of 640 spectra with the largest z of the network"));
    Ok(())
}

#[test]
fn rows_beyond_the_first_page_wait_where_no_browser_lays_them_out() -> Outcome {
    let page_of = |lines: usize| {
        let mut out = Vec::new();
        let options = PageOptions { rows: 100_000, ..PageOptions::default() };
        write_html(&mut out, &sample_report(lines, 0), &options)?;
        Ok::<_, Box<dyn std::error::Error>>(String::from_utf8(out)?)
    };
    let long = page_of(1000)?;
    let (shown, waiting) = long.split_once("<template>").ok_or("a template")?;
    let waiting = waiting.split("</template>").next().unwrap_or_default();
    let rows = |part: &str| part.matches("<tr><th scope=\"row\" class=\"n\" data-v=").count();
    assert_eq!((rows(shown), rows(waiting), rows(&long)), (200, 800, 1000));
    assert!(long.contains("const PAGE = 200;"), "the script turns pages of as many rows");
    for few in [1, 200] {
        assert!(!page_of(few)?.contains("<template>"));
    }
    Ok(())
}

#[test]
fn transverse_masses_are_never_called_peaks() -> Outcome {
    let data = sample_report(4, 4);
    let page = page(&data)?;
    let card = card(&page, 3);
    assert!(card.contains("excess near 498 GeV") && card.contains("transverse mass: has edges, not peaks"), "{card}");
    assert!(!card.replace("has edges, not peaks", "").contains("peak"), "{card}");
    Ok(())
}

#[test]
fn an_empty_campaign_makes_a_complete_report() -> Outcome {
    let data = empty_report();
    let page = page(&data)?;
    assert!(page.contains("Cannot tell: no stack could be searched: no mass was booked (the warnings say why)."));
    assert!(page.ends_with("</html>\n") || page.ends_with("</html>"));
    assert_eq!(table(&data)?.lines().count(), 1);
    assert_eq!(
        summary_text(&data, 10).lines().next(),
        Some("Cannot tell: no stack could be searched: no mass was booked (the warnings say why).")
    );
    Ok(())
}

#[test]
fn the_finding_is_the_excesses_in_order() {
    let mut data = sample_report(8, 0);
    // Lines 2 and 3 are one candidate.
    assert_eq!(Finding::of(&data), Finding::Found(vec![1, 2]));
    data.bumps[0].verdict = Verdict::Known;
    assert_eq!(Finding::of(&data), Finding::Found(vec![2]));
    // The verdict of the head counts.
    data.bumps[1].verdict = Verdict::Chance;
    assert_eq!(Finding::of(&data), Finding::Nothing(Some(2)));
    // Transverse masses are no candidates for a peak.
    data.bumps.retain(|bump| bump.is_transverse() || bump.verdict == Verdict::Known);
    assert!(data.bumps.iter().any(|bump| bump.verdict == Verdict::Shape));
    assert_eq!(Finding::of(&data), Finding::Nothing(None));
    data.bumps.iter_mut().for_each(|bump| bump.verdict = Verdict::CannotTell);
    assert!(matches!(Finding::of(&data), Finding::CannotTell(_)));
    data.bumps.clear();
    assert_eq!(Finding::of(&data), Finding::Nothing(None));
    data.stacks = StackSummary::default();
    assert!(matches!(Finding::of(&data), Finding::CannotTell(_)));
}

#[test]
fn headlines_are_found_nothing_and_cannot_tell() -> Outcome {
    let mut data = sample_report(14, 2);
    let said = |data: &ReportData| -> Result<String, Box<dyn std::error::Error>> {
        let sentence = Finding::of(data).sentence(data);
        assert_eq!(summary_text(data, 5).lines().next(), Some(sentence.as_str()));
        let page = page(data)?;
        let class = if sentence.starts_with("Found") { "finding found" } else { "finding quiet" };
        assert!(page.contains(&format!("<p class=\"lead\">{sentence}</p>")) && page.contains(class), "{sentence}");
        Ok(sentence)
    };
    let place = "m(mu1,mu2) at 495 GeV in incl/2mu.os/Xj";
    let found = said(&data)?;
    assert!(
        found.starts_with(&format!("Found: 2 excesses stand out, the first {place} (campaign p ~0.0051, ")),
        "{found}"
    );
    data.bumps[1].verdict = Verdict::Chance;
    let found = said(&data)?;
    assert!(found.starts_with(&format!("Found: one excess stands out, {place} (campaign p ~0.0051, ")), "{found}");
    assert!(found.ends_with(", local z 7.9)."), "{found}");
    for bump in &mut data.bumps {
        bump.verdict = if bump.known.is_empty() { Verdict::Chance } else { Verdict::Known };
        bump.p_campaign = 0.6;
        bump.p_stack_is_extrapolated = false;
    }
    let nothing = format!(
        "Nothing stands out. The first candidate is {place}; chance alone gives one like it with probability 0.60 in a \
         campaign of this size."
    );
    assert_eq!(said(&data)?, nothing);
    data.bumps.clear();
    let none = "Nothing stands out: no stack of an invariant mass has a line of which nothing is known.";
    assert_eq!(said(&data)?, none);
    let mut data = sample_report(3, 0);
    data.cannot_tell = Some("31 simulated events stand for 208".into());
    assert_eq!(said(&data)?, "Cannot tell: 31 simulated events stand for 208.");
    Ok(())
}

#[test]
fn a_chance_line_has_no_badge() -> Outcome {
    let data = sample_report(12, 12);
    let page = page(&data)?;
    // Names of known structure are chips of the class of `known` too, and are not among the names of verdicts.
    let has_badge =
        |text: &str, name: &str| text.contains("class=\"chip") && text.contains(&format!("\">{name}</span>"));
    for head in heads(&data) {
        let card = card(&page, head.rank);
        assert_eq!(has_badge(card, head.verdict.name()), head.verdict != Verdict::Chance, "{card}");
        let row = page.split("<tr>").find(|row| row.contains(&format!("href=\"#bump-{}\"", head.rank)));
        let row = row.unwrap_or_default();
        assert_eq!(has_badge(row, head.verdict.name()), head.verdict != Verdict::Chance, "{row}");
        assert!(row.contains(head.verdict.name()), "{row}");
    }
    let all = Verdict::ALL.into_iter().all(|verdict| heads(&data).iter().any(|head| head.verdict == verdict));
    assert!(all, "one of each is looked at");
    Ok(())
}

#[test]
fn extrapolated_chances_are_marked() -> Outcome {
    let data = sample_report(5, 2);
    let page = page(&data)?;
    let text = summary_text(&data, 10);
    assert!(data.bumps[0].p_stack_is_extrapolated);
    assert!(card(&page, 1).contains("<dd>~10⁻⁵</dd>"), "{}", card(&page, 1));
    assert!(page.contains(">~10⁻⁵</td>"), "in the table");
    assert!(text.contains("  ~2 × 10⁻⁵      ~0.010  "), "{text}");
    assert!(text.contains("\n~: extrapolated beyond the toys\n"), "{text}");
    let mut data = sample_report(5, 2);
    data.bumps.iter_mut().for_each(|bump| bump.p_stack_is_extrapolated = false);
    assert!(!self::page(&data)?.contains("~10") && !summary_text(&data, 10).contains('~'));
    Ok(())
}

#[test]
fn lines_of_one_candidate_share_its_rank_and_its_card() -> Outcome {
    let data = sample_report(12, 12);
    let ranks: Vec<usize> = data.bumps.iter().map(|bump| bump.rank).collect();
    assert_eq!(ranks, [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
    let (page, text) = (page(&data)?, summary_text(&data, 12));
    assert_eq!(page.matches("<article").count(), 10);
    assert!(card(&page, 2).contains("<dt>lines</dt><dd>2</dd>") && !card(&page, 1).contains("<dt>lines</dt>"));
    // The joined line, of another region, is in the table of the page and not in that of the terminal.
    assert_eq!(page.matches("<a href=\"#bump-2\">2</a>").count(), 2);
    assert!(page.contains("met200/2mu.os/Xj") && !text.contains("met200/2mu.os/Xj"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains("/2mu.os/") && line.starts_with(' ')).count(), 10, "{text}");
    Ok(())
}

#[test]
fn a_planted_signal_is_said_to_be_one_everywhere() -> Outcome {
    let data = sample_report(5, 1);
    assert!(page(&data)?.contains("sample zprime_mumu_500 was mixed into the data"));
    assert!(summary_text(&data, 3).contains("sample zprime_mumu_500 was mixed into the data"));
    Ok(())
}

#[test]
fn a_card_shows_all_multiplicities_and_says_what_single_ones_hold() -> Outcome {
    let mut data = sample_report(9, 9);
    data.plots[3].spectra.clear();
    let page = page(&data)?;
    for plot in &data.plots {
        let card = card(&page, plot.rank);
        assert_eq!(pictures(card).len(), plot.spectra.len(), "{card}");
        assert_eq!(card.matches("class=\"caption\"").count(), plot.spectra.len().saturating_sub(1), "{card}");
    }
    let (first, row) = (card(&page, 1), data.plots[0].spectra[1].category.clone());
    let seen = data.bumps[0].rows.iter().find(|seen| seen.category == row).ok_or("it is a row")?;
    assert!(first.contains(&format!("<b>{} jet", row.jets.to_string().trim_end_matches(['j', '+']))), "{first}");
    assert!(first.contains(&format!("{} observed, ", bumphound::digits::count(seen.observed))), "{first}");
    assert!(first.contains("z of the network"), "{first}");
    // A stack of one multiplicity is drawn once; where nothing is to be drawn there is none.
    assert_eq!((data.plots[7].spectra.len(), pictures(card(&page, 4)).len()), (1, 0));
    // The table has a dash where the network has not scanned the spectrum.
    assert!(page.contains("<td class=\"n\" data-v=\"\">–</td>"));
    Ok(())
}

#[test]
fn controls_are_named_with_their_counts() -> Outcome {
    let data = sample_report(2, 2);
    let page = page(&data)?;
    let sentence = "Control categories, same window: m(mu1,mu2) in incl/2mu.ss/Xj: 4 on 4.90 ± 1.10 (p 0.63); \
                    m(e1,e2) in incl/2e.os/Xj: 4 on 4.90 ± 1.10 (p 0.63).";
    assert!(card(&page, 1).contains(sentence), "{}", card(&page, 1));
    assert!(!card(&page, 2).contains("Control categories"));
    Ok(())
}

#[test]
fn spectra_that_make_no_sense_are_drawn_as_far_as_they_go() -> Outcome {
    let mut data = sample_report(7, 6);
    let spectrum = |i: usize, data: &mut ReportData, change: fn(&mut bumphound::report::DrawnSpectrum)| {
        data.plots[i].spectra.iter_mut().for_each(change);
    };
    spectrum(0, &mut data, |s| s.edges.clear());
    spectrum(1, &mut data, |s| s.observed.truncate(3));
    spectrum(2, &mut data, |s| s.edges.reverse());
    spectrum(3, &mut data, |s| s.observed.iter_mut().for_each(|n| *n = f64::NAN));
    spectrum(4, &mut data, |s| s.background.iter_mut().for_each(|b| *b = f64::INFINITY));
    spectrum(5, &mut data, |s| s.observed.iter_mut().for_each(|n| *n = 1e300));
    data.bumps[0].low_gev = f64::NAN;
    data.bumps[1].high_gev = f64::INFINITY;
    data.bumps[2].rows.clear();
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
    assert!(text.contains("... and 5 more candidates in bumps.csv, 12 lines in all"), "{text}");
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
