//! What came of a run, in words, as a table and as JSON.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::context::Context;
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use super::wording;
use crate::aggregate::Correction;
use crate::download::{DownloadError, SymbolOutcome};
use crate::ingest::{Gone, IngestError, RunReport, SymbolReport};
use crate::model::{Day, Symbol, Timeframe};
use crate::resample::SeriesState;

/// The figures of a run.
pub(super) struct Summary {
    symbols: usize,
    days: u64,
    /// Timeframe, bars in all, new bars; 1m first.
    bars: Vec<(Timeframe, u64, u64)>,
    fetched: u64,
    quarantined: u64,
    suspects: u64,
    corrections: Vec<(Symbol, Correction)>,
    gone: Vec<(Symbol, Gone)>,
    elapsed: Duration,
    left_out: Vec<LeftOut>,
    damaged: Vec<Damaged>,
    notes: Vec<String>,
    failure: Option<Failure>,
    aggregated: bool,
    resampled: bool,
}

/// Something that was not done, and why.
struct LeftOut {
    symbol: Symbol,
    days: Vec<Day>,
    what: String,
    /// Each of its days has a line of its own among the damaged ones.
    by_day: bool,
}

/// A day whose payload is not as it should be.
struct Damaged {
    symbol: Symbol,
    day: Day,
    kind: &'static str,
    /// Bars concerned; none when the whole payload was refused.
    bars: usize,
    reason: String,
}

/// Days named in one line; more are counted.
const DAYS_NAMED: usize = 5;

/// Damaged days that have a line each; more are counted, and `--json` names them all.
const DAMAGED_NAMED: usize = 20;

impl Summary {
    pub(super) fn of(report: &RunReport, elapsed: Duration) -> Summary {
        let mut summary = Summary {
            symbols: report.symbols.len(),
            days: 0,
            bars: Vec::new(),
            fetched: 0,
            quarantined: 0,
            suspects: 0,
            corrections: Vec::new(),
            gone: Vec::new(),
            elapsed,
            left_out: Vec::new(),
            damaged: Vec::new(),
            notes: Vec::new(),
            failure: None,
            aggregated: report.symbols.iter().any(|symbol| symbol.minutes.is_some()),
            resampled: report.symbols.iter().any(|symbol| !symbol.series.is_empty()),
        };
        let mut told = BTreeSet::new();
        for symbol in &report.symbols {
            // An alias carries its source's download, which is told once.
            if let Some(outcome) =
                symbol.download.as_ref().filter(|outcome| told.insert(outcome.symbol.clone()))
            {
                summary.add_download(outcome);
            }
            summary.add_symbol(symbol);
        }
        if report.nonsense {
            summary.fail(
                Failure::nonsense(
                    "every answer of the feed was refused: it sends something else than candles",
                )
                .hint("look at data/quarantine and at download.base_url"),
            );
        }
        if report.unreachable {
            summary.fail(Failure::try_again("the feed cannot be reached").hint(
                "check the network and download.base_url, then run again; what the cache holds was processed",
            ));
        }
        summary
    }

    /// The first failure is the one that is told; a store that needs care comes before a feed that does not answer.
    fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Something else that people should know, if there is.
    pub(super) fn note(&mut self, note: Option<String>) {
        self.notes.extend(note);
    }

    fn add_download(&mut self, outcome: &SymbolOutcome) {
        self.fetched += outcome.fetched.len() as u64 + u64::from(outcome.running);
        let symbol = &outcome.symbol;
        if let Some((_, first)) = outcome.failed.first() {
            let days = outcome.failed.iter().map(|(day, _)| *day).collect();
            self.leave_out(symbol, days, format!("not downloaded: {first}"));
        }
        for (_, error) in &outcome.failed {
            if let DownloadError::Store { source, .. } = error {
                self.fail(source.into());
            }
        }
        if let Some(error) = &outcome.store {
            self.leave_out(symbol, Vec::new(), format!("not downloaded: {error}"));
            self.fail(error.into());
        }
        if !outcome.not_found.is_empty() {
            let what = if outcome.is_unknown() {
                "the feed does not know this symbol (404)"
            } else {
                "not found (404)"
            };
            self.leave_out(symbol, outcome.not_found.clone(), what.to_owned());
        }
        if !outcome.suspicious.is_empty() {
            let days = named(&outcome.suspicious);
            self.notes.push(format!("{symbol}: empty although it trades, asked again next time: {days}"));
        }
        if !outcome.kept.is_empty() {
            let days = named(&outcome.kept);
            self.notes
                .push(format!("{symbol}: answered worse than before, the older payload was kept: {days}"));
        }
    }

