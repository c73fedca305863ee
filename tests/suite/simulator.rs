//! The simulated market against laws of its own. Payloads are decoded here, not by the engine.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod server;

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::{America, Asia, Europe, Tz};
use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};
use serde_json::Value;

const MINUTE: i64 = 60_000;
const CLASSES: [&str; 20] = [
    "EUR-USD",
    "BTC-USD",
    "XAU-USD",
    "BRENT.CMD-USD",
    "COFFEE.CMD-USX",
    "SOYBEAN.CMD-USX",
    "USA500.IDX-USD",
    "DEU.IDX-EUR",
    "FRA.IDX-EUR",
    "GBR.IDX-GBP",
    "JPN.IDX-JPY",
    "HKG.IDX-HKD",
    "SGD.IDX-SGD",
    "CHI.IDX-USD",
    "AUS.IDX-AUD",
    "BUND.TR-EUR",
    "UKGILT.TR-GBP",
    "AAPL.US-USD",
    "7203.JP-JPY",
    "HSBA.GB-GBX",
];

fn symbol(name: &str) -> Symbol {
    name.parse().unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A minute as this file's own decoder reads it.
#[derive(Clone, Debug, PartialEq)]
struct Minute {
    time_ms: i64,
    units: [i64; 4],
    volume: f64,
}

/// The textbook decoder; panics on anything that is no sound payload.
fn decode(text: &str) -> Vec<Minute> {
    let payload: Value = serde_json::from_str(text).unwrap();
    let column = |name: &str| -> Vec<i64> {
        let sums = payload[name].as_array().unwrap().iter().scan(0, |sum, delta| {
            *sum += delta.as_i64().unwrap();
            Some(*sum)
        });
        sums.collect()
    };
    let volumes = payload["volumes"].as_array().unwrap();
    let times = column("times");
    if times.is_empty() {
        assert!(["open", "high", "low", "close"].iter().all(|base| payload[base].is_null()));
    }
    let multiplier = payload["multiplier"].as_f64().unwrap();
    let prices = ["open", "high", "low", "close"].map(|name| {
        let base = (payload[name].as_f64().unwrap_or_default() / multiplier).round() as i64;
        let sums: Vec<i64> = column(&format!("{name}s")).into_iter().map(|sum| base + sum).collect();
        assert_eq!(sums.len(), times.len());
        sums
    });
    assert_eq!(volumes.len(), times.len());
    let minute = |i: usize| Minute {
        time_ms: payload["timestamp"].as_i64().unwrap() + payload["shift"].as_i64().unwrap() * times[i],
        units: [0, 1, 2, 3].map(|column| prices[column][i]),
        volume: volumes[i].as_f64().unwrap(),
    };
    (0..times.len()).map(minute).collect()
}

fn minutes(market: &Market, name: &str, date: Day) -> Vec<Minute> {
    decode(&market.day(&symbol(name), date).payload(date.start_ms()))
}

fn is_sound(minute: &Minute) -> bool {
    let [open, high, low, close] = minute.units;
    low > 0 && low <= open.min(close) && high >= open.max(close) && minute.volume > 0.0
}

fn local(time_ms: i64, zone: Tz) -> NaiveDateTime {
    zone.from_utc_datetime(&DateTime::from_timestamp_millis(time_ms).unwrap().naive_utc()).naive_local()
}

fn clock(time_ms: i64, zone: Tz) -> String {
    local(time_ms, zone).format("%H:%M").to_string()
}

#[test]
fn a_day_alone_is_the_day_after_others() {
    let (alone, busy) = (Market::new(7), Market::new(7));
    for name in CLASSES {
        for date in day("2024-02-26").through(day("2024-03-12")).rev() {
            busy.day(&symbol(name), date);
        }
        let date = day("2024-03-07");
        let text = alone.day(&symbol(name), date).payload(date.start_ms());
        assert_eq!(text, busy.day(&symbol(name), date).payload(date.start_ms()));
        let other = Market::new(8).day(&symbol(name), date);
        assert_ne!(text, other.payload(date.start_ms()), "{name}: the seed decides nothing");
    }
    assert_ne!(minutes(&alone, "EUR-USD", day("2024-03-07")), minutes(&alone, "EUR-CHF", day("2024-03-07")));
}

#[test]
fn candles_are_sound_for_every_name() {
    let market = Market::new(1);
    let strangers = [
        "QQQ-ZZZ",
        "FOO.US-USD",
        "NEW.IDX-USD",
        "TIN.CMD-USD",
        "JGB.TR-JPY",
        "PEPE-USD",
        "what_is_this",
        "eur-usd",
    ];
    let known = market.known_symbols();
    let all = known.iter().cloned().chain(strangers.map(symbol));
    for name in all {
        for date in [day("2005-06-01"), day("2020-03-16"), day("2024-11-03"), day("2031-08-08")] {
            let minutes = minutes(&market, name.as_str(), date);
            assert!(date.weekday() == 6 || !minutes.is_empty(), "{name} {date}");
            assert!(minutes.iter().all(is_sound), "{name} {date}");
            assert!(minutes.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms));
            let inside = |m: &Minute| m.time_ms % MINUTE == 0 && Day::of_ms(m.time_ms) == date;
            assert!(minutes.iter().all(inside));
            let short = |m: &Minute| (m.volume * 1e6 - (m.volume * 1e6).round()).abs() < 1e-3;
            assert!(minutes.iter().all(short), "{name}: volumes have at most six decimals");
        }
    }
}

