//! The words of an audit: what a day is, what can be wrong with it, and where.

use crate::model::{Bar, Day};

/// What a UTC day of one symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayState {
    /// Not a trading day, and nothing is there.
    Shut,
    /// Not a trading day, and its payload is empty, as it should be.
    Empty,
    /// There are bars.
    Full,
    /// There are bars, but less than half as many for the hours it trades as that symbol usually has in that year.
    Thin,
    /// A trading day whose payload is there and holds no bar.
    Suspicious,
    /// A trading day without payload.
    Missing,
    /// Something of it breaks a rule.
    Damaged,
    /// Something of it breaks a rule, and the user has said that it is right.
    Released,
    /// The 1m series has bars of it, and their payload is gone: a rebuild would lose them.
    Unbacked,
}

/// What is wrong with a day's file or with a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DamageKind {
    /// The payload could not be read from the disk.
    FileUnreadable,
    /// The payload was refused as a whole.
    PayloadRefused,
    /// The payload was refused because two candles share a minute.
    DuplicateMinute,
    /// A price or the volume is no finite number.
    NotFinite,
    /// The high is below the low.
    HighBelowLow,
    /// The high is below the open or the close.
    HighBelowOpenClose,
    /// The low is above the open or the close.
    LowAboveOpenClose,
    /// The volume is below zero.
    NegativeVolume,
    /// A price is zero or less: a soft rule, the bar stays.
    PriceNotPositive,
    /// The high is far above the low: a soft rule, the bar stays.
    WideRange,
}

/// Which bars or which file of a day broke a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The UTC day.
    pub day: Day,
    /// The rule.
    pub kind: DamageKind,
    /// Bars that broke it; 0 where the file as a whole did.
    pub bars: u32,
    /// The first of them, UTC milliseconds.
    pub first_ms: Option<i64>,
    /// In words, where the file as a whole was refused.
    pub reason: Option<String>,
    /// Whether the user has said that the day is right.
    pub released: bool,
}

/// One audited day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditedDay {
    /// The UTC day.
    pub day: Day,
    /// What it is.
    pub state: DayState,
    /// Whether the schedule trades on it.
    pub expected: bool,
    /// Minutes of it on which the schedule trades; 0 where no schedule is known.
    pub minutes: u16,
    /// Bars of it.
    pub bars: u16,
    /// Whether its finished payload is in the cache.
    pub file: bool,
    /// Whether only a running day's payload is there, although the day is over.
    pub unfinished: bool,
    /// Whether there was a candle, were it one that had to be set aside.
    pub candles: bool,
}

/// A stretch of trading hours without a bar: from the end of one, or of a break, to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first silent minute, UTC milliseconds.
    pub from_ms: i64,
    /// The minute after the last silent one.
    pub until_ms: i64,
}

/// A bar that stands out and is gone again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// The bar's label, UTC milliseconds.
    pub time_ms: i64,
    /// How far it stood out, as a share of the price before: 0.01 is one percent.
    pub excursion: f64,
    /// The same in robust deviations of this symbol's recent 1-minute returns; `None` for a bar that only broke the soft
    /// rule about its range.
    pub deviations: Option<f64>,
}

impl DamageKind {
    /// Every kind, files first, then hard rules, then soft ones.
    pub const ALL: [DamageKind; 10] = [
        DamageKind::FileUnreadable,
        DamageKind::PayloadRefused,
        DamageKind::DuplicateMinute,
        DamageKind::NotFinite,
        DamageKind::HighBelowLow,
        DamageKind::HighBelowOpenClose,
        DamageKind::LowAboveOpenClose,
        DamageKind::NegativeVolume,
        DamageKind::PriceNotPositive,
        DamageKind::WideRange,
    ];

    /// The rule a bar breaks, the worst one if there are several.
    pub fn of_bar(bar: &Bar) -> Option<DamageKind> {
        let Bar { open, high, low, close, volume, .. } = *bar;
        let prices = [open, high, low, close];
        let rules = [
            (!prices.iter().chain([&volume]).all(|number| number.is_finite()), DamageKind::NotFinite),
            (high < low, DamageKind::HighBelowLow),
            (high < open.max(close), DamageKind::HighBelowOpenClose),
            (low > open.min(close), DamageKind::LowAboveOpenClose),
            (volume < 0.0, DamageKind::NegativeVolume),
            (prices.iter().any(|price| *price <= 0.0), DamageKind::PriceNotPositive),
            (high / low > WIDE_RANGE, DamageKind::WideRange),
        ];
        rules.into_iter().find(|(broken, _)| *broken).map(|(_, kind)| kind)
    }

    /// Whether it is the file that is damaged and not a bar of it.
    pub fn is_of_file(self) -> bool {
        self <= DamageKind::DuplicateMinute
    }

    /// Whether the bar stays in the series, flagged.
    pub fn is_soft(self) -> bool {
        self >= DamageKind::PriceNotPositive
    }

    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            DamageKind::FileUnreadable => "file_unreadable",
            DamageKind::PayloadRefused => "payload_refused",
            DamageKind::DuplicateMinute => "duplicate_minute",
            DamageKind::NotFinite => "not_finite",
            DamageKind::HighBelowLow => "high_below_low",
            DamageKind::HighBelowOpenClose => "high_below_open_or_close",
            DamageKind::LowAboveOpenClose => "low_above_open_or_close",
            DamageKind::NegativeVolume => "negative_volume",
            DamageKind::PriceNotPositive => "price_not_positive",
            DamageKind::WideRange => "wide_range",
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            DamageKind::FileUnreadable => "file unreadable",
            DamageKind::PayloadRefused => "payload refused",
            DamageKind::DuplicateMinute => "two candles in one minute",
            DamageKind::NotFinite => "not a finite number",
            DamageKind::HighBelowLow => "high below low",
            DamageKind::HighBelowOpenClose => "high below open or close",
            DamageKind::LowAboveOpenClose => "low above open or close",
            DamageKind::NegativeVolume => "volume below zero",
            DamageKind::PriceNotPositive => "price zero or less",
            DamageKind::WideRange => "high far above low",
        }
    }
}

/// The soft rule's limit (SPEC 4.5).
const WIDE_RANGE: f64 = 1.5;

impl DayState {
    /// Every state, in the order of their numbers.
    pub const ALL: [DayState; 9] = [
        DayState::Shut,
        DayState::Empty,
        DayState::Full,
        DayState::Thin,
        DayState::Suspicious,
        DayState::Missing,
        DayState::Damaged,
        DayState::Released,
        DayState::Unbacked,
    ];

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            DayState::Shut => "weekend or holiday",
            DayState::Empty => "empty, no trading day",
            DayState::Full => "full",
            DayState::Thin => "thin",
            DayState::Suspicious => "suspiciously empty",
            DayState::Missing => "missing",
            DayState::Damaged => "damaged",
            DayState::Released => "released by the user",
            DayState::Unbacked => "bars without payload",
        }
    }
}

impl Gap {
    /// How long it is.
    pub fn minutes(&self) -> i64 {
        (self.until_ms - self.from_ms) / crate::model::day::MINUTE_MS
    }
}
