//! The bars a series holds for a day, beside the day's image: nothing to do, something to append, or a correction.

use crate::model::{Bar, Day};

/// What a day image means for the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The series holds exactly the image.
    Same,
    /// The image goes on where the series ends.
    Append {
        /// Index of the first new bar of the image.
        from: usize,
    },
    /// The series is not true from an instant on that its watermark has passed.
    Correct {
        /// The first instant at which series and image differ.
        at_ms: i64,
    },
}

/// How much a correction changes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// Bars added, removed or changed.
    pub bars: u64,
    /// Those of them that were not there before.
    pub added: u64,
    /// Those of them that are not there any more.
    pub removed: u64,
    /// UTC days they lie in.
    pub days: u64,
    /// The largest change of a price, in the price's unit; of bars that are there before and after.
    pub price: f64,
}

impl Difference {
    /// Both together, of different days.
    #[must_use]
    pub fn and(self, other: Difference) -> Difference {
        Difference {
            bars: self.bars + other.bars,
            added: self.added + other.added,
            removed: self.removed + other.removed,
            days: self.days + other.days,
            price: self.price.max(other.price),
        }
    }

    /// Bars that are there before and after, and not the same.
    pub fn changed(&self) -> u64 {
        self.bars - self.added - self.removed
    }
}

/// Compares. `held` are the series' bars of the day, `newer_held` tells whether it has bars of later days, and
/// `watermark_ms` is what it has promised.
pub fn compare(held: &[Bar], image: &[Bar], newer_held: bool, watermark_ms: i64) -> Verdict {
    // Nearly every day is the same as before, and a comparison of the whole is the fastest there is.
    if bytemuck::cast_slice::<Bar, u8>(held) == bytemuck::cast_slice::<Bar, u8>(image) {
        return Verdict::Same;
    }
    let common = held.iter().zip(image).take_while(|(a, b)| same(a, b)).count();
    let time = |bars: &[Bar]| bars.get(common).map(|bar| bar.time_ms as i64);
    match (time(held), time(image)) {
        (None, None) => Verdict::Same,
        (None, Some(at_ms)) if !newer_held && at_ms >= watermark_ms => Verdict::Append { from: common },
        (a, b) => Verdict::Correct { at_ms: a.into_iter().chain(b).min().expect("one of them goes on") },
    }
}

/// Counts the bars that differ, matched by their time.
pub fn difference(held: &[Bar], image: &[Bar]) -> Difference {
    let (mut held, mut image) = (held.iter().peekable(), image.iter().peekable());
    let mut total = Difference::default();
    let mut last_day = None;
    loop {
        let (a, b) = match (held.peek(), image.peek()) {
            (None, None) => return total,
            (Some(a), Some(b)) if a.time_ms == b.time_ms => (held.next(), image.next()),
            (Some(a), Some(b)) if a.time_ms < b.time_ms => (held.next(), None),
            (Some(_), None) => (held.next(), None),
            _ => (None, image.next()),
        };
        match (a, b) {
            (Some(a), Some(b)) if same(a, b) => continue,
            (Some(a), Some(b)) => total.price = total.price.max(price_change(a, b)),
            (None, _) => total.added += 1,
            (_, None) => total.removed += 1,
        }
        total.bars += 1;
        let day = a.or(b).map(|bar| Day::of_ms(bar.time_ms as i64));
        total.days += u64::from(day != last_day);
        last_day = day;
    }
}

fn same(a: &Bar, b: &Bar) -> bool {
    bytemuck::bytes_of(a) == bytemuck::bytes_of(b)
}

fn price_change(a: &Bar, b: &Bar) -> f64 {
    let pairs = [(a.open, b.open), (a.high, b.high), (a.low, b.low), (a.close, b.close)];
    pairs.into_iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
