//! What the provider says now, laid over what a calendar holds.

use super::{Author, Calendar, Event, EventKind, Line};
use crate::model::Day;

/// What a fetch does to a calendar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Events that were not there.
    pub added: Vec<Event>,
    /// The provider's own lines that have another value now: the old and the new one.
    pub changed: Vec<(Event, Event)>,
    /// The provider's own lines that it no longer lists.
    pub removed: Vec<Event>,
    /// The user's lines on dates for which the provider has another value: theirs, and the provider's that was left out.
    pub kept: Vec<(Event, Event)>,
}

impl Changes {
    /// Whether the calendar stays as it is.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

impl Calendar {
    /// The calendar with what the provider lists now.
    ///
    /// The user's lines stay, and win where the provider lists the same date. The provider's own lines become what it
    /// says now, from its first date on: a list that no longer reaches back so far takes nothing away.
    #[must_use]
    pub fn with_fetched(&self, fetched: &[Event]) -> (Calendar, Changes) {
        let mut changes = Changes::default();
        let first = fetched.iter().map(|event| event.day).min();
        let mut calendar = Calendar { lines: Vec::new(), tail: self.tail.clone() };
        for line in &self.lines {
            let now = fetched.iter().find(|event| is_same(event, &line.event));
            match (line.author, now) {
                (Author::Hand, Some(now)) if now.value != line.event.value => {
                    changes.kept.push((line.event, *now));
                    calendar.lines.push(line.clone());
                }
                (Author::Provider, Some(now)) if now.value != line.event.value => {
                    changes.changed.push((line.event, *now));
                    calendar.lines.push(Line { event: *now, ..line.clone() });
                }
                (Author::Provider, None) if is_listed(line.event, first) => changes.removed.push(line.event),
                _ => calendar.lines.push(line.clone()),
            }
        }
        for event in fetched {
            if !self.lines.iter().any(|line| is_same(&line.event, event)) {
                changes.added.push(*event);
                let (author, comments) = (Author::Provider, Vec::new());
                calendar.lines.push(Line { event: *event, author, comments, number: 0 });
            }
        }
        calendar.sort();
        (calendar, changes)
    }
}

fn is_same(a: &Event, b: &Event) -> bool {
    (a.day, a.kind) == (b.day, b.kind)
}

/// Whether the provider's list, which knows rolls from its first date on, would hold an event.
fn is_listed(event: Event, first: Option<Day>) -> bool {
    event.kind == EventKind::Roll && first.is_some_and(|first| event.day >= first)
}
