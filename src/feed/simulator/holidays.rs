//! The days a market stays shut, and the days it closes early.

use crate::model::Day;

/// Holidays of a region.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Calendar {
    /// Never shut.
    None,
    /// Christmas and New Year.
    Currency,
    /// Also Good Friday; early closes on the 4th of July and on Thanksgiving.
    Futures,
    /// The New York Stock Exchange's.
    UsStocks,
    /// Also Good Friday, Easter Monday, the 26th of December; an early close on Christmas Eve.
    Europe,
    /// As Europe without the early close.
    Commonwealth,
    /// Christmas, and the first three days of the year.
    Japan,
}

/// What a holiday shuts.
pub enum Closing {
    /// The whole day, whatever that means for the exchange.
    Full,
    /// From one minute of the exchange's day to another.
    Part(i32, i32),
}

impl Calendar {
    /// What a date shuts, if it is a holiday.
    pub fn closing(self, date: Day) -> Option<Closing> {
        use Calendar::*;
        let (year, month, day) = date.ymd();
        let from_easter =
            if matches!(month, 3 | 4) { date.epoch_days() - easter(year).epoch_days() } else { 99 };
        match self {
            None => Option::None,
            _ if matches!((month, day), (12, 25) | (1, 1)) => Some(Closing::Full),
            Currency => Option::None,
            Japan => (month == 1 && day <= 3).then_some(Closing::Full),
            _ if from_easter == -2 => Some(Closing::Full),
            Futures => early(is_thanksgiving(date) || (month, day) == (7, 4), 13 * 60, 18 * 60),
            UsStocks if is_us_holiday(date) => Some(Closing::Full),
            UsStocks => early(is_thanksgiving(date.plus(-1)), 13 * 60, 16 * 60),
            Europe | Commonwealth if from_easter == 1 || (month, day) == (12, 26) => Some(Closing::Full),
            Europe => early((month, day) == (12, 24), 14 * 60, 24 * 60),
            Commonwealth => Option::None,
        }
    }
}

fn early(is: bool, from: i32, until: i32) -> Option<Closing> {
    is.then_some(Closing::Part(from, until))
}

fn is_thanksgiving(date: Day) -> bool {
    let (_, month, day) = date.ymd();
    month == 11 && date.weekday() == 3 && (22..=28).contains(&day)
}

/// Full holidays of the New York Stock Exchange besides Good Friday, Christmas and New Year themselves.
fn is_us_holiday(date: Day) -> bool {
    let (_, month, day) = date.ymd();
    let monday = date.weekday() == 0;
    let friday = date.weekday() == 4;
    let observed =
        |m: u32, d: u32| month == m && (day == d || monday && day == d + 1 || friday && day + 1 == d);
    is_thanksgiving(date)
        || observed(7, 4)
        || observed(12, 25)
        || monday && (month, day) == (1, 2)
        || monday && month == 1 && (15..=21).contains(&day)
        || monday && month == 2 && (15..=21).contains(&day)
        || monday && month == 5 && day >= 25
        || monday && month == 9 && day <= 7
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i32) -> Day {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Day::from_yyyymmdd(year * 10_000 + n / 31 * 100 + n % 31 + 1)
        .expect("the formula yields a date of March or April")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_church_says() {
        let known = [20030420, 20080323, 20110424, 20190421, 20240331, 20250420, 20260405, 20380425];
        assert!(known.iter().all(|&date| easter(date / 10_000).yyyymmdd() == date));
    }
}
