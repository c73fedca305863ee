use super::super::entry::{Args, Group, Indicator, Input, WarmUp};

/// Bars a setup compares with, and bars that complete it.
const BACK: usize = 4;
const SETUP: f64 = 9.0;
/// Bars a countdown compares with, and bars that complete it.
const COUNT_BACK: usize = 2;
const COUNTDOWN: f64 = 13.0;
/// The bar of a countdown whose close the last one has to reach.
const QUALIFIER: f64 = 8.0;

pub(super) const ENTRIES: &[Indicator] =
    &[Indicator::new("td_sequential", "TD sequential", Group::Patterns, |_| WarmUp::History, kernel)
        .aliases(&["td_seq", "tdsequential", "td"])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .outputs(&["setup", "countdown"])
        .says(
            "setup: closes in a row above the close 4 bars before (+1, +2, ...; complete at 9) or below it (-1, -2, ...), \
             begun by a change of side. countdown: from a complete setup on, bars (not in a row) that close at or above the \
             high 2 bars before (+) or at or below the low (-), 1 to 13; the 13th also reaches the 8th one's close with its \
             high (low); a complete setup of the other side ends it, and so does a bar wholly beyond the setup against it",
            "DeMark, The New Science of Technical Analysis, 1994",
        )];

/// What is counted.
#[derive(Default)]
struct Count {
    setup: f64,
    /// Highest and lowest price of the setup under way.
    high: f64,
    low: f64,
    /// Side of the countdown under way, 0 without one.
    side: f64,
    count: f64,
    eighth: f64,
    /// A bar that lies wholly beyond ends the countdown.
    limit: f64,
}

impl Count {
    fn setup(&mut self, change: f64, changed_before: f64, high: f64, low: f64) {
        let side = if change > 0.0 { 1.0 } else { -1.0 };
        let goes_on = self.setup * side > 0.0;
        // Equal closes are of neither side, and the first of a row has to come from the other one.
        if change == 0.0 || !(goes_on || changed_before * side <= 0.0) {
            self.setup = 0.0;
        } else if goes_on {
            (self.high, self.low) = (self.high.max(high), self.low.min(low));
            self.setup += side;
        } else {
            (self.setup, self.high, self.low) = (side, high, low);
        }
        if self.setup == side * SETUP && self.side != side {
            (self.side, self.count) = (side, 0.0);
            self.limit = if side > 0.0 { self.low } else { self.high };
        }
    }

    fn countdown(&mut self, bar: [f64; 3], high_before: f64, low_before: f64) -> f64 {
        let [high, low, close] = bar;
        let up = self.side > 0.0;
        if self.side == 0.0 {
            return 0.0;
        }
        if if up { high < self.limit } else { low > self.limit } {
            self.side = 0.0;
            return 0.0;
        }
        let counts = if up { close >= high_before } else { close <= low_before };
        let reaches = if up { high >= self.eighth } else { low <= self.eighth };
        if !counts || (self.count == COUNTDOWN - 1.0 && !reaches) {
            return 0.0;
        }
        self.count += 1.0;
        if self.count == QUALIFIER {
            self.eighth = close;
        }
        let value = self.count * self.side;
        if self.count == COUNTDOWN {
            self.side = 0.0;
        }
        value
    }
}

fn kernel(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
    let [setups, countdowns] = outputs else { unreachable!("the entry has two outputs") };
    let mut count = Count::default();
    let mut changed_before = f64::NAN;
    for row in 0..close.len() {
        if row < BACK {
            (setups[row], countdowns[row]) = (f64::NAN, f64::NAN);
            continue;
        }
        let change = close[row] - close[row - BACK];
        count.setup(change, changed_before, high[row], low[row]);
        changed_before = change;
        setups[row] = count.setup;
        let bar = [high[row], low[row], close[row]];
        countdowns[row] = count.countdown(bar, high[row - COUNT_BACK], low[row - COUNT_BACK]);
    }
}
