//! Partitions of an order whose bars are gone: corrected away, or now in another year of another clock.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::target::{series_folder, year_file, year_of};
use super::{BuildError, Order, Place, Target};
use crate::disk::Disk;
use crate::query::{Bound, Range, Select};

/// A file that would be replaced if there were a bar for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanished {
    path: PathBuf,
}

impl Vanished {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, and its folder with it when nothing else is there.
    ///
    /// # Errors
    /// [`BuildError::File`].
    pub fn remove(&self, disk: &Arc<dyn Disk>) -> Result<(), BuildError> {
        let removed = || -> io::Result<()> {
            disk.remove_file(&self.path)?;
            if let Some(folder) = self.path.parent()
                && disk.list(folder)?.is_empty()
            {
                disk.remove_folder(folder)?;
            }
            Ok(())
        };
        removed().map_err(|source| BuildError::File { path: self.path.clone(), source })
    }
}

/// The partitions that none of an order's targets replaces: of its series that have bars, of years that lie whole between
/// its ends.
///
/// # Errors
/// [`BuildError::File`] for a folder that cannot be listed.
pub fn vanished(
    disk: &Arc<dyn Disk>,
    order: &Order,
    targets: &[Target],
) -> Result<Vec<Vanished>, BuildError> {
    let Place::Partitions(folder) = &order.place else { return Ok(Vec::new()) };
    let ending = order.format.facts().endings[0];
    let mut found = Vec::new();
    // A series without any bar was not corrected: it has not been fetched yet, or its lake is lost.
    let has_bars = |select: &&Select| targets.iter().any(|target| target.selects.contains(select));
    for select in order.selects.iter().filter(has_bars) {
        let series = series_folder(folder, select);
        let refused = |source| BuildError::File { path: series.clone(), source };
        let mut years: Vec<i32> = (disk.list(&series).map_err(refused)?.iter())
            .filter_map(|entry| entry.name.strip_prefix("year=")?.parse().ok())
            .filter(|year| is_whole(order.range, *year))
            .collect();
        years.sort_unstable();
        for path in years.into_iter().map(|year| year_file(folder, select, year, ending)) {
            let is_there = disk.stamp(&path).map_err(refused)?.is_some();
            if is_there && !targets.iter().any(|target| target.path.as_deref() == Some(&path)) {
                found.push(Vanished { path });
            }
        }
    }
    Ok(found)
}

/// Whether a year lies between the ends of a range, on any clock.
fn is_whole(range: Range, year: i32) -> bool {
    const DAY_MS: i64 = 86_400_000;
    let at_latest = |bound: Bound| match bound {
        Bound::Wall(ms) => year_of(ms - 1),
        Bound::Instant(ms) => year_of(ms.saturating_add(DAY_MS)),
    };
    let at_earliest = |bound: Bound| match bound {
        Bound::Wall(ms) => year_of(ms),
        Bound::Instant(ms) => year_of(ms.saturating_sub(DAY_MS)),
    };
    range.after.is_none_or(|after| at_latest(after) < year)
        && range.until.is_none_or(|until| year < at_earliest(until))
}
