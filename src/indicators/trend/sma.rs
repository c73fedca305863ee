use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::rolling_mean;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "sma",
    "Simple moving average",
    Group::Trend,
    |args| WarmUp::Rows(args.whole(0) - 1),
    kernel,
)
.params(&[Param::period(30, 2)])
.overlay()
.says("mean of the last `period` values", "TA-Lib SMA")];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    rolling_mean(inputs[0], args.whole(0), outputs[0]);
}
