//! What a bar is to the one before it, and how long ago something was.

use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::blank;
use super::means::OHLC;

const SIDES: &[Input] = &[Input::HIGH, Input::LOW];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("inside_bar", "Inside bar", Group::Patterns, |_| WarmUp::Rows(1), inside)
        .aliases(&["insidebar"])
        .inputs(SIDES)
        .says("1 where the high is below and the low above those of the bar before, else 0", "chart reading"),
    Indicator::new("outside_bar", "Outside bar", Group::Patterns, |_| WarmUp::Rows(1), outside)
        .aliases(&["outsidebar"])
        .inputs(SIDES)
        .says("1 where the high is above and the low below those of the bar before, else 0", "chart reading"),
    Indicator::new("gap", "Gaps between bars", Group::Patterns, |_| WarmUp::Rows(1), gap)
        .aliases(&["gaps"])
        .inputs(OHLC)
        .outputs(&["open", "empty"])
        .says(
            "open: open - close of the bar before; empty: what lies empty between both bars, low - high before (up) or \
             high - low before (down, negative), 0 where they touch",
            "Edwards and Magee, Technical Analysis of Stock Trends, 1948",
        ),
    Indicator::new("bars_since", "Bars since", Group::Patterns, |_| WarmUp::History, since)
        .aliases(&["barssince"])
        .says(
            "bars since the source was last not 0: 0 there, 1 at the next; nothing before the first time",
            "TradingView ta.barssince",
        ),
    Indicator::new("is_open", "Whether there is trading", Group::Patterns, |args| WarmUp::Rows(args.whole(0)), open)
        .aliases(&["isopen"])
        .params(&[Param::period(20, 1)])
        .inputs(&[Input::VOLUME, Input::TIME])
        .outputs(&["open", "missing"])
        .says(
            "open: 1 where the bar has volume, else 0 (a bar that only fills a place); missing: bars that would fit between \
             the label before and the bar's own, by the smallest distance of the last `period` labels: 0 in trading, more \
             after a pause. A pause is seen when it is over: there is no bar before",
            "own definition",
        ),
];

#[inline(always)]
fn pairs(inputs: &[&[f64]], output: &mut [f64], shape: impl Fn([f64; 2], [f64; 2]) -> bool) {
    if !blank(output, 1) {
        return;
    }
    let rows = output.len() - 1;
    let [high, low] = [&inputs[0][1..], &inputs[1][1..]];
    let [high_before, low_before] = [&inputs[0][..rows], &inputs[1][..rows]];
    let bars = high.iter().zip(low).zip(high_before.iter().zip(low_before));
    for (out, ((high, low), (high_before, low_before))) in output[1..].iter_mut().zip(bars) {
        *out = if shape([*high, *low], [*high_before, *low_before]) { 1.0 } else { 0.0 };
    }
}

fn inside(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    pairs(inputs, outputs[0], |[high, low], before| (high < before[0]) & (low > before[1]));
}

fn outside(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    pairs(inputs, outputs[0], |[high, low], before| (high > before[0]) & (low < before[1]));
}

fn gap(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [opens, empties] = outputs else { unreachable!("the entry has two outputs") };
    if !(blank(opens, 1) & blank(empties, 1)) {
        return;
    }
    let [open, high, low, close] = [inputs[0], inputs[1], inputs[2], inputs[3]];
    for ((out, open), close) in opens[1..].iter_mut().zip(&open[1..]).zip(close) {
        *out = open - close;
    }
    let bars = high[1..].iter().zip(&low[1..]).zip(high.iter().zip(low));
    for (out, ((high, low), (high_before, low_before))) in empties[1..].iter_mut().zip(bars) {
        *out = (low - high_before).max(0.0) + (high - low_before).min(0.0);
    }
}

fn since(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let mut bars = f64::NAN;
    for (out, value) in outputs[0].iter_mut().zip(inputs[0]) {
        bars = if *value != 0.0 { 0.0 } else { bars + 1.0 };
        *out = bars;
    }
}

fn open(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, volume, time) = (args.whole(0), inputs[0], inputs[1]);
    let [opens, missing] = outputs else { unreachable!("the entry has two outputs") };
    for (out, volume) in opens.iter_mut().zip(volume) {
        *out = if *volume > 0.0 { 1.0 } else { 0.0 };
    }
    if !blank(missing, 1) {
        return;
    }
    let distance = |row: usize| time[row] - time[row - 1];
    // The row that ends the smallest distance; looked for anew only when it has left the window.
    let mut least = 1;
    for row in 1..time.len() {
        if distance(row) <= distance(least) {
            least = row;
        } else if least + period <= row {
            least = (row + 1 - period..=row)
                .rev()
                .min_by(|a, b| distance(*a).total_cmp(&distance(*b)))
                .unwrap_or(row);
        }
        let usual = distance(least);
        missing[row] = if usual > 0.0 { (distance(row) / usual).round() - 1.0 } else { 0.0 };
    }
}
