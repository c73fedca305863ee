use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, Sliding, WindowSum, blank};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("rsi", "Relative strength index", Group::Momentum, reach, |args, inputs, outputs| {
        wilder(args.whole(0), 1, inputs[0], outputs[0], |up, down| share(up, up + down));
    })
    .params(&[Param::period(14, 2)])
    .says(
        "100 up / (up + down), Wilder's averages of the rises and of the falls; 0 where nothing moved",
        "Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RSI",
    ),
    Indicator::new(
        "cmo",
        "Chande momentum oscillator, smoothed",
        Group::Momentum,
        reach,
        |args, inputs, outputs| {
            wilder(args.whole(0), 1, inputs[0], outputs[0], |up, down| share(up - down, up + down));
        },
    )
    .params(&[Param::period(14, 2)])
    .says("100 (up - down) / (up + down), Wilder's averages of the rises and of the falls", "TA-Lib CMO"),
    Indicator::new(
        "cmou",
        "Chande momentum oscillator, as Chande has it",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        unsmoothed,
    )
    .aliases(&["chande_momentum"])
    .params(&[Param::period(14, 2)])
    .says(
        "100 (up - down) / (up + down), sums of the last `period` rises and falls",
        "Chande and Kroll, The New Technical Trader, 1994; TA-Lib CMOU",
    ),
];

fn reach(args: &Args) -> WarmUp {
    WarmUp::wilder(args.whole(0))
}

#[inline(always)]
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { 100.0 * (part / whole) }
}

/// What `shape` makes of Wilder's averages of the rises and falls over `lag` bars.
#[inline]
pub(super) fn wilder(
    period: usize,
    lag: usize,
    input: &[f64],
    output: &mut [f64],
    shape: impl Fn(f64, f64) -> f64,
) {
    if !blank(output, lag) {
        return;
    }
    let (mut averages, mut buffer) = (EmaPair::wilder(period), [[0.0; 2]; CHUNK]);
    for (out, from) in output[lag..].chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
        let buffer = &mut buffer[..out.len()];
        for (pair, (now, then)) in buffer.iter_mut().zip(input[from + lag..].iter().zip(&input[from..])) {
            let change = now - then;
            *pair = if change > 0.0 { [change, 0.0] } else { [0.0, -change] };
        }
        let skipped = averages.run_over(buffer);
        out[..skipped].fill(f64::NAN);
        for (out, [up, down]) in out[skipped..].iter_mut().zip(&buffer[skipped..]) {
            *out = shape(*up, *down);
        }
    }
}

fn unsmoothed(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let change = |pair: &[f64]| pair[1] - pair[0];
    let (mut moved, mut net) = (WindowSum::default(), Sliding::default());
    for change in input[..period].windows(2).map(change) {
        moved.come(change.abs(), period);
        net.come(change);
    }
    let coming = input[period - 1..].windows(2).map(change);
    for ((out, coming), going) in output[period..].iter_mut().zip(coming).zip(input.windows(2).map(change)) {
        moved.come(coming.abs(), period);
        net.come(coming);
        *out = share(net.sum, moved.sum);
        moved.go(going.abs());
        net.go(going);
    }
}
