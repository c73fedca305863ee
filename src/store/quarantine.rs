//! What was refused, kept so that someone can look at it. A day has up to three files in `quarantine/YYYY/MM/`:
//! `SYMBOL_YYYYMMDD.json`, a refused payload exactly as received; `SYMBOL_YYYYMMDD.reason.txt`, one line that says
//! why; `SYMBOL_YYYYMMDD.jsonl`, refused bars, one JSON object a line. Nothing in the pipeline reads them back.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Number, Value};

use super::{Lake, StoreError};
use crate::model::{Bar, Day, Symbol};

/// So many days are asked for one by one; of more, the folders are walked.
const ASKED_SINGLY_MAX: usize = 64;

/// A bar that broke a hard rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedBar {
    /// As it came out of transform.
    pub bar: Bar,
    /// The rule it broke, in words.
    pub rule: String,
}

/// A payload that was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPayload {
    /// As received.
    pub bytes: Vec<u8>,
    /// Why; empty when nobody said.
    pub reason: String,
}

/// What is in quarantine for one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedDay {
    /// The UTC day.
    pub day: Day,
    /// Whether its payload was refused.
    pub payload: bool,
    /// Whether bars of it were refused.
    pub bars: bool,
}

impl Lake {
    /// Keeps a refused payload of a day, in place of an earlier one.
    pub fn write_refused_payload(
        &self,
        symbol: &Symbol,
        day: Day,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StoreError> {
        let (reason_path, path) =
            (self.refused_reason_path(symbol, day), self.refused_payload_path(symbol, day));
        let line = format!("{}\n", reason.replace(['\n', '\r'], " "));
        // A day that is refused by every run is not written by every run.
        let lies_there = self.read_whole(&path)?.as_deref() == Some(bytes)
            && self.read_whole(&reason_path)?.as_deref() == Some(line.as_bytes());
        if lies_there {
            return Ok(());
        }
        // The reason first: a payload never lies here without one.
        self.store_sealed(&reason_path, line.as_bytes(), None)?;
        self.store_sealed(&path, bytes, None)
    }

    /// The refused payload of a day, if there is one.
    pub fn read_refused_payload(
        &self,
        symbol: &Symbol,
        day: Day,
    ) -> Result<Option<RefusedPayload>, StoreError> {
        let Some(bytes) = self.read_whole(&self.refused_payload_path(symbol, day))? else { return Ok(None) };
        let reason = self.read_whole(&self.refused_reason_path(symbol, day))?.unwrap_or_default();
        let reason = String::from_utf8_lossy(&reason).trim_end().to_owned();
        Ok(Some(RefusedPayload { bytes, reason }))
    }

    /// Forgets the refused payload of a day that the cache has a newer one of, from `payloads_of`. What was refused
    /// after the payload that is held came stays: it is what the feed said last.
    pub fn clear_older_refusal(
        &self,
        symbol: &Symbol,
        payloads_of: &Symbol,
        day: Day,
    ) -> Result<bool, StoreError> {
        let time_of = |path: &Path| -> Result<Option<i64>, StoreError> {
            let stamp = self.disk.stamp(path).map_err(StoreError::at("looking at", path))?;
            Ok(stamp.map(|stamp| stamp.mtime_ms))
        };
        let refused_ms = time_of(&self.refused_payload_path(symbol, day))?;
        let held_ms = time_of(&self.finished_path(payloads_of, day))?;
        match refused_ms.zip(held_ms) {
            Some((refused_ms, held_ms)) if refused_ms <= held_ms => self.clear_refused_payload(symbol, day),
            _ => Ok(false),
        }
    }

    /// Forgets the refused payload of a day; false when there was none.
    pub fn clear_refused_payload(&self, symbol: &Symbol, day: Day) -> Result<bool, StoreError> {
        let was_there = self.clear(&self.refused_payload_path(symbol, day))?;
        self.clear(&self.refused_reason_path(symbol, day))?;
        Ok(was_there)
    }

    /// Makes these the refused bars of a day; none clears them. Returns whether anything changed: what lies there
    /// already is not written again.
    pub fn write_refused_bars(
        &self,
        symbol: &Symbol,
        day: Day,
        refused: &[RefusedBar],
    ) -> Result<bool, StoreError> {
        if refused.is_empty() {
            return self.clear_refused_bars(symbol, day);
        }
        let path = self.refused_bars_path(symbol, day);
        let text: String = refused.iter().map(|refused| refused.to_line() + "\n").collect();
        if self.read_whole(&path)?.as_deref() == Some(text.as_bytes()) {
            return Ok(false);
        }
        self.store_sealed(&path, text.as_bytes(), None).map(|()| true)
    }

    /// The refused bars of a day; lines that are none of ours are left out.
    pub fn read_refused_bars(&self, symbol: &Symbol, day: Day) -> Result<Vec<RefusedBar>, StoreError> {
        let bytes = self.read_whole(&self.refused_bars_path(symbol, day))?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).lines().filter_map(RefusedBar::from_line).collect())
    }

    /// Whether bars of a day are in quarantine.
    pub fn has_refused_bars(&self, symbol: &Symbol, day: Day) -> Result<bool, StoreError> {
        self.lies(&self.refused_bars_path(symbol, day))
    }

    /// What is in quarantine for one day; `None` when nothing is.
    pub fn refused_day(&self, symbol: &Symbol, day: Day) -> Result<Option<RefusedDay>, StoreError> {
        let payload = self.lies(&self.refused_payload_path(symbol, day))?;
        let bars = self.lies(&self.refused_bars_path(symbol, day))?;
        Ok((payload || bars).then_some(RefusedDay { day, payload, bars }))
    }

    /// Forgets the refused bars of a day; false when there were none.
    pub fn clear_refused_bars(&self, symbol: &Symbol, day: Day) -> Result<bool, StoreError> {
        self.clear(&self.refused_bars_path(symbol, day))
    }

    /// The days of a symbol with something in quarantine, in order.
    pub fn refused_days(&self, symbol: &Symbol) -> Result<Vec<RefusedDay>, StoreError> {
        let days = self.refused_days_since(std::slice::from_ref(symbol), Day::from_epoch_days(0))?;
        Ok(days.into_values().flatten().collect())
    }

    /// As [`refused_days`](Lake::refused_days), for many symbols at once and from a day on: older months are not
    /// looked at, and the folders are walked once. A symbol without any has an empty list.
    pub fn refused_days_since(
        &self,
        symbols: &[Symbol],
        first: Day,
    ) -> Result<BTreeMap<Symbol, Vec<RefusedDay>>, StoreError> {
        let mut found: BTreeMap<(&str, Day), RefusedDay> = BTreeMap::new();
        for extension in ["json", "jsonl"] {
            self.each_day_file(&self.paths.quarantine, extension, first, |name, day| {
                if let Some(symbol) = symbols.iter().find(|symbol| symbol.as_str() == name) {
                    let new = RefusedDay { day, payload: false, bars: false };
                    let refused = found.entry((symbol.as_str(), day)).or_insert(new);
                    refused.payload |= extension == "json";
                    refused.bars |= extension == "jsonl";
                }
            })?;
        }
        let of = |symbol: &Symbol| {
            let mine = found.iter().filter(|((name, _), _)| *name == symbol.as_str());
            mine.map(|(_, refused)| *refused).collect()
        };
        Ok(symbols.iter().map(|symbol| (symbol.clone(), of(symbol))).collect())
    }

    /// What is in quarantine of these days, which are in increasing order. A run looks at a few days again and again,
    /// and must not pay for what history has left: it asks for each of them instead of walking the folders.
    pub fn refused_among(
        &self,
        symbol: &Symbol,
        days: &[Day],
    ) -> Result<BTreeMap<Day, RefusedDay>, StoreError> {
        let refused: Vec<RefusedDay> = match days {
            [] => Vec::new(),
            days if days.len() <= ASKED_SINGLY_MAX => {
                let each = days.iter().map(|day| self.refused_day(symbol, *day).transpose());
                each.flatten().collect::<Result<_, _>>()?
            }
            [first, ..] => {
                let found = self.refused_days_since(std::slice::from_ref(symbol), *first)?;
                found.into_values().flatten().collect()
            }
        };
        Ok(refused.into_iter().map(|refused| (refused.day, refused)).collect())
    }

    fn lies(&self, path: &Path) -> Result<bool, StoreError> {
        Ok(self.disk.stamp(path).map_err(StoreError::at("looking at", path))?.is_some())
    }

    fn read_whole(&self, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(path).map_err(StoreError::at("reading", path))
    }

    /// Looks first: nearly always there is nothing, and removing nothing is a step on a counting disk.
    fn clear(&self, path: &Path) -> Result<bool, StoreError> {
        if !self.lies(path)? {
            return Ok(false);
        }
        self.unseal(path)?;
        self.disk.remove_file(path).map_err(StoreError::at("removing", path))
    }
}

