use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{
    CHUNK, EmaPair, OWN, RMA, SMA, SeededEma, average, average_lead, average_reach, blank, highest,
    kind_param, lowest, ranges,
};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("stoch", "Stochastic", Group::Momentum, |args| slow_reach(args, SMA), |args, inputs, outputs| {
        smoothed(args, SMA, inputs, outputs);
    })
    .aliases(&["stochastic", "slowstoch", "stochs"])
    .params(&[
        Param::whole("fastk", 5, 1),
        Param::whole("slowk", 3, 1),
        kind_param("slowk_kind", SMA),
        Param::whole("slowd", 3, 1),
        kind_param("slowd_kind", SMA),
    ])
    .inputs(HLC)
    .outputs(&["k", "d"])
    .says("k = average(slowk) of 100 (close - lowest low) / (highest high - lowest low), fastk bars; d = average(slowd) of k", "Lane 1957; TA-Lib STOCH"),
    Indicator::new("stochf", "Fast stochastic", Group::Momentum, |args| fast_reach(args, 0), |args, inputs, outputs| {
        let [k, d] = outputs else { unreachable!("the entry has two outputs") };
        place([inputs[0], inputs[1], inputs[2]], args.whole(0), k, percent);
        last(k, d, args.whole(0) - 1, (own(args.whole(2), SMA), args.whole(1)));
    })
    .aliases(&["faststoch", "stochastic_fast"])
    .params(&[Param::whole("fastk", 5, 1), Param::whole("fastd", 3, 1), kind_param("fastd_kind", SMA)])
    .inputs(HLC)
    .outputs(&["k", "d"])
    .says("k = 100 (close - lowest low) / (highest high - lowest low), fastk bars; d = average(fastd) of k", "Lane 1957; TA-Lib STOCHF"),
    Indicator::new("stochrsi", "Stochastic of rsi", Group::Momentum, |args| fast_reach(args, 1), |args, inputs, outputs| {
        let ([k, d], rsi) = (outputs, inputs[1]) else { unreachable!("the entry has two outputs") };
        place([rsi, rsi, rsi], args.whole(1), k, percent);
        last(k, d, args.whole(1) - 1, (own(args.whole(3), SMA), args.whole(2)));
    })
    .aliases(&["stoch_rsi"])
    .params(&[Param::period(14, 2), Param::whole("fastk", 5, 1), Param::whole("fastd", 3, 1), kind_param("fastd_kind", SMA)])
    .parts(&[Part { of: "rsi", args: |args| args.all()[..1].to_vec(), inputs: &[0], output: 0 }])
    .outputs(&["k", "d"])
    .says("stochf of rsi(period) with rsi as high, low and close", "Chande and Kroll, The New Technical Trader, 1994; TA-Lib STOCHRSI"),
    Indicator::new("kdj", "Stochastic with J", Group::Momentum, |args| slow_reach(args, RMA), |args, inputs, outputs| {
        let [k, d, j] = outputs else { unreachable!("the entry has three outputs") };
        smoothed(args, RMA, inputs, &mut [k, d]);
        j.iter_mut().zip(k.iter().zip(d.iter())).for_each(|(j, (k, d))| *j = 3.0 * k - 2.0 * d);
    })
    .params(&[
        Param::whole("fastk", 9, 1),
        Param::whole("slowk", 3, 1),
        kind_param("slowk_kind", RMA),
        Param::whole("slowd", 3, 1),
        kind_param("slowd_kind", RMA),
    ])
    .inputs(HLC)
    .outputs(&["k", "d", "j"])
    .says("stoch with Wilder's averages; j = 3 k - 2 d", "TA-Lib KDJ"),
    Indicator::new("willr", "Williams %R", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), |args, inputs, outputs| {
        place([inputs[0], inputs[1], inputs[2]], args.whole(0), outputs[0], |_, above, range| -100.0 * (above / range));
    })
    .aliases(&["williamsr", "williams_r", "williams", "wpr"])
    .params(&[Param::period(14, 2)])
    .inputs(HLC)
    .says("-100 (highest high - close) / (highest high - lowest low); 0 where there is no range", "Williams, How I Made One Million Dollars, 1973; TA-Lib WILLR"),
    Indicator::new("smi", "Stochastic momentum index", Group::Momentum, smi_reach, smi)
        .aliases(&["stochastic_momentum"])
        .params(&[Param::period(13, 2), Param::whole("fast", 2, 2), Param::whole("slow", 25, 2), Param::whole("signal", 9, 2)])
        .inputs(HLC)
        .outputs(&["smi", "signal"])
        .says("100 ema(ema(close - middle, slow), fast) / (ema(ema(range, slow), fast) / 2), middle and range of highest high and lowest low; its ema", "Blau, Stocks & Commodities, January 1993; TA-Lib SMI"),
];

