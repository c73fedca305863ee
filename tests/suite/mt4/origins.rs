//! Where bars begin.

use chrono_tz::Tz;
use engine::feed::wire::{Candle, encode};
use engine::model::Symbol;
use engine::model::clock::Clock;
use engine::model::decimal::Decimal;
use engine::model::grid::Grid;
use engine::model::settings::{ResampleSymbol, Session, SessionTimeframe};
use engine::model::timeframe::Origin;
use engine::transform::{DayRecipe, Scratch, image_of};

use super::*;
use crate::textbook::Dice;
use crate::textbook::clock::{Kind, TextClock, new_york_map};
use crate::textbook::grid::TextLattice;

#[test]
fn server_grids_are_those_of_the_contract() {
    let cascade = cascade("EUR-USD");
    // Server time 2024-01-01 00:00, in New York's winter.
    let row = at("2024-01-01") - 2 * HOUR;
    let label = |spec: &engine::model::TimeframeSpec, row: i64| {
        let bucket = Grid::on_server(spec, &cascade.server).bucket_at(row);
        text(bucket.label_ms + 1000 * i64::from(bucket.utc_offset_s))
    };
    let spec = |id: &str| cascade.step(&id.parse().unwrap()).unwrap().spec.clone();
    for (origin, expected) in [
        (Origin::At { minutes: 60 }, "2023-12-31 21:00:00"),
        (Origin::At { minutes: 8 * 60 + 10 }, "2023-12-31 20:10:00"),
        (Origin::At { minutes: 50 }, "2023-12-31 20:50:00"),
        (Origin::Epoch, "2024-01-01 00:00:00"),
    ] {
        let spec = engine::model::TimeframeSpec { origin, ..spec("4h") };
        assert_eq!(label(&spec, row), expected, "{origin:?}");
    }
    let thursday = at("2023-12-28 15:00") - 2 * HOUR;
    for (id, expected) in [("1W", "2023-12-25"), ("1M", "2023-12-01"), ("1Y", "2023-01-01")] {
        assert_eq!(label(&spec(id), thursday), format!("{expected} 00:00:00"), "{id}");
    }
}

#[test]
fn four_hour_bars_begin_where_the_server_lets_them() {
    let groups: [(&str, &[&str]); 4] = [
        (
            "01:00",
            &[
                "USA30.IDX-USD",
                "USA500.IDX-USD",
                "USATECH.IDX-USD",
                "USSC2000.IDX-USD",
                "VOL.IDX-USD",
                "DEU.IDX-EUR",
                "JPN.IDX-JPY",
                "USTBOND.TR-USD",
                "GAS.CMD-USD",
                "LIGHT.CMD-USD",
                "XAU-USD",
            ],
        ),
        ("03:00", &["DOLLAR.IDX-USD", "BRENT.CMD-USD"]),
        (
            "01:00", // 09:00, and every four hours before and after it
            &["BUND.TR-EUR", "ESP.IDX-EUR", "EUS.IDX-EUR", "FRA.IDX-EUR", "ITA.IDX-EUR", "NLD.IDX-EUR"],
        ),
        (
            "00:00",
            &["EUR-USD", "GBP-JPY", "XAG-USD", "BTC-USD", "GBR.IDX-GBP", "COPPER.CMD-USD", "AAPL.US-USD"],
        ),
    ];
    for (first, symbols) in groups {
        let hour = (at(&format!("1970-01-01 {first}")) / HOUR) % 4;
        let expected: Vec<String> = (0..6).map(|n| format!("{:02}:00", 4 * n + hour)).collect();
        for symbol in symbols {
            for (from, to) in
                [("2024-01-16", "2024-01-18"), ("2024-03-20", "2024-03-21"), ("2024-07-16", "2024-07-17")]
            {
                assert_eq!(times(&slots(symbol, "4h", None, from, to)), expected, "{symbol} {from}");
            }
            let days = slots(symbol, "1d", None, "2024-03-08", "2024-03-12");
            assert_eq!(times(&days), ["00:00"], "{symbol}");
        }
    }
}

