//! One file after another.

use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::*;
use serde_json::{Value, json};

use super::append::{Next, begin_append};
use super::held::check_nothing_is_lost;
use super::target::symbol_name;
use super::unchanged::{Fingerprint, bars_below_zero, has_all, has_notes};
use super::{BuildError, Compression, Extent, Format, Head, Order, Source, Target, hand_over, row_sink};
use crate::disk::{Disk, NewFile};
use crate::indicators::Graph;
use crate::model::Settings;
use crate::plan::Desk;
use crate::query::{COLUMNS, ClockChoice, Select, Slice};

/// Rows turned into columns at a time: a row group of Parquet, and all the memory that is needed.
const PIECE_ROWS: usize = 1 << 18;
/// Bytes collected before they are handed to the system.
const BUFFER_BYTES: usize = 1 << 18;

/// An order on its way.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Where the rows come from.
    pub desk: Desk<'a>,
    /// Where files are written.
    pub disk: &'a Arc<dyn Disk>,
    /// What is to be done.
    pub order: &'a Order,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Nothing for stdout.
    pub path: Option<PathBuf>,
    /// Rows written, without those it had before.
    pub rows: u64,
    /// Bytes of the whole file.
    pub bytes: u64,
    /// Whether it was left alone, because it was made of the same bars.
    pub is_unchanged: bool,
    /// Rows that may still change.
    pub open: u64,
    /// Series of which there is no row, with whether the lake has any bar of them.
    pub empty: Vec<(Select, bool)>,
    /// Adjusted series with prices of zero or below, with the number of such bars.
    pub below_zero: Vec<(Select, u64)>,
}