fn own(kind: usize, default: usize) -> usize {
    if kind == OWN { default } else { kind }
}

/// The two averages: kind and period.
fn averages(args: &Args, default: usize) -> [(usize, usize); 2] {
    [(own(args.whole(2), default), args.whole(1)), (own(args.whole(4), default), args.whole(3))]
}

fn slow_reach(args: &Args, default: usize) -> WarmUp {
    let [k, d] = averages(args, default).map(|(kind, period)| average_reach(kind, period));
    WarmUp::Rows(args.whole(0)).plus(k).plus(d)
}

fn fast_reach(args: &Args, first: usize) -> WarmUp {
    let kind = own(args.whole(first + 2), SMA);
    WarmUp::Rows(args.whole(first)).plus(average_reach(kind, args.whole(first + 1)))
}

/// Where a value is between the lowest and the highest of the last bars: what `shape` makes of what is below it, what
/// is above it, and both.
#[inline(always)]
fn place(
    [high, low, close]: [&[f64]; 3],
    period: usize,
    output: &mut [f64],
    shape: impl Fn(f64, f64, f64) -> f64,
) {
    blank(output, period - 1);
    ranges(high, low, period, |first, tops, bottoms| {
        let outs = output[first..].iter_mut().zip(&close[first..]);
        for ((out, close), (top, bottom)) in outs.zip(tops.iter().zip(bottoms)) {
            let range = top - bottom;
            // Equal values of a source that was computed may differ in their last bits.
            let nothing = range <= 1e-13 * close.abs();
            *out = if nothing { 0.0 } else { shape(close - bottom, top - close, range) };
        }
    });
}

/// In percent of the range, 0 where there is none.
fn percent(below: f64, _: f64, range: f64) -> f64 {
    100.0 * (below / range)
}

/// d of k; neither has a value before both have one.
fn last(k: &mut [f64], d: &mut [f64], lead: usize, (kind, period): (usize, usize)) {
    let lead = lead.min(k.len());
    blank(d, lead);
    average(kind, &k[lead..], period, &mut d[lead..]);
    blank(k, lead + average_lead(kind, period));
}

fn smoothed(args: &Args, default: usize, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [k, d] = outputs else { unreachable!("the entries have k and d") };
    let [slowk, slowd] = averages(args, default);
    let mut raw = vec![0.0; k.len()];
    let first = args.whole(0) - 1;
    place([inputs[0], inputs[1], inputs[2]], args.whole(0), &mut raw, percent);
    if blank(k, first) {
        average(slowk.0, &raw[first..], slowk.1, &mut k[first..]);
    }
    last(k, d, first + average_lead(slowk.0, slowk.1), slowd);
}

fn smi_reach(args: &Args) -> WarmUp {
    let [fast, slow, signal] = [1, 2, 3].map(|n| WarmUp::ema(args.whole(n)));
    WarmUp::Rows(args.whole(0)).plus(slow).plus(fast).plus(signal)
}

fn smi(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [smi, line]) = (args.whole(0), outputs) else { unreachable!("the entry has two outputs") };
    highest(inputs[0], period, smi);
    lowest(inputs[1], period, line);
    let first = period - 1;
    if first >= smi.len() {
        return;
    }
    let (mut slow, mut fast) = (EmaPair::new(args.whole(2)), EmaPair::new(args.whole(1)));
    let (mut signal, mut buffer) = (SeededEma::new(args.whole(3)), [[0.0; 2]; CHUNK]);
    let chunks = smi[first..].chunks_mut(CHUNK).zip(line[first..].chunks_mut(CHUNK));
    for ((smi, line), close) in chunks.zip(inputs[2][first..].chunks(CHUNK)) {
        let buffer = &mut buffer[..smi.len()];
        for (pair, ((high, low), close)) in buffer.iter_mut().zip(smi.iter().zip(line.iter()).zip(close)) {
            *pair = [close - (high + low) * 0.5, (high - low) * 0.5];
        }
        let skipped = slow.run_both(&mut fast, buffer);
        line[..skipped].fill(f64::NAN);
        for ((smi, line), [off, range]) in
            smi.iter_mut().zip(line.iter_mut()).zip(buffer.iter()).skip(skipped)
        {
            *smi = if *range == 0.0 { 0.0 } else { 100.0 * (off / range) };
            *line = *smi;
        }
        let more = signal.run_over(&mut line[skipped..]);
        smi[..skipped + more].fill(f64::NAN);
    }
}
