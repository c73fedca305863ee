//! What the user has decided, as plain values: the configuration file becomes these types and nothing else.
//!
//! A *wall* time is a clock's reading as milliseconds since 1970-01-01 00:00 of that same clock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;

use super::timeframe::{Origin, Timeframe, TimeframeSpec};
use super::{Day, Symbol};

/// Everything the stages need to know, with defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where files lie; every path absolute.
    pub paths: Paths,
    /// How the feed is asked.
    pub download: DownloadSettings,
    /// Symbols worked on at once; `None` is one per core.
    pub num_processes: Option<usize>,
    /// `run` skips the download stage.
    pub disable_download: bool,
    /// Payload to day image.
    pub transform: TransformSettings,
    /// Whether the 1m series is synced to the disk before it is committed.
    pub aggregate_fsync: bool,
    /// The coarser series.
    pub resample: ResampleSettings,
    /// Whether a `SYMBOL.csv` is kept beside each series.
    pub csv: bool,
    /// Where the provider's list of rolls is; without a slash at its end.
    pub rollover_url: String,
    /// The user's own indicators, by name.
    pub indicators: BTreeMap<String, OwnIndicator>,
}

/// An indicator that the user has made.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnIndicator {
    /// An SQL expression over fields of the bars, indicators and other expressions of the user's.
    Expr {
        /// As written.
        expr: String,
    },
    /// A program that gets bars and answers columns.
    Program(OwnProgram),
}

/// A program of the user's.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnProgram {
    /// What is started, and its arguments; never empty.
    pub command: Vec<String>,
    /// Where it is started, absolute when the configuration file is: relative paths are relative to it.
    pub folder: PathBuf,
    /// Names of the columns it answers; empty: one column, named as the indicator.
    pub columns: Vec<String>,
    /// Requests whose columns it gets besides the bars.
    pub inputs: Vec<String>,
    /// Bars before a row on which its values depend; `None` is all of them.
    pub warm_up: Option<usize>,
    /// After which it is ended.
    pub timeout: Duration,
}

/// The folders of the lake.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// Finished payloads, and `instruments/` below it.
    pub cache: PathBuf,
    /// Payloads of running days.
    pub live: PathBuf,
    /// Exported day images.
    pub transform: PathBuf,
    /// The 1m series.
    pub aggregate: PathBuf,
    /// The coarser series, one folder per timeframe.
    pub resample: PathBuf,
    /// What was refused.
    pub quarantine: PathBuf,
    /// One writer per data root.
    pub locks: PathBuf,
    /// Roll calendars, one file a symbol.
    pub rollover: PathBuf,
}

/// Which price of the book the candles are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceSide {
    /// What buyers offer.
    Bid,
    /// What sellers ask.
    Ask,
}

/// How the feed is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct DownloadSettings {
    /// Without a slash at its end.
    pub base_url: String,
    /// BID or ASK.
    pub side: PriceSide,
    /// Attempts in all for one request, at least 1.
    pub max_retries: u32,
    /// Seconds before the second attempt; doubled for each one after.
    pub backoff_factor: f64,
    /// For one request, from connecting to the last byte.
    pub timeout: Duration,
    /// Requests per second of the whole process; `None` for no limit.
    pub rate_limit_rps: Option<f64>,
    /// Connections at once, at least 1.
    pub concurrency: usize,
    /// Symbols never seen are fetched from here.
    pub history_start: Option<Day>,
}

/// What happens to bars that break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validate {
    /// Bars that break a hard rule are set aside, soft ones flagged.
    Quarantine,
    /// Both stay, flagged.
    Flag,
    /// No check.
    Off,
    /// A day with a bar that breaks a hard rule is refused whole.
    Reject,
}

/// Payload to day image.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformSettings {
    /// Server shift where no timezone group says otherwise.
    pub time_shift_ms: i64,
    /// Decimals of prices and volumes.
    pub round_decimals: u32,
    /// Whether exported day images are synced.
    pub fsync: bool,
    /// What happens to bars that break a rule.
    pub validate: Validate,
    /// Whether every run exports its day images.
    pub keep_days: bool,
    /// In file order: the first group that lists a symbol wins, `*` takes the rest.
    pub timezones: Vec<TimezoneGroup>,
    /// Symbols with steps of their own, or made from another's payloads.
    pub symbols: BTreeMap<Symbol, TransformSymbol>,
}

/// Symbols whose server clock follows one zone.
#[derive(Clone, Debug, PartialEq)]
pub struct TimezoneGroup {
    /// The zone whose offset is looked up.
    pub zone: Tz,
    /// The zone's UTC offset in minutes -> the server's shift in milliseconds.
    pub offset_to_shift_map: BTreeMap<i32, i64>,
    /// The symbols named in full.
    pub symbols: Vec<Symbol>,
    /// Whether `*` is among them.
    pub takes_the_rest: bool,
}

/// What one symbol's transform does beyond the usual.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TransformSymbol {
    /// An alias: made from this symbol's payloads, never downloaded.
    pub source: Option<Symbol>,
    /// In order.
    pub post: Vec<AdjustStep>,
}

