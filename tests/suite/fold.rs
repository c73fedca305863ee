//! The fold and the grids against the textbook, over random clocks, rules, edges, sessions and rows.

mod cascade;
mod post;

use engine::model::clock::Clock;
use engine::model::fold::{Fold, Recipe, Remainder};
use engine::model::grid::Lattice;
use engine::model::post::Steps;
use engine::model::settings::{Session, SessionTimeframe};
use engine::model::timeframe::{Origin, Rule, Side};
use engine::model::{Bar, TimeframeSpec};
use engine::store::Commit;
use proptest::prelude::*;

use crate::textbook::clock::{Kind, TextClock, any_clock, new_york_map};
use crate::textbook::fold::{TextSeries, fold};
use crate::textbook::grid::TextLattice;
use crate::textbook::post::TextSteps;
use crate::textbook::world::{assert_bars, spec};
use crate::textbook::{Dice, at, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

const RULES: [&str; 17] = [
    "2T", "5T", "15min", "30T", "1H", "2h", "3h", "4h", "8h", "12h", "1D", "W-MON", "W-SUN", "MS", "QS",
    "YS", "W-THU",
];

/// The engine's clock for the textbook's.
fn engine_clock(clock: &TextClock) -> Clock {
    match &clock.kind {
        Kind::Fixed(offset) => Clock::fixed((offset / 1000) as i32),
        Kind::Zone(zone) => Clock::of_zone(*zone),
        Kind::Server(zone, map, otherwise) => Clock::of_server(*zone, map, *otherwise),
    }
}

/// One timeframe, both ways.
#[derive(Debug)]
struct Case {
    recipe: Recipe,
    lattice: TextLattice,
    steps: TextSteps,
    rows: Vec<Bar>,
    source_ms: i64,
    spec: TimeframeSpec,
}

fn any_side(dice: &mut Dice) -> Side {
    if dice.once_in(4) { Side::Right } else { Side::Left }
}

fn any_spec(dice: &mut Dice) -> TimeframeSpec {
    let rule: &str = dice.pick::<&str>(&RULES);
    let mut made = spec("x", "1m", rule);
    made.label = any_side(dice);
    made.closed = any_side(dice);
    if dice.once_in(2) {
        made.origin = Origin::At { minutes: dice.below(1440) as u16 };
    }
    made
}

fn any_session(dice: &mut Dice) -> Session {
    let minute = |dice: &mut Dice| dice.below(1440) as u16;
    // A catch-all carries steps only, never an origin.
    let catch_all = dice.once_in(8);
    let origin = match dice.below(4) {
        _ if catch_all => None,
        0 => None,
        1 => Some(Origin::Epoch),
        _ => Some(Origin::At { minutes: minute(dice) }),
    };
    let change = SessionTimeframe { origin, post: Vec::new() };
    Session {
        name: "s".to_owned(),
        from_wall_ms: dice.once_in(4).then(|| at("2024-03-01") + dice.below(300) as i64 * HOUR),
        to_wall_ms: dice.once_in(4).then(|| at("2024-11-01") + dice.below(300) as i64 * HOUR),
        weekdays: if dice.once_in(4) { vec![0, 2, 4] } else { Vec::new() },
        ranges: (0..1 + dice.below(2)).map(|_| (minute(dice), minute(dice))).collect(),
        catch_all,
        timeframes: [("x".parse().expect("a timeframe"), change)].into(),
    }
}

/// Gappy rows over some days around a change of the clocks, or somewhere.
fn any_rows(dice: &mut Dice, server: &TextClock, long: bool) -> Vec<Bar> {
    let begins = ["2024-03-09", "2024-03-30", "2024-10-26", "2024-11-02", "2023-12-30", "2024-06-12"];
    let mut time_ms = at(dice.pick::<&str>(&begins)) + dice.below(1440) as i64 * MINUTE;
    let count = 100 + dice.below(1500);
    let stride = if long { 200 } else { 1 + dice.below(8) };
    let mut rows = Vec::new();
    for _ in 0..count {
        let gap = if dice.once_in(60) { dice.below(1500) } else { dice.below(stride) };
        time_ms += (1 + gap as i64) * MINUTE;
        rows.push(any_row(dice, time_ms, server));
    }
    rows
}

fn any_row(dice: &mut Dice, time_ms: i64, server: &TextClock) -> Bar {
    let mut price = || 1.0 + dice.below(1_000_000) as f64 / 1e7;
    let (open, close) = (price(), price());
    let (high, low) = (open.max(close) + price(), open.min(close) - price() / 2.0);
    let volume = if dice.once_in(4) { 0.0 } else { dice.below(1000) as f64 / 10.0 };
    Bar {
        time_ms: time_ms as u64,
        open,
        high,
        low,
        close,
        volume,
        utc_offset_s: (server.offset_ms(time_ms) / 1000) as i32,
        count: 1 + dice.below(3) as u32,
        flags: u32::from(dice.once_in(50)),
        crc32c: 0,
    }
    .sealed()
}

fn any_case(seed: u64, with_sessions: bool) -> Case {
    let dice = &mut Dice(seed);
    let server = any_clock(dice);
    let mut spec = any_spec(dice);
    let zones = [chrono_tz::Asia::Singapore, chrono_tz::Australia::Sydney, chrono_tz::Europe::Berlin];
    let exchange = with_sessions.then(|| TextClock::new(Kind::Zone(*dice.pick(&zones))));
    let mut sessions: Vec<Session> = (0..3).filter(|_| with_sessions).map(|_| any_session(dice)).collect();
    if with_sessions && spec.rule.length_ms().is_none() {
        spec.rule = Rule::Fixed { length_ms: 4 * HOUR };
    }
    let lattice = TextLattice::new(&spec, &sessions, exchange.as_ref(), &server);
    let long = spec.rule.length_ms().is_none_or(|length| length >= 12 * HOUR);
    let rows = any_rows(dice, &server, long);
    let last_ms = rows[rows.len() - 1].time_ms as i64 + MINUTE;
    // The source may be known to be complete much later than its last row, and at any minute.
    let source_ms = last_ms + if dice.once_in(2) { 0 } else { dice.below(4000) as i64 * MINUTE };
    if dice.once_in(2) {
        let unmerged = fold(&rows, source_ms, &lattice, &TextSteps::none(&server), 8);
        post::add_steps(dice, &mut spec, &mut sessions, &unmerged.all());
    }
    let clock = exchange.as_ref().map(engine_clock);
    let recipe = Recipe {
        lattice: Lattice::new(&spec, &sessions, clock.as_ref(), &engine_clock(&server)),
        post: Steps::new(&spec, &sessions, clock.as_ref(), &engine_clock(&server)),
        round_decimals: *dice.pick(&[2, 5, 8]),
    };
    let steps = TextSteps::new(&spec, &sessions, exchange.as_ref(), &server);
    Case { recipe, lattice, steps, rows, source_ms, spec }
}

/// Folds in pieces of random sizes.
fn engine_fold(case: &Case, dice: &mut Dice) -> (Vec<Bar>, Remainder) {
    let mut made = Vec::new();
    let mut fold = Fold::resume(&case.recipe, 0, None);
    let mut rest = case.rows.as_slice();
    while !rest.is_empty() {
        let size = if dice.once_in(3) { rest.len() } else { 1 + dice.below(200) as usize };
        let (piece, later) = rest.split_at(size.min(rest.len()));
        fold.push(piece);
        rest = later;
        if dice.once_in(2) {
            fold.take_done(&mut made);
        }
    }
    let (remainder, last) = fold.finish(case.source_ms);
    made.extend(last);
    (made, remainder)
}

fn sealed(mut bars: Vec<Bar>) -> Vec<Bar> {
    Bar::seal_all(&mut bars);
    bars
}

fn assert_is_textbook(case: &Case, dice: &mut Dice) -> TextSeries {
    let expected = fold(&case.rows, case.source_ms, &case.lattice, &case.steps, case.recipe.round_decimals);
    let (committed, remainder) = engine_fold(case, dice);
    let what = format!("{:?} up to {}", case.spec, text(case.source_ms));
    assert_eq!(text(remainder.watermark_ms), text(expected.watermark_ms), "{what}: watermark");
    assert_bars(&expected.committed, sealed(committed), &format!("{what}: committed"));
    assert_bars(&expected.open, sealed(remainder.open), &format!("{what}: open"));
    assert!(remainder.resume_row <= expected.resume_row, "{what}: resumes after an open bar's first row");
    let mut whole = Fold::resume(&case.recipe, 0, None);
    whole.push(&case.rows);
    assert_bars(&expected.all(), sealed(whole.rest()), &format!("{what}: all"));
    assert_laws(case, &expected, &what);
    expected
}

/// What holds for every fold, whoever made it.
fn assert_laws(case: &Case, series: &TextSeries, what: &str) {
    let rows = &case.rows;
    let all = series.all();
    assert!(all.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms), "{what}: labels do not increase");
    let counted: u64 = all.iter().map(|bar| u64::from(bar.count)).sum();
    let came: u64 = rows.iter().map(|row| u64::from(row.count)).sum();
    assert!(counted <= came, "{what}");
    let none = TextSteps::none(&TextClock::new(Kind::Fixed(0)));
    let unmerged = fold(rows, case.source_ms, &case.lattice, &none, case.recipe.round_decimals);
    let folded: u64 = unmerged.all().iter().map(|bar| u64::from(bar.count)).sum();
    assert_eq!(counted, folded, "{what}: a merge lost or doubled something");
    let volume: f64 = all.iter().map(|bar| bar.volume).sum();
    let traded: f64 = rows.iter().map(|row| row.volume).sum();
    assert!((volume - traded).abs() < 0.01 * all.len() as f64 + 1e-6, "{what}: {volume} of {traded}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fold_in_pieces_is_the_textbooks(seed: u64) {
        assert_is_textbook(&any_case(seed, false), &mut Dice(seed ^ 1));
    }

    #[test]
    fn a_fold_over_sessions_is_the_textbooks(seed: u64) {
        assert_is_textbook(&any_case(seed, true), &mut Dice(seed ^ 1));
    }

    #[test]
    fn a_fold_that_stops_and_resumes_is_one_that_never_stopped(seed: u64) {
        let case = any_case(seed, seed.is_multiple_of(2));
        let dice = &mut Dice(seed ^ 2);
        let mut series: Vec<Bar> = Vec::new();
        let (mut resume_row, mut known, mut watermark_ms) = (0, 0, 0);
        while known < case.rows.len() {
            known = (known + 1 + dice.below(300) as usize).min(case.rows.len());
            let source_ms = match known == case.rows.len() {
                true => case.source_ms,
                false => case.rows[known - 1].time_ms as i64 + MINUTE,
            };
            let commit = Commit { watermark_ms, ..Commit::default() };
            let mut fold = Fold::resume(&case.recipe, resume_row, commit.known_until(&series));
            fold.push(&case.rows[resume_row..known]);
            if known < case.rows.len() && dice.once_in(2) {
                // Between two batches, without knowing how far the source is true.
                let before = series.len();
                fold.take_done(&mut series);
                if series.len() > before {
                    resume_row = fold.resume_row();
                    watermark_ms = watermark_ms.max(fold.watermark_ms(source_ms - MINUTE) as u64);
                }
                continue;
            }
            let (remainder, done) = fold.finish(source_ms);
            series.extend(done);
            resume_row = remainder.resume_row;
            watermark_ms = remainder.watermark_ms as u64;
        }
        let expected = fold(&case.rows, case.source_ms, &case.lattice, &case.steps, case.recipe.round_decimals);
        assert_bars(&expected.committed, sealed(series), &format!("{:?}", case.spec));
    }

    #[test]
    fn going_back_leaves_what_that_watermark_would_have_committed(seed: u64) {
        let case = any_case(seed, seed.is_multiple_of(3));
        let dice = &mut Dice(seed ^ 3);
        let decimals = case.recipe.round_decimals;
        let whole = fold(&case.rows, case.source_ms, &case.lattice, &case.steps, decimals);
        let row = dice.pick(&case.rows).time_ms as i64;
        let back_ms = row + if dice.once_in(3) { dice.below(120) as i64 * MINUTE } else { 0 };
        let back_ms = back_ms.min(case.source_ms);
        let before: Vec<Bar> =
            case.rows.iter().filter(|row| (row.time_ms as i64) < back_ms).copied().collect();
        let expected = fold(&before, back_ms, &case.lattice, &case.steps, decimals);
        let rewound = case.recipe.rewound(&whole.committed, Some(&case.rows), back_ms);
        let what = format!("{:?} back to {}", case.spec, text(back_ms));
        assert_bars(&expected.committed, &whole.committed[..rewound.kept], &what);
        prop_assert!(rewound.watermark_ms <= expected.watermark_ms, "{}: {} > {}", what, text(rewound.watermark_ms), text(expected.watermark_ms));
        prop_assert!(rewound.resume_row <= expected.resume_row, "{what}: resumes too late");
    }

    #[test]
    fn watermarks_never_go_back_and_are_never_broken(seed: u64) {
        let case = any_case(seed, true);
        let mut source_ms = case.rows[0].time_ms as i64;
        let mut last_ms = i64::MIN;
        let dice = &mut Dice(seed);
        for _ in 0..60 {
            let watermark_ms = case.recipe.watermark(source_ms);
            prop_assert!(watermark_ms >= last_ms, "{:?} at {}", case.spec, text(source_ms));
            last_ms = watermark_ms;
            let later: Vec<&Bar> =
                case.rows.iter().filter(|row| row.time_ms as i64 >= source_ms).take(50).collect();
            for row in later {
                let label = case.lattice.place(row.time_ms as i64, i64::from(row.utc_offset_s)).label_ms;
                let label = label + case.recipe.post.shift_ms();
                prop_assert!(label >= watermark_ms, "{:?}: {} < {}", case.spec, text(label), text(watermark_ms));
            }
            source_ms += dice.below(1200) as i64 * MINUTE;
        }
    }
}

