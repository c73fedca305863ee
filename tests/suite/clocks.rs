//! Clocks against a walk that asks the time zone database for every instant, and the vectors of SPEC 7.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use engine::model::TimeframeSpec;
use engine::model::clock::Clock;
use engine::model::grid::{Grid, Lattice};
use engine::model::settings::{Session, SessionTimeframe, TimezoneGroup};
use engine::model::timeframe::Origin;

use crate::textbook::clock::{Kind, TextClock, new_york_map, zone_offset_ms};
use crate::textbook::{Dice, at, text, world};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 86_400_000;

/// Whole and half hours, quarter hours, half-hour summer time, no summer time, a skipped day, changes of mind.
const ZONES: [Tz; 15] = [
    chrono_tz::Europe::Berlin,
    chrono_tz::Europe::London,
    chrono_tz::Europe::Helsinki,
    chrono_tz::America::New_York,
    chrono_tz::America::St_Johns,
    chrono_tz::America::Sao_Paulo,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Asia::Tehran,
    chrono_tz::Asia::Singapore,
    chrono_tz::Asia::Pyongyang,
    chrono_tz::Australia::Sydney,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Pacific::Chatham,
    chrono_tz::Africa::Casablanca,
];

/// The engine's clock beside the slow one.
fn pairs() -> Vec<(String, Clock, TextClock)> {
    let zone = |zone: &Tz| (zone.to_string(), Clock::of_zone(*zone), TextClock::new(Kind::Zone(*zone)));
    let server = |zone: Tz, map: BTreeMap<i32, i64>, otherwise: i64| {
        let clock = Clock::of_server(zone, &map, otherwise);
        (format!("server of {zone}"), clock, TextClock::new(Kind::Server(zone, map, otherwise)))
    };
    let mut pairs: Vec<_> = ZONES.iter().map(zone).collect();
    pairs.push(server(chrono_tz::America::New_York, new_york_map(), 0));
    pairs.push(server(
        chrono_tz::Europe::Helsinki,
        BTreeMap::from([(120, 2 * HOUR), (180, 3 * HOUR)]),
        0,
    ));
    // An offset that the map leaves out.
    pairs.push(server(chrono_tz::Europe::Berlin, BTreeMap::from([(60, HOUR)]), 5 * HOUR));
    // A map that makes nothing of the zone's changes.
    pairs.push(server(chrono_tz::Europe::Berlin, BTreeMap::from([(60, HOUR), (120, HOUR)]), 0));
    pairs.push(("fixed".to_owned(), Clock::fixed(-18_000), TextClock::new(Kind::Fixed(-5 * HOUR))));
    pairs
}

/// The hours from 2015 to 2030 in which the offset is not what it was an hour before.
fn changes(clock: &TextClock) -> Vec<i64> {
    let (first, last) = (at("2015-01-01"), at("2031-01-01"));
    let hours = (first..last).step_by(HOUR as usize);
    hours.filter(|hour| clock.offset_ms(*hour) != clock.offset_ms(hour - HOUR)).collect()
}

#[test]
fn offsets_are_the_databases_at_every_hour_and_around_every_change() {
    for (name, clock, slow) in pairs() {
        let odd = |t: i64| i64::from(clock.offset_s_at(t)) * 1000 != slow.offset_ms(t);
        let wrong = (at("2015-01-01")..at("2031-01-01")).step_by(3 * HOUR as usize).find(|t| odd(*t));
        assert_eq!(wrong.map(text), None, "{name}");
        for change in changes(&slow) {
            let mut minutes = (change - 3 * HOUR..change + 3 * HOUR).step_by(MINUTE as usize);
            let wrong = minutes.find(|t| odd(*t) || odd(t + MINUTE - 1));
            assert_eq!(wrong.map(text), None, "{name}");
        }
    }
}