#[test]
fn the_currency_week_follows_new_york() {
    let market = Market::new(1);
    // Summer time began on 2024-03-10 and ended on 2024-11-03.
    for (sunday, opens) in
        [("2024-03-03", "22:00"), ("2024-03-10", "21:00"), ("2024-10-27", "21:00"), ("2024-11-03", "22:00")]
    {
        let minutes = minutes(&market, "EUR-USD", day(sunday));
        assert_eq!(clock(minutes[0].time_ms, Tz::UTC), opens, "{sunday}");
    }
    for (friday, shuts) in
        [("2024-03-08", "22:00"), ("2024-03-15", "21:00"), ("2024-11-01", "21:00"), ("2024-11-08", "22:00")]
    {
        let last = minutes(&market, "EUR-USD", day(friday)).last().unwrap().time_ms;
        assert!(
            clock(last, Tz::UTC).as_str() < shuts && clock(last + 10 * MINUTE, Tz::UTC).as_str() >= shuts,
            "{friday}"
        );
    }
    assert!(minutes(&market, "EUR-USD", day("2024-03-09")).is_empty());
    let wednesday = minutes(&market, "EUR-USD", day("2024-03-13")).len();
    assert!((1300..=1440).contains(&wednesday), "{wednesday}");
    for weekend in [day("2024-03-09"), day("2024-03-10"), day("2024-12-25")] {
        assert!(minutes(&market, "BTC-USD", weekend).len() > 1380);
    }
}

#[test]
fn breaks_are_kept_on_the_exchange_s_clock() {
    let market = Market::new(1);
    let cases = [
        ("AAPL.US-USD", America::New_York, "09:30", "15:59", ("16:00", "23:59")),
        ("XAU-USD", America::New_York, "00:00", "23:59", ("17:00", "17:59")),
        ("USA500.IDX-USD", America::New_York, "00:00", "23:59", ("16:15", "16:29")),
        ("HKG.IDX-HKD", Asia::Hong_Kong, "00:00", "23:59", ("12:00", "12:59")),
        ("7203.JP-JPY", Asia::Tokyo, "09:00", "14:59", ("11:30", "12:29")),
        ("DEU.IDX-EUR", Europe::Berlin, "01:15", "21:59", ("22:00", "23:59")),
    ];
    for (name, zone, first, last, (shut, until)) in cases {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for date in day("2024-02-12").through(day("2024-04-19")) {
            for minute in minutes(&market, name, date) {
                *seen.entry(clock(minute.time_ms, zone)).or_default() += 1;
            }
        }
        assert_eq!(seen.keys().min().unwrap(), first, "{name}");
        assert_eq!(seen.keys().max().unwrap(), last, "{name}");
        let inside: Vec<_> = seen.keys().filter(|at| at.as_str() >= shut && at.as_str() <= until).collect();
        assert!(inside.is_empty(), "{name}: {inside:?}");
    }
}

