use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{
    CHUNK, Carry, Ema, Row, SeededEma, blank, ema_of, ema_weight, last_part, range_of, rolling_mean_of,
    rolling_sum, seated, settled_rows, side_by_side,
};

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
    let (period, bars) = (args.whole(0), [inputs[0], inputs[1], inputs[2]]);
    ema_of(bars, period, 1.0 / period as f64, &mut output[1..], |[_, _, before], [high, low, _]| {
        range_of(high, low, before)
    });
    for (out, close) in output[1..].iter_mut().zip(&inputs[2][1..]) {
        let percent = 100.0 * (*out / close);
        *out = if *close == 0.0 { 0.0 * *out } else { percent };
    }
}

fn chaikin(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    let first = period - 1;
    if !blank(output, first) {
        return;
    }
    widths(inputs, 0, &mut output[..period]);
    let mut average = Ema::new(output[..period].iter().sum::<f64>() / period as f64, ema_weight(period));
    output[..first].fill(f64::NAN);
    output[first] = average.mean;
    let bars = [&inputs[0][first..], &inputs[1][first..]];
    average.run_of(bars, &mut output[period..], |_, [high, low]| high - low);
    let mut before = Carry::new(args.whole(1));
    for out in output[first..].chunks_mut(CHUNK) {
        before.next(out.len()).copy_from_slice(out);
        let (now, before) = before.both(out.len());
        for (out, (now, before)) in out.iter_mut().zip(now.iter().zip(before)) {
            let change = 100.0 * ((now - before) / before);
            *out = if *before == 0.0 { 0.0 } else { change };
        }
    }
}

fn mass(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, sum, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let first = 2 * (period - 1);
    if !blank(output, first) {
        return;
    }
    let mut averages = [SeededEma::new(period), SeededEma::new(period)];
    let mut shares = vec![0.0; output.len() - first];
    let mut lead = vec![0.0; first + 1];
    widths(inputs, 0, &mut lead);
    shares[0] = ratios(&mut averages, &mut lead);
    let done = 1 + in_parts(&mut averages, [&inputs[0][first..], &inputs[1][first..]], &mut shares[1..]);
    for (shares, from) in shares[done..].chunks_mut(CHUNK).zip((first + done..).step_by(CHUNK)) {
        widths(inputs, from, shares);
        ratios(&mut averages, shares);
    }
    rolling_sum(&shares, sum, &mut output[first..]);
}

/// Averages over their averages, where these are begun; the last of them.
fn ratios([once, twice]: &mut [SeededEma; 2], values: &mut [f64]) -> f64 {
    let skipped = once.run_over(values);
    let mut again = values[skipped..].to_vec();
    twice.run_over(&mut again);
    let values = &mut values[skipped..];
    values.iter_mut().zip(&again).for_each(|(value, again)| *value = ratio(*value, *again));
    values.last().copied().unwrap_or(f64::NAN)
}

#[inline(always)]
fn ratio(one: f64, two: f64) -> f64 {
    let ratio = one / two;
    if two == 0.0 { 1.0 } else { ratio }
}

/// Most of a column that is long enough, in four parts side by side; how many rows that makes.
fn in_parts([once, twice]: &mut [SeededEma; 2], inputs: [&[f64]; 2], output: &mut [f64]) -> usize {
    let (weight, seats) = (once.weight(), [once.mean(), twice.mean()]);
    let mut means = seats.map(Row::splat);
    let step = |means: &mut [Row; 2], widths: Row| {
        let [one, two] = means;
        *one += (widths - *one) * weight;
        *two += (*one - *two) * weight;
        [two.simd_eq(Row::ZERO).bitselect(Row::ONE, *one / *two)]
    };
    let seat = |means: &mut [Row; 2]| {
        means.iter_mut().zip(seats).for_each(|(lanes, seat)| *lanes = seated(*lanes, seat));
    };
    let settled = settled_rows(weight, 2);
    let width = |_, [high, low]: [Row; 2]| high - low;
    let done = side_by_side(inputs, [output], settled, &mut means, width, step, seat);
    if done > 0 {
        let [one, two] = means.map(last_part);
        once.go_on(one);
        twice.go_on(two);
    }
    done
}