/// The server label of a row at a server time, on a server that is UTC.
fn label(rule: &str, origin: Option<u16>, row: &str) -> String {
    let mut spec = spec("x", "1m", rule);
    spec.origin = origin.map_or(Origin::Epoch, |minutes| Origin::At { minutes });
    let lattice = Lattice::new(&spec, &[], None, &Clock::fixed(0));
    let engine = lattice.grids()[0].bucket(at(row), 0).label_ms;
    let slow = TextLattice::new(&spec, &[], None, &TextClock::new(Kind::Fixed(0))).place(at(row), 0);
    assert_eq!(engine, slow.label_ms);
    text(engine)
}

#[test]
fn the_grid_vectors_of_the_contract() {
    let row = "2024-01-01 00:00";
    assert_eq!(label("4H", Some(60), row), "2023-12-31 21:00:00");
    assert_eq!(label("4H", Some(8 * 60 + 10), row), "2023-12-31 20:10:00");
    assert_eq!(label("4H", Some(50), row), "2023-12-31 20:50:00");
    assert_eq!(label("4H", None, row), "2024-01-01 00:00:00");
    assert_eq!(label("W-MON", None, "2023-12-28"), "2023-12-25 00:00:00");
    assert_eq!(label("MS", None, "2023-12-28"), "2023-12-01 00:00:00");
    assert_eq!(label("YS", None, "2023-12-28"), "2023-01-01 00:00:00");
    assert_eq!(label("QS", None, "2023-12-28"), "2023-10-01 00:00:00");
    assert_eq!(label("W-SUN", None, "2023-12-28"), "2023-12-24 00:00:00");
    assert_eq!(label("MS", Some(60), "2023-12-28"), "2023-12-01 00:00:00", "calendar rules have no origin");
}