#[test]
fn holidays_are_empty() {
    let market = Market::new(1);
    for name in CLASSES.into_iter().filter(|name| *name != "BTC-USD") {
        for date in ["2022-12-25", "2023-12-25", "2024-12-25", "2024-01-01", "2025-01-01"] {
            assert!(minutes(&market, name, day(date)).is_empty(), "{name} {date}");
        }
    }
    let good_fridays = ["2019-04-19", "2023-04-07", "2024-03-29", "2025-04-18"];
    for name in ["XAU-USD", "USA500.IDX-USD", "AAPL.US-USD", "DEU.IDX-EUR", "HKG.IDX-HKD", "BUND.TR-EUR"] {
        assert!(good_fridays.iter().all(|date| minutes(&market, name, day(date)).is_empty()), "{name}");
    }
    assert!(!minutes(&market, "EUR-USD", day("2024-03-29")).is_empty());
    // Thanksgiving shuts the stock exchange and sends the futures home at 13:00.
    assert!(minutes(&market, "AAPL.US-USD", day("2024-11-28")).is_empty());
    let half = minutes(&market, "USA500.IDX-USD", day("2024-11-28"));
    assert!(half.iter().all(|m| !("13:00".."18:00").contains(&clock(m.time_ms, America::New_York).as_str())));
}

/// The instants an instrument's own words call open, as a second reading of the schedule.
struct Words {
    zone: Tz,
    sessions: Vec<Vec<(i64, i64)>>,
    holidays: Vec<(i64, i64)>,
}

impl Words {
    fn of(instrument: &Value) -> Words {
        const DAYS: [&str; 7] =
            ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let minute = |session: &Value, clock: &str, previous: &str| {
            let at: chrono::NaiveTime = session[clock].as_str().unwrap().parse().unwrap();
            i64::from(at.num_seconds_from_midnight() / 60)
                - if session[previous].as_bool().unwrap() { 1440 } else { 0 }
        };
        let of_day = |name: &str| {
            let sessions =
                instrument["tradeSchedule"][0]["sessions"][name].as_array().cloned().unwrap_or_default();
            let ends =
                |s: &Value| (minute(s, "start", "previousDayStart"), minute(s, "end", "previousDayEnd"));
            sessions.iter().map(ends).collect()
        };
        let holidays = instrument["holidays"].as_array().unwrap().iter();
        Words {
            zone: instrument["defaultTimezone"].as_str().unwrap().parse().unwrap(),
            sessions: DAYS.map(of_day).to_vec(),
            holidays: holidays.map(|h| (h["from"].as_i64().unwrap(), h["till"].as_i64().unwrap())).collect(),
        }
    }

    /// Minute by minute, on the wall clock: nothing of how the simulator does it.
    fn open_minutes(&self, date: Day) -> Vec<i64> {
        let near: Vec<_> =
            self.holidays.iter().filter(|h| h.0 < date.end_ms() && h.1 > date.start_ms()).collect();
        let is_open = |time_ms: &i64| {
            let wall = local(*time_ms, self.zone);
            let minute = i64::from(wall.time().num_seconds_from_midnight() / 60);
            let today = wall.date().weekday().num_days_from_monday() as usize;
            let of = |weekday: usize, at: i64| self.sessions[weekday].iter().any(|s| s.0 <= at && at < s.1);
            let trades = of(today, minute) || of((today + 1) % 7, minute - 1440);
            trades && !near.iter().any(|h| h.0 <= *time_ms && *time_ms < h.1)
        };
        (0..1440).map(|i| date.start_ms() + i * MINUTE).filter(is_open).collect()
    }
}

