//! Advances, rests and turns: patterns of three candles and more.

use super::super::entry::Indicator;
use super::candle::{Bar, Means, when, within};
use super::scan::{BODY, NEAR, PENETRATION_50, RANGE, SHADOW, entry, memory, pattern, rare};

pub(super) const ENTRIES: &[Indicator] = &[
    pattern!(
        rare,
        "cdl3inside",
        "3inside",
        "Three inside up or down",
        3,
        BODY,
        three_inside,
        "100 up, -100 down: a long body, one that is not long within it, a close beyond the first one's open"
    ),
    pattern!(
        rare,
        "cdl3outside",
        "3outside",
        "Three outside up or down",
        4,
        0,
        three_outside,
        "100 up, -100 down: a body engulfs the one before, which has the other colour, and the next close goes on"
    ),
    pattern!(
        rare,
        "cdl3whitesoldiers",
        "3whitesoldiers",
        "Three advancing white soldiers",
        3,
        BODY | RANGE | NEAR,
        three_white_soldiers,
        "100: three white bodies without upper shadows, each opening in or near the one before and closing higher, none much smaller"
    ),
    pattern!(
        rare,
        "cdladvanceblock",
        "advanceblock",
        "Advance block",
        3,
        BODY | NEAR | SHADOW,
        advance_block,
        "-100: three white bodies as soldiers, whose advance weakens: smaller bodies or longer upper shadows"
    ),
    pattern!(
        rare,
        "cdlstalledpattern",
        "stalledpattern",
        "Stalled pattern",
        3,
        BODY | RANGE | NEAR,
        stalled,
        "-100: two long white bodies, then a short one that begins at the second one's close"
    ),
    pattern!(
        rare,
        "cdlidentical3crows",
        "identical3crows",
        "Identical three crows",
        3,
        RANGE | NEAR,
        identical_three_crows,
        "-100: three black bodies without lower shadows, each opening at the close before and closing lower"
    ),
    pattern!(
        rare,
        "cdlsticksandwich",
        "sticksandwich",
        "Stick sandwich",
        3,
        NEAR,
        stick_sandwich,
        "100: black, white above the first close, black again with a close equal to the first"
    ),
    pattern!(
        rare,
        "cdl3blackcrows",
        "3blackcrows",
        "Three black crows",
        4,
        RANGE,
        three_black_crows,
        "-100: after a white bar, three black bodies without lower shadows, each opening in the one before and closing lower"
    ),
    pattern!(
        rare,
        "cdl3linestrike",
        "3linestrike",
        "Three-line strike",
        4,
        NEAR,
        three_line_strike,
        "100 after three white, -100 after three black: three bodies that go on, then one of the other colour over all of them"
    ),
    pattern!(
        rare,
        "cdlconcealbabyswall",
        "concealbabyswall",
        "Concealing baby swallow",
        4,
        RANGE,
        concealing_baby_swallow,
        "100: two black marubozus, a black body below them with an upper shadow into them, a black bar that engulfs it"
    ),
    pattern!(
        rare,
        "cdlbreakaway",
        "breakaway",
        "Breakaway",
        5,
        BODY,
        breakaway,
        "100 up, -100 down: a long body, a gap, two bars further on, then a bar of the other colour back into the gap"
    ),
    pattern!(
        rare,
        "cdlladderbottom",
        "ladderbottom",
        "Ladder bottom",
        5,
        RANGE,
        ladder_bottom,
        "100: three black bodies going down, a black one with an upper shadow, a white one from above its open to beyond its high"
    ),
    pattern!(
        rare,
        "cdlmathold",
        "mathold",
        "Mat hold",
        5,
        BODY,
        mat_hold,
        PENETRATION_50,
        "100: a long white body, a small black one above it, two small ones back into it, a white one beyond all"
    ),
    pattern!(
        rare,
        "cdlrisefall3methods",
        "risefall3methods",
        "Rising or falling three methods",
        5,
        BODY,
        three_methods,
        "100 rising, -100 falling: a long body, three small ones against it within its range, a long one beyond it"
    ),
];