#[test]
fn singapore_after_hours_stand_at_the_vectors() {
    let after_hours = |from, to| slots("SGD.IDX-SGD", "4h", Some("after-hours"), from, to);
    let (winter, summer) = (after_hours("2025-12-18", "2025-12-18"), after_hours("2025-07-15", "2025-07-15"));
    let holds = |slots: &[Slot], expected: [&str; 4]| {
        let found = times(slots);
        expected.iter().all(|time| found.contains(&(*time).to_owned()))
    };
    assert!(holds(&winter, ["11:51", "15:51", "19:51", "23:51"]), "{:?}", times(&winter));
    assert!(holds(&summer, ["12:51", "16:51", "20:51", "00:51"]), "{:?}", times(&summer));
    assert_eq!(reached(winter), ["11:51", "15:51", "19:51"]);
    assert_eq!(reached(summer), ["12:51", "16:51", "20:51"]);
    let morning = |from| slots("SGD.IDX-SGD", "4h", Some("morning"), from, from);
    assert_eq!(reached(morning("2025-12-18")), ["02:30", "06:30", "10:30"]);
    assert_eq!(reached(morning("2025-07-15")), ["03:30", "07:30", "11:30"]);
    // The published one-hour bars of 2025-12-19.
    let hours = reached(slots("SGD.IDX-SGD", "1h", Some("after-hours"), "2025-12-19", "2025-12-19"));
    assert_eq!(hours[..5], ["11:51", "12:51", "13:51", "14:51", "15:51"]);
    assert!(
        reached(slots("SGD.IDX-SGD", "1h", Some("morning"), "2025-12-19", "2025-12-19"))
            .contains(&"10:30".to_owned())
    );
    // Before the sessions were divided.
    let ancient = slots("SGD.IDX-SGD", "4h", Some("ancient"), "2022-01-12", "2022-01-12");
    assert_eq!(reached(ancient), ["02:30", "06:30", "10:30", "14:30", "18:30", "22:30"]);
}

#[test]
fn australian_bars_move_with_three_seasons() {
    for (day, by_day, by_night) in [
        ("2024-01-16", ["00:50", "04:50"], "08:10"),
        ("2024-03-20", ["01:50", "05:50"], "09:10"),
        ("2024-07-16", ["02:50", "06:50"], "10:10"),
    ] {
        let all = times(&slots("AUS.IDX-AUD", "4h", Some("day"), day, day));
        assert!(by_day.iter().all(|time| all.contains(&(*time).to_owned())), "{day}: {all:?}");
        assert_eq!(reached(slots("AUS.IDX-AUD", "4h", Some("day"), day, day)), by_day, "{day}");
        let night = reached(slots("AUS.IDX-AUD", "4h", Some("after-hours"), day, day));
        assert!(night.contains(&by_night.to_owned()), "{day}: {night:?}");
    }
    // 00:50, 04:50 and 08:50 in the season when New York has winter and Sydney summer.
    let winter = times(&slots("AUS.IDX-AUD", "4h", Some("day"), "2024-01-16", "2024-01-16"));
    assert!(["00:50", "04:50", "08:50"].iter().all(|time| winter.contains(&(*time).to_owned())));
}

