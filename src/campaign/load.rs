//! From a file on disk to a [`Campaign`], in four steps: YAML tree, overrides, structure, meaning.

use std::path::Path;

use super::diagnostics::{CampaignErrors, Diagnostic};
use super::document::Document;
use super::find_files::folder_entries;
use super::raw::{self, RawCampaign};
use super::{Campaign, resolve, structure};
use crate::file_kind::{self, FileKind};
use crate::nearest::nearest;
use crate::run_files::RunFile;
use crate::whole_file;

/// Reads a campaign and applies overrides such as `scan.min_entries=50` (key path, `=`, YAML value; lists count from
/// 0: `inputs.0.events=100`) before it is given a meaning. Relative paths in the campaign start at the folder of the
/// campaign file, or at its `base`.
pub fn load(path: &Path, overrides: &[String]) -> Result<Campaign, CampaignErrors> {
    read(path).and_then(|text| parse(&text, path, overrides))
}

/// The resolved campaign of a run directory, for what comes after its book: input files need not be on this machine, so
/// overrides may only touch what is obeyed after the book ([`AFTER_THE_BOOK`]).
pub fn load_filled(path: &Path, overrides: &[String]) -> Result<Campaign, CampaignErrors> {
    let text = read(path)?;
    let refused = |assignment: &String| {
        let key = assignment.split('=').next().unwrap_or_default().trim();
        let kept = AFTER_THE_BOOK.iter().any(|known| key == *known || key.starts_with(&format!("{known}.")));
        let message = format!("`--set {assignment}` changes what is filled: events must be read again");
        let hint = format!("`bumphound run` does that; {} can change now", AFTER_THE_BOOK.join(", "));
        (!kept).then(|| Diagnostic::new(None, message).hint(hint))
    };
    let diagnostics: Vec<Diagnostic> = overrides.iter().filter_map(refused).collect();
    if !diagnostics.is_empty() {
        return Err(CampaignErrors { path: path.to_path_buf(), diagnostics });
    }
    parse_inputs(&text, path, overrides, InputPaths::AsWritten)
}

/// The same from text, without overrides.
pub(super) fn parse_filled(text: &str, path: &Path) -> Result<Campaign, CampaignErrors> {
    parse_inputs(text, path, &[], InputPaths::AsWritten)
}

/// What may change after the book is filled.
pub const AFTER_THE_BOOK: [&str; 5] = ["scan", "ranking", "report", "name", "about"];

/// Whether input files are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputPaths {
    /// Globs become existing files; what is missing is a mistake.
    Existing,
    /// Names are kept.
    AsWritten,
}

fn read(path: &Path) -> Result<String, CampaignErrors> {
    let failed = |diagnostic| CampaignErrors { path: path.to_path_buf(), diagnostics: vec![diagnostic] };
    let foreign = FileKind::of_file(path).ok().filter(|kind| *kind != FileKind::Empty && kind.hint().is_some());
    if let Some(kind) = foreign {
        let message = file_kind::describe(path, kind, "a campaign (YAML)");
        return Err(failed(Diagnostic::new(None, message)));
    }
    if path.is_dir() {
        let resolved = RunFile::Campaign.path(path);
        let message = format!("`{}` is a folder; expected is a campaign (YAML)", path.display());
        let hint = match resolved.exists() {
            true => format!("it is a run directory: its campaign is {}", resolved.display()),
            false => "name the file".to_string(),
        };
        return Err(failed(Diagnostic::new(None, message).hint(hint)));
    }
    match whole_file::read(path, whole_file::WRITTEN) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
            let line =
                error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count()
                    + 1;
            let message = format!("`{}` is not text (UTF-8): line {line} has other bytes", path.display());
            failed(Diagnostic::new(None, message))
        }),
        Err(error) => {
            let folder = path.parent().unwrap_or(Path::new("."));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let entries = folder_entries(folder);
            let near = nearest(&name, entries.iter().map(String::as_str));
            let near = near.iter().map(|name| folder.join(name).to_string_lossy().into_owned()).collect();
            let message = format!("the campaign `{}` cannot be read: {error}", path.display());
            Err(failed(Diagnostic::new(None, message).near(near)))
        }
    }
}

/// The same from text. `path` names the file in messages, and its folder is where relative paths start.
pub fn parse(text: &str, path: &Path, overrides: &[String]) -> Result<Campaign, CampaignErrors> {
    parse_inputs(text, path, overrides, InputPaths::Existing)
}

fn parse_inputs(text: &str, path: &Path, overrides: &[String], inputs: InputPaths) -> Result<Campaign, CampaignErrors> {
    let failed = |diagnostics| CampaignErrors { path: path.to_path_buf(), diagnostics };
    let mut document = Document::parse(&path.to_string_lossy(), text).map_err(|error| failed(vec![error]))?;
    let mut diagnostics: Vec<Diagnostic> =
        overrides.iter().filter_map(|assignment| document.set(assignment).err()).collect();
    let (structural, damaged) = structure::check(&mut document, &raw::schema());
    diagnostics.extend(structural);
    let raw = match serde_json::from_value::<RawCampaign>(document.root.to_json()) {
        Ok(raw) => raw,
        Err(error) => {
            if diagnostics.is_empty() {
                diagnostics.push(Diagnostic::new(None, format!("the campaign cannot be understood: {error}")));
            }
            return Err(failed(in_file_order(diagnostics)));
        }
    };
    match resolve::resolve(&document, path, raw, &damaged, inputs) {
        Ok(campaign) if diagnostics.is_empty() => Ok(campaign),
        Ok(_) => Err(failed(in_file_order(diagnostics))),
        Err(more) => {
            diagnostics.extend(more);
            Err(failed(in_file_order(diagnostics)))
        }
    }
}

/// The JSON schema of campaigns, for editors; ends in a newline.
pub fn json_schema() -> String {
    raw::json_schema_text()
}

fn in_file_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| {
        diagnostic.place.as_ref().map(|place| (place.source == "--set", place.line, place.column))
    });
    diagnostics
}
