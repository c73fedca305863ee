use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::ema_from;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "macd",
    "Moving average convergence divergence",
    Group::Momentum,
    |args| WarmUp::ema(args.whole(0).max(args.whole(1))).plus(WarmUp::ema(args.whole(2))),
    kernel,
)
.params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), Param::whole("signal", 9, 1)])
.outputs(&["macd", "signal", "hist"])
.says(
    "macd = ema(fast) - ema(slow), both begun at the slow one's first value; signal = ema(macd); hist = macd - signal",
    "Appel 1979; TA-Lib MACD",
)];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (fast, slow) = (args.whole(0).min(args.whole(1)), args.whole(0).max(args.whole(1)));
    let signal = args.whole(2);
    let [macd, line, hist] = outputs else { unreachable!("the entry has three outputs") };
    let weight = |period: usize| 2.0 / (period as f64 + 1.0);
    ema_from(inputs[0], fast, slow - 1, weight(fast), macd);
    ema_from(inputs[0], slow, slow - 1, weight(slow), line);
    macd.iter_mut().zip(line.iter()).for_each(|(macd, slow)| *macd -= slow);
    let first = (slow - 1).min(macd.len());
    line[..first].fill(f64::NAN);
    ema_from(&macd[first..], signal, signal - 1, weight(signal), &mut line[first..]);
    for ((hist, macd), line) in hist.iter_mut().zip(macd.iter_mut()).zip(line.iter()) {
        *hist = *macd - line;
        // TA-Lib gives all three from the row on at which the signal begins.
        if line.is_nan() {
            *macd = f64::NAN;
        }
    }
}
