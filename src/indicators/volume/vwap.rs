use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::window_pair;
use super::super::patterns::calendar::spans;

const BARS: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME, Input::SERVER_TIME];
const ANCHORS: &[&str] = &["history", "day", "week", "month"];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("vwap", "Volume-weighted average price", Group::Volume, anchored, |args, inputs, outputs| {
        each_span(args, inputs, |rows| line(inputs, rows, outputs[0]));
    })
    .params(&[Param::words("anchor", ANCHORS, 0)])
    .inputs(BARS)
    .overlay()
    .says(
        "sum of volume x (high + low + close) / 3 over the sum of volume, since the first bar there is or since the beginning of the \
         server's day, week (Monday) or month",
        "TA-Lib VWAP; anchored as TradingView's VWAP",
    ),
    Indicator::new("vwap_bands", "Volume-weighted average price with bands", Group::Volume, anchored, |args, inputs, outputs| {
        each_span(args, inputs, |rows| bands(args.real(1), inputs, rows, outputs));
    })
    .aliases(&["vwap_session", "session_vwap", "anchored_vwap", "avwap"])
    .params(&[Param::words("anchor", ANCHORS, 1), Param::real("deviations", 1.0, 0.0, 1e6)])
    .inputs(BARS)
    .outputs(&["vwap", "upper", "lower"])
    .overlay()
    .says(
        "vwap of (high + low + close) / 3 since the anchor, and `deviations` standard deviations of these prices weighted by volume \
         above and below it",
        "TradingView's VWAP with its standard deviation bands",
    ),
    Indicator::new("vwma", "Volume-weighted moving average", Group::Volume, |args| WarmUp::Rows(args.whole(0) - 1), |args, inputs, outputs| {
        let pairs = inputs[0].iter().zip(inputs[1]).map(|(price, volume)| (price * volume, *volume));
        window_pair(pairs, args.whole(0), outputs[0], |money, volume| {
            // What rounding left of money over nothing would be without end.
            if volume == 0.0 { f64::NAN } else { money / volume }
        });
    })
    .params(&[Param::period(30, 1)])
    .inputs(&[Input::SOURCE, Input::VOLUME])
    .overlay()
    .says("sum of x volume over the sum of volume, of the last `period` bars; nothing where there is no volume", "TA-Lib VWMA"),
];

fn anchored(args: &Args) -> WarmUp {
    match args.whole(0) {
        0 => WarmUp::History,
        1 => WarmUp::Day(0),
        2 => WarmUp::Week(0),
        _ => WarmUp::Month(0),
    }
}

fn each_span(args: &Args, inputs: &[&[f64]], mut each: impl FnMut(std::ops::Range<usize>)) {
    match args.whole(0) {
        0 => each(0..inputs[0].len()),
        anchor => spans(inputs[4], anchor - 1, each),
    }
}

/// Typical prices and volumes of some rows.
fn weighted<'a>(
    inputs: &'a [&[f64]],
    rows: std::ops::Range<usize>,
) -> impl Iterator<Item = (f64, f64)> + use<'a> {
    let prices = inputs[0][rows.clone()].iter().zip(&inputs[1][rows.clone()]).zip(&inputs[2][rows.clone()]);
    prices
        .zip(&inputs[3][rows])
        .map(|(((high, low), close), volume)| ((high + low + close) * (1.0 / 3.0), *volume))
}

fn line(inputs: &[&[f64]], rows: std::ops::Range<usize>, output: &mut [f64]) {
    let (mut money, mut volumes) = (0.0, 0.0);
    for (out, (price, volume)) in output[rows.clone()].iter_mut().zip(weighted(inputs, rows)) {
        money += price * volume;
        volumes += volume;
        *out = if volumes == 0.0 { 0.0 } else { money / volumes };
    }
}

fn bands(deviations: f64, inputs: &[&[f64]], rows: std::ops::Range<usize>, outputs: &mut [&mut [f64]]) {
    let [vwap, upper, lower] = outputs else { unreachable!("the entry has three outputs") };
    // About the first price of the span, so that squares keep their digits.
    let Some((centre, _)) = weighted(inputs, rows.clone()).next() else { return };
    let (mut money, mut squares, mut volumes) = (0.0, 0.0, 0.0);
    for (row, (price, volume)) in rows.clone().zip(weighted(inputs, rows)) {
        let off = price - centre;
        money += off * volume;
        squares += off * off * volume;
        volumes += volume;
        // Without any volume yet there is no weight but an even one: the price itself.
        let (mean, square) =
            if volumes == 0.0 { (off, off * off) } else { (money / volumes, squares / volumes) };
        let width = deviations * (square - mean * mean).max(0.0).sqrt();
        vwap[row] = centre + mean;
        (upper[row], lower[row]) = (centre + mean + width, centre + mean - width);
    }
}
