use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, ema, highest, ranges, rolling_mean};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("chop", "Choppiness index", Group::Volatility, |args| WarmUp::Rows(args.whole(0)), choppiness)
        .aliases(&["choppiness", "choppiness_index"])
        .params(&[Param::period(14, 2), Param::words("range", &["true", "plain"], 0)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .says(
            "100 log(sum of the true range / (highest - lowest)) / log(period) of true highs max(high, close[1]) and true lows min(low, \
             close[1]), or of plain highs and lows; 100 where prices do not move",
            "Dreiss; Stock.Indicators GetChop; plain as TradingView's Choppiness Index",
        ),
    Indicator::new("ulcer", "Ulcer index", Group::Volatility, |args| WarmUp::Rows(2 * (args.whole(0) - 1)), ulcer)
        .aliases(&["ui", "ulcer_index"])
        .params(&[Param::period(14, 2)])
        .says(
            "root of the mean of the squares of 100 (x / highest of the last `period` values - 1)",
            "Martin and McCann, The Investor's Guide to Fidelity Funds, 1989; as StockCharts computes it",
        ),
    Indicator::new("thermo", "Elder's market thermometer", Group::Volatility, |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(1)), thermometer)
        .aliases(&["thermometer", "elder_thermometer"])
        .params(&[Param::period(22, 1)])
        .inputs(&[Input::HIGH, Input::LOW])
        .outputs(&["thermo", "average"])
        .says(
            "max(|high - high[1]|, |low[1] - low|), and its ema",
            "Elder, Come into My Trading Room, 2002; pandas-ta thermo",
        ),
    Indicator::new("pdist", "Price distance", Group::Volatility, |_| WarmUp::Rows(1), distance)
        .aliases(&["price_distance"])
        .inputs(&[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE])
        .says("2 (high - low) - |close - open| + |open - close[1]|", "pandas-ta pdist"),
    Indicator::new("relative_range", "Range over its mean", Group::Volatility, |args| WarmUp::Rows(args.whole(0)), |args, inputs, outputs| {
        let ranges: Vec<f64> = inputs[0].iter().zip(inputs[1]).map(|(high, low)| high - low).collect();
        let output = &mut *outputs[0];
        if blank(output, 1) {
            rolling_mean(&ranges[..ranges.len() - 1], args.whole(0), &mut output[1..]);
            output.iter_mut().zip(&ranges).for_each(|(out, range)| *out = if *out == 0.0 { f64::NAN } else { range / *out });
        }
    })
    .params(&[Param::period(20, 1)])
    .inputs(&[Input::HIGH, Input::LOW])
    .says("high - low over the mean of it of the `period` bars before; nothing where that is 0", "as rvol, of ranges"),
];

fn choppiness(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let period = args.whole(0);
    if !blank(outputs[0], 1) {
        return;
    }
    // The first bar has no close before it and so no range: rows begin with the second one.
    let output = &mut outputs[0][1..];
    let (high, low, before) = (&inputs[0][1..], &inputs[1][1..], inputs[2]);
    let tops: Vec<f64> = high.iter().zip(before).map(|(high, before)| high.max(*before)).collect();
    let bottoms: Vec<f64> = low.iter().zip(before).map(|(low, before)| low.min(*before)).collect();
    let widths: Vec<f64> = tops.iter().zip(&bottoms).map(|(top, bottom)| top - bottom).collect();
    rolling_mean(&widths, period, output);
    let (tops, bottoms) = if args.whole(1) == 0 { (&tops[..], &bottoms[..]) } else { (high, low) };
    let (parts, share) = (period as f64, 100.0 / (period as f64).ln());
    ranges(tops, bottoms, period, |first, tops, bottoms| {
        for (out, (top, bottom)) in output[first..].iter_mut().zip(tops.iter().zip(bottoms)) {
            let width = top - bottom;
            *out = if width > 0.0 { share * (parts * *out / width).ln() } else { 100.0 };
        }
    });
}

fn ulcer(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    let first = (period - 1).min(output.len());
    let mut falls = vec![0.0; output.len()];
    highest(inputs[0], period, &mut falls);
    for (fall, value) in falls.iter_mut().zip(inputs[0]) {
        let share = if *fall == 0.0 { 0.0 } else { 100.0 * (value - *fall) / *fall };
        *fall = share * share;
    }
    blank(output, first);
    rolling_mean(&falls[first..], period, &mut output[first..]);
    output.iter_mut().for_each(|out| *out = if *out < 0.0 { 0.0 } else { out.sqrt() });
}

fn thermometer(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [thermo, average] = outputs else { unreachable!("the entry has two outputs") };
    if !(blank(thermo, 1) & blank(average, 1)) {
        return;
    }
    let moves = inputs[0].windows(2).zip(inputs[1].windows(2));
    for (out, (high, low)) in thermo[1..].iter_mut().zip(moves) {
        *out = (high[1] - high[0]).abs().max((low[0] - low[1]).abs());
    }
    ema(&thermo[1..], args.whole(0), &mut average[1..]);
}

fn distance(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [open, high, low, close] = inputs else { unreachable!("the entry has four inputs") };
    let output = &mut *outputs[0];
    blank(output, 1);
    for row in 1..output.len() {
        let body = (close[row] - open[row]).abs();
        output[row] = 2.0 * (high[row] - low[row]) - body + (open[row] - close[row - 1]).abs();
    }
}
