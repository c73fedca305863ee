use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{WindowSum, blank, efficiency, ema, highest, line_at, lowest};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "er",
        "Kaufman's efficiency ratio",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        |args, inputs, outputs| {
            let (period, output) = (args.whole(0), &mut *outputs[0]);
            if blank(output, period) {
                efficiency(inputs[0], period, |from, ratios| {
                    output[from..from + ratios.len()].copy_from_slice(ratios);
                });
            }
        },
    )
    .aliases(&["efficiency_ratio", "kaufman_er"])
    .params(&[Param::period(10, 2)])
    .says(
        "|x - x[period]| / sum of the last `period` |x - x[1]|; 1 where nothing moved",
        "Kaufman, Smarter Trading, 1995; TA-Lib ER",
    ),
    Indicator::new(
        "vhf",
        "Vertical horizontal filter",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        filter,
    )
    .params(&[Param::period(28, 2)])
    .says(
        "(highest - lowest of `period` values) / sum of the last `period` |x - x[1]|; 0 where nothing moved",
        "White, Futures, August 1991; TA-Lib VHF",
    ),
    Indicator::new(
        "fosc",
        "Forecast oscillator",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0) + 1),
        forecast,
    )
    .aliases(&["forecast_oscillator"])
    .params(&[Param::period(5, 2)])
    .says(
        "100 (x - tsf[1]) / x, tsf the least squares line one bar on; 0 where x is 0",
        "Chande and Kroll, The New Technical Trader, 1994; TA-Lib FOSC",
    ),
    Indicator::new(
        "cfo",
        "Chande forecast oscillator",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        |args, inputs, outputs| {
            let (input, output) = (inputs[0], &mut *outputs[0]);
            line_at(input, args.whole(0), 0.0, output);
            output.iter_mut().zip(input).for_each(|(out, value)| *out = percent_of(value - *out, *value));
        },
    )
    .aliases(&["chande_forecast"])
    .params(&[Param::period(9, 2)])
    .says("100 (x - linearreg(period)) / x; 0 where x is 0", "Chande; pandas-ta cfo"),
    Indicator::new(
        "eri",
        "Elder ray: bull and bear power",
        Group::Momentum,
        |args| WarmUp::ema(args.whole(0)),
        rays,
    )
    .aliases(&["elder_ray", "elderray", "bull_bear_power"])
    .params(&[Param::period(13, 1)])
    .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
    .outputs(&["bull", "bear"])
    .says("high - ema(close), low - ema(close)", "Elder, Trading for a Living, 1993; TA-Lib ERI"),
];

/// 100 part / whole, 0 where there is no whole.
fn percent_of(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { 100.0 * part / whole }
}

fn rays(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [bull, bear] = outputs else { unreachable!("the entry has two outputs") };
    ema(inputs[2], args.whole(0), bull);
    let prices = inputs[0].iter().zip(inputs[1]);
    for ((bull, bear), (high, low)) in bull.iter_mut().zip(bear.iter_mut()).zip(prices) {
        let mean = *bull;
        (*bull, *bear) = (high - mean, low - mean);
    }
}

fn filter(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    let mut low = vec![0.0; input.len()];
    highest(input, period, output);
    lowest(input, period, &mut low);
    if !blank(output, period) {
        return;
    }
    let step = |pair: &[f64]| (pair[1] - pair[0]).abs();
    let mut steps = WindowSum::default();
    input[..period].windows(2).for_each(|pair| steps.come(step(pair), period));
    let coming = input[period - 1..].windows(2).map(step);
    let lows = output[period..].iter_mut().zip(&low[period..]);
    for (((out, low), coming), going) in lows.zip(coming).zip(input.windows(2).map(step)) {
        steps.come(coming, period);
        *out = if steps.sum == 0.0 { 0.0 } else { (*out - low) / steps.sum };
        steps.go(going);
    }
}

fn forecast(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    if !blank(output, 1) {
        return;
    }
    line_at(&input[..input.len() - 1], period, 1.0, &mut output[1..]);
    output.iter_mut().zip(input).for_each(|(out, value)| {
        // Before the first forecast there is none to be zero.
        *out = if out.is_nan() { f64::NAN } else { percent_of(value - *out, *value) };
    });
}
