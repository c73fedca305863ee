//! What is asked for, how often, and what is believed: the pure parts by table and property, then real HTTP against a
//! scripted server.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod answers;
mod guest;
mod instruments;
mod server;

use std::collections::BTreeMap;
use std::time::Duration;

use engine::download::retry::{BACKOFF_MAX, pause, random};
use engine::download::worklist::{Held, Job, Why, Window, worklist};
use engine::feed::client::{RETRY_AFTER_MAX, read_retry_after};
use engine::feed::{Asked, FeedError};
use engine::model::Day;
use engine::model::instrument::Instrument;
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn waits_double_up_to_a_minute_and_never_undercut_the_feeds_wish() {
    let secs = Duration::from_secs;
    let table = [
        // attempt, factor, retry-after, chance, expected
        (1, 2.0, None, 0.0, secs(2)),
        (2, 2.0, None, 0.0, secs(4)),
        (3, 2.0, None, 0.0, secs(8)),
        (4, 2.0, None, 0.0, secs(16)),
        (1, 2.0, None, 1.0, Duration::from_millis(2500)),
        (6, 2.0, None, 0.0, BACKOFF_MAX),
        (4_000_000_000, 2.0, None, 1.0, BACKOFF_MAX),
        (1, 0.0, None, 1.0, secs(0)),
        (1, -3.0, None, 1.0, secs(0)),
        (1, f64::INFINITY, None, 0.0, BACKOFF_MAX),
        (1, 2.0, Some(secs(7)), 0.0, secs(7)),
        (4, 2.0, Some(secs(7)), 0.0, secs(16)),
        (9, 2.0, Some(secs(90)), 0.0, secs(90)),
    ];
    for (attempt, factor, retry_after, chance, expected) in table {
        assert_eq!(
            pause(attempt, factor, retry_after, chance),
            expected,
            "{attempt} {factor} {retry_after:?}"
        );
    }
}

#[test]
fn chance_is_spread_over_its_range() {
    let rolls: Vec<f64> = (0..1000).map(random).collect();
    assert!(rolls.iter().all(|roll| (0.0..1.0).contains(roll)));
    // Ten bins of 100 expected: beyond 6 standard deviations (57) something is wrong with the generator.
    for bin in 0..10 {
        let inside = rolls.iter().filter(|roll| (**roll * 10.0) as usize == bin).count();
        assert!((43..=157).contains(&inside), "bin {bin} holds {inside}");
    }
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date() {
    let now_ms = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    let table = [
        ("120", Some(Duration::from_secs(120))),
        (" 0 ", Some(Duration::ZERO)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(Duration::from_secs(30))),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(Duration::ZERO)),
        ("Mon, 06 Nov 1995 08:49:37 GMT", Some(RETRY_AFTER_MAX)),
        ("86400", Some(Duration::from_secs(600))),
        ("18446744073709551615", Some(Duration::from_secs(600))),
        ("soon", None),
        ("-5", None),
    ];
    for (text, expected) in table {
        assert_eq!(read_retry_after(text, now_ms), expected, "{text}");
    }
}

#[test]
fn statuses_are_sorted_by_remedy() {
    let asked = Asked { symbol: None, day: None, url: "http://feed/x".to_owned() };
    let of = |status| FeedError::of_status(asked.clone(), status, None);
    for status in [400, 408, 425, 429, 500, 502, 503, 504, 599] {
        assert!(of(status).is_passing(), "{status}");
    }
    for status in [204, 301, 302, 401, 403, 404, 405, 410, 418, 451] {
        assert!(!of(status).is_passing(), "{status}");
    }
    assert!(matches!(of(404), FeedError::NotFound { .. }));
    assert!(of(403).to_string().contains("http://feed/x"), "an error names its question");
}

fn jobs_of(window: Window, instrument: Option<&Instrument>, held: &BTreeMap<Day, Held>) -> Vec<Job> {
    let look = |day| Ok::<_, ()>(held.get(&day).copied().unwrap_or(Held::Nothing));
    worklist(window, instrument, look).unwrap()
}

