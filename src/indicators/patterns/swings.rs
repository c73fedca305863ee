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
    mark(args, inputs[0], |other, value| other < value, outputs[0]);
    mark(args, inputs[1], |other, value| other > value, outputs[1]);
}

fn swing(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    fractal(args, inputs, outputs);
    for (input, output) in inputs.iter().zip(outputs) {
        let mut last = f64::NAN;
        let early = args.whole(1).min(output.len());
        output[..early].fill(f64::NAN);
        for (out, value) in output[early..].iter_mut().zip(*input) {
            if *out != 0.0 {
                last = *value;
            }
            *out = last;
        }
    }
}

/// Neighbours on each side that are compared without a jump; they leave few rows to look at more closely.
const NEXT: usize = 2;

/// 100 where a turn is known, `right` rows late, 0 elsewhere. `beaten` says whether a neighbour is beaten by a value.
#[inline(always)]
fn mark(args: &Args, input: &[f64], beaten: impl Fn(f64, f64) -> bool, output: &mut [f64]) {
    let (left, right) = (args.whole(0), args.whole(1));
    let lead = (left + right).min(output.len());
    output[..lead].fill(0.0);
    let output = &mut output[lead..];
    let rows = output.len();
    if rows == 0 {
        return;
    }
    let moved = |by: usize| &input[by..by + rows];
    let values = moved(left);
    // Where there are fewer neighbours the nearest is compared twice.
    let before = [moved(left - 1), moved(left - NEXT.min(left))];
    let after = [moved(left + 1), moved(left + NEXT.min(right))];
    for (row, out) in output.iter_mut().enumerate() {
        let wins = |columns: [&[f64]; NEXT]| {
            beaten(columns[0][row], values[row]) & beaten(columns[1][row], values[row])
        };
        *out = if wins(before) & wins(after) { 100.0 } else { 0.0 };
    }
    if left <= NEXT && right <= NEXT {
        return;
    }
    for (row, out) in output.iter_mut().enumerate().filter(|(_, out)| **out != 0.0) {
        let all_beaten = |others: &[f64]| others.iter().all(|other| beaten(*other, values[row]));
        if !(all_beaten(&input[row..row + left]) && all_beaten(&input[row + left + 1..=row + left + right])) {
            *out = 0.0;
        }
    }
}
