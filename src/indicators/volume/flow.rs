use super::super::entry::{Args, Group, Indicator, Input, WarmUp};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("obv", "On balance volume", Group::Volume, |_| WarmUp::History, obv)
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .says(
            "volume added when the close rises and taken away when it falls, from the first bar on",
            "Granville 1963; TA-Lib OBV",
        ),
    Indicator::new("ad", "Accumulation and distribution line", Group::Volume, |_| WarmUp::History, line)
        .aliases(&["adl"])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME])
        .says(
            "sum of volume x ((close - low) - (high - close)) / (high - low), from the first bar on",
            "Chaikin; TA-Lib AD",
        ),
];

fn obv(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (close, volume) = (inputs[0], inputs[1]);
    let mut sum = 0.0;
    for (row, out) in outputs[0].iter_mut().enumerate() {
        let before = if row == 0 { f64::NEG_INFINITY } else { close[row - 1] };
        if close[row] > before {
            sum += volume[row];
        } else if close[row] < before {
            sum -= volume[row];
        }
        *out = sum;
    }
}

fn line(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [high, low, close, volume] = inputs else { unreachable!("the entry has four inputs") };
    let mut sum = 0.0;
    for (row, out) in outputs[0].iter_mut().enumerate() {
        let range = high[row] - low[row];
        if range > 0.0 {
            sum += ((close[row] - low[row]) - (high[row] - close[row])) / range * volume[row];
        }
        *out = sum;
    }
}
