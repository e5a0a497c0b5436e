//! Progress of the event loop: a bar with events/s and time left on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::digits;
use crate::fill::Progress;

use super::terminal::note;

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
    events: u64,
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
    fn begin(&self, stage: &str, events: u64) {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(
                "{msg:>8} [{bar:30}] {human_pos}/{human_len} events  {per_sec}  {eta} left  {prefix}",
            )
            .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> "));
            let bar = ProgressBar::new(events).with_style(style).with_message(stage.to_string());
            bar.enable_steady_tick(TICK);
            bar
        });
        let now = Instant::now();
        let next_line = now + PLAIN_FIRST;
        let stage = Stage { name: stage.to_string(), bar, events, done: 0, files: (0, 0), start: now, next_line };
        if let Some(before) = self.lock().replace(stage) {
            before.finish();
        }
    }

    fn advance(&self, events: u64) {
        let mut state = self.lock();
        let Some(stage) = state.as_mut() else { return };
        stage.done += events;
        match &stage.bar {
            Some(bar) => bar.inc(events),
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
        let left = (self.events.saturating_sub(self.done)) as f64 / rate.max(1.0);
        format!(
            "{}: {} of {} events, {} files of {}, {} events/s, {left:.0} s left",
            self.name,
            digits::count(self.done as f64),
            digits::count(self.events as f64),
            self.files.0,
            self.files.1,
            digits::count(rate.round()),
        )
    }

    fn finish(self) {
        let seconds = self.start.elapsed().as_secs_f64().max(1e-6);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        note(&format!(
            "{}: {} in {seconds:.1} s, {} events/s",
            self.name,
            digits::counted(self.done, "event", "events"),
            digits::count((self.done as f64 / seconds).round()),
        ));
    }
}
