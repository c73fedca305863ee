//! Partitions of an order whose bars are gone: corrected away, or now in another year of another clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::target::{series_folder, targets, year_file, year_of};
use super::{BuildError, Order, Place};
use crate::disk::Disk;
use crate::plan::Desk;
use crate::query::{Bound, Range, Select};

/// A file that would be replaced if there were a bar for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanished {
    select: Select,
    path: PathBuf,
}

impl Vanished {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Of which series it is.
    pub fn select(&self) -> &Select {
        &self.select
    }

    /// Removes it; its folder stays.
    ///
    /// # Errors
    /// [`BuildError::File`].
    pub fn remove(&self, disk: &Arc<dyn Disk>) -> Result<(), BuildError> {
        let removed = disk.remove_file(&self.path).map(|_| ());
        removed.map_err(|source| BuildError::File { path: self.path.clone(), source })
    }
}

/// The partitions of which an order's series have no bar any more, not even one that may still change: of series that
/// have others, of years that lie whole between the order's ends.
///
/// # Errors
/// [`BuildError::File`] for a folder that cannot be listed, and what opening the series can say.
pub fn vanished(desk: Desk<'_>, disk: &Arc<dyn Disk>, order: &Order) -> Result<Vec<Vanished>, BuildError> {
    let Place::Partitions(folder) = &order.place else { return Ok(Vec::new()) };
    let ending = order.format.facts().endings[0];
    let selects: Vec<Select> =
        order.selects.iter().map(|select| Select { skip_last: false, ..select.clone() }).collect();
    let mut found: Vec<Vanished> = Vec::new();
    for select in selects {
        let one = Order { closed_only: false, selects: vec![select.clone()], ..order.clone() };
        let targets = targets(desk, &one)?;
        // A series without any bar was not corrected: it has not been fetched yet, or its lake is lost.
        if targets.is_empty() {
            continue;
        }
        let series = series_folder(folder, &select);
        let refused = |source| BuildError::File { path: series.clone(), source };
        let mut years: Vec<i32> = (disk.list(&series).map_err(refused)?.iter())
            .filter_map(|entry| entry.name.strip_prefix("year=")?.parse().ok())
            .filter(|year| is_whole(order.range, *year))
            .collect();
        years.sort_unstable();
        years.dedup();
        for path in years.into_iter().map(|year| year_file(folder, &select, year, ending)) {
            let is_there = disk.stamp(&path).map_err(refused)?.is_some();
            let is_known = found.iter().any(|vanished| vanished.path == path);
            if is_there && !is_known && !targets.iter().any(|target| target.path.as_deref() == Some(&path)) {
                found.push(Vanished { select: select.clone(), path });
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