fn no_steps() -> Steps {
    Steps::new(&spec("x", "1m", "1h"), &[], None, &Clock::fixed(0))
}

/// One row every minute from one instant to another.
fn every_minute(server: &TextClock, from: &str, to: &str) -> Vec<Bar> {
    let row = |time_ms: i64| Bar {
        time_ms: time_ms as u64,
        open: 1.0,
        high: 1.0,
        low: 1.0,
        close: 1.0,
        volume: 1.0,
        utc_offset_s: (server.offset_ms(time_ms) / 1000) as i32,
        count: 1,
        ..Bar::default()
    };
    (at(from)..at(to)).step_by(MINUTE as usize).map(row).collect()
}

/// Server label and count of every bar.
fn folded(server: &TextClock, rule: &str, from: &str, to: &str) -> Vec<(String, String, u32)> {
    let rows = every_minute(server, from, to);
    let lattice = Lattice::new(&spec("x", "1m", rule), &[], None, &engine_clock(server));
    let recipe = Recipe { lattice, post: no_steps(), round_decimals: 8 };
    let mut fold = Fold::resume(&recipe, 0, None);
    fold.push(&rows);
    let told = |bar: &Bar| (text(bar.time_ms as i64), text(bar.server_ms())[11..16].to_owned(), bar.count);
    fold.rest().iter().map(told).collect()
}

