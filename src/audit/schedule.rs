//! When one symbol should trade: the instrument's schedule and holidays, or Monday to Friday where nobody told.

use crate::model::Day;
use crate::model::day::MINUTE_MS;
use crate::model::instrument::{Instrument, Span, hold_a_minute, trades_on_weekday};

/// What is known of a symbol's trading hours.
#[derive(Clone, Debug, Default)]
pub struct Schedule(Option<Instrument>);

/// One day of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Whether bars are expected at all.
    pub expected: bool,
    /// When, where a schedule says so; `None` where only the weekday is known.
    pub spans: Option<Vec<Span>>,
}

impl Schedule {
    /// Of the instrument, if the lake holds its description.
    pub fn of(instrument: Option<Instrument>) -> Schedule {
        Schedule(instrument)
    }

    /// The hours of one UTC day.
    pub fn hours(&self, day: Day) -> Hours {
        match &self.0 {
            Some(instrument) => match instrument.scheduled_intervals(day) {
                Some(spans) => Hours { expected: hold_a_minute(&spans), spans: Some(spans) },
                None => Hours { expected: instrument.trades_on(day), spans: None },
            },
            None => Hours { expected: trades_on_weekday(day), spans: None },
        }
    }

    /// Whether the hours of a day are known, and not only the weekday.
    pub fn is_known_on(&self, day: Day) -> bool {
        self.0.as_ref().is_some_and(|instrument| instrument.scheduled_intervals(day).is_some())
    }

    /// The UTC day in which the feed's history begins, where it says so.
    pub fn history_start(&self) -> Option<Day> {
        self.0.as_ref().and_then(Instrument::history_start)
    }
}

impl Hours {
    /// Minutes of trading; 0 where the hours are not known.
    pub fn minutes(&self) -> u16 {
        let spans = self.spans.as_deref().unwrap_or_default();
        (spans.iter().map(|(from, until)| until - from).sum::<i64>() / MINUTE_MS) as u16
    }
}
