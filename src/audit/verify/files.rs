//! The files that are no series: running days, quarantine, day images, and what belongs to nobody.

use std::collections::BTreeSet;
use std::path::Path;

use super::finding::{Finding, Place, Report, Wrong};
use super::records::{Law, faults};
use super::{Scope, Verify};
use crate::aggregate::range_of;
use crate::ingest::IngestError;
use crate::model::bar::BAR_SIZE;
use crate::model::{Bar, Day, Symbol};
use crate::store::{Proof, Resident, Role, SeriesKey, StoreError};

impl Verify<'_> {
    /// Every file of the lake that is no series.
    pub(super) fn check_files(&self, scope: &Scope) -> Result<Report, IngestError> {
        let mut report = Report::default();
        let names: BTreeSet<&Path> = scope.residents.iter().map(|resident| resident.path.as_path()).collect();
        for resident in &scope.residents {
            if !self.is_about(resident) {
                continue;
            }
            let finding = match &resident.role {
                Role::Series(..) | Role::Record(_) | Role::Lock => continue,
                // Looked at with their series.
                Role::Csv(..) | Role::CsvClaim(..) => continue,
                Role::Image(symbol, day) => self.check_image(&resident.path, symbol, *day)?,
                Role::Seal { of } if names.contains(of.as_path()) => None,
                Role::Seal { .. } | Role::Beside | Role::Aside => Some(Wrong::LeftOver),
                Role::Stranger | Role::Finished(..) | Role::Instrument(_) | Role::Released(..) => {
                    Some(Wrong::Stranger)
                }
                _ => wrong_of(self.lake.prove(&resident.path)?),
            };
            report.tally.files += 1;
            report.findings.extend(finding.map(|wrong| about(resident, wrong)));
            if resident.role == Role::Kept {
                report.findings.push(about(resident, Wrong::Kept));
            }
        }
        Ok(report)
    }

    fn is_about(&self, resident: &Resident) -> bool {
        symbol_of(resident).is_none_or(|(symbol, _)| self.is_asked(symbol))
    }

    fn check_image(&self, path: &Path, symbol: &Symbol, day: Day) -> Result<Option<Wrong>, StoreError> {
        let Some(bars) = self.read_image(path)? else { return Ok(Some(Wrong::Changed)) };
        if let Some(fault) =
            faults(&bars, Law { minutes: true, ..Law::default() }, &|_| {}).into_iter().next()
        {
            // Nobody but the engine writes day images.
            return Ok(Some(if fault.wrong == Wrong::Foreign { Wrong::Checksum } else { fault.wrong }));
        }
        if bars.iter().any(|bar| Day::of_ms(bar.time_ms as i64) != day) {
            return Ok(Some(Wrong::Label));
        }
        // What cannot be read is told where the series is looked at.
        let series = self.lake.read_series(&SeriesKey::minute(symbol.clone())).ok().flatten();
        let is_old = series.is_some_and(|view| {
            let held = &view.bars()[range_of(view.bars(), day)];
            bytemuck::cast_slice::<Bar, u8>(held) != bytemuck::cast_slice::<Bar, u8>(&bars)
        });
        Ok(is_old.then_some(Wrong::OldImage))
    }

    /// The records of a day image; none when it is not made of whole records.
    pub(super) fn read_image(&self, path: &Path) -> Result<Option<Vec<Bar>>, StoreError> {
        let bytes = self.read_whole(path)?;
        let whole = bytes.len().is_multiple_of(BAR_SIZE);
        Ok(whole.then(|| bytemuck::pod_collect_to_vec(&bytes)))
    }

    pub(super) fn read_whole(&self, path: &Path) -> Result<Vec<u8>, StoreError> {
        let read = self.lake.disk().read(path);
        Ok(read
            .map_err(|source| StoreError::Io { doing: "reading", path: path.to_owned(), source })?
            .unwrap_or_default())
    }
}

/// A finding about a file, with whose it is.
pub(super) fn about(resident: &Resident, wrong: Wrong) -> Finding {
    let finding = Finding::of_file(wrong, resident.path.clone());
    match symbol_of(resident) {
        Some((symbol, day)) => finding.of(symbol).on(day),
        None => finding,
    }
}

fn symbol_of(resident: &Resident) -> Option<(&Symbol, Day)> {
    match &resident.role {
        Role::Running(symbol, day)
        | Role::Finished(symbol, day)
        | Role::Released(symbol, day)
        | Role::Image(symbol, day)
        | Role::RefusedPayload(symbol, day)
        | Role::RefusedReason(symbol, day)
        | Role::RefusedBars(symbol, day) => Some((symbol, *day)),
        _ => None,
    }
}

fn wrong_of(proof: Option<Proof>) -> Option<Wrong> {
    match proof? {
        Proof::Proven => None,
        Proof::Unsealed => Some(Wrong::Unsealed),
        Proof::SealDamaged => Some(Wrong::Seal),
        Proof::Changed { .. } => Some(Wrong::Changed),
        Proof::Moved { .. } => Some(Wrong::Moved),
    }
}

/// One record, as a place.
pub(super) fn place_of(bars: &[Bar], first: usize, count: usize) -> Place {
    Place { first: first as u64, count: count as u64, server_ms: bars.get(first).map(Bar::server_ms) }
}
