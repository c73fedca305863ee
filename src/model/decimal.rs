//! Decimal numbers as the feed writes them, and rounding as the contract asks for it.

use std::io::Write;

/// `mantissa * 10^exponent`, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimal {
    /// The digits.
    pub mantissa: i64,
    /// The power of ten.
    pub exponent: i32,
}

/// Why a text is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADecimal {
    /// Not one number, whole and alone, in JSON's grammar.
    #[error("not a number")]
    NotANumber,
    /// A number that would have to be cut to fit, and then be another one.
    #[error("more than 18 significant digits")]
    TooManyDigits,
}

impl Decimal {
    /// Reads a whole JSON number exactly; trailing zeros go into the exponent (`1.0E-5` is `1 * 10^-5`).
    ///
    /// Errors: another grammar (`+1`, `.5`, `01`, `NaN`), or more digits than 64 bits hold.
    pub fn parse(text: &[u8]) -> Result<Decimal, NotADecimal> {
        match JsonNumber::prefix_of(text) {
            Some(number) if number.len == text.len() => number.to_decimal().ok_or(NotADecimal::TooManyDigits),
            _ => Err(NotADecimal::NotANumber),
        }
    }

    /// The nearest `f64`; infinite when the number is beyond the largest one.
    pub fn to_f64(self) -> f64 {
        nearest_f64(i128::from(self.mantissa), self.exponent)
    }

    /// `base / multiplier` as an integer, half to even, in exact arithmetic.
    /// `None` when the multiplier is not positive or the result does not fit.
    pub fn ratio_rounded(base: Decimal, multiplier: Decimal) -> Option<i64> {
        if multiplier.mantissa <= 0 {
            return None;
        }
        if base.mantissa == 0 {
            return Some(0);
        }
        let (above, below) = (i128::from(base.mantissa), i128::from(multiplier.mantissa));
        let shift = i64::from(base.exponent) - i64::from(multiplier.exponent);
        let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|n| 10i128.checked_pow(n));
        if shift >= 0 {
            // What overflows 128 bits here is above 10^18 times too large for the result as well.
            return divide_half_even(power.and_then(|p| above.checked_mul(p))?, below);
        }
        // A divisor beyond 128 bits makes the ratio of a 64-bit number smaller than a half.
        match power.and_then(|p| below.checked_mul(p)) {
            Some(divisor) => divide_half_even(above, divisor),
            None => Some(0),
        }
    }
}

/// `above / below` (positive), half to even.
fn divide_half_even(above: i128, below: i128) -> Option<i64> {
    let (floor, rest) = (above.div_euclid(below), above.rem_euclid(below));
    // `rest` against `below - rest` instead of twice the rest, which could overflow.
    let up = match rest.cmp(&(below - rest)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => floor & 1 == 1,
        std::cmp::Ordering::Greater => true,
    };
    i64::try_from(floor + i128::from(up)).ok()
}

/// Powers of ten that an `f64` holds exactly.
pub const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The largest integers that an `f64` holds exactly lie below this.
pub const EXACT_INTEGERS: u64 = 1 << 53;

/// The `f64` nearest to `mantissa * 10^exponent`; infinite beyond the largest.
///
/// An exact integer times or over an exact power of ten is rounded once, so it is the nearest (Clinger 1990);
/// everything else goes through the standard library's decimal reader.
pub fn nearest_f64(mantissa: i128, exponent: i32) -> f64 {
    let power = POWERS_OF_TEN.get(exponent.unsigned_abs() as usize);
    match power {
        Some(power) if mantissa.unsigned_abs() < u128::from(EXACT_INTEGERS) => {
            let whole = mantissa as i64 as f64;
            if exponent < 0 { whole / power } else { whole * power }
        }
        _ => read_back(mantissa, exponent),
    }
}

fn read_back(mantissa: i128, exponent: i32) -> f64 {
    let mut text = [0u8; 64];
    let mut rest = &mut text[..];
    write!(rest, "{mantissa}e{exponent}").expect("40 digits, a letter and 11 digits fit into 64 bytes");
    let unused = rest.len();
    parse_f64(&text[..64 - unused])
}

/// Reads text that is known to be a number.
fn parse_f64(number: &[u8]) -> f64 {
    let text = std::str::from_utf8(number).expect("the digits of a number are ASCII");
    text.parse().expect("a JSON number is in the grammar of f64")
}

impl std::fmt::Display for Decimal {
    /// Plain digits with the point where it belongs: `1.09411`, `0.001`, `1500`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        if self.exponent >= 0 {
            return write!(
                f,
                "{sign}{digits}{}",
                "0".repeat(if self.mantissa == 0 { 0 } else { self.exponent as usize })
            );
        }
        let places = self.exponent.unsigned_abs() as usize;
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A JSON number taken apart, not yet of any type.
#[derive(Clone, Copy, Debug)]
pub struct JsonNumber {
    /// Bytes it takes.
    pub len: usize,
    negative: bool,
    /// Significant digits without the zeros at their end, as far as 64 bits hold them.
    mantissa: u64,
    exponent: i64,
    /// Whether `mantissa` holds every digit.
    whole: bool,
    /// Written without point and exponent.
    integer: bool,
}

