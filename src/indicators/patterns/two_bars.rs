//! Patterns of two candles.

use super::super::entry::Indicator;
use super::candle::{Bar, Means, when, within};
use super::scan::{BODY, NEAR, PENETRATION_50, RANGE, common, entry, memory, pattern, rare};

pub(super) const ENTRIES: &[Indicator] = &[
    pattern!(
        common,
        "cdlhammer",
        "hammer",
        "Hammer",
        2,
        BODY | RANGE | NEAR,
        hammer,
        "100: a short body near or below the low before, a lower shadow longer than it, hardly an upper one"
    ),
    pattern!(
        common,
        "cdlhangingman",
        "hangingman",
        "Hanging man",
        2,
        BODY | RANGE | NEAR,
        hanging_man,
        "-100: a short body near or above the high before, a lower shadow longer than it, hardly an upper one"
    ),
    pattern!(
        rare,
        "cdlinvertedhammer",
        "invertedhammer",
        "Inverted hammer",
        2,
        BODY | RANGE,
        inverted_hammer,
        "100: a short body below the body before, an upper shadow longer than it, hardly a lower one"
    ),
    pattern!(
        rare,
        "cdlshootingstar",
        "shootingstar",
        "Shooting star",
        2,
        BODY | RANGE,
        shooting_star,
        "-100: a short body above the body before, an upper shadow longer than it, hardly a lower one"
    ),
    pattern!(
        rare,
        "cdlengulfing",
        "engulfing",
        "Engulfing pattern",
        3,
        0,
        engulfing,
        "100 white, -100 black: a body that encloses the body before, which has the other colour; 80 where one end is equal"
    ),
    pattern!(
        common,
        "cdlharami",
        "harami",
        "Harami pattern",
        2,
        BODY,
        harami,
        "against the first colour, 100 or -100: a body that is not long within the long one before; 80 where an end is equal"
    ),
    pattern!(
        common,
        "cdlharamicross",
        "haramicross",
        "Harami cross pattern",
        2,
        BODY | RANGE,
        harami_cross,
        "against the first colour, 100 or -100: a doji within the long body before; 80 where an end is equal"
    ),
    pattern!(
        rare,
        "cdlhomingpigeon",
        "homingpigeon",
        "Homing pigeon",
        2,
        BODY,
        homing_pigeon,
        "100: two black bodies, the second one not long and within the first, which is long"
    ),
    pattern!(
        rare,
        "cdldojistar",
        "dojistar",
        "Doji star",
        2,
        BODY | RANGE,
        doji_star,
        "against the first colour, 100 or -100: a doji beyond the long body before"
    ),
    pattern!(
        common,
        "cdlcounterattack",
        "counterattack",
        "Counterattack",
        2,
        BODY | NEAR,
        counterattack,
        "100 white, -100 black: two long bodies of different colours with equal closes"
    ),
    pattern!(
        common,
        "cdlseparatinglines",
        "separatinglines",
        "Separating lines",
        2,
        BODY | RANGE | NEAR,
        separating_lines,
        "100 white, -100 black: two colours with equal opens, the second body long, with hardly a shadow at its open"
    ),
    pattern!(
        rare,
        "cdlkicking",
        "kicking",
        "Kicking",
        2,
        BODY | RANGE,
        kicking,
        "100 white, -100 black: two marubozus of different colours with a gap in the second's direction"
    ),
    pattern!(
        rare,
        "cdlkickingbylength",
        "kickingbylength",
        "Kicking, direction by the longer marubozu",
        2,
        BODY | RANGE,
        kicking_by_length,
        "as cdlkicking, with the colour of the longer of the two"
    ),
    pattern!(
        common,
        "cdlmatchinglow",
        "matchinglow",
        "Matching low",
        2,
        NEAR,
        matching_low,
        "100: two black candles with equal closes"
    ),
    pattern!(
        rare,
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
        rare,
        "cdlpiercing",
        "piercing",
        "Piercing pattern",
        2,
        BODY,
        piercing,
        "100: a long black body, then a long white one from below its low beyond its middle"
    ),
    pattern!(
        rare,
        "cdlonneck",
        "onneck",
        "On-neck pattern",
        2,
        BODY | NEAR,
        on_neck,
        "-100: a long black body, then a white one from below its low that closes at that low"
    ),
    pattern!(
        rare,
        "cdlinneck",
        "inneck",
        "In-neck pattern",
        2,
        BODY | NEAR,
        in_neck,
        "-100: a long black body, then a white one from below its low that closes at its close or hardly above"
    ),
    pattern!(
        rare,
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
fn hammer<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let shape = bar.short() & (bar.lower() > bar.body()) & bar.no_upper();
    when(shape & (bar.bottom() <= before.low + before.near()), 100.0)
}

#[inline(always)]
fn hanging_man<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let shape = bar.short() & (bar.lower() > bar.body()) & bar.no_upper();
    when(shape & (bar.bottom() >= before.high - before.near()), -100.0)
}