fn told(bars: &[(&str, &str, u32)]) -> Vec<(String, String, u32)> {
    bars.iter().map(|(utc, server, count)| (format!("{utc}:00"), server.to_string(), *count)).collect()
}

#[test]
fn the_repeated_hour_of_an_autumn_night_keeps_its_two_hours_apart() {
    let berlin = TextClock::new(Kind::Zone(chrono_tz::Europe::Berlin));
    assert_eq!(
        folded(&berlin, "1h", "2024-10-26 23:00", "2024-10-27 03:00"),
        told(&[
            ("2024-10-26 23:00", "01:00", 60),
            ("2024-10-27 00:00", "02:00", 60),
            ("2024-10-27 01:00", "02:00", 60),
            ("2024-10-27 02:00", "03:00", 60),
        ])
    );
}

#[test]
fn long_bars_over_a_clock_change_are_an_hour_longer_or_shorter() {
    let new_york = TextClock::new(Kind::Server(chrono_tz::America::New_York, new_york_map(), 0));
    assert_eq!(
        folded(&new_york, "4h", "2024-11-02 21:00", "2024-11-03 14:00"),
        told(&[
            ("2024-11-02 21:00", "00:00", 240),
            ("2024-11-03 01:00", "04:00", 240),
            ("2024-11-03 05:00", "08:00", 300),
            ("2024-11-03 10:00", "12:00", 240),
        ])
    );
    assert_eq!(
        folded(&new_york, "4h", "2024-03-09 22:00", "2024-03-10 13:00"),
        told(&[
            ("2024-03-09 22:00", "00:00", 240),
            ("2024-03-10 02:00", "04:00", 240),
            ("2024-03-10 06:00", "08:00", 180),
            ("2024-03-10 09:00", "12:00", 240),
        ])
    );
    let berlin = TextClock::new(Kind::Zone(chrono_tz::Europe::Berlin));
    assert_eq!(
        folded(&berlin, "1D", "2024-10-25 22:00", "2024-10-28 23:00"),
        told(&[
            ("2024-10-25 22:00", "00:00", 1440),
            ("2024-10-26 22:00", "00:00", 1500),
            ("2024-10-27 23:00", "00:00", 1440),
        ])
    );
}

