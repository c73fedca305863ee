//! Steps on folded bars: published bars, and random steps for the property tests of the fold.

use engine::model::settings::{Limits, PostStep, Session};
use engine::model::{Bar, TimeframeSpec};

use crate::textbook::{Dice, at, text};

const HOUR: i64 = 3_600_000;

/// An ending of one of these bars' labels: of the whole time, the minutes, or only a digit of them.
fn any_ending(dice: &mut Dice, bars: &[Bar]) -> String {
    let label = text(dice.pick(bars).server_ms());
    label[label.len() - *dice.pick(&[4, 5, 8, 8, 8, 19])..].to_owned()
}

fn any_limits(dice: &mut Dice, bars: &[Bar]) -> Limits {
    let mut near = |dice: &mut Dice| dice.pick(bars).server_ms() + (dice.below(9) as i64 - 4) * HOUR;
    Limits {
        from_wall_ms: dice.once_in(4).then(|| near(dice)),
        to_wall_ms: dice.once_in(4).then(|| near(dice)),
        weekdays: if dice.once_in(4) { vec![1, 2, 3, 6] } else { Vec::new() },
    }
}

fn any_merge(dice: &mut Dice, bars: &[Bar]) -> PostStep {
    PostStep::Merge {
        ends_with: (0..1 + dice.below(3)).map(|_| any_ending(dice, bars)).collect(),
        offset: *dice.pick(&[-1, -1, -1, 1, -2, 2, 3, -5]),
        limits: any_limits(dice, bars),
    }
}

/// Puts random steps on a timeframe and its sessions, which these bars would have without them.
pub fn add_steps(dice: &mut Dice, spec: &mut TimeframeSpec, sessions: &mut [Session], bars: &[Bar]) {
    if bars.is_empty() {
        return;
    }
    let longest_s = spec.rule.length_ms().unwrap_or(7 * 24 * HOUR) / 1000;
    spec.post = (0..1 + dice.below(3)).map(|_| any_merge(dice, bars)).collect();
    if dice.once_in(3) {
        let offset_s = dice.below(2 * longest_s as u64 - 1) as i64 - longest_s + 1;
        let place = dice.below(spec.post.len() as u64 + 1) as usize;
        spec.post.insert(place, PostStep::Shift { offset_s });
    }
    for change in sessions.iter_mut().flat_map(|session| session.timeframes.values_mut()) {
        change.post = (0..dice.below(3)).map(|_| any_merge(dice, bars)).collect();
    }
}

#[test]
fn placeholder() {
    assert_eq!(at("1970-01-02"), 24 * HOUR);
}
