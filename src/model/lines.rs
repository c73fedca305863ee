//! Bars as lines of text, as they stand in a `SYMBOL.csv`.

use std::io::Write;

use chrono::NaiveDate;

use super::Bar;
use super::day::DAY_MS;
use super::shortest::Shortest;

/// The first line.
pub const HEADER: &str = "time,open,high,low,close,volume\n";

/// Makes a line of every bar: its label on the server's clock, and the shortest decimals that read back as the same
/// numbers.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    times: WallTimes,
    prices: Shortest,
    volumes: Shortest,
}

/// Writes what a clock shows, as `YYYY-MM-DD HH:MM:SS`.
#[derive(Clone, Debug)]
pub struct WallTimes {
    /// The date that was written last, and its text: nearly every bar is of the day of the one before.
    day: i64,
    date: Vec<u8>,
}

impl Default for WallTimes {
    fn default() -> WallTimes {
        WallTimes { day: 0, date: date_of(0) }
    }
}

impl Lines {
    /// Appends `YYYY-MM-DD HH:MM:SS,open,high,low,close,volume` and a line feed for every bar.
    pub fn write(&mut self, bars: &[Bar], out: &mut Vec<u8>) {
        for bar in bars {
            self.times.write(bar.server_ms(), out);
            for price in [bar.open, bar.high, bar.low, bar.close] {
                out.push(b',');
                self.prices.write(price, out);
            }
            out.push(b',');
            self.volumes.write(bar.volume, out);
            out.push(b'\n');
        }
    }
}

impl WallTimes {
    /// Appends the text of so many milliseconds since the clock's 1970-01-01 00:00.
    #[inline]
    pub fn write(&mut self, wall_ms: i64, out: &mut Vec<u8>) {
        let day = wall_ms.div_euclid(DAY_MS);
        if day != self.day {
            (self.day, self.date) = (day, date_of(day));
        }
        out.extend_from_slice(&self.date);
        let second = (wall_ms.rem_euclid(DAY_MS) / 1000) as u32;
        let digit = |number: u32| b'0' + (number % 10) as u8;
        let [h, m, s] = [second / 3600, second / 60 % 60, second % 60];
        let clock = [digit(h / 10), digit(h), b':', digit(m / 10), digit(m), b':', digit(s / 10), digit(s)];
        out.extend_from_slice(&clock);
    }
}

/// `YYYY-MM-DD ` of a day counted from 1970-01-01. A damaged file may hold any: what no calendar has is the last it has.
fn date_of(day: i64) -> Vec<u8> {
    let date = i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).unwrap_or(NaiveDate::MAX);
    let mut text = Vec::with_capacity(16);
    write!(text, "{} ", date.format("%Y-%m-%d")).expect("memory takes what is written to it");
    text
}
