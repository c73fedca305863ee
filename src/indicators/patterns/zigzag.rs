use super::super::entry::{Args, Group, Indicator, Param, WarmUp};

const PERCENT: &[Param] = &[Param::real("percent", 5.0, 1e-6, 99.0)];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("zigzag", "Zigzag", Group::Patterns, |_| WarmUp::History, drawn)
        .params(PERCENT)
        .outputs(&["line", "point"])
        .overlay()
        .seeing_future()
        .says(
            "a line from turn to turn and on to the extreme after the last one; point is 1 at highs, -1 at lows, 0 between. \
             A turn is an extreme from which the source came back by `percent`: rows before that know what comes",
            "Merrill, Filtered Waves, 1977; as Stock.Indicators draws it",
        ),
    Indicator::new("zigzag_live", "Zigzag as far as it is known", Group::Patterns, |_| WarmUp::History, live)
        .params(PERCENT)
        .outputs(&["turn", "leg", "extreme"])
        .overlay()
        .says(
            "at every bar what is known by then: the last turn, the leg under way (1 rising, -1 falling), its extreme so \
             far; a leg ends when the source comes back by `percent` from its extreme",
            "Merrill, Filtered Waves, 1977",
        ),
];

/// An extreme and its row.
#[derive(Clone, Copy)]
struct Point {
    row: usize,
    value: f64,
}

/// What is known at a bar.
struct Legs {
    share: f64,
    /// 1 rising, -1 falling, 0 before the first turn.
    leg: f64,
    high: Point,
    low: Point,
}

impl Legs {
    fn new(args: &Args, first: f64) -> Legs {
        let point = Point { row: 0, value: first };
        Legs { share: args.real(0) / 100.0, leg: 0.0, high: point, low: point }
    }

    /// Takes the next value; the turn that it confirms, if it does.
    #[inline(always)]
    fn step(&mut self, row: usize, value: f64) -> Option<Point> {
        let point = Point { row, value };
        if self.leg >= 0.0 && value > self.high.value {
            self.high = point;
        }
        if self.leg <= 0.0 && value < self.low.value {
            self.low = point;
        }
        let width = |from: f64| self.share * from.abs();
        if self.leg >= 0.0 && value < self.high.value && value <= self.high.value - width(self.high.value) {
            (self.leg, self.low) = (-1.0, point);
            Some(self.high)
        } else if self.leg <= 0.0 && value > self.low.value && value >= self.low.value + width(self.low.value)
        {
            (self.leg, self.high) = (1.0, point);
            Some(self.low)
        } else {
            None
        }
    }

    /// The extreme of the leg under way.
    fn extreme(&self) -> Point {
        if self.leg > 0.0 { self.high } else { self.low }
    }
}

fn drawn(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, marks] = outputs else { unreachable!("the entry has two outputs") };
    line.fill(f64::NAN);
    marks.fill(f64::NAN);
    let Some(first) = inputs[0].first() else { return };
    let mut legs = Legs::new(args, *first);
    let mut last: Option<Point> = None;
    for (row, value) in inputs[0].iter().enumerate() {
        if let Some(turn) = legs.step(row, *value) {
            match last {
                Some(before) => draw(line, marks, before, turn),
                None => line[turn.row] = turn.value,
            }
            marks[turn.row] = -legs.leg;
            last = Some(turn);
        }
    }
    if let Some(before) = last {
        draw(line, marks, before, legs.extreme());
    }
}

/// A straight line from one point to a later one.
fn draw(line: &mut [f64], marks: &mut [f64], from: Point, to: Point) {
    let slope = (to.value - from.value) / (to.row - from.row) as f64;
    for (step, out) in line[from.row..to.row].iter_mut().enumerate() {
        *out = from.value + slope * step as f64;
    }
    line[to.row] = to.value;
    marks[from.row + 1..=to.row].fill(0.0);
}

fn live(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [turns, legs_out, extremes] = outputs else { unreachable!("the entry has three outputs") };
    let Some(first) = inputs[0].first() else { return };
    let mut legs = Legs::new(args, *first);
    let mut turn = f64::NAN;
    let columns = turns.iter_mut().zip(legs_out.iter_mut()).zip(extremes.iter_mut());
    for ((row, value), ((out_turn, out_leg), out_extreme)) in inputs[0].iter().enumerate().zip(columns) {
        if let Some(point) = legs.step(row, *value) {
            turn = point.value;
        }
        *out_turn = turn;
        let known = legs.leg != 0.0;
        *out_leg = if known { legs.leg } else { f64::NAN };
        *out_extreme = if known { legs.extreme().value } else { f64::NAN };
    }
}
