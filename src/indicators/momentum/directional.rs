use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{CHUNK, Ema, EmaPair, SeededEma, blank};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];
const WILDER: &str = "Wilder, New Concepts in Technical Trading Systems, 1978";

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("plus_dm", "Plus directional movement", Group::Momentum, one, |args, inputs, outputs| {
        movement::<true>(args.whole(0), inputs, outputs[0]);
    })
    .params(&[Param::period(14, 1)])
    .inputs(&[Input::HIGH, Input::LOW])
    .says(
        "Wilder's sum of high - previous high where it is positive and more than the low fell",
        "Wilder 1978; TA-Lib PLUS_DM",
    ),
    Indicator::new(
        "minus_dm",
        "Minus directional movement",
        Group::Momentum,
        one,
        |args, inputs, outputs| {
            movement::<false>(args.whole(0), inputs, outputs[0]);
        },
    )
    .params(&[Param::period(14, 1)])
    .inputs(&[Input::HIGH, Input::LOW])
    .says(
        "Wilder's sum of previous low - low where it is positive and more than the high rose",
        "Wilder 1978; TA-Lib MINUS_DM",
    ),
    Indicator::new("plus_di", "Plus directional indicator", Group::Momentum, one, |args, inputs, outputs| {
        indicator::<true>(args.whole(0), inputs, outputs[0]);
    })
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .says("100 plus_dm / Wilder's sum of the true range", "Wilder 1978; TA-Lib PLUS_DI"),
    Indicator::new(
        "minus_di",
        "Minus directional indicator",
        Group::Momentum,
        one,
        |args, inputs, outputs| {
            indicator::<false>(args.whole(0), inputs, outputs[0]);
        },
    )
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .says("100 minus_dm / Wilder's sum of the true range", "Wilder 1978; TA-Lib MINUS_DI"),
    Indicator::new("dx", "Directional movement index", Group::Momentum, one, |args, inputs, outputs| {
        let period = args.whole(0);
        if blank(outputs[0], period) {
            indexes(period, inputs, &mut outputs[0][period..], |_| ());
        }
    })
    .params(&[Param::period(14, 2)])
    .inputs(HLC)
    .says("100 |plus - minus| / (plus + minus) of the directional indicators", "Wilder 1978; TA-Lib DX"),
    Indicator::new(
        "adx",
        "Average directional index",
        Group::Momentum,
        |args| two(args, 0),
        |args, inputs, outputs| {
            average(args.whole(0), args.whole(0), inputs, outputs[0]);
        },
    )
    .params(&[Param::period(14, 2)])
    .inputs(HLC)
    .says("Wilder's average of dx", "Wilder 1978; TA-Lib ADX"),
    Indicator::new(
        "adxr",
        "Average directional index rating",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        rating,
    )
    .params(&[Param::period(14, 2)])
    .inputs(HLC)
    .parts(&[Part { of: "adx", args: |args| args.all().to_vec(), inputs: &[0, 1, 2], output: 0 }])
    .says("mean of adx and adx period - 1 bars ago", "Wilder 1978; TA-Lib ADXR"),
    Indicator::new(
        "dmi",
        "Directional movement: both indicators and their average index",
        Group::Momentum,
        |args| two(args, 1),
        all,
    )
    .params(&[Param::period(14, 2), Param::whole("smoothing", 14, 1).like(0)])
    .inputs(HLC)
    .outputs(&["plus", "minus", "adx"])
    .says("plus_di and minus_di of `period`, Wilder's average of their dx over `smoothing`", WILDER),
];

fn one(args: &Args) -> WarmUp {
    WarmUp::wilder(args.whole(0))
}

fn two(args: &Args, smoothing: usize) -> WarmUp {
    WarmUp::wilder(args.whole(0)).plus(WarmUp::wilder(args.whole(smoothing)))
}

/// By how much the high rose and the low fell; only the larger of the two counts, and only when positive.
#[inline(always)]
fn moves(highs: &[f64], lows: &[f64]) -> (f64, f64) {
    let (up, down) = (highs[1] - highs[0], lows[0] - lows[1]);
    (if up > down && up > 0.0 { up } else { 0.0 }, if down > up && down > 0.0 { down } else { 0.0 })
}

#[inline(always)]
fn range(highs: &[f64], lows: &[f64], before: f64) -> f64 {
    let (high, low) = (highs[1], lows[1]);
    (if high > before { high } else { before }) - (if low < before { low } else { before })
}

/// One column of what happens between neighbouring bars, Wilder-averaged: begun with `period - 1` values as if there
/// had been one more that was zero, as TA-Lib begins.
struct Averaged {
    ema: Ema,
    values: [f64; CHUNK],
}

impl Averaged {
    fn begun(first: impl Iterator<Item = f64>, period: usize) -> Averaged {
        let parts = period as f64;
        Averaged { ema: Ema::new(first.sum::<f64>() / parts, 1.0 / parts), values: [0.0; CHUNK] }
    }

