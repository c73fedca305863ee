//! Which days a run looks at, and what it remembers of those it could not settle.

use engine::ingest::window::{Sought, Window, aggregate_window, download_window, still_behind};
use engine::ingest::{Request, Stages};
use engine::model::Day;
use engine::store::Commit;

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

fn request(from: Option<&str>, to: Option<&str>) -> Request {
    Request {
        symbols: Vec::new(),
        from: from.map(day),
        to: to.map(day),
        today: day("2024-06-20"),
        stages: Stages { download: true, aggregate: true, resample: true },
        ask_again: false,
        rebuild_changed: false,
    }
}

fn commit(last: Option<&str>, noted: Option<&str>) -> Commit {
    Commit { last_date: last.map(day), reconcile_from: noted.map(day), ..Commit::default() }
}

fn from_to(window: Window) -> (String, String) {
    (window.from.to_string(), window.to.to_string())
}

fn days(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[test]
fn a_download_goes_back_to_what_is_behind_unless_it_is_told_where_to_begin() {
    let usual = request(None, None);
    let window = |commit: Option<Commit>, history: Option<&str>| {
        from_to(download_window(&usual, commit.as_ref(), history.map(day)))
    };
    assert_eq!(window(None, None), days("2024-06-13", "2024-06-20"));
    assert_eq!(window(None, Some("2010-01-01")), days("2010-01-01", "2024-06-20"));
    assert_eq!(
        window(Some(commit(Some("2024-06-19"), None)), Some("2010-01-01")),
        days("2024-06-13", "2024-06-20")
    );
    assert_eq!(
        window(Some(commit(Some("2024-05-01"), None)), None),
        days("2024-05-02", "2024-06-20"),
        "slept"
    );
    assert_eq!(
        window(Some(commit(Some("2024-06-19"), Some("2024-02-03"))), None),
        days("2024-02-03", "2024-06-20")
    );
    let interrupted = commit(Some("2024-06-19"), Some("1970-01-01"));
    assert_eq!(
        window(Some(interrupted), None),
        days("2024-06-13", "2024-06-20"),
        "no payload since 1970 is missing"
    );
    let told = request(Some("2024-03-01"), Some("2024-03-02"));
    let behind = commit(Some("2020-01-01"), None);
    assert_eq!(from_to(download_window(&told, Some(&behind), None)), days("2024-03-01", "2024-03-02"));
    let future = request(Some("2024-06-01"), Some("2030-01-01"));
    assert_eq!(from_to(download_window(&future, None, None)), days("2024-06-01", "2024-06-20"));
}

#[test]
fn payloads_are_compared_from_the_earliest_of_what_is_asked_and_what_is_behind() {
    let window = |request: Request, commit: Commit| from_to(aggregate_window(&request, &commit));
    let (usual, told) = (request(None, None), request(Some("2024-03-01"), None));
    assert_eq!(window(usual.clone(), commit(Some("2024-06-19"), None)), days("2024-06-13", "2024-06-20"));
    assert_eq!(
        window(usual, commit(Some("2024-06-19"), Some("1970-01-01"))),
        days("1970-01-01", "2024-06-20")
    );
    assert_eq!(window(told.clone(), commit(Some("2024-06-19"), None)), days("2024-03-01", "2024-06-20"));
    assert_eq!(window(told, commit(Some("2020-01-01"), None)), days("2020-01-02", "2024-06-20"));
}

#[test]
fn a_note_is_given_up_only_when_its_day_was_asked_for_or_is_there() {
    let held = commit(Some("2024-06-19"), Some("2024-02-03"));
    let all = Window { from: day("2024-02-03"), to: day("2024-06-20") };
    let sought =
        |from: &str, failure: Option<&str>| Some(Sought { from: day(from), failure: failure.map(day) });
    let left = |window, sought, there: bool| still_behind(Some(&held), window, sought, |_| there);
    assert_eq!(left(all, None, true), None);
    assert_eq!(left(all, None, false), Some(day("2024-02-03")), "nobody asked, and it is not there");
    assert_eq!(left(all, sought("2024-02-03", None), false), None, "the feed has answered that it has none");
    assert_eq!(left(all, sought("2024-06-01", None), false), Some(day("2024-02-03")), "it was not asked for");
    assert_eq!(left(all, sought("2024-02-03", Some("2024-05-05")), true), Some(day("2024-05-05")));
    let short = Window { from: day("2024-02-03"), to: day("2024-03-01") };
    assert_eq!(
        left(short, sought("2024-02-03", None), true),
        Some(day("2024-03-02")),
        "the rest is not compared"
    );
    assert_eq!(still_behind(None, all, sought("2024-02-03", None), |_| true), None);
}