impl JsonNumber {
    /// The number that `text` begins with; `None` when it begins with none.
    pub fn prefix_of(text: &[u8]) -> Option<JsonNumber> {
        let negative = text.first() == Some(&b'-');
        let mut digits = Digits { mantissa: 0, pending: 0, whole: true };
        let mut at = usize::from(negative);
        let first = at;
        at = digits.take(text, at);
        // A zero may only stand alone before the point.
        if at == first || (text[first] == b'0' && at > first + 1) {
            return None;
        }
        let mut exponent = 0i64;
        let mut integer = true;
        if text.get(at) == Some(&b'.') {
            let point = at + 1;
            at = digits.take(text, point);
            exponent = -i64::try_from(at - point).ok().filter(|places| *places > 0)?;
            integer = false;
        }
        if matches!(text.get(at), Some(b'e' | b'E')) {
            let (written, end) = written_exponent(text, at + 1)?;
            exponent = exponent.saturating_add(written);
            at = end;
            integer = false;
        }
        exponent = exponent.saturating_add(digits.pending);
        Some(JsonNumber {
            len: at,
            negative,
            mantissa: digits.mantissa,
            exponent,
            whole: digits.whole,
            integer,
        })
    }

    /// Exactly; `None` when it has more digits than 64 bits hold.
    pub fn to_decimal(&self) -> Option<Decimal> {
        let mantissa = i64::try_from(self.signed()).ok().filter(|_| self.whole)?;
        if mantissa == 0 {
            return Some(Decimal::default());
        }
        // Far beyond any f64 either way; it stays infinite, or zero, after the cut.
        let exponent = self.exponent.clamp(-1_000_000, 1_000_000) as i32;
        Some(Decimal { mantissa, exponent })
    }

    /// The integer; `None` when it has a point or an exponent, or does not fit.
    pub fn to_i64(&self) -> Option<i64> {
        if !(self.integer && self.whole && self.exponent <= 19) {
            return None;
        }
        let power = 10i128.pow(u32::try_from(self.exponent).ok()?);
        i64::try_from(self.signed() * power).ok()
    }

    /// Whether it is written without point and exponent.
    pub fn is_integer(&self) -> bool {
        self.integer
    }

    /// The nearest `f64`, infinite beyond the largest. `text` is what this was read from.
    pub fn to_f64(&self, text: &[u8]) -> f64 {
        let power = POWERS_OF_TEN.get(self.exponent.unsigned_abs() as usize);
        match power {
            Some(power) if self.whole && self.mantissa < EXACT_INTEGERS => {
                let whole = self.mantissa as f64;
                let size = if self.exponent < 0 { whole / power } else { whole * power };
                if self.negative { -size } else { size }
            }
            _ => parse_f64(&text[..self.len]),
        }
    }

    fn signed(&self) -> i128 {
        let size = i128::from(self.mantissa);
        if self.negative { -size } else { size }
    }
}

/// Digits gathered so far. Zeros wait in `pending` until a digit follows that gives them weight.
struct Digits {
    mantissa: u64,
    pending: i64,
    whole: bool,
}

impl Digits {
    /// Takes digits from `at` on and returns where they end.
    fn take(&mut self, text: &[u8], mut at: usize) -> usize {
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            self.push(digit);
            at += 1;
        }
        at
    }

    fn push(&mut self, digit: u8) {
        self.pending += 1;
        if digit == 0 {
            return;
        }
        let room = u32::try_from(self.pending).ok().and_then(|n| 10u64.checked_pow(n));
        let longer = if self.mantissa == 0 {
            Some(u64::from(digit))
        } else {
            room.and_then(|r| self.mantissa.checked_mul(r)).and_then(|m| m.checked_add(u64::from(digit)))
        };
        match longer {
            Some(mantissa) => self.mantissa = mantissa,
            None => self.whole = false,
        }
        self.pending = 0;
    }
}

fn written_exponent(text: &[u8], mut at: usize) -> Option<(i64, usize)> {
    let negative = text.get(at) == Some(&b'-');
    at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let first = at;
    let mut size = 0i64;
    while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
        // Large enough to outweigh any number of written zeros, small enough to be added to.
        size = (size * 10 + i64::from(digit - b'0')).min(1 << 48);
        at += 1;
    }
    (at > first).then_some((if negative { -size } else { size }, at))
}

/// Rounding to a number of decimals, half to even: `rint(x * 10^d) / 10^d`.
#[derive(Clone, Copy, Debug)]
pub struct Rounding {
    scale: f64,
}

/// From here on an `f64` has no digits after the point, so there is nothing to round.
const NO_FRACTIONS: f64 = (1u64 << 52) as f64;

impl Rounding {
    /// To `decimals` digits after the point.
    pub fn to(decimals: u32) -> Rounding {
        let exponent = i32::try_from(decimals).unwrap_or(i32::MAX);
        Rounding { scale: nearest_f64(1, exponent) }
    }

    /// One value. Left as it is when `|x| * 10^d >= 2^52`; a zero is +0.0.
    #[inline]
    pub fn of(self, x: f64) -> f64 {
        let scaled = x * self.scale;
        let size = scaled.abs();
        // Adding and taking away 2^52 leaves no room for a fraction, and the processor rounds half to even:
        // this is rint without the library call that machines before SSE4.1 would need.
        let whole = ((size + NO_FRACTIONS) - NO_FRACTIONS).copysign(scaled);
        // -0.0 + 0.0 is +0.0.
        let rounded = whole / self.scale + 0.0;
        // More than 308 decimals: the scale is infinite and every digit of an f64 is kept.
        let is_kept = (size >= NO_FRACTIONS) | self.scale.is_infinite();
        // A branch around the division would keep the processor from rounding two values at once.
        std::hint::select_unpredictable(is_kept, x + 0.0, rounded)
    }

    /// Every value of a column.
    pub fn all(self, column: &mut [f64]) {
        for x in column {
            *x = self.of(*x);
        }
    }
}

/// Rounds half to even at `decimals` digits: `rint(x*10^d)/10^d`, left when `|x|*10^d >= 2^52`, zero as +0.0.
pub fn round_half_even_decimals(x: f64, decimals: u32) -> f64 {
    Rounding::to(decimals).of(x)
}
