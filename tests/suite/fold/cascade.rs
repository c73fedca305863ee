//! The cascade: its order, its fingerprints, and the fold of a whole symbol in memory.

use engine::model::Symbol;
use engine::model::cascade::Cascade;
use engine::model::settings::{AdjustOp, AdjustStep, PriceColumn, TimezoneGroup, TransformSymbol, Validate};
use engine::model::settings::{ResampleSymbol, SessionTimeframe, Settings};
use engine::model::timeframe::{Origin, Side};

use super::{any_session, sealed};
use crate::textbook::Dice;
use crate::textbook::post::merge;
use crate::textbook::series::{TextCascade, minutes};
use crate::textbook::world::{self, assert_bars};

const HOUR: i64 = 3_600_000;

/// A name, and what it does to the settings.
type Change<'a> = (&'a str, &'a dyn Fn(&mut Settings));

fn cascade_settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = world::settings(std::path::Path::new("/nowhere"));
    change(&mut settings);
    settings
}

fn eur_usd() -> Symbol {
    "EUR-USD".parse().expect("a symbol")
}

#[test]
fn sources_come_before_what_is_folded_from_them_in_any_file_order() {
    let mut dice = Dice(11);
    for _ in 0..50 {
        let settings = cascade_settings(|settings| dice.shuffle(&mut settings.resample.timeframes));
        let cascade = Cascade::new(&eur_usd(), &settings).expect("an order");
        assert_eq!(cascade.steps.len(), 10);
        for (i, step) in cascade.steps.iter().enumerate() {
            let source = &step.spec.source;
            let earlier = cascade.steps[..i].iter().any(|other| other.spec.id == *source);
            assert!(source.is_minute() || earlier, "{} before {source}", step.spec.id);
        }
    }
}

#[test]
fn circles_unknown_and_skipped_sources_have_no_order() {
    let circle = |settings: &mut Settings| settings.resample.timeframes[0].source = "1h".parse().expect("1h");
    assert!(Cascade::new(&eur_usd(), &cascade_settings(circle)).is_err());
    let itself = |settings: &mut Settings| settings.resample.timeframes[3].source = "1h".parse().expect("1h");
    assert!(Cascade::new(&eur_usd(), &cascade_settings(itself)).is_err());
    let unknown =
        |settings: &mut Settings| settings.resample.timeframes[3].source = "7h".parse().expect("7h");
    assert!(Cascade::new(&eur_usd(), &cascade_settings(unknown)).is_err());
    let skipped = |settings: &mut Settings| {
        let skip_timeframes = vec!["4h".parse().expect("4h")];
        let own = ResampleSymbol { skip_timeframes, ..ResampleSymbol::default() };
        settings.resample.symbols.insert(eur_usd(), own);
    };
    assert!(Cascade::new(&eur_usd(), &cascade_settings(skipped)).is_err());
}

