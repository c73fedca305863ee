use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{
    CHUNK, EmaPair, Row, blank, ema_chain, last_part, seated, settled_rows, side_by_side,
};

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

/// Sums in four parts of a column: changes and their sizes, averaged once and averaged twice. A sum is s = x + kept s
/// and as many times too large above and below the line.
type Strength = [Row; 4];

/// Most of a column that is long enough, in four parts side by side; how many rows that makes. `input` has one row
/// more than `output`, before it.
fn in_parts(first: &mut EmaPair, second: &mut EmaPair, input: &[f64], output: &mut [f64]) -> usize {
    let weights = [first.weight(), second.weight()];
    let settled = settled_rows(weights[0], 1) + settled_rows(weights[1], 1);
    let scales = [weights[0], weights[0] * weights[1]];
    let [one, two] =
        [first.means().map(|mean| mean / scales[0]), second.means().map(|mean| mean / scales[1])];
    let seats = [one[0], one[1], two[0], two[1]];
    let mut sums: Strength = seats.map(Row::splat);
    let kept = weights.map(|weight| 1.0 - weight);
    let done = side_by_side(
        [input],
        [output],
        settled,
        &mut sums,
        |[before], [now]| now - before,
        |sums, changes| strengths(sums, kept, changes),
        |sums| sums.iter_mut().zip(seats).for_each(|(lanes, seat)| *lanes = seated(*lanes, seat)),
    );
    if done > 0 {
        let last = sums.map(last_part);
        first.go_on_from([last[0], last[1]].map(|sum| sum * scales[0]));
        second.go_on_from([last[2], last[3]].map(|sum| sum * scales[1]));
    }
    done
}

#[inline(always)]
fn strengths(sums: &mut Strength, [kept, kept_again]: [f64; 2], moves: Row) -> [Row; 1] {
    let [change, size, changes, sizes] = sums;
    *change = *change * kept + moves;
    *size = *size * kept + moves.abs();
    *changes = *changes * kept_again + *change;
    *sizes = *sizes * kept_again + *size;
    let shares = (*changes / *sizes) * 100.0;
    [sizes.simd_eq(Row::ZERO).bitselect(Row::ZERO, shares)]
}
