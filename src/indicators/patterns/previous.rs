//! The day, week or month before, and the beginning of the day, on the server's clock.

use std::ops::Range;

use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::calendar::{of, span_before, spans};

const MINUTE_MS: f64 = 60_000.0;

const TIMED: &[Input] = &[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE, Input::SERVER_TIME];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "previous_bar",
        "Open, high, low and close of the day, week or month before",
        Group::Patterns,
        |args| span_before(args.whole(0)),
        previous,
    )
    .aliases(&["prev_bar", "previous_ohlc", "prev_ohlc"])
    .params(&[of()])
    .inputs(TIMED)
    .outputs(&["open", "high", "low", "close"])
    .overlay()
    .says(
        "first, highest, lowest and last price of the last day, week (Monday) or month on the server's clock that is over \
         and has bars",
        "levels of the session before, as traders draw them",
    ),
    Indicator::new("pivots", "Pivot points", Group::Patterns, |args| span_before(args.whole(1)), pivots)
        .aliases(&["pivot", "pivot_points"])
        .params(&[Param::words("kind", KINDS, 0), of()])
        .inputs(TIMED)
        .outputs(&["p", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4"])
        .overlay()
        .says(
            "of the day, week or month before, R = H - L. classic: P = (H+L+C)/3, r1 = 2P-L, r2 = P+R, r3 = 2P+H-2L, \
             r4 = 3P+H-3L; fibonacci: P + 0.382 R, 0.618 R, R; camarilla: C + 1.1 R/12, /6, /4, /2; woodie: P = (H+L+2 O)/4 \
             with the new open, r1 = 2P-L, r2 = P+R, r3 = r1+R, r4 = r3+R; demark: X = 2L+H+C, 2H+L+C or H+L+2C where C is \
             below, above or at O, P = X/4, r1 = X/2-L; s mirrored; levels a kind does not have are empty",
            "Person, A Complete Guide to Technical Trading Tactics, 2004; TradingView, Pivot Points Standard",
        ),
    Indicator::new("opening_range", "Opening range", Group::Patterns, |_| WarmUp::Day(0), opening)
        .aliases(&["orb", "openingrange"])
        .params(&[Param::whole("minutes", 30, 1)])
        .inputs(&[Input::HIGH, Input::LOW, Input::SERVER_TIME])
        .outputs(&["high", "low"])
        .overlay()
        .says(
            "highest and lowest price of the bars labelled within `minutes` of the first bar of the server's day; as far as \
             known while these last",
            "Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout, 1990",
        ),
];

/// What a span was like.
#[derive(Clone, Copy)]
struct Span {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Tells for every span but the first its rows and what the one before was like; the rows of the first are empty.
fn after_others(
    inputs: &[&[f64]],
    of: usize,
    outputs: &mut [&mut [f64]],
    mut fill: impl FnMut(Span, Range<usize>, &mut [&mut [f64]]),
) {
    let mut before: Option<Span> = None;
    spans(inputs[4], of, |rows| {
        match before {
            Some(span) => fill(span, rows.clone(), outputs),
            None => outputs.iter_mut().for_each(|output| output[rows.clone()].fill(f64::NAN)),
        }
        before = Some(Span {
            open: inputs[0][rows.start],
            high: highest(&inputs[1][rows.clone()]),
            low: lowest(&inputs[2][rows.clone()]),
            close: inputs[3][rows.end - 1],
        });
    });
}

fn fill<const N: usize>(outputs: &mut [&mut [f64]], rows: Range<usize>, values: [f64; N]) {
    for (output, value) in outputs.iter_mut().zip(values) {
        output[rows.clone()].fill(value);
    }
}

fn previous(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    after_others(inputs, args.whole(0), outputs, |span, rows, outputs| {
        fill(outputs, rows, [span.open, span.high, span.low, span.close]);
    });
}

const KINDS: &[&str] = &["classic", "fibonacci", "camarilla", "woodie", "demark"];

fn pivots(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let kind = match args.whole(0) {
        0 => classic,
        1 => fibonacci,
        2 => camarilla,
        3 => woodie,
        _ => demark,
    };
    after_others(inputs, args.whole(1), outputs, |span, rows, outputs| {
        let levels = kind(span, inputs[0][rows.start]);
        fill(outputs, rows, levels);
    });
}

/// p, r1 to r4, s1 to s4.
type Levels = [f64; 9];

fn mean(span: Span) -> f64 {
    (span.high + span.low + span.close) / 3.0
}

fn classic(span: Span, _: f64) -> Levels {
    let (p, Span { high, low, .. }) = (mean(span), span);
    let up = [2.0 * p - low, p + (high - low), 2.0 * p + high - 2.0 * low, 3.0 * p + high - 3.0 * low];
    let down = [2.0 * p - high, p - (high - low), 2.0 * p + low - 2.0 * high, 3.0 * p + low - 3.0 * high];
    levels(p, up, down)
}

fn fibonacci(span: Span, _: f64) -> Levels {
    let p = mean(span);
    around(p, p, [0.382, 0.618, 1.0, f64::NAN].map(|share| share * (span.high - span.low)))
}

fn camarilla(span: Span, _: f64) -> Levels {
    around(mean(span), span.close, [12.0, 6.0, 4.0, 2.0].map(|part| 1.1 * (span.high - span.low) / part))
}

fn woodie(Span { high, low, .. }: Span, open: f64) -> Levels {
    let (p, range) = ((high + low + 2.0 * open) / 4.0, high - low);
    let (r1, s1) = (2.0 * p - low, 2.0 * p - high);
    let up = [r1, p + range, r1 + range, r1 + 2.0 * range];
    levels(p, up, [s1, p - range, s1 - range, s1 - 2.0 * range])
}

fn demark(Span { open, high, low, close }: Span, _: f64) -> Levels {
    let twice = if close < open {
        low
    } else if close > open {
        high
    } else {
        close
    };
    let x = high + low + close + twice;
    let none = f64::NAN;
    levels(x / 4.0, [x / 2.0 - low, none, none, none], [x / 2.0 - high, none, none, none])
}

fn around(p: f64, middle: f64, distances: [f64; 4]) -> Levels {
    levels(p, distances.map(|distance| middle + distance), distances.map(|distance| middle - distance))
}

fn levels(p: f64, [r1, r2, r3, r4]: [f64; 4], [s1, s2, s3, s4]: [f64; 4]) -> Levels {
    [p, r1, r2, r3, r4, s1, s2, s3, s4]
}

fn opening(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low, time) = (inputs[0], inputs[1], inputs[2]);
    let length = args.real(0) * MINUTE_MS;
    spans(time, 0, |rows| {
        let end = time[rows.start] + length;
        let (mut top, mut bottom) = (f64::NEG_INFINITY, f64::INFINITY);
        for row in rows {
            // The first bar belongs to it however long bars are.
            if time[row] < end {
                (top, bottom) = (top.max(high[row]), bottom.min(low[row]));
            }
            (outputs[0][row], outputs[1][row]) = (top, bottom);
        }
    });
}