#[inline(always)]
fn three_inside<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let inside = second.not_long() & (second.top() < first.top()) & (second.bottom() > first.bottom());
    let down = first.white() & last.black() & (last.close < first.open);
    let up = first.black() & last.white() & (last.close > first.open);
    when(first.long() & inside & (down | up), -first.sign() * 100.0)
}

/// TA-Lib's first row is the fourth bar.
#[inline(always)]
fn three_outside<M: Means>([_, first, second, last]: [Bar<M>; 4]) -> f64 {
    let up = second.white() & first.black() & (second.close > first.open) & (second.open < first.close);
    let down = second.black() & first.white() & (second.open > first.close) & (second.close < first.open);
    let goes_on = (up & (last.close > second.close)) | (down & (last.close < second.close));
    when(goes_on, second.sign() * 100.0)
}

/// Opens above the open before, at most a little above its close. What needs a mean comes last.
#[inline(always)]
fn opens_on<M: Means>(before: Bar<M>, bar: Bar<M>) -> bool {
    bar.open > before.open && bar.open <= before.close + before.near()
}

#[inline(always)]
fn rises<M: Means>(first: Bar<M>, second: Bar<M>, last: Bar<M>) -> bool {
    let white = first.white() & second.white() & last.white();
    white & (first.close < second.close) & (second.close < last.close)
}

#[inline(always)]
fn three_white_soldiers<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let march = rises(first, second, last) && opens_on(first, second) && opens_on(second, last);
    let clean = || first.no_upper() && second.no_upper() && last.no_upper();
    let sizes = || second.not_far_smaller(first) && last.not_far_smaller(second) && last.long();
    when(march && clean() && sizes(), 100.0)
}

#[inline(always)]
fn advance_block<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let march = rises(first, second, last) && opens_on(first, second) && opens_on(second, last);
    let begins = || first.long() && first.short_upper();
    let smaller = last.body() < second.body();
    let refused = smaller & (last.upper() > last.body());
    let shrinks = || second.far_smaller(first) && last.body() < second.body() + second.near();
    let falters = || smaller && second.body() < first.body() && (last.more_upper() || second.more_upper());
    when(march && begins() && (refused || shrinks() || last.far_smaller(second) || falters()), -100.0)
}

#[inline(always)]
fn stalled<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let march = rises(first, second, last) && opens_on(first, second);
    let sizes = || last.short() && first.long() && second.long() && second.no_upper();
    when(march && sizes() && last.open >= second.close - last.body() - second.near(), -100.0)
}

#[inline(always)]
fn identical_three_crows<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let black = first.black() & second.black() & last.black();
    let falls = black & (first.close > second.close) & (second.close > last.close);
    let clean = || first.no_lower() && second.no_lower() && last.no_lower();
    let joined =
        || within(second.open, first.close, first.equal()) && within(last.open, second.close, second.equal());
    when(falls && joined() && clean(), -100.0)
}

#[inline(always)]
fn stick_sandwich<M: Means>([first, second, last]: [Bar<M>; 3]) -> f64 {
    let colours = first.black() & second.white() & last.black();
    when(colours & (second.low > first.close) & within(last.close, first.close, first.equal()), 100.0)
}

#[inline(always)]
fn three_black_crows<M: Means>([before, first, second, last]: [Bar<M>; 4]) -> f64 {
    let crow = |bar: Bar<M>| bar.black() & bar.no_lower();
    let falls = (before.high > first.close) & (first.close > second.close) & (second.close > last.close);
    let joined = second.opens_in_black(first) & last.opens_in_black(second);
    when(before.white() & crow(first) & crow(second) & crow(last) & falls & joined, -100.0)
}

