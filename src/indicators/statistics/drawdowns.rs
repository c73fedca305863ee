//! How far prices fell from where they were.

use super::super::entry::{Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::blank;

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, |args| WarmUp::Rows(args.whole(0) - 1), kernel)
        .params(YEAR)
}

const YEAR: &[Param] = &[Param::period(252, 1)];

pub(super) const ENTRIES: &[Indicator] = &[
    of("max_drawdown", "Largest drawdown", |args, inputs, outputs| {
        falls(args.whole(0), inputs[0], outputs[0], |fall| fall);
    })
    .aliases(&["mdd"])
    .says(
        "largest 1 - x / earlier x within the last `period` values, a fraction of the earlier one; of positive values",
        "Magdon-Ismail and Atiya, Risk Magazine, 2004",
    ),
    of("calmar", "Return over largest drawdown", |args, inputs, outputs| {
        let (period, year) = (args.whole(0), args.real(1));
        falls(period, inputs[0], outputs[0], |fall| if fall > 0.0 { year / fall } else { f64::NAN });
        for (out, window) in outputs[0].iter_mut().skip(period - 1).zip(inputs[0].windows(period)) {
            let bars = (period - 1).max(1) as f64;
            *out *= (window[period - 1] - window[0]) / window[0] / bars;
        }
    })
    .aliases(&["calmar_ratio"])
    .params(&[Param::period(252, 2), Param::real("bars_a_year", 252.0, 1.0, 1e6)])
    .says(
        "(last x / first x - 1) / (period - 1) x bars_a_year / max_drawdown of the last `period` values; nothing where they \
         never fell",
        "Young, Futures, October 1991, with a simple return",
    ),
];

/// Of some values in a row: the highest, the lowest and the largest fall from one to a later one.
#[derive(Clone, Copy)]
struct Stretch {
    high: f64,
    low: f64,
    fall: f64,
}

impl Stretch {
    fn one(value: f64) -> Stretch {
        Stretch { high: value, low: value, fall: 0.0 }
    }

    #[inline(always)]
    fn then(self, later: Stretch) -> Stretch {
        let between = (self.high - later.low) / self.high;
        let fall = if later.fall > self.fall { later.fall } else { self.fall };
        Stretch {
            high: if later.high > self.high { later.high } else { self.high },
            low: if later.low < self.low { later.low } else { self.low },
            fall: if between > fall { between } else { fall },
        }
    }
}

/// With rows in blocks of `period`, a window is the end of one block and the beginning of the next, as in van Herk's
/// way to extremes.
#[inline(always)]
fn falls(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let mut ends = vec![Stretch::one(0.0); period];
    for begin in (0..=input.len() - period).step_by(period) {
        let block = &input[begin..begin + period];
        let mut end = Stretch::one(block[period - 1]);
        for (kept, value) in ends.iter_mut().zip(block).rev() {
            end = Stretch::one(*value).then(end);
            *kept = end;
        }
        output[begin + period - 1] = shape(ends[0].fall);
        let Some(first) = input.get(begin + period) else { continue };
        let mut next = Stretch::one(*first);
        let outs = output[begin + period..].iter_mut().zip(&input[begin + period..]);
        for ((out, value), end) in outs.zip(&ends[1..]) {
            next = next.then(Stretch::one(*value));
            *out = shape(end.then(next).fall);
        }
    }
}