    fn add_symbol(&mut self, report: &SymbolReport) {
        let symbol = &report.symbol;
        self.days += report.days;
        self.quarantined += report.refused_bars;
        self.suspects += report.suspects;
        if report.refused_bars > 0 {
            self.notes.push(quarantined(report));
        }
        self.add_damaged(report);
        if let Some(minutes) = &report.minutes {
            self.add_bars(&Timeframe::minute(), minutes.bars, minutes.new_bars);
            self.corrections.extend(minutes.correction.map(|correction| (symbol.clone(), correction)));
            if let Some(reason) = &minutes.repaired {
                self.notes.push(format!(
                    "{symbol}: 1m was cut back to what can be proven and made again: {reason}"
                ));
            }
        }
        for series in &report.series {
            self.add_bars(&series.timeframe, series.bars, series.new_bars);
            if let SeriesState::Repaired { reason } = &series.state {
                self.notes.push(format!("{symbol}: {} was folded again: {reason}", series.timeframe));
            }
        }
        self.gone.extend(report.gone.map(|gone| (symbol.clone(), gone)));
        if let [(_, why), ..] = &report.refused_days[..] {
            let days = report.refused_days.iter().map(|(day, _)| *day).collect();
            let what = format!("refused: {why}");
            self.left_out.push(LeftOut { symbol: symbol.clone(), days, what, by_day: true });
        }
        if report.is_stale() {
            let minutes = report.minutes.as_ref().is_some_and(|minutes| minutes.stale);
            let rebuild = if minutes { "full" } else { "resample" };
            self.leave_out(symbol, Vec::new(), format!(
                "made by another configuration and not extended: `engine rebuild {rebuild} --symbols {symbol}`, or --rebuild-changed"
            ));
        }
        if let Some(why) = report.why_unfinished() {
            self.leave_out(symbol, Vec::new(), format!("not finished: {why}"));
            match report.error.as_deref() {
                Some(IngestError::Store(error)) => self.fail(error.into()),
                Some(IngestError::Order(error)) => self.fail(Failure::usage(error.to_string())),
                Some(IngestError::NothingToRebuild { .. }) => {}
                Some(decision) => self.fail(Failure::usage(decision.to_string())),
                None => self.fail(Failure::store(why)),
            }
        }
    }

    fn add_damaged(&mut self, report: &SymbolReport) {
        let damaged = |day: Day, kind, bars: usize, reason: String| {
            let symbol = report.symbol.clone();
            Damaged { symbol, day, kind, bars, reason }
        };
        let refused = report.refused_days.iter();
        let mut all: Vec<Damaged> =
            refused.map(|(day, why)| damaged(*day, "refused", 0, why.clone())).collect();
        for odd in &report.odd_days {
            if odd.refused > 0 {
                all.push(damaged(odd.day, "quarantined", odd.refused, odd.rules.join("; ")));
            }
            if odd.suspects > 0 {
                all.push(damaged(odd.day, "suspect", odd.suspects, "kept and flagged".to_owned()));
            }
        }
        all.sort_by_key(|damaged| damaged.day);
        self.damaged.append(&mut all);
    }

    fn add_bars(&mut self, timeframe: &Timeframe, bars: u64, new: u64) {
        match self.bars.iter_mut().find(|(id, ..)| id == timeframe) {
            Some((_, all, fresh)) => {
                *all += bars;
                *fresh += new;
            }
            None => self.bars.push((timeframe.clone(), bars, new)),
        }
    }

    fn leave_out(&mut self, symbol: &Symbol, days: Vec<Day>, what: String) {
        self.left_out.push(LeftOut { symbol: symbol.clone(), days, what, by_day: false });
    }

    /// Days compared with their payloads, if that stage ran.
    pub(super) fn days_reconciled(&self) -> Option<u64> {
        self.aggregated.then_some(self.days)
    }

    /// New 1m bars.
    pub(super) fn new_minutes(&self) -> u64 {
        self.bars.iter().filter(|(id, ..)| id.is_minute()).map(|(_, _, new)| new).sum()
    }

    /// New bars of coarser series, if that stage ran.
    pub(super) fn new_folded(&self) -> Option<u64> {
        self.resampled.then(|| self.new_bars() - self.new_minutes())
    }

    fn new_bars(&self) -> u64 {
        self.bars.iter().map(|(_, _, new)| new).sum()
    }

    fn is_nothing_new(&self) -> bool {
        self.new_bars() == 0 && self.corrections.is_empty() && !(self.bars.is_empty() && self.fetched > 0)
    }