#[test]
fn the_schedule_says_when_there_are_candles() {
    let market = Market::new(1);
    for name in CLASSES {
        let words = Words::of(&market.instrument(&symbol(name)));
        // Clock changes, Easter, Thanksgiving, Christmas and New Year day by day, a few days of every month.
        for date in day("2020-12-20").through(day("2025-01-08")) {
            let (_, month, dom) = date.ymd();
            if !matches!((month, dom), (3, 8..=31) | (4, 1..=2) | (10, 26..=31) | (11, 1..=4 | 25..=30) | (12, 22..=31))
                && !matches!(dom, 1..=2 | 30..=31)
            {
                continue;
            }
            let open = words.open_minutes(date);
            let candles = market.day(&symbol(name), date).candles;
            assert_eq!(open.is_empty(), candles.is_empty(), "{name} {date}");
            assert!(candles.iter().all(|m| open.binary_search(&m.time_ms).is_ok()), "{name} {date}");
            assert!(candles.len() * 3 >= open.len(), "{name} {date}: {} of {}", candles.len(), open.len());
        }
    }
}

#[test]
fn instruments_have_the_fields_of_the_real_one() {
    let market = Market::new(1);
    let ours = market.instrument(&symbol("EUR-USD"));
    assert_eq!((ours["priceScale"].as_i64(), ours["pipValue"].as_f64()), (Some(5), Some(1e-4)));
    assert_eq!(market.instrument(&symbol("USD-JPY"))["pipValue"].as_f64(), Some(0.01));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/jetta/instruments/EUR-USD.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no ../shared");
        return;
    };
    let real: Value = serde_json::from_str(&text).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&ours), keys(&real));
    for field in ["name", "code", "pipValue", "priceScale", "groupCode", "groupId", "defaultTimezone"] {
        assert_eq!(ours[field], real[field], "{field}");
    }
    assert_eq!(ours["tradeSchedule"][0]["sessions"], real["tradeSchedule"][0]["sessions"]);
    assert_eq!(keys(&ours["holidays"][0]), keys(&real["holidays"][0]));
    let periods = |value: &Value| {
        value["histories"].as_array().unwrap().iter().map(|h| h["period"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(periods(&ours), periods(&real));
}

#[test]
fn prices_go_on_where_they_stopped() {
    let market = Market::new(3);
    for name in CLASSES {
        let traded: Vec<(Day, Vec<Minute>)> = day("2023-11-01")
            .through(day("2024-04-30"))
            .map(|date| (date, minutes(&market, name, date)))
            .filter(|(_, minutes)| !minutes.is_empty())
            .collect();
        let ranges: Vec<f64> =
            traded.iter().filter(|(date, _)| date.weekday() < 5).map(|(_, m)| range(m)).collect();
        let usual = ranges.iter().sum::<f64>() / ranges.len() as f64;
        for pair in traded.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            let gap = (after.1[0].units[0] - before.1.last().unwrap().units[3]).abs() as f64;
            let adjoining = before.0.plus(1) == after.0 && after.0.weekday() != 6;
            let most = if adjoining { 0.35 } else { 4.0 };
            assert!(gap <= most * usual + 3.0, "{name} {}: gap {gap}, usual range {usual}", after.0);
        }
    }
}

fn range(minutes: &[Minute]) -> f64 {
    let high = minutes.iter().map(|m| m.units[1]).max().unwrap();
    let low = minutes.iter().map(|m| m.units[2]).min().unwrap();
    (high - low) as f64
}

#[test]
fn levels_are_plausible_for_twenty_years_and_do_move() {
    let market = Market::new(1);
    let around = [
        ("EUR-USD", 1e-5, 0.7, 1.8),
        ("USD-JPY", 1e-3, 80.0, 220.0),
        ("XAU-USD", 1e-3, 600.0, 5000.0),
        ("BTC-USD", 0.1, 2000.0, 500_000.0),
        ("USA500.IDX-USD", 1e-3, 1000.0, 12_000.0),
    ];
    for (name, multiplier, low, high) in around {
        let closes: Vec<f64> = (0..20 * 26)
            .map(|fortnight| minutes(&market, name, day("2005-01-05").plus(fortnight * 14)))
            .filter(|minutes| !minutes.is_empty())
            .map(|minutes| minutes[0].units[0] as f64 * multiplier)
            .collect();
        assert!(closes.iter().all(|close| (low..high).contains(close)), "{name}");
        let returns: Vec<f64> = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
        let yearly = (returns.iter().map(|r| r * r).sum::<f64>() / returns.len() as f64 * 26.0).sqrt();
        assert!((0.03..1.0).contains(&yearly), "{name}: {yearly}");
    }
}

#[test]
fn activity_is_u_shaped_and_quiet_hours_have_holes() {
    let market = Market::new(1);
    for (name, zone, session) in [
        ("AAPL.US-USD", America::New_York, (570, 960)),
        ("USA500.IDX-USD", America::New_York, (570, 960)),
        ("DEU.IDX-EUR", Europe::Berlin, (540, 1050)),
        ("HKG.IDX-HKD", Asia::Hong_Kong, (555, 720)),
    ] {
        let (mut edge, mut middle) = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0));
        for date in day("2024-01-08").through(day("2024-03-28")) {
            for m in minutes(&market, name, date) {
                let at = local(m.time_ms, zone).num_seconds_from_midnight() / 60;
                let half = (session.1 - session.0) / 2;
                let bucket = match at {
                    at if at < session.0 || at >= session.1 => continue,
                    at if at < session.0 + 20 || at >= session.1 - 20 => &mut edge,
                    at if at.abs_diff(session.0 + half) < 20 => &mut middle,
                    _ => continue,
                };
                *bucket = (bucket.0 + m.volume, bucket.1 + (m.units[1] - m.units[2]) as f64, bucket.2 + 1.0);
            }
        }
        let ratio = |of: fn(&(f64, f64, f64)) -> f64| (of(&edge) / edge.2) / (of(&middle) / middle.2);
        assert!(ratio(|b| b.0) > 1.5, "{name}: volume {}", ratio(|b| b.0));
        assert!(ratio(|b| b.1) > 1.2, "{name}: range {}", ratio(|b| b.1));
    }
    let missing = |from: &str, until: &str| {
        let days = day("2024-01-08").through(day("2024-02-02")).filter(|date| date.weekday() < 4);
        let seen = days.map(|date| {
            let minutes = minutes(&market, "EUR-USD", date);
            minutes.iter().filter(|m| (from..until).contains(&clock(m.time_ms, Tz::UTC).as_str())).count()
        });
        16 * 120 - seen.sum::<usize>()
    };
    let (quiet, busy) = (missing("22:00", "24:00"), missing("13:00", "15:00"));
    assert!(quiet > 10 && quiet > 4 * busy, "{quiet} {busy}");
}

