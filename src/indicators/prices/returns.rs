//! Sums along columns, and what was gained.

use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{Running, blank, rolling_sum};

fn back(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0))
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "sum",
        "Sum of the last bars",
        Group::Prices,
        |args| WarmUp::Rows(args.whole(0) - 1),
        |args, inputs, outputs| rolling_sum(inputs[0], args.whole(0), outputs[0]),
    )
    .params(&[Param::period(30, 2)])
    .says("sum of the last `period` values", "TA-Lib SUM"),
    Indicator::new(
        "cumsum",
        "Running sum",
        Group::Prices,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            running(inputs[0], outputs[0]);
        },
    )
    .aliases(&["cum"])
    .says("sum of all values from the first bar on", "TA-Lib CUMSUM"),
    Indicator::new(
        "cummax",
        "Highest so far",
        Group::Prices,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            so_far(inputs[0], outputs[0], |value, best| value > best);
        },
    )
    .overlay()
    .says("highest value from the first bar on", "pandas cummax"),
    Indicator::new(
        "cummin",
        "Lowest so far",
        Group::Prices,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            so_far(inputs[0], outputs[0], |value, best| value < best);
        },
    )
    .overlay()
    .says("lowest value from the first bar on", "pandas cummin"),
    Indicator::new("lag", "Value of some bars ago", Group::Prices, back, |args, inputs, outputs| {
        apart(args.whole(0), inputs[0], outputs[0], |_, then| then);
    })
    .aliases(&["shift"])
    .params(&[Param::period(1, 0)])
    .overlay()
    .says("x of `period` bars ago", "pandas shift"),
    Indicator::new("log_return", "Logarithmic return", Group::Prices, back, |args, inputs, outputs| {
        // The logarithm of a quotient near 1 loses digits, that of what is above 1 does not.
        apart(args.whole(0), inputs[0], outputs[0], |now, then| ((now - then) / then).ln_1p());
    })
    .aliases(&["log_ret", "logret"])
    .params(&[Param::period(1, 1)])
    .says(
        "ln(x / x of `period` bars ago); nothing where the quotient is not positive",
        "pandas-ta log_return",
    ),
    Indicator::new("percent_return", "Simple return", Group::Prices, back, |args, inputs, outputs| {
        apart(args.whole(0), inputs[0], outputs[0], |now, then| (now - then) / then);
    })
    .aliases(&["pct_return", "pct_change", "simple_return"])
    .params(&[Param::period(1, 1)])
    .says("x / x of `period` bars ago - 1, a fraction; nothing where that was 0", "pandas-ta percent_return"),
    Indicator::new(
        "cum_return",
        "Return since the beginning",
        Group::Prices,
        |_| WarmUp::History,
        |_, inputs, outputs| since_first(inputs[0], outputs[0], |now, then| (now - then) / then),
    )
    .aliases(&["cumulative_return"])
    .says("x / first x - 1, a fraction", "pandas-ta percent_return, cumulative"),
    Indicator::new(
        "cum_log_return",
        "Logarithmic return since the beginning",
        Group::Prices,
        |_| WarmUp::History,
        |_, inputs, outputs| since_first(inputs[0], outputs[0], |now, then| (now / then).ln()),
    )
    .aliases(&["cumulative_log_return"])
    .says("ln(x / first x)", "pandas-ta log_return, cumulative"),
    Indicator::new("drawdown", "Drawdown", Group::Prices, |_| WarmUp::History, drawdown)
        .outputs(&["amount", "part", "log"])
        .says(
            "amount: highest so far - x; part: 1 - x / highest so far; log: ln(highest so far / x)",
            "pandas-ta drawdown",
        ),
];

fn running(input: &[f64], output: &mut [f64]) {
    let mut sum = Running(0.0);
    let (mut ins, mut outs) = (input.chunks_exact(4), output.chunks_exact_mut(4));
    for (x, out) in (&mut ins).zip(&mut outs) {
        out.copy_from_slice(&sum.four([x[0], x[1], x[2], x[3]]));
    }
    for (x, out) in ins.remainder().iter().zip(outs.into_remainder()) {
        sum.0 += x;
        *out = sum.0;
    }
}

#[inline(always)]
fn so_far(input: &[f64], output: &mut [f64], beats: impl Fn(f64, f64) -> bool) {
    let Some(mut best) = input.first().copied() else { return };
    for (out, value) in output.iter_mut().zip(input) {
        best = if beats(*value, best) { *value } else { best };
        *out = best;
    }
}

/// Of a value and the one `back` bars before it.
#[inline(always)]
fn apart(back: usize, input: &[f64], output: &mut [f64], make: impl Fn(f64, f64) -> f64) {
    if blank(output, back) {
        for ((out, now), then) in output[back..].iter_mut().zip(&input[back..]).zip(input) {
            *out = make(*now, *then);
        }
    }
}

fn since_first(input: &[f64], output: &mut [f64], make: impl Fn(f64, f64) -> f64) {
    let Some(first) = input.first() else { return };
    output.iter_mut().zip(input).for_each(|(out, now)| *out = make(*now, *first));
}

fn drawdown(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [amount, part, log] = outputs else { unreachable!("the entry has three outputs") };
    so_far(inputs[0], amount, |value, best| value > best);
    let outs = amount.iter_mut().zip(part.iter_mut()).zip(log.iter_mut());
    for (((amount, part), log), value) in outs.zip(inputs[0]) {
        let top = *amount;
        *amount = top - value;
        *part = *amount / top;
        *log = (top / value).ln();
    }
}
