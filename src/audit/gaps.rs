//! Silence inside trading hours.
//!
//! A gap is a stretch of trading hours without a bar that is longer than a limit. A break of the schedule, a holiday
//! and a weekend end a stretch, midnight does not. Days without any bar are told as what they are (missing, suspicious)
//! and not as gaps once more: a stretch ends where such a day begins, and a new one begins at its end.

use super::findings::Gap;
use super::schedule::Hours;
use crate::model::Bar;
use crate::model::day::MINUTE_MS;
use crate::model::instrument::Span;

/// Looks at the days of one symbol in their order.
#[derive(Debug)]
pub struct GapFinder {
    longest_ms: i64,
    /// Since when nothing was heard, within trading hours that go on.
    silent_ms: Option<i64>,
    /// The end of the trading hours seen last.
    end_ms: i64,
    /// Before the first bar of a history there is no gap.
    began: bool,
    gaps: Vec<Gap>,
}

impl GapFinder {
    /// `longest` minutes are no gap yet. With `from_first_bar` whatever lies before the first bar is none either.
    pub fn new(longest: u32, from_first_bar: bool) -> GapFinder {
        GapFinder {
            longest_ms: i64::from(longest) * MINUTE_MS,
            silent_ms: None,
            end_ms: i64::MIN,
            began: !from_first_bar,
            gaps: Vec::new(),
        }
    }

    /// Takes in one day's bars, which are in time order.
    pub fn day(&mut self, hours: &Hours, bars: &[Bar]) {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
            self.close();
            return;
        };
        match &hours.spans {
            Some(spans) => spans.iter().for_each(|span| self.span(*span, bars)),
            // Where only the weekday is known the day trades at least from its first bar to its last.
            None if hours.expected => {
                self.span((first.time_ms as i64, last.time_ms as i64 + MINUTE_MS), bars);
                self.close();
            }
            None => self.close(),
        }
        self.began = true;
    }

    /// The gaps found, in order.
    pub fn finish(mut self) -> Vec<Gap> {
        self.close();
        self.gaps
    }

    /// Trading hours of a day; those of the day before may run into them.
    fn span(&mut self, span: Span, bars: &[Bar]) {
        if self.end_ms != span.0 {
            self.close();
        }
        let from = bars.partition_point(|bar| (bar.time_ms as i64) < span.0);
        let until = from + bars[from..].partition_point(|bar| (bar.time_ms as i64) < span.1);
        let mut silent_ms = self.silent_ms.unwrap_or(span.0);
        for bar in &bars[from..until] {
            let time_ms = bar.time_ms as i64;
            if time_ms - silent_ms > self.longest_ms && self.began {
                self.gaps.push(Gap { from_ms: silent_ms, until_ms: time_ms });
            }
            self.began = true;
            silent_ms = time_ms + MINUTE_MS;
        }
        self.silent_ms = Some(silent_ms);
        self.end_ms = span.1;
    }

    /// The trading hours are over.
    fn close(&mut self) {
        let Some(silent_ms) = self.silent_ms.take() else { return };
        if self.end_ms - silent_ms > self.longest_ms && self.began {
            self.gaps.push(Gap { from_ms: silent_ms, until_ms: self.end_ms });
        }
        self.end_ms = i64::MIN;
    }
}
