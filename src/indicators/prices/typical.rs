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
            for (row, out) in outputs[0].iter_mut().enumerate() {
                *out = (high[row] + low[row] + close[row] + open[row]) / 4.0;
            }
        },
    )
    .overlay()
    .says("(open + high + low + close) / 4", "TA-Lib AVGPRICE"),
    of("medprice", "Median price", &[Input::HIGH, Input::LOW], |_, inputs, outputs| {
        both(inputs, outputs, |high, low| (high + low) / 2.0);
    })
    .overlay()
    .says("(high + low) / 2", "TA-Lib MEDPRICE"),
    of("typprice", "Typical price", &[Input::HIGH, Input::LOW, Input::CLOSE], |_, inputs, outputs| {
        let [high, low, close] = inputs else { unreachable!("the entry has three inputs") };
        for (row, out) in outputs[0].iter_mut().enumerate() {
            *out = (high[row] + low[row] + close[row]) / 3.0;
        }
    })
    .overlay()
    .says("(high + low + close) / 3", "TA-Lib TYPPRICE"),
    of("wclprice", "Weighted close price", &[Input::HIGH, Input::LOW, Input::CLOSE], |_, inputs, outputs| {
        let [high, low, close] = inputs else { unreachable!("the entry has three inputs") };
        for (row, out) in outputs[0].iter_mut().enumerate() {
            *out = (high[row] + low[row] + 2.0 * close[row]) / 4.0;
        }
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
