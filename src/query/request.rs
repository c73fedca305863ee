//! Which part of a series is asked for, and how people write times.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::QueryError;

/// One end of a range.
///
/// A wall time stands for the first bar that the output clock labels so or later. That is one place in the series
/// also where the clock is set forward (the time does not exist: the bar after the gap) or back (it exists
/// twice: the first one), so ranges that meet at a wall time neither overlap nor leave a bar out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An instant in UTC milliseconds, compared with `time_ms`.
    Instant(i64),
    /// A reading of the output clock, in milliseconds since its 1970-01-01 00:00.
    Wall(i64),
}

/// Half open: `after` is inside, `until` is outside; `None` is without an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The first bar is not before this.
    pub after: Option<Bound>,
    /// Every bar is before this.
    pub until: Option<Bound>,
}

impl Range {
    /// Whether no time lies between its ends, as far as they can be compared.
    pub fn is_empty(&self) -> bool {
        match (self.after, self.until) {
            (Some(Bound::Instant(after)), Some(Bound::Instant(until)))
            | (Some(Bound::Wall(after)), Some(Bound::Wall(until))) => after >= until,
            _ => false,
        }
    }
}

/// Which end of a series comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// The part of a series that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// Between these times.
    pub range: Range,
    /// In this order.
    pub order: Order,
    /// At most so many bars, counted in that order; `None` is all.
    pub rows_max: Option<usize>,
}

impl FromStr for Bound {
    type Err = QueryError;

    /// Reads `YYYY-MM-DD[ HH:MM[:SS]]` (a `T` between is fine), RFC 3339, or epoch milliseconds.
    fn from_str(text: &str) -> Result<Bound, QueryError> {
        let refuse = |reason| QueryError::Time { text: text.to_owned(), reason };
        let trimmed = text.trim();
        let digits = trimmed.strip_prefix('-').unwrap_or(trimmed);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            if digits.len() == 8 {
                return Err(refuse("eight digits may be a date or milliseconds"));
            }
            return trimmed.parse().map(Bound::Instant).map_err(|_| refuse("too many digits"));
        }
        if let Ok(instant) = DateTime::parse_from_rfc3339(trimmed) {
            return Ok(Bound::Instant(instant.timestamp_millis()));
        }
        wall_ms(trimmed).map(Bound::Wall).ok_or_else(|| refuse("it is no date, or no time of day"))
    }
}

fn wall_ms(text: &str) -> Option<i64> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    }
    let spaced = text.replacen('T', " ", 1);
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(&spaced, format).ok())
        .map(|time| time.and_utc().timestamp_millis())
}
