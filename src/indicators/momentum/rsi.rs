use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::blank;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "rsi",
    "Relative strength index",
    Group::Momentum,
    |args| WarmUp::wilder(args.whole(0)),
    kernel,
)
.params(&[Param::period(14, 2)])
.says(
    "100 up / (up + down), Wilder's averages of the rises and of the falls; 0 where nothing moved",
    "Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RSI",
)];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let moves = |row: usize| {
        let change = input[row] - input[row - 1];
        (change.max(0.0), (-change).max(0.0))
    };
    let parts = period as f64;
    let sums = (1..=period).map(moves).fold((0.0, 0.0), |sum, (up, down)| (sum.0 + up, sum.1 + down));
    let (mut up, mut down) = (sums.0 / parts, sums.1 / parts);
    output[period] = strength(up, down);
    for row in period + 1..input.len() {
        let (rise, fall) = moves(row);
        up = (up * (parts - 1.0) + rise) / parts;
        down = (down * (parts - 1.0) + fall) / parts;
        output[row] = strength(up, down);
    }
}

fn strength(up: f64, down: f64) -> f64 {
    let both = up + down;
    if both == 0.0 { 0.0 } else { 100.0 * (up / both) }
}