#[test]
fn a_forming_minute_grows_into_the_whole_one() {
    let market = Market::new(5);
    let date = day("2024-05-15");
    let whole = market.day(&symbol("EUR-USD"), date);
    let minute = whole.candles[700];
    let mut before: Option<[i64; 2]> = None;
    for elapsed in (0..=60_000).step_by(5_000) {
        let now = whole.clone().as_of(minute.time_ms + elapsed);
        let last = now.candles[700];
        assert_eq!(now.candles[..700], whole.candles[..700]);
        let [open, high, low, close] = last.units;
        assert!(low <= open.min(close) && high >= open.max(close) && last.volume > 0.0);
        assert!(last.volume <= minute.volume && high <= minute.units[1] && low >= minute.units[2]);
        assert!(before.is_none_or(|[h, l]| h <= high && l >= low), "highs only rise, lows only fall");
        before = Some([high, low]);
        if elapsed == 60_000 {
            assert_eq!(last, minute);
        }
    }
}

#[test]
fn years_beyond_the_tables_do_not_panic() {
    let market = Market::new(1);
    let last = NaiveDate::from_ymd_opt(2199, 12, 30).unwrap().to_epoch_days();
    for date in [Day::from_epoch_days(3), Day::from_epoch_days(last)] {
        assert!(CLASSES.iter().all(|name| minutes(&market, name, date).iter().all(is_sound)));
    }
}
