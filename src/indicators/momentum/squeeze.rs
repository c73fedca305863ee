use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{SeededEma, blank, highest, line_at, lowest, rolling_mean, true_range};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("squeeze", "Squeeze momentum", Group::Momentum, |args| WarmUp::Rows(2 * args.whole(0).max(args.whole(2))), squeeze)
        .aliases(&["squeeze_momentum", "ttm_squeeze"])
        .params(&[
            Param::period(20, 2),
            Param::real("deviations", 2.0, 0.0, 100.0),
            Param::whole("channel", 20, 2).like(0),
            Param::real("ranges", 1.5, 0.0, 100.0),
        ])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .outputs(&["momentum", "on"])
        .says("momentum = end of the least squares line of close - (middle of the channel's highest and lowest + sma) / 2; on = 1 while Bollinger's bands are inside Keltner's (sma of the true range), else 0", "Carter, Mastering the Trade, 2005; LazyBear, TradingView, 2014"),
    Indicator::new("qqe", "Quantitative qualitative estimation", Group::Momentum, |_| WarmUp::History, qqe)
        .params(&[Param::period(14, 2), Param::whole("smoothing", 5, 1), Param::real("factor", 4.236, 0.0, 100.0)])
        .parts(&[Part { of: "rsi", args: |args| args.all()[..1].to_vec(), inputs: &[0], output: 0 }])
        .outputs(&["qqe", "line"])
        .says("qqe = ema(rsi(period), smoothing); line trails it by factor times ema(ema(|qqe - qqe[1]|, 2 period - 1), 2 period - 1) until it is crossed", "pandas-ta qqe"),
];

fn squeeze(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
    let ([line, on], rows) = (outputs, close.len()) else { unreachable!("the entry has two outputs") };
    let (period, channel) = (args.whole(0), args.whole(2));
    let column = || vec![0.0; rows];
    let (mut tops, mut bottoms, mut means, mut centres) = (column(), column(), column(), column());
    highest(high, channel, &mut tops);
    lowest(low, channel, &mut bottoms);
    rolling_mean(close, channel, &mut centres);
    rolling_mean(close, period, &mut means);
    let offs = tops.iter().zip(&bottoms).zip(&centres).zip(close);
    let offs: Vec<f64> =
        offs.map(|(((top, bottom), mean), close)| close - ((top + bottom) * 0.5 + mean) * 0.5).collect();
    let first = (channel - 1).min(rows);
    blank(line, first);
    line_at(&offs[first..], channel, 0.0, &mut line[first..]);
    // The first bar has no close before it and so no range; the mean begins a bar later.
    let mut ranges = tops;
    true_range(high, low, close, &mut ranges);
    let mut widths = bottoms;
    let begin = 1.min(rows);
    rolling_mean(&ranges[begin..], channel, &mut widths[begin..]);
    blank(on, channel.max(period - 1));
    let parts = period as f64;
    for row in channel.max(period - 1)..rows {
        let mean = means[row];
        let squares: f64 =
            close[row + 1 - period..=row].iter().map(|close| (close - mean) * (close - mean)).sum();
        let (band, keltner) = (args.real(1) * (squares / parts).sqrt(), args.real(3) * widths[row]);
        let inside = mean - band > centres[row] - keltner && mean + band < centres[row] + keltner;
        on[row] = f64::from(u8::from(inside));
    }
}

fn qqe(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let ([line, trail], rsi) = (outputs, inputs[1]) else { unreachable!("the entry has two outputs") };
    line.copy_from_slice(rsi);
    let rows = line.len();
    let first = SeededEma::new(args.whole(1)).run_over(line).min(rows);
    blank(trail, rows);
    if first + 1 >= rows {
        return;
    }
    let mut widths: Vec<f64> = line[first..].windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let mut skipped = 0;
    for _ in 0..2 {
        skipped += SeededEma::new(2 * args.whole(0) - 1).run_over(&mut widths[skipped..]);
    }
    let begin = first + 1 + skipped;
    let (mut long, mut short, mut up) = (f64::NEG_INFINITY, f64::INFINITY, true);
    for row in begin..rows {
        let (now, before, width) = (line[row], line[row - 1], args.real(2) * widths[row - first - 1]);
        let (long_before, short_before) = (long, short);
        long = if before > long && now > long { long.max(now - width) } else { now - width };
        short = if before < short && now < short { short.min(now + width) } else { now + width };
        if now > short_before {
            up = true;
        } else if now < long_before {
            up = false;
        }
        trail[row] = if up { long } else { short };
    }
}
