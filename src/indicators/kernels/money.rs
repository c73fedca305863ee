//! Volume by where a bar closed, and ratios of sums.

use super::{Sliding, WindowSum, blank};

/// Volume x ((close - low) - (high - close)) / (high - low) of every bar, 0 where there is no range. Chaikin.
pub fn money_flow(inputs: &[&[f64]], output: &mut [f64]) {
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    for (out, (((high, low), close), volume)) in output.iter_mut().zip(prices.zip(inputs[3])) {
        let range = high - low;
        let place = ((close - low) - (high - close)) / range;
        *out = if range > 0.0 { place * volume } else { 0.0 };
    }
}

/// What `shape` makes of the sums of two columns in every window; the second one is never negative, and its sum is
/// exactly zero where the window has nothing else.
#[inline(always)]
pub fn window_pair(
    pairs: impl Iterator<Item = (f64, f64)> + Clone,
    period: usize,
    output: &mut [f64],
    shape: impl Fn(f64, f64) -> f64,
) {
    if !blank(output, period - 1) {
        return;
    }
    let (mut top, mut bottom) = (Sliding::default(), WindowSum::default());
    for (a, b) in pairs.clone().take(period - 1) {
        top.come(a);
        bottom.come(b, period);
    }
    let comings = pairs.clone().skip(period - 1);
    for ((out, (a, b)), going) in output[period - 1..].iter_mut().zip(comings).zip(pairs) {
        top.come(a);
        bottom.come(b, period);
        *out = shape(top.sum, bottom.sum);
        top.go(going.0);
        bottom.go(going.1);
    }
}

/// Gives the rows of every longest run of finite values to `make`, in order.
pub fn finite_runs(values: &[f64], mut make: impl FnMut(std::ops::Range<usize>)) {
    let mut begin = 0;
    while begin < values.len() {
        begin += values[begin..].iter().take_while(|value| !value.is_finite()).count();
        let run = values[begin..].iter().take_while(|value| value.is_finite()).count();
        if run > 0 {
            make(begin..begin + run);
        }
        begin += run;
    }
}
