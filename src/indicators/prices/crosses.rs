//! Where one column crosses another or a level, and where it goes one way.

use super::super::entry::{Args, Field, Group, Indicator, Input, Kernel, Param, WarmUp};
use super::super::kernels::{blank, highest, lowest};
use super::operators::CLOSE_OPEN;

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Prices, |_| WarmUp::Rows(1), kernel).inputs(CLOSE_OPEN)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("cross_above", "Crossing upwards", |_, inputs, outputs| {
        crosses(inputs[0], inputs[1], outputs[0], |before, now| (before <= 0.0) & (now > 0.0));
    })
    .aliases(&["crossover"])
    .says("1 where source > with and was not at the bar before, else 0", "TradingView ta.crossover"),
    of("cross_below", "Crossing downwards", |_, inputs, outputs| {
        crosses(inputs[0], inputs[1], outputs[0], |before, now| (before >= 0.0) & (now < 0.0));
    })
    .aliases(&["crossunder"])
    .says("1 where source < with and was not at the bar before, else 0", "TradingView ta.crossunder"),
    of("cross", "Crossing either way", |_, inputs, outputs| {
        crosses(inputs[0], inputs[1], outputs[0], |before, now| {
            ((before <= 0.0) & (now > 0.0)) | ((before >= 0.0) & (now < 0.0))
        });
    })
    .says("1 where cross_above or cross_below is, else 0", "TradingView ta.cross"),
    of("cross_level", "Crossing a level", level)
        .inputs(&[Input::SOURCE])
        .params(&[Param::real("level", 0.0, -1e12, 1e12)])
        .says(
            "1 where source > level and was not at the bar before, -1 where source < level and was not, else 0",
            "TradingView ta.crossover and ta.crossunder with a constant",
        ),
    Indicator::new("rising", "Whether rising", Group::Prices, |args| WarmUp::Rows(args.whole(0)), |args, inputs, outputs| {
        highest(inputs[0], args.whole(0), outputs[0]);
        compared(args.whole(0), inputs[0], outputs[0], |now, top| now > top);
    })
    .params(&[Param::period(3, 1)])
    .says("1 where x is greater than each of the `period` values before it, else 0", "TradingView ta.rising"),
    Indicator::new("falling", "Whether falling", Group::Prices, |args| WarmUp::Rows(args.whole(0)), |args, inputs, outputs| {
        lowest(inputs[0], args.whole(0), outputs[0]);
        compared(args.whole(0), inputs[0], outputs[0], |now, bottom| now < bottom);
    })
    .params(&[Param::period(3, 1)])
    .says("1 where x is less than each of the `period` values before it, else 0", "TradingView ta.falling"),
    Indicator::new("streak", "Rises or falls in a row", Group::Prices, |_| WarmUp::History, streak).says(
        "how many bars in a row rose, or fell (negative); 0 where nothing moved",
        "Connors and Alvarez, An Introduction to ConnorsRSI, 2012",
    ),
    Indicator::new("valuewhen", "Value when something was", Group::Prices, |_| WarmUp::History, when)
        .aliases(&["value_when"])
        .params(&[Param::whole("occurrence", 0, 0)])
        .inputs(&[Input::SOURCE, Input { name: "when", default: Field::Volume }])
        .overlay()
        .says(
            "source at the bar where `when` was last not 0; an occurrence of 1 is the time before that, and so on",
            "TradingView ta.valuewhen",
        ),
];

/// Of the difference at the bar before and at the bar.
#[inline(always)]
fn crosses(source: &[f64], with: &[f64], output: &mut [f64], is: impl Fn(f64, f64) -> bool) {
    if !blank(output, 1) {
        return;
    }
    let befores = source.iter().zip(with);
    let nows = source[1..].iter().zip(&with[1..]);
    for (out, ((source_before, with_before), (source, with))) in output[1..].iter_mut().zip(befores.zip(nows))
    {
        *out = f64::from(u8::from(is(source_before - with_before, source - with)));
    }
}

fn level(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (level, output) = (args.real(0), &mut *outputs[0]);
    if !blank(output, 1) {
        return;
    }
    for (out, pair) in output[1..].iter_mut().zip(inputs[0].windows(2)) {
        let up = (pair[0] <= level) & (pair[1] > level);
        let down = (pair[0] >= level) & (pair[1] < level);
        *out = f64::from(u8::from(up)) - f64::from(u8::from(down));
    }
}

/// The value against the extreme of the `period` values before it, which the output has one row too early.
fn compared(period: usize, input: &[f64], output: &mut [f64], is: impl Fn(f64, f64) -> bool) {
    let first = period.min(output.len());
    for row in (first..output.len()).rev() {
        output[row] = f64::from(u8::from(is(input[row], output[row - 1])));
    }
    blank(output, first);
}

fn streak(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    if !blank(output, 1) {
        return;
    }
    let mut streak = 0.0_f64;
    for (out, pair) in output[1..].iter_mut().zip(inputs[0].windows(2)) {
        streak = if pair[1] > pair[0] {
            streak.max(0.0) + 1.0
        } else if pair[1] < pair[0] {
            streak.min(0.0) - 1.0
        } else {
            0.0
        };
        *out = streak;
    }
}

fn when(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let back = args.whole(0);
    // The last `back + 1` values, in a ring whose next place is the oldest.
    let (mut ring, mut next) = (vec![f64::NAN; back + 1], 0);
    for ((out, value), when) in outputs[0].iter_mut().zip(inputs[0]).zip(inputs[1]) {
        if *when != 0.0 {
            ring[next] = *value;
            next = (next + 1) % (back + 1);
        }
        *out = ring[next];
    }
}
