//! Volume by where a bar closed, and columns with gaps.

use super::Row;

/// Volume x ((close - low) - (high - close)) / (high - low) of every bar, 0 where there is no range. Chaikin.
pub fn money_flow(inputs: &[&[f64]], output: &mut [f64]) {
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    for (out, (((high, low), close), volume)) in output.iter_mut().zip(prices.zip(inputs[3])) {
        let range = high - low;
        // Divided in any case: a jump would be in the way of doing several rows at once.
        let place = ((close - low) - (high - close)) / range;
        *out = if range > 0.0 { place } else { 0.0 } * volume;
    }
}

/// The same of four bars: high, low, close and volume.
#[inline(always)]
pub fn flow_of([high, low, close, volume]: [Row; 4]) -> Row {
    let range = high - low;
    let place = ((close - low) - (high - close)) / range;
    range.simd_gt(Row::ZERO).select(place, Row::ZERO) * volume
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