    #[inline]
    fn next(&mut self, values: impl Iterator<Item = f64>) -> &[f64] {
        let mut rows = 0;
        for (place, value) in self.values.iter_mut().zip(values) {
            *place = value;
            rows += 1;
        }
        self.ema.run_over(&mut self.values[..rows]);
        &self.values[..rows]
    }
}

fn movement<const PLUS: bool>(period: usize, inputs: &[&[f64]], output: &mut [f64]) {
    if !blank(output, (period - 1).max(1)) {
        return;
    }
    let chosen = |(highs, lows): (&[f64], &[f64])| {
        let (plus, minus) = moves(highs, lows);
        if PLUS { plus } else { minus }
    };
    let pairs = |from: usize| inputs[0][from..].windows(2).zip(inputs[1][from..].windows(2));
    let parts = period as f64;
    let mut averaged = Averaged::begun(pairs(0).take(period - 1).map(chosen), period);
    if period > 1 {
        output[period - 1] = averaged.ema.mean * parts;
    }
    for (n, out) in output[period..].chunks_mut(CHUNK).enumerate() {
        let sums = averaged.next(pairs(period - 1 + n * CHUNK).map(chosen));
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum * parts);
    }
}

/// Two columns of what happens between neighbouring bars, begun as `Averaged`, each chunk of their averages given to
/// `take`; `output` begins at row `period`.
#[inline(always)]
fn averaged_pairs(
    period: usize,
    output: &mut [f64],
    pairs: impl Fn(usize) -> (f64, f64),
    mut take: impl FnMut(&mut [f64], &[[f64; 2]]),
) {
    let parts = period as f64;
    let sums = (0..period - 1).map(&pairs).fold([0.0; 2], |sum, pair| [sum[0] + pair.0, sum[1] + pair.1]);
    let (mut averages, mut buffer) =
        (EmaPair::wilder_on(period, sums.map(|sum| sum / parts)), [[0.0; 2]; CHUNK]);
    for (out, from) in output.chunks_mut(CHUNK).zip((period - 1..).step_by(CHUNK)) {
        let buffer = &mut buffer[..out.len()];
        for (n, pair) in buffer.iter_mut().enumerate() {
            let (a, b) = pairs(from + n);
            *pair = [a, b];
        }
        averages.run_over(buffer);
        take(out, buffer);
    }
}

fn indicator<const PLUS: bool>(period: usize, inputs: &[&[f64]], output: &mut [f64]) {
    if !blank(output, period) {
        return;
    }
    let rows = output.len();
    let (high, low, close) = (&inputs[0][..rows], &inputs[1][..rows], &inputs[2][..rows]);
    let both = |row: usize| {
        let (highs, lows) = (&high[row..row + 2], &low[row..row + 2]);
        let (plus, minus) = moves(highs, lows);
        (if PLUS { plus } else { minus }, range(highs, lows, close[row]))
    };
    averaged_pairs(period, &mut output[period..], both, |out, averages| {
        for (out, [moved, range]) in out.iter_mut().zip(averages) {
            *out = if *range == 0.0 { 0.0 } else { 100.0 * moved / range };
        }
    });
}

/// The index from row `period` on (where `output` begins), chunk by chunk, each given to `after`. The true ranges of
/// the two indicators are the same and cancel out.
fn indexes(period: usize, inputs: &[&[f64]], output: &mut [f64], mut after: impl FnMut(&mut [f64])) {
    let rows = output.len() + period;
    let (high, low) = (&inputs[0][..rows], &inputs[1][..rows]);
    let both = |row: usize| moves(&high[row..row + 2], &low[row..row + 2]);
    averaged_pairs(period, output, both, |out, averages| {
        for (out, [plus, minus]) in out.iter_mut().zip(averages) {
            *out = index(*plus, *minus);
        }
        after(out);
    });
}

#[inline(always)]
fn index(plus: f64, minus: f64) -> f64 {
    let both = plus + minus;
    if both == 0.0 { 0.0 } else { 100.0 * (plus - minus).abs() / both }
}

fn average(period: usize, smoothing: usize, inputs: &[&[f64]], output: &mut [f64]) {
    if blank(output, period) {
        let mut average = SeededEma::wilder(smoothing);
        indexes(period, inputs, &mut output[period..], |indexes| {
            average.run_over(indexes);
        });
    }
}

fn rating(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (adx, back) = (inputs[3], args.whole(0) - 1);
    if blank(outputs[0], back) {
        for (out, (now, then)) in outputs[0][back..].iter_mut().zip(adx[back..].iter().zip(adx)) {
            *out = (now + then) * 0.5;
        }
    }
}

fn all(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [plus, minus, adx]) = (args.whole(0), outputs) else { unreachable!("three outputs") };
    indicator::<true>(period, inputs, plus);
    indicator::<false>(period, inputs, minus);
    average(period, args.whole(1), inputs, adx);
}
