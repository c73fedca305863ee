//! How much of a `SYMBOL.csv` can be kept: the leading lines that show leading bars of the series as it is now.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::claim::CsvClaim;
use crate::disk::File;
use crate::model::lines::{HEADER, Lines};
use crate::store::writer::STRETCH_BARS;
use crate::store::{Lake, SeriesKey, SeriesView, StoreError};

/// Bytes read at once while lines are counted.
const PIECE: u64 = 1 << 20;

/// Leading lines that are true. Without a byte not even the first line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) bars: usize,
    pub(super) bytes: u64,
}

impl Lake {
    /// The lines of the text that are surely true of a series. `held` are its bytes.
    ///
    /// A claim written in this boot is believed: as long as the system runs it loses nothing. In a later one the lines
    /// since the last whole stretch, which nobody waited for, are held to the bars they show; and so are those before a
    /// place that had to be looked for.
    pub(super) fn true_prefix(
        &self,
        key: &SeriesKey,
        claim: Option<CsvClaim>,
        view: &SeriesView,
        held: u64,
    ) -> Result<Prefix, StoreError> {
        let nothing = Prefix::default();
        let believed = |claim: &CsvClaim| claim.is_of(view.commit()) && claim.end <= held && claim.end > 0;
        let Some(claim) = claim.filter(believed) else { return Ok(nothing) };
        let kept = claim.kept.min(view.bars().len() as u64);
        let whole = Prefix { bars: kept as usize, bytes: claim.end };
        let in_this_boot = claim.boot.is_some() && claim.boot == self.disk().boot();
        if kept == claim.shown && in_this_boot {
            return Ok(whole);
        }
        let path = self.csv_path(&key.symbol, &key.timeframe);
        let at = |doing| StoreError::at(doing, &path);
        let Some(mut file) = self.disk().open(&path).map_err(at("opening"))? else { return Ok(nothing) };
        let prefix = if kept == claim.shown {
            whole
        } else if kept == 0 {
            return Ok(nothing);
        } else {
            let start = start_of_last(&mut file, claim.end, claim.shown - kept).map_err(at("reading"))?;
            Prefix { bytes: start, ..whole }
        };
        let proven = shows_last_bars(&mut file, prefix, view).map_err(at("reading"))?;
        Ok(if proven { prefix } else { nothing })
    }

    /// The bytes of a file from `from` to `until`, both of which it holds.
    pub(super) fn read_part(&self, path: &Path, from: u64, until: u64) -> Result<Vec<u8>, StoreError> {
        let at = |doing| StoreError::at(doing, path);
        let file = self.disk().open(path).map_err(at("opening"))?;
        let mut file = file.ok_or_else(|| at("opening")(io::ErrorKind::NotFound.into()))?;
        part(&mut file, from, until).map_err(at("reading"))
    }
}

/// Where the last `lines` lines before `end` begin; 0 when there are not so many.
fn start_of_last(file: &mut File, end: u64, lines: u64) -> io::Result<u64> {
    // The line feed before the first of them is one more.
    let (mut left, mut until) = (lines + 1, end);
    while until > 0 {
        let from = until.saturating_sub(PIECE);
        let bytes = part(file, from, until)?;
        let feeds = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if feeds < left {
            left -= feeds;
            until = from;
            continue;
        }
        let places = bytes.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
        let place = places.map(|(place, _)| place).nth(left as usize - 1);
        return Ok(place.map_or(0, |place| from + place as u64 + 1));
    }
    Ok(0)
}

/// Whether the text before the end of the prefix is that of its bars since the last whole stretch, one at least.
fn shows_last_bars(file: &mut File, prefix: Prefix, view: &SeriesView) -> io::Result<bool> {
    let from = prefix.bars.saturating_sub(1) / STRETCH_BARS * STRETCH_BARS;
    let mut text = if from == 0 { HEADER.as_bytes().to_vec() } else { Vec::new() };
    Lines::default().write(&view.bars()[from..prefix.bars], &mut text);
    let length = text.len() as u64;
    let fits = if from == 0 { prefix.bytes == length } else { prefix.bytes > length };
    Ok(fits && part(file, prefix.bytes - length, prefix.bytes)? == text)
}

fn part(file: &mut File, from: u64, until: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; (until - from) as usize];
    file.seek(SeekFrom::Start(from))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
