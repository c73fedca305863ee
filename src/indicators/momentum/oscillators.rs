use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{EMA, OWN, Running, average, average_reach, blank, kind_param, rolling_mean};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("apo", "Absolute price oscillator", Group::Momentum, reach, |args, inputs, outputs| {
        difference(args, inputs[0], outputs[0], |fast, slow| fast - slow)
    })
    .aliases(&["price_oscillator"])
    .params(FAST_SLOW_KIND)
    .says("average(fast) - average(slow)", "TA-Lib APO"),
    Indicator::new("ppo", "Percentage price oscillator", Group::Momentum, reach, |args, inputs, outputs| {
        difference(args, inputs[0], outputs[0], percent)
    })
    .params(FAST_SLOW_KIND)
    .says("100 (average(fast) - average(slow)) / average(slow); 0 where the slow one is 0", "TA-Lib PPO"),
    Indicator::new("ao", "Awesome oscillator", Group::Momentum, window, awesome)
        .aliases(&["awesome", "awesome_oscillator"])
        .params(&[Param::whole("fast", 5, 2), Param::whole("slow", 34, 2)])
        .inputs(&[Input::HIGH, Input::LOW])
        .says(
            "sma(fast) - sma(slow) of (high + low) / 2",
            "Williams, New Trading Dimensions, 1998; TA-Lib AO",
        ),
    Indicator::new(
        "ac",
        "Accelerator oscillator",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(2)),
        |args, inputs, outputs| {
            let (ao, output) = (inputs[2], &mut *outputs[0]);
            rolling_mean(ao, args.whole(2), output);
            output.iter_mut().zip(ao).for_each(|(out, ao)| *out = ao - *out);
        },
    )
    .aliases(&["accelerator"])
    .params(&[Param::whole("fast", 5, 2), Param::whole("slow", 34, 2), Param::whole("signal", 5, 2)])
    .inputs(&[Input::HIGH, Input::LOW])
    .parts(&[Part { of: "ao", args: |args| args.all()[..2].to_vec(), inputs: &[0, 1], output: 0 }])
    .says("ao - sma(signal) of ao", "Williams, New Trading Dimensions, 1998; TA-Lib AC"),
];

const FAST_SLOW_KIND: &[Param] =
    &[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), kind_param("kind", EMA)];

/// 100 (a - b) / b, 0 where there is nothing to divide by.
fn percent(fast: f64, slow: f64) -> f64 {
    if slow == 0.0 { 0.0 } else { 100.0 * (fast - slow) / slow }
}

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0).max(args.whole(1)))
}

fn kind(args: &Args) -> usize {
    if args.whole(2) == OWN { EMA } else { args.whole(2) }
}

fn reach(args: &Args) -> WarmUp {
    average_reach(kind(args), args.whole(0)).max(average_reach(kind(args), args.whole(1)))
}

/// The shorter period is the fast one, in whichever order they are.
fn difference(args: &Args, input: &[f64], output: &mut [f64], of: impl Fn(f64, f64) -> f64) {
    let (fast, slow) = (args.whole(0).min(args.whole(1)), args.whole(0).max(args.whole(1)));
    let mut slower = vec![0.0; input.len()];
    average(kind(args), input, fast, output);
    average(kind(args), input, slow, &mut slower);
    output.iter_mut().zip(&slower).for_each(|(out, slow)| *out = of(*out, *slow));
}

fn awesome(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (fast, slow, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let first = fast.max(slow) - 1;
    if !blank(output, first) {
        return;
    }
    // Sums of high + low are twice those of the middle.
    let both: Vec<f64> = inputs[0].iter().zip(inputs[1]).map(|(high, low)| high + low).collect();
    let centre = both[0];
    let begin =
        |period: usize| both[first + 1 - period..=first].iter().map(|both| both - centre).sum::<f64>();
    let (mut fasts, mut slows) = (Running(begin(fast)), Running(begin(slow)));
    let (share, share_slow) = (0.5 / fast as f64, 0.5 / slow as f64);
    output[first] = fasts.0 * share - slows.0 * share_slow;
    let comings = both[first + 1..].chunks(4);
    let goings = both[first + 1 - fast..].chunks(4).zip(both[first + 1 - slow..].chunks(4));
    for ((out, coming), (a, b)) in output[first + 1..].chunks_mut(4).zip(comings).zip(goings) {
        if let ([w, x, y, z], [c, d, e, f], [g, h, i, j, ..], [k, l, m, n, ..]) = (&mut *out, coming, a, b) {
            let fast = fasts.four([c - g, d - h, e - i, f - j]);
            let slow = slows.four([c - k, d - l, e - m, f - n]);
            let of = |n: usize| fast[n] * share - slow[n] * share_slow;
            (*w, *x, *y, *z) = (of(0), of(1), of(2), of(3));
            continue;
        }
        for (out, (coming, (a, b))) in out.iter_mut().zip(coming.iter().zip(a.iter().zip(b))) {
            fasts.0 += coming - a;
            slows.0 += coming - b;
            *out = fasts.0 * share - slows.0 * share_slow;
        }
    }
}
