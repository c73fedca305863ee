//! Where one contract of a future ends and the next begins, and what that does to the prices before it.
//! Comes in: the text of a calendar file, the provider's list, closes. Goes out: calendars, their text, adjusted bars.
//! May touch: nothing, as all of `model`.
//! Never: reads a file, or changes a bar after the last event.

mod text;

mod merge;

mod ladder;

pub use ladder::{Close, Impossible, Ladder, Step};
pub use merge::Changes;
pub use text::{COLUMNS, NotACalendar};

use std::fmt;
use std::str::FromStr;

use super::clock::Clock;
use super::day::DAY_MS;
use super::{Day, Symbol};

/// How earlier prices are brought to the level of later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Adjustment {
    /// By addition: what a contract gained or lost stays what it was, in money.
    Panama,
    /// By multiplication: what a contract gained or lost stays what it was, in percent; no price becomes negative.
    Ratio,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A contract was followed by the next one: its value is added to what lies at or before the end of the date.
    Roll,
    /// A stock was split: what lies at or before the end of the date (payable date) is divided by its value.
    Split,
    /// A stock paid cash: its value is taken off what lies before the date (ex date).
    Dividend,
}

/// One line of a calendar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// On the server's clock.
    pub day: Day,
    /// What happened.
    pub kind: EventKind,
    /// Gap of a roll, factor of a split, amount of a dividend.
    pub value: f64,
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The user: nothing but the user takes it away.
    Hand,
    /// `engine rollover`: the next fetch replaces it.
    Provider,
}

/// An event as it stands in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What the line says.
    pub event: Event,
    /// Who says so.
    pub author: Author,
    /// Comment lines above it, as written.
    pub comments: Vec<String>,
    /// Its number in the file, from 1; 0 when it is not in a file yet.
    pub number: usize,
}

/// All events of one symbol, in the order in which they happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    lines: Vec<Line>,
    /// Comment lines after the last event.
    tail: Vec<String>,
}

impl Event {
    /// The first instant that the event leaves as it is: bars before it are moved.
    ///
    /// The clock may show midnight twice where it is set back; the first time counts.
    pub fn until_ms(&self, server: &Clock) -> i64 {
        let midnight_ms = match self.kind {
            // 23:59:59 of the date is the last second that is moved, and bars stand on whole minutes.
            EventKind::Roll | EventKind::Split => self.day.start_ms() + DAY_MS,
            EventKind::Dividend => self.day.start_ms(),
        };
        server.first_instant_ms(midnight_ms)
    }
}

impl Calendar {
    /// The lines, in the order of their events.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The events, in the order in which they happened.
    pub fn events(&self) -> impl ExactSizeIterator<Item = &Event> {
        self.lines.iter().map(|line| &line.event)
    }

    /// A dividend's date is the first day after it, all others are the last day before it: on one date it comes first.
    fn sort(&mut self) {
        self.lines
            .sort_by_key(|line| (line.event.day, line.event.kind != EventKind::Dividend, line.event.kind));
    }
}

/// The name under which the provider lists a symbol: its last `-` is a `/`.
pub fn provider_title(symbol: &Symbol) -> String {
    match symbol.as_str().rsplit_once('-') {
        Some((base, quote)) => format!("{base}/{quote}"),
        None => symbol.to_string(),
    }
}

const ADJUSTMENTS: [(&str, Adjustment); 2] = [("panama", Adjustment::Panama), ("ratio", Adjustment::Ratio)];
const KINDS: [(&str, EventKind); 3] =
    [("roll", EventKind::Roll), ("split", EventKind::Split), ("dividend", EventKind::Dividend)];
const AUTHORS: [(&str, Author); 2] = [("hand", Author::Hand), ("provider", Author::Provider)];

/// A word that is none of those known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

fn named<T: Copy>(table: &[(&str, T)], word: &str) -> Result<T, UnknownWord> {
    table.iter().find(|known| known.0 == word).map(|known| known.1).ok_or(UnknownWord)
}

fn name_of<T: Copy + PartialEq>(table: &[(&'static str, T)], value: T) -> &'static str {
    table.iter().find(|known| known.1 == value).map_or("", |known| known.0)
}

macro_rules! words {
    ($type:ty, $table:ident) => {
        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<$type, UnknownWord> {
                named(&$table, word)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(name_of(&$table, *self))
            }
        }
    };
}

words!(Adjustment, ADJUSTMENTS);
words!(EventKind, KINDS);
words!(Author, AUTHORS);
