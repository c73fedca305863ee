//! One series against itself: its record, and every record in its file.

use super::finding::{Finding, Place, Wrong};
use super::records::{Fault, Law, faults};
use crate::model::bar::BAR_SIZE;
use crate::model::cascade::Cascade;
use crate::model::day::MINUTE_MS;
use crate::model::settings::Validate;
use crate::model::{Bar, Settings, Timeframe};
use crate::store::{Commit, Distrust, Evidence, Lake, SeriesKey, StoreError};

/// A series that was looked at.
#[derive(Debug)]
pub struct Looked {
    /// Which one.
    pub key: SeriesKey,
    /// Its two files.
    pub evidence: Evidence,
    /// Records that are not as they should be, in order.
    pub faults: Vec<Fault>,
    /// Everything that is to be said about it so far.
    pub findings: Vec<Finding>,
    /// Another configuration has made it, or none has: nobody knows what it has to be.
    pub unknown: bool,
}

/// What a series is expected to be.
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    /// A series of the present configuration, with its fingerprint.
    Known(u64, Law<'a>),
    /// The configuration does not have it.
    Unconfigured,
}

/// What the 1m series of a symbol is expected to be.
pub fn minutes<'a>(cascade: &'a Cascade, settings: &Settings) -> Expected<'a> {
    let rules = matches!(settings.transform.validate, Validate::Quarantine | Validate::Reject);
    Expected::Known(cascade.minute_fingerprint, Law { minutes: true, server: Some(&cascade.server), rules })
}

/// Looks at a series; none when there is neither a file nor a record.
pub fn look(lake: &Lake, key: &SeriesKey, expected: Expected<'_>) -> Result<Option<Looked>, StoreError> {
    let Some(evidence) = lake.evidence(key)? else { return Ok(None) };
    let mut looked =
        Looked { key: key.clone(), evidence, faults: Vec::new(), findings: Vec::new(), unknown: true };
    let of_record = looked.record_wrong();
    let stale = looked.evidence.commit();
    let law = match (expected, stale) {
        (Expected::Known(fingerprint, law), Some(commit)) if commit.fits(fingerprint) => {
            looked.unknown = false;
            law
        }
        (Expected::Known(..), Some(_)) => {
            looked.say(lake, Wrong::Stale);
            Law { minutes: key.source.is_none(), ..Law::default() }
        }
        (Expected::Known(_, law), None) => {
            looked.unknown = false;
            law
        }
        (Expected::Unconfigured, _) => {
            looked.say(lake, Wrong::Unconfigured);
            Law::default()
        }
    };
    if let Some(wrong) = of_record {
        looked.findings.push(looked.about(wrong, lake.commit_path(key)));
    }
    if looked.evidence.record.is_some() {
        looked.look_at_records(lake, law);
    } else if looked.evidence.held > 0 {
        looked.say(lake, Wrong::Uncommitted);
    }
    Ok(Some(looked))
}

