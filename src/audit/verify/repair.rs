//! Putting right what is damaged, from what it was made of and by what made it; and nothing else.
//!
//! One bit that flipped is turned back by the checksum it broke. What is more than that comes from its source: coarser
//! bars from finer ones, 1m bars and quarantine from payloads. What has no source any more is kept aside and told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Report, Wrong};
use super::payloads::{refused_now, unusable};
use super::{Progress, Stage, Verify, unconfigured};
use crate::aggregate::range_of;
use crate::ingest::{ImageSource, Ingest, IngestError, Made};
use crate::model::cascade::Cascade;
use crate::model::{Bar, Day, Symbol, Timeframe};
use crate::store::{Proof, Resident, Role, SeriesKey};
use crate::transform::Scratch;

/// One thing that was done, or could not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// What.
    pub how: How,
    /// To which file.
    pub path: PathBuf,
    /// Whose.
    pub symbol: Option<Symbol>,
    /// Of which timeframe, where it is a series.
    pub timeframe: Option<Timeframe>,
    /// Of which day, where it is a day's.
    pub day: Option<Day>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // Each variant is said in words just above it.
pub enum How {
    #[error("one bit had flipped, and its checksum told which: it is as it was")]
    OneBit,
    #[error("{0} bars restored from the payloads of their days")]
    FromPayload(usize),
    #[error("{0} bars restored by folding {1} again")]
    FromSource(usize, Timeframe),
    #[error("folded anew from {0}")]
    Refolded(Timeframe),
    #[error("its commit record was made anew, and its bars compared with every payload")]
    Recommitted,
    #[error("reconciled with the payloads of {0} days")]
    Reconciled(usize),
    #[error("removed")]
    Removed,
    #[error("removed; the next run asks for it again")]
    AskAgain,
    #[error("written again from the payload of its day")]
    Rewritten,
    #[error("its file time was set to the moment it was asked for")]
    Timed,
    #[error("sealed as it is")]
    Sealed,
    #[error("written again from its series")]
    TextWritten,

    #[error("nothing holds these bytes once more: they are kept in {}", .0.display())]
    Kept(PathBuf),
    #[error(
        "{bars} bars from {from} to {to} are lost: the cache has no payload of these days. What was left of them is kept in {}; `engine run`, or `engine download --from {from} --to {to}` and then `engine aggregate`, brings them back", .kept.display()
    )]
    Lost { bars: usize, from: Day, to: Day, kept: PathBuf },
    #[error("not repaired: {0}")]
    Not(String),
}

impl How {
    /// Whether what was damaged is whole again.
    pub fn is_healed(&self) -> bool {
        !matches!(self, How::Kept(_) | How::Lost { .. } | How::Not(_))
    }
}

