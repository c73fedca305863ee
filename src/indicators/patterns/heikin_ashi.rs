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

/// Rows that are worked on at a time: eight columns of them stay in the nearest cache.
const ROWS: usize = 128;

fn kernel(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [open, high, low, close] = [inputs[0], inputs[1], inputs[2], inputs[3]];
    let [ha_open, ha_high, ha_low, ha_close] = outputs else { unreachable!("the entry has four outputs") };
    let (Some(first_open), Some(first_close)) = (open.first(), close.first()) else { return };
    let mut mean = (first_open + first_close) / 2.0;
    for from in (0..open.len()).step_by(ROWS) {
        let rows = from..open.len().min(from + ROWS);
        let [open, high, low, close] = [open, high, low, close].map(|column| &column[rows.clone()]);
        let (ha_open, ha_close) = (&mut ha_open[rows.clone()], &mut ha_close[rows.clone()]);
        let prices = open.iter().zip(high).zip(low).zip(close);
        for (out, (((open, high), low), close)) in ha_close.iter_mut().zip(prices) {
            *out = (open + high + low + close) / 4.0;
        }
        opens(&mut mean, ha_close, ha_open);
        ends(high, [ha_open, ha_close], &mut ha_high[rows.clone()], |a, b| if b > a { b } else { a });
        ends(low, [ha_open, ha_close], &mut ha_low[rows.clone()], |a, b| if b < a { b } else { a });
    }
}

/// The mean of open and close before every bar, four rows at a time: each waits for the mean before the four only.
fn opens(mean: &mut f64, closes: &[f64], output: &mut [f64]) {
    let (mut ins, mut outs) = (closes.chunks_exact(4), output.chunks_exact_mut(4));
    for (close, out) in (&mut ins).zip(&mut outs) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|n| 0.5 * close[n]);
        let two = 0.5 * a + b;
        let three = 0.5 * two + c;
        let now = *mean;
        out.copy_from_slice(&[now, 0.5 * now + a, 0.25 * now + two, 0.125 * now + three]);
        *mean = 0.0625 * now + (0.5 * three + d);
    }
    for (close, out) in ins.remainder().iter().zip(outs.into_remainder()) {
        *out = *mean;
        *mean = 0.5 * (*mean + close);
    }
}

#[inline(always)]
fn ends(prices: &[f64], [opens, closes]: [&[f64]; 2], output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    for (out, ((price, open), close)) in output.iter_mut().zip(prices.iter().zip(opens).zip(closes)) {
        *out = best(best(*price, *open), *close);
    }
}
