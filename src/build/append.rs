//! Rows behind those that a file has: only where they follow.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;

use super::text::{MT4_TIME, csv_header};
use super::{BuildError, Format};
use crate::disk::{Disk, File, NewFile};
use crate::model::bar::BAR_SIZE;

/// The end of a file in which its last line lies.
const TAIL_BYTES: u64 = 1 << 20;

/// The row that is to follow.
#[derive(Clone, Debug)]
pub struct Next<'a> {
    /// As columns name it.
    pub symbol: &'a str,
    /// Its timeframe.
    pub timeframe: &'a str,
    /// Its time, UTC.
    pub time_ms: i64,
    /// What the output clock shows.
    pub label_ms: i64,
}

/// Begins the file that takes the place of `path`: what it holds, to be gone on with. Whether it held anything.
///
/// # Errors
/// [`BuildError::NotNext`] when `next` does not follow the file's last row, or the file has other columns;
/// [`BuildError::File`] when the system refuses.
pub fn begin_append(
    disk: &Arc<dyn Disk>,
    path: &Path,
    format: Format,
    names: &[String],
    next: Option<&Next<'_>>,
) -> Result<(NewFile, bool), BuildError> {
    let refused = |source| BuildError::File { path: path.to_owned(), source };
    let Some(mut file) = disk.open(path).map_err(refused)? else {
        return Ok((NewFile::create(disk, path).map_err(refused)?, false));
    };
    let length = file.seek(SeekFrom::End(0)).map_err(refused)?;
    if length == 0 {
        return Ok((NewFile::create(disk, path).map_err(refused)?, false));
    }
    let end = End { names, format, length };
    match end.follows(&mut file, next).map_err(refused)? {
        Ok(()) => Ok((NewFile::going_on(disk, path, length).map_err(refused)?, true)),
        Err(reason) => Err(BuildError::NotNext { path: path.to_owned(), reason }),
    }
}

/// What a file ends with.
struct End<'a> {
    names: &'a [String],
    format: Format,
    length: u64,
}

/// Whether something is right, and why not.
type Verdict = Result<(), String>;

impl End<'_> {
    fn follows(&self, file: &mut File, next: Option<&Next<'_>>) -> std::io::Result<Verdict> {
        if self.format == Format::Bin {
            return self.follows_record(file, next);
        }
        if self.format == Format::Csv {
            let wanted = csv_header(self.names);
            let mut header = vec![0; wanted.len().min(self.length as usize)];
            file.seek(SeekFrom::Start(0))?;
            file.read_exact(&mut header)?;
            if header != wanted.as_bytes() {
                return Ok(Err(format!("it begins with other columns than {}", wanted.trim_end())));
            }
            if self.length as usize == wanted.len() {
                return Ok(Ok(()));
            }
        }
        let begin = self.length.saturating_sub(TAIL_BYTES);
        let mut tail = Vec::new();
        file.seek(SeekFrom::Start(begin))?;
        file.take(TAIL_BYTES).read_to_end(&mut tail)?;
        let text = String::from_utf8_lossy(&tail);
        let Some(lines) = text.strip_suffix('\n') else {
            return Ok(Err("its last line has no end: something broke off while it was written".to_owned()));
        };
        let last = lines.rsplit('\n').next().unwrap_or_default();
        Ok(next.map_or(Ok(()), |next| self.follows_line(last, next)))
    }

    fn follows_record(&self, file: &mut File, next: Option<&Next<'_>>) -> std::io::Result<Verdict> {
        if !self.length.is_multiple_of(BAR_SIZE as u64) {
            return Ok(Err(format!("its {} bytes are not records of {BAR_SIZE}", self.length)));
        }
        let mut time = [0; 8];
        file.seek(SeekFrom::Start(self.length - BAR_SIZE as u64))?;
        file.read_exact(&mut time)?;
        Ok(next.map_or(Ok(()), |next| in_order(i64::from_le_bytes(time), next.time_ms)))
    }

    fn follows_line(&self, last: &str, next: &Next<'_>) -> Verdict {
        let unreadable =
            || format!("its last line cannot be read: {}", last.chars().take(80).collect::<String>());
        if self.format == Format::Mt4 {
            let shown = DateTime::from_timestamp_millis(next.label_ms).ok_or_else(unreadable)?;
            let shown = shown.format(&MT4_TIME.join(",")).to_string();
            let time = last.get(..shown.len()).ok_or_else(unreadable)?;
            return if time < shown.as_str() { Ok(()) } else { Err(repeats(time)) };
        }
        let value = |name: &str| match self.format {
            Format::Csv => {
                let place = self.names.iter().position(|known| known == name)?;
                last.split(',').nth(place).map(str::to_owned)
            }
            _ => {
                let object: serde_json::Value = serde_json::from_str(last).ok()?;
                let value = object.get(name)?;
                Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            }
        };
        let (symbol, timeframe) = (value("symbol"), value("timeframe"));
        let of = |name: Option<String>, wanted: &str| name.is_none_or(|name| name == wanted);
        if !of(symbol.clone(), next.symbol) || !of(timeframe.clone(), next.timeframe) {
            let (symbol, timeframe) = (symbol.unwrap_or_default(), timeframe.unwrap_or_default());
            return Err(format!("it ends with {symbol}/{timeframe}, not {}/{}", next.symbol, next.timeframe));
        }
        let time_ms = value("time_ms").and_then(|text| text.parse().ok()).ok_or_else(unreadable)?;
        in_order(time_ms, next.time_ms)
    }
}

fn in_order(last_ms: i64, next_ms: i64) -> Verdict {
    let last = DateTime::from_timestamp_millis(last_ms)
        .map_or_else(|| last_ms.to_string(), |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    if last_ms < next_ms { Ok(()) } else { Err(repeats(&last)) }
}

fn repeats(last: &str) -> String {
    format!("it holds bars up to {last} already, and the slice begins before that: set --after behind it")
}
