//! Back-adjusted bars of any slice are the fold of adjusted minutes, with the symbol's own grids.

use std::collections::BTreeMap;

use engine::model::rollover::Adjustment;
use engine::model::{Bar, Day, Timeframe};
use engine::query::{BackAdjusted, OpenedSeries, QueryError, Select};

use super::{SETUPS, as_of, day, plain, server};
use crate::textbook::clock::TextClock;
use crate::textbook::fold::round;
use crate::textbook::series::{TextCascade, TextDay};
use crate::textbook::world::{self, MINUTE, World, assert_bars, candles};
use crate::textbook::{Dice, text};

/// What a calendar file says: date, kind, value.
type Said = (String, &'static str, f64);

/// A calendar with events of all kinds, before, within and after some days; dates differ.
fn calendar(dice: &mut Dice, first: Day, days: i32) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for at in -3..days + 3 {
        let kind = match dice.below(9) {
            0..4 => "roll",
            4 => "split",
            5 => "dividend",
            _ => continue,
        };
        let value = match kind {
            "split" => *dice.pick(&[2.0, 4.0, 0.5, 3.0]),
            "dividend" => dice.below(500) as f64 / 10_000.0,
            _ => (dice.below(2_000) as f64 - 1_000.0) / 10_000.0,
        };
        said.push((first.plus(at).to_string(), kind, value));
    }
    dice.shuffle(&mut said);
    said
}

/// The server's clock as a text, which sorts as time does.
fn shown(server: &TextClock, time_ms: i64) -> String {
    text(server.wall(time_ms))
}

/// Whether an event is at or after a bar: a roll and a split happen at 23:59:59 of their date, a dividend at its begin.
fn is_ahead(said: &Said, label: &str) -> bool {
    match said.1 {
        "dividend" => label < format!("{} 00:00:00", said.0).as_str(),
        _ => label <= format!("{} 23:59:59", said.0).as_str(),
    }
}

/// One minute after another, and for each all events from the oldest to the newest.
fn adjusted(minutes: &[Bar], said: &[Said], adjustment: Adjustment, server: &TextClock) -> Vec<Bar> {
    let mut events: Vec<&Said> = said.iter().collect();
    events.sort_by_key(|said| (said.0.clone(), said.1 != "dividend", said.1));
    let labels: Vec<String> = minutes.iter().map(|bar| shown(server, bar.time_ms as i64)).collect();
    // The close right before each event, and what became of it since without a trade.
    let close_before = |at: usize| {
        let row = labels.iter().rposition(|label| is_ahead(events[at], label))?;
        let since = events[..at].iter().filter(|earlier| !is_after(earlier, &labels[row]));
        Some(since.fold(minutes[row].close, |price, earlier| by_addition(price, earlier)))
    };
    let factors: Vec<f64> = (0..events.len())
        .map(|at| match (events[at].1, close_before(at)) {
            ("split", _) => 1.0 / events[at].2,
            (_, Some(close)) => by_addition(close, events[at]) / close,
            (_, None) => 1.0,
        })
        .collect();
    let one = |(bar, label): (&Bar, &String)| {
        let ahead: Vec<usize> = (0..events.len()).filter(|at| is_ahead(events[*at], label)).collect();
        if ahead.is_empty() {
            return *bar;
        }
        let price = |price: f64| {
            let moved = ahead.iter().fold(price, |price, at| match adjustment {
                Adjustment::Panama => by_addition(price, events[*at]),
                Adjustment::Ratio => price * factors[*at],
            });
            round(moved, 6)
        };
        let (open, high, low, close) = (price(bar.open), price(bar.high), price(bar.low), price(bar.close));
        Bar { open, high, low, close, ..*bar }.sealed()
    };
    minutes.iter().zip(&labels).map(one).collect()
}

/// Whether a bar is later than an event.
fn is_after(said: &Said, label: &str) -> bool {
    !is_ahead(said, label)
}

fn by_addition(price: f64, said: &Said) -> f64 {
    match said.1 {
        "split" => price / said.2,
        "dividend" => price - said.2,
        _ => price + said.2,
    }
}

