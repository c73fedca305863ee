//! Inside bars that break out the wrong way, and the turn that confirms it within three bars.

use std::array;

use super::super::entry::{Args, Indicator};
use super::super::kernels::blank;
use super::candle::when;
use super::scan::entry;

/// Rows a confirmation may be late.
const LATE: usize = 3;

/// Rows before the first value.
const PLAIN_BEFORE: usize = 5;
const MODIFIED_BEFORE: usize = 10;
/// Bars whose mean range says what is near.
const NEAR: usize = 5;

pub(super) const ENTRIES: &[Indicator] = &[
    entry::<PLAIN_BEFORE>(
        ("cdlhikkake", &["hikkake"]),
        "Hikkake pattern",
        plain,
        (
            "an inside bar, then 100: lower high and low, -100: higher high and low; 200 or -200 where one of the next \
             three closes is beyond the inside bar's other end",
            "Chesler, Trading False Moves with the Hikkake Pattern, 2004; TA-Lib cdlhikkake",
        ),
    ),
    entry::<MODIFIED_BEFORE>(
        ("cdlhikkakemod", &["hikkakemod"]),
        "Modified hikkake pattern",
        modified,
        (
            "as cdlhikkake, but of two inside bars in each other, the first one with its close near its low (100) or \
             near its high (-100)",
            "Chesler 2004; TA-Lib cdlhikkakemod",
        ),
    ),
];

fn plain(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low) = (inputs[1], inputs[2]);
    let output = &mut *outputs[0];
    begin::<3>(high, low, output, |high, low| when(inside(high, low, 1), 100.0 * against(high, low)));
    confirm(inputs, output, PLAIN_BEFORE, |_, _| true);
}

fn modified(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low, close) = (inputs[1], inputs[2], inputs[3]);
    let output = &mut *outputs[0];
    begin::<4>(high, low, output, |high, low| {
        when(inside(high, low, 1) & inside(high, low, 2), 100.0 * against(high, low))
    });
    confirm(inputs, output, MODIFIED_BEFORE, |row, sign| {
        let bar = row - 2;
        let before = high[bar - NEAR..bar].iter().zip(&low[bar - NEAR..bar]);
        let near = 0.2 * (before.map(|(high, low)| high - low).sum::<f64>() / NEAR as f64);
        if sign > 0.0 { close[bar] <= low[bar] + near } else { close[bar] >= high[bar] - near }
    });
}

/// Whether the bar so many bars before the last one lies within the one before it.
#[inline(always)]
fn inside<const BARS: usize>(high: [f64; BARS], low: [f64; BARS], back: usize) -> bool {
    let bar = BARS - 1 - back;
    (high[bar] < high[bar - 1]) & (low[bar] > low[bar - 1])
}

/// 1 where the last bar breaks out downwards (a rise is expected), -1 upwards.
#[inline(always)]
fn against<const BARS: usize>(high: [f64; BARS], low: [f64; BARS]) -> f64 {
    let [higher, lower] = [high[BARS - 1] > high[BARS - 2], high[BARS - 1] < high[BARS - 2]];
    let [raised, sunk] = [low[BARS - 1] > low[BARS - 2], low[BARS - 1] < low[BARS - 2]];
    when(lower & sunk, 1.0) - when(higher & raised, 1.0)
}

/// Writes what `shape` says of the highs and lows of the last `BARS` bars, 0 where there are fewer.
#[inline(always)]
fn begin<const BARS: usize>(
    high: &[f64],
    low: &[f64],
    output: &mut [f64],
    shape: impl Fn([f64; BARS], [f64; BARS]) -> f64,
) {
    let lead = (BARS - 1).min(output.len());
    let (early, output) = output.split_at_mut(lead);
    early.fill(0.0);
    let rows = output.len();
    let high: [&[f64]; BARS] = array::from_fn(|bar| high.get(bar..bar + rows).unwrap_or_default());
    let low: [&[f64]; BARS] = array::from_fn(|bar| low.get(bar..bar + rows).unwrap_or_default());
    for (row, out) in output.iter_mut().enumerate() {
        *out = shape(high.map(|column| column[row]), low.map(|column| column[row]));
    }
}

/// Strikes out the beginnings that do not hold and doubles where one is confirmed. Nothing older than three rows
/// matters, so that the rows before the first value are enough to begin with.
#[inline(always)]
fn confirm(inputs: &[&[f64]], output: &mut [f64], before: usize, holds: impl Fn(usize, f64) -> bool) {
    let (high, low, close) = (inputs[1], inputs[2], inputs[3]);
    // Of the pattern that waits: its sign, its row, the last row that may confirm it.
    let (mut sign, mut at, mut until) = (0.0, 1, 0);
    for row in before - LATE..output.len() {
        let begun = output[row];
        if begun == 0.0 && row > until {
            continue;
        }
        if begun != 0.0 && holds(row, begun) {
            (sign, at, until) = (begun, row, row + LATE);
            continue;
        }
        let late = if sign > 0.0 { close[row] > high[at - 1] } else { close[row] < low[at - 1] };
        output[row] = when(row <= until && late, 2.0 * sign);
        if row <= until && late {
            until = 0;
        }
    }
    blank(output, before);
}
