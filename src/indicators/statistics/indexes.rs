//! Where the extremes of windows are.

use super::super::entry::{Args, Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::{highest_row, lowest_row, since_highest, since_lowest};

/// Rows are counted from the first bar of history, so all of it is needed to tell their numbers.
const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, |_| WarmUp::History, kernel).params(THIRTY)
}

const THIRTY: &[Param] = &[Param::period(30, 2)];
const TEN: &[Param] = &[Param::period(10, 1)];

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("maxindex", "Row of the highest value", |args, inputs, outputs| {
        highest_row(inputs[0], args.whole(0), outputs[0]);
    })
    .says(
        "row, counted from 0 at the first value, of the highest of the last `period` values; a later equal takes its place, and \
         when it leaves the window the earliest of equals follows",
        "TA-Lib MAXINDEX",
    ),
    of("minindex", "Row of the lowest value", |args, inputs, outputs| {
        lowest_row(inputs[0], args.whole(0), outputs[0]);
    })
    .says(
        "row, counted from 0 at the first value, of the lowest of the last `period` values; a later equal takes its place, and \
         when it leaves the window the earliest of equals follows",
        "TA-Lib MININDEX",
    ),
    of("minmaxindex", "Rows of the lowest and the highest value", |args, inputs, outputs| {
        lowest_row(inputs[0], args.whole(0), outputs[0]);
        highest_row(inputs[0], args.whole(0), outputs[1]);
    })
    .outputs(&["min", "max"])
    .says("minindex and maxindex", "TA-Lib MINMAXINDEX"),
    Indicator::new("highestbars", "Bars since the highest", Group::Statistics, window, |args, inputs, outputs| {
        since_highest(inputs[0], args.whole(0), outputs[0]);
        outputs[0].iter_mut().for_each(|out| *out = 0.0 - *out);
    })
    .params(TEN)
    .says(
        "minus the number of bars since the highest of the last `period` values, the latest of equals",
        "TradingView ta.highestbars; the choice among equals is our own",
    ),
    Indicator::new("lowestbars", "Bars since the lowest", Group::Statistics, window, |args, inputs, outputs| {
        since_lowest(inputs[0], args.whole(0), outputs[0]);
        outputs[0].iter_mut().for_each(|out| *out = 0.0 - *out);
    })
    .params(TEN)
    .says(
        "minus the number of bars since the lowest of the last `period` values, the latest of equals",
        "TradingView ta.lowestbars; the choice among equals is our own",
    ),
];
