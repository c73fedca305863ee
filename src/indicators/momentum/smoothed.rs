use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, PARTS, blank, ema_chain, quarters, settled_rows};

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
    let mut done = 1;
    while done < input.len() {
        if first.is_begun() && second.is_begun() {
            done += in_parts(&mut first, &mut second, &input[done - 1..], &mut output[done..]);
        }
        let out = &mut output[done..(done + CHUNK).min(input.len())];
        let buffer = &mut buffer[..out.len()];
        for (pair, values) in buffer.iter_mut().zip(input[done - 1..].windows(2)) {
            let change = values[1] - values[0];
            *pair = [change, change.abs()];
        }
        let skipped = first.run_both(&mut second, buffer);
        out[..skipped].fill(f64::NAN);
        for (out, [change, size]) in out[skipped..].iter_mut().zip(&buffer[skipped..]) {
            *out = share(*change, *size);
        }
        done += buffer.len();
    }
}

#[inline(always)]
fn share(change: f64, size: f64) -> f64 {
    let share = 100.0 * (change / size);
    if size == 0.0 { 0.0 } else { share }
}

/// Most of a column that is long enough, in four parts side by side, each but the first begun some rows early; how
/// many rows that makes. `input` has one row more than `output`, before it.
fn in_parts(first: &mut EmaPair, second: &mut EmaPair, input: &[f64], output: &mut [f64]) -> usize {
    let weights = [first.weight(), second.weight()];
    let settled = settled_rows(weights[0], 1) + settled_rows(weights[1], 1);
    let rows = output.len() / PARTS;
    if rows < 8 * settled {
        return 0;
    }
    let begins = [0, 1, 2, 3].map(|n| n * rows);
    let early = begins.map(|begin| begin.saturating_sub(settled));
    // Changes and their sizes; averaged once; averaged twice. The averages are kept as sums, s = x + kept s, which are
    // as many times too large above and below the line.
    let mut sums = [[[0.0; PARTS]; 2]; 2];
    let (kept, scales) = (weights.map(|weight| 1.0 - weight), [weights[0], weights[0] * weights[1]]);
    for row in 0..settled {
        step(&mut sums, kept, early.map(|begin| input[begin + row + 1] - input[begin + row]));
    }
    // What the first part did so far was its own rows once; it begins where the averages are.
    for ((sums, pair), scale) in sums.iter_mut().zip([&*first, &*second]).zip(scales) {
        [sums[0][0], sums[1][0]] = pair.means().map(|mean| mean / scale);
    }
    let ins = begins.map(|begin| &input[begin..=begin + rows]);
    let [one, two, three, four] = quarters(&mut output[..PARTS * rows]).map(|part| &mut part[..rows]);
    for row in 0..rows {
        step(&mut sums, kept, ins.map(|values| values[row + 1] - values[row]));
        let [change, size] = sums[1];
        // Where nothing moved there is nothing to divide by: an infinity divides to nothing, without a jump.
        let size = size.map(|size| if size == 0.0 { f64::INFINITY } else { size });
        let mut shares = change;
        shares.iter_mut().zip(size).for_each(|(share, size)| *share = 100.0 * (*share / size));
        (one[row], two[row], three[row], four[row]) = (shares[0], shares[1], shares[2], shares[3]);
    }
    for ((sums, pair), scale) in sums.iter().zip([first, second]).zip(scales) {
        pair.go_on_from([sums[0], sums[1]].map(|sum| sum[PARTS - 1] * scale));
    }
    PARTS * rows
}

#[inline(always)]
fn step(sums: &mut [[[f64; PARTS]; 2]; 2], kept: [f64; 2], changes: [f64; PARTS]) {
    let mut values = [changes, changes.map(f64::abs)];
    for (sums, kept) in sums.iter_mut().zip(kept) {
        for (sums, values) in sums.iter_mut().zip(&mut values) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = kept * *sum + *value;
                *value = *sum;
            }
        }
    }
}
