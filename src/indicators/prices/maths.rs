//! Functions of single values.

use super::super::entry::{Group, Indicator, Kernel, Param, WarmUp};

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Prices, |_| WarmUp::Rows(0), kernel)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("acos", "Arc cosine", |_, inputs, outputs| each(inputs, outputs, f64::acos))
        .says("arc cosine in radians; nothing outside of -1 to 1", "TA-Lib ACOS"),
    of("asin", "Arc sine", |_, inputs, outputs| each(inputs, outputs, f64::asin))
        .says("arc sine in radians; nothing outside of -1 to 1", "TA-Lib ASIN"),
    of("atan", "Arc tangent", |_, inputs, outputs| each(inputs, outputs, f64::atan))
        .says("arc tangent in radians", "TA-Lib ATAN"),
    of("ceil", "Next whole number above", |_, inputs, outputs| each(inputs, outputs, ceil))
        .says("smallest whole number that is not less", "TA-Lib CEIL"),
    of("cos", "Cosine", |_, inputs, outputs| each(inputs, outputs, f64::cos))
        .says("cosine of radians", "TA-Lib COS"),
    of("cosh", "Hyperbolic cosine", |_, inputs, outputs| each(inputs, outputs, f64::cosh))
        .says("(e^x + e^-x) / 2", "TA-Lib COSH"),
    of("exp", "Exponential", |_, inputs, outputs| each(inputs, outputs, f64::exp)).says("e^x", "TA-Lib EXP"),
    of("floor", "Next whole number below", |_, inputs, outputs| each(inputs, outputs, floor))
        .says("largest whole number that is not greater", "TA-Lib FLOOR"),
    of("ln", "Natural logarithm", |_, inputs, outputs| each(inputs, outputs, f64::ln))
        .says("logarithm to base e; nothing below 0, minus infinity at 0", "TA-Lib LN"),
    of("log10", "Decimal logarithm", |_, inputs, outputs| each(inputs, outputs, f64::log10))
        .says("logarithm to base 10; nothing below 0, minus infinity at 0", "TA-Lib LOG10"),
    of("sin", "Sine", |_, inputs, outputs| each(inputs, outputs, f64::sin))
        .says("sine of radians", "TA-Lib SIN"),
    of("sinh", "Hyperbolic sine", |_, inputs, outputs| each(inputs, outputs, f64::sinh))
        .says("(e^x - e^-x) / 2", "TA-Lib SINH"),
    of("sqrt", "Square root", |_, inputs, outputs| each(inputs, outputs, f64::sqrt))
        .says("square root; nothing below 0", "TA-Lib SQRT"),
    of("tan", "Tangent", |_, inputs, outputs| each(inputs, outputs, f64::tan))
        .says("tangent of radians", "TA-Lib TAN"),
    of("tanh", "Hyperbolic tangent", |_, inputs, outputs| each(inputs, outputs, f64::tanh))
        .says("(e^x - e^-x) / (e^x + e^-x)", "TA-Lib TANH"),
    of("abs", "Absolute value", |_, inputs, outputs| each(inputs, outputs, f64::abs))
        .says("x, or -x where x is negative", "arithmetic"),
    of("sign", "Sign", |_, inputs, outputs| {
        each(inputs, outputs, |x| f64::from(u8::from(x > 0.0)) - f64::from(u8::from(x < 0.0)));
    })
    .says("1 above 0, -1 below, 0 at 0", "arithmetic"),
    of("round", "Rounded to a step", |args, inputs, outputs| {
        let step = args.real(0);
        each(inputs, outputs, |x| floor(x / step + 0.5) * step);
    })
    .params(&[Param::real("step", 1.0, 1e-9, 1e9)])
    .says("step x floor(x / step + 1/2)", "arithmetic"),
    of("pow", "Power", |args, inputs, outputs| {
        let exponent = args.real(0);
        if exponent == 2.0 {
            each(inputs, outputs, |x| x * x);
        } else {
            each(inputs, outputs, |x| x.powf(exponent));
        }
    })
    .params(&[Param::real("exponent", 2.0, -100.0, 100.0)])
    .says("x^exponent; nothing where that is no real number", "arithmetic"),
    of("sigmoid", "Logistic function", |_, inputs, outputs| {
        each(inputs, outputs, |x| 1.0 / (1.0 + (-x).exp()));
    })
    .aliases(&["logistic"])
    .says("1 / (1 + e^-x)", "Verhulst 1845"),
    of("clip", "Kept between two levels", |args, inputs, outputs| {
        let (least, most) = (args.real(0), args.real(1));
        each(inputs, outputs, |x| {
            if x < least {
                least
            } else if x > most {
                most
            } else {
                x
            }
        });
    })
    .params(&[Param::real("least", -100.0, -1e12, 1e12), Param::real("most", 100.0, -1e12, 1e12)])
    .aliases(&["clamp"])
    .says("x, but not less than `least` and not more than `most`", "numpy clip"),
];

#[inline(always)]
fn each(inputs: &[&[f64]], outputs: &mut [&mut [f64]], make: impl Fn(f64) -> f64) {
    outputs[0].iter_mut().zip(inputs[0]).for_each(|(out, value)| *out = make(*value));
}

/// Beyond this every number is whole.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// As `f64::floor`, which is a call for every value where the processor is not known; this goes several at a time.
#[inline(always)]
pub(super) fn floor(x: f64) -> f64 {
    // So far from 0 there are no digits behind the point, and the sum is rounded to a whole number.
    let near = ((x.abs() + WHOLE) - WHOLE).copysign(x);
    let below = if near > x { near - 1.0 } else { near };
    if x.abs() < WHOLE { below } else { x }
}

#[inline(always)]
fn ceil(x: f64) -> f64 {
    -floor(-x)
}
