//! What is shown while work goes on: bars on a terminal, a line a stage elsewhere, nothing when quiet.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::context::Context;
use super::output::grouped;
use super::summary::Summary;
use crate::download::{Downloaded, Progress};
use crate::ingest::Event;

/// Tells people how far the work is.
pub(super) struct Reporter {
    lines: bool,
    days: ProgressBar,
    symbols: ProgressBar,
}

/// A bar over a known number of things; hidden unless a terminal is there to show it.
pub(super) fn bar(context: &Context, name: &'static str, unit: &str, length: u64) -> ProgressBar {
    let bar = if is_on_terminal(context) { styled(name, unit) } else { ProgressBar::hidden() };
    bar.set_length(length);
    bar
}

fn is_on_terminal(context: &Context) -> bool {
    std::io::stderr().is_terminal() && !context.global.quiet
}

fn styled(name: &'static str, unit: &str) -> ProgressBar {
    let template = format!("{{prefix:9}} {{wide_bar}} {{pos}}/{{len}} {unit} {{elapsed}} {{msg}}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_prefix(name)
}

impl Reporter {
    pub(super) fn new(context: &Context) -> Reporter {
        let on_terminal = is_on_terminal(context);
        let bars = MultiProgress::new();
        let bar = |name: &'static str, unit: &str| match on_terminal {
            true => bars.add(styled(name, unit)),
            false => ProgressBar::hidden(),
        };
        let (days, symbols) = (bar("download", "days"), bar("process", "symbols"));
        Reporter { lines: !on_terminal && !context.global.quiet, days, symbols }
    }

    /// Takes one step of the work in.
    pub(super) fn event(&self, event: &Event<'_>) {
        match event {
            Event::Download(Progress::Planned { days, .. }) => self.days.inc_length(*days as u64),
            Event::Download(Progress::Day { .. }) => self.days.inc(1),
            Event::Download(Progress::Waiting { asked, attempt, pause, reason }) => {
                tracing::info!(attempt, pause_s = pause.as_secs_f64(), "{asked}: {reason}");
                self.days.set_message(format!("(waiting: {reason})"));
            }
            Event::Download(Progress::Symbol { outcome }) => {
                tracing::info!(
                    fetched = outcome.fetched.len(),
                    failed = outcome.failed.len(),
                    "{}",
                    outcome.symbol
                );
                self.days.set_message(String::new());
            }
            Event::Processing { symbols } => self.symbols.set_length(*symbols as u64),
            Event::Symbol(report) => {
                tracing::info!(days = report.days, "{} is through", report.symbol);
                self.symbols.inc(1);
            }
        }
    }

    /// The download stage is over.
    pub(super) fn downloaded(&self, downloaded: &Downloaded) {
        self.days.finish_and_clear();
        let count = |of: fn(&crate::download::SymbolOutcome) -> usize| {
            grouped(downloaded.symbols.iter().map(of).sum::<usize>() as u64)
        };
        self.line(&format!(
            "download: {} days fetched, {} running, {} failed",
            count(|outcome| outcome.fetched.len()),
            count(|outcome| usize::from(outcome.running)),
            count(|outcome| outcome.failed.len()),
        ));
    }

    /// The other stages are over.
    pub(super) fn processed(&self, summary: &Summary) {
        self.symbols.finish_and_clear();
        if let Some(days) = summary.days_reconciled() {
            self.line(&format!(
                "aggregate: {} days reconciled, {} new bars",
                grouped(days),
                grouped(summary.new_minutes())
            ));
        }
        if let Some(bars) = summary.new_folded() {
            self.line(&format!("resample: {} new bars", grouped(bars)));
        }
    }

    fn line(&self, text: &str) {
        if self.lines {
            // Nobody may be left to read it; that is no reason to stop.
            std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes()).ok();
        }
    }
}

/// One stage after another: a bar on a terminal, a line for each that is over elsewhere.
pub(super) struct StageBar {
    lines: bool,
    bar: ProgressBar,
}

impl StageBar {
    pub(super) fn new(context: &Context) -> StageBar {
        let on_terminal = std::io::stderr().is_terminal() && !context.global.quiet;
        let bar = if on_terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{prefix:9} {wide_bar} {pos}/{len} symbols {elapsed} {msg}");
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        StageBar { lines: !on_terminal && !context.global.quiet, bar }
    }

    /// A stage of so many steps begins.
    pub(super) fn begin(&self, name: &'static str, steps: usize) {
        self.bar.reset();
        self.bar.set_prefix(name);
        self.bar.set_length(steps as u64);
    }

    /// One step is over.
    pub(super) fn step(&self, what: &str) {
        tracing::info!("{what} is through");
        self.bar.inc(1);
    }

    /// The stage is over, and this came of it.
    pub(super) fn end(&self, line: &str) {
        self.bar.finish_and_clear();
        if self.lines {
            std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes()).ok();
        }
    }
}
