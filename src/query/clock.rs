//! The clock in which times are typed and shown.

use std::str::FromStr;

use chrono_tz::Tz;

use super::{QueryError, nearest};
use crate::model::clock::{Clock, Run};
use crate::model::{Bar, Settings, Symbol};

/// The clock a reader asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockChoice {
    /// The charting server's.
    #[default]
    Server,
    /// The wall clock of each symbol's exchange.
    Exchange,
    /// One zone for all symbols; UTC is one.
    Zone(Tz),
}

/// The clock of one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputClock {
    /// Every bar carries the server's offset at its label.
    Server,
    /// A zone's wall clock.
    Zone(Clock),
}

impl FromStr for ClockChoice {
    type Err = QueryError;

    /// Reads `server`, `utc`, `exchange` or the name of an IANA zone.
    fn from_str(text: &str) -> Result<ClockChoice, QueryError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "server" => Ok(ClockChoice::Server),
            "exchange" => Ok(ClockChoice::Exchange),
            "utc" => Ok(ClockChoice::Zone(Tz::UTC)),
            name => named_zone(name).map(ClockChoice::Zone).ok_or_else(|| QueryError::Clock {
                text: text.to_owned(),
                nearest: nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())),
            }),
        }
    }
}

impl ClockChoice {
    /// The clock for one symbol. An exchange without a time zone of its own shows the server's.
    pub fn for_symbol(self, settings: &Settings, symbol: &Symbol) -> OutputClock {
        let exchange = || settings.resample.symbols.get(symbol).and_then(|own| own.timezone);
        match self {
            ClockChoice::Server => OutputClock::Server,
            ClockChoice::Exchange => exchange().map_or(OutputClock::Server, OutputClock::zone),
            ClockChoice::Zone(zone) => OutputClock::zone(zone),
        }
    }
}

impl OutputClock {
    /// The wall clock of a zone.
    pub fn zone(zone: Tz) -> OutputClock {
        // The commonest zone never changes and needs no list of changes.
        OutputClock::Zone(if zone == Tz::UTC { Clock::fixed(0) } else { Clock::of_zone(zone) })
    }

    /// What the clock shows at a bar's label, in milliseconds since its 1970-01-01 00:00.
    pub fn label_ms(&self, bar: &Bar) -> i64 {
        match self {
            OutputClock::Server => bar.server_ms(),
            OutputClock::Zone(clock) => clock.wall_ms(bar.time_ms as i64),
        }
    }

    /// [`OutputClock::label_ms`] of every bar, in their order. A zone is asked once for each run of one offset.
    pub fn labels_ms<'a>(&self, bars: impl Iterator<Item = &'a Bar>) -> Vec<i64> {
        let mut labels = self.labels();
        bars.map(|bar| labels.of(bar)).collect()
    }

    /// The way through many bars whose neighbours are of one offset, nearly always.
    pub(super) fn labels(&self) -> Labels<'_> {
        match self {
            OutputClock::Server => Labels::Server,
            OutputClock::Zone(clock) => Labels::Zone { clock, run: clock.run_at(0) },
        }
    }
}

/// What a clock shows at one bar after the other.
pub(super) enum Labels<'a> {
    /// The bars carry it.
    Server,
    /// The run of one offset that the last bar was in.
    Zone { clock: &'a Clock, run: Run },
}

impl Labels<'_> {
    /// The same as [`OutputClock::label_ms`].
    pub(super) fn of(&mut self, bar: &Bar) -> i64 {
        match self {
            Labels::Server => bar.server_ms(),
            Labels::Zone { clock, run } => {
                let time_ms = bar.time_ms as i64;
                if !(run.start_ms..run.end_ms).contains(&time_ms) {
                    *run = clock.run_at(time_ms);
                }
                // A damaged bar may hold any time: it is to be refused, not to end the program.
                time_ms.wrapping_add(1000 * i64::from(run.offset_s))
            }
        }
    }
}

/// Zones are found in any case: nobody means another zone by it.
fn named_zone(name: &str) -> Option<Tz> {
    chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)).copied()
}
