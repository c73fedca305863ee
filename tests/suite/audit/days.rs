//! Calendars counted by hand.

use engine::audit::counts::{Counts, Period, percent_text};
use engine::audit::coverage::SymbolAudit;
use engine::audit::findings::DayState;
use engine::audit::gaps::GapFinder;
use engine::audit::report::Tolerance;
use engine::audit::schedule::{Hours, Schedule};
use engine::model::Bar;
use engine::model::instrument::Instrument;
use serde_json::json;

use super::{audited, calm, currency_week, day, instrument, one, put, symbol};
use crate::textbook::world::World;
use crate::textbook::{at, text};

fn schedule(zone: &str, sessions: &serde_json::Value, holidays: &[(&str, &str)]) -> Schedule {
    let description = instrument(zone, sessions, holidays);
    Schedule::of(Some(Instrument::from_json(description.as_bytes()).expect("an object")))
}

fn minutes(schedule: &Schedule, date: &str) -> u16 {
    schedule.hours(day(date)).minutes()
}

#[test]
fn hours_of_a_currency_follow_new_york_through_its_clock_changes_and_holidays() {
    let holidays = [("2024-01-01 00:00", "2024-01-01 22:00"), ("2024-12-24 18:00", "2024-12-25 23:00")];
    let schedule = schedule("America/New_York", &currency_week(), &holidays);
    // Winter: 17:00 in New York is 22:00 UTC.
    assert_eq!(minutes(&schedule, "2024-03-03"), 120, "a Sunday in winter");
    assert_eq!(minutes(&schedule, "2024-03-08"), 1320, "a Friday in winter");
    assert_eq!(minutes(&schedule, "2024-03-10"), 180, "the Sunday on which summer time begins");
    assert_eq!(minutes(&schedule, "2024-03-15"), 1260, "a Friday in summer");
    assert_eq!(minutes(&schedule, "2024-11-03"), 120, "the Sunday on which it ends");
    assert_eq!(minutes(&schedule, "2024-06-05"), 1440, "a Wednesday");
    assert!(!schedule.hours(day("2024-06-08")).expected, "a Saturday");
    assert_eq!(minutes(&schedule, "2024-01-01"), 120, "New Year, from 22:00 on");
    assert_eq!(minutes(&schedule, "2024-12-24"), 18 * 60, "an early close");
    assert_eq!(minutes(&schedule, "2024-12-25"), 60, "Christmas, from 23:00 on");
    // January 2024: 23 days from Monday to Friday, 4 Sunday evenings.
    let january = day("2024-01-01").through(day("2024-01-31"));
    assert_eq!(january.filter(|day| schedule.hours(*day).expected).count(), 27);
}

#[test]
fn a_market_that_never_closes_has_every_minute_and_a_stock_its_hours() {
    let all_day = json!([{ "start": "00:00:00", "end": "00:00:00" }]);
    let names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let week: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), all_day.clone())).collect();
    let always = schedule("America/New_York", &week.into(), &[]);
    let year = day("2024-01-01").through(day("2024-12-31"));
    assert_eq!(year.filter(|day| always.hours(*day).minutes() == 1440).count(), 366);

    let open = json!([{ "start": "09:30:00", "end": "16:00:00" }]);
    let stock = schedule("America/New_York", &json!({ "MONDAY": open, "FRIDAY": open }), &[]);
    let spans = |date: &str| stock.hours(day(date)).spans.expect("a schedule");
    assert_eq!(spans("2024-01-08"), [(at("2024-01-08 14:30"), at("2024-01-08 21:00"))]);
    assert_eq!(spans("2024-07-05"), [(at("2024-07-05 13:30"), at("2024-07-05 20:00"))]);
    assert_eq!(spans("2024-07-04"), []);
}

fn bars(times: &[&str]) -> Vec<Bar> {
    times.iter().map(|time| Bar { time_ms: at(time) as u64, close: 1.0, ..Bar::default() }).collect()
}

fn open(spans: &[(&str, &str)]) -> Hours {
    Hours { expected: true, spans: Some(spans.iter().map(|(from, until)| (at(from), at(until))).collect()) }
}

fn found(finder: GapFinder) -> Vec<(String, String)> {
    finder.finish().iter().map(|gap| (text(gap.from_ms), text(gap.until_ms))).collect()
}

