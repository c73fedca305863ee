use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{CHUNK, SeededEma, blank, range_rows};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("supertrend", "Supertrend", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        trail(args, |high, low, _| [(high + low) / 2.0; 2], inputs, outputs);
    })
        .aliases(&["super_trend"])
        .params(&[Param::period(10, 2), Param::real("multiplier", 3.0, 0.0, 1e6)])
        .inputs(HLC)
        .outputs(&["supertrend", "trend"])
        .overlay()
        .says(
            "bands at (high + low) / 2 -+ multiplier x atr that only come nearer until a close is beyond; the line is the lower band \
             while trend = 1 and the upper one while trend = -1, from one close beyond to the next",
            "Seban; TA-Lib SUPERTREND",
        ),
    Indicator::new("atr_stop", "Trailing stop by average true range", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        match args.whole(2) {
            0 => trail(args, |_, _, close| [close; 2], inputs, outputs),
            _ => trail(args, |high, low, _| [low, high], inputs, outputs),
        }
    })
        .aliases(&["atr_trailing_stop", "atrstop", "atrts"])
        .params(&[Param::period(21, 2), Param::real("multiplier", 3.0, 0.0, 1e6), Param::words("from", &["close", "extremes"], 0)])
        .inputs(HLC)
        .outputs(&["stop", "trend"])
        .overlay()
        .says(
            "as supertrend, its bands multiplier x atr below and above the close (or below the low and above the high)",
            "Stock.Indicators GetAtrStop; Wilder's volatility system, 1978",
        ),
];

/// Multiples of the range below and above what `from` gives of high, low and close, first the one below.
#[inline(always)]
fn trail(
    args: &Args,
    from: impl Fn(f64, f64, f64) -> [f64; 2],
    inputs: &[&[f64]],
    outputs: &mut [&mut [f64]],
) {
    let [line, trend] = outputs else { unreachable!("the entry has two outputs") };
    let (period, multiplier) = (args.whole(0), args.real(1));
    if !(blank(line, period) & blank(trend, period)) {
        return;
    }
    let mut average = SeededEma::wilder(period);
    let mut lead = vec![0.0; period - 1];
    range_rows(&inputs[0][..period], &inputs[1][..period], &inputs[2][..period], &mut lead);
    average.run_over(&mut lead);
    let mut now = Trail { lower: f64::NEG_INFINITY, upper: f64::INFINITY, up: true, before: f64::NAN };
    let outs = line[period..].chunks_mut(CHUNK).zip(trend[period..].chunks_mut(CHUNK));
    for ((line, trend), first) in outs.zip((period..).step_by(CHUNK)) {
        let rows = first - 1..first + line.len();
        let [high, low, close] = [0, 1, 2].map(|n| &inputs[n][rows.clone()]);
        range_rows(high, low, close, line);
        average.run_over(line);
        let bars = high[1..].iter().zip(&low[1..]).zip(&close[1..]);
        for ((line, trend), ((high, low), close)) in line.iter_mut().zip(trend).zip(bars) {
            let ([below, above], width) = (from(*high, *low, *close), multiplier * *line);
            now.step(below - width, above + width, *close);
            *line = if now.up { now.lower } else { now.upper };
            *trend = if now.up { 1.0 } else { -1.0 };
        }
    }
}

/// Two bands and the side that is shown. Any band is nearer than the first ones, so that the first row takes its own.
struct Trail {
    lower: f64,
    upper: f64,
    up: bool,
    before: f64,
}

impl Trail {
    #[inline(always)]
    fn step(&mut self, below: f64, above: f64, close: f64) {
        self.upper = if (above < self.upper) | (self.before > self.upper) { above } else { self.upper };
        self.lower = if (below > self.lower) | (self.before < self.lower) { below } else { self.lower };
        let (over, under) = (close > self.upper, close < self.lower);
        self.up = (self.up & !under) | (!self.up & over);
        self.before = close;
    }
}
