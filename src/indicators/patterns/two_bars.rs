//! Patterns of two candles.

use super::super::entry::Indicator;
use super::candle::{BODY, Bar, NEAR, PENETRATION_50, RANGE, pattern, scan, when, within};

pub(super) const ENTRIES: &[Indicator] = &[
    pattern!(
        "cdlhammer",
        "hammer",
        "Hammer",
        2,
        BODY | RANGE | NEAR,
        hammer,
        "100: a short body near or below the low before, a lower shadow longer than it, hardly an upper one"
    ),
    pattern!(
        "cdlhangingman",
        "hangingman",
        "Hanging man",
        2,
        BODY | RANGE | NEAR,
        hanging_man,
        "-100: a short body near or above the high before, a lower shadow longer than it, hardly an upper one"
    ),
    pattern!(
        "cdlinvertedhammer",
        "invertedhammer",
        "Inverted hammer",
        2,
        BODY | RANGE,
        inverted_hammer,
        "100: a short body below the body before, an upper shadow longer than it, hardly a lower one"
    ),
    pattern!(
        "cdlshootingstar",
        "shootingstar",
        "Shooting star",
        2,
        BODY | RANGE,
        shooting_star,
        "-100: a short body above the body before, an upper shadow longer than it, hardly a lower one"
    ),
    pattern!(
        "cdlengulfing",
        "engulfing",
        "Engulfing pattern",
        3,
        0,
        engulfing,
        "100 white, -100 black: a body that encloses the body before, which has the other colour; 80 where one end is equal"
    ),
    pattern!(
        "cdlharami",
        "harami",
        "Harami pattern",
        2,
        BODY,
        harami,
        "against the first colour, 100 or -100: a body that is not long within the long one before; 80 where an end is equal"
    ),
    pattern!(
        "cdlharamicross",
        "haramicross",
        "Harami cross pattern",
        2,
        BODY | RANGE,
        harami_cross,
        "against the first colour, 100 or -100: a doji within the long body before; 80 where an end is equal"
    ),
    pattern!(
        "cdlhomingpigeon",
        "homingpigeon",
        "Homing pigeon",
        2,
        BODY,
        homing_pigeon,
        "100: two black bodies, the second one not long and within the first, which is long"
    ),
    pattern!(
        "cdldojistar",
        "dojistar",
        "Doji star",
        2,
        BODY | RANGE,
        doji_star,
        "against the first colour, 100 or -100: a doji beyond the long body before"
    ),
    pattern!(
        "cdlcounterattack",
        "counterattack",
        "Counterattack",
        2,
        BODY | NEAR,
        counterattack,
        "100 white, -100 black: two long bodies of different colours with equal closes"
    ),
    pattern!(
        "cdlseparatinglines",
        "separatinglines",
        "Separating lines",
        2,
        BODY | RANGE | NEAR,
        separating_lines,
        "100 white, -100 black: two colours with equal opens, the second body long, with hardly a shadow at its open"
    ),
    pattern!(
        "cdlkicking",
        "kicking",
        "Kicking",
        2,
        BODY | RANGE,
        kicking,
        "100 white, -100 black: two marubozus of different colours with a gap in the second's direction"
    ),
    pattern!(
        "cdlkickingbylength",
        "kickingbylength",
        "Kicking, direction by the longer marubozu",
        2,
        BODY | RANGE,
        kicking_by_length,
        "as cdlkicking, with the colour of the longer of the two"
    ),
    pattern!(
        "cdlmatchinglow",
        "matchinglow",
        "Matching low",
        2,
        NEAR,
        matching_low,
        "100: two black candles with equal closes"
    ),
    pattern!(
        "cdldarkcloudcover",
        "darkcloudcover",
        "Dark cloud cover",
        2,
        BODY,
        dark_cloud_cover,
        PENETRATION_50,
        "-100: a long white body, then a black one from above its high deep into it"
    ),
    pattern!(
        "cdlpiercing",
        "piercing",
        "Piercing pattern",
        2,
        BODY,
        piercing,
        "100: a long black body, then a long white one from below its low beyond its middle"
    ),
    pattern!(
        "cdlonneck",
        "onneck",
        "On-neck pattern",
        2,
        BODY | NEAR,
        on_neck,
        "-100: a long black body, then a white one from below its low that closes at that low"
    ),
    pattern!(
        "cdlinneck",
        "inneck",
        "In-neck pattern",
        2,
        BODY | NEAR,
        in_neck,
        "-100: a long black body, then a white one from below its low that closes at its close or hardly above"
    ),
    pattern!(
        "cdlthrusting",
        "thrusting",
        "Thrusting pattern",
        2,
        BODY | NEAR,
        thrusting,
        "-100: a long black body, then a white one from below its low that closes within it, up to its middle"
    ),
];

#[inline(always)]
fn hammer([before, bar]: [Bar; 2]) -> f64 {
    let shape = bar.short() & (bar.lower() > bar.body()) & bar.no_upper();
    when(shape & (bar.bottom() <= before.low + before.near()), 100.0)
}

#[inline(always)]
fn hanging_man([before, bar]: [Bar; 2]) -> f64 {
    let shape = bar.short() & (bar.lower() > bar.body()) & bar.no_upper();
    when(shape & (bar.bottom() >= before.high - before.near()), -100.0)
}

#[inline(always)]
fn inverted_hammer([before, bar]: [Bar; 2]) -> f64 {
    let shape = bar.short() & (bar.upper() > bar.body()) & bar.no_lower();
    when(shape & bar.body_below(before), 100.0)
}

