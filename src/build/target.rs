//! The files an order makes, each with its name.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, NaiveDate};

use super::{BuildError, Order, Place, Source};
use crate::plan::Desk;
use crate::query::{Bound, Range, Select, Slice};

/// One file, or stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The series in it, in order.
    pub selects: Vec<Select>,
    /// Which part of them.
    pub range: Range,
    /// Nothing for stdout.
    pub path: Option<PathBuf>,
    /// Of a partition: its year on the output clock.
    pub year: Option<i32>,
}

/// What an order makes, in its order; of partitions only those that have rows.
///
/// # Errors
/// [`BuildError::Refused`] when two series would have the same file, and what opening a series can say.
pub fn targets(desk: Desk<'_>, order: &Order) -> Result<Vec<Target>, BuildError> {
    let target = |selects: &[Select], path: Option<PathBuf>| Target {
        selects: selects.to_vec(),
        range: order.range,
        path,
        year: None,
    };
    match &order.place {
        Place::Stdout => Ok(vec![target(&order.selects, None)]),
        Place::File(path) => Ok(vec![target(&order.selects, Some(path.clone()))]),
        Place::Folder(folder) => {
            let ending = order.format.facts().endings[0];
            let path = |select: &Select| folder.join(format!("{}.{ending}", file_stem(select)));
            let one = |select: &Select| target(std::slice::from_ref(select), Some(path(select)));
            distinct(order.selects.iter().map(one).collect())
        }
        Place::Partitions(folder) => {
            let mut all = Vec::new();
            for select in &order.selects {
                all.extend(years(desk, order, folder, select)?);
            }
            distinct(all)
        }
    }
}

/// The partitions of one series.
fn years(desk: Desk<'_>, order: &Order, folder: &Path, select: &Select) -> Result<Vec<Target>, BuildError> {
    let clock = order.clock.for_symbol(desk.settings, &select.symbol);
    let slice = Slice { range: order.range, ..Slice::default() };
    let closed_only = order.closed_only || select.skip_last;
    let source = Source { desk, select, slice, clock: &clock, closed_only, asks: &[] };
    let Some((first_ms, last_ms)) = source.extent()?.labels_ms else { return Ok(Vec::new()) };
    let (first, last) = (year_of(first_ms), year_of(last_ms));
    let edge = |year: i32| Some(Bound::Wall(start_of(year)));
    let ending = order.format.facts().endings[0];
    let mut targets = Vec::new();
    for year in first..=last {
        let range = Range {
            after: if year == first { order.range.after } else { edge(year) },
            until: if year == last { order.range.until } else { edge(year + 1) },
        };
        let part = Source { slice: Slice { range, ..slice }, ..source };
        if part.extent()?.rows > 0 {
            let path = Some(year_file(folder, select, year, ending));
            targets.push(Target { selects: vec![select.clone()], range, path, year: Some(year) });
        }
    }
    Ok(targets)
}

fn distinct(targets: Vec<Target>) -> Result<Vec<Target>, BuildError> {
    let mut seen = std::collections::HashMap::new();
    for target in &targets {
        if let Some(other) = seen.insert(&target.path, &target.selects[0]) {
            let path = target.path.as_deref().unwrap_or(Path::new("-")).display();
            return Err(BuildError::refused(
                format!("{other} and {} would both be {path}", target.selects[0]),
                "select one of them",
            ));
        }
    }
    Ok(targets)
}

/// The year that a clock shows.
pub(super) fn year_of(wall_ms: i64) -> i32 {
    DateTime::from_timestamp_millis(wall_ms).map_or(0, |time| time.year())
}

fn start_of(year: i32) -> i64 {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).and_then(|date| date.and_hms_opt(0, 0, 0));
    first.map_or(i64::MAX, |time| time.and_utc().timestamp_millis())
}

/// A symbol as columns and folders name it, with what was done to its prices.
pub(super) fn symbol_name(select: &Select) -> String {
    let adjustment = select.adjustment.map(|adjustment| format!(":{adjustment}")).unwrap_or_default();
    format!("{}{adjustment}", select.symbol)
}

fn file_stem(select: &Select) -> String {
    let adjustment = select.adjustment.map(|adjustment| format!("_{adjustment}")).unwrap_or_default();
    format!("{}_{}{adjustment}", select.symbol, select.timeframe)
}

/// The folder of a series, in which its years are. Readers of partitions undo what makes a value fit into a name: a
/// colon is `%3A`.
pub(super) fn series_folder(folder: &Path, select: &Select) -> PathBuf {
    let symbol = symbol_name(select).replace(':', "%3A");
    folder.join(format!("symbol={symbol}")).join(format!("timeframe={}", select.timeframe))
}

/// The one file of a year.
pub(super) fn year_file(folder: &Path, select: &Select, year: i32, ending: &str) -> PathBuf {
    let name = format!("{}_{year}.{ending}", file_stem(select));
    series_folder(folder, select).join(format!("year={year}")).join(name)
}
