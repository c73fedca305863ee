use super::super::entry::{Group, Indicator, Input, Param, Part, WarmUp};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];
const ATR: Part = Part { of: "atr", args: |args| args.all()[..1].to_vec(), inputs: &[0, 1, 2], output: 0 };

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("supertrend", "Supertrend", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        let (high, low) = (inputs[0], inputs[1]);
        trail(args.real(1), |row| [(high[row] + low[row]) / 2.0; 2], inputs, outputs);
    })
        .aliases(&["super_trend"])
        .params(&[Param::period(10, 2), Param::real("multiplier", 3.0, 0.0, 1e6)])
        .inputs(HLC)
        .parts(&[ATR])
        .outputs(&["supertrend", "trend"])
        .overlay()
        .says(
            "bands at (high + low) / 2 -+ multiplier x atr that only come nearer until a close is beyond; the line is the lower band \
             while trend = 1 and the upper one while trend = -1, from one close beyond to the next",
            "Seban; TA-Lib SUPERTREND",
        ),
    Indicator::new("atr_stop", "Trailing stop by average true range", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        let [high, low, close, ..] = inputs else { unreachable!("the entry has three inputs") };
        match args.whole(2) {
            0 => trail(args.real(1), |row| [close[row]; 2], inputs, outputs),
            _ => trail(args.real(1), |row| [low[row], high[row]], inputs, outputs),
        }
    })
        .aliases(&["atr_trailing_stop", "atrstop", "atrts"])
        .params(&[Param::period(21, 2), Param::real("multiplier", 3.0, 0.0, 1e6), Param::words("from", &["close", "extremes"], 0)])
        .inputs(HLC)
        .parts(&[ATR])
        .outputs(&["stop", "trend"])
        .overlay()
        .says(
            "as supertrend, its bands multiplier x atr below and above the close (or below the low and above the high)",
            "Stock.Indicators GetAtrStop; Wilder's volatility system, 1978",
        ),
];

/// The bands begin at `from` of a row, first the one below; the last of the inputs is the range.
#[inline(always)]
fn trail(multiplier: f64, from: impl Fn(usize) -> [f64; 2], inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, trend] = outputs else { unreachable!("the entry has two outputs") };
    let (close, ranges) = (inputs[2], inputs[3]);
    // Any band is nearer than these, so that the first row takes its own.
    let (mut lower, mut upper, mut up) = (f64::NEG_INFINITY, f64::INFINITY, true);
    let mut before = f64::NAN;
    for (row, (line, trend)) in line.iter_mut().zip(trend.iter_mut()).enumerate() {
        let ([below, above], width) = (from(row), multiplier * ranges[row]);
        let (below, above, now) = (below - width, above + width, close[row]);
        upper = if above < upper || before > upper { above } else { upper };
        lower = if below > lower || before < lower { below } else { lower };
        up = if up { now >= lower } else { now > upper };
        *line = if up { lower } else { upper };
        *trend = if up { 1.0 } else { -1.0 };
        before = now;
    }
}
