use super::super::entry::{Args, Field, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{blank, wilder};

const MIDDLE: &[Input] = &[Input { name: "source", default: Field::Hl2 }];
const LINES: &[Param] = &[
    Param::whole("jaw", 13, 1),
    Param::whole("jaw_shift", 8, 0),
    Param::whole("teeth", 8, 1),
    Param::whole("teeth_shift", 5, 0),
    Param::whole("lips", 5, 1),
    Param::whole("lips_shift", 3, 0),
];

const fn line(output: usize) -> Part {
    Part { of: "alligator", args: |args| args.all().to_vec(), inputs: &[0], output }
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("alligator", "Alligator", Group::Trend, reach, |args, inputs, outputs| {
        for (n, output) in outputs.iter_mut().enumerate() {
            let (period, shift) = (args.whole(2 * n), args.whole(2 * n + 1));
            if blank(output, shift) {
                wilder(&inputs[0][..inputs[0].len() - shift], period, &mut output[shift..]);
            }
        }
    })
    .aliases(&["williams_alligator"])
    .params(LINES)
    .inputs(MIDDLE)
    .outputs(&["jaw", "teeth", "lips"])
    .overlay()
    .says(
        "Wilder's averages of 13, 8 and 5 values, of 8, 5 and 3 bars ago, where a chart draws them",
        "Williams, Trading Chaos, 1995; Stock.Indicators GetAlligator",
    ),
    Indicator::new("gator", "Gator oscillator", Group::Trend, |_| WarmUp::Rows(0), gator)
        .aliases(&["gator_oscillator"])
        .params(LINES)
        .inputs(MIDDLE)
        .parts(&[line(0), line(1), line(2)])
        .outputs(&["upper", "lower"])
        .says(
            "upper = |jaw - teeth|, lower = -|teeth - lips| of the alligator",
            "Williams, Trading Chaos, 1995; Stock.Indicators GetGator",
        ),
];

fn reach(args: &Args) -> WarmUp {
    let line = |n: usize| WarmUp::wilder(args.whole(n)).plus(WarmUp::Rows(args.whole(n + 1)));
    line(0).max(line(2)).max(line(4))
}

fn gator(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, lower] = outputs else { unreachable!("the entry has two outputs") };
    let lines = inputs[1].iter().zip(inputs[2]).zip(inputs[3]);
    for ((upper, lower), ((jaw, teeth), lips)) in upper.iter_mut().zip(lower.iter_mut()).zip(lines) {
        (*upper, *lower) = ((jaw - teeth).abs(), -(teeth - lips).abs());
    }
}
