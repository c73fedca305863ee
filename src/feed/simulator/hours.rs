//! When a market trades: sessions on its exchange's clock, and the days it stays shut.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::holidays::{Calendar, Closing};
use crate::model::Day;
use crate::model::day::MINUTE_MS;

/// One session of a trading date, on the exchange's clock.
pub struct Session {
    /// The weekdays it belongs to, bit 0 = Monday.
    pub weekdays: u8,
    /// Minutes after the date's 00:00; negative: on the evening before.
    pub start: i32,
    /// Minutes after the date's 00:00, at most 1439.
    pub end: i32,
}

/// A part of the day that is busier than the rest, most at its two ends.
pub struct Busy {
    /// First minute of the exchange's day.
    pub from: i32,
    /// The minute after the last one.
    pub until: i32,
    /// How much it adds at its ends.
    pub weight: f64,
}

/// The hours of one kind of market.
pub struct Hours {
    /// Part of the schedule's id.
    pub id: &'static str,
    /// The exchange's clock.
    pub zone: Tz,
    /// Every session of the week.
    pub sessions: &'static [Session],
    /// What a full holiday shuts, in minutes around the holiday's 00:00.
    pub closing: (i32, i32),
    /// Which days are holidays.
    pub calendar: Calendar,
    /// How far the price may wander on each UTC weekday, in sixteenths of a day; Monday first.
    pub steps: [u64; 7],
    /// Activity outside the busy parts.
    pub quiet: f64,
    /// The busy parts.
    pub busy: &'static [Busy],
}

/// Open time within one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First open minute.
    pub from_ms: i64,
    /// The minute after the last one.
    pub until_ms: i64,
}

impl Hours {
    /// The open time of one UTC day, in order, without overlaps.
    pub fn open(&self, day: Day) -> Vec<Span> {
        let mut open: Vec<Span> =
            day.plus(-1).through(day.plus(1)).flat_map(|date| self.traded(date)).collect();
        open.sort_by_key(|span| span.from_ms);
        for shut in day.plus(-3).through(day.plus(2)).filter_map(|date| self.shut(date)) {
            open = open.into_iter().flat_map(|span| span.without(shut)).collect();
        }
        open.iter().filter_map(|span| span.within(day)).fold(Vec::with_capacity(4), join)
    }

    /// What a date's holiday shuts, if it is one.
    pub fn shut(&self, date: Day) -> Option<Span> {
        let (from, until) = match self.calendar.closing(date)? {
            Closing::Full => self.closing,
            Closing::Part(from, until) => (from, until),
        };
        Some(Span { from_ms: self.instant(date, from), until_ms: self.instant(date, until) })
    }

    /// The exchange's clock minus UTC, in minutes.
    pub fn offset(&self, time_ms: i64) -> i64 {
        let utc = DateTime::from_timestamp_millis(time_ms).expect("days between 1970 and 2199 are dates");
        i64::from(self.zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()) / 60
    }

    fn traded(&self, date: Day) -> impl Iterator<Item = Span> + '_ {
        let today = self.sessions.iter().filter(move |session| session.weekdays >> date.weekday() & 1 == 1);
        today.map(move |session| Span {
            from_ms: self.instant(date, session.start),
            until_ms: self.instant(date, session.end),
        })
    }

    /// No session begins or ends in the hour a clock change skips or repeats, so two looks at the offset find the instant.
    fn instant(&self, date: Day, minute: i32) -> i64 {
        let wall_ms = date.start_ms() + i64::from(minute) * MINUTE_MS;
        let near_ms = wall_ms - self.offset(wall_ms) * MINUTE_MS;
        wall_ms - self.offset(near_ms) * MINUTE_MS
    }

    /// Activity by minute of the exchange's day, about 1 on average over the busy hours.
    pub fn activity(&self) -> Vec<f64> {
        let of = |minute: i32| self.busy.iter().fold(self.quiet, |sum, part| sum + part.adds(minute));
        (0..24 * 60).map(of).collect()
    }
}

impl Busy {
    fn adds(&self, minute: i32) -> f64 {
        if !(self.from..self.until).contains(&minute) {
            return 0.0;
        }
        let x = 2.0 * f64::from(minute - self.from) / f64::from(self.until - self.from) - 1.0;
        self.weight * (0.35 + 0.65 * x * x * x * x)
    }
}

impl Span {
    fn without(self, shut: Span) -> impl Iterator<Item = Span> {
        let before = Span { until_ms: self.until_ms.min(shut.from_ms), ..self };
        let after = Span { from_ms: self.from_ms.max(shut.until_ms), ..self };
        [before, after].into_iter().filter(|span| span.from_ms < span.until_ms)
    }

    fn within(self, day: Day) -> Option<Span> {
        let cut =
            Span { from_ms: self.from_ms.max(day.start_ms()), until_ms: self.until_ms.min(day.end_ms()) };
        (cut.from_ms < cut.until_ms).then_some(cut)
    }
}

/// Adds a span to those before it, as one where they touch.
pub fn join(mut spans: Vec<Span>, next: Span) -> Vec<Span> {
    match spans.last_mut() {
        Some(last) if last.until_ms >= next.from_ms => last.until_ms = last.until_ms.max(next.until_ms),
        _ => spans.push(next),
    }
    spans
}
