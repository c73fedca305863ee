//! Functions of single values.

use super::super::entry::{Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::{arc_tangent, by_rows, cosh, cosine, exp, ln, log10, sine, sinh, tangent};

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Prices, |_| WarmUp::Rows(0), kernel)
}

/// Name, title, function, what it is and who says so.
macro_rules! plain {
    ($name:literal, $title:literal, $make:expr, $says:literal, $origin:literal) => {
        of($name, $title, |_, inputs, outputs| each(inputs, outputs, $make)).says($says, $origin)
    };
}

/// The same, four rows at a time.
macro_rules! by_rows {
    ($name:literal, $title:literal, $make:expr, $says:literal, $origin:literal) => {
        of($name, $title, |_, inputs, outputs| by_rows(inputs[0], outputs[0], $make)).says($says, $origin)
    };
}

pub(super) const ENTRIES: &[Indicator] = &[
    plain!("acos", "Arc cosine", acos, "arc cosine in radians; nothing outside of -1 to 1", "TA-Lib ACOS"),
    plain!("asin", "Arc sine", asin, "arc sine in radians; nothing outside of -1 to 1", "TA-Lib ASIN"),
    by_rows!("atan", "Arc tangent", arc_tangent, "arc tangent in radians", "TA-Lib ATAN"),
    plain!("ceil", "Next whole number above", ceil, "smallest whole number that is not less", "TA-Lib CEIL"),
    by_rows!("cos", "Cosine", cosine, "cosine of radians", "TA-Lib COS"),
    plain!("cosh", "Hyperbolic cosine", cosh, "(e^x + e^-x) / 2", "TA-Lib COSH"),
    plain!("exp", "Exponential", exp, "e^x", "TA-Lib EXP"),
    plain!(
        "floor",
        "Next whole number below",
        floor,
        "largest whole number that is not greater",
        "TA-Lib FLOOR"
    ),
    plain!(
        "ln",
        "Natural logarithm",
        ln,
        "logarithm to base e; nothing below 0, minus infinity at 0",
        "TA-Lib LN"
    ),
    plain!(
        "log10",
        "Decimal logarithm",
        log10,
        "logarithm to base 10; nothing below 0, minus infinity at 0",
        "TA-Lib LOG10"
    ),
    by_rows!("sin", "Sine", sine, "sine of radians", "TA-Lib SIN"),
    plain!("sinh", "Hyperbolic sine", sinh, "(e^x - e^-x) / 2", "TA-Lib SINH"),
    plain!("sqrt", "Square root", f64::sqrt, "square root; nothing below 0", "TA-Lib SQRT"),
    by_rows!("tan", "Tangent", tangent, "tangent of radians", "TA-Lib TAN"),
    plain!("tanh", "Hyperbolic tangent", tanh, "(e^x - e^-x) / (e^x + e^-x)", "TA-Lib TANH"),
    plain!("abs", "Absolute value", f64::abs, "x, or -x where x is negative", "arithmetic"),
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
        each(inputs, outputs, |x| 1.0 / (1.0 + exp(-x)));
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

/// Without a call of the library where there is no angle: that takes as long as several that find one.
#[inline(always)]
fn acos(x: f64) -> f64 {
    if x.abs() <= 1.0 { x.acos() } else { f64::NAN }
}

#[inline(always)]
fn asin(x: f64) -> f64 {
    if x.abs() <= 1.0 { x.asin() } else { f64::NAN }
}

/// From here on e^-x is less than the last bit of e^x.
const ONE_SIDED: f64 = 20.0;

#[inline(always)]
fn tanh(x: f64) -> f64 {
    if x.abs() < ONE_SIDED { x.tanh() } else { 1.0_f64.copysign(x) }
}
