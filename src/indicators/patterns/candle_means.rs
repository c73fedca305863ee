use super::super::entry::{Args, Group, Indicator, Kernel, Param, Values, WarmUp};
use super::super::kernels::blank;
use super::candle::OHLC;

/// What a candle is compared with is a short memory; sums are made anew for every bar, so that ties between a candle
/// and its mean are decided by the bars of the window alone.
const PERIOD_MAX: usize = 100;

const PERIOD: &[Param] =
    &[Param { name: "period", values: Values::Whole(1.0, PERIOD_MAX as f64), default: 10.0, like: None }];

pub(super) const ENTRIES: &[Indicator] = &[
    mean(
        "candle_body",
        "Mean body of the bars before",
        body,
        "mean |close - open| of the `period` bars before",
    ),
    mean(
        "candle_range",
        "Mean range of the bars before",
        range,
        "mean high - low of the `period` bars before",
    ),
    mean(
        "candle_shadow",
        "Mean shadows of the bars before",
        shadow,
        "mean length of both shadows together of the `period` bars before",
    ),
];

const fn mean(name: &'static str, title: &'static str, kernel: Kernel, formula: &'static str) -> Indicator {
    Indicator::new(name, title, Group::Patterns, |args| WarmUp::Rows(args.whole(0)), kernel)
        .params(PERIOD)
        .inputs(OHLC)
        .says(formula, "TA-Lib's candle settings, whose averages leave out the present bar")
}

fn body(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (open, close) = (inputs[0], inputs[3]);
    means(args.whole(0), outputs[0], |from, lengths| {
        for ((length, open), close) in lengths.iter_mut().zip(&open[from..]).zip(&close[from..]) {
            *length = (close - open).abs();
        }
    });
}

fn range(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low) = (inputs[1], inputs[2]);
    means(args.whole(0), outputs[0], |from, lengths| {
        for ((length, high), low) in lengths.iter_mut().zip(&high[from..]).zip(&low[from..]) {
            *length = high - low;
        }
    });
}

fn shadow(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    means(args.whole(0), outputs[0], |from, lengths| {
        let prices = inputs[0][from..].iter().zip(&inputs[1][from..]).zip(&inputs[2][from..]);
        for (length, (((open, high), low), close)) in lengths.iter_mut().zip(prices.zip(&inputs[3][from..])) {
            let (top, bottom) = if close >= open { (close, open) } else { (open, close) };
            *length = (high - top) + (bottom - low);
        }
    });
}

/// Rows of a block: its lengths stay in the nearest cache.
const BLOCK: usize = 512;

/// Means of the `period` lengths before each row, block by block; `lengths_from` writes the lengths from a row on.
#[inline(always)]
fn means(period: usize, output: &mut [f64], lengths_from: impl Fn(usize, &mut [f64])) {
    if !blank(output, period) {
        return;
    }
    let mut lengths = [0.0; BLOCK + PERIOD_MAX];
    for (block, output) in output[period..].chunks_mut(BLOCK).enumerate() {
        let lengths = &mut lengths[..output.len() + period - 1];
        lengths_from(block * BLOCK, lengths);
        match period {
            10 => windows::<10>(lengths, output),
            5 => windows::<5>(lengths, output),
            _ => {
                for (out, window) in output.iter_mut().zip(lengths.windows(period)) {
                    *out = window.iter().sum::<f64>() / period as f64;
                }
            }
        }
    }
}

fn windows<const PERIOD: usize>(lengths: &[f64], output: &mut [f64]) {
    let moved: [&[f64]; PERIOD] = std::array::from_fn(|n| &lengths[n..n + output.len()]);
    for (row, out) in output.iter_mut().enumerate() {
        let sum = (1..PERIOD).fold(moved[0][row], |sum, n| sum + moved[n][row]);
        *out = sum / PERIOD as f64;
    }
}
