//! Sums over the last bars.

/// Writes NaN into the first `lead` rows (or all, when there are fewer) and says whether a row is left.
pub fn blank(output: &mut [f64], lead: usize) -> bool {
    let lead = lead.min(output.len());
    output[..lead].fill(f64::NAN);
    lead < output.len()
}

/// Sum of the last `period` values; the first one is at row `period - 1`. One value comes, one goes.
pub fn rolling_sum(input: &[f64], period: usize, output: &mut [f64]) {
    rolling(input, period, output, |sum| sum);
}

/// Mean of the last `period` values; the first one is at row `period - 1`.
pub fn rolling_mean(input: &[f64], period: usize, output: &mut [f64]) {
    let parts = period as f64;
    rolling(input, period, output, |sum| sum / parts);
}

#[inline]
fn rolling(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let mut sum: f64 = input[..period - 1].iter().sum();
    let (going, coming) = (input, &input[period - 1..]);
    for ((out, coming), going) in output[period - 1..].iter_mut().zip(coming).zip(going) {
        sum += coming;
        *out = shape(sum);
        sum -= going;
    }
}

/// Rows that a kernel of several stages works on at a time, so that what is between the stages stays in the nearest
/// cache.
pub const CHUNK: usize = 512;

/// Sums of what goes along with a window, of values that are never negative. Where nothing is left in the window the
/// sum is exactly zero and not what rounding left of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct WindowSum {
    /// Sum of the window.
    pub sum: f64,
    zeros: usize,
}

impl WindowSum {
    /// One value comes; afterwards `sum` is the window's, if what left it has been taken away before.
    #[inline(always)]
    pub fn come(&mut self, value: f64, period: usize) {
        self.zeros = if value == 0.0 { self.zeros + 1 } else { 0 };
        self.sum = if self.zeros >= period { 0.0 } else { self.sum + value };
    }

    /// One value goes.
    #[inline(always)]
    pub fn go(&mut self, value: f64) {
        self.sum -= value;
    }
}
