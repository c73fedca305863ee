//! From one bar to the next.

/// (x - previous) / previous, one less than there are rows; 0 where the previous one is 0.
pub fn returns(input: &[f64]) -> Vec<f64> {
    let change = |pair: &[f64]| if pair[0] == 0.0 { 0.0 } else { (pair[1] - pair[0]) / pair[0] };
    input.windows(2).map(change).collect()
}

/// ln(x / previous), one less than there are rows; 0 where the quotient is not positive.
pub fn log_returns(input: &[f64]) -> Vec<f64> {
    let change = |pair: &[f64]| {
        let part = (pair[1] - pair[0]) / pair[0];
        if part > -1.0 && part.is_finite() { part.ln_1p() } else { 0.0 }
    };
    input.windows(2).map(change).collect()
}