impl RefusedBar {
    /// One line of JSON, without its end. JSON has no word for a number that is not finite: it becomes a text.
    fn to_line(&self) -> String {
        let bar = &self.bar;
        let mut line = format!("{{\"time_ms\":{}", bar.time_ms);
        for (name, number) in numbers(bar) {
            let value = Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number);
            line += &format!(",\"{name}\":{value}");
        }
        line + &format!(",\"utc_offset_s\":{},\"rule\":{}}}", bar.utc_offset_s, Value::from(&*self.rule))
    }

    fn from_line(line: &str) -> Option<RefusedBar> {
        let object: Value = serde_json::from_str(line).ok()?;
        let number = |name: &str| match &object[name] {
            Value::String(text) => text.parse().ok(),
            value => value.as_f64(),
        };
        let bar = Bar {
            time_ms: object["time_ms"].as_u64()?,
            open: number("open")?,
            high: number("high")?,
            low: number("low")?,
            close: number("close")?,
            volume: number("volume")?,
            utc_offset_s: object["utc_offset_s"].as_i64()?.try_into().ok()?,
            count: 1,
            ..Bar::default()
        };
        Some(RefusedBar { bar: bar.sealed(), rule: object["rule"].as_str()?.to_owned() })
    }
}

fn numbers(bar: &Bar) -> [(&'static str, f64); 5] {
    [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close), ("volume", bar.volume)]
}
