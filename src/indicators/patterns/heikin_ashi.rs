use super::super::entry::{Args, Group, Indicator, WarmUp};
use super::means::OHLC;

pub(super) const ENTRIES: &[Indicator] =
    &[Indicator::new("ha", "Heikin-ashi candles", Group::Patterns, |_| WarmUp::decay(0.5), kernel)
        .aliases(&["heikinashi", "heikin_ashi"])
        .inputs(OHLC)
        .outputs(&["open", "high", "low", "close"])
        .overlay()
        .says(
            "close = (open + high + low + close) / 4; open = mean of the open and close before, of the bar's own at the \
             first; high and low include both",
            "Valcu, Using the Heikin-Ashi Technique, 2004; TA-Lib HA",
        )];

fn kernel(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [open, high, low, close] = [inputs[0], inputs[1], inputs[2], inputs[3]];
    let [ha_open, ha_high, ha_low, ha_close] = outputs else { unreachable!("the entry has four outputs") };
    let prices = open.iter().zip(high).zip(low).zip(close);
    for (out, (((open, high), low), close)) in ha_close.iter_mut().zip(prices) {
        *out = (open + high + low + close) / 4.0;
    }
    let (Some(first_open), Some(first_close)) = (open.first(), close.first()) else { return };
    let mut mean = (first_open + first_close) / 2.0;
    for (out, close) in ha_open.iter_mut().zip(ha_close.iter()) {
        *out = mean;
        mean = (mean + close) * 0.5;
    }
    let bodies = ha_open.iter().zip(ha_close.iter());
    let tails = ha_high.iter_mut().zip(high).zip(ha_low.iter_mut().zip(low));
    for (((out_high, high), (out_low, low)), (open, close)) in tails.zip(bodies) {
        *out_high = high.max(*open).max(*close);
        *out_low = low.min(*open).min(*close);
    }
}
