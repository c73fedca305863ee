use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, SeededEma, blank, ema, ema_from, ema_weight, rolling_mean};

const BARS: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("eom", "Ease of movement", Group::Volume, |args| WarmUp::Rows(args.whole(0)), ease)
        .aliases(&["emv", "ease_of_movement"])
        .params(&[Param::period(14, 1), Param::real("divisor", 10_000.0, 1e-12, 1e15)])
        .inputs(&[Input::HIGH, Input::LOW, Input::VOLUME])
        .says(
            "sma of (m - m[1]) (high - low) divisor / volume, m = (high + low) / 2; a bar without volume counts as 0",
            "Arms, Volume Cycles in the Stock Market, 1983; TradingView Ease of Movement",
        ),
    Indicator::new("kvo", "Klinger's volume oscillator", Group::Volume, |args| match args.whole(3) {
        0 => WarmUp::History,
        _ => WarmUp::ema(args.whole(0).max(args.whole(1))).plus(WarmUp::ema(args.whole(2))).plus(WarmUp::Rows(1)),
    }, klinger)
        .aliases(&["klinger", "klinger_oscillator"])
        .params(&[
            Param::whole("fast", 34, 1),
            Param::whole("slow", 55, 1),
            Param::whole("signal", 13, 1),
            Param::words("force", &["trend", "sign"], 0),
        ])
        .inputs(BARS)
        .outputs(&["kvo", "signal"])
        .says(
            "ema(fast) - ema(slow) of the volume force, and its ema. force = trend: volume x |2 (d / c - 1)| x 100, with the sign of the \
             change of high + low + close, d = high - low, c = sum of d since that sign changed and of the d before; force = sign: \
             volume with that sign",
            "Klinger, Stocks & Commodities, December 1997; Stock.Indicators GetKvo; sign as pandas-ta kvo",
        ),
    Indicator::new("volume_osc", "Volume oscillator", Group::Volume, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        outputs[0].copy_from_slice(inputs[1]);
    })
        .aliases(&["vosc", "volume_oscillator"])
        .params(&[Param::whole("fast", 5, 2), Param::whole("slow", 10, 2)])
        .inputs(&[Input { name: "source", default: super::super::entry::Field::Volume }])
        .parts(&[Part { of: "ppo", args: |args| vec![args.real(0), args.real(1), 1.0], inputs: &[0], output: 0 }])
        .says("100 (ema(fast) - ema(slow)) / ema(slow) of volume", "TradingView Volume Oscillator"),
    Indicator::new("pvo_signal", "Percentage volume oscillator with its signal", Group::Volume, |args| WarmUp::ema(args.whole(2)), |args, inputs, outputs| {
        let [line, signal, hist] = outputs else { unreachable!("the entry has three outputs") };
        line.copy_from_slice(inputs[1]);
        ema(inputs[1], args.whole(2), signal);
        hist.iter_mut().zip(line.iter().zip(signal.iter())).for_each(|(hist, (line, signal))| *hist = line - signal);
    })
        .aliases(&["pvoh", "pvo_histogram"])
        .params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), Param::whole("signal", 9, 1)])
        .inputs(&[Input { name: "source", default: super::super::entry::Field::Volume }])
        .parts(&[Part { of: "ppo", args: |args| vec![args.real(0), args.real(1), 1.0], inputs: &[0], output: 0 }])
        .outputs(&["pvo", "signal", "hist"])
        .says("pvo, its ema, and the difference", "Stock.Indicators GetPvo; pandas-ta pvo"),
    Indicator::new("vwmacd", "Volume-weighted macd", Group::Volume, |args| {
        WarmUp::ema(args.whole(0).max(args.whole(1))).plus(WarmUp::ema(args.whole(2)))
    }, weighted)
        .aliases(&["vw_macd"])
        .params(&[Param::whole("fast", 12, 1), Param::whole("slow", 26, 1), Param::whole("signal", 9, 1)])
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .outputs(&["macd", "signal", "hist"])
        .says(
            "macd = ema(x volume, fast) / ema(volume, fast) - the same of slow; signal = ema(macd); hist = macd - signal",
            "Hawkins; Dormeier, Investing with Volume Analysis, 2011",
        ),
    Indicator::new("vpci", "Volume price confirmation indicator", Group::Volume, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        let [weighted_long, plain_long, weighted_short, plain_short, long, short] = inputs[2..] else {
            unreachable!("the entry has six parts")
        };
        for (row, out) in outputs[0].iter_mut().enumerate() {
            let (slow, ratio) = (weighted_long[row] - plain_long[row], weighted_short[row] / plain_short[row]);
            *out = slow * ratio * (short[row] / long[row]);
        }
    })
        .params(&[Param::whole("short", 5, 2), Param::whole("long", 20, 2)])
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .parts(&[
            Part { of: "vwma", args: |args| vec![args.real(1)], inputs: &[0, 1], output: 0 },
            Part { of: "sma", args: |args| vec![args.real(1)], inputs: &[0], output: 0 },
            Part { of: "vwma", args: |args| vec![args.real(0)], inputs: &[0, 1], output: 0 },
            Part { of: "sma", args: |args| vec![args.real(0)], inputs: &[0], output: 0 },
            Part { of: "sma", args: |args| vec![args.real(1)], inputs: &[1], output: 0 },
            Part { of: "sma", args: |args| vec![args.real(0)], inputs: &[1], output: 0 },
        ])
        .says(
            "(vwma(long) - sma(long)) x vwma(short) / sma(short) x sma(volume, short) / sma(volume, long)",
            "Dormeier, Journal of Technical Analysis, 2007",
        ),
    Indicator::new("pvr", "Price volume rank", Group::Volume, |_| WarmUp::Rows(1), |_, inputs, outputs| {
        by_moves(inputs[0], inputs[1], outputs[0], [1.0, 2.0, 3.0, 4.0]);
    })
        .aliases(&["price_volume_rank"])
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .says("1 where neither price nor volume fell, 2 where only volume fell, 3 where only the price fell, 4 where both fell", "pandas-ta pvr"),
    Indicator::new("marketfi_zone", "Zones of the market facilitation index", Group::Volume, |_| WarmUp::Rows(1), |_, inputs, outputs| {
        by_moves(inputs[3], inputs[2], outputs[0], [1.0, 3.0, 4.0, 2.0]);
    })
        .aliases(&["bw_mfi_zone", "mfi_zone"])
        .inputs(&[Input::HIGH, Input::LOW, Input::VOLUME])
        .parts(&[Part { of: "marketfi", args: |_| Vec::new(), inputs: &[0, 1, 2], output: 0 }])
        .says("of marketfi and volume: 1 green, neither fell; 2 fade, both fell; 3 fake, only volume fell; 4 squat, only the index fell", "Williams, Trading Chaos, 1995"),
];

