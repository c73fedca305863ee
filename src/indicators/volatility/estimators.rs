use super::super::entry::{Args, Group, Indicator, Input, Kernel, Param, WarmUp};
use super::super::kernels::{blank, deviations, finite_runs, rolling_mean};

const BARS: &[Input] = &[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE];
const PARAMS: &[Param] = &[Param::period(20, 2), Param::real("bars_a_year", 1.0, 0.001, 1e9)];
/// 2 ln 2 - 1.
const OPENING: f64 = 2.0 * std::f64::consts::LN_2 - 1.0;

const fn estimator(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Volatility, |args| WarmUp::Rows(args.whole(0)), kernel)
        .params(PARAMS)
        .inputs(BARS)
}

pub(super) const ENTRIES: &[Indicator] = &[
    estimator("parkinson", "Parkinson's volatility", |args, inputs, outputs| {
        root_of_mean(args, inputs, outputs[0], |[_, high, low, _]| {
            let range = (high / low).ln();
            range * range / (4.0 * std::f64::consts::LN_2)
        });
    })
    .aliases(&["parkinson_volatility"])
    .says(
        "root of bars_a_year x mean of ln(high / low)^2 / (4 ln 2)",
        "Parkinson, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business, 1980",
    ),
    estimator("garman_klass", "Garman and Klass' volatility", |args, inputs, outputs| {
        root_of_mean(args, inputs, outputs[0], garman_klass);
    })
    .aliases(&["garman_klass_volatility", "gk"])
    .says(
        "root of bars_a_year x mean of ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2",
        "Garman and Klass, On the Estimation of Security Price Volatilities from Historical Data, Journal of Business, 1980",
    ),
    estimator("rogers_satchell", "Rogers and Satchell's volatility", |args, inputs, outputs| {
        root_of_mean(args, inputs, outputs[0], rogers_satchell);
    })
    .aliases(&["rogers_satchell_volatility"])
    .says(
        "root of bars_a_year x mean of ln(high / close) ln(high / open) + ln(low / close) ln(low / open)",
        "Rogers and Satchell, Estimating Variance from High, Low and Closing Prices, Annals of Applied Probability, 1991",
    ),
    estimator("gkyz", "Garman and Klass' volatility with opening jumps", |args, inputs, outputs| {
        jumps_and_bars(args, inputs, outputs[0], |jump, bar| jump * jump + garman_klass(bar));
    })
    .aliases(&["garman_klass_yang_zhang"])
    .says(
        "root of bars_a_year x mean of ln(open / close[1])^2 + ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2",
        "R package TTR, volatility(calc = \"gk.yz\")",
    ),
    estimator("yang_zhang", "Yang and Zhang's volatility", yang_zhang)
        .aliases(&["yang_zhang_volatility"])
        .says(
            "root of bars_a_year x (o + k c + (1 - k) rs): o and c the sample variances of ln(open / close[1]) and ln(close / open), rs \
             the square of rogers_satchell, k = 0.34 / (1.34 + (period + 1) / (period - 1))",
            "Yang and Zhang, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close Prices, Journal of Business, 2000",
        ),
];

/// Open, high, low and close.
type Bar = [f64; 4];

fn garman_klass([open, high, low, close]: Bar) -> f64 {
    let (range, body) = ((high / low).ln(), (close / open).ln());
    0.5 * range * range - OPENING * body * body
}

fn rogers_satchell([open, high, low, close]: Bar) -> f64 {
    let (open, high, low, close) = (open.ln(), high.ln(), low.ln(), close.ln());
    (high - close) * (high - open) + (low - close) * (low - open)
}

fn bar(inputs: &[&[f64]], row: usize) -> Bar {
    [0, 1, 2, 3].map(|n| inputs[n][row])
}

/// Prices that are not above zero have no logarithm; windows begin anew behind them.
fn root_of_mean(args: &Args, inputs: &[&[f64]], output: &mut [f64], term: impl Fn(Bar) -> f64) {
    let terms: Vec<f64> = (0..output.len()).map(|row| term(bar(inputs, row))).collect();
    roots(args, &terms, output);
}

fn jumps_and_bars(args: &Args, inputs: &[&[f64]], output: &mut [f64], term: impl Fn(f64, Bar) -> f64) {
    if !blank(output, 1) {
        return;
    }
    let jump = |row: usize| (inputs[0][row] / inputs[3][row - 1]).ln();
    let terms: Vec<f64> = (1..output.len()).map(|row| term(jump(row), bar(inputs, row))).collect();
    roots(args, &terms, &mut output[1..]);
}

fn roots(args: &Args, terms: &[f64], output: &mut [f64]) {
    output.fill(f64::NAN);
    finite_runs(terms, |rows| rolling_mean(&terms[rows.clone()], args.whole(0), &mut output[rows]));
    // Garman and Klass can come out below zero where bars do not go as they assume; that is no volatility.
    let root = |mean: f64| if mean < 0.0 { 0.0 } else { (args.real(1) * mean).sqrt() };
    output.iter_mut().for_each(|out| *out = root(*out));
}

fn yang_zhang(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    blank(output, output.len());
    if output.len() < 2 {
        return;
    }
    let output = &mut output[1..];
    let rows = || 1..inputs[0].len();
    let jumps: Vec<f64> = rows().map(|row| (inputs[0][row] / inputs[3][row - 1]).ln()).collect();
    let bodies: Vec<f64> = rows().map(|row| (inputs[3][row] / inputs[0][row]).ln()).collect();
    let terms: Vec<f64> = rows().map(|row| rogers_satchell(bar(inputs, row))).collect();
    let all: Vec<f64> = jumps.iter().zip(&bodies).zip(&terms).map(|((a, b), c)| a + b + c).collect();
    let parts = period as f64;
    let k = 0.34 / (1.34 + (parts + 1.0) / (parts - 1.0));
    let sample = parts / (parts - 1.0);
    finite_runs(&all, |run| {
        let out = &mut output[run.clone()];
        rolling_mean(&terms[run.clone()], period, out);
        out.iter_mut().for_each(|out| *out *= 1.0 - k);
        for (column, weight) in [(&jumps, sample), (&bodies, k * sample)] {
            deviations(&column[run.clone()], period, |first, _, spreads| {
                out[first..]
                    .iter_mut()
                    .zip(spreads)
                    .for_each(|(out, spread)| *out += weight * spread * spread);
            });
        }
        // NaN before the first full window stays what it is.
        out.iter_mut().for_each(|out| *out = (args.real(1) * *out).sqrt());
    });
}
