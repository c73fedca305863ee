//! Every file name of the lake is born here.

use std::path::{Path, PathBuf};

use super::{Lake, SeriesKey};
use crate::model::{Day, Symbol, Timeframe};

/// The hidden folder, inside that of a series, in which a rebuild puts its files before they are swapped in.
/// Inside and not beside it, because the folder may be a mount point, and rename works on one file system only.
const ASIDE: &str = ".aside";

/// How the name of what is known of a text ends. Not on `.idx`, because `EUR-USD.csv` could be a symbol.
pub(super) const CSV_CLAIM: &str = ".csv.lines";

impl Lake {
    pub(super) fn finished_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.cache, day).join(day_file(symbol, day, "json"))
    }

    /// Where the user's decision about a day's refused bars lies: beside the payload that it is about.
    pub fn release_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.cache, day).join(day_file(symbol, day, "released"))
    }

    pub(super) fn running_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        self.paths.live.join(day_file(symbol, day, "json"))
    }

    pub(super) fn instrument_path(&self, symbol: &Symbol) -> PathBuf {
        self.paths.cache.join("instruments").join(format!("{symbol}.json"))
    }

    /// Where the exported day image of a day lies.
    pub fn day_image_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.transform, day).join(day_file(symbol, day, "bin"))
    }

    /// Where a refused payload lies.
    pub fn refused_payload_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.quarantine, day).join(day_file(symbol, day, "json"))
    }

    /// Where the reason stands why a payload was refused.
    pub fn refused_reason_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.quarantine, day).join(day_file(symbol, day, "reason.txt"))
    }

    /// Where refused bars lie.
    pub fn refused_bars_path(&self, symbol: &Symbol, day: Day) -> PathBuf {
        month_folder(&self.paths.quarantine, day).join(day_file(symbol, day, "jsonl"))
    }

    /// The lock that every writer takes.
    pub fn lock_path(&self) -> PathBuf {
        self.paths.locks.join("run.lock")
    }

    /// The file of a series.
    pub fn series_path(&self, key: &SeriesKey) -> PathBuf {
        self.series_folder(&key.timeframe).join(format!("{}.bin", key.symbol))
    }

    /// The commit record of a series.
    pub fn commit_path(&self, key: &SeriesKey) -> PathBuf {
        let name = match &key.source {
            Some(source) => format!("{}_{source}.idx", key.symbol),
            None => format!("{}.idx", key.symbol),
        };
        self.series_folder(&key.timeframe).join("index").join(name)
    }

    /// The text beside a series.
    pub fn csv_path(&self, symbol: &Symbol, timeframe: &Timeframe) -> PathBuf {
        self.series_folder(timeframe).join(format!("{symbol}.csv"))
    }

    /// Where it is said how many lines of a text are true.
    pub fn csv_claim_path(&self, symbol: &Symbol, timeframe: &Timeframe) -> PathBuf {
        self.series_folder(timeframe).join("index").join(format!("{symbol}{CSV_CLAIM}"))
    }

    /// The folder that holds one timeframe of all symbols.
    pub fn series_folder(&self, timeframe: &Timeframe) -> PathBuf {
        if timeframe.is_minute() {
            self.paths.aggregate.clone()
        } else {
            self.paths.resample.join(timeframe.as_str())
        }
    }

    /// The same lake, but with series of its own in hidden folders on the same file system: a rebuild writes them
    /// there and [adopts](super::SeriesWriter::adopt) them. Payloads and all else are shared. What an earlier rebuild
    /// left there has to be [removed](Lake::remove_aside) first.
    #[must_use]
    pub fn aside(&self) -> Lake {
        let mut aside = self.clone();
        aside.paths.aggregate.push(ASIDE);
        aside.paths.resample.push(ASIDE);
        aside
    }

    /// The hidden folders of [`aside`](Lake::aside).
    pub(super) fn aside_folders(&self) -> [PathBuf; 2] {
        [self.paths.aggregate.join(ASIDE), self.paths.resample.join(ASIDE)]
    }
}

/// The symbol and day in a name like `EUR-USD_20240105.json`.
pub(super) fn parse_day_file<'a>(name: &'a str, extension: &str) -> Option<(&'a str, Day)> {
    let stem = name.strip_suffix(extension)?.strip_suffix('.')?;
    let (symbol, date) = stem.rsplit_once('_')?;
    let plain = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| Day::from_yyyymmdd(date.parse().ok()?)).flatten().map(|day| (symbol, day))
}

fn month_folder(root: &Path, day: Day) -> PathBuf {
    let (year, month, _) = day.ymd();
    root.join(format!("{year:04}")).join(format!("{month:02}"))
}

fn day_file(symbol: &Symbol, day: Day, extension: &str) -> String {
    format!("{symbol}_{}.{extension}", day.yyyymmdd())
}
