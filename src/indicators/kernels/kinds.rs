//! Averages by kind, in the order of TA-Lib's MA types.

use super::super::entry::{Param, WarmUp};
use super::adaptive::kama;
use super::averages::{ema, wilder};
use super::chains::{dema, t3, tema};
use super::hilbert::{PERIOD_LEAD, mama_line};
use super::rolling_mean;
use super::weighted::{hma, trima, wma, zlema};

/// The kinds; `default` is whatever the indicator's own is, `none` the input itself.
pub const KINDS: &[&str] = &[
    "sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3", "hma", "none", "default", "zlema",
    "rma",
];

/// Places in `KINDS`.
pub const SMA: usize = 0;
/// The exponential one.
pub const EMA: usize = 1;
/// Whatever the indicator's own is.
pub const OWN: usize = 11;
/// Wilder's.
pub const RMA: usize = 13;

/// The parameter by which a kind is chosen.
pub const fn kind_param(name: &'static str, default: usize) -> Param {
    Param::words(name, KINDS, default as u32)
}

/// The average of a kind; of one bar every kind is the input itself. Mama has no period but its limits, 0.5 and 0.05;
/// kama has 2 and 30, t3 0.7.
pub fn average(kind: usize, input: &[f64], period: usize, output: &mut [f64]) {
    match kind {
        _ if period <= 1 => output.copy_from_slice(input),
        1 => ema(input, period, output),
        2 => wma(input, period, output),
        3 => dema(input, period, output),
        4 => tema(input, period, output),
        5 => trima(input, period, output),
        6 => kama(input, period, 2, 30, output),
        7 => mama_line(input, 0.5, 0.05, output),
        8 => t3(input, period, 0.7, output),
        9 => hma(input, period, output),
        10 => output.copy_from_slice(input),
        12 => zlema(input, period, output),
        13 => wilder(input, period, output),
        _ => rolling_mean(input, period, output),
    }
}

/// The row of the first value of an average.
pub fn average_lead(kind: usize, period: usize) -> usize {
    match kind {
        _ if period <= 1 => 0,
        3 => 2 * (period - 1),
        4 => 3 * (period - 1),
        6 => period,
        7 => PERIOD_LEAD,
        8 => 6 * (period - 1),
        9 => period + period.isqrt() - 2,
        10 => 0,
        12 => period - 1 + (period - 1) / 2,
        _ => period - 1,
    }
}

/// How far back an average depends on its input.
pub fn average_reach(kind: usize, period: usize) -> WarmUp {
    let again = |times: usize| (0..times).fold(WarmUp::Rows(0), |sum, _| sum.plus(WarmUp::ema(period)));
    match kind {
        _ if period <= 1 => WarmUp::Rows(0),
        1 => again(1),
        3 => again(2),
        4 => again(3),
        // At its slowest, when prices go nowhere.
        6 => WarmUp::decay(1.0 - (2.0_f64 / 31.0).powi(2)).plus(WarmUp::Rows(period)),
        7 => mama_reach(0.05),
        8 => again(6),
        12 => again(1).plus(WarmUp::Rows(period / 2)),
        13 => WarmUp::wilder(period),
        _ => WarmUp::Rows(average_lead(kind, period)),
    }
}

/// How far back mesa's average depends on its input, given its slow limit.
pub fn mama_reach(slow: f64) -> WarmUp {
    WarmUp::decay(1.0 - slow.clamp(1e-3, 0.9)).plus(super::hilbert::cycle_reach())
}