#[test]
fn wall_times_around_every_change_are_those_of_a_minute_by_minute_walk() {
    for (name, clock, slow) in pairs() {
        for change in changes(&slow).into_iter().chain([at("2024-06-15 12:00")]) {
            let (begin, end) = (change - 6 * HOUR, change + 6 * HOUR);
            let mut latest = slow.wall(begin);
            for t in (begin..end).step_by(MINUTE as usize) {
                latest = latest.max(slow.wall(t));
                let when = || format!("{name} at {}", text(t));
                assert_eq!(clock.wall_ms(t), slow.wall(t), "{}", when());
                assert_eq!(text(clock.latest_wall_ms(t)), text(latest), "latest, {}", when());
                assert_eq!(clock.latest_wall_ms(t), latest, "latest, {}", when());
                // The clock goes on to the end of this minute before it may be set back.
                latest = latest.max(slow.wall(t + MINUTE - 1));
            }
            let (low, high) = (slow.wall(change) - 4 * HOUR, slow.wall(change) + 4 * HOUR);
            for wall in (low..high).step_by(MINUTE as usize) {
                let expected = slow.first_instant(wall);
                let found = clock.first_instant_ms(wall);
                assert_eq!(text(found), text(expected), "{name} shows {} first", text(wall));
                assert_eq!(found, expected, "{name}");
            }
        }
    }
}

#[test]
fn runs_cover_all_time_without_gap_and_without_two_alike() {
    for (name, clock, _) in pairs() {
        let runs = clock.runs();
        for pair in runs.windows(2) {
            assert_eq!(pair[0].end_ms, pair[1].start_ms, "{name}");
            assert_ne!(pair[0].offset_s, pair[1].offset_s, "{name}: {}", text(pair[0].end_ms));
        }
        assert!(runs[0].start_ms <= 0 && runs[runs.len() - 1].end_ms > at("2190-01-01"), "{name}");
    }
}

#[test]
fn the_first_group_that_names_a_symbol_wins_and_the_star_takes_the_rest() {
    let group = |zone: Tz, shift: i64, symbols: &[&str], star: bool| TimezoneGroup {
        zone,
        offset_to_shift_map: BTreeMap::from([(0, shift)]),
        symbols: symbols.iter().map(|name| name.parse().expect("a symbol")).collect(),
        takes_the_rest: star,
    };
    let mut settings = world::settings(std::path::Path::new("/nowhere")).transform;
    settings.time_shift_ms = 11 * HOUR;
    let offset = |settings: &_, name: &str| {
        Clock::of_symbol(&name.parse().expect("a symbol"), settings).offset_s_at(at("2024-01-15")) / 3600
    };
    assert_eq!(offset(&settings, "EUR-USD"), 11, "no group at all");
    settings.timezones = vec![
        group(chrono_tz::Etc::UTC, HOUR, &["BTC-USD"], true),
        group(chrono_tz::Etc::UTC, 2 * HOUR, &["EUR-USD", "BTC-USD"], false),
        group(chrono_tz::Etc::UTC, 3 * HOUR, &["EUR-USD"], true),
        group(chrono_tz::Asia::Tokyo, 4 * HOUR, &["USD-JPY"], false),
    ];
    assert_eq!(offset(&settings, "EUR-USD"), 2, "named beats a star before it, and the first name beats the second");
    assert_eq!(offset(&settings, "BTC-USD"), 1);
    assert_eq!(offset(&settings, "XAU-USD"), 1, "the first star");
    assert_eq!(offset(&settings, "USD-JPY"), 11, "named, but the map leaves the offset out");
}

/// The server clock of the vectors.
fn mt4() -> Clock {
    Clock::of_server(chrono_tz::America::New_York, &new_york_map(), 0)
}

fn four_hours() -> TimeframeSpec {
    world::spec("4h", "1h", "4h")
}

