//! How long candles were before: means of bodies, ranges and shadows of the bars before a bar.
//!
//! They are summed up anew for every bar, in one order wherever they are needed, so that a tie between a candle and a
//! mean is decided by the bars of the window alone, and alike in every slice.

use super::super::entry::{Args, Group, Indicator, Input, Kernel, Param, Values, WarmUp};
use super::super::kernels::blank;

/// What a candle is compared with is a short memory.
const PERIOD_MAX: usize = 100;

const PERIOD: &[Param] =
    &[Param { name: "period", values: Values::Whole(1.0, PERIOD_MAX as f64), default: 10.0, like: None }];

/// Open, high, low, close.
pub(super) const OHLC: &[Input] = &[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    mean(
        "candle_body",
        "Mean body of the bars before",
        |args, inputs, outputs| means(args, inputs, outputs[0], body),
        "mean |close - open| of the `period` bars before",
    ),
    mean(
        "candle_range",
        "Mean range of the bars before",
        |args, inputs, outputs| means(args, inputs, outputs[0], range),
        "mean high - low of the `period` bars before",
    ),
    mean(
        "candle_shadow",
        "Mean shadows of the bars before",
        |args, inputs, outputs| means(args, inputs, outputs[0], shadow),
        "mean length of both shadows together of the `period` bars before",
    ),
];

const fn mean(name: &'static str, title: &'static str, kernel: Kernel, formula: &'static str) -> Indicator {
    Indicator::new(name, title, Group::Patterns, |args| WarmUp::Rows(args.whole(0)), kernel)
        .params(PERIOD)
        .inputs(OHLC)
        .says(formula, "TA-Lib's candle settings, whose averages leave out the present bar")
}

/// Size of the body.
#[inline(always)]
pub(super) fn body(open: f64, _: f64, _: f64, close: f64) -> f64 {
    (close - open).abs()
}

/// High to low.
#[inline(always)]
pub(super) fn range(_: f64, high: f64, low: f64, _: f64) -> f64 {
    high - low
}

/// Both shadows.
#[inline(always)]
pub(super) fn shadow(open: f64, high: f64, low: f64, close: f64) -> f64 {
    let (top, bottom) = if close >= open { (close, open) } else { (open, close) };
    (high - top) + (bottom - low)
}

/// Lengths of all bars of some columns.
#[inline(always)]
pub(super) fn lengths(columns: [&[f64]; 4], length: impl Fn(f64, f64, f64, f64) -> f64, output: &mut [f64]) {
    let [open, high, low, close] = columns.map(|column| &column[..output.len()]);
    for (row, out) in output.iter_mut().enumerate() {
        *out = length(open[row], high[row], low[row], close[row]);
    }
}

/// Sum of the first half and of the second, and of both: two short chains of additions instead of a long one.
#[inline(always)]
fn sum<const PERIOD: usize>(length: impl Fn(usize) -> f64) -> f64 {
    let half = |from: usize, to: usize| (from + 1..to).fold(length(from), |sum, n| sum + length(n));
    half(0, PERIOD / 2) + half(PERIOD / 2, PERIOD)
}

/// Mean of every run of `PERIOD` lengths.
#[inline(always)]
pub(super) fn mean_lengths<const PERIOD: usize>(lengths: &[f64], output: &mut [f64]) {
    let moved: [&[f64]; PERIOD] = std::array::from_fn(|n| &lengths[n..n + output.len()]);
    for (row, out) in output.iter_mut().enumerate() {
        *out = sum::<PERIOD>(|n| moved[n][row]) / PERIOD as f64;
    }
}

/// Mean of the `PERIOD` lengths before a row, the same to the bit.
#[inline(always)]
pub(super) fn mean_before<const PERIOD: usize>(
    columns: [&[f64]; 4],
    row: usize,
    length: impl Fn(f64, f64, f64, f64) -> f64,
) -> f64 {
    let [open, high, low, close] = columns.map(|column| &column[row - PERIOD..row]);
    let length = |n: usize| length(open[n], high[n], low[n], close[n]);
    sum::<PERIOD>(length) / PERIOD as f64
}

/// Rows of a block: its lengths stay in the nearest cache.
const BLOCK: usize = 512;

/// Means of the lengths before each row, block by block.
#[inline(always)]
fn means(args: &Args, inputs: &[&[f64]], output: &mut [f64], length: impl Fn(f64, f64, f64, f64) -> f64) {
    let period = args.whole(0);
    if !blank(output, period) {
        return;
    }
    let mut buffer = [0.0; BLOCK + PERIOD_MAX];
    for (block, output) in output[period..].chunks_mut(BLOCK).enumerate() {
        let buffer = &mut buffer[..output.len() + period - 1];
        let columns = [inputs[0], inputs[1], inputs[2], inputs[3]];
        lengths(columns.map(|column| &column[block * BLOCK..]), &length, buffer);
        match period {
            10 => mean_lengths::<10>(buffer, output),
            5 => mean_lengths::<5>(buffer, output),
            _ => {
                for (out, window) in output.iter_mut().zip(buffer.windows(period)) {
                    *out = window.iter().sum::<f64>() / period as f64;
                }
            }
        }
    }
}