    /// What people should know besides the figures, a line each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let left_out = self.left_out.iter().filter(|one| !one.by_day).map(|one| {
            let days = if one.days.is_empty() { String::new() } else { format!(" {}", named(&one.days)) };
            format!("{}:{days} {}", one.symbol, one.what)
        });
        let corrections = self
            .corrections
            .iter()
            .map(|(symbol, correction)| format!("{symbol}: {}", wording::correction(correction)));
        let gone = self.gone.iter().map(|(symbol, gone)| format!("{symbol}: {}", wording::gone(gone)));
        let damaged = self.damaged.iter().take(DAMAGED_NAMED).map(Damaged::line);
        let more = self.damaged.len().saturating_sub(DAMAGED_NAMED);
        let more = (more > 0).then(|| format!("and {more} more damaged days (--json names them all)"));
        let told = self.notes.iter().cloned().chain(corrections).chain(gone).chain(left_out);
        told.chain(damaged).chain(more).collect()
    }

    /// The figures on stdout: a table, or one JSON object.
    pub(super) fn print(&self, context: &Context) -> Result<(), Failure> {
        if context.global.json {
            return output::print_json(&self.json());
        }
        if context.global.quiet {
            return Ok(());
        }
        let mut text = self.table();
        if self.is_nothing_new() {
            text += "nothing new\n";
        }
        output::print(&text)
    }

    fn table(&self) -> String {
        let one = |name: &str, value: String| vec![name.to_owned(), value, String::new()];
        let mut rows = vec![one("symbols", grouped(self.symbols as u64)), one("days", grouped(self.days))];
        if self.fetched > 0 {
            rows.push(one("payloads fetched", grouped(self.fetched)));
        }
        for (timeframe, bars, new) in &self.bars {
            rows.push(vec![format!("bars {timeframe}"), grouped(*bars), grouped(*new)]);
        }
        rows.push(one("quarantined", grouped(self.quarantined)));
        if !self.corrections.is_empty() {
            rows.push(one("corrections", grouped(self.corrections.len() as u64)));
        }
        if !self.left_out.is_empty() {
            rows.push(one("left out", grouped(self.left_out.len() as u64)));
        }
        rows.push(one("seconds", format!("{:.3}", self.elapsed.as_secs_f64())));
        rows.push(vec!["bars/s".to_owned(), String::new(), grouped(self.bars_per_s())]);
        output::table(&["", "all", "new"], rows)
    }

    fn json(&self) -> serde_json::Value {
        let bars: serde_json::Map<String, serde_json::Value> = self
            .bars
            .iter()
            .map(|(id, all, new)| (id.to_string(), json!({ "all": all, "new": new })))
            .collect();
        let days = |days: &[Day]| days.iter().map(Day::to_string).collect::<Vec<_>>();
        let left_out: Vec<_> = self
            .left_out
            .iter()
            .map(|one| json!({ "symbol": one.symbol.as_str(), "days": days(&one.days), "reason": one.what }))
            .collect();
        let corrections: Vec<_> = self
            .corrections
            .iter()
            .map(|(symbol, correction)| wording::correction_json(symbol, correction))
            .collect();
        let gone = self
            .gone
            .iter()
            .map(|(symbol, gone)| json!({ "symbol": symbol.as_str(), "days": gone.days, "bars": gone.bars }));
        let damaged: Vec<_> = self.damaged.iter().map(Damaged::json).collect();
        json!({
            "symbols": self.symbols,
            "days": self.days,
            "fetched": self.fetched,
            "bars": bars,
            "new_bars": self.new_bars(),
            "nothing_new": self.is_nothing_new(),
            "quarantined": self.quarantined,
            "suspect": self.suspects,
            "corrections": corrections,
            "gone": gone.collect::<Vec<_>>(),
            "left_out": left_out,
            "damaged": damaged,
            "notes": self.notes,
            "seconds": self.elapsed.as_secs_f64(),
            "bars_per_s": self.bars_per_s(),
        })
    }

    fn bars_per_s(&self) -> u64 {
        (self.new_bars() as f64 / self.elapsed.as_secs_f64().max(1e-9)) as u64
    }

    /// What the exit code has to say.
    pub(super) fn exit(self, max_suspect: u64) -> Result<Exit, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let is_whole = self.left_out.is_empty() && self.quarantined <= max_suspect;
        Ok(if is_whole { Exit::Done } else { Exit::LeftOut })
    }
}

impl Damaged {
    fn line(&self) -> String {
        let Damaged { symbol, day, kind, bars, reason } = self;
        match (*bars, *kind) {
            (0, _) => format!("{symbol} {day}: {kind}: {reason}"),
            (1, _) => format!("{symbol} {day}: 1 bar {kind}: {reason}"),
            _ => format!("{symbol} {day}: {bars} bars {kind}: {reason}"),
        }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "symbol": self.symbol.as_str(), "day": self.day.to_string(), "kind": self.kind,
            "bars": self.bars, "reason": self.reason,
        })
    }
}

fn named(days: &[Day]) -> String {
    let names: Vec<String> = days.iter().take(DAYS_NAMED).map(Day::to_string).collect();
    let more = days.len().saturating_sub(DAYS_NAMED);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// That bars of a symbol are in quarantine, and the way out.
fn quarantined(report: &SymbolReport) -> String {
    let symbol = &report.symbol;
    let bars = grouped(report.refused_bars);
    let refused = report.odd_days.iter().find(|odd| odd.refused > 0);
    let day = refused.map_or_else(|| "DAY".to_owned(), |odd| odd.day.to_string());
    format!(
        "{symbol}: bars in quarantine: {bars}; data/quarantine says which and why, \
         `engine audit --release {symbol} {day}` takes those of a day in"
    )
}