#[test]
fn silence_of_an_hour_is_no_gap_and_a_minute_more_is() {
    let hours = open(&[("2024-01-08 09:00", "2024-01-08 18:00")]);
    let mut finder = GapFinder::new(60, false);
    // 09:00 to 10:00; 10:01 to 11:01; 11:02 to 12:03; and to the end of the day: 60, 60, 61 and 60 silent minutes.
    let times =
        ["2024-01-08 10:00", "2024-01-08 11:01", "2024-01-08 12:03", "2024-01-08 13:00", "2024-01-08 14:00"];
    let rest = ["2024-01-08 15:00", "2024-01-08 16:00", "2024-01-08 16:59"];
    finder.day(&hours, &bars(&[&times[..], &rest[..]].concat()));
    assert_eq!(found(finder), [("2024-01-08 11:02:00".to_owned(), "2024-01-08 12:03:00".to_owned())]);
}

#[test]
fn breaks_end_a_gap_midnight_does_not_and_days_without_a_bar_are_none() {
    let mut finder = GapFinder::new(60, true);
    let evening = open(&[("2024-01-08 00:00", "2024-01-08 21:00"), ("2024-01-08 22:00", "2024-01-09 00:00")]);
    // Nothing is a gap before the first bar; then 45 minutes to the break, 30 after it: neither is an hour.
    finder.day(&evening, &bars(&["2024-01-08 19:30", "2024-01-08 20:14", "2024-01-08 22:30"]));
    // 22:31 to 00:20 over midnight.
    let day_after = open(&[("2024-01-09 00:00", "2024-01-10 00:00")]);
    finder.day(&day_after, &bars(&["2024-01-09 00:20", "2024-01-09 01:00", "2024-01-09 22:50"]));
    // A day without a bar is told as missing; what is silent before and after it stands for itself.
    finder.day(&open(&[("2024-01-10 00:00", "2024-01-11 00:00")]), &[]);
    finder.day(&open(&[("2024-01-11 00:00", "2024-01-11 02:00")]), &bars(&["2024-01-11 01:30"]));
    let expected = [
        ("2024-01-08 22:31:00", "2024-01-09 00:20:00"),
        ("2024-01-09 01:01:00", "2024-01-09 22:50:00"),
        ("2024-01-09 22:51:00", "2024-01-10 00:00:00"),
        ("2024-01-11 00:00:00", "2024-01-11 01:30:00"),
    ];
    assert_eq!(found(finder), expected.map(|(from, until)| (from.to_owned(), until.to_owned())));
}

#[test]
fn where_only_the_weekday_is_known_a_day_lasts_from_its_first_bar_to_its_last() {
    let mut finder = GapFinder::new(60, false);
    let weekday = Hours { expected: true, spans: None };
    finder.day(&weekday, &bars(&["2024-01-12 08:00", "2024-01-12 11:00", "2024-01-12 12:00"]));
    finder.day(&Hours::default(), &bars(&["2024-01-13 12:00", "2024-01-13 22:00"]));
    assert_eq!(found(finder), [("2024-01-12 08:01:00".to_owned(), "2024-01-12 11:00:00".to_owned())]);
}

fn states(audit: &SymbolAudit) -> Vec<(String, DayState)> {
    let odd = audit.days.iter().filter(|day| !matches!(day.state, DayState::Full | DayState::Shut));
    odd.map(|day| (day.day.to_string(), day.state)).collect()
}

/// Two weeks of EUR-USD from Monday 2024-01-08 on, New Year's rules left out.
fn two_weeks(world: &World) {
    let description =
        instrument("America/New_York", &currency_week(), &[("2024-01-15 10:00", "2024-01-15 13:00")]);
    let eurusd = symbol("EUR-USD");
    world.lake.write_instrument(&eurusd, description.as_bytes(), 0).expect("written");
    for date in day("2024-01-08").through(day("2024-01-21")) {
        let trades = match date.weekday() {
            5 => 0..0,
            4 => 0..22 * 60,
            6 => 22 * 60..24 * 60,
            _ => 0..24 * 60,
        };
        put(world, &eurusd, date, &calm(date, trades));
    }
}

