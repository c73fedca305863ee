use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{Sliding, WindowSum, blank};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("mfi", "Money flow index", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), money)
        .aliases(&["money_flow"])
        .params(&[Param::period(14, 2)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME])
        .says("100 rising / (rising + falling), sums of typical price times volume of the bars whose typical price rose or fell; 0 where there is none", "Quong and Soudack, Stocks & Commodities, March 1989; TA-Lib MFI"),
    Indicator::new("ultosc", "Ultimate oscillator", Group::Momentum, |args| WarmUp::Rows(longest(args)), ultimate)
        .aliases(&["uo", "ultimate_oscillator"])
        .params(&[Param::whole("short", 7, 1), Param::whole("middle", 14, 1), Param::whole("long", 28, 1)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .says("100 (4 a + 2 b + c) / 7, each the sum of close - min(low, previous close) over the sum of the true range, the shortest period first", "Williams, Stocks & Commodities, August 1985; TA-Lib ULTOSC"),
    Indicator::new("vortex", "Vortex", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), vortex)
        .aliases(&["vi"])
        .params(&[Param::period(14, 1)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .outputs(&["plus", "minus"])
        .says("sums of |high - previous low| and of |low - previous high| over the sum of the true range", "Botes and Siepman, Stocks & Commodities, January 2010; TA-Lib VORTEX"),
    Indicator::new("wad", "Williams' accumulation and distribution", Group::Momentum, |_| WarmUp::History, accumulated)
        .aliases(&["williams_ad"])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .says("running sum of close - min(low, previous close) where the close rose, of close - max(high, previous close) where it fell", "Williams, How I Made One Million Dollars, 1973; TA-Lib WAD"),
];

/// Money of every bar from the second on: positive where the typical price rose, negative where it fell.
fn flows(inputs: &[&[f64]]) -> Vec<f64> {
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    let mut typical = prices.map(|((high, low), close)| (high + low + close) / 3.0);
    let Some(mut before) = typical.next() else { return Vec::new() };
    let signed = |(price, volume): (f64, &f64)| {
        let step = price - before;
        before = price;
        // Thirds of equal sums may differ in their last bits.
        if step.abs() <= 1e-14 * price.abs() { 0.0 } else { (price * volume).copysign(step) }
    };
    typical.zip(&inputs[3][1..]).map(signed).collect()
}

fn money(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let flows = flows(inputs);
    let (mut sizes, mut rising) = (WindowSum::default(), Sliding::default());
    for flow in &flows[..period - 1] {
        sizes.come(flow.abs(), period);
        rising.come(flow.max(0.0));
    }
    for ((out, coming), going) in output[period..].iter_mut().zip(&flows[period - 1..]).zip(&flows) {
        sizes.come(coming.abs(), period);
        rising.come(coming.max(0.0));
        *out = if sizes.sum == 0.0 { 0.0 } else { 100.0 * (rising.sum / sizes.sum) };
        sizes.go(going.abs());
        rising.go(going.max(0.0));
    }
}

fn longest(args: &Args) -> usize {
    args.whole(0).max(args.whole(1)).max(args.whole(2))
}

/// The higher of high and previous close less the lower of low and previous close, which is the true range.
#[inline(always)]
fn range(high: f64, low: f64, before: f64) -> f64 {
    (if high > before { high } else { before }) - (if low < before { low } else { before })
}

fn ultimate(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let mut periods = [0, 1, 2].map(|n| args.whole(n));
    periods.sort_unstable();
    let (longest, output) = (periods[2], &mut *outputs[0]);
    if !blank(output, longest) {
        return;
    }
    let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
    let bars = || high[1..].iter().zip(&low[1..]).zip(close);
    let bought: Vec<f64> =
        bars().zip(&close[1..]).map(|(((_, low), before), now)| now - low.min(*before)).collect();
    let ranges: Vec<f64> = bars().map(|((high, low), before)| range(*high, *low, *before)).collect();
    // Sums of what was bought and of the ranges, short, middle and long.
    let (mut up, mut all, mut still) = ([0.0; 3], [0.0; 3], 0);
    for (n, (bought, range)) in bought.iter().zip(&ranges).enumerate().take(longest - 1) {
        still = if *range == 0.0 { still + 1 } else { 0 };
        for k in 0..3 {
            let inside = if n + periods[k] >= longest { 1.0 } else { 0.0 };
            up[k] += inside * bought;
            all[k] += inside * range;
        }
    }
    let [short, middle, long] =
        periods.map(|period| bought[longest - period..].iter().zip(&ranges[longest - period..]));
    let comings = bought[longest - 1..].iter().zip(&ranges[longest - 1..]);
    for ((out, (bought, range)), ((a, b), c)) in
        output[longest..].iter_mut().zip(comings).zip(short.zip(middle).zip(long))
    {
        still = if *range == 0.0 { still + 1 } else { 0 };
        for k in 0..3 {
            up[k] += bought;
            all[k] += range;
        }
        *out = if still >= periods[0] {
            // What rounding left of ranges that are gone is no range.
            let share = |k: usize| if still >= periods[k] || all[k] == 0.0 { 0.0 } else { up[k] / all[k] };
            (4.0 * share(0) + 2.0 * share(1) + share(2)) * (100.0 / 7.0)
        } else {
            let (a, b, c) = (all[0], all[1], all[2]);
            (4.0 * up[0] * (b * c) + (2.0 * up[1] * c + up[2] * b) * a) * (100.0 / 7.0) / (a * b * c)
        };
        for (k, going) in [a, b, c].into_iter().enumerate() {
            up[k] -= going.0;
            all[k] -= going.1;
        }
    }
}

fn vortex(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [pluses, minuses]) = (args.whole(0), outputs) else { unreachable!("two outputs") };
    if !(blank(pluses, period) & blank(minuses, period)) {
        return;
    }
    let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
    // First what every bar brings, which needs no other bar's result; it begins with the second bar.
    let bars = high[1..].iter().zip(&low[1..]).zip(close);
    let ranges: Vec<f64> = bars.map(|((high, low), before)| range(*high, *low, *before)).collect();
    let (mut plus, mut minus) = (Sliding::default(), Sliding::default());
    for (high, low) in high.windows(2).zip(low.windows(2)).take(period - 1) {
        plus.come((high[1] - low[0]).abs());
        minus.come((low[1] - high[0]).abs());
    }
    let mut sizes = WindowSum::default();
    ranges[..period - 1].iter().for_each(|range| sizes.come(*range, period));
    let outs = pluses[period..].iter_mut().zip(&mut minuses[period..]);
    let coming = high[period - 1..].windows(2).zip(low[period - 1..].windows(2)).zip(&ranges[period - 1..]);
    let going = high.windows(2).zip(low.windows(2)).zip(&ranges);
    for ((out, ((high, low), range)), ((high_going, low_going), range_going)) in outs.zip(coming).zip(going) {
        plus.come((high[1] - low[0]).abs());
        minus.come((low[1] - high[0]).abs());
        sizes.come(*range, period);
        let share = if sizes.sum == 0.0 { 0.0 } else { 1.0 / sizes.sum };
        (*out.0, *out.1) = (plus.sum * share, minus.sum * share);
        plus.go((high_going[1] - low_going[0]).abs());
        minus.go((low_going[1] - high_going[0]).abs());
        sizes.go(*range_going);
    }
}

fn accumulated(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let Some((first, rest)) = outputs[0].split_first_mut() else { return };
    *first = 0.0;
    let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
    let mut sum = 0.0;
    let bars = high[1..].iter().zip(&low[1..]).zip(close.windows(2));
    for (out, ((high, low), closes)) in rest.iter_mut().zip(bars) {
        let (before, now) = (closes[0], closes[1]);
        let rise = now - if *low < before { *low } else { before };
        let fall = now - if *high > before { *high } else { before };
        let step = if now > before { rise } else { fall };
        sum += if now == before { 0.0 } else { step };
        *out = sum;
    }
}
