//! Arithmetic and comparisons of two columns.

use super::super::entry::{Field, Group, Indicator, Input, Kernel, WarmUp};

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Prices, |_| WarmUp::Rows(0), kernel).inputs(CLOSE_OPEN)
}

const HIGH_LOW: &[Input] =
    &[Input { name: "source", default: Field::High }, Input { name: "with", default: Field::Low }];
pub(super) const CLOSE_OPEN: &[Input] = &[Input::SOURCE, Input { name: "with", default: Field::Open }];

pub(super) const ENTRIES: &[Indicator] = &[
    of("div", "Quotient of two columns", |_, inputs, outputs| both(inputs, outputs, |a, b| a / b))
        .inputs(HIGH_LOW)
        .aliases(&["ratio"])
        .says("source / with; nothing where both are 0, infinity where only `with` is", "TA-Lib DIV"),
    of("greater", "Greater of two columns", |_, inputs, outputs| {
        both(inputs, outputs, |a, b| if b > a { b } else { a });
    })
    .overlay()
    .says("the greater of source and with", "arithmetic"),
    of("lesser", "Lesser of two columns", |_, inputs, outputs| {
        both(inputs, outputs, |a, b| if b < a { b } else { a });
    })
    .overlay()
    .says("the lesser of source and with", "arithmetic"),
    of("above", "Whether above", |_, inputs, outputs| both(inputs, outputs, |a, b| yes(a > b)))
        .says("1 where source > with, else 0", "arithmetic"),
    of("below", "Whether below", |_, inputs, outputs| both(inputs, outputs, |a, b| yes(a < b)))
        .says("1 where source < with, else 0", "arithmetic"),
];

fn yes(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[inline(always)]
fn both(inputs: &[&[f64]], outputs: &mut [&mut [f64]], make: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in outputs[0].iter_mut().zip(inputs[0]).zip(inputs[1]) {
        *out = make(*a, *b);
    }
}