impl Job<'_> {
    /// Writes one target. A file appears whole or not at all.
    ///
    /// # Errors
    /// [`BuildError::File`] and [`BuildError::Write`] when the receiver fails, [`BuildError::NotNext`],
    /// [`BuildError::WouldLose`] and [`BuildError::NotOurs`] when what is there forbids it, and what reading can say.
    pub fn write(&self, target: &Target, stdout: &mut (dyn Write + Send)) -> Result<Written, BuildError> {
        let mut extents = Vec::new();
        for select in &target.selects {
            extents.push(self.with_source(target, select, |source| source.extent())?);
        }
        let Some(path) = &target.path else {
            let format = self.order.format.as_stream();
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, stdout);
            let written = self.rows(target, &extents, format, &self.head(target, None)?, None, &mut out)?;
            out.flush()?;
            return Ok(written);
        };
        let mut bars = self.fingerprint(target)?;
        let mut head = self.head(target, bars.as_ref())?;
        if let Some(year) = target.year.filter(|_| !self.order.force)
            && let Some(stamp) = self.disk.stamp(path).map_err(|source| refused(path, source))?
        {
            check_nothing_is_lost(path, self.order.format, year, &extents[0])?;
            if let Some(bars) = bars.as_ref().filter(|_| self.has_notes_of(path, &head)) {
                let rows = extents[0].rows as u64;
                let written = self.written(target, &extents, rows, &[bars.below_zero]);
                return Ok(Written { bytes: stamp.length, is_unchanged: true, ..written });
            }
        }
        loop {
            let (file, goes_on) = self.begin(target, path, &extents, &head)?;
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
            let mut seen = bars.as_ref().map(|_| Fingerprint::default());
            head.goes_on = goes_on;
            let mut written =
                self.rows(target, &extents, self.order.format, &head, seen.as_mut(), &mut out)?;
            let file = out.into_inner().map_err(IntoInnerError::into_error);
            let file = file.map_err(|source| refused(path, source))?;
            let note = |bars: Option<Fingerprint>| bars.map(|bars| bars.note(self.compression()));
            if note(bars) == note(seen) {
                written.bytes = file.finish().map_err(|source| refused(path, source))?;
                return Ok(written);
            }
            // Bars were committed meanwhile: the file would say that it is made of others than it is.
            bars = self.fingerprint(target)?;
            head = self.head(target, bars.as_ref())?;
        }
    }

    fn has_notes_of(&self, path: &Path, head: &Head) -> bool {
        has_all(self.disk, path, self.order.format, &head.notes)
    }

    /// Whether writing a target would leave its file as it is.
    ///
    /// # Errors
    /// What reading the bars can say.
    pub fn would_leave(&self, target: &Target) -> Result<bool, BuildError> {
        let Some(path) = target.path.as_ref().filter(|_| !self.order.force) else { return Ok(false) };
        let bars = self.fingerprint(target)?;
        Ok(bars.is_some() && self.has_notes_of(path, &self.head(target, bars.as_ref())?))
    }

    /// Of a partition whose file says what it is made of. Indicators may depend on more than its own bars.
    fn fingerprint(&self, target: &Target) -> Result<Option<Fingerprint>, BuildError> {
        if target.year.is_none() || !self.order.asks.is_empty() || !has_notes(self.order.format) {
            return Ok(None);
        }
        let mut bars = Fingerprint::default();
        self.with_source(target, &target.selects[0], |source| {
            source.each_piece(PIECE_ROWS, &mut |piece| {
                bars.take(piece.bars);
                Ok(())
            })
        })?;
        Ok(Some(bars))
    }

    fn compression(&self) -> Compression {
        self.order.compression.unwrap_or(self.order.format.facts().compressions[0])
    }

    fn begin(
        &self,
        target: &Target,
        path: &Path,
        extents: &[Extent],
        head: &Head,
    ) -> Result<(NewFile, bool), BuildError> {
        if !self.order.append {
            let file = NewFile::create(self.disk, path).map_err(|source| refused(path, source))?;
            return Ok((file, false));
        }
        let select = &target.selects[0];
        let (symbol, extent) = (symbol_name(select), &extents[0]);
        let next = extent.first_ms.zip(extent.labels_ms).map(|(time_ms, (label_ms, _))| Next {
            symbol: &symbol,
            timeframe: select.timeframe.as_str(),
            time_ms: time_ms as i64,
            label_ms,
        });
        begin_append(self.disk, path, self.order.format, &head.names(), next.as_ref())
    }

    /// All rows of a target, in one format on one writer.
    fn rows(
        &self,
        target: &Target,
        extents: &[Extent],
        format: Format,
        head: &Head,
        seen: Option<&mut Fingerprint>,
        out: &mut (dyn Write + Send),
    ) -> Result<Written, BuildError> {
        let mut low = vec![0; target.selects.len()];
        let rows = match format {
            Format::Bin => self.records(target, &mut low, out)?,
            _ => self.columns(target, format, head, (&mut low, seen), out)?,
        };
        Ok(self.written(target, extents, rows, &low))
    }

    fn written(&self, target: &Target, extents: &[Extent], rows: u64, low: &[u64]) -> Written {
        let selects = || target.selects.iter().cloned();
        Written {
            path: target.path.clone(),
            rows,
            bytes: 0,
            is_unchanged: false,
            open: extents.iter().map(|extent| extent.open as u64).sum(),
            empty: selects()
                .zip(extents)
                .filter(|(_, extent)| extent.rows == 0)
                .map(|(select, extent)| (select, extent.has_bars))
                .collect(),
            below_zero: selects()
                .zip(low.iter().copied())
                .filter(|(select, bars)| select.adjustment.is_some() && *bars > 0)
                .collect(),
        }
    }

    fn columns(
        &self,
        target: &Target,
        format: Format,
        head: &Head,
        (low, mut seen): (&mut [u64], Option<&mut Fingerprint>),
        out: &mut (dyn Write + Send),
    ) -> Result<u64, BuildError> {
        let mut sink = row_sink(out, format, head)?;
        hand_over(sink.as_mut(), |give| {
            for (select, low) in target.selects.iter().zip(low) {
                self.with_source(target, select, |source| {
                    source.each_piece(PIECE_ROWS, &mut |piece| {
                        *low += bars_below_zero(piece.bars);
                        seen.iter_mut().for_each(|seen| seen.take(piece.bars));
                        give(dressed(piece.frame(select, source.clock)?, select, target)?)
                    })
                })?;
            }
            Ok(())
        })?;
        Ok(sink.finish()?.rows)
    }

    /// Straight from the map.
    fn records(
        &self,
        target: &Target,
        low: &mut [u64],
        out: &mut (dyn Write + Send),
    ) -> Result<u64, BuildError> {
        let mut rows = 0;
        for (select, low) in target.selects.iter().zip(low) {
            self.with_source(target, select, |source| {
                source.each_piece(PIECE_ROWS, &mut |piece| {
                    *low += bars_below_zero(piece.bars);
                    rows += piece.bars.len() as u64;
                    Ok(out.write_all(bytemuck::cast_slice(piece.bars))?)
                })
            })?;
        }
        Ok(rows)
    }

    fn with_source<T>(
        &self,
        target: &Target,
        select: &Select,
        then: impl FnOnce(&Source<'_>) -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        let Order { clock, closed_only, asks, .. } = self.order;
        let clock = clock.for_symbol(self.desk.settings, &select.symbol);
        then(&Source {
            desk: self.desk,
            select,
            slice: Slice { range: target.range, ..Slice::default() },
            clock: &clock,
            closed_only: *closed_only || select.skip_last,
            asks,
        })
    }

    /// The columns of a target, before there are any rows, and what its file says of itself.
    fn head(&self, target: &Target, bars: Option<&Fingerprint>) -> Result<Head, BuildError> {
        let graph = Graph::new(&self.order.asks);
        let names: Vec<String> =
            graph.names().into_iter().filter(|name| !COLUMNS.contains(name)).map(str::to_owned).collect();
        let select = &target.selects[0];
        let none = self.with_source(target, select, |source| source.no_rows(&names))?;
        let schema = dressed(none, select, target)?.schema().as_ref().clone();
        let mut notes = notes(self.desk.settings, &target.selects, self.order.clock);
        notes.extend(bars.map(|bars| bars.note(self.compression())));
        Ok(Head { compression: self.order.compression, notes, ..Head::of(schema) })
    }
}