/// One of four by which of two columns fell: none, the second, the first, both.
fn by_moves(first: &[f64], second: &[f64], output: &mut [f64], what: [f64; 4]) {
    blank(output, 1);
    for (out, (a, b)) in output.iter_mut().skip(1).zip(first.windows(2).zip(second.windows(2))) {
        *out = what[2 * usize::from(a[1] < a[0]) + usize::from(b[1] < b[0])];
    }
}

fn ease(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    if !blank(output, 1) {
        return;
    }
    let bars = inputs[0].windows(2).zip(inputs[1].windows(2)).zip(&inputs[2][1..]);
    let moves: Vec<f64> = bars
        .map(|((high, low), volume)| {
            let step = 0.5 * ((high[1] + low[1]) - (high[0] + low[0]));
            let ease = step * (high[1] - low[1]) * args.real(1) / volume;
            if *volume == 0.0 { 0.0 } else { ease }
        })
        .collect();
    rolling_mean(&moves, args.whole(0), &mut output[1..]);
}

fn klinger(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, signal] = outputs else { unreachable!("the entry has two outputs") };
    // A force of a trend needs a sign to compare with.
    let begin = if args.whole(3) == 0 { 2 } else { 1 };
    if !(blank(line, begin) & blank(signal, begin)) {
        return;
    }
    let forces = if args.whole(3) == 0 { trend_forces(inputs) } else { signed_volumes(inputs) };
    let (fast, slow) = (args.whole(0), args.whole(1));
    let mut slows = vec![0.0; forces.len()];
    ema(&forces, fast, &mut line[begin..]);
    ema(&forces, slow, &mut slows);
    line[begin..].iter_mut().zip(&slows).for_each(|(line, slow)| *line -= slow);
    signal[begin..].copy_from_slice(&line[begin..]);
    let first = (begin + fast.max(slow) - 1).min(line.len());
    SeededEma::new(args.whole(2)).run_over(&mut signal[first..]);
}

