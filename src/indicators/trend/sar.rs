use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::blank;

const HIGH_LOW: &[Input] = &[Input::HIGH, Input::LOW];

const fn factor(name: &'static str, default: f64) -> Param {
    Param::real(name, default, 0.0, 1e6)
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("sar", "Parabolic stop and reverse", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        if blank(outputs[0], 1) {
            let both = [Side::same(args.real(0), args.real(1)); 2];
            follow(inputs, both, 0.0, 0.0, |row, now| outputs[0][row] = now.stop);
        }
    })
    .aliases(&["parabolic", "parabolic_sar"])
    .params(&[factor("acceleration", 0.02), factor("maximum", 0.2)])
    .inputs(HIGH_LOW)
    .overlay()
    .says(
        "stop += a (extreme - stop), a grows by `acceleration` with every new extreme up to `maximum`, never into the last two \
         bars; when it is touched the side changes and the stop is the extreme",
        "Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib SAR",
    ),
    Indicator::new("sarext", "Parabolic stop and reverse, extended", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        if blank(outputs[0], 1) {
            let side = |n: usize| Side::new(args.real(n), args.real(n + 1), args.real(n + 2));
            follow(inputs, [side(2), side(5)], args.real(0), args.real(1), |row, now| {
                outputs[0][row] = if now.long { now.stop } else { -now.stop };
            });
        }
    })
    .params(&[
        Param::real("start", 0.0, -1e12, 1e12),
        factor("offset", 0.0),
        factor("first_long", 0.02),
        factor("step_long", 0.02),
        factor("max_long", 0.2),
        factor("first_short", 0.02),
        factor("step_short", 0.02),
        factor("max_short", 0.2),
    ])
    .inputs(HIGH_LOW)
    .overlay()
    .says(
        "as sar, with factors of its own for each side; negative while short; begins long at `start` when that is above 0, short \
         at -start when below; a stop moves by the share `offset` away from prices when the side changes",
        "Wilder 1978; TA-Lib SAREXT",
    ),
    Indicator::new("psar", "Parabolic stop and reverse by side", Group::Trend, |_| WarmUp::History, sides)
        .params(&[factor("first", 0.02), factor("step", 0.02), factor("maximum", 0.2)])
        .inputs(HIGH_LOW)
        .outputs(&["long", "short", "factor", "reversal"])
        .overlay()
        .says(
            "sar, in `long` below prices or in `short` above them; the acceleration factor; 1 where the side has changed, else 0",
            "Wilder 1978; columns as pandas-ta psar",
        ),
];

/// Acceleration on one side: at first, with every new extreme, at most.
#[derive(Clone, Copy)]
struct Side {
    first: f64,
    step: f64,
    most: f64,
}

impl Side {
    fn new(first: f64, step: f64, most: f64) -> Side {
        Side { first: first.min(most), step: step.min(most), most }
    }

    fn same(step: f64, most: f64) -> Side {
        Side::new(step, step, most)
    }
}

/// Where it stands after a bar.
#[derive(Clone, Copy)]
struct Now {
    stop: f64,
    long: bool,
    factor: f64,
    turned: bool,
}

/// Whether it begins long, the first extreme and the first stop, from the first two bars (there are as many).
fn begin(high: &[f64], low: &[f64], start: f64) -> (bool, f64, f64) {
    let (up, down) = (high[1] - high[0], low[0] - low[1]);
    let long = if start == 0.0 { !(down > up && down > 0.0) } else { start > 0.0 };
    let stop = match (start == 0.0, long) {
        (true, true) => low[0],
        (true, false) => high[0],
        _ => start.abs(),
    };
    (long, if long { high[1] } else { low[1] }, stop)
}

