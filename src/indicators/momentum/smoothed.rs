use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, blank, ema_chain};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "trix",
        "Rate of change of a triple exponential average",
        Group::Momentum,
        |args| {
            let one = WarmUp::ema(args.whole(0));
            one.plus(one).plus(one).plus(WarmUp::Rows(1))
        },
        trix,
    )
    .params(&[Param::period(30, 1)])
    .says("100 (e / e[1] - 1), e = ema(ema(ema(x)))", "Hutson, Stocks & Commodities, 1983; TA-Lib TRIX"),
    Indicator::new(
        "tsi",
        "True strength index",
        Group::Momentum,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::ema(args.whole(1))).plus(WarmUp::Rows(1)),
        strength,
    )
    .aliases(&["true_strength"])
    .params(&[Param::whole("first", 25, 2), Param::whole("second", 13, 2)])
    .says(
        "100 ema(ema(m, first), second) / ema(ema(|m|, first), second), m = x - x[1]",
        "Blau, Stocks & Commodities, November 1991; TA-Lib TSI",
    ),
];

fn trix(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    ema_chain::<3, 2>(inputs[0], period, [0.0, 0.0, 1.0], output);
    let first = 3 * (period - 1);
    if first >= output.len() {
        return;
    }
    // Before the first average there is nothing it could have changed from.
    let (mut before, mut averages) = (f64::NAN, [0.0; CHUNK]);
    for out in output[first..].chunks_mut(CHUNK) {
        let averages = &mut averages[..out.len()];
        averages.copy_from_slice(out);
        out[0] = change(before, averages[0]);
        for (out, pair) in out[1..].iter_mut().zip(averages.windows(2)) {
            *out = change(pair[0], pair[1]);
        }
        before = averages[averages.len() - 1];
    }
}

#[inline(always)]
fn change(before: f64, now: f64) -> f64 {
    let change = 100.0 * ((now - before) / before);
    if before == 0.0 { 0.0 } else { change }
}

fn strength(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, output) = (inputs[0], &mut *outputs[0]);
    if !blank(output, 1) {
        return;
    }
    let (mut first, mut second) = (EmaPair::new(args.whole(0)), EmaPair::new(args.whole(1)));
    let mut buffer = [[0.0; 2]; CHUNK];
    for (out, from) in output[1..].chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
        let buffer = &mut buffer[..out.len()];
        for (pair, values) in buffer.iter_mut().zip(input[from..].windows(2)) {
            let change = values[1] - values[0];
            *pair = [change, change.abs()];
        }
        let skipped = first.run_both(&mut second, buffer);
        out[..skipped].fill(f64::NAN);
        for (out, [change, size]) in out[skipped..].iter_mut().zip(&buffer[skipped..]) {
            *out = if *size == 0.0 { 0.0 } else { 100.0 * (change / size) };
        }
    }
}
