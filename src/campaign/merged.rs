//! One campaign for books that are joined: the same choices, all inputs.
//!
//! In: the campaigns of run directories, whose books were filled alike. Out: the campaign that would have filled the joined
//! book in one go, the same for any order of the parts.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{Campaign, CampaignErrors, Role, Sample};

/// Inputs that cannot be joined.
#[derive(Debug, Error)]
pub enum MergeInputsError {
    /// The same file in two parts.
    #[error(
        "`{file}` was read for two of the books: every event must enter once\nhint: leave one of the books out, or fill it again \
         without this file"
    )]
    Twice {
        /// File, as its campaign spells it.
        file: String,
    },
    /// Parts of one sample that was scaled or cut as a whole.
    #[error(
        "sample {sample} is in two of the books, each {what}: they cannot be added\nhint: fill the whole sample in one book"
    )]
    Split {
        /// Sample.
        sample: String,
        /// `scaled to its whole cross section`, `cut to 100 events`.
        what: String,
    },
    /// Two samples of one name that were not read alike.
    #[error(
        "sample {sample} has another layout or role in another book\nhint: give one of them another name, and fill it again"
    )]
    Differ {
        /// Sample.
        sample: String,
    },
    /// The joined campaign is no campaign.
    #[error(transparent)]
    Campaign(#[from] CampaignErrors),
    /// It cannot be written down.
    #[error("the joined campaign cannot be written: {0}")]
    Text(String),
}

/// The campaign of the joined book. All parts must have been loaded by [`load_filled`](super::load_filled); all but their inputs is taken from
/// the part whose inputs come first by name.
pub fn merged(parts: &[Campaign], folder: &Path) -> Result<Option<Campaign>, MergeInputsError> {
    let mut parts: Vec<&Campaign> = parts.iter().collect();
    parts.sort_by_cached_key(|part| inputs_of(part));
    let Some((first, rest)) = parts.split_first() else { return Ok(None) };
    let mut campaign = (*first).clone();
    for part in rest {
        for sample in &part.samples {
            add(&mut campaign, part, sample)?;
        }
    }
    for sample in &mut campaign.samples {
        sample.files.sort();
    }
    rewritten(&campaign, folder).map(Some)
}

fn inputs_of(part: &Campaign) -> Vec<(String, Vec<String>)> {
    let files = |sample: &Sample| sample.files.iter().map(|file| part.shown_path(file)).collect();
    part.samples.iter().map(|sample| (sample.name.clone(), files(sample))).collect()
}

fn add(campaign: &mut Campaign, part: &Campaign, sample: &Sample) -> Result<(), MergeInputsError> {
    // On another machine the same file may lie under another base.
    let known: Vec<String> =
        campaign.samples.iter().flat_map(|sample| &sample.files).map(|file| campaign.shown_path(file)).collect();
    let shown: Vec<String> = sample.files.iter().map(|file| part.shown_path(file)).collect();
    if let Some(file) = shown.iter().find(|file| known.contains(file)) {
        return Err(MergeInputsError::Twice { file: file.clone() });
    }
    let files: Vec<PathBuf> = sample.files.clone();
    let Some(same) = campaign.samples.iter_mut().find(|other| other.name == sample.name) else {
        campaign.samples.push(sample.clone());
        return Ok(());
    };
    let split = |what: String| Err(MergeInputsError::Split { sample: sample.name.clone(), what });
    if same.layout != sample.layout || same.role != sample.role || same.planted != sample.planted {
        return Err(MergeInputsError::Differ { sample: sample.name.clone() });
    }
    if let Some(events) = sample.events.or(same.events) {
        return split(format!("cut to {events} events"));
    }
    if matches!(sample.role, Role::MonteCarlo { .. }) {
        return split("scaled to its whole cross section".to_string());
    }
    same.files.extend(files);
    Ok(())
}

/// Writes the campaign down and reads it back, so that its text says all of it.
fn rewritten(campaign: &Campaign, folder: &Path) -> Result<Campaign, MergeInputsError> {
    let text = super::written_back::with_inputs_of(campaign).map_err(MergeInputsError::Text)?;
    Ok(super::load::parse_filled(&text, &folder.join("campaign.resolved.yaml"))?)
}
