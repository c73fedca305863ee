//! Powers of e and logarithms, several rows at a time.
//!
//! The C library's are calls, one for every value. These are right to the last bit or the one before it, which a test
//! holds them to with exact figures.

/// ln 2 and lg 2, with so few digits that a product with any exponent is exact, and what is left of them.
const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
const LG_2: [f64; 2] = [0.301_029_995_663_839_14, 1.420_502_322_726_61e-13];
/// 1 / ln 10, likewise.
const PER_LN_10: [f64; 2] = [0.434_294_481_878_168_9, 2.508_294_671_164_527_5e-11];

/// Added to a number below 2^51 it leaves the nearest whole number in the last bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// e^x.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_over(x, 0.0)
}

/// (e^x + e^-x) / 2.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    // Half of the power: the whole may be beyond what a number can be when its half is not.
    let half = exp_over(x.abs(), 1.0);
    half + 0.25 / half
}

/// (e^x - e^-x) / 2.
#[inline(always)]
pub fn sinh(x: f64) -> f64 {
    let size = x.abs();
    let half = exp_over(size, 1.0);
    let far = half - 0.25 / half;
    // By its series near 0, where the powers take each other away; the next term is below 1e-17.
    let z = x * x;
    let zz = z * z;
    let pair = |n: usize| INVERSE_FACTORIALS[n] + z * INVERSE_FACTORIALS[n + 2];
    let series = (pair(3) + zz * pair(7)) + (zz * zz) * (pair(11) + zz * pair(15));
    let near = size + size * z * series;
    (if size < 1.0 { near } else { far }).copysign(x)
}

/// e^x / 2^halvings.
#[inline(always)]
fn exp_over(x: f64, halvings: f64) -> f64 {
    // Beyond these it is infinite, or nothing.
    let x = if x > 712.0 { 712.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    // x = n ln 2 + r with |r| up to half of ln 2.
    let n = (x * std::f64::consts::LOG2_E + WHOLE) - WHOLE;
    let (high, low) = (x - n * LN_2[0], n * LN_2[1]);
    let r = high - low;
    let lost = (high - r) - low;
    // e^r - 1 - r by its series, whose next term is below 1e-17.
    let rr = r * r;
    let pair = |n: usize| INVERSE_FACTORIALS[n] + r * INVERSE_FACTORIALS[n + 1];
    let (low, middle) = (pair(2) + rr * pair(4), pair(6) + rr * pair(8));
    let series = rr * (low + (rr * rr) * (middle + (rr * rr) * (pair(10) + rr * pair(12))));
    let power = 1.0 + (r + (series + lost));
    // 2^n in two halves: the whole may be beyond what a number can be.
    let n = n - halvings;
    let half = (0.5 * n + WHOLE) - WHOLE;
    power * power_of_2(half) * power_of_2(n - half)
}

/// 2^n of a whole number within the range of exponents.
#[inline(always)]
fn power_of_2(n: f64) -> f64 {
    f64::from_bits((n + WHOLE).to_bits().wrapping_add(1023) << 52)
}

const INVERSE_FACTORIALS: [f64; 18] = {
    let mut all = [1.0; 18];
    let mut factorial = 1.0;
    let mut n = 1;
    while n < 18 {
        factorial *= n as f64;
        all[n] = 1.0 / factorial;
        n += 1;
    }
    all
};

/// A positive number as 2^n (1 + f) with 1 + f between the roots of 1/2 and 2, and what the logarithm of 1 + f is
/// made of: it is f - square + rest, square = f^2 / 2.
struct Parts {
    n: f64,
    f: f64,
    square: f64,
    rest: f64,
}

#[inline(always)]
fn parts(x: f64) -> Parts {
    // The smallest numbers have no exponent of their own.
    let is_tiny = x < f64::MIN_POSITIVE;
    let bits = (if is_tiny { x * 18_014_398_509_481_984.0 } else { x }).to_bits();
    // One more where the fraction is above the root of 2.
    const ROOT: u64 = 0x0006_a09e_667f_3bcd;
    let fraction = bits & 0x000f_ffff_ffff_ffff;
    let up = u64::from(fraction > ROOT);
    // The exponent in the last bits of a number that is large enough: a difference makes it a number.
    let exponent = f64::from_bits(0x4330_0000_0000_0000 | ((bits >> 52) + up)) - 4_503_599_627_370_496.0;
    let n = exponent - 1023.0 - if is_tiny { 54.0 } else { 0.0 };
    let f = f64::from_bits(fraction | ((1023 - up) << 52)) - 1.0;
    // ln (1 + f) = 2 artanh s, by its series to s^21.
    let s = f / (2.0 + f);
    let z = s * s;
    let zz = z * z;
    let pair = |n: f64| 2.0 / n + z * (2.0 / (n + 2.0));
    let series = pair(3.0) + zz * (pair(7.0) + zz * (pair(11.0) + zz * (pair(15.0) + zz * pair(19.0))));
    let square = 0.5 * f * f;
    Parts { n, f, square, rest: s * (square + z * series) }
}

/// Logarithm to base e; minus infinity at 0, nothing below.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let Parts { n, f, square, rest } = parts(x);
    of_positive(x, n * LN_2[0] - ((square - (rest + n * LN_2[1])) - f))
}

/// Logarithm to base 10; minus infinity at 0, nothing below.
#[inline(always)]
pub fn log10(x: f64) -> f64 {
    let Parts { n, f, square, rest } = parts(x);
    // ln (1 + f) in two parts, the first of so few digits that a product is exact: powers of ten come out whole.
    let high = f64::from_bits((f - square).to_bits() & 0xffff_ffff_0000_0000);
    let low = ((f - high) - square) + rest;
    let (whole, part) = (n * LG_2[0], high * PER_LN_10[0]);
    let sum = whole + part;
    let lost = (whole - sum) + part;
    let small = n * LG_2[1] + (low * std::f64::consts::LOG10_E + high * PER_LN_10[1]);
    of_positive(x, sum + (lost + small))
}

#[inline(always)]
fn of_positive(x: f64, log: f64) -> f64 {
    let log = if x == 0.0 { f64::NEG_INFINITY } else { log };
    if x < 0.0 { f64::NAN } else { log }
}