/// The fingerprint of a series changes with everything its numbers depend on, and with nothing else.
#[test]
fn fingerprints_differ_when_any_ingredient_does() {
    let print = |change: &dyn Fn(&mut Settings)| {
        let cascade = Cascade::new(&eur_usd(), &cascade_settings(change)).expect("an order");
        let day = cascade.step(&"1d".parse().expect("1d")).expect("a default timeframe").fingerprint;
        (cascade.minute_fingerprint, day)
    };
    let plain = print(&|_| ());
    assert_eq!(plain, print(&|_| ()), "the same settings");
    let own = |settings: &mut Settings, own: ResampleSymbol| {
        settings.resample.symbols.insert(eur_usd(), own);
    };
    let session = || {
        let mut made = any_session(&mut Dice(5));
        made.catch_all = false;
        made.timeframes = [(
            "4h".parse().expect("4h"),
            SessionTimeframe { origin: Some(Origin::At { minutes: 50 }), post: Vec::new() },
        )]
        .into();
        made
    };
    let minute_too: [Change; 7] = [
        ("rounding", &|s| s.transform.round_decimals = 5),
        ("shift", &|s| s.transform.time_shift_ms = HOUR),
        ("validation", &|s| s.transform.validate = Validate::Off),
        ("clock", &world::new_york_server),
        ("clock map", &|s| {
            world::new_york_server(s);
            s.transform.timezones[0].offset_to_shift_map.insert(-240, 4 * HOUR);
        }),
        ("another clock", &|s| {
            s.transform.timezones = vec![TimezoneGroup {
                zone: chrono_tz::Europe::Helsinki,
                offset_to_shift_map: [(120, 2 * HOUR), (180, 3 * HOUR)].into(),
                symbols: vec![eur_usd()],
                takes_the_rest: false,
            }];
        }),
        ("steps of the transform", &|s| {
            let step = AdjustStep {
                op: AdjustOp::Multiply,
                columns: vec![PriceColumn::Volume],
                value: 1000.0,
                from_wall_ms: None,
                to_wall_ms: None,
            };
            let made = TransformSymbol { source: None, post: vec![step] };
            s.transform.symbols.insert(eur_usd(), made);
        }),
    ];
    let mut seen = vec![plain];
    for (what, change) in minute_too {
        let (minute, day) = print(change);
        assert!(seen.iter().all(|(m, d)| *m != minute && *d != day), "{what} is not in the fingerprints");
        seen.push((minute, day));
    }
    let index = |id: &str| {
        world::default_timeframes().iter().position(|spec| spec.id.as_str() == id).expect("a default")
    };
    let (day, four, five) = (index("1d"), index("4h"), index("5m"));
    let stepped = |weekdays: Vec<u32>| {
        let mut made = session();
        made.weekdays = weekdays;
        let change = SessionTimeframe { origin: None, post: vec![merge(&["10:10:00"], -1)] };
        made.timeframes.insert("1d".parse().expect("1d"), change);
        made
    };
    let coarse_only: [Change; 16] = [
        ("rule", &|s| s.resample.timeframes[day].rule = "12h".parse().expect("a rule")),
        ("label", &|s| s.resample.timeframes[day].label = Side::Right),
        ("closed", &|s| s.resample.timeframes[day].closed = Side::Right),
        ("origin", &|s| s.resample.timeframes[day].origin = Origin::At { minutes: 1 }),
        ("source", &|s| s.resample.timeframes[day].source = "1h".parse().expect("1h")),
        ("its source's origin", &|s| s.resample.timeframes[four].origin = Origin::At { minutes: 60 }),
        ("its source's source's rule", &|s| s.resample.timeframes[five].rule = "3T".parse().expect("a rule")),
        ("rounding", &|s| s.resample.round_decimals = 5),
        ("own rounding", &|s| {
            own(s, ResampleSymbol { round_decimals: Some(3), ..ResampleSymbol::default() });
        }),
        ("sessions", &|s| {
            let timezone = Some(chrono_tz::Asia::Singapore);
            own(s, ResampleSymbol { timezone, sessions: vec![session()], ..ResampleSymbol::default() });
        }),
        ("steps", &|s| s.resample.timeframes[day].post = vec![merge(&["10:10:00"], -1)]),
        ("its source's steps", &|s| s.resample.timeframes[four].post = vec![merge(&["10:10:00"], -1)]),
        ("the clock that tells the dates of steps", &|s| {
            s.resample.timeframes[day].post = vec![merge(&["10:10:00"], -1)];
            let timezone = Some(chrono_tz::Asia::Singapore);
            own(s, ResampleSymbol { timezone, ..ResampleSymbol::default() });
        }),
        ("a session's steps", &|s| {
            let timezone = Some(chrono_tz::Asia::Singapore);
            let sessions = vec![stepped(Vec::new())];
            own(s, ResampleSymbol { timezone, sessions, ..ResampleSymbol::default() });
        }),
        ("the days of a session's steps", &|s| {
            let timezone = Some(chrono_tz::Asia::Singapore);
            let sessions = vec![stepped(vec![0])];
            own(s, ResampleSymbol { timezone, sessions, ..ResampleSymbol::default() });
        }),
        ("exchange clock", &|s| {
            let timezone = Some(chrono_tz::Australia::Sydney);
            own(s, ResampleSymbol { timezone, sessions: vec![session()], ..ResampleSymbol::default() });
        }),
    ];
    for (what, change) in coarse_only {
        let (minute, day) = print(change);
        assert_eq!(minute, plain.0, "{what} has nothing to do with 1m");
        assert!(seen.iter().all(|(_, d)| *d != day), "{what} is not in the fingerprint");
        seen.push((minute, day));
    }
    let batch = print(&|s| {
        s.resample.batch_size = 1;
        s.resample.fsync = true;
        s.num_processes = Some(7);
        s.paths.cache = "/elsewhere".into();
    });
    assert_eq!(batch, plain, "how the work is done is no ingredient");
}

#[test]
fn in_memory_and_slow_cascades_agree() {
    for seed in 0..6 {
        let dice = &mut Dice(seed);
        let settings = cascade_settings(|settings| {
            if seed % 2 == 0 {
                world::new_york_server(settings);
                settings.resample.timeframes[4].origin = Origin::At { minutes: 60 };
            }
        });
        let cascade = Cascade::new(&eur_usd(), &settings).expect("an order");
        let slow = TextCascade::new(&eur_usd(), &settings);
        let feed = world::feed(dice, "2024-02-20".parse().expect("a day"), 60, 40);
        let (bars, watermark_ms) = minutes(&feed, &slow.server, 8);
        let expected = slow.committed(&bars, watermark_ms);
        for (step, made) in cascade.steps.iter().zip(cascade.fold_all(&bars, watermark_ms)) {
            assert_bars(&expected[&step.spec.id].committed, sealed(made), step.spec.id.as_str());
        }
    }
}