/// Of every row from the second on.
fn signs(inputs: &[&[f64]]) -> impl Iterator<Item = f64> {
    let sum = |row: usize| inputs[0][row] + inputs[1][row] + inputs[2][row];
    (1..inputs[0].len()).map(move |row| if sum(row) > sum(row - 1) { 1.0 } else { -1.0 })
}

fn signed_volumes(inputs: &[&[f64]]) -> Vec<f64> {
    signs(inputs).zip(&inputs[3][1..]).map(|(sign, volume)| sign * volume).collect()
}

/// Of every row from the third on.
fn trend_forces(inputs: &[&[f64]]) -> Vec<f64> {
    let range = |row: usize| inputs[0][row] - inputs[1][row];
    let (mut sum, mut before, mut last) = (0.0, 0.0, 0.0);
    let mut forces = Vec::with_capacity(inputs[0].len());
    for (row, sign) in (1..).zip(signs(inputs)) {
        if row == 1 {
            before = sign;
            continue;
        }
        sum = range(row) + if sign == before { sum } else { range(row - 1) };
        before = sign;
        if sum != 0.0 {
            last = inputs[3][row] * (2.0 * (range(row) / sum - 1.0)).abs() * sign * 100.0;
        }
        forces.push(last);
    }
    forces
}

fn weighted(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [macd, signal, hist] = outputs else { unreachable!("the entry has three outputs") };
    let (fast, slow) = (args.whole(0), args.whole(1));
    average(inputs, fast, macd);
    average(inputs, slow, hist);
    macd.iter_mut().zip(hist.iter()).for_each(|(macd, slow)| *macd -= slow);
    let first = fast.max(slow) - 1;
    let smooth = args.whole(2);
    if blank(signal, first) {
        ema_from(&macd[first..], smooth, smooth - 1, ema_weight(smooth), &mut signal[first..]);
    }
    hist.iter_mut()
        .zip(macd.iter().zip(signal.iter()))
        .for_each(|(hist, (macd, signal))| *hist = macd - signal);
}

/// Average of prices times volumes over that of volumes.
fn average(inputs: &[&[f64]], period: usize, output: &mut [f64]) {
    let mut pair = EmaPair::new(period);
    let mut buffer = [[0.0; 2]; CHUNK];
    let chunks = inputs[0].chunks(CHUNK).zip(inputs[1].chunks(CHUNK));
    for (out, (prices, volumes)) in output.chunks_mut(CHUNK).zip(chunks) {
        let buffer = &mut buffer[..out.len()];
        for (pair, (price, volume)) in buffer.iter_mut().zip(prices.iter().zip(volumes)) {
            *pair = [price * volume, *volume];
        }
        let skipped = pair.run_over(buffer);
        out[..skipped].fill(f64::NAN);
        for (out, [money, volume]) in out[skipped..].iter_mut().zip(&buffer[skipped..]) {
            *out = if *volume == 0.0 { 0.0 } else { money / volume };
        }
    }
}