fn write(world: &World, said: &[Said]) {
    let lines: String = said.iter().map(|(date, kind, value)| format!("{date},{value},{kind}\n")).collect();
    world.lake.write_rollover(&world.symbol, &format!("date,gap,kind\n{lines}")).expect("written");
}

fn select(world: &World, timeframe: &Timeframe, adjustment: Option<Adjustment>) -> Select {
    Select { symbol: world.symbol.clone(), timeframe: timeframe.clone(), skip_last: false, adjustment }
}

/// Committed and open bars as stored, and the way to the adjusted ones handed to `look`.
fn with_bars(
    world: &World,
    timeframe: &Timeframe,
    adjustment: Adjustment,
    look: impl FnOnce(&[Bar], &BackAdjusted<'_>),
) {
    let cascade = world.cascade();
    let read = OpenedSeries::read(&world.lake, &world.symbol, &cascade, timeframe).expect("a series");
    let mut stored = read.view.as_ref().map_or(Vec::new(), |view| view.bars().to_vec());
    stored.extend(read.open.iter().map(|bar| bar.sealed()));
    let select = select(world, timeframe, Some(adjustment));
    let adjusted = BackAdjusted::new(&world.lake, &select, &cascade, &read).expect("a calendar");
    look(&stored, &adjusted.expect("an adjustment was asked for"));
}

/// Bars whose prices may differ by a unit in the last decimal, as products in another order do.
fn assert_near(expected: &[Bar], found: &[Bar], what: &str) {
    assert_eq!(expected.len(), found.len(), "{what}");
    for (a, b) in expected.iter().zip(found) {
        let prices = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close];
        let near = prices(a).iter().zip(prices(b)).all(|(a, b)| (a - b).abs() <= 1.1e-5 * a.abs().max(1.0));
        let rest = |bar: &Bar| (bar.time_ms, bar.volume.to_bits(), bar.count, bar.flags, bar.utc_offset_s);
        assert!(near && rest(a) == rest(b), "{what} {}:\n {a:?}\n {b:?}", text(a.time_ms as i64));
    }
}

/// Sums of decimals are the same in any order.
fn same_bars(said: &[Said], adjustment: Adjustment) -> fn(&[Bar], &[Bar], &str) {
    let only_sums = adjustment == Adjustment::Panama && said.iter().all(|said| said.1 == "roll");
    if only_sums { |expected, found, what| assert_bars(expected, found, what) } else { assert_near }
}

fn hold_to_the_textbook(world: &World, said: &[Said], dice: &mut Dice, what: &str) {
    let cascade = TextCascade::new(&world.symbol, &world.settings);
    let (minutes, _) = world.text_minutes();
    for adjustment in [Adjustment::Panama, Adjustment::Ratio] {
        let assert_same = same_bars(said, adjustment);
        let moved = adjusted(&minutes, said, adjustment, &cascade.server);
        let mut expected: BTreeMap<Timeframe, Vec<Bar>> = cascade.all(&moved);
        expected.insert(Timeframe::minute(), moved);
        for (timeframe, expected) in &expected {
            let what = format!("{what} {timeframe}:{adjustment}");
            with_bars(world, timeframe, adjustment, |stored, back| {
                assert_same(expected, &back.bars(stored).expect("bars"), &what);
                for _ in 0..4 {
                    let from = dice.below(stored.len() as u64 + 1) as usize;
                    let to = from + dice.below(40.min(stored.len() - from) as u64 + 1) as usize;
                    let found = back.bars(&stored[from..to]).expect("bars");
                    assert_same(&expected[from..to], &found, &format!("{what} rows {from}..{to}"));
                }
            });
        }
    }
}

