use super::super::entry::{Field, Group, Indicator, Input, Kernel, WarmUp};

const fn of(name: &'static str, title: &'static str, inputs: &'static [Input], kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Prices, |_| WarmUp::Rows(0), kernel).inputs(inputs)
}

const HIGH_LOW: &[Input] =
    &[Input { name: "source", default: Field::High }, Input { name: "with", default: Field::Low }];

pub(super) const ENTRIES: &[Indicator] = &[
    of(
        "avgprice",
        "Average price",
        &[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE],
        |_, inputs, outputs| {
            let [open, high, low, close] = inputs else { unreachable!("the entry has four inputs") };
            let bars = high.iter().zip(*low).zip(*close).zip(*open);
            for (out, (((high, low), close), open)) in outputs[0].iter_mut().zip(bars) {
                *out = (high + low + close + open) * 0.25;
            }
        },
    )
    .overlay()
    .says("(open + high + low + close) / 4", "TA-Lib AVGPRICE"),
    of("medprice", "Median price", &[Input::HIGH, Input::LOW], |_, inputs, outputs| {
        both(inputs, outputs, |high, low| (high + low) * 0.5);
    })
    .overlay()
    .says("(high + low) / 2", "TA-Lib MEDPRICE"),
    of("typprice", "Typical price", &[Input::HIGH, Input::LOW, Input::CLOSE], |_, inputs, outputs| {
        of_three(inputs, outputs, |high, low, close| (high + low + close) / 3.0);
    })
    .overlay()
    .says("(high + low + close) / 3", "TA-Lib TYPPRICE"),
    of("wclprice", "Weighted close price", &[Input::HIGH, Input::LOW, Input::CLOSE], |_, inputs, outputs| {
        of_three(inputs, outputs, |high, low, close| (high + low + 2.0 * close) * 0.25);
    })
    .overlay()
    .says("(high + low + 2 close) / 4", "TA-Lib WCLPRICE"),
    of("add", "Sum of two columns", HIGH_LOW, |_, inputs, outputs| both(inputs, outputs, |a, b| a + b))
        .says("source + with", "TA-Lib ADD"),
    of("sub", "Difference of two columns", HIGH_LOW, |_, inputs, outputs| {
        both(inputs, outputs, |a, b| a - b)
    })
    .says("source - with", "TA-Lib SUB"),
    of("mult", "Product of two columns", HIGH_LOW, |_, inputs, outputs| both(inputs, outputs, |a, b| a * b))
        .says("source x with", "TA-Lib MULT"),
];

fn both(inputs: &[&[f64]], outputs: &mut [&mut [f64]], make: impl Fn(f64, f64) -> f64) {
    for ((out, a), b) in outputs[0].iter_mut().zip(inputs[0]).zip(inputs[1]) {
        *out = make(*a, *b);
    }
}

fn of_three(inputs: &[&[f64]], outputs: &mut [&mut [f64]], make: impl Fn(f64, f64, f64) -> f64) {
    let bars = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    for (out, ((a, b), c)) in outputs[0].iter_mut().zip(bars) {
        *out = make(*a, *b, *c);
    }
}
