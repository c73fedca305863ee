//! The real binary against a feed in which everything goes wrong: it ends, tells the truth, and gets there in the end.

#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;

use engine::feed::simulator::{Fault, Now, Simulator, SimulatorOptions};

use crate::binary::{Files, Place, different};
use crate::textbook::at;

/// A Thursday; the running day has been running for a while.
const NOW: &str = "2024-01-11 15:30";
/// Holidays lie in between, and the end of a month and a year, so that every timeframe has a bar.
const FROM: &str = "2023-12-18";
/// More than three weeks of currencies, metal, an index and a market that never closes.
const SYMBOLS: [&str; 4] = ["EUR-USD", "XAU-USD", "USA500.IDX-USD", "BTC-USD"];
/// Few attempts, so that many days fail; the wait of a time-out is shorter than the feed's silence below.
const CONFIG: &str = "download:\n  max_retries: 3\n  backoff_factor: 0.002\n  timeout: 1\n  rate_limit_rps: 0\n  concurrency: 16\n";
/// All faults at 5 %.
const FAULTS: &str = "all=0.05,stall_ms=1300";
/// Half of all answers are sound, so each rerun halves what is missing.
const RERUNS_MAX: usize = 25;

fn simulator(faults: &str) -> Simulator {
    let faults = faults.parse().expect("an order of faults");
    Simulator::start(SimulatorOptions { seed: 0, port: 0, now: Now::Frozen(at(NOW)), faults })
        .expect("a port")
}

fn place() -> Place {
    Place::new(&SYMBOLS, CONFIG)
}

/// What a run ends with when nothing goes wrong.
fn faultless() -> Files {
    let place = place();
    let (figures, code) = place.figures(&run(&["--feed", "simulated"]), &[0]);
    assert_eq!((code, figures["notes"].as_array().map(Vec::len)), (0, Some(0)), "{figures}");
    let bins = place.bins();
    assert_eq!(bins.len(), SYMBOLS.len() * 11, "every timeframe of every symbol");
    bins
}

fn run<'a>(feed: &[&'a str]) -> Vec<&'a str> {
    [&["run", "--now", NOW, "--from", FROM], feed].concat()
}

/// Runs again and again until the series are as they should be; every run ends by itself and its code is as the
/// contract says: 1 exactly when something was left out and named.
fn rerun_until(place: &Place, expected: &Files, feed: impl Fn(usize) -> Vec<String>) {
    let mut codes = Vec::new();
    for n in 0..RERUNS_MAX {
        let feed = feed(n);
        let feed: Vec<&str> = feed.iter().map(String::as_str).collect();
        let (figures, code) = place.figures(&run(&feed), &[0, 1]);
        let left_out = figures["left_out"].as_array().expect("a list");
        let quarantined = figures["quarantined"].as_u64().expect("a number");
        assert_eq!(code == 1, !left_out.is_empty() || quarantined > 0, "{figures}");
        let is_named = |one: &serde_json::Value| {
            one["symbol"].is_string() && one["days"].as_array().is_some_and(|days| !days.is_empty())
        };
        assert!(left_out.iter().all(is_named), "{figures}");
        codes.push(code);
        let is_there = different(&place.bins(), expected).is_empty();
        if is_there && code == 0 {
            println!("exit codes {codes:?}");
            assert!(n > 0, "no fault left a trace: the first run was faultless");
            return;
        }
    }
    panic!("{codes:?}, and still other bytes in {:?}", different(&place.bins(), expected));
}

/// One feed that goes on: its counts of requests do too, so the same question has another answer in the next run.
#[test]
fn all_faults_at_once_leave_no_trace_after_enough_reruns() {
    let (expected, place) = (faultless(), place());
    let feed = simulator(&format!("{FAULTS},seed=3"));
    let address = feed.base_url();
    rerun_until(&place, &expected, |_| vec!["--feed".to_owned(), address.clone()]);
    let struck: BTreeSet<String> =
        feed.requests().iter().filter_map(|request| request.fault).map(|fault| fault.to_string()).collect();
    for fault in [Fault::TooMany, Fault::Timeout, Fault::Cut, Fault::Empty, Fault::WrongDay, Fault::Ohlc] {
        assert!(struck.contains(&fault.to_string()), "{fault} never struck");
    }
    assert_eq!(struck.len(), 10, "{struck:?}");

    // Nothing is doubtful any more: of a sound feed, only the running day is asked for.
    let sound = simulator("");
    let (figures, _) = place.figures(&run(&["--feed", &sound.base_url()]), &[0]);
    assert_eq!(figures["nothing_new"], true, "{figures}");
    let again: Vec<String> = sound.requests().into_iter().map(|request| request.path).collect();
    let is_finished_day = |path: &&String| path.contains("/candles/") && !path.contains("?from=");
    assert_eq!(again.iter().find(is_finished_day), None);
    place.ends(&["rebuild", "full"], &[0]);
    assert_eq!(different(&place.bins(), &expected), [""; 0], "rebuilt from the cache");
}

/// A feed inside each run begins to count anew, so each run throws other dice; with the same ones it would fail at the
/// same days for ever.
#[test]
fn faults_inside_the_process_leave_no_trace_either() {
    let faults = |n: usize| format!("{FAULTS},seed={}", 100 + n);
    rerun_until(&place(), &faultless(), |n| {
        ["--feed", "simulated", "--faults", &faults(n)].map(str::to_owned).to_vec()
    });
}

/// The last seven finished days and the running one get another truth after they were held.
#[test]
fn a_weekly_rebuild_finds_a_backfill() {
    const ORDER: &str = "backfill=1,backfill_after=2";
    let place = place();
    let feed = simulator(ORDER);
    place.figures(&run(&["--feed", &feed.base_url()]), &[0]);
    let first_truth = place.bins();
    assert_eq!(different(&first_truth, &faultless()), [""; 0], "the first answers are the market's");
    let weekly = ["rebuild", "weekly", "--now", NOW, "--feed", &feed.base_url()];
    let (figures, _) = place.figures(&weekly, &[0]);
    let corrected: BTreeSet<&str> = figures["corrections"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|correction| correction["symbol"].as_str())
        .collect();
    assert_eq!(corrected, BTreeSet::from(SYMBOLS), "{figures}");

    // The same feed as somebody meets it who comes when the last days have their second truth already.
    let late = simulator(ORDER);
    let elsewhere = self::place();
    let fetch = ["download", "--now", NOW, "--from", "2024-01-04", "--feed", &late.base_url()];
    elsewhere.ends(&fetch, &[0]);
    let fresh = self::place();
    fresh.figures(&run(&["--feed", &late.base_url()]), &[0]);
    let second_truth = fresh.bins();
    assert_eq!(different(&place.bins(), &second_truth), [""; 0]);
    let changed = different(&first_truth, &second_truth);
    for symbol in SYMBOLS {
        let file = format!("aggregate/1m/{symbol}.bin");
        assert!(changed.contains(&file.as_str()), "{symbol} was not backfilled: {changed:?}");
    }
    // Another week finds nothing.
    assert_eq!(place.figures(&weekly, &[0]).0["nothing_new"], true);
}
