//! Progress of the event loop and of the scan: a bar with events/s and time left on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::digits;
use crate::progress::Progress;

use super::terminal::{is_watched, note};

/// Time until the first plain line, and between all that follow.
const PLAIN_FIRST: Duration = Duration::from_secs(1);
const PLAIN_EVERY: Duration = Duration::from_secs(10);
/// How often a bar is drawn even if nothing has moved.
const TICK: Duration = Duration::from_millis(250);

/// A progress display.
#[derive(Debug, Default)]
pub struct Bar {
    state: Mutex<Option<Stage>>,
}

#[derive(Debug)]
struct Stage {
    name: String,
    bar: Option<ProgressBar>,
    unit: &'static str,
    items: u64,
    done: u64,
    files: (u64, u64),
    start: Instant,
    next_line: Instant,
}

impl Bar {
    /// Ends the last stage.
    pub fn finish(&self) {
        if let Some(stage) = self.lock().take() {
            stage.finish();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Stage>> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn begin(&self, stage: &str, items: u64, unit: &'static str) {
        let bar = is_watched().then(|| {
            let template = "{msg:>8} [{bar:30}] {human_pos}/{human_len} UNIT  {per_sec}  {eta} left  {prefix}";
            let style = ProgressStyle::with_template(&template.replace("UNIT", unit))
                .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> "));
            let bar = ProgressBar::new(items).with_style(style).with_message(stage.to_string());
            bar.enable_steady_tick(TICK);
            bar
        });
        let now = Instant::now();
        let next_line = now + PLAIN_FIRST;
        let stage = Stage { name: stage.to_string(), bar, unit, items, done: 0, files: (0, 0), start: now, next_line };
        if let Some(before) = self.lock().replace(stage) {
            before.finish();
        }
    }

    fn advance(&self, items: u64) {
        let mut state = self.lock();
        let Some(stage) = state.as_mut() else { return };
        stage.done += items;
        match &stage.bar {
            Some(bar) => bar.inc(items),
            None if Instant::now() >= stage.next_line => {
                stage.next_line = Instant::now() + PLAIN_EVERY;
                note(&stage.line());
            }
            None => {}
        }
    }

    fn files(&self, done: u64, all: u64) {
        if let Some(stage) = self.lock().as_mut() {
            stage.files = (done, all);
            if let Some(bar) = &stage.bar {
                bar.set_prefix(format!("file {done}/{all}"));
            }
        }
    }
}

impl Stage {
    fn line(&self) -> String {
        let seconds = self.start.elapsed().as_secs_f64().max(1e-6);
        let rate = self.done as f64 / seconds;
        let left = (self.items.saturating_sub(self.done)) as f64 / rate.max(1.0);
        let files = match self.files {
            (_, 0) => String::new(),
            (done, all) => format!(" {done} files of {all},"),
        };
        format!(
            "{}: {} of {} {unit},{files} {} {unit}/s, {left:.0} s left",
            self.name,
            digits::count(self.done as f64),
            digits::count(self.items as f64),
            digits::count(rate.round()),
            unit = self.unit,
        )
    }

    fn finish(self) {
        let seconds = self.start.elapsed().as_secs_f64().max(1e-6);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let done = match (self.unit, self.done) {
            ("events", 1) => "1 event".to_string(),
            ("spectra", 1) => "1 spectrum".to_string(),
            (unit, done) => format!("{} {unit}", digits::count(done as f64)),
        };
        note(&format!(
            "{}: {done} in {seconds:.1} s, {} {}/s",
            self.name,
            digits::count((self.done as f64 / seconds).round()),
            self.unit,
        ));
    }
}