impl Verify<'_> {
    /// Puts right what the report calls damage, and removes what is left over. Series that are sound stay as they are.
    pub fn repair(&self, report: &Report) -> Result<Vec<Repair>, IngestError> {
        let ill: BTreeSet<Symbol> = report.findings.iter().filter(is_of_series).filter_map(whose).collect();
        (self.progress)(Progress::Stage(Stage::Repair, ill.len()));
        let mut done = Vec::new();
        let residents = self.lake.census()?;
        self.repair_files(&residents, &mut done)?;
        for symbol in &ill {
            if let Err(error) = self.repair_symbol(symbol, report, &residents, &mut done) {
                // One symbol does not stop the others.
                done.push(self.of_series(&SeriesKey::minute(symbol.clone()), How::Not(error.to_string())));
            }
            (self.progress)(Progress::Symbol(symbol));
        }
        self.repair_cache(report, &mut done)?;
        Ok(done)
    }

    fn repair_symbol(
        &self,
        symbol: &Symbol,
        report: &Report,
        residents: &[Resident],
        done: &mut Vec<Repair>,
    ) -> Result<(), IngestError> {
        let cascade = Cascade::new(symbol, self.settings)?;
        let mut shorter = self.repair_minutes(symbol, &cascade, done)?;
        shorter |= self.reconcile(symbol, report, done)?;
        for step in &cascade.steps {
            self.repair_coarser(symbol, &cascade, step, done)?;
        }
        for key in unconfigured(residents, symbol, &cascade) {
            self.repair_unknown(&key, done)?;
        }
        if shorter {
            crate::resample::extend(self.lake, symbol, &cascade, self.settings.resample.fsync)?;
        }
        self.repair_texts(symbol, &cascade, report, done)
    }

    /// Days on which series or quarantine are not what the payloads say go through the ordinary stages again.
    fn reconcile(
        &self,
        symbol: &Symbol,
        report: &Report,
        done: &mut Vec<Repair>,
    ) -> Result<bool, IngestError> {
        let of_payload = |finding: &&Finding| {
            finding.symbol.as_ref() == Some(symbol)
                && matches!(finding.wrong, Wrong::NotItsPayload | Wrong::Refused)
        };
        let days: BTreeSet<Day> =
            report.findings.iter().filter(of_payload).filter_map(|finding| finding.day).collect();
        if days.is_empty() {
            return Ok(false);
        }
        let days: Vec<Day> = days.into_iter().collect();
        let key = SeriesKey::minute(symbol.clone());
        let noted = self.lake.read_commit(&key)?.and_then(|commit| commit.reconcile_from);
        self.ingest(|ingest| ingest.reconcile_days(symbol, &days, noted))?;
        done.push(self.of_series(&key, How::Reconciled(days.len())));
        Ok(true)
    }

    pub(super) fn ingest<T>(&self, work: impl FnOnce(&Ingest<'_>) -> T) -> T {
        // Nothing is downloaded, so nobody asks the time.
        work(&Ingest { lake: self.lake, settings: self.settings, clock: &|| 0, progress: &|_| {} })
    }

    pub(super) fn of_series(&self, key: &SeriesKey, how: How) -> Repair {
        let path = self.lake.series_path(key);
        Repair {
            how,
            path,
            symbol: Some(key.symbol.clone()),
            timeframe: Some(key.timeframe.clone()),
            day: None,
        }
    }

    pub(super) fn of_record(&self, key: &SeriesKey, how: How) -> Repair {
        Repair { path: self.lake.commit_path(key), ..self.of_series(key, how) }
    }

    fn repair_files(&self, residents: &[Resident], done: &mut Vec<Repair>) -> Result<(), IngestError> {
        let names: BTreeSet<&Path> = residents.iter().map(|resident| resident.path.as_path()).collect();
        for resident in residents {
            let finding = super::files::about(resident, Wrong::LeftOver);
            if finding.symbol.as_ref().is_some_and(|symbol| !self.is_asked(symbol)) {
                continue;
            }
            let how = match &resident.role {
                Role::Seal { of } if names.contains(of.as_path()) => None,
                Role::Seal { .. } | Role::Beside => {
                    self.lake.discard(&resident.path)?;
                    Some(How::Removed)
                }
                Role::Aside => {
                    self.lake.remove_aside()?;
                    Some(How::Removed)
                }
                Role::Image(symbol, day) => self.repair_image(&resident.path, symbol, *day)?,
                Role::Series(..) | Role::Record(_) | Role::Csv(..) | Role::CsvClaim(..) => None,
                Role::Lock | Role::Stranger => None,
                _ => self.repair_sealed(resident)?,
            };
            let (symbol, day) = (finding.symbol, finding.day);
            done.extend(how.map(|how| Repair {
                how,
                path: resident.path.clone(),
                symbol,
                timeframe: None,
                day,
            }));
        }
        Ok(())
    }

    fn repair_sealed(&self, resident: &Resident) -> Result<Option<How>, IngestError> {
        let path = &resident.path;
        let keeps_time = matches!(resident.role, Role::Running(..));
        Ok(match self.lake.prove(path)? {
            None | Some(Proof::Proven) => None,
            Some(Proof::SealDamaged) if self.lake.restore_seal(path)? => Some(How::OneBit),
            Some(Proof::SealDamaged | Proof::Unsealed) => {
                self.lake.seal_again(path, keeps_time)?;
                Some(How::Sealed)
            }
            Some(Proof::Moved { mtime_ms }) => {
                let set = self.lake.disk().set_mtime_ms(path, mtime_ms);
                set.map_err(|source| io_error("setting the time of", path, source))?;
                Some(How::Timed)
            }
            Some(Proof::Changed { before: Some(bytes) }) => {
                self.lake.restore(path, &bytes)?;
                Some(How::OneBit)
            }
            Some(Proof::Changed { before: None }) => Some(self.derive(resident)?),
        })
    }

    /// A sealed file of which more than a bit is wrong is made again from what it was made of.
    fn derive(&self, resident: &Resident) -> Result<How, IngestError> {
        let path = &resident.path;
        let derived = match &resident.role {
            Role::Running(..) => {
                self.lake.discard(path)?;
                return Ok(How::AskAgain);
            }
            Role::RefusedBars(symbol, day) => self.derive_bars(symbol, *day, path)?,
            Role::RefusedPayload(symbol, day) => self.derive_payload(symbol, *day)?,
            Role::RefusedReason(symbol, day) => self.derive_reason(symbol, *day)?,
            _ => false,
        };
        if derived {
            return Ok(How::Rewritten);
        }
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let kept = self.lake.keep_damaged(&name, &self.read_whole(path)?)?;
        if kept != *path {
            self.lake.discard(path)?;
        }
        Ok(How::Kept(kept))
    }

    fn derive_bars(&self, symbol: &Symbol, day: Day, path: &Path) -> Result<bool, IngestError> {
        let Some((Made::Image(_, report), _)) = self.made(symbol, day)? else { return Ok(false) };
        self.lake.discard(path)?;
        self.lake.write_refused_bars(symbol, day, &refused_now(&report))?;
        Ok(true)
    }

    /// Where the transform has refused a payload, the cache has it too.
    fn derive_payload(&self, symbol: &Symbol, day: Day) -> Result<bool, IngestError> {
        let Some((Made::Refused(_, reason) | Made::Rejected(_, reason), bytes)) = self.made(symbol, day)?
        else {
            return Ok(false);
        };
        self.lake.write_refused_payload(symbol, day, &bytes, &reason)?;
        Ok(true)
    }

    fn derive_reason(&self, symbol: &Symbol, day: Day) -> Result<bool, IngestError> {
        let proof = self.lake.prove(&self.lake.refused_payload_path(symbol, day))?;
        let Some(refused) =
            self.lake.read_refused_payload(symbol, day)?.filter(|_| proof == Some(Proof::Proven))
        else {
            return Ok(false);
        };
        let Some(reason) = unusable(&refused.bytes, day, false) else { return Ok(false) };
        self.lake.write_refused_payload(symbol, day, &refused.bytes, &reason)?;
        Ok(true)
    }

    /// What the payload of a day becomes now, and its bytes.
    fn made(&self, symbol: &Symbol, day: Day) -> Result<Option<(Made, Vec<u8>)>, IngestError> {
        let cascade = Cascade::new(symbol, self.settings)?;
        let source = ImageSource::new(self.lake, self.settings, symbol, &cascade.server);
        let mut bytes = Vec::new();
        let made = source.look(day, &mut bytes, &mut Scratch::default())?;
        Ok(made.map(|made| (made, bytes)))
    }

    fn repair_image(&self, path: &Path, symbol: &Symbol, day: Day) -> Result<Option<How>, IngestError> {
        let held = self.read_image(path)?;
        let on_day = |bar: &Bar| Day::of_ms(bar.time_ms as i64) == day;
        let sound = |bars: &[Bar]| super::records::all_intact(bars, None) && bars.iter().all(on_day);
        if held.as_deref().is_some_and(sound) {
            return Ok(None);
        }
        let mended: Option<Vec<Bar>> = held.and_then(|bars| {
            bars.iter().map(|bar| if bar.is_intact() { Some(*bar) } else { bar.unflipped() }).collect()
        });
        let fsync = self.settings.transform.fsync;
        if let Some(bars) = mended.filter(|bars| sound(bars)) {
            self.lake.write_day_image(symbol, day, &bars, fsync)?;
            return Ok(Some(How::OneBit));
        }
        if let Some((Made::Image(image, _), _)) = self.made(symbol, day)? {
            self.lake.write_day_image(symbol, day, &image.bars, fsync)?;
            return Ok(Some(How::Rewritten));
        }
        let series = self.lake.read_series(&SeriesKey::minute(symbol.clone())).ok().flatten();
        let bars = series.map_or(Vec::new(), |view| view.bars()[range_of(view.bars(), day)].to_vec());
        if bars.is_empty() || !sound(&bars) {
            self.lake.discard(path)?;
            return Ok(Some(How::Removed));
        }
        self.lake.write_day_image(symbol, day, &bars, fsync)?;
        Ok(Some(How::Rewritten))
    }

    fn repair_cache(&self, report: &Report, done: &mut Vec<Repair>) -> Result<(), IngestError> {
        for finding in &report.findings {
            let how = match (&finding.wrong, &finding.symbol, finding.day) {
                (Wrong::Payload(reason), Some(symbol), Some(day)) => {
                    let bytes = self.read_whole(&finding.path)?;
                    // A running day's may have been put right by its seal just now, or removed.
                    let running = !finding.path.starts_with(&self.settings.paths.cache);
                    if bytes.is_empty() || unusable(&bytes, day, running).is_none() {
                        continue;
                    }
                    self.lake.write_refused_payload(symbol, day, &bytes, reason)?;
                    How::Not(format!(
                        "ask the feed again: `engine download --symbols {symbol} --from {day} --to {day}`"
                    ))
                }
                (Wrong::LeftOver, ..)
                    if self.lake.disk().stamp(&finding.path).is_ok_and(|held| held.is_some()) =>
                {
                    self.lake.discard(&finding.path)?;
                    How::Removed
                }
                (Wrong::Released, Some(symbol), Some(day)) => {
                    How::Not(format!("decide again: `engine audit --release {symbol} {day}`"))
                }
                (Wrong::Instrument(_), ..) => {
                    self.lake.discard(&finding.path)?;
                    How::AskAgain
                }
                _ => continue,
            };
            let Finding { path, symbol, day, .. } = finding.clone();
            done.push(Repair { how, path, symbol, timeframe: None, day });
        }
        Ok(())
    }
}

fn is_of_series(finding: &&Finding) -> bool {
    let of_payload = matches!(finding.wrong, Wrong::NotItsPayload | Wrong::Refused);
    let of_series = finding.timeframe.is_some()
        && (finding.is_damage() || matches!(finding.wrong, Wrong::Garbage(_) | Wrong::Foreign));
    of_series || of_payload
}

fn whose(finding: &Finding) -> Option<Symbol> {
    finding.symbol.clone()
}

pub(super) fn io_error(doing: &'static str, path: &Path, source: std::io::Error) -> crate::store::StoreError {
    crate::store::StoreError::Io { doing, path: path.to_owned(), source }
}
