//! Which days of one symbol to ask for.

use crate::model::Day;
use crate::model::instrument::{Instrument, trades_on_weekday};

/// One request to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// A UTC day that is over.
    Finished {
        /// The day.
        day: Day,
        /// Why it is asked for.
        why: Why,
    },
    /// The UTC day that is running.
    Running {
        /// The day.
        day: Day,
    },
}

/// Why a finished day is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no payload of it.
    Missing,
    /// Its payload cannot be read.
    Damaged,
    /// Its payload is empty although the instrument trades that day.
    Suspicious,
    /// The transform refused it, or bars of it: they lie in quarantine.
    RefusedBars,
    /// The user asks again.
    AskAgain,
}

/// What the lake holds of a finished day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// No payload.
    Nothing,
    /// Something that is no payload.
    Damaged,
    /// A payload without candles.
    Empty,
    /// A payload that was refused, or bars of it.
    RefusedBars,
    /// A payload.
    Candles,
}

/// The days in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Day,
    /// Last day, included; days after `today` are never asked for.
    pub to: Day,
    /// The running day.
    pub today: Day,
    /// Whether finished days that are held are asked for as well.
    pub ask_again: bool,
}

/// The requests to make, newest day first; `held` is asked about finished days only, once each.
///
/// Newest first, because it is the newest days people wait for, because an unknown symbol shows at once, and because
/// days before a symbol's history then come last: when they are answered with 404 nothing newer is lost by giving up.
pub fn worklist<E>(
    window: Window,
    instrument: Option<&Instrument>,
    mut held: impl FnMut(Day) -> Result<Held, E>,
) -> Result<Vec<Job>, E> {
    let begins = instrument.and_then(Instrument::history_start);
    let first = begins.map_or(window.from, |begins| begins.max(window.from));
    let mut jobs = Vec::new();
    for day in first.through(window.to.min(window.today)).rev() {
        if day == window.today {
            jobs.push(Job::Running { day });
        } else if let Some(why) = reason(held(day)?, window.ask_again, || trades_on(instrument, day)) {
            jobs.push(Job::Finished { day, why });
        }
    }
    Ok(jobs)
}

/// Whether the instrument trades on a day, as far as anybody knows.
pub fn trades_on(instrument: Option<&Instrument>, day: Day) -> bool {
    instrument.map_or_else(|| trades_on_weekday(day), |instrument| instrument.trades_on(day))
}

impl Job {
    /// The day it asks for.
    pub fn day(self) -> Day {
        match self {
            Job::Finished { day, .. } | Job::Running { day } => day,
        }
    }
}

fn reason(held: Held, ask_again: bool, trades: impl FnOnce() -> bool) -> Option<Why> {
    match held {
        Held::Nothing => Some(Why::Missing),
        Held::Damaged => Some(Why::Damaged),
        Held::Empty if trades() => Some(Why::Suspicious),
        Held::RefusedBars => Some(Why::RefusedBars),
        Held::Empty | Held::Candles => ask_again.then_some(Why::AskAgain),
    }
}
