//! What a partition holds that is about to be replaced.

use std::path::Path;

use polars::prelude::*;

use super::source::Extent;
use super::target::year_of;
use super::{BuildError, Format};

/// Refuses to replace a partition by rows of a slice when it holds bars that lie outside of the slice.
///
/// # Errors
/// [`BuildError::WouldLose`], and [`BuildError::NotOurs`] when that cannot be found out.
pub(super) fn check_nothing_is_lost(
    path: &Path,
    format: Format,
    year: i32,
    extent: &Extent,
) -> Result<(), BuildError> {
    // Bars of the series on either side of the slice: a slice of whole years has none in this one.
    let is_of_year = |label_ms: Option<i64>| label_ms.is_some_and(|label_ms| year_of(label_ms) == year);
    if !is_of_year(extent.label_before_ms) && !is_of_year(extent.label_beyond_ms) {
        return Ok(());
    }
    let not_ours =
        |error: PolarsError| BuildError::NotOurs { path: path.to_owned(), format, reason: error.to_string() };
    let Some((first_ms, last_ms)) = first_and_last(path, format).map_err(not_ours)? else { return Ok(()) };
    let is_before = extent.before_ms.is_some_and(|before_ms| first_ms <= before_ms as i64);
    let is_beyond = extent.beyond_ms.is_some_and(|beyond_ms| last_ms >= beyond_ms as i64);
    if is_before || is_beyond { Err(BuildError::WouldLose { path: path.to_owned() }) } else { Ok(()) }
}

/// The times of a file's first and last bar, UTC; `None` when it has none.
fn first_and_last(path: &Path, format: Format) -> PolarsResult<Option<(i64, i64)>> {
    let name = path.to_string_lossy();
    let at = PlRefPath::new(&*name);
    let lines = match format {
        Format::Parquet => LazyFrame::scan_parquet(at, ScanArgsParquet::default())?,
        Format::Arrow => LazyFrame::scan_ipc(at, IpcScanOptions::default(), UnifiedScanArgs::default())?,
        Format::Ndjson => LazyJsonLineReader::new(at).finish()?,
        _ => LazyCsvReader::new(at).finish()?,
    };
    let time = || col("time_ms").cast(DataType::Int64);
    let ends = lines.select([time().min().alias("first"), time().max().alias("last")]).collect()?;
    let value = |name: &str| -> PolarsResult<Option<i64>> { Ok(ends.column(name)?.i64()?.get(0)) };
    Ok(value("first")?.zip(value("last")?))
}
