//! Patterns of a single candle.

use super::super::entry::Indicator;
use super::candle::{Bar, Means, when};
use super::scan::{BODY, NEAR, RANGE, SHADOW, common, entry, memory, pattern};

pub(super) const ENTRIES: &[Indicator] = &[
    pattern!(common, "cdldoji", "doji", "Doji", 1, RANGE, doji, "100: a doji's body"),
    pattern!(
        common,
        "cdldragonflydoji",
        "dragonflydoji",
        "Dragonfly doji",
        1,
        RANGE,
        dragonfly,
        "100: a doji's body, a very short upper shadow and a lower one that is not"
    ),
    pattern!(
        common,
        "cdlgravestonedoji",
        "gravestonedoji",
        "Gravestone doji",
        1,
        RANGE,
        gravestone,
        "100: a doji's body, a very short lower shadow and an upper one that is not"
    ),
    pattern!(
        common,
        "cdllongleggeddoji",
        "longleggeddoji",
        "Long-legged doji",
        1,
        RANGE,
        long_legged,
        "100: a doji's body and a shadow longer than it"
    ),
    pattern!(
        common,
        "cdlrickshawman",
        "rickshawman",
        "Rickshaw man",
        1,
        RANGE | NEAR,
        rickshaw_man,
        "100: a doji's body near the middle of the bar, both shadows longer than it"
    ),
    pattern!(
        common,
        "cdltakuri",
        "takuri",
        "Takuri",
        1,
        RANGE,
        takuri,
        "100: a doji's body, a very short upper shadow, a lower one more than twice the body"
    ),
    pattern!(
        common,
        "cdlmarubozu",
        "marubozu",
        "Marubozu",
        1,
        BODY | RANGE,
        marubozu,
        "100 white, -100 black: a long body, very short shadows"
    ),
    pattern!(
        common,
        "cdlclosingmarubozu",
        "closingmarubozu",
        "Closing marubozu",
        1,
        BODY | RANGE,
        closing_marubozu,
        "100 white, -100 black: a long body, a very short shadow on the side of the close"
    ),
    pattern!(
        common,
        "cdlbelthold",
        "belthold",
        "Belt-hold",
        1,
        BODY | RANGE,
        belt_hold,
        "100 white, -100 black: a long body, a very short shadow on the side of the open"
    ),
    pattern!(
        common,
        "cdllongline",
        "longline",
        "Long line candle",
        1,
        BODY | SHADOW,
        long_line,
        "100 white, -100 black: a long body, short shadows"
    ),
    pattern!(
        common,
        "cdlshortline",
        "shortline",
        "Short line candle",
        1,
        BODY | SHADOW,
        short_line,
        "100 white, -100 black: a short body, short shadows"
    ),
    pattern!(
        common,
        "cdlspinningtop",
        "spinningtop",
        "Spinning top",
        1,
        BODY,
        spinning_top,
        "100 white, -100 black: a short body, both shadows longer than it"
    ),
    pattern!(
        common,
        "cdlhighwave",
        "highwave",
        "High-wave candle",
        1,
        BODY,
        high_wave,
        "100 white, -100 black: a short body, both shadows more than twice as long"
    ),
];

#[inline(always)]
fn doji<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.doji(), 100.0)
}

#[inline(always)]
fn dragonfly<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.doji() & bar.no_upper() & bar.some_lower(), 100.0)
}

#[inline(always)]
fn gravestone<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.doji() & bar.no_lower() & bar.some_upper(), 100.0)
}

#[inline(always)]
fn long_legged<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.doji() & ((bar.lower() > bar.body()) | (bar.upper() > bar.body())), 100.0)
}

#[inline(always)]
fn rickshaw_man<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    let middle = bar.low + (bar.high - bar.low) / 2.0;
    let centred = (bar.bottom() <= middle + bar.near()) & (bar.top() >= middle - bar.near());
    when(bar.doji() & (bar.lower() > bar.body()) & (bar.upper() > bar.body()) & centred, 100.0)
}

#[inline(always)]
fn takuri<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.doji() & bar.no_upper() & (bar.lower() > 2.0 * bar.body()), 100.0)
}

#[inline(always)]
fn marubozu<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.long() & bar.no_upper() & bar.no_lower(), bar.sign() * 100.0)
}

#[inline(always)]
fn closing_marubozu<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    let closed = (bar.white() & bar.no_upper()) | (bar.black() & bar.no_lower());
    when(bar.long() & closed, bar.sign() * 100.0)
}

#[inline(always)]
fn belt_hold<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    let opened = (bar.white() & bar.no_lower()) | (bar.black() & bar.no_upper());
    when(bar.long() & opened, bar.sign() * 100.0)
}

#[inline(always)]
fn short_shadows<M: Means>(bar: Bar<M>) -> bool {
    bar.short_upper() & bar.short_lower()
}

#[inline(always)]
fn long_line<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.long() & short_shadows(bar), bar.sign() * 100.0)
}

#[inline(always)]
fn short_line<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.short() & short_shadows(bar), bar.sign() * 100.0)
}

#[inline(always)]
fn spinning_top<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    when(bar.short() & (bar.upper() > bar.body()) & (bar.lower() > bar.body()), bar.sign() * 100.0)
}

#[inline(always)]
fn high_wave<M: Means>([bar]: [Bar<M>; 1]) -> f64 {
    let twice = 2.0 * bar.body();
    when(bar.short() & (bar.upper() > twice) & (bar.lower() > twice), bar.sign() * 100.0)
}
