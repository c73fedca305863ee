use super::super::entry::{Args, Group, Indicator, Param, WarmUp};

const PARAMS: &[Param] =
    &[Param::real("process", 0.01, 1e-9, 1e9), Param::real("measurement", 1.0, 1e-9, 1e9)];

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "kalman",
    "Kalman filter of a level",
    Group::Statistics,
    // What is kept of the past in the end is more than at any time before.
    |args| WarmUp::decay(1.0 - gain_in_the_end(args.real(0) / args.real(1))).plus(WarmUp::Rows(1)),
    filter,
)
.aliases(&["kalman_filter"])
.params(PARAMS)
.outputs(&["level", "gain", "z"])
.overlay()
.says(
    "level += gain (x - level), gain = p / (p + measurement), p = (1 - gain) p + process, begun with the first x; z = \
     (x - level before) / sqrt(p + measurement). `process` and `measurement` are variances; the level depends on their \
     quotient only",
    "Kalman, Journal of Basic Engineering, 1960; local level model",
)];

/// The gain to which the recursion comes when the process has `ratio` times the variance of the measurement.
fn gain_in_the_end(ratio: f64) -> f64 {
    let before = (ratio + (ratio * ratio + 4.0 * ratio).sqrt()) / 2.0;
    before / (before + 1.0)
}

fn filter(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (process, measurement) = (args.real(0), args.real(1));
    let [levels, gains, scores] = outputs else { unreachable!("the entry has three outputs") };
    let Some(mut level) = inputs[0].first().copied() else { return };
    // Before the first value everything is possible: it is taken whole.
    (levels[0], gains[0], scores[0]) = (level, 1.0, 0.0);
    let mut uncertain = measurement + process;
    let outs = levels.iter_mut().zip(gains.iter_mut()).zip(scores.iter_mut()).zip(inputs[0]);
    for (((out, kept), score), value) in outs.skip(1) {
        let (all, off) = (uncertain + measurement, value - level);
        let gain = uncertain / all;
        level += gain * off;
        (*out, *kept, *score) = (level, gain, off / all.sqrt());
        uncertain = (1.0 - gain) * uncertain + process;
    }
}
