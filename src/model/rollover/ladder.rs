//! Events added up from the last to the first: what every bar is moved by.

use super::{Adjustment, Calendar, Event, EventKind, Line};
use crate::model::Bar;
use crate::model::clock::Clock;
use crate::model::decimal::Rounding;

/// Decimals of an adjusted price.
const DECIMALS: u32 = 6;

/// What becomes of the prices of a stretch of time: `price * factor + shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Bars before this instant and not before the step below are moved so.
    pub until_ms: i64,
    /// By multiplication.
    pub factor: f64,
    /// And then by addition.
    pub shift: f64,
}

/// The steps of one calendar, oldest first. Bars after the last one stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    steps: Vec<Step>,
}

/// An event that leaves nothing to scale by.
#[derive(Clone, Debug, PartialEq)]
pub struct Impossible {
    /// Its line in the calendar.
    pub line: usize,
    /// The event.
    pub event: Event,
    /// The close before it.
    pub close: f64,
}

/// The close of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Close {
    /// Of this bar, UTC milliseconds.
    pub time_ms: i64,
    /// Unadjusted.
    pub price: f64,
}

impl Ladder {
    /// The ladder of a calendar; `close_before` is the last close before an instant, `None` where there is no bar.
    ///
    /// # Errors
    /// [`Impossible`] when prices are to be scaled by what is not positive.
    pub fn new(
        calendar: &Calendar,
        adjustment: Adjustment,
        server: &Clock,
        close_before: impl Fn(i64) -> Option<Close>,
    ) -> Result<Ladder, Impossible> {
        let (mut factor, mut shift) = (1.0, 0.0);
        let lines = calendar.lines();
        let mut steps = Vec::with_capacity(lines.len());
        for (place, line) in lines.iter().enumerate().rev() {
            let until_ms = line.event.until_ms(server);
            let (own_factor, own_shift) = match adjustment {
                Adjustment::Panama => by_addition(&line.event),
                Adjustment::Ratio => {
                    let before = &lines[..place];
                    let close = close_before(until_ms).map(|close| carried(close, before, server));
                    (by_multiplication(line, close)?, 0.0)
                }
            };
            // What lies further back meets this event first, and then everything after it.
            shift += own_shift * factor;
            factor *= own_factor;
            steps.push(Step { until_ms, factor, shift });
        }
        steps.reverse();
        Ok(Ladder { steps })
    }

    /// The steps, oldest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// From here on every bar stays as it is; `None` when all of them do.
    pub fn end_ms(&self) -> Option<i64> {
        self.steps.last().map(|step| step.until_ms)
    }

    /// Moves open, high, low and close of 1m bars in increasing time, rounded to 6 decimals. Bars from
    /// [`Ladder::end_ms`] on are not touched.
    pub fn adjust(&self, bars: &mut [Bar]) {
        let rounding = Rounding::to(DECIMALS);
        let mut rest = bars;
        while let Some(first) = rest.first() {
            let first_ms = first.time_ms as i64;
            let at = self.steps.partition_point(|step| step.until_ms <= first_ms);
            let Some(step) = self.steps.get(at) else { return };
            let moved = rest.partition_point(|bar| (bar.time_ms as i64) < step.until_ms);
            let (now, later) = rest.split_at_mut(moved);
            now.iter_mut().for_each(|bar| step.apply(bar, rounding));
            rest = later;
        }
    }
}

impl Step {
    fn apply(&self, bar: &mut Bar, rounding: Rounding) {
        let mut prices =
            [bar.open, bar.high, bar.low, bar.close].map(|price| price * self.factor + self.shift);
        rounding.all(&mut prices);
        [bar.open, bar.high, bar.low, bar.close] = prices;
    }
}

fn by_addition(event: &Event) -> (f64, f64) {
    match event.kind {
        EventKind::Roll => (1.0, event.value),
        EventKind::Split => (event.value.recip(), 0.0),
        EventKind::Dividend => (1.0, -event.value),
    }
}

/// A close as it would stand right before an event: what happened since the bar, without any trade, is in it.
fn carried(close: Close, before: &[Line], server: &Clock) -> f64 {
    let since = before.iter().rposition(|line| line.event.until_ms(server) <= close.time_ms);
    before[since.map_or(0, |place| place + 1)..].iter().fold(close.price, |price, line| {
        let (factor, shift) = by_addition(&line.event);
        price * factor + shift
    })
}

/// A price that had followed the close over the event would have been multiplied by this.
fn by_multiplication(line: &Line, close: Option<f64>) -> Result<f64, Impossible> {
    let event = line.event;
    let (factor, shift) = by_addition(&event);
    // Where nothing lies before the event, nothing is scaled by it.
    let (Some(close), false) = (close, event.kind == EventKind::Split) else { return Ok(factor) };
    if close <= 0.0 || close + shift <= 0.0 {
        return Err(Impossible { line: line.number, event, close });
    }
    Ok((close + shift) / close)
}
