use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};

const SIDES: &[Input] = &[Input::HIGH, Input::LOW];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "fractal",
        "Williams fractal",
        Group::Patterns,
        |args| WarmUp::Rows(args.whole(0) + args.whole(1)),
        fractal,
    )
    .aliases(&["fractals", "williams_fractal"])
    .params(&[Param::whole("left", 2, 1), Param::whole("right", 2, 1)])
    .inputs(SIDES)
    .outputs(&["high", "low"])
    .says(
        "100 where the high of `right` bars ago is above those of `left` bars before and of all bars after it, else 0; \
         so for the low",
        "Williams, Trading Chaos, 1995; TA-Lib FRACTAL",
    ),
    Indicator::new("swing", "Last swing high and low", Group::Patterns, |_| WarmUp::History, swing)
        .aliases(&["swings", "swing_points"])
        .params(&[Param::whole("left", 5, 1), Param::whole("right", 5, 1)])
        .inputs(SIDES)
        .outputs(&["high", "low"])
        .overlay()
        .says(
            "the last high above those of `left` bars before and `right` bars after it, from the bar on at which the last \
             of these is known; so for the low",
            "Williams, Trading Chaos, 1995",
        ),
];

fn fractal(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    for ((input, output), upper) in inputs.iter().zip(outputs).zip([true, false]) {
        output.fill(0.0);
        turns(args, input, upper, |row, _| output[row] = 100.0);
    }
}

fn swing(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    for ((input, output), upper) in inputs.iter().zip(outputs).zip([true, false]) {
        let mut known = 0;
        let mut last = f64::NAN;
        turns(args, input, upper, |row, value| {
            output[known..row].fill(last);
            (known, last) = (row, value);
        });
        output[known..].fill(last);
    }
}

/// Tells every turn: the row at which it is known, and its value.
#[inline(always)]
fn turns(args: &Args, input: &[f64], upper: bool, mut tell: impl FnMut(usize, f64)) {
    let (left, right) = (args.whole(0), args.whole(1));
    for row in left..input.len().saturating_sub(right) {
        let value = input[row];
        let beaten = |other: &f64| if upper { *other < value } else { *other > value };
        // The nearest first: a bar that is no turn is seldom higher than both neighbours.
        if beaten(&input[row + 1])
            && beaten(&input[row - 1])
            && input[row - left..row].iter().rev().all(beaten)
            && input[row + 1..=row + right].iter().all(beaten)
        {
            tell(row + right, value);
        }
    }
}
