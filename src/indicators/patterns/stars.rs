//! Stars, crows and gaps: patterns of three candles about a gap, or a small candle between.

use super::super::entry::Indicator;
use super::candle::{Bar, Means, when, within};
use super::scan::{BODY, NEAR, PENETRATION_30, RANGE, entry, memory, pattern, rare};

pub(super) const ENTRIES: &[Indicator] = &[
    pattern!(
        rare,
        "cdleveningstar",
        "eveningstar",
        "Evening star",
        3,
        BODY,
        evening_star,
        PENETRATION_30,
        "-100: a long white body, a body that is not long above it, then one that is not short down into the first"
    ),
    pattern!(
        rare,
        "cdleveningdojistar",
        "eveningdojistar",
        "Evening doji star",
        3,
        BODY | RANGE,
        evening_doji_star,
        PENETRATION_30,
        "-100: an evening star whose middle candle is a doji"
    ),
    pattern!(
        rare,
        "cdlmorningstar",
        "morningstar",
        "Morning star",
        3,
        BODY,
        morning_star,
        PENETRATION_30,
        "100: a long black body, a body that is not long below it, then one that is not short up into the first"
    ),
    pattern!(
        rare,
        "cdlmorningdojistar",
        "morningdojistar",
        "Morning doji star",
        3,
        BODY | RANGE,
        morning_doji_star,
        PENETRATION_30,
        "100: a morning star whose middle candle is a doji"
    ),
    pattern!(
        rare,
        "cdlabandonedbaby",
        "abandonedbaby",
        "Abandoned baby",
        3,
        BODY | RANGE,
        abandoned_baby,
        PENETRATION_30,
        "100 up, -100 down: a star whose middle candle is a doji with gaps between the whole bars"
    ),
    pattern!(
        rare,
        "cdltristar",
        "tristar",
        "Tristar pattern",
        3,
        RANGE,
        tristar,
        "three dojis: -100 where the middle one lies above the others, 100 below"
    ),
    pattern!(
        rare,
        "cdl3starsinsouth",
        "3starsinsouth",
        "Three stars in the south",
        3,
        BODY | RANGE,
        three_stars_in_south,
        "100: three black bodies that shrink, each bar's low not below the one before, the last nearly without shadows"
    ),
    pattern!(
        rare,
        "cdlunique3river",
        "unique3river",
        "Unique three river",
        3,
        BODY,
        unique_three_river,
        "100: a long black body, a black one within it with a lower low, a short white one above that low"
    ),
    pattern!(
        rare,
        "cdlgapsidesidewhite",
        "gapsidesidewhite",
        "Gap side-by-side white lines",
        3,
        NEAR,
        gap_side_side_white,
        "100 up, -100 down: two white bodies of equal size and open, both beyond the body before"
    ),
    pattern!(
        rare,
        "cdltasukigap",
        "tasukigap",
        "Tasuki gap",
        3,
        NEAR,
        tasuki_gap,
        "100 up, -100 down: a gap between bodies, then an equal body of the other colour into the gap that does not close it"
    ),
    pattern!(
        rare,
        "cdlupsidegap2crows",
        "upsidegap2crows",
        "Upside gap two crows",
        3,
        BODY,
        upside_gap_two_crows,
        "-100: a long white body, a black one that is not long above it, a black one that engulfs it and stays above the first"
    ),
    pattern!(
        rare,
        "cdlxsidegap3methods",
        "xsidegap3methods",
        "Upside or downside gap three methods",
        3,
        0,
        gap_three_methods,
        "100 up, -100 down: two bodies of a colour with a gap, then one of the other colour from body to body"
    ),
    pattern!(
        rare,
        "cdl2crows",
        "2crows",
        "Two crows",
        3,
        BODY,
        two_crows,
        "-100: a long white body, a black one above it, a black one from within that into the first"
    ),
];

/// A long white body, one above it, and a black one that is not short down into the first.
#[inline(always)]
fn evening<M: Means>(first: Bar<M>, star: Bar<M>, last: Bar<M>, penetration: f64) -> bool {
    let up = first.long() & first.white() & star.body_above(first);
    let down = last.long() & last.black();
    up & down & (last.close < first.close - first.body() * penetration)
}

#[inline(always)]
fn evening_star<M: Means>([first, star, last]: [Bar<M>; 3], penetration: f64) -> f64 {
    when(evening(first, star, last, penetration) & star.not_long(), -100.0)
}

#[inline(always)]
fn evening_doji_star<M: Means>([first, star, last]: [Bar<M>; 3], penetration: f64) -> f64 {
    when(evening(first, star, last, penetration) & star.doji(), -100.0)
}