#[test]
fn days_are_what_they_are() {
    let world = World::new(|_| {});
    two_weeks(&world);
    let eurusd = symbol("EUR-USD");
    let remove = |date: &str| {
        let name = format!("cache/2024/01/EUR-USD_{}.json", date.replace('-', ""));
        std::fs::remove_file(world.dir.path().join(name)).expect("it was there");
    };
    // Thursday is missing, and so is a Saturday, of which nobody expects anything.
    ["2024-01-11", "2024-01-13"].iter().for_each(|date| remove(date));
    put(&world, &eurusd, day("2024-01-10"), &[]);
    put(&world, &eurusd, day("2024-01-17"), &calm(day("2024-01-17"), 0..100));
    let expected = [
        ("2024-01-10", DayState::Suspicious),
        ("2024-01-11", DayState::Missing),
        ("2024-01-17", DayState::Thin),
        ("2024-01-20", DayState::Empty),
        ("2024-01-22", DayState::Missing),
    ];
    let expected = expected.map(|(date, state)| (date.to_owned(), state));
    let check = |when: &str| {
        let audit = audited(&world, &["EUR-USD"], "2024-01-22", |_| {});
        let found = one(&audit, "EUR-USD");
        assert_eq!(states(found), expected, "{when}");
        let counts = Counts::of(found);
        // Monday the 8th to Monday the 22nd: eleven weekdays and two Sundays.
        assert_eq!(
            (counts.expected, counts.present, counts.missing, counts.suspicious),
            (13, 10, 2, 1),
            "{when}"
        );
        assert_eq!((counts.empty, counts.files, counts.damaged, counts.thin), (1, 12, 0, 1), "{when}");
        // 1440 - 100 minutes on the 17th, into the 18th: the day before ends full and the next one begins so. The three
        // hours of the holiday on the 15th have bars, so they are no silence either.
        assert_eq!((counts.gaps, counts.gap_minutes), (1, 1340), "{when}");
        let bars = 1440 * 5 + 100 + 1320 * 2 + 120 * 2;
        assert_eq!(counts.bars, bars, "{when}");
        let kinds: Vec<_> =
            audit.clusters.iter().map(|cluster| (cluster.from, cluster.to, cluster.days)).collect();
        let from_to = [(day("2024-01-10"), day("2024-01-11"), 2), (day("2024-01-22"), day("2024-01-22"), 1)];
        assert_eq!(kinds, from_to, "{when}");
        audit
    };
    let before = check("from the payloads");
    assert_eq!(before.files_read(), 12);
    world.run(day("2024-01-22"));
    let after = check("from the series");
    assert_eq!(after.files_read(), 1, "only of the suspicious day the payload is looked into");
    let tolerated = |suspect_bars, missing_days, strict| Tolerance { suspect_bars, missing_days, strict };
    assert!(!after.is_whole(&tolerated(0, 2, false)));
    assert!(after.is_whole(&tolerated(0, 3, false)));
    assert!(!after.is_whole(&tolerated(0, 3, true)), "there is a gap");
}

#[test]
fn without_a_schedule_monday_to_friday_are_expected_and_nothing_held_is_named() {
    let world = World::new(|_| {});
    let xau = symbol("XAU-USD");
    for date in ["2024-01-08", "2024-01-09", "2024-01-14"] {
        put(&world, &xau, day(date), &calm(day(date), 600..700));
    }
    let audit = audited(&world, &["XAU-USD", "EUR-USD"], "2024-01-15", |_| {});
    let found = one(&audit, "XAU-USD");
    let counts = Counts::of(found);
    assert!(!found.schedule_known);
    assert_eq!((counts.expected, counts.present, counts.missing, counts.unexpected), (6, 2, 4, 1));
    assert_eq!(one(&audit, "EUR-USD").days, []);
    let lenient = Tolerance { suspect_bars: 9, missing_days: 9, strict: false };
    assert!(!audit.is_whole(&lenient), "of a symbol nothing is held");
    let from = audited(&world, &["EUR-USD"], "2024-01-15", |order| order.from = Some(day("2024-01-08")));
    assert_eq!(Counts::of(&from.symbols[0]).missing, 6);
}

#[test]
fn a_running_days_payload_does_not_make_a_day_finished() {
    let world = World::new(|_| {});
    let eurusd = symbol("EUR-USD");
    let date = day("2024-01-09");
    put(&world, &eurusd, day("2024-01-08"), &calm(day("2024-01-08"), 0..1440));
    let bytes = super::payload(date, &calm(date, 0..600));
    world.lake.write_running(&eurusd, date, &bytes, at("2024-01-09 10:00")).expect("written");
    let audit = audited(&world, &["EUR-USD"], "2024-01-09", |_| {});
    let counts = Counts::of(&audit.symbols[0]);
    assert_eq!((counts.present, counts.missing, counts.unfinished, counts.files), (2, 0, 1, 1));
    assert_eq!(counts.bars, 1440 + 600);
}