#[inline(always)]
fn shooting_star([before, bar]: [Bar; 2]) -> f64 {
    let shape = bar.short() & (bar.upper() > bar.body()) & bar.no_lower();
    when(shape & bar.body_above(before), -100.0)
}

/// TA-Lib's first row is the third bar.
#[inline(always)]
fn engulfing([_, before, bar]: [Bar; 3]) -> f64 {
    let encloses = |top: f64, inner_top: f64, bottom: f64, inner_bottom: f64| {
        ((top >= inner_top) & (bottom < inner_bottom)) | ((top > inner_top) & (bottom <= inner_bottom))
    };
    let up = bar.white() & before.black() & encloses(bar.close, before.open, bar.open, before.close);
    let down = bar.black() & before.white() & encloses(bar.open, before.close, bar.close, before.open);
    let strength = if (bar.open != before.close) & (bar.close != before.open) { 100.0 } else { 80.0 };
    when(up | down, bar.sign() * strength)
}

/// How far a body lies within the other: 100, or 80 where an end of both is equal.
#[inline(always)]
fn inside(bar: Bar, before: Bar) -> f64 {
    let apart = (bar.top() < before.top()) & (bar.bottom() > before.bottom());
    let touching = (bar.top() <= before.top()) & (bar.bottom() >= before.bottom());
    if apart { 100.0 } else { when(touching, 80.0) }
}

#[inline(always)]
fn harami([before, bar]: [Bar; 2]) -> f64 {
    when(before.long() & (bar.body() <= bar.body_mean()), -before.sign() * inside(bar, before))
}

#[inline(always)]
fn harami_cross([before, bar]: [Bar; 2]) -> f64 {
    when(before.long() & bar.doji(), -before.sign() * inside(bar, before))
}

#[inline(always)]
fn homing_pigeon([before, bar]: [Bar; 2]) -> f64 {
    let sizes = before.long() & (bar.body() <= bar.body_mean());
    let inside = (bar.open < before.open) & (bar.close > before.close);
    when(before.black() & bar.black() & sizes & inside, 100.0)
}

#[inline(always)]
fn doji_star([before, bar]: [Bar; 2]) -> f64 {
    let beyond = (before.white() & bar.body_above(before)) | (before.black() & bar.body_below(before));
    when(before.long() & bar.doji() & beyond, -before.sign() * 100.0)
}

#[inline(always)]
fn counterattack([before, bar]: [Bar; 2]) -> f64 {
    let turned = before.white() != bar.white();
    let met = within(bar.close, before.close, before.equal());
    when(turned & before.long() & bar.long() & met, bar.sign() * 100.0)
}

#[inline(always)]
fn separating_lines([before, bar]: [Bar; 2]) -> f64 {
    let turned = before.white() != bar.white();
    let opened = (bar.white() & bar.no_lower()) | (bar.black() & bar.no_upper());
    when(turned & within(bar.open, before.open, before.equal()) & bar.long() & opened, bar.sign() * 100.0)
}

#[inline(always)]
fn kicks(before: Bar, bar: Bar) -> bool {
    let marubozu = |bar: Bar| bar.long() & bar.no_upper() & bar.no_lower();
    let jumped = (before.black() & bar.above(before)) | (before.white() & bar.below(before));
    (before.white() != bar.white()) & marubozu(before) & marubozu(bar) & jumped
}

#[inline(always)]
fn kicking([before, bar]: [Bar; 2]) -> f64 {
    when(kicks(before, bar), bar.sign() * 100.0)
}

#[inline(always)]
fn kicking_by_length([before, bar]: [Bar; 2]) -> f64 {
    let sign = if bar.body() > before.body() { bar.sign() } else { before.sign() };
    when(kicks(before, bar), sign * 100.0)
}

#[inline(always)]
fn matching_low([before, bar]: [Bar; 2]) -> f64 {
    when(before.black() & bar.black() & within(bar.close, before.close, before.equal()), 100.0)
}

#[inline(always)]
fn dark_cloud_cover([before, bar]: [Bar; 2], penetration: f64) -> f64 {
    let reached = (bar.close > before.open) & (bar.close < before.close - before.body() * penetration);
    when(before.white() & before.long() & bar.black() & (bar.open > before.high) & reached, -100.0)
}

/// A long black candle, and a white one that opens below its low.
#[inline(always)]
fn rises_from_below(before: Bar, bar: Bar) -> bool {
    before.black() & before.long() & bar.white() & (bar.open < before.low)
}

#[inline(always)]
fn piercing([before, bar]: [Bar; 2]) -> f64 {
    let reached = (bar.close < before.open) & (bar.close > before.close + before.body() * 0.5);
    when(rises_from_below(before, bar) & bar.long() & reached, 100.0)
}

#[inline(always)]
fn on_neck([before, bar]: [Bar; 2]) -> f64 {
    when(rises_from_below(before, bar) & within(bar.close, before.low, before.equal()), -100.0)
}

#[inline(always)]
fn in_neck([before, bar]: [Bar; 2]) -> f64 {
    let at_close = (bar.close <= before.close + before.equal()) & (bar.close >= before.close);
    when(rises_from_below(before, bar) & at_close, -100.0)
}

#[inline(always)]
fn thrusting([before, bar]: [Bar; 2]) -> f64 {
    let above_close = bar.close > before.close + before.equal();
    let up_to_middle = bar.close <= before.close + before.body() * 0.5;
    when(rises_from_below(before, bar) & above_close & up_to_middle, -100.0)
}
