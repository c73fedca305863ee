//! Decimal numbers as the feed writes them, and rounding as the contract asks for it.

/// `mantissa * 10^exponent`, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits.
    pub mantissa: i64,
    /// The power of ten.
    pub exponent: i32,
}

impl Default for Decimal {
    fn default() -> Decimal {
        Decimal { mantissa: 0, exponent: 0 }
    }
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

/// `rint(x * 10^decimals) / 10^decimals`.
pub fn round_half_even_decimals(x: f64, decimals: u32) -> f64 {
    let scale = 10f64.powi(decimals as i32);
    let scaled = x * scale;
    if scaled.abs() >= 4_503_599_627_370_496.0 { x } else { scaled.round_ties_even() / scale + 0.0 }
}