#[test]
fn an_alias_is_audited_by_the_payloads_it_is_made_of() {
    let alias = symbol("MINE");
    let world = World::new(|settings| {
        let own =
            engine::model::settings::TransformSymbol { source: Some(symbol("EUR-USD")), post: Vec::new() };
        settings.transform.symbols.insert(symbol("MINE"), own);
    });
    two_weeks(&world);
    let audit = audited(&world, &[alias.as_str(), "EUR-USD"], "2024-01-22", |_| {});
    assert_eq!(Counts::of(&audit.symbols[0]), Counts::of(&audit.symbols[1]));
    assert!(audit.symbols[0].schedule_known);
}

#[test]
fn what_many_symbols_lack_on_one_day_is_a_cluster() {
    let world = World::new(|_| {});
    let names = ["AA", "BB", "CC", "DD"];
    for (place, name) in names.iter().enumerate() {
        for date in day("2024-01-08").through(day("2024-01-19")).filter(|date| date.weekday() < 5) {
            // Friday and Monday are missing of three; of the fourth only one other day is.
            let lost = if place < 3 { ["2024-01-12", "2024-01-15"] } else { ["2024-01-17"; 2] };
            if !lost.map(day).contains(&date) {
                put(&world, &symbol(name), date, &calm(date, 0..1440));
            }
        }
    }
    let audit = audited(&world, &names, "2024-01-19", |_| {});
    let told: Vec<_> = audit
        .clusters
        .iter()
        .map(|cluster| {
            (cluster.symbols.len(), cluster.from.to_string(), cluster.to.to_string(), cluster.days)
        })
        .collect();
    let run = (1, "2024-01-12".to_owned(), "2024-01-15".to_owned(), 2);
    let single = (1, "2024-01-17".to_owned(), "2024-01-17".to_owned(), 1);
    let wide = (3, "2024-01-12".to_owned(), "2024-01-15".to_owned(), 6);
    assert_eq!(told, [run.clone(), run.clone(), run, single, wide]);
}

#[test]
fn periods_add_up_to_the_whole() {
    let world = World::new(|_| {});
    two_weeks(&world);
    let audit = audited(&world, &["EUR-USD"], "2024-02-29", |_| {});
    let symbol = &audit.symbols[0];
    for (period, names) in [(Period::Month, vec!["2024-01", "2024-02"]), (Period::Year, vec!["2024"])] {
        let periods = Counts::by_period(symbol, period);
        let found: Vec<String> = periods.iter().map(|(begins, _)| period.of(*begins)).collect();
        assert_eq!(found, names);
        let sum = periods.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(counts));
        assert_eq!(sum, Counts::of(symbol));
        assert_eq!(sum, audit.total());
    }
    assert_eq!(Period::Year.begins(day("2024-12-31")), day("2024-01-01"));
    assert_eq!(Period::Month.begins(day("2024-02-29")), day("2024-02-01"));
}

#[test]
fn a_percentage_never_says_all_of_what_is_not_all() {
    let of = |part: f64, whole: f64| percent_text(Some(part / whole * 100.0));
    assert_eq!(of(321_754.0, 321_888.0), "99.96");
    assert_eq!(of(321_888.0, 321_888.0), "100.00");
    assert_eq!(of(321_887.0, 321_888.0), "99.9997");
    assert_eq!(of(0.0, 5.0), "0.00");
    assert_eq!(percent_text(None), "-");
}

#[test]
fn bars_whose_payload_is_gone_are_there_and_named() {
    let world = World::new(|_| {});
    two_weeks(&world);
    world.run(day("2024-01-22"));
    std::fs::remove_file(world.dir.path().join("cache/2024/01/EUR-USD_20240109.json")).expect("it was there");
    let audit = audited(&world, &["EUR-USD"], "2024-01-21", |_| {});
    let found = &audit.symbols[0];
    let counts = Counts::of(found);
    assert_eq!((counts.present, counts.missing, counts.unbacked, counts.files), (12, 0, 1, 13));
    let odd = states(found).into_iter().filter(|(_, state)| *state != DayState::Empty);
    assert_eq!(odd.collect::<Vec<_>>(), [("2024-01-09".to_owned(), DayState::Unbacked)]);
    assert!(!audit.is_whole(&Tolerance::default()));
}
