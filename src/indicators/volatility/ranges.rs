use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{CHUNK, Carry, SeededEma, blank, range_rows, rolling_mean_of};

const HIGH_LOW: &[Input] = &[Input::HIGH, Input::LOW];
const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "adr",
        "Average day range",
        Group::Volatility,
        |args| WarmUp::Rows(args.whole(0) - 1),
        |args, inputs, outputs| {
            rolling_mean_of(args.whole(0), outputs[0], |from, next| widths(inputs, from, next));
        },
    )
    .aliases(&["average_range", "average_day_range"])
    .params(&[Param::period(14, 1)])
    .inputs(HIGH_LOW)
    .says("sma of high - low", "TA-Lib ADR"),
    Indicator::new(
        "natr",
        "Normalised average true range",
        Group::Volatility,
        |args| WarmUp::wilder(args.whole(0)),
        normalised,
    )
    .aliases(&["atrp", "atr_percent"])
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .says("100 atr / close; 0 where the close is 0", "Forman, Stocks & Commodities, May 2006; TA-Lib NATR"),
    Indicator::new(
        "cvi",
        "Chaikin's volatility",
        Group::Volatility,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(args.whole(1))),
        chaikin,
    )
    .aliases(&["chaikin_volatility", "cvol"])
    .params(&[Param::period(10, 2), Param::whole("change", 10, 1)])
    .inputs(HIGH_LOW)
    .says("100 (e / e[change] - 1), e = ema of high - low; 0 where e[change] is 0", "Chaikin; TA-Lib CVI"),
    Indicator::new(
        "massi",
        "Mass index",
        Group::Volatility,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::ema(args.whole(0))).plus(WarmUp::Rows(args.whole(1))),
        mass,
    )
    .aliases(&["mass", "mass_index", "massindex"])
    .params(&[Param::period(9, 2), Param::whole("sum", 25, 2)])
    .inputs(HIGH_LOW)
    .says(
        "sum of the last `sum` values of e / ema(e), e = ema of high - low",
        "Dorsey, Stocks & Commodities, June 1992; TA-Lib MASSI",
    ),
];

/// High - low of some rows.
fn widths(inputs: &[&[f64]], from: usize, output: &mut [f64]) {
    for (out, (high, low)) in output.iter_mut().zip(inputs[0][from..].iter().zip(&inputs[1][from..])) {
        *out = high - low;
    }
}

fn normalised(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    if !blank(output, 1) {
        return;
    }
    let mut average = SeededEma::wilder(args.whole(0));
    // A few rows at a time: what is between the stages stays in the nearest cache.
    for (out, from) in output[1..].chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
        let rows = from..from + out.len() + 1;
        let close = &inputs[2][rows.clone()];
        range_rows(&inputs[0][rows.clone()], &inputs[1][rows], close, out);
        average.run_over(out);
        for (out, close) in out.iter_mut().zip(&close[1..]) {
            *out = if *close == 0.0 { 0.0 * *out } else { 100.0 * (*out / close) };
        }
    }
}

fn chaikin(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (mut average, mut before) = (SeededEma::new(args.whole(0)), Carry::new(args.whole(1)));
    for (out, from) in outputs[0].chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
        let averages = before.next(out.len());
        widths(inputs, from, averages);
        average.run_over(averages);
        let pairs = before.pairs(out.len());
        for (out, (now, before)) in out.iter_mut().zip(pairs) {
            let change = 100.0 * ((now - before) / before);
            *out = if before == 0.0 { 0.0 } else { change };
        }
    }
}

fn mass(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, sum, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let first = 2 * (period - 1);
    if !blank(output, first) {
        return;
    }
    let (mut once, mut twice) = (SeededEma::new(period), SeededEma::new(period));
    let mut lead = vec![0.0; first];
    widths(inputs, 0, &mut lead);
    let skipped = once.run_over(&mut lead);
    twice.run_over(&mut lead[skipped..]);
    let mut buffer = [0.0; CHUNK];
    let parts = sum as f64;
    rolling_mean_of(sum, &mut output[first..], |begin, shares| {
        for (shares, from) in shares.chunks_mut(CHUNK).zip((first + begin..).step_by(CHUNK)) {
            widths(inputs, from, shares);
            let ratio = |one: f64, two: f64| parts * if two == 0.0 { 1.0 } else { one / two };
            // Both side by side, four rows at a time: while one waits for its last mean the other works.
            if let (true, (fours, [])) = (twice.is_begun(), shares.as_chunks_mut::<4>()) {
                for four in fours {
                    let one = once.four(*four);
                    let again = twice.four(one);
                    four.iter_mut()
                        .zip(one.iter().zip(again))
                        .for_each(|(out, (one, two))| *out = ratio(*one, two));
                }
                continue;
            }
            let again = &mut buffer[..shares.len()];
            once.run_over(shares);
            again.copy_from_slice(shares);
            twice.run_over(again);
            shares.iter_mut().zip(again.iter()).for_each(|(share, again)| *share = ratio(*share, *again));
        }
    });
}
