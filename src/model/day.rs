//! A UTC day, the unit in which the feed answers.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// Milliseconds of one minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds of one day.
pub const DAY_MS: i64 = 86_400_000;

/// No bar has a label from here on: the end of the days there are, and a year for labels at the end of their bar.
pub const LABELS_END_MS: i64 = 7_289_654_400_000;

/// A UTC calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Why a text or number is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a date: write YYYY-MM-DD, between 1970-01-01 and 2199-12-31 (for example 2024-01-31)")]
pub struct NotADay(pub String);

impl Day {
    /// The day that is `days` after 1970-01-01.
    pub const fn from_epoch_days(days: i32) -> Day {
        Day(days)
    }

    /// The day that holds an instant.
    pub fn of_ms(time_ms: i64) -> Day {
        Day(time_ms.div_euclid(DAY_MS) as i32)
    }

    /// The day written as the number YYYYMMDD; `None` for a number that is no date between 1970-01-01 and 2199-12-31.
    pub fn from_yyyymmdd(number: i32) -> Option<Day> {
        let (y, m, d) = (number / 10_000, number / 100 % 100, number % 100);
        let date = NaiveDate::from_ymd_opt(y, u32::try_from(m).ok()?, u32::try_from(d).ok()?)?;
        (1970..2200).contains(&y).then(|| Day::from_date(date))
    }

    /// The day as the number YYYYMMDD.
    pub fn yyyymmdd(self) -> i32 {
        let (y, m, d) = self.ymd();
        y * 10_000 + (m * 100 + d) as i32
    }

    /// Year, month (1 to 12) and day of the month.
    pub fn ymd(self) -> (i32, u32, u32) {
        let date = self.date();
        (date.year(), date.month(), date.day())
    }

    /// Days since 1970-01-01.
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// 00:00 UTC of the day.
    pub const fn start_ms(self) -> i64 {
        self.0 as i64 * DAY_MS
    }

    /// 00:00 UTC of the next day.
    pub const fn end_ms(self) -> i64 {
        (self.0 as i64 + 1) * DAY_MS
    }

    /// The day `days` later (or earlier).
    #[must_use]
    pub const fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> u32 {
        (self.0 + 3).rem_euclid(7) as u32
    }

    /// Every day from this one to `last`, both included.
    pub fn through(self, last: Day) -> impl DoubleEndedIterator<Item = Day> + ExactSizeIterator + Clone {
        (self.0..(last.0 + 1).max(self.0)).map(Day)
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).expect("days between 1970 and 2199 are dates")
    }

    fn from_date(date: NaiveDate) -> Day {
        Day(date.to_epoch_days())
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Reads `YYYY-MM-DD` (or `YYYYMMDD`).
    fn from_str(text: &str) -> Result<Day, NotADay> {
        let refuse = || NotADay(text.to_owned());
        let trimmed = text.trim();
        let format = if trimmed.len() == 8 { "%Y%m%d" } else { "%Y-%m-%d" };
        let date = NaiveDate::parse_from_str(trimmed, format).map_err(|_| refuse())?;
        if (1970..2200).contains(&date.year()) { Ok(Day::from_date(date)) } else { Err(refuse()) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}
