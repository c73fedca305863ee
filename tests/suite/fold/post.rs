//! Steps on folded bars: published bars, and random steps for the property tests of the fold.

use std::path::Path;

use engine::model::cascade::Cascade;
use engine::model::clock::Clock;
use engine::model::fold::{Fold, Recipe};
use engine::model::grid::Lattice;
use engine::model::post::Steps;
use engine::model::settings::{Limits, PostStep, Session};
use engine::model::{Bar, TimeframeSpec};

use crate::textbook::post::merge;
use crate::textbook::world::spec;
use crate::textbook::{Dice, at, text};

const HOUR: i64 = 3_600_000;

/// An ending of one of these bars' labels: of the whole time, the minutes, or only a digit of them.
fn any_ending(dice: &mut Dice, bars: &[Bar]) -> String {
    let label = text(dice.pick(bars).server_ms());
    label[label.len() - *dice.pick(&[4, 5, 8, 8, 8, 19])..].to_owned()
}

fn any_limits(dice: &mut Dice, bars: &[Bar]) -> Limits {
    let near = |dice: &mut Dice| dice.pick(bars).server_ms() + (dice.below(9) as i64 - 4) * HOUR;
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

/// The cascade of a symbol as it is shipped for MetaTrader 4.
fn shipped(symbol: &str) -> Cascade {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.dukascopy-mt4.yaml");
    let loaded = engine::config::load(&file).unwrap_or_else(|error| panic!("{error}"));
    Cascade::new(&symbol.parse().expect("a symbol"), &loaded.settings).expect("an order")
}

fn row(server: &str, offset_s: i32, [open, high, low, close, volume]: [f64; 5]) -> Bar {
    let time_ms = (at(server) - 1000 * i64::from(offset_s)) as u64;
    Bar { time_ms, open, high, low, close, volume, utc_offset_s: offset_s, count: 60, ..Bar::default() }
}

fn numbers(bar: &Bar) -> (String, [f64; 5]) {
    (text(bar.server_ms()), [bar.open, bar.high, bar.low, bar.close, bar.volume])
}

/// Six published hours of the Singapore index on 2025-12-19, server time.
#[allow(clippy::approx_constant)] // A volume of 0.318 is no part of a circle.
fn singapore() -> Vec<Bar> {
    [
        ("10:30", [436.556, 436.999, 436.253, 436.75, 0.318]),
        ("11:51", [436.444, 436.999, 436.444, 436.847, 0.1692]),
        ("12:51", [436.959, 436.959, 436.299, 436.756, 0.1284]),
        ("13:51", [436.85, 436.899, 436.341, 436.556, 0.1752]),
        ("14:51", [436.453, 437.299, 436.353, 437.156, 0.2592]),
        ("15:51", [437.299, 438.799, 437.141, 438.359, 0.528]),
    ]
    .map(|(time, numbers)| row(&format!("2025-12-19 {time}"), 7200, numbers))
    .to_vec()
}

#[test]
fn the_published_merge_of_the_singapore_index() {
    let cascade = shipped("SGD.IDX-SGD");
    let recipe = &cascade.step(&"4h".parse().expect("4h")).expect("a default timeframe").recipe;
    let rows = singapore();
    let merged = ("2025-12-19 10:30:00".to_owned(), [436.556, 437.299, 436.253, 437.156, 1.05]);
    let last = ("2025-12-19 15:51:00".to_owned(), [437.299, 438.799, 437.141, 438.359, 0.528]);
    let mut fold = Fold::resume(recipe, 0, None);
    fold.push(&rows);
    let rest = fold.rest();
    assert_eq!(rest.iter().map(numbers).collect::<Vec<_>>(), [merged.clone(), last.clone()]);
    assert_eq!(rest[0].count, 300);
    // It waits until the next bar is closed, and then says from which row folding would go on.
    for (source, committed, resume_row) in
        [("2025-12-19 15:51", vec![], 0), ("2025-12-19 19:51", vec![merged.clone()], 0)]
    {
        let mut fold = Fold::resume(recipe, 0, None);
        fold.push(&rows);
        let (remainder, done) = fold.finish(at(source) - 2 * HOUR);
        assert_eq!(done.iter().map(numbers).collect::<Vec<_>>(), committed, "{source}");
        assert_eq!(remainder.resume_row, resume_row, "{source}");
        let waiting: Vec<_> = remainder.open.iter().map(numbers).collect();
        assert_eq!(waiting, [merged.clone(), last.clone()][committed.len()..], "{source}");
        assert_eq!(remainder.watermark_ms, remainder.open[0].time_ms as i64, "{source}");
    }
    // On the next server date nothing can follow any more.
    let mut fold = Fold::resume(recipe, 0, None);
    fold.push(&rows);
    let (remainder, done) = fold.finish(at("2025-12-20 04:30") - 2 * HOUR);
    assert_eq!(done.iter().map(numbers).collect::<Vec<_>>(), [merged, last]);
    assert_eq!((remainder.open.len(), remainder.resume_row), (0, 6));
}

#[test]
fn the_published_monday_of_the_australian_index() {
    let cascade = shipped("AUS.IDX-AUD");
    let minutes = |from: &str, to: &str| -> Vec<Bar> {
        let (from, to) = (at(from), at(to));
        let last = at("2024-06-17 14:09");
        (from..to)
            .step_by(60_000)
            .map(|server_ms| {
                let close = if server_ms == last { 7691.221 } else { 7690.0 };
                let mut bar = row(&text(server_ms), 10_800, [7690.0, 7700.0, 7680.0, close, 1.0]);
                bar.count = 1;
                bar
            })
            .collect()
    };
    let rows = minutes("2024-06-17 01:50", "2024-06-18 20:00");
    let place = cascade.steps.iter().position(|step| step.spec.id.as_str() == "4h").expect("4h");
    let made = &cascade.fold_all(&rows, at("2024-06-18 20:00") - 3 * HOUR)[place];
    let of = |label: &str| made.iter().find(|bar| text(bar.server_ms()) == format!("{label}:00"));
    let monday = of("2024-06-17 08:00").expect("a bar from 08:00");
    assert_eq!((monday.count, monday.close, monday.volume), (370, 7691.221, 370.0));
    assert!(of("2024-06-17 10:10").is_none(), "the ghost is merged");
    assert_eq!(of("2024-06-17 14:10").expect("the bar after").count, 240);
    // On a Tuesday the bar from 10:10 is one of its own.
    assert!(of("2024-06-18 10:10").is_some());
}

#[test]
fn a_row_of_matches_ends_up_in_one_bar_and_a_date_is_never_crossed() {
    let utc = Clock::fixed(0);
    let mut hours = spec("x", "1m", "1h");
    hours.post = vec![merge(&["21:00:00", "22:00:00", "23:00:00", "00:00:00"], -1)];
    let rows: Vec<Bar> = (18..30)
        .map(|hour| {
            let mut bar = row("2024-01-02", 0, [f64::from(hour), 50.0, 1.0, f64::from(hour), 1.0]);
            bar.time_ms += hour as u64 * HOUR as u64;
            bar
        })
        .collect();
    let told = |spec: &TimeframeSpec| -> Vec<(String, f64, f64, f64)> {
        let lattice = Lattice::new(spec, &[], None, &utc);
        let post = Steps::new(spec, &[], None, &utc);
        let recipe = Recipe { lattice, post, round_decimals: 8 };
        let mut fold = Fold::resume(&recipe, 0, None);
        fold.push(&rows);
        let told = |bar: &Bar| (text(bar.time_ms as i64)[8..16].to_owned(), bar.open, bar.close, bar.volume);
        fold.rest().iter().map(told).collect()
    };
    let bar = |label: &str, open: f64, close: f64, volume: f64| (label.to_owned(), open, close, volume);
    let found = told(&hours);
    assert_eq!(found[2], bar("02 20:00", 20.0, 23.0, 4.0));
    assert_eq!(found[3], bar("03 00:00", 24.0, 24.0, 1.0), "no neighbour on its date: it stays");
    // Into the bar after: the first open, the last close, the later label.
    hours.post = vec![merge(&["21:00:00", "22:00:00"], 1), PostStep::Shift { offset_s: -600 }];
    let found = told(&hours);
    assert_eq!(found[3], bar("02 22:50", 21.0, 23.0, 3.0));
    assert_eq!(found[4], bar("02 23:50", 24.0, 24.0, 1.0));
}