/// A column a step may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PriceColumn {
    Open,
    High,
    Low,
    Close,
    Volume,
}

/// The arithmetic of an [`AdjustStep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AdjustOp {
    Multiply,
    Add,
    Subtract,
    Divide,
}

/// One arithmetic step over some columns.
#[derive(Clone, Debug, PartialEq)]
pub struct AdjustStep {
    /// What is done.
    pub op: AdjustOp,
    /// To which columns.
    pub columns: Vec<PriceColumn>,
    /// With which number.
    pub value: f64,
    /// First wall time of the server clock it holds for.
    pub from_wall_ms: Option<i64>,
    /// Last wall time of the server clock it holds for (included).
    pub to_wall_ms: Option<i64>,
}

/// The coarser series.
#[derive(Clone, Debug, PartialEq)]
pub struct ResampleSettings {
    /// Decimals of prices and volumes.
    pub round_decimals: u32,
    /// Source rows folded between two commits, at least 1.
    pub batch_size: usize,
    /// Whether a series is synced before it is committed.
    pub fsync: bool,
    /// In file order.
    pub timeframes: Vec<TimeframeSpec>,
    /// Symbols with something of their own.
    pub symbols: BTreeMap<Symbol, ResampleSymbol>,
}

/// What one symbol's resampling does beyond the usual.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResampleSymbol {
    /// The exchange clock.
    pub timezone: Option<Tz>,
    /// Instead of the common decimals.
    pub round_decimals: Option<u32>,
    /// Instead of the common batch size.
    pub batch_size: Option<usize>,
    /// Timeframes this symbol does not have.
    pub skip_timeframes: Vec<Timeframe>,
    /// This symbol's timeframes with every override applied, in file order; empty: the common ones.
    pub timeframes: Vec<TimeframeSpec>,
    /// In file order; the first that matches a row decides.
    pub sessions: Vec<Session>,
}

/// Hours of an exchange that have a grid of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// As the user named it.
    pub name: String,
    /// First exchange wall time it holds for.
    pub from_wall_ms: Option<i64>,
    /// Last exchange wall time it holds for (included).
    pub to_wall_ms: Option<i64>,
    /// 0 = Monday; empty: every day.
    pub weekdays: Vec<u32>,
    /// First and last minute of the day, both included; the second may be smaller: over midnight. Empty: all day.
    pub ranges: Vec<(u16, u16)>,
    /// A `catch-all` never matches a row.
    pub catch_all: bool,
    /// What it changes, by timeframe.
    pub timeframes: BTreeMap<Timeframe, SessionTimeframe>,
}

/// What a session changes about one timeframe.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SessionTimeframe {
    /// Its own anchor, as the server clock shows it in northern winter.
    pub origin: Option<Origin>,
    /// Its own steps, done after the symbol's.
    pub post: Vec<PostStep>,
}

/// When a step holds.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Limits {
    /// First exchange wall time.
    pub from_wall_ms: Option<i64>,
    /// Last exchange wall time (included).
    pub to_wall_ms: Option<i64>,
    /// Server weekday of the label, 0 = Monday; empty: every day.
    pub weekdays: Vec<u32>,
}

/// A step on folded bars.
#[derive(Clone, Debug, PartialEq)]
pub enum PostStep {
    /// Folds a bar into the neighbour at a distance.
    Merge {
        /// Endings of the server label `YYYY-MM-DD HH:MM:SS` of the bars that vanish.
        ends_with: Vec<String>,
        /// Distance to the bar that takes them in: -1 is the one before.
        offset: i32,
        /// When it holds.
        limits: Limits,
    },
    /// Moves every label.
    Shift {
        /// By so many seconds.
        offset_s: i64,
    },
}

impl TransformSettings {
    /// The group whose clock a symbol's server shows: the first that names it, else the one that takes the rest.
    pub fn group_of(&self, symbol: &Symbol) -> Option<&TimezoneGroup> {
        let named = self.timezones.iter().find(|group| group.symbols.contains(symbol));
        named.or_else(|| self.timezones.iter().find(|group| group.takes_the_rest))
    }
}

impl Settings {
    /// The symbol whose payloads make `symbol`: itself, or the source of an alias.
    pub fn payload_symbol<'a>(&'a self, symbol: &'a Symbol) -> &'a Symbol {
        self.transform.symbols.get(symbol).and_then(|own| own.source.as_ref()).unwrap_or(symbol)
    }

    /// The timeframes of one symbol, overrides applied and skipped ones left out, in file order.
    pub fn timeframes_of(&self, symbol: &Symbol) -> Vec<&TimeframeSpec> {
        let own = self.resample.symbols.get(symbol);
        let specs = match own {
            Some(own) if !own.timeframes.is_empty() => &own.timeframes,
            _ => &self.resample.timeframes,
        };
        let skipped = |id: &Timeframe| own.is_some_and(|own| own.skip_timeframes.contains(id));
        specs.iter().filter(|spec| !skipped(&spec.id)).collect()
    }
}