#[test]
fn hong_kong_and_china_follow_their_exchange() {
    let hkg = |session, day| reached(slots("HKG.IDX-HKD", "4h", Some(session), day, day));
    assert_eq!(hkg("morning", "2024-01-16"), ["03:15"]);
    assert_eq!(hkg("morning", "2024-07-16"), ["04:15"]);
    assert_eq!(hkg("afternoon", "2024-01-16"), ["07:00"]);
    assert_eq!(hkg("afternoon", "2024-07-16"), ["08:00"]);
    assert_eq!(hkg("after-hours", "2024-01-16"), ["11:15", "15:15", "19:15"]);
    assert_eq!(hkg("after-hours", "2024-07-16"), ["12:15", "16:15", "20:15"]);
    let chi = |day| reached(slots("CHI.IDX-USD", "4h", Some("day"), day, day));
    assert_eq!(chi("2024-01-16"), ["03:00", "07:00", "11:00", "15:00", "19:00", "23:00"]);
    assert_eq!(chi("2024-07-16"), ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"]);
}

#[test]
fn exchange_times_of_the_table_are_these_server_times() {
    let cascade = cascade("AUS.IDX-AUD");
    let exchange = cascade.exchange.as_ref().unwrap();
    for (sydney, server) in
        [("2020-02-07 01:00:00", "2020-02-06 16:00:00"), ("2024-06-22 01:00:00", "2024-06-21 18:00:00")]
    {
        assert_eq!(text(cascade.server.wall_ms(exchange.first_instant_ms(at(sydney)))), server);
    }
    // From that very minute on, other sessions hold: none of the day's grids is used before it.
    let lattice = lattice(&cascade, "4h");
    let begin = exchange.first_instant_ms(at("2020-02-07 01:00"));
    let session =
        |time_ms| lattice.session_of(lattice.stretch_at(time_ms).grid).map(|session| session.name.clone());
    assert_eq!(session(begin - MINUTE), None, "ancient has no grid of its own");
    assert_eq!(session(begin).as_deref(), Some("after-hours"));
}

#[test]
fn volumes_are_in_the_servers_unit() {
    let settings = shipped();
    let image = |name: &str, volume: f64| {
        let symbol: Symbol = name.parse().unwrap();
        let server = Clock::of_symbol(&symbol, &settings.transform);
        let post = settings.transform.symbols.get(&symbol).map_or(&[][..], |own| &own.post);
        let recipe = DayRecipe {
            server: &server,
            post,
            round_decimals: settings.transform.round_decimals,
            validate: settings.transform.validate,
        };
        let start = at("2024-03-11");
        let candle = Candle { time_ms: start, units: [100, 101, 99, 100], volume };
        let payload = encode(start, Decimal { mantissa: 1, exponent: -2 }, &[candle]);
        let (mut bars, day) = (Vec::new(), "2024-03-11".parse().unwrap());
        image_of(payload.as_bytes(), day, None, &recipe, &mut Scratch::default(), &mut bars).unwrap();
        (bars[0].volume, bars[0].close, bars[0].utc_offset_s)
    };
    assert_eq!(image("SGD.IDX-SGD", 0.1692), (203.04, 1.0, 10_800));
    assert_eq!(image("CHI.IDX-USD", 0.25), (8621.0, 1.0, 10_800));
    assert_eq!(image("EUR-USD", 0.25), (0.25, 1.0, 10_800));
}

/// Zones with whole, half and three-quarter hours, with and without summer time, on both halves of the globe. The
/// Tehran of before 2022 and the Casablanca of every Ramadan are among them.
const EXCHANGES: [Tz; 14] = [
    chrono_tz::Asia::Singapore,
    chrono_tz::Asia::Hong_Kong,
    chrono_tz::Asia::Tokyo,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Asia::Tehran,
    chrono_tz::Australia::Sydney,
    chrono_tz::Australia::Adelaide,
    chrono_tz::Pacific::Auckland,
    chrono_tz::Europe::Berlin,
    chrono_tz::Europe::London,
    chrono_tz::America::New_York,
    chrono_tz::America::St_Johns,
    chrono_tz::Africa::Casablanca,
];

/// The instants from 2015 to 2030 around which either clock changes, and one quiet one a quarter.
fn instants(clocks: [&TextClock; 2]) -> Vec<i64> {
    let hours = (at("2015-01-01")..at("2031-01-01")).step_by(HOUR as usize);
    let changes = |clock: &&TextClock, hour: i64| clock.offset_ms(hour) != clock.offset_ms(hour - HOUR);
    let quiet = (at("2015-01-15")..at("2031-01-01")).step_by(91 * DAY as usize);
    hours.filter(|hour| clocks.iter().any(|clock| changes(clock, *hour))).chain(quiet).collect()
}

#[test]
fn session_grids_from_2015_to_2030_are_those_of_a_minute_by_minute_walk() {
    let dice = &mut Dice(2030);
    let new_york = Kind::Server(chrono_tz::America::New_York, new_york_map(), 0);
    for zone in EXCHANGES {
        let mut settings = shipped();
        let symbol: Symbol = "EUR-USD".parse().unwrap();
        let change = SessionTimeframe {
            origin: Some(Origin::At { minutes: dice.below(1440) as u16 }),
            post: Vec::new(),
        };
        let session = Session {
            name: "all".to_owned(),
            from_wall_ms: None,
            to_wall_ms: None,
            weekdays: Vec::new(),
            ranges: Vec::new(),
            catch_all: false,
            timeframes: ["4h", "30m"].map(|id| (id.parse().unwrap(), change.clone())).into(),
        };
        let sessions = vec![session];
        let own =
            ResampleSymbol { timezone: Some(zone), sessions: sessions.clone(), ..ResampleSymbol::default() };
        settings.resample.symbols.insert(symbol.clone(), own);
        let cascade = Cascade::new(&symbol, &settings).unwrap();
        let (server, exchange) = (TextClock::new(new_york.clone()), TextClock::new(Kind::Zone(zone)));
        for id in ["4h", "30m"] {
            let step = cascade.step(&id.parse().unwrap()).unwrap();
            let slow = TextLattice::new(&step.spec, &sessions, Some(&exchange), &server);
            let grid = &step.recipe.lattice.grids()[1];
            for change in instants([&server, &exchange]) {
                for time_ms in (change - 6 * HOUR..change + 6 * HOUR).step_by(10 * MINUTE as usize) {
                    let expected = slow.place(time_ms, server.offset_ms(time_ms) / 1000);
                    let found = grid.bucket_at(time_ms);
                    let what = || format!("{zone} {id} at {}", text(time_ms));
                    assert_eq!(text(found.label_ms), text(expected.label_ms), "{}", what());
                    assert_eq!(text(found.until_ms), text(expected.end_ms), "{}", what());
                    assert_eq!(i64::from(found.utc_offset_s), expected.offset_s, "{}", what());
                }
            }
        }
    }
}
