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
fn follow(
    inputs: &[&[f64]],
    [on_long, on_short]: [Side; 2],
    start: f64,
    offset: f64,
    mut take: impl FnMut(usize, Now),
) {
    let (high, low) = (inputs[0], inputs[1]);
    let (mut long, mut extreme, mut stop) = begin(high, low, start);
    let mut factor = if long { on_long.first } else { on_short.first };
    // Of the bar before, the first time the second bar itself.
    let (mut high_before, mut low_before) = (high[1], low[1]);
    for (row, (high, low)) in high.iter().copied().zip(low.iter().copied()).enumerate().skip(1) {
        let turned = if long { low <= stop } else { high >= stop };
        if turned {
            long = !long;
            stop = if long { extreme.min(low_before).min(low) } else { extreme.max(high_before).max(high) };
            stop += if long { -stop * offset } else { stop * offset };
            factor = if long { on_long.first } else { on_short.first };
            extreme = if long { high } else { low };
            take(row, Now { stop, long, factor, turned });
        } else {
            let told = stop;
            if long && high > extreme {
                (extreme, factor) = (high, (factor + on_long.step).min(on_long.most));
            } else if !long && low < extreme {
                (extreme, factor) = (low, (factor + on_short.step).min(on_short.most));
            }
            take(row, Now { stop: told, long, factor, turned });
        }
        stop += factor * (extreme - stop);
        stop = if long { stop.min(low_before).min(low) } else { stop.max(high_before).max(high) };
        (high_before, low_before) = (high, low);
    }
}

fn sides(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [long, short, factor, reversal] = outputs else { unreachable!("the entry has four outputs") };
    for output in [&mut *long, short, factor, reversal] {
        if !blank(output, 1) {
            return;
        }
    }
    let side = Side::new(args.real(0), args.real(1), args.real(2));
    follow(inputs, [side; 2], 0.0, 0.0, |row, now| {
        long[row] = if now.long { now.stop } else { f64::NAN };
        short[row] = if now.long { f64::NAN } else { now.stop };
        factor[row] = now.factor;
        reversal[row] = f64::from(u8::from(now.turned));
    });
}
