use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, SeededEma, blank, deviations, ema, rolling_mean, window_pair};

const BARS: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("twiggs", "Twiggs money flow", Group::Volume, |args| WarmUp::wilder(args.whole(0)).plus(WarmUp::Rows(1)), twiggs)
        .aliases(&["tmf", "twiggs_money_flow"])
        .params(&[Param::period(21, 1)])
        .inputs(BARS)
        .says(
            "Wilder's average of volume x ((close - l) - (h - close)) / (h - l) over that of volume, h = max(high, close[1]), l = min(low, \
             close[1]); 0 where there is no volume",
            "Twiggs, Incredible Charts",
        ),
    Indicator::new("wvad", "Williams' variable accumulation and distribution", Group::Volume, |args| WarmUp::Rows(args.whole(0) - 1), variable)
        .params(&[Param::period(24, 1)])
        .inputs(&[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME])
        .says("sum of volume x (close - open) / (high - low); a bar without a range adds nothing", "Williams, How I Made One Million Dollars, 1973"),
    Indicator::new("obv_signal", "On balance volume, smoothed", Group::Volume, |args| {
        WarmUp::ema(args.whole(0)).plus(WarmUp::ema(args.whole(1)))
    }, |args, inputs, outputs| {
        let [line, signal] = outputs else { unreachable!("the entry has two outputs") };
        ema(inputs[2], args.whole(0), line);
        signal.copy_from_slice(line);
        let first = (args.whole(0) - 1).min(line.len());
        SeededEma::new(args.whole(1)).run_over(&mut signal[first..]);
    })
        .aliases(&["obvm", "obv_modified"])
        .params(&[Param::period(7, 1), Param::whole("signal", 10, 1)])
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .parts(&[Part { of: "obv", args: |_| Vec::new(), inputs: &[0, 1], output: 0 }])
        .outputs(&["obvm", "signal"])
        .says("obvm = ema(obv, period), signal = ema(obvm, signal)", "Apirine, Stocks & Commodities, April 2020"),
    Indicator::new("vfi", "Volume flow indicator", Group::Volume, |args| {
        WarmUp::Rows(2 * args.whole(0) + RETURNS + 1).plus(WarmUp::ema(args.whole(3)))
    }, flow)
        .aliases(&["volume_flow"])
        .params(&[
            Param::period(130, 1),
            Param::real("cutoff", 0.2, 0.0, 100.0),
            Param::real("volume_max", 2.5, 0.0, 1e6),
            Param::whole("signal", 5, 1),
        ])
        .inputs(BARS)
        .outputs(&["vfi", "signal"])
        .says(
            "sum over the last `period` bars of min(volume, volume_max v), counted up or down where t = (high + low + close) / 3 moved by \
             more than cutoff x close x deviation of the last 30 ln(t / t[1]), over v; v = sma(volume, period)[1]; signal = ema",
            "Katsanos, Stocks & Commodities, June 2004; LazyBear, TradingView",
        ),
];

fn twiggs(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    if !blank(output, 1) {
        return;
    }
    let (high, low, close, volume) = (inputs[0], inputs[1], inputs[2], inputs[3]);
    let mut averages = EmaPair::wilder(args.whole(0));
    let mut buffer = [[0.0; 2]; CHUNK];
    for (out, from) in output[1..].chunks_mut(CHUNK).zip((1..).step_by(CHUNK)) {
        let buffer = &mut buffer[..out.len()];
        for (pair, row) in buffer.iter_mut().zip(from..) {
            let (top, bottom) = (high[row].max(close[row - 1]), low[row].min(close[row - 1]));
            let place = ((close[row] - bottom) - (top - close[row])) / (top - bottom);
            *pair = [if top > bottom { place * volume[row] } else { 0.0 }, volume[row]];
        }
        let skipped = averages.run_over(buffer);
        out[..skipped].fill(f64::NAN);
        for (out, [flow, volume]) in out[skipped..].iter_mut().zip(&buffer[skipped..]) {
            *out = if *volume == 0.0 { 0.0 } else { flow / volume };
        }
    }
}

fn variable(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let bars = inputs[0].iter().zip(inputs[1]).zip(inputs[2].iter().zip(inputs[3])).zip(inputs[4]);
    let pairs = bars.map(|(((open, high), (low, close)), volume)| {
        let range = high - low;
        let flow = if range > 0.0 { (close - open) / range * volume } else { 0.0 };
        (flow, flow.abs())
    });
    window_pair(pairs, args.whole(0), outputs[0], |flow, size| if size == 0.0 { 0.0 } else { flow });
}

/// Bars whose returns say what a small move is.
const RETURNS: usize = 30;

fn flow(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, signal] = outputs else { unreachable!("the entry has two outputs") };
    let (period, rows) = (args.whole(0), line.len());
    // The first row that has a mean volume before it and a deviation.
    let begin = period.max(RETURNS);
    let first = begin + period - 1;
    if !(blank(line, first) & blank(signal, first)) {
        return;
    }
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    let typical: Vec<f64> = prices.map(|((high, low), close)| (high + low + close) / 3.0).collect();
    let spreads = return_spreads(&typical);
    let mut means = vec![0.0; rows];
    rolling_mean(inputs[3], period, &mut means);
    let mut signed = vec![0.0; rows - begin];
    for (row, signed) in (begin..).zip(&mut signed) {
        let (step, least) = (typical[row] - typical[row - 1], args.real(1) * spreads[row] * inputs[2][row]);
        let volume = inputs[3][row].min(args.real(2) * means[row - 1]);
        *signed = if step > least {
            volume
        } else if step < -least {
            -volume
        } else {
            0.0
        };
    }
    rolling_mean(&signed, period, &mut line[begin..]);
    line[begin..first].fill(f64::NAN);
    for (out, mean) in line[first..].iter_mut().zip(&means[first - 1..]) {
        *out = if *mean == 0.0 { 0.0 } else { period as f64 * *out / mean };
    }
    signal[first..].copy_from_slice(&line[first..]);
    SeededEma::new(args.whole(3)).run_over(&mut signal[first..]);
}

/// Deviations of the last 30 logarithms of price ratios; a price that has none counts as no move.
fn return_spreads(prices: &[f64]) -> Vec<f64> {
    let mut spreads = vec![f64::NAN; prices.len()];
    let log = |pair: &[f64]| Some((pair[1] / pair[0]).ln()).filter(|log| log.is_finite()).unwrap_or(0.0);
    let logs: Vec<f64> = prices.windows(2).map(log).collect();
    deviations(&logs, RETURNS, |first, _, values| {
        spreads[first + 1..first + 1 + values.len()].copy_from_slice(values);
    });
    spreads
}
