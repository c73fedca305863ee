//! The bars a series holds for a day, beside the day's image: nothing to do, something to append, or a correction.

use crate::model::Bar;

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
    /// The largest change of a price, in the price's unit.
    pub price: f64,
}

impl Difference {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Difference) -> Difference {
        Difference { bars: self.bars + other.bars, price: self.price.max(other.price) }
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
    loop {
        let (a, b) = match (held.peek(), image.peek()) {
            (None, None) => return total,
            (Some(a), Some(b)) if a.time_ms == b.time_ms => (held.next(), image.next()),
            (Some(a), Some(b)) if a.time_ms < b.time_ms => (held.next(), None),
            (Some(_), None) => (held.next(), None),
            _ => (None, image.next()),
        };
        match (a, b) {
            (Some(a), Some(b)) if same(a, b) => {}
            (Some(a), Some(b)) => {
                total.bars += 1;
                total.price = total.price.max(price_change(a, b));
            }
            _ => total.bars += 1,
        }
    }
}

fn same(a: &Bar, b: &Bar) -> bool {
    bytemuck::bytes_of(a) == bytemuck::bytes_of(b)
}

fn price_change(a: &Bar, b: &Bar) -> f64 {
    let pairs = [(a.open, b.open), (a.high, b.high), (a.low, b.low), (a.close, b.close)];
    pairs.into_iter().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
