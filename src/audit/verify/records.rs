//! Records one by one: checksums, order, and what a 1m bar must be. Pure.

use rayon::prelude::*;

use super::finding::Wrong;
use crate::model::Bar;
use crate::model::bar::FLAG_SUSPECT;
use crate::model::clock::Clock;
use crate::model::day::MINUTE_MS;

/// Records that one thread looks at in one go: 1 MiB.
const PIECE: usize = 16 * 1024;

/// Records after which memory is given back: 64 MiB.
const BLOCK: usize = 1024 * 1024;

/// What the records of a series must be beyond being intact and in order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Law<'a> {
    /// A 1m series: labels on minutes, `count` 1.
    pub minutes: bool,
    /// `utc_offset_s` is this clock's.
    pub server: Option<&'a Clock>,
    /// A bar without the flag keeps the hard rules.
    pub rules: bool,
}

/// Records in a row that are not as they should be, all for the same reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Index of the first.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Why.
    pub wrong: Wrong,
}

/// Looks at every record on all threads of the pool it is called in. `done` is told from time to time how many records
/// have been looked at and will not be needed again.
pub fn faults(bars: &[Bar], law: Law<'_>, done: &(dyn Fn(usize) + Sync)) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for start in (0..bars.len()).step_by(BLOCK) {
        let end = (start + BLOCK).min(bars.len());
        let pieces: Vec<usize> = (start..end).step_by(PIECE).collect();
        let of_piece = |from: &usize| faults_of_piece(bars, *from, (*from + PIECE).min(end), law);
        let of_block: Vec<Vec<Fault>> = match pieces.len() {
            1 => pieces.iter().map(of_piece).collect(),
            _ => pieces.par_iter().map(of_piece).collect(),
        };
        of_block.into_iter().flatten().for_each(|fault| join(&mut found, fault));
        done(end);
    }
    found
}

/// Nearly every piece is sound, and saying just that takes no branch per record.
fn faults_of_piece(bars: &[Bar], from: usize, to: usize, law: Law<'_>) -> Vec<Fault> {
    let before = from.checked_sub(1).map(|last| bars[last].time_ms);
    if all_intact(&bars[from..to], before) && all_lawful(&bars[from..to], law) {
        return Vec::new();
    }
    let mut found = Vec::new();
    // A time that cannot be believed says nothing about the order of those after it.
    let mut last_ms = bars[..from].iter().rev().find(|bar| is_believed(bar)).map(|bar| bar.time_ms);
    for (index, bar) in bars.iter().enumerate().take(to).skip(from) {
        let wrong = fault_of(bar, last_ms, law);
        if is_believed(bar) && wrong != Some(Wrong::Order) {
            last_ms = Some(bar.time_ms);
        }
        if let Some(wrong) = wrong {
            join(&mut found, Fault { first: index, count: 1, wrong });
        }
    }
    found
}

/// Whether all checksums are right and all times later than the one before. Records of other tools are not intact.
pub fn all_intact(bars: &[Bar], before_ms: Option<u64>) -> bool {
    let Some(first) = bars.first() else { return true };
    let in_order = bars.windows(2).fold(true, |sound, pair| sound & (pair[0].time_ms < pair[1].time_ms));
    in_order
        && before_ms.is_none_or(|before_ms| before_ms < first.time_ms)
        && bars.iter().fold(true, |sound, bar| sound & bar.is_intact())
}

fn all_lawful(bars: &[Bar], law: Law<'_>) -> bool {
    let minute = MINUTE_MS as u64;
    let known_flags = bars.iter().fold(0, |all, bar| all | bar.flags) & !FLAG_SUSPECT == 0;
    let minutes = !law.minutes
        || bars.iter().fold(true, |sound, bar| sound & (bar.count == 1) & bar.time_ms.is_multiple_of(minute));
    let rules = !law.rules || bars.iter().all(keeps_rules);
    known_flags && minutes && rules && law.server.is_none_or(|server| offsets_are_of(bars, server))
}

/// Offsets change twice a year: whole runs are compared.
fn offsets_are_of(bars: &[Bar], server: &Clock) -> bool {
    let mut rest = bars;
    while let Some(first) = rest.first() {
        let run = server.run_at(first.time_ms as i64);
        let here = rest.partition_point(|bar| (bar.time_ms as i64) < run.end_ms).max(1);
        if rest[..here].iter().any(|bar| bar.utc_offset_s != run.offset_s) {
            return false;
        }
        rest = &rest[here..];
    }
    true
}

fn fault_of(bar: &Bar, last_ms: Option<u64>, law: Law<'_>) -> Option<Wrong> {
    let in_order = last_ms.is_none_or(|last_ms| last_ms < bar.time_ms);
    if bar.is_unsealed() {
        return Some(if in_order { Wrong::Foreign } else { Wrong::Order });
    }
    if !bar.is_intact() {
        return Some(Wrong::Checksum);
    }
    let expected = law.server.map(|server| server.offset_s_at(bar.time_ms as i64));
    match bar {
        _ if !in_order => Some(Wrong::Order),
        _ if bar.flags & !FLAG_SUSPECT != 0 => Some(Wrong::Flags),
        _ if law.minutes && !bar.time_ms.is_multiple_of(MINUTE_MS as u64) => Some(Wrong::Label),
        _ if law.minutes && bar.count != 1 => Some(Wrong::Count),
        _ if law.rules && !keeps_rules(bar) => Some(Wrong::Rules),
        _ => expected
            .filter(|expected| *expected != bar.utc_offset_s)
            .map(|expected| Wrong::Offset { found: bar.utc_offset_s, expected }),
    }
}

fn is_believed(bar: &Bar) -> bool {
    bar.is_unsealed() || bar.is_intact()
}

/// SPEC 4.5; a bar that is let in although it breaks a rule is flagged.
fn keeps_rules(bar: &Bar) -> bool {
    let Bar { open, high, low, close, volume, .. } = *bar;
    let sound = (high >= open) & (high >= close) & (high >= low) & (low <= open) & (low <= close);
    let finite = (high < f64::INFINITY) & (low > f64::NEG_INFINITY) & (volume < f64::INFINITY);
    (sound & finite & (volume >= 0.0)) || bar.flags & FLAG_SUSPECT != 0
}

fn join(found: &mut Vec<Fault>, fault: Fault) {
    match found.last_mut() {
        Some(last) if last.first + last.count == fault.first && last.wrong == fault.wrong => {
            last.count += fault.count;
        }
        _ => found.push(fault),
    }
}