/// How far an exchange grid's edges stand from its origin on the server clock at an instant, in hours (0 to 3).
fn shift_hours(zone: Tz, time_ms: i64) -> i64 {
    let origin = Origin::At { minutes: 50 };
    let grid = Grid::on_exchange(&four_hours(), origin, &Clock::of_zone(zone), &mt4());
    let server = mt4();
    let bucket = grid.bucket(time_ms, server.offset_s_at(time_ms));
    let wall = bucket.label_ms + 1000 * i64::from(bucket.utc_offset_s);
    assert_eq!(wall, server.wall_ms(bucket.label_ms), "the offset is the server's at the label");
    let shift = (wall - 50 * MINUTE).rem_euclid(4 * HOUR);
    assert_eq!(shift % HOUR, 0);
    shift / HOUR
}

/// Bars of days in which no clock changes: a bar over a change has its label before it.
fn assert_shifts(zone: Tz, changes: &[(&str, i64)]) {
    for day in (at("2024-01-01")..at("2025-01-01")).step_by(DAY as usize) {
        let beside = |text: &(&str, i64)| (at(text.0) - day).abs() < 2 * DAY && at(text.0) > at("2024-01-01");
        if changes.iter().any(beside) {
            continue;
        }
        let expected = changes.iter().rev().find(|(from, _)| day >= at(from)).expect("from the year's start");
        assert_eq!(shift_hours(zone, day + 12 * HOUR), expected.1, "{zone} {}", text(day));
    }
}

#[test]
fn session_origins_follow_the_exchange_through_2024() {
    let asia = [("2024-01-01", 0), ("2024-03-10 07:00", 1), ("2024-11-03 06:00", 0)];
    assert_shifts(chrono_tz::Asia::Singapore, &asia);
    assert_shifts(chrono_tz::Asia::Hong_Kong, &asia);
    assert_shifts(chrono_tz::Asia::Shanghai, &asia);
    let sydney = [
        ("2024-01-01", 0),
        ("2024-03-10 07:00", 1),
        ("2024-04-06 16:00", 2),
        ("2024-10-05 16:00", 1),
        ("2024-11-03 06:00", 0),
    ];
    assert_shifts(chrono_tz::Australia::Sydney, &sydney);
    let berlin = [
        ("2024-01-01", 0),
        ("2024-03-10 07:00", 1),
        ("2024-03-31 01:00", 0),
        ("2024-10-27 01:00", 1),
        ("2024-11-03 06:00", 0),
    ];
    assert_shifts(chrono_tz::Europe::Berlin, &berlin);
}

fn session(name: &str, from: Option<&str>, to: Option<&str>, ranges: &[(&str, &str)], origin: Option<u16>) -> Session {
    let minute = |text: &str| (at(&format!("1970-01-01 {text}")) / MINUTE) as u16;
    let change = SessionTimeframe { origin: origin.map(|minutes| Origin::At { minutes }), post: Vec::new() };
    let timeframes = ["4h", "1h"].map(|id| (id.parse().expect("a timeframe"), change.clone()));
    Session {
        name: name.to_owned(),
        from_wall_ms: from.map(at),
        to_wall_ms: to.map(at),
        weekdays: Vec::new(),
        ranges: ranges.iter().map(|(from, to)| (minute(from), minute(to))).collect(),
        catch_all: false,
        timeframes: timeframes.into_iter().collect(),
    }
}

/// The times of day, on the server clock, at which 4h bars begin and end for the rows of one UTC day.
fn bars(sessions: &[Session], zone: Tz, day: &str, rows: impl Fn(i64) -> bool) -> Vec<[String; 2]> {
    let exchange = Clock::of_zone(zone);
    let lattice = Lattice::new(&four_hours(), sessions, Some(&exchange), &mt4());
    let mut found = std::collections::BTreeSet::new();
    for time_ms in (at(day)..at(day) + DAY).step_by(MINUTE as usize) {
        let minute = exchange.wall_ms(time_ms).rem_euclid(DAY) / MINUTE;
        if rows(minute) {
            let grid = &lattice.grids()[lattice.stretch_at(time_ms).grid];
            let bucket = grid.bucket(time_ms, mt4().offset_s_at(time_ms));
            let told = |time_ms: i64| text(mt4().wall_ms(time_ms))[11..16].to_owned();
            found.insert((bucket.label_ms, [told(bucket.label_ms), told(bucket.until_ms)]));
        }
    }
    found.into_iter().map(|(_, bar)| bar).collect()
}

