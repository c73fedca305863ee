use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{highest, lowest};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];
const EXTREMES: &[Part] = &[
    Part { of: "max", args: |args| vec![args.real(0)], inputs: &[0], output: 0 },
    Part { of: "min", args: |args| vec![args.real(0)], inputs: &[1], output: 0 },
    Part { of: "atr", args: |args| vec![args.real(0)], inputs: &[0, 1, 2], output: 0 },
];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("chandelier", "Chandelier exit", Group::Volatility, |_| WarmUp::Rows(0), |args, inputs, outputs| {
        let [long, short] = outputs else { unreachable!("the entry has two outputs") };
        hang(args.real(1), inputs, long, short);
    })
    .aliases(&["chandelier_exit"])
    .params(&[Param::period(22, 2), Param::real("multiplier", 3.0, 0.0, 1e6)])
    .inputs(HLC)
    .parts(EXTREMES)
    .outputs(&["long", "short"])
    .overlay()
    .says(
        "long = highest high - multiplier x atr, short = lowest low + multiplier x atr",
        "LeBeau; Elder, Come into My Trading Room, 2002",
    ),
    Indicator::new("chande_kroll_stop", "Chande and Kroll's stop", Group::Volatility, |args| WarmUp::Rows(args.whole(2) - 1), |args, inputs, outputs| {
        let [long, short] = outputs else { unreachable!("the entry has two outputs") };
        let (mut below, mut above) = (vec![0.0; long.len()], vec![0.0; long.len()]);
        hang(args.real(1), inputs, &mut below, &mut above);
        lowest(&above, args.whole(2), long);
        highest(&below, args.whole(2), short);
    })
    .aliases(&["cksp", "chande_kroll", "ckstop"])
    .params(&[Param::period(10, 2), Param::real("multiplier", 1.0, 0.0, 1e6), Param::whole("stop", 9, 1)])
    .inputs(HLC)
    .parts(EXTREMES)
    .outputs(&["long", "short"])
    .overlay()
    .says(
        "short = highest of the last `stop` values of highest high - multiplier x atr, long = lowest of the last `stop` values of \
         lowest low + multiplier x atr",
        "Chande and Kroll, The New Technical Trader, 1994; TradingView Chande Kroll Stop",
    ),
    Indicator::new("volatility_stop", "Volatility stop", Group::Volatility, |_| WarmUp::History, follow)
        .aliases(&["vstop"])
        .params(&[Param::period(20, 1), Param::real("multiplier", 2.0, 0.0, 1e6)])
        .inputs(HLC)
        .parts(&[Part { of: "atr", args: |args| vec![args.real(0)], inputs: &[0, 1, 2], output: 0 }])
        .outputs(&["stop", "trend"])
        .overlay()
        .says(
            "multiplier x atr below the highest close (trend = 1) or above the lowest close (-1) since the trend began, moved only \
             along with it; a close beyond it begins the other trend",
            "Wilder's volatility system, New Concepts in Technical Trading Systems, 1978; TradingView Volatility Stop",
        ),
];

/// A multiple of the range below the highest and above the lowest, which come after three inputs.
fn hang(multiplier: f64, inputs: &[&[f64]], below: &mut [f64], above: &mut [f64]) {
    let extremes = inputs[3].iter().zip(inputs[4]).zip(inputs[5]);
    for ((below, above), ((top, bottom), range)) in below.iter_mut().zip(above.iter_mut()).zip(extremes) {
        let width = multiplier * range;
        (*below, *above) = (top - width, bottom + width);
    }
}

fn follow(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [stop, trend] = outputs else { unreachable!("the entry has two outputs") };
    let (mut up, mut extreme, mut line) = (true, f64::NEG_INFINITY, f64::NEG_INFINITY);
    let rows = inputs[2].iter().zip(inputs[3]);
    for ((stop, trend), (close, range)) in stop.iter_mut().zip(trend.iter_mut()).zip(rows) {
        let width = args.real(1) * range;
        if up {
            extreme = close.max(extreme);
            line = line.max(extreme - width);
        } else {
            extreme = close.min(extreme);
            line = line.min(extreme + width);
        }
        if up != (*close >= line) {
            (up, extreme) = (!up, *close);
            line = if up { close - width } else { close + width };
        }
        (*stop, *trend) = (line, if up { 1.0 } else { -1.0 });
    }
}
