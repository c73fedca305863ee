use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "triple_barrier",
    "Triple-barrier labels",
    Group::Patterns,
    |_| WarmUp::Rows(0),
    kernel,
)
.aliases(&["triple_barrier_labels", "tbl"])
.params(&[
    Param::whole("horizon", 20, 1),
    Param::real("profit", 2.0, 0.0, 1e6),
    Param::real("loss", 2.0, 0.0, 1e6),
    Param::period(14, 1),
])
.inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
.parts(&[Part { of: "atr", args: |args| vec![args.real(3)], inputs: &[0, 1, 2], output: 0 }])
.outputs(&["label", "bars", "move"])
.seeing_future()
.says(
    "which barrier later bars touch first: 1 at close + profit x atr(period), -1 at close - loss x atr (also where one bar \
     touches both), 0 where neither is touched within `horizon` bars; bars until then; move: the price there less the close. \
     Empty where the horizon is not over and nothing touched",
    "Lopez de Prado, Advances in Financial Machine Learning, 2018",
)];

/// Bars whose extremes are known together, so that long horizons are not walked bar by bar.
const STRIDE: usize = 32;

/// Extremes of every stride of bars.
struct Strides {
    high: Vec<f64>,
    low: Vec<f64>,
}

impl Strides {
    fn new(high: &[f64], low: &[f64]) -> Strides {
        let top = |bars: &[f64]| bars.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let bottom = |bars: &[f64]| bars.iter().copied().fold(f64::INFINITY, f64::min);
        Strides {
            high: high.chunks(STRIDE).map(top).collect(),
            low: low.chunks(STRIDE).map(bottom).collect(),
        }
    }
}

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [high, low, close, range] = [inputs[0], inputs[1], inputs[2], inputs[3]];
    let [labels, bars, moves] = outputs else { unreachable!("the entry has three outputs") };
    let (horizon, profit, loss) = (args.whole(0), args.real(1), args.real(2));
    let strides = Strides::new(high, low);
    for row in 0..close.len() {
        let (upper, lower) = (close[row] + profit * range[row], close[row] - loss * range[row]);
        let last = (row + horizon).min(close.len() - 1);
        let touched = first_touch(high, low, &strides, (row + 1, last), (upper, lower));
        (labels[row], bars[row], moves[row]) = match touched {
            Some(at) if low[at] <= lower => (-1.0, (at - row) as f64, lower - close[row]),
            Some(at) => (1.0, (at - row) as f64, upper - close[row]),
            None if row + horizon < close.len() => (0.0, horizon as f64, close[last] - close[row]),
            None => (f64::NAN, f64::NAN, f64::NAN),
        };
    }
}

/// The first row between two (both included) whose bar reaches a barrier.
#[inline(always)]
fn first_touch(
    high: &[f64],
    low: &[f64],
    strides: &Strides,
    (first, last): (usize, usize),
    (upper, lower): (f64, f64),
) -> Option<usize> {
    let mut row = first;
    while row <= last {
        let stride = row / STRIDE;
        let whole = row % STRIDE == 0 && row + STRIDE <= last;
        if whole && strides.high[stride] < upper && strides.low[stride] > lower {
            row += STRIDE;
        } else if high[row] >= upper || low[row] <= lower {
            return Some(row);
        } else {
            row += 1;
        }
    }
    None
}
