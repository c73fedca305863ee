//! Days, weeks and months on the server's clock.

use std::ops::Range;

use super::super::entry::{Param, WarmUp};

const DAY_MS: f64 = 86_400_000.0;

/// The words for a span of the calendar.
const OF: &[&str] = &["day", "week", "month"];

/// Which span is meant.
pub(super) const fn of() -> Param {
    Param::words("of", OF, 0)
}

/// The rows of each day (0), week (1) or month (2) in order; `time` are labels on the server's clock.
pub(in super::super) fn spans(time: &[f64], of: usize, mut each: impl FnMut(Range<usize>)) {
    let mut first = 0;
    while first < time.len() {
        let (begin, end) = bounds(time[first], of);
        let within = |label: &f64| (begin..end).contains(label);
        let rows = time[first..].iter().position(|label| !within(label)).unwrap_or(time.len() - first);
        each(first..first + rows);
        first += rows;
    }
}

/// What reaches from the beginning of the span before: bars are not shorter than a minute, and a day has up to an
/// hour more than 24 when clocks are set back.
pub(super) fn span_before(of: usize) -> WarmUp {
    const MINUTES: usize = 24 * 60;
    match of {
        0 => WarmUp::Day(MINUTES + 60),
        1 => WarmUp::Week(7 * MINUTES + 60),
        _ => WarmUp::Month(31 * MINUTES + 60),
    }
}

/// First millisecond of the span a time lies in, and of the next one.
fn bounds(time: f64, of: usize) -> (f64, f64) {
    let day = (time / DAY_MS).floor() as i64;
    let (begin, end) = match of {
        0 => (day, day + 1),
        // The first day of 1970 was a Thursday, and weeks begin on Mondays.
        1 => {
            let monday = day - (day + 3).rem_euclid(7);
            (monday, monday + 7)
        }
        _ => month(day),
    };
    (begin as f64 * DAY_MS, end as f64 * DAY_MS)
}

/// First day of the month a day lies in, and of the next one, counted from 1970-01-01.
fn month(day: i64) -> (i64, i64) {
    // Years that begin on March 1st have their leap day last, so that months are of the same lengths in all of them.
    let since = day + 719_468;
    let (era, of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let first_of = |month: i64| (153 * month + 2) / 5;
    let begin = day - (of_year - first_of(month));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let civil_year = era * 400 + year;
    // Month 11 is February of the next civil year.
    let days = match month {
        11 => 28 + i64::from(leap(civil_year + 1)),
        month => first_of(month + 1) - first_of(month),
    };
    (begin, begin + days)
}