impl Looked {
    /// Nothing is damaged, and what it holds may be folded from and compared with.
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(Finding::is_damage)
    }

    /// Whether it can be compared with its source, or be one.
    pub fn is_comparable(&self) -> bool {
        self.is_sound() && !self.unknown && self.evidence.record.is_some()
    }

    /// Records without a checksum among those that have one: nobody else has written into this series, so something
    /// that has a source can be made of them again.
    pub fn is_mixed(&self) -> bool {
        self.unsealed() > 0 && self.unsealed() < self.bars().len()
    }

    /// Records that have to be replaced: all that are wrong, and in a series of our own those without a checksum.
    pub fn to_replace(&self) -> impl Iterator<Item = &Fault> {
        let mixed = self.is_mixed();
        self.faults.iter().filter(move |fault| mixed || fault.wrong != Wrong::Foreign)
    }

    fn unsealed(&self) -> usize {
        self.faults.iter().filter(|fault| fault.wrong == Wrong::Foreign).map(|fault| fault.count).sum()
    }

    /// Its committed records as far as they are held.
    pub fn bars(&self) -> &[Bar] {
        self.evidence.bars()
    }

    /// What it has promised; nothing if that is not known.
    pub fn commit(&self) -> Commit {
        self.evidence.commit().unwrap_or_default()
    }

    /// Adds a finding about the series file.
    pub fn say(&mut self, lake: &Lake, wrong: Wrong) {
        self.findings.push(self.about(wrong, lake.series_path(&self.key)));
    }

    /// Adds a finding about records in a row.
    pub fn say_at(&mut self, lake: &Lake, wrong: Wrong, first: usize, count: usize) {
        let place = Some(self.place(first, count));
        self.findings.push(Finding { records: place, ..self.about(wrong, lake.series_path(&self.key)) });
    }

    fn about(&self, wrong: Wrong, path: std::path::PathBuf) -> Finding {
        let timeframe = Some(self.key.timeframe.clone());
        Finding { timeframe, ..Finding::of_file(wrong, path).of(&self.key.symbol) }
    }

    fn place(&self, first: usize, count: usize) -> Place {
        let believed = |bar: &&Bar| bar.is_unsealed() || bar.is_intact();
        let bars = &self.bars()[..(first + 1).min(self.bars().len())];
        let server_ms = bars.iter().rev().find(believed).map(Bar::server_ms);
        Place { first: first as u64, count: count as u64, server_ms }
    }

    fn look_at_records(&mut self, lake: &Lake, law: Law<'_>) {
        self.evidence.read_ahead();
        self.faults = faults(self.bars(), law, &|done| self.evidence.release(done));
        for fault in self.faults.clone() {
            self.say_at(lake, fault.wrong, fault.first, fault.count);
        }
        let claimed = self.evidence.commit().map(|commit| commit.out_pos);
        match claimed {
            Some(claimed) if claimed < self.evidence.held => {
                self.say(lake, Wrong::Garbage(self.evidence.held - claimed));
            }
            _ => {}
        }
    }

    /// What is wrong with the commit record as such.
    fn record_wrong(&self) -> Option<Wrong> {
        let commit = match self.evidence.record.as_ref()? {
            Ok(commit) => commit,
            Err(reason) => return Some(Wrong::Record(reason.to_string())),
        };
        impossible(commit, &self.key, &self.evidence).map(Wrong::Claim)
    }
}

/// What a commit record says that cannot be, whatever the source of its series holds.
pub fn impossible(commit: &Commit, key: &SeriesKey, evidence: &Evidence) -> Option<String> {
    if commit.out_pos > evidence.held {
        let reason = Distrust::Claims { claimed: commit.out_pos, held: evidence.held };
        return Some(reason.to_string());
    }
    let last_ms = evidence.bars().last().filter(|bar| bar.is_intact()).map(|bar| bar.time_ms as i64);
    let watermark_ms = commit.watermark_ms as i64;
    if key.source.is_some() {
        return match last_ms {
            Some(last_ms) if last_ms >= watermark_ms => {
                Some("the watermark is not after the last label".to_owned())
            }
            _ if commit.last_date.is_some() || commit.reconcile_from.is_some() => {
                Some("days are noted, which is for 1m only".to_owned())
            }
            _ => None,
        };
    }
    let bars_ms = last_ms.map_or(0, |last_ms| last_ms + MINUTE_MS);
    let days_ms = commit.last_date.map_or(0, crate::model::Day::end_ms);
    // A series that is to be compared again may be one that was taken back to an instant.
    let settled = commit.reconcile_from.is_none() && commit.fingerprint != 0 && last_ms.is_some();
    if commit.in_pos != 0 {
        Some("a 1m series has no source to resume in".to_owned())
    } else if watermark_ms < bars_ms {
        Some("the watermark is before the end of the last bar".to_owned())
    } else if settled && watermark_ms != bars_ms.max(days_ms) {
        Some("the watermark is neither the end of the last day nor of the last bar".to_owned())
    } else {
        None
    }
}

/// Records the file should hold and does not.
pub fn missing_records(looked: &Looked) -> usize {
    let claimed = looked.commit().out_pos / BAR_SIZE as u64;
    (claimed as usize).saturating_sub(looked.bars().len())
}

/// The source of a series, for messages.
pub fn source_name(key: &SeriesKey) -> Timeframe {
    key.source.clone().unwrap_or_else(Timeframe::minute)
}
