use super::super::entry::{Args, Field, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{
    CHUNK, EMA, OWN, SeededEma, WindowSum, average, average_reach, blank, kind_param,
};

const VOLUME: &[Input] = &[Input { name: "source", default: Field::Volume }];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("pvo", "Percentage volume oscillator", Group::Volume, reach, percentage)
        .aliases(&["percentage_volume"])
        .params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), kind_param("kind", EMA)])
        .inputs(VOLUME)
        .says("100 (average(fast) - average(slow)) / average(slow) of volume", "TA-Lib PVO"),
    Indicator::new("rvol", "Relative volume", Group::Volume, |args| WarmUp::Rows(args.whole(0)), relative)
        .aliases(&["relative_volume"])
        .params(&[Param::period(20, 1)])
        .inputs(VOLUME)
        .says("volume over the mean volume of the `period` bars before", "TA-Lib RVOL"),
];

fn kind(args: &Args) -> usize {
    if args.whole(2) == OWN { EMA } else { args.whole(2) }
}

fn reach(args: &Args) -> WarmUp {
    average_reach(kind(args), args.whole(0)).max(average_reach(kind(args), args.whole(1)))
}

/// 100 (a - b) / b, 0 where there is nothing to divide by.
#[inline(always)]
fn percent(fast: f64, slow: f64) -> f64 {
    let percent = 100.0 * (fast - slow) / slow;
    if slow == 0.0 { 0.0 } else { percent }
}

/// The shorter period is the fast one, in whichever order they are.
fn percentage(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, output) = (inputs[0], &mut *outputs[0]);
    let (fast, slow) = (args.whole(0).min(args.whole(1)), args.whole(0).max(args.whole(1)));
    if kind(args) != EMA {
        let mut slower = vec![0.0; input.len()];
        average(kind(args), input, fast, output);
        average(kind(args), input, slow, &mut slower);
        output.iter_mut().zip(&slower).for_each(|(out, slow)| *out = percent(*out, *slow));
        return;
    }
    let (mut fasts, mut slows) = (SeededEma::new(fast), SeededEma::new(slow));
    let mut buffer = [0.0; CHUNK];
    for (out, input) in output.chunks_mut(CHUNK).zip(input.chunks(CHUNK)) {
        let slower = &mut buffer[..out.len()];
        out.copy_from_slice(input);
        slower.copy_from_slice(input);
        fasts.run_over(out);
        slows.run_over(slower);
        out.iter_mut().zip(slower.iter()).for_each(|(out, slow)| *out = percent(*out, *slow));
    }
}

fn relative(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let (volumes, parts) = (inputs[0], period as f64);
    let mut sum = WindowSum::default();
    volumes[..period - 1].iter().for_each(|volume| sum.come(*volume, period));
    for (out, (pair, going)) in output[period..].iter_mut().zip(volumes[period - 1..].windows(2).zip(volumes))
    {
        sum.come(pair[0], period);
        *out = parts * pair[1] / sum.sum;
        sum.go(*going);
    }
}