fn labels(sessions: &[Session], zone: Tz, day: &str, rows: impl Fn(i64) -> bool) -> Vec<String> {
    bars(sessions, zone, day, rows).into_iter().map(|[label, _]| label).collect()
}

#[test]
fn singapore_after_hours_stand_where_the_published_bars_do() {
    let ranges = [("17:50", "23:59"), ("00:00", "05:15")];
    let sessions = [session("after-hours", Some("2022-08-07"), None, &ranges, Some(15 * 60 + 51))];
    // The minute 17:50 itself belongs to the bar before; trading begins at 17:51.
    let after_hours = |minute: i64| minute > 17 * 60 + 50 || minute <= 5 * 60 + 15;
    let zone = chrono_tz::Asia::Singapore;
    let bar = |label: &str, end: &str| [label.to_owned(), end.to_owned()];
    assert_eq!(
        bars(&sessions, zone, "2025-12-18", after_hours),
        [bar("11:51", "15:51"), bar("15:51", "19:51"), bar("19:51", "23:51")],
        "winter"
    );
    assert_eq!(
        bars(&sessions, zone, "2025-07-15", after_hours),
        [bar("12:51", "16:51"), bar("16:51", "20:51"), bar("20:51", "00:51")],
        "summer"
    );
}

#[test]
fn australian_sessions_stand_where_the_table_says_in_all_three_seasons() {
    let day = session("day", Some("2020-02-07 01:00:00"), None, &[("09:50", "16:30")], Some(50));
    let night = session(
        "after-hours",
        Some("2020-02-07 01:00:00"),
        None,
        &[("17:10", "23:59"), ("00:00", "07:00")],
        Some(8 * 60 + 10),
    );
    let sessions = [day, night];
    let zone = chrono_tz::Australia::Sydney;
    let by_day = |minute: i64| (9 * 60 + 50..=16 * 60 + 30).contains(&minute);
    assert_eq!(labels(&sessions, zone, "2024-01-16", by_day), ["00:50", "04:50"]);
    assert_eq!(labels(&sessions, zone, "2024-03-20", by_day), ["01:50", "05:50"]);
    assert_eq!(labels(&sessions, zone, "2024-07-16", by_day), ["02:50", "06:50"]);
    let evening = |minute: i64| minute == 17 * 60 + 10;
    assert_eq!(labels(&sessions, zone, "2024-01-16", evening), ["08:10"]);
    assert_eq!(labels(&sessions, zone, "2024-03-20", evening), ["09:10"]);
    assert_eq!(labels(&sessions, zone, "2024-07-16", evening), ["10:10"]);
}

#[test]
fn exchange_times_of_the_session_table_are_these_server_times() {
    let sydney = Clock::of_zone(chrono_tz::Australia::Sydney);
    for (exchange, server) in
        [("2020-02-07 01:00", "2020-02-06 16:00"), ("2024-06-22 01:00", "2024-06-21 18:00")]
    {
        let instant = sydney.first_instant_ms(at(exchange));
        assert_eq!(zone_offset_ms(chrono_tz::Australia::Sydney, instant), at(exchange) - instant);
        assert_eq!(text(mt4().wall_ms(instant)), format!("{server}:00"));
    }
}

#[test]
fn random_instants_in_random_zones() {
    let mut dice = Dice(7);
    let clocks = pairs();
    for _ in 0..20_000 {
        let (name, clock, slow) = dice.pick(&clocks);
        let t = at("2015-01-01") + dice.below((16 * 365 * DAY) as u64) as i64;
        assert_eq!(i64::from(clock.offset_s_at(t)) * 1000, slow.offset_ms(t), "{name} at {t}");
        assert!(clock.latest_wall_ms(t) >= clock.wall_ms(t), "{name} at {t}");
        assert!(clock.first_instant_ms(clock.latest_wall_ms(t)) <= t, "{name} at {t}");
    }
}