#[inline(always)]
fn inverted_hammer<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let shape = bar.body_below(before) & (bar.upper() > bar.body());
    when(shape && bar.short() && bar.no_lower(), 100.0)
}

#[inline(always)]
fn shooting_star<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let shape = bar.body_above(before) & (bar.upper() > bar.body());
    when(shape && bar.short() && bar.no_lower(), -100.0)
}

/// TA-Lib's first row is the third bar.
#[inline(always)]
fn engulfing<M: Means>([_, before, bar]: [Bar<M>; 3]) -> f64 {
    let encloses = |top: f64, inner_top: f64, bottom: f64, inner_bottom: f64| {
        ((top >= inner_top) & (bottom < inner_bottom)) | ((top > inner_top) & (bottom <= inner_bottom))
    };
    let up = bar.white() & before.black() & encloses(bar.close, before.open, bar.open, before.close);
    let down = bar.black() & before.white() & encloses(bar.open, before.close, bar.close, before.open);
    let strength = if (bar.open != before.close) & (bar.close != before.open) { 100.0 } else { 80.0 };
    when(up | down, bar.sign() * strength)
}

/// Against the first colour where the second body lies within the first and the sizes are right.
#[inline(always)]
fn against<M: Means>(before: Bar<M>, sized: bool, bar: Bar<M>) -> f64 {
    let apart = (bar.top() < before.top()) & (bar.bottom() > before.bottom());
    let touching = (bar.top() <= before.top()) & (bar.bottom() >= before.bottom());
    when(sized & touching, -before.sign() * if apart { 100.0 } else { 80.0 })
}

#[inline(always)]
fn harami<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    against(before, before.long() & bar.not_long(), bar)
}

#[inline(always)]
fn harami_cross<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    against(before, before.long() & bar.doji(), bar)
}

#[inline(always)]
fn homing_pigeon<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let sizes = before.long() & bar.not_long();
    let inside = (bar.open < before.open) & (bar.close > before.close);
    when(before.black() & bar.black() & sizes & inside, 100.0)
}

#[inline(always)]
fn doji_star<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let beyond = (before.white() & bar.body_above(before)) | (before.black() & bar.body_below(before));
    when(before.long() & bar.doji() & beyond, -before.sign() * 100.0)
}

#[inline(always)]
fn counterattack<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let turned = before.white() != bar.white();
    let met = within(bar.close, before.close, before.equal());
    when(turned & before.long() & bar.long() & met, bar.sign() * 100.0)
}

#[inline(always)]
fn separating_lines<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let turned = before.white() != bar.white();
    let opened = (bar.white() & bar.no_lower()) | (bar.black() & bar.no_upper());
    when(turned & within(bar.open, before.open, before.equal()) & bar.long() & opened, bar.sign() * 100.0)
}

#[inline(always)]
fn kicks<M: Means>(before: Bar<M>, bar: Bar<M>) -> bool {
    let marubozu = |bar: Bar<M>| bar.long() & bar.no_upper() & bar.no_lower();
    let jumped = (before.black() & bar.above(before)) | (before.white() & bar.below(before));
    (before.white() != bar.white()) & marubozu(before) & marubozu(bar) & jumped
}

#[inline(always)]
fn kicking<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    when(kicks(before, bar), bar.sign() * 100.0)
}

#[inline(always)]
fn kicking_by_length<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let sign = if bar.body() > before.body() { bar.sign() } else { before.sign() };
    when(kicks(before, bar), sign * 100.0)
}

#[inline(always)]
fn matching_low<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    when(before.black() & bar.black() & within(bar.close, before.close, before.equal()), 100.0)
}

#[inline(always)]
fn dark_cloud_cover<M: Means>([before, bar]: [Bar<M>; 2], penetration: f64) -> f64 {
    let reached = (bar.close > before.open) & (bar.close < before.close - before.body() * penetration);
    when(before.white() & before.long() & bar.black() & (bar.open > before.high) & reached, -100.0)
}

/// A long black candle, and a white one that opens below its low.
#[inline(always)]
fn rises_from_below<M: Means>(before: Bar<M>, bar: Bar<M>) -> bool {
    before.black() & before.long() & bar.white() & (bar.open < before.low)
}

#[inline(always)]
fn piercing<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let reached = (bar.close < before.open) & (bar.close > before.close + before.body() * 0.5);
    when(rises_from_below(before, bar) & bar.long() & reached, 100.0)
}

#[inline(always)]
fn on_neck<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    when(rises_from_below(before, bar) & within(bar.close, before.low, before.equal()), -100.0)
}

#[inline(always)]
fn in_neck<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let at_close = (bar.close <= before.close + before.equal()) & (bar.close >= before.close);
    when(rises_from_below(before, bar) & at_close, -100.0)
}

#[inline(always)]
fn thrusting<M: Means>([before, bar]: [Bar<M>; 2]) -> f64 {
    let above_close = bar.closes_above(before);
    let up_to_middle = bar.close <= before.close + before.body() * 0.5;
    when(rises_from_below(before, bar) & above_close & up_to_middle, -100.0)
}