/// A long black body, one below it, and a white one that is not short up into the first.
#[inline(always)]
fn morning<M: Means>(first: Bar<M>, star: Bar<M>, last: Bar<M>, penetration: f64) -> bool {
    let down = first.long() & first.black() & star.body_below(first);
    let up = last.long() & last.white();
    down & up & (last.close > first.close + first.body() * penetration)
}

#[inline(always)]
fn morning_star<M: Means>([first, star, last]: [Bar<M>; 3], penetration: f64) -> f64 {
    when(morning(first, star, last, penetration) & star.not_long(), 100.0)
}

#[inline(always)]
fn morning_doji_star<M: Means>([first, star, last]: [Bar<M>; 3], penetration: f64) -> f64 {
    when(morning(first, star, last, penetration) & star.doji(), 100.0)
}

#[inline(always)]
fn abandoned_baby<M: Means>([first, baby, last]: [Bar<M>; 3], penetration: f64) -> f64 {
    let sizes = first.long() & baby.doji() & last.long();
    let reach = first.body() * penetration;
    let down = first.white() & last.black() & (last.close < first.close - reach);
    let up = first.black() & last.white() & (last.close > first.close + reach);
    let left_above = baby.above(first) & last.below(baby);
    let left_below = baby.below(first) & last.above(baby);
    when(sizes & ((down & left_above) | (up & left_below)), last.sign() * 100.0)
}

/// All three are measured by the first one's mean.
#[inline(always)]
fn tristar<M: Means>([first, star, last]: [Bar<M>; 3]) -> f64 {
    let dojis = first.doji() & star.doji_beside(first) & last.doji_beside(first);
    let above = star.body_above(first) & (last.top() < star.top());
    let below = star.body_below(first) & (last.bottom() > star.bottom());
    when(dojis & (above | below), if above { -100.0 } else { 100.0 })
}

#[inline(always)]
fn three_stars_in_south<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let black = first.black() & second.black() & last.black();
    let falls = first.long() & (first.lower() > first.body());
    let slows = (second.body() < first.body())
        & (second.open > first.close)
        & (second.open <= first.high)
        & (second.low < first.close)
        & (second.low >= first.low)
        & second.some_lower();
    let rests = last.short()
        & last.no_lower()
        & last.no_upper()
        & (last.low > second.low)
        & (last.high < second.high);
    when(black & falls & slows & rests, 100.0)
}

#[inline(always)]
fn unique_three_river<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let within = (second.close > first.close) & (second.open <= first.open) & (second.low < first.low);
    let turns = last.short() & last.white() & (last.open > second.low);
    when(first.long() & first.black() & second.black() & within & turns, 100.0)
}

#[inline(always)]
fn gap_side_side_white<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let up = second.body_above(first) & last.body_above(first);
    let down = second.body_below(first) & last.body_below(first);
    let alike = || {
        within(last.open, second.open, second.equal()) && within(last.body(), second.body(), second.near())
    };
    let white = second.white() & last.white();
    when(white & (up | down) && alike(), if up { 100.0 } else { -100.0 })
}

#[inline(always)]
fn tasuki_gap<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let up = second.body_above(first)
        & second.white()
        & last.black()
        & (last.open < second.close)
        & (last.open > second.open)
        & (last.close < second.open)
        & (last.close > first.top());
    let down = second.body_below(first)
        & second.black()
        & last.white()
        & last.opens_in_black(second)
        & (last.close > second.open)
        & (last.close < first.bottom());
    let alike = (second.body() - last.body()).abs() < second.near();
    when((up | down) & alike, second.sign() * 100.0)
}

#[inline(always)]
fn upside_gap_two_crows<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let up = first.white() & first.long();
    let gap = second.black() & second.not_long() & second.body_above(first);
    let engulfs = last.black() & (last.open > second.open) & (last.close < second.close);
    when(up & gap & engulfs & (last.close > first.close), -100.0)
}

#[inline(always)]
fn gap_three_methods<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let colours = (first.white() == second.white()) & (second.white() != last.white());
    let opens = (last.open < second.top()) & (last.open > second.bottom());
    let closes = (last.close < first.top()) & (last.close > first.bottom());
    let gap = (first.white() & second.body_above(first)) | (first.black() & second.body_below(first));
    when(colours & opens & closes & gap, first.sign() * 100.0)
}

#[inline(always)]
fn two_crows<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let up = first.white() & first.long() & second.black() & second.body_above(first);
    let into = (last.close > first.open) & (last.close < first.close);
    when(up & last.black() & last.opens_in_black(second) & into, -100.0)
}
