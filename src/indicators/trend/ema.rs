use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::ema;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "ema",
    "Exponential moving average",
    Group::Trend,
    |args| WarmUp::ema(args.whole(0)),
    kernel,
)
.params(&[Param::period(30, 2)])
.overlay()
.says("e += 2 / (period + 1) (x - e), begun with the mean of the first `period` values", "TA-Lib EMA")];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    ema(inputs[0], args.whole(0), outputs[0]);
}
