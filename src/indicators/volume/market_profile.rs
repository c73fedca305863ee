use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::patterns::calendar::spans;
use super::profile::area;

const MINUTE_MS: f64 = 60_000.0;
/// Steps of price that are kept apart; a day that goes further has steps of twice the height.
const STEPS_MAX: i64 = 1024;

pub(super) const ENTRIES: &[Indicator] =
    &[Indicator::new("market_profile", "Market profile of the day so far", Group::Volume, |_| WarmUp::Day(0), profile)
        .aliases(&["tpo", "mp"])
        .params(&[
            Param::real("step", 2.0, 0.01, 1_000.0),
            Param::whole("bracket", 30, 1),
            Param::real("area", 70.0, 1.0, 100.0),
            Param::whole("initial", 60, 1),
        ])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE, Input::SERVER_TIME])
        .outputs(&["poc", "vah", "val", "ib_high", "ib_low"])
        .overlay()
        .says(
            "every `bracket` minutes of the server's day count once at every step of price between their low and high (a step is `step` \
             ten-thousandths of the day's first close): poc = middle of the step that is counted most (the lowest of equals); vah and val = \
             edges of the steps around it, the fuller neighbour first, that have `area` percent of the counts; ib_high and ib_low = range of \
             the first `initial` minutes, as far as known",
            "Steidlmayer; Dalton, Mind over Markets, 1990",
        )];

fn profile(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [high, low, close, time] = inputs else { unreachable!("the entry has four inputs") };
    spans(time, 0, |rows| {
        let mut steps = Steps::new(close[rows.start].abs() * args.real(0) / 10_000.0);
        let (bracket, initial) = (args.real(1) * MINUTE_MS, args.real(3) * MINUTE_MS);
        let begin = time[rows.start];
        let (mut now, mut top, mut bottom) = (-1.0, f64::NEG_INFINITY, f64::INFINITY);
        for row in rows {
            let this = ((time[row] - begin) / bracket).floor();
            if this != now {
                (now, steps.touched) = (this, None);
            }
            steps.touch(low[row], high[row]);
            if time[row] - begin < initial {
                (top, bottom) = (top.max(high[row]), bottom.min(low[row]));
            }
            let [poc, vah, val] = steps.levels(args.real(2) / 100.0);
            for (output, level) in outputs.iter_mut().zip([poc, vah, val, top, bottom]) {
                output[row] = level;
            }
        }
    });
}

/// Counts of the steps of a day's prices.
struct Steps {
    height: f64,
    /// The step that the first count is of: its lower edge is so many heights.
    base: i64,
    counts: Vec<f64>,
    sum: f64,
    /// First and last step that this bracket has been at.
    touched: Option<(i64, i64)>,
}

impl Steps {
    fn new(height: f64) -> Steps {
        let height = if height > 0.0 { height } else { 1e-4 };
        Steps { height, base: 0, counts: Vec::new(), sum: 0.0, touched: None }
    }

    fn place(&self, price: f64) -> i64 {
        // Steps so far out are one as good as the other, and numbers of steps stay numbers.
        (price / self.height).floor().clamp(-1e15, 1e15) as i64
    }

    /// Counts what the bracket has not been at yet.
    fn touch(&mut self, low: f64, high: f64) {
        let (first, last) = loop {
            let (first, last) = (self.place(low), self.place(high));
            let from = if self.counts.is_empty() { first } else { first.min(self.base) };
            let to = last.max(self.base.saturating_add(self.counts.len() as i64 - 1)).max(from);
            if to.saturating_sub(from) < STEPS_MAX {
                self.reach(from, to);
                break (first, last);
            }
            self.coarsen();
        };
        let (from, to) = self.touched.unwrap_or((first, first - 1));
        for step in (first..from.min(last + 1)).chain(to.max(first - 1) + 1..last + 1) {
            self.counts[(step - self.base) as usize] += 1.0;
            self.sum += 1.0;
        }
        self.touched = Some((from.min(first), to.max(last)));
    }

    /// Makes room for the steps of a range that holds all there are.
    fn reach(&mut self, from: i64, to: i64) {
        if self.counts.is_empty() {
            self.base = from;
        }
        let below = (self.base - from) as usize;
        self.counts.splice(0..0, std::iter::repeat_n(0.0, below));
        self.base = from;
        self.counts.resize((to - from + 1) as usize, 0.0);
    }

    /// Steps of twice the height; what counted more often of two is what the new one has.
    fn coarsen(&mut self) {
        self.height *= 2.0;
        let base = self.base.div_euclid(2);
        let mut counts: Vec<f64> = Vec::new();
        for (n, count) in self.counts.iter().enumerate() {
            let place = ((self.base + n as i64).div_euclid(2) - base) as usize;
            if place == counts.len() {
                counts.push(*count);
            } else {
                counts[place] = counts[place].max(*count);
            }
        }
        (self.base, self.sum) = (base, counts.iter().sum());
        self.counts = counts;
        self.touched = self.touched.map(|(from, to)| (from.div_euclid(2), to.div_euclid(2)));
    }

    fn levels(&self, share: f64) -> [f64; 3] {
        let [poc, from, to] = area(&self.counts, share * self.sum);
        let edge = |step: usize| (self.base + step as i64) as f64 * self.height;
        [edge(poc) + 0.5 * self.height, edge(to + 1), edge(from)]
    }
}