/// Gives every row from the second on to `take`. There are at least two.
#[inline(always)]
fn follow(inputs: &[&[f64]], sides: [Side; 2], start: f64, offset: f64, mut take: impl FnMut(usize, Now)) {
    let (high, low) = (inputs[0], inputs[1]);
    let (mut long, extreme, stop) = begin(high, low, start);
    let mut bars = high.iter().zip(low).enumerate().skip(1);
    let mut leg = if long {
        Leg { stop, extreme, factor: sides[0].first, top: high[1], bottom: low[1] }
    } else {
        Leg { stop: -stop, extreme: -extreme, factor: sides[1].first, top: -low[1], bottom: -high[1] }
    };
    loop {
        let touched = if long {
            let bars = bars.by_ref().map(|(row, (high, low))| (row, *high, *low));
            leg.run(sides[0].step, sides[0].most, bars, |row, stop, factor| {
                take(row, Now { stop, long, factor, turned: false });
            })
        } else {
            let bars = bars.by_ref().map(|(row, (high, low))| (row, -low, -high));
            leg.run(sides[1].step, sides[1].most, bars, |row, stop, factor| {
                take(row, Now { stop: -stop, long, factor, turned: false });
            })
        };
        let Some((row, top, bottom)) = touched else { return };
        long = !long;
        let (sign, factor) = if long { (1.0, sides[0].first) } else { (-1.0, sides[1].first) };
        let stop = leg.turn([top, bottom], factor, sign * offset);
        take(row, Now { stop: sign * stop, long, factor, turned: true });
    }
}

/// Time on one side, which is told as the long one: the short one is that of prices upside down.
struct Leg {
    stop: f64,
    extreme: f64,
    factor: f64,
    /// Of the bar before; at the beginning, where there is none, of the first bar itself.
    top: f64,
    bottom: f64,
}

impl Leg {
    /// Until a bar touches the stop: its row, top and bottom.
    #[inline(always)]
    fn run(
        &mut self,
        step: f64,
        most: f64,
        bars: impl Iterator<Item = (usize, f64, f64)>,
        mut take: impl FnMut(usize, f64, f64),
    ) -> Option<(usize, f64, f64)> {
        let Leg { mut stop, mut extreme, mut factor, top: mut top_before, bottom: mut bottom_before } = *self;
        for (row, top, bottom) in bars {
            if bottom <= stop {
                *self = Leg { stop, extreme, factor, top: top_before, bottom: bottom_before };
                return Some((row, top, bottom));
            }
            let told = stop;
            factor = lower(factor + if top > extreme { step } else { 0.0 }, most);
            extreme = if top > extreme { top } else { extreme };
            stop = lower(stop + factor * (extreme - stop), lower(bottom_before, bottom));
            (top_before, bottom_before) = (top, bottom);
            take(row, told, factor);
        }
        None
    }

    /// To the other side, with a bar that touched: the stop for this bar, which is the extreme and never within the
    /// last two bars, less the share `offset` of it.
    fn turn(&mut self, [top, bottom]: [f64; 2], factor: f64, offset: f64) -> f64 {
        let (top, bottom, before) = (-bottom, -top, -self.top);
        let stop = lower(lower(-self.extreme, before), bottom);
        let told = stop - stop * offset;
        let stop = lower(told + factor * (top - told), lower(before, bottom));
        *self = Leg { stop, extreme: top, factor, top, bottom };
        told
    }
}

/// One comparison and no thought of NaN, which is not there.
#[inline(always)]
fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn sides(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [long, short, factor, reversal] = outputs else { unreachable!("the entry has four outputs") };
    if ![&mut *long, short, factor, reversal].map(|output| blank(output, 1))[0] {
        return;
    }
    let side = Side::new(args.real(0), args.real(1), args.real(2));
    follow(inputs, [side; 2], 0.0, 0.0, |row, now| {
        long[row] = if now.long { now.stop } else { f64::NAN };
        short[row] = if now.long { f64::NAN } else { now.stop };
        factor[row] = now.factor;
        reversal[row] = f64::from(u8::from(now.turned));
    });
}
