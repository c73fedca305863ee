use super::super::entry::{Args, Field, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{SeededEma, blank, ema, highest, lowest, rolling_mean};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("stc", "Schaff trend cycle", Group::Momentum, |args| {
        let smooth = WarmUp::Rows(args.whole(0)).plus(WarmUp::decay(1.0 - args.real(3)));
        WarmUp::ema(args.whole(1).max(args.whole(2))).plus(smooth).plus(smooth)
    }, schaff)
    .aliases(&["schaff", "schaff_trend_cycle"])
    .params(&[Param::period(10, 2), Param::whole("fast", 23, 2), Param::whole("slow", 50, 2), Param::real("factor", 0.5, 0.01, 1.0)])
    .says("twice over: place in percent between lowest and highest of `period` bars (as before where there is no range), averaged with weight `factor`; of ema(fast) - ema(slow)", "Schaff 1999"),
    Indicator::new("wavetrend", "Wave trend", Group::Momentum, |args| {
        let channel = WarmUp::ema(args.whole(0));
        channel.plus(channel).plus(WarmUp::ema(args.whole(1))).plus(WarmUp::Rows(args.whole(2)))
    }, wave)
    .aliases(&["wave_trend", "wt"])
    .params(&[Param::whole("channel", 10, 1), Param::whole("average", 21, 1), Param::whole("signal", 4, 1)])
    .inputs(&[Input { name: "source", default: Field::Hlc3 }])
    .outputs(&["wt1", "wt2"])
    .says("wt1 = ema(average) of (x - e) / (0.015 ema(|x - e|)), e = ema(x, channel); wt2 = sma(signal) of wt1", "LazyBear, TradingView, 2014"),
    Indicator::new("macdp", "Percentage macd: ppo with signal and histogram", Group::Momentum, |args| {
        WarmUp::ema(args.whole(0).max(args.whole(1))).plus(WarmUp::ema(args.whole(2)))
    }, percentage)
    .aliases(&["percentage_macd", "ppo_signal"])
    .params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), Param::whole("signal", 9, 1)])
    .outputs(&["ppo", "signal", "hist"])
    .says("ppo = 100 (ema(fast) - ema(slow)) / ema(slow); signal = ema(ppo); hist = ppo - signal", "StockCharts PPO; pandas-ta ppo"),
];

/// Exponential averages, fast and slow, through `of`; the row of the first value.
fn averages(args: [usize; 2], input: &[f64], output: &mut [f64], of: impl Fn(f64, f64) -> f64) -> usize {
    let mut slower = vec![0.0; input.len()];
    let (fast, slow) = (args[0].min(args[1]), args[0].max(args[1]));
    ema(input, fast, output);
    ema(input, slow, &mut slower);
    output.iter_mut().zip(&slower).for_each(|(out, slow)| *out = of(*out, *slow));
    (slow - 1).min(input.len())
}

fn schaff(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    let mut first = averages([args.whole(1), args.whole(2)], inputs[0], output, |fast, slow| fast - slow);
    let (mut high, mut low) = (vec![0.0; output.len()], vec![0.0; output.len()]);
    for _ in 0..2 {
        highest(&output[first..], period, &mut high[first..]);
        lowest(&output[first..], period, &mut low[first..]);
        first = (first + period - 1).min(output.len());
        let (mut place, mut mean) = (0.0, None);
        for (out, (high, low)) in output[first..].iter_mut().zip(high[first..].iter().zip(&low[first..])) {
            let range = high - low;
            // Differences of averages of a constant, and averages of equal places, differ in their last bits.
            if range > 1e-12 * high.abs().max(low.abs()) {
                place = 100.0 * ((*out - low) / range);
            }
            let before: f64 = mean.unwrap_or(place);
            *out = before + args.real(3) * (place - before);
            mean = Some(*out);
        }
    }
    blank(output, first);
}

fn wave(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, [one, two]) = (inputs[0], outputs) else { unreachable!("the entry has two outputs") };
    let rows = input.len();
    ema(input, args.whole(0), one);
    one.iter_mut().zip(input).for_each(|(out, value)| *out = value - *out);
    let first = (args.whole(0) - 1).min(rows);
    let mut sizes: Vec<f64> = one.iter().map(|off| off.abs()).collect();
    let mut first = first + SeededEma::new(args.whole(0)).run_over(&mut sizes[first..]);
    for (out, size) in one[first..].iter_mut().zip(&sizes[first..]) {
        *out = if *size == 0.0 { 0.0 } else { *out / (0.015 * size) };
    }
    blank(one, first);
    first += SeededEma::new(args.whole(1)).run_over(&mut one[first..]);
    blank(two, first);
    rolling_mean(&one[first..], args.whole(2), &mut two[first..]);
}

fn percentage(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, signal, hist] = outputs else { unreachable!("the entry has three outputs") };
    let percent = |fast: f64, slow: f64| if slow == 0.0 { 0.0 } else { 100.0 * (fast - slow) / slow };
    let first = averages([args.whole(0), args.whole(1)], inputs[0], line, percent);
    blank(line, first);
    signal.copy_from_slice(line);
    SeededEma::new(args.whole(2)).run_over(&mut signal[first..]);
    hist.iter_mut()
        .zip(line.iter().zip(signal.iter()))
        .for_each(|(hist, (line, signal))| *hist = line - signal);
}