fn refused(path: &Path, source: io::Error) -> BuildError {
    BuildError::File { path: path.to_owned(), source }
}

/// The columns as files have them: a file keeps what it was made of, and a partition's folders say whose it is.
fn dressed(mut rows: DataFrame, select: &Select, target: &Target) -> Result<DataFrame, BuildError> {
    let _ = rows.drop_in_place("closed")?;
    if target.year.is_some() {
        return Ok(rows.drop_many(["symbol", "timeframe"]));
    }
    if select.adjustment.is_some() {
        let name = Scalar::from(PlSmallStr::from(symbol_name(select)));
        rows.with_column(Column::new_scalar("symbol".into(), name, rows.height()))?;
    }
    Ok(rows)
}

/// What a file keeps beside its columns, as JSON under the name `engine`: which clock `time` shows, and of which series.
pub fn notes(settings: &Settings, selects: &[Select], clock: ClockChoice) -> Vec<(String, String)> {
    let server = |select: &Select| {
        let Some(group) = settings.transform.group_of(&select.symbol) else {
            return json!({ "zone": "UTC", "shift_ms": settings.transform.time_shift_ms });
        };
        let shifts = group.offset_to_shift_map.iter();
        let shifts: serde_json::Map<String, Value> =
            shifts.map(|(minutes, ms)| (minutes.to_string(), json!(ms))).collect();
        json!({ "zone": group.zone.name(), "offset_minutes_to_shift_ms": shifts })
    };
    let exchange = |select: &Select| {
        settings
            .resample
            .symbols
            .get(&select.symbol)
            .and_then(|own| own.timezone)
            .map(|zone| json!(zone.name()))
    };
    let of_each = |zone: &dyn Fn(&Select) -> Value| {
        Value::Object(selects.iter().map(|select| (select.symbol.to_string(), zone(select))).collect())
    };
    let (name, zones) = match clock {
        ClockChoice::Server => ("server", of_each(&server)),
        ClockChoice::Exchange => {
            ("exchange", of_each(&|select| exchange(select).unwrap_or_else(|| server(select))))
        }
        ClockChoice::Zone(zone) => ("zone", json!(zone.name())),
    };
    // Which bars were left out is no part of what a series is.
    let whole = |select: &Select| Select { skip_last: false, ..select.clone() }.to_string();
    let series: Vec<String> = selects.iter().map(whole).collect();
    let note = json!({
        "series": series, "clock": name, "time_zone": zones, "version": env!("CARGO_PKG_VERSION"),
    });
    vec![("engine".to_owned(), note.to_string())]
}
