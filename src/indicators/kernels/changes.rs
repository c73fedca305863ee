//! From one bar to the next.

/// (x - previous) / previous; 0 where the previous one is 0.
#[inline(always)]
pub fn return_of(now: f64, then: f64) -> f64 {
    let part = (now - then) / then;
    if then == 0.0 { 0.0 } else { part }
}

/// ln(x / previous); 0 where the quotient is not positive.
#[inline(always)]
pub fn log_return_of(now: f64, then: f64) -> f64 {
    let part = (now - then) / then;
    if part > -1.0 && part.is_finite() { part.ln_1p() } else { 0.0 }
}

/// Of every value and the one before it, one less than there are values.
#[inline(always)]
fn changes(input: &[f64], change: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    input.iter().skip(1).zip(input).map(|(now, then)| change(*now, *then)).collect()
}

/// (x - previous) / previous, one less than there are rows; 0 where the previous one is 0.
pub fn returns(input: &[f64]) -> Vec<f64> {
    changes(input, return_of)
}

/// ln(x / previous), one less than there are rows; 0 where the quotient is not positive.
pub fn log_returns(input: &[f64]) -> Vec<f64> {
    changes(input, log_return_of)
}

/// Rows of which the changes are made at a time: they stay in the nearer caches.
const ROWS: usize = 2048;

/// The changes of two columns, some at a time, as windows of `period` changes need them: the row of the first change,
/// and the changes from there on. The windows of all pieces together are all there are, each once.
pub fn changes_of_both(
    x: &[f64],
    y: &[f64],
    period: usize,
    change: impl Fn(f64, f64) -> f64 + Copy,
    mut take: impl FnMut(usize, &[f64], &[f64]),
) {
    let step = ROWS.max(8 * period);
    let (mut of_x, mut of_y) = (Vec::new(), Vec::new());
    // The last rows of windows.
    for row in (period..x.len().min(y.len())).step_by(step) {
        let values = row - period..(row + step).min(x.len().min(y.len()));
        for (column, of) in [(x, &mut of_x), (y, &mut of_y)] {
            of.clear();
            let column = &column[values.clone()];
            of.extend(column[1..].iter().zip(column).map(|(now, then)| change(*now, *then)));
        }
        take(values.start + 1, &of_x, &of_y);
    }
}