#[test]
fn any_slice_is_the_fold_of_adjusted_minutes_in_every_setup() {
    for (place, (what, setup, first)) in SETUPS.into_iter().enumerate() {
        let dice = &mut Dice(60 + place as u64);
        let days = 40;
        let world = super::rebuilt(setup, &world::feed(dice, day(first), days, 30), what);
        let said = calendar(dice, day(first), days);
        let rolls: Vec<Said> = said.iter().filter(|said| said.1 == "roll").cloned().collect();
        assert!(rolls.len() > 10 && said.len() > rolls.len() + 4, "{said:?}");
        for said in [said, rolls] {
            write(&world, &said);
            hold_to_the_textbook(&world, &said, dice, what);
        }
    }
}

#[test]
fn bars_that_may_still_change_are_adjusted_too() {
    let dice = &mut Dice(71);
    let mut world = World::new(server);
    let first = day("2024-03-04");
    for (day, said) in world::feed(dice, first, 6, 60) {
        world.receive(day, said);
    }
    let today = first.plus(6);
    let now_ms = today.start_ms() + 500 * MINUTE;
    let said = TextDay { candles: as_of(&candles(dice, today, 300), now_ms), asked_ms: Some(now_ms) };
    world.receive(today, said);
    world.run(today);
    // The last roll is not over yet: every bar is at or before it.
    let said = [first.plus(2), first.plus(4), today].map(|day| (day.to_string(), "roll", -0.25));
    write(&world, &said);
    hold_to_the_textbook(&world, &said, dice, "a running day");
}

#[test]
fn after_the_last_event_nothing_changes_to_the_last_bit() {
    for (what, setup, first) in SETUPS {
        let mut world = super::rebuilt(setup, &world::feed(&mut Dice(9), day(first), 12, 60), what);
        world.settings.resample.round_decimals = 8;
        let last = day(first).plus(5);
        write(&world, &[(last.to_string(), "roll", -0.123456)]);
        let server = TextCascade::new(&world.symbol, &world.settings).server;
        let until = format!("{last} 23:59:59");
        let mut compared = 0;
        for timeframe in world.keys().into_iter().map(|key| key.timeframe) {
            with_bars(&world, &timeframe, Adjustment::Panama, |stored, back| {
                let bars = back.bars(stored).expect("bars");
                // A year is longer than any bar but the year's, whose own minutes the textbook test looks at.
                for (stored, bar) in stored.iter().zip(&bars) {
                    if timeframe.is_minute() && shown(&server, stored.time_ms as i64) > until {
                        assert_bars(&[*stored], [*bar], what);
                        compared += 1;
                    }
                }
                let later = stored.partition_point(|bar| (bar.time_ms as i64) <= last.plus(2).start_ms());
                if timeframe.as_str() == "1h" {
                    assert_bars(&stored[later..], &bars[later..], what);
                    assert!(later < stored.len(), "{what}");
                }
            });
        }
        assert!(compared > 50, "{what}: {compared} bars");
    }
}

#[test]
fn a_calendar_without_events_leaves_every_series_as_it_is() {
    let world = super::rebuilt(server, &world::feed(&mut Dice(4), day("2024-03-04"), 9, 60), "server");
    write(&world, &[]);
    for timeframe in world.keys().into_iter().map(|key| key.timeframe) {
        for adjustment in [Adjustment::Panama, Adjustment::Ratio] {
            with_bars(&world, &timeframe, adjustment, |stored, back| {
                assert_bars(stored, back.bars(stored).expect("bars"), "nothing happened");
            });
        }
    }
}

#[test]
fn what_was_folded_by_other_grids_is_refused_and_not_mixed() {
    let mut world = super::rebuilt(plain, &world::feed(&mut Dice(4), day("2024-03-04"), 9, 200), "plain");
    write(&world, &[("2024-03-09".to_owned(), "roll", 0.5)]);
    world::new_york_server(&mut world.settings);
    world.settings.resample.timeframes[4].origin = engine::model::timeframe::Origin::At { minutes: 60 };
    with_bars(&world, &"4h".parse().expect("4h"), Adjustment::Panama, |stored, back| {
        let error = back.bars(stored).expect_err("other bars");
        assert!(matches!(error, QueryError::Unfolded { .. }), "{error}");
        assert!(error.to_string().contains("engine rebuild resample --symbols EUR-USD"), "{error}");
    });
}