#[test]
fn each_day_is_asked_for_a_reason() {
    // 2024-01-05 is a Friday.
    let held = BTreeMap::from([
        (day("2024-01-04"), Held::Candles),
        (day("2024-01-05"), Held::Empty),
        (day("2024-01-06"), Held::Empty),
        (day("2024-01-08"), Held::RefusedBars),
        (day("2024-01-09"), Held::Damaged),
    ]);
    let window =
        Window { from: day("2024-01-04"), to: day("2024-01-31"), today: day("2024-01-10"), ask_again: false };
    let finished = |text, why| Job::Finished { day: day(text), why };
    let expected = [
        Job::Running { day: day("2024-01-10") },
        finished("2024-01-09", Why::Damaged),
        finished("2024-01-08", Why::RefusedBars),
        finished("2024-01-07", Why::Missing),
        finished("2024-01-05", Why::Suspicious),
    ];
    assert_eq!(jobs_of(window, None, &held), expected);

    let again = jobs_of(Window { ask_again: true, to: day("2024-01-06"), ..window }, None, &held);
    let expected = [
        finished("2024-01-06", Why::AskAgain),
        finished("2024-01-05", Why::Suspicious),
        finished("2024-01-04", Why::AskAgain),
    ];
    assert_eq!(again, expected);

    assert_eq!(jobs_of(Window { to: day("2024-01-03"), ..window }, None, &held), []);
    assert_eq!(jobs_of(Window { from: day("2024-02-03"), ..window }, None, &held), []);
}

#[test]
fn days_before_the_history_are_not_asked_for_and_a_known_schedule_decides_what_is_suspicious() {
    // History from 2024-01-04; trades around the clock on Saturdays only.
    let json = r#"{"defaultTimezone":"UTC","tradeSchedule":[{"from":null,"to":null,"sessions":{"SATURDAY":
        [{"start":"00:00:00","previousDayStart":false,"end":"24:00:00","previousDayEnd":false}]}}],
        "histories":[{"period":"MINUTE","from":1704360000000}]}"#;
    let instrument = Instrument::from_json(json.as_bytes()).unwrap();
    let window =
        Window { from: day("2023-12-01"), to: day("2024-01-07"), today: day("2024-01-20"), ask_again: false };
    let held = window.from.through(window.to).map(|day| (day, Held::Empty)).collect();
    let saturday = Job::Finished { day: day("2024-01-06"), why: Why::Suspicious };
    assert_eq!(jobs_of(window, Some(&instrument), &held), [saturday]);
    let days: Vec<Day> =
        jobs_of(window, Some(&instrument), &BTreeMap::new()).iter().map(|job| job.day()).collect();
    assert_eq!(days, day("2024-01-04").through(day("2024-01-07")).rev().collect::<Vec<_>>());
}

fn any_held() -> impl Strategy<Value = Held> {
    use Held::{Candles, Damaged, Empty, Nothing, RefusedBars};
    prop::sample::select(vec![Nothing, Damaged, Empty, RefusedBars, Candles])
}

proptest! {
    #[test]
    fn a_worklist_is_complete_and_frugal(
        from in 0..40i32, length in 0..40i32, today in 0..60i32, ask_again: bool,
        held in prop::collection::vec(any_held(), 100),
    ) {
        let base = day("2024-01-01");
        let window = Window { from: base.plus(from), to: base.plus(from + length), today: base.plus(today), ask_again };
        let held: BTreeMap<Day, Held> = (0..100).map(|i| (base.plus(i), held[i as usize])).collect();
        let jobs = jobs_of(window, None, &held);
        prop_assert!(jobs.windows(2).all(|pair| pair[0].day() > pair[1].day()), "newest first, no day twice");
        for at in base.through(base.plus(99)) {
            let job = jobs.iter().find(|job| job.day() == at);
            let inside = window.from <= at && at <= window.to;
            let weekday = (at.epoch_days() - base.epoch_days()).rem_euclid(7) < 5; // 2024-01-01 is a Monday.
            let wanted = inside && at < window.today && match held[&at] {
                Held::Nothing | Held::Damaged | Held::RefusedBars => true,
                Held::Empty => weekday || ask_again,
                Held::Candles => ask_again,
            };
            prop_assert_eq!(matches!(job, Some(Job::Finished { .. })), wanted);
            prop_assert_eq!(matches!(job, Some(Job::Running { .. })), inside && at == window.today);
        }
    }
}