/// An edge inside the hour that is left out, and one inside the hour that comes twice.
#[test]
fn an_edge_in_the_changed_hour_is_the_first_instant_that_shows_it_or_later() {
    let berlin = TextClock::new(Kind::Zone(chrono_tz::Europe::Berlin));
    let mut odd = spec("x", "1m", "2h");
    odd.origin = Origin::At { minutes: 30 };
    let lattice = Lattice::new(&odd, &[], None, &engine_clock(&berlin));
    let place = |row: &str| {
        let bucket = lattice.grids()[0].bucket(at(row), (berlin.offset_ms(at(row)) / 1000) as i32);
        let wall = text(bucket.label_ms + 1000 * i64::from(bucket.utc_offset_s))[11..16].to_owned();
        (text(bucket.label_ms)[11..16].to_owned(), wall)
    };
    let pair = |utc: &str, wall: &str| (utc.to_owned(), wall.to_owned());
    // 02:30 is never shown on 2024-03-31: the bar begins when the clock jumps to 03:00, and is still called 02:30.
    assert_eq!(place("2024-03-31 00:59"), pair("23:30", "00:30"));
    assert_eq!(place("2024-03-31 01:00"), pair("01:00", "02:30"));
    assert_eq!(place("2024-03-31 02:29"), pair("01:00", "02:30"));
    // 02:30 is shown twice on 2024-10-27: the first time counts, and the bar is not opened again.
    assert_eq!(place("2024-10-27 00:29"), pair("22:30", "00:30"));
    assert_eq!(place("2024-10-27 00:30"), pair("00:30", "02:30"));
    assert_eq!(place("2024-10-27 01:10"), pair("00:30", "02:30"));
    assert_eq!(place("2024-10-27 03:29"), pair("00:30", "02:30"));
    assert_eq!(place("2024-10-27 03:30"), pair("03:30", "04:30"));
}

#[test]
fn bars_without_volume_are_dropped_and_a_bar_of_such_rows_never_appears() {
    let utc = TextClock::new(Kind::Fixed(0));
    let mut rows = every_minute(&utc, "2024-01-02 00:00", "2024-01-02 00:30");
    rows[5..10].iter_mut().for_each(|row| row.volume = 0.0);
    rows[20].volume = 0.0;
    let recipe = Recipe {
        lattice: Lattice::new(&spec("5m", "1m", "5T"), &[], None, &Clock::fixed(0)),
        post: no_steps(),
        round_decimals: 8,
    };
    let mut fold = Fold::resume(&recipe, 0, None);
    fold.push(&rows);
    let (remainder, done) = fold.finish(at("2024-01-02 00:30"));
    let told: Vec<_> =
        done.iter().map(|bar| (text(bar.time_ms as i64)[11..16].to_owned(), bar.count, bar.volume)).collect();
    let bar = |label: &str, count: u32, volume: f64| (label.to_owned(), count, volume);
    let expected = [
        bar("00:00", 5, 5.0),
        bar("00:10", 5, 5.0),
        bar("00:15", 5, 5.0),
        bar("00:20", 5, 4.0),
        bar("00:25", 5, 5.0),
    ];
    assert_eq!(told, expected);
    assert!(remainder.open.is_empty());
    assert_eq!(remainder.resume_row, 30);
}