#[inline(always)]
fn three_line_strike<M: Means>([first, second, third, last]: [Bar<M>; 4]) -> f64 {
    let near = |before: Bar<M>, bar: Bar<M>| {
        (bar.open >= before.bottom() - before.near()) & (bar.open <= before.top() + before.near())
    };
    let colours = (first.white() == second.white())
        & (second.white() == third.white())
        & (third.white() != last.white());
    let up = third.white()
        & (third.close > second.close)
        & (second.close > first.close)
        & (last.open > third.close)
        & (last.close < first.open);
    let down = third.black()
        & (third.close < second.close)
        & (second.close < first.close)
        & (last.open < third.close)
        & (last.close > first.open);
    when(colours & near(first, second) & near(second, third) & (up | down), third.sign() * 100.0)
}

#[inline(always)]
fn concealing_baby_swallow<M: Means>([first, second, third, last]: [Bar<M>; 4]) -> f64 {
    let marubozu = |bar: Bar<M>| bar.black() & bar.no_lower() & bar.no_upper();
    let reaches_up =
        third.black() & third.body_below(second) & third.some_upper() & (third.high > second.close);
    let swallows = last.black() & (last.high > third.high) & (last.low < third.low);
    when(marubozu(first) & marubozu(second) & reaches_up & swallows, 100.0)
}

#[inline(always)]
fn breakaway<M: Means>([first, second, third, fourth, last]: [Bar<M>; 5]) -> f64 {
    let colours = (first.white() == second.white())
        & (second.white() == fourth.white())
        & (fourth.white() != last.white());
    let falls = |before: Bar<M>, bar: Bar<M>| (bar.high < before.high) & (bar.low < before.low);
    let rises = |before: Bar<M>, bar: Bar<M>| (bar.high > before.high) & (bar.low > before.low);
    let down = first.black()
        & second.body_below(first)
        & falls(second, third)
        & falls(third, fourth)
        & (last.close > second.open)
        & (last.close < first.close);
    let up = first.white()
        & second.body_above(first)
        & rises(second, third)
        & rises(third, fourth)
        & (last.close < second.open)
        & (last.close > first.close);
    when(first.long() & colours & (down | up), last.sign() * 100.0)
}

#[inline(always)]
fn ladder_bottom<M: Means>([first, second, third, fourth, last]: [Bar<M>; 5]) -> f64 {
    let black = first.black() & second.black() & third.black() & fourth.black();
    let opens = (first.open > second.open) & (second.open > third.open);
    let closes = (first.close > second.close) & (second.close > third.close);
    let turns = fourth.some_upper() & last.white() & (last.open > fourth.open) & (last.close > fourth.high);
    when(black & opens & closes & turns, 100.0)
}

#[inline(always)]
fn mat_hold<M: Means>([first, second, third, fourth, last]: [Bar<M>; 5], penetration: f64) -> f64 {
    let sizes = first.long() & second.short() & third.short() & fourth.short();
    let colours = first.white() & second.black() & last.white();
    let floor = first.close - first.body() * penetration;
    let holds = |bar: Bar<M>| (bar.bottom() < first.close) & (bar.bottom() > floor);
    let sinks = (third.top() < second.open) & (fourth.top() < third.top());
    let leaves = (last.open > fourth.close) & (last.close > second.high.max(third.high).max(fourth.high));
    when(sizes & colours & second.body_above(first) & holds(third) & holds(fourth) & sinks & leaves, 100.0)
}

#[inline(always)]
fn three_methods<M: Means>([first, second, third, fourth, last]: [Bar<M>; 5]) -> f64 {
    let sizes = first.long() & second.short() & third.short() & fourth.short() & last.long();
    let colours = (first.white() != second.white())
        & (second.white() == third.white())
        & (third.white() == fourth.white())
        & (fourth.white() != last.white());
    let holds = |bar: Bar<M>| (bar.bottom() < first.high) & (bar.top() > first.low);
    let sign = first.sign();
    let retreats = (third.close * sign < second.close * sign) & (fourth.close * sign < third.close * sign);
    let leaves = (last.open * sign > fourth.close * sign) & (last.close * sign > first.close * sign);
    when(sizes & colours & holds(second) & holds(third) & holds(fourth) & retreats & leaves, sign * 100.0)
}
