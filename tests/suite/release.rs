//! What the user takes out of quarantine, and what a correction says: the real binary, and figures counted by hand.

use std::path::PathBuf;
use std::process::Output;

use engine::feed::simulator::{Now, Simulator, SimulatorOptions};
use engine::feed::wire::Candle;
use engine::model::{Bar, Day};
use engine::store::SeriesKey;
use serde_json::Value;

use crate::binary::{Place, different};
use crate::textbook::at;
use crate::textbook::world::{MINUTE, payload};

/// A Monday.
const NOW: &str = "2024-01-15 12:00";
/// The Tuesday before it.
const DAY: &str = "2024-01-09";
const CONFIG: &str =
    "download:\n  max_retries: 2\n  backoff_factor: 0.002\n  timeout: 5\n  rate_limit_rps: 0\n";

fn date(text: &str) -> Day {
    text.parse().expect("a day")
}

fn simulator(faults: &str) -> Simulator {
    let faults = faults.parse().expect("an order of faults");
    Simulator::start(SimulatorOptions { seed: 0, port: 0, now: Now::Frozen(at(NOW)), faults })
        .expect("a port")
}

fn place(config: &str) -> Place {
    Place::new(&["EUR-USD"], &format!("{CONFIG}{config}"))
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn cached(place: &Place, symbol: &str, day: &str) -> PathBuf {
    let (year, month) = (&day[..4], &day[5..7]);
    place.path(&format!("cache/{year}/{month}/{symbol}_{}.json", day.replace('-', "")))
}

/// Three minutes from 10:30 on.
fn three(day: &str) -> Vec<Candle> {
    let minute = |n: i64| Candle {
        time_ms: date(day).start_ms() + (630 + n) * MINUTE,
        units: [109_400 + n, 109_410 + n, 109_390 + n, 109_405 + n],
        volume: 10.0 + n as f64,
    };
    (0..3).map(minute).collect()
}

/// Puts a payload into the cache.
fn put(place: &Place, day: &str, candles: &[Candle]) {
    let path = cached(place, "EUR-USD", day);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, payload(date(day), candles)).expect("written");
}

/// Nine days, the first of them a week before [`DAY`].
fn nine_days(place: &Place) {
    for n in 0..9 {
        let day = date("2024-01-02").plus(n).to_string();
        put(place, &day, &three(&day));
    }
}

const RUN: [&str; 5] = ["run", "--now", NOW, "--from", "2024-01-02"];

fn offline(place: &Place, codes: &[i32]) -> Output {
    place.ends(&["aggregate", "--now", NOW, "--from", "2024-01-02"], codes)
}

fn minutes(place: &Place) -> Vec<Bar> {
    let bytes = place.bins().remove("aggregate/1m/EUR-USD.bin").unwrap_or_default();
    bytes.chunks(64).map(bytemuck::pod_read_unaligned).collect()
}

/// The line about a correction that a command has said, without the symbol.
fn told(output: &Output) -> String {
    let said = err(output);
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("corrected from")).collect();
    assert_eq!(lines.len(), 1, "one line for one symbol: {said}");
    lines[0].strip_prefix("EUR-USD: ").expect("the symbol comes first").to_owned()
}

#[test]
fn a_correction_is_one_line_with_its_figures() {
    let place = place("");
    nine_days(&place);
    offline(&place, &[0]);
    let changed = |at: &dyn Fn(&mut Vec<Candle>)| {
        let mut candles = three(DAY);
        at(&mut candles);
        put(&place, DAY, &candles);
    };
    // The second high goes up by 32 units of 0.00001.
    changed(&|candles| candles[1].units[1] += 32);
    let output = offline(&place, &[0]);
    assert_eq!(
        told(&output),
        "corrected from 2024-01-09 10:31 UTC on: 1 bar differs, prices by 0.00032 at most"
    );
    // It goes back, the third bar is gone, and there is one a minute before the first.
    changed(&|candles| {
        candles.remove(2);
        candles.insert(0, Candle { time_ms: candles[0].time_ms - MINUTE, ..candles[0] });
    });
    let output = offline(&place, &[0]);
    let line = "corrected from 2024-01-09 10:29 UTC on: 3 bars differ (1 added, 1 removed), prices by 0.00032 at most";
    assert_eq!(told(&output), line);
    // Two days at once, only volumes: no price has changed.
    changed(&|candles| candles[0].volume = 99.0);
    let mut other = three("2024-01-04");
    other[2].volume = 98.0;
    put(&place, "2024-01-04", &other);
    let (figures, _) = place.figures(&["aggregate", "--now", NOW, "--from", "2024-01-02"], &[0]);
    let correction = &figures["corrections"][0];
    let expected = serde_json::json!({
        "symbol": "EUR-USD", "from": "2024-01-04 10:32:00", "from_ms": at("2024-01-04 10:32"), "utc_offset_s": 0,
        "bars": 4, "added": 1, "removed": 1, "changed": 2, "days": 2, "price": 0.0,
    });
    assert_eq!(correction, &expected);
    assert_eq!(figures["corrections"].as_array().map(Vec::len), Some(1));
    assert_eq!(figures["nothing_new"], false);
}

#[test]
fn the_time_of_a_correction_is_the_servers_with_the_instant() {
    let clock = "transform:\n  timezones:\n    America/New_York:\n      offset_to_shift_map: {-240: 10800000, -300: 7200000}\n      symbols: ['*']\n";
    let place = place(clock);
    let mut candles = three(DAY);
    let late = Candle { time_ms: date(DAY).start_ms() + 1430 * MINUTE, ..candles[2] };
    candles.push(late);
    put(&place, DAY, &candles);
    offline(&place, &[0]);
    candles[1].units[3] -= 4;
    candles[3].units[0] += 1;
    put(&place, DAY, &candles);
    let output = offline(&place, &[0]);
    assert_eq!(
        told(&output),
        "corrected from 2024-01-09 12:31 (10:31 UTC) on: 2 bars differ, prices by 0.00004 at most"
    );
    candles[3].units[0] += 1;
    put(&place, DAY, &candles);
    let output = offline(&place, &[0]);
    let line =
        "corrected from 2024-01-10 01:50 (2024-01-09 23:50 UTC) on: 1 bar differs, prices by 0.00001 at most";
    assert_eq!(told(&output), line);
}

#[test]
fn a_rebuild_tells_what_it_changed_and_what_went() {
    for what in ["full", "aggregate"] {
        let place = place("");
        nine_days(&place);
        offline(&place, &[0]);
        let quiet = place.ends(&["rebuild", what, "--now", NOW], &[0]);
        assert!(!err(&quiet).contains("corrected"), "{what}: {}", err(&quiet));
        // A new day is no correction.
        put(&place, "2024-01-11", &three("2024-01-11"));
        let grown = place.ends(&["rebuild", what, "--now", NOW], &[0]);
        assert!(!err(&grown).contains("corrected"), "{what}: {}", err(&grown));
        std::fs::remove_file(cached(&place, "EUR-USD", DAY)).expect("it was there");
        std::fs::remove_file(cached(&place, "EUR-USD", "2024-01-04")).expect("it was there");
        let silent = offline(&place, &[0]);
        assert!(!err(&silent).contains("EUR-USD"), "{what}: a run says nothing: {}", err(&silent));
        let output = place.ends(&["rebuild", what, "--now", NOW], &[0]);
        let line = "corrected from 2024-01-04 10:30 UTC on: 6 bars of 2 days differ (6 removed)";
        assert_eq!(told(&output), line, "{what}");
        let gone = "EUR-USD: the cache has no payload of 2 days any more: 6 bars went with them";
        assert!(err(&output).lines().any(|line| line == gone), "{what}: {}", err(&output));
        assert_eq!(minutes(&place).len(), 8 * 3, "{what}");
    }
}

#[test]
fn another_step_is_said_with_the_command_that_helps() {
    let place = place("");
    nine_days(&place);
    offline(&place, &[0]);
    let step = "transform:\n  symbols:\n    EUR-USD:\n      post:\n        double: {action: '*', columns: [open, high, low, close], value: 2}\n";
    std::fs::write(place.path("config.yaml"), format!("{CONFIG}{step}")).expect("written");
    let output = offline(&place, &[1]);
    assert!(err(&output).contains("engine rebuild full --symbols EUR-USD"), "{}", err(&output));
    assert!(err(&output).contains("--rebuild-changed"), "{}", err(&output));
    let (figures, _) =
        place.figures(&["aggregate", "--now", NOW, "--from", "2024-01-02", "--rebuild-changed"], &[0]);
    let correction = &figures["corrections"][0];
    assert_eq!((&correction["bars"], &correction["days"]), (&Value::from(27), &Value::from(9)));
    // The third high, 1.09412, became 2.18824.
    assert_eq!(correction["price"].as_f64().map(|price| (price * 1e5).round()), Some(109_412.0));
    assert_eq!(minutes(&place)[0].open, 2.188);
}

/// Nine days, one of which has a bar whose high lies below its low.
fn with_a_broken_bar(config: &str) -> Place {
    let place = place(config);
    nine_days(&place);
    let mut candles = three(DAY);
    candles[1].units[1] = candles[1].units[2] - 1;
    put(&place, DAY, &candles);
    place
}

#[test]
fn a_released_bar_goes_in_and_comes_out_again() {
    let place = with_a_broken_bar("");
    let output = offline(&place, &[1]);
    let lines =
        ["bars in quarantine: 1;", "EUR-USD 2024-01-09: 1 bar quarantined: high is below open, close or low"];
    assert!(lines.iter().all(|line| err(&output).contains(line)), "{}", err(&output));
    assert!(err(&output).contains("engine audit --release EUR-USD 2024-01-09"), "{}", err(&output));
    place.ends(&["resample"], &[0]);
    assert_eq!(minutes(&place).len(), 26);
    let undecided = place.bins();

    let output = place.ends(&["audit", "--release", "EUR-USD", DAY], &[0]);
    let line = "EUR-USD 2024-01-09: 1 bar released into the series, flagged suspect; \
                corrected from 2024-01-09 10:31 UTC on: 1 bar differs (1 added)\n";
    assert_eq!(out(&output), line);
    let bar = minutes(&place)[22];
    assert_eq!((bar.time_ms as i64, bar.flags), (at("2024-01-09 10:31"), 1));
    assert_eq!((bar.high, bar.low), (1.0939, 1.09391));
    let released = place.bins();
    assert!(different(&released, &undecided).contains(&"resample/5m/EUR-USD.bin"));
    let output = offline(&place, &[0]);
    assert!(!err(&output).contains("quarantine"), "{}", err(&output));
    assert_eq!(different(&place.bins(), &released), [""; 0]);

    std::fs::remove_dir_all(place.path("data")).expect("it was there");
    place.ends(&["rebuild", "full", "--now", NOW], &[0]);
    assert_eq!(different(&place.bins(), &released), [""; 0], "the decision lies in the cache");

    let (figures, _) = place.figures(&["audit", "--release", "EUR-USD", DAY], &[0]);
    assert_eq!((&figures["was_so"], &figures["correction"]), (&Value::Bool(true), &Value::Null));
    let (figures, _) = place.figures(&["audit", "--hold", "EUR-USD", DAY], &[0]);
    assert_eq!((&figures["bars"], &figures["correction"]["removed"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(different(&place.bins(), &undecided), [""; 0]);
    offline(&place, &[1]);
}

#[test]
fn a_decision_that_cannot_be_made_is_an_error_with_a_way_out() {
    let place = with_a_broken_bar("");
    offline(&place, &[1]);
    let before = place.bins();
    let table: [(&[&str], i32, &[&str]); 11] = [
        (&["--release", "EUR-USD", "2024-01-08"], 2, &["every bar of that day is in order", DAY]),
        (&["--release", "EUR-USD", "2019-01-08"], 2, &["no payload of that day", DAY]),
        (&["--release", "XAU-USD", DAY], 2, &["no payload of that day", "no day of this symbol"]),
        (&["--hold", "EUR-USD", DAY], 2, &["was not released", "no day of this symbol"]),
        (&["--release", "EUR-USD", "yesterday"], 2, &["'yesterday' is not a date", "--release"]),
        (&["--release", "EUR USD", DAY], 2, &["EUR USD"]),
        (&["--release", "EUR-USD"], 2, &["2 values"]),
        (&["--release", "EUR-USD", DAY, "--hold", "EUR-USD", DAY], 2, &["cannot be used with"]),
        (&["--release", "EUR-USD", DAY, "--symbols", "EUR-USD"], 2, &["cannot be used with"]),
        (&["--hold", "EUR-USD", DAY, "--deep"], 2, &["cannot be used with"]),
        (&["--release", "EUR-USD", DAY, "--from", DAY], 2, &["cannot be used with"]),
    ];
    for (words, code, expected) in table {
        let output = place.ends(&[&["audit"], words].concat(), &[code]);
        for word in expected {
            assert!(err(&output).contains(word), "{words:?} without '{word}': {}", err(&output));
        }
    }
    std::fs::write(cached(&place, "EUR-USD", DAY), "{\"timestamp\": 1").expect("written");
    let output = place.ends(&["audit", "--release", "EUR-USD", DAY], &[2]);
    for word in ["cannot be released", "not a JSON object", "engine run"] {
        assert!(err(&output).contains(word), "{}", err(&output));
    }
    let held = place.lake().try_lock(0).expect("the lock");
    place.ends(&["audit", "--release", "EUR-USD", DAY], &[3]);
    drop(held);
    assert_eq!(different(&place.bins(), &before), [""; 0]);
}

/// What was asked of the feed about finished days since some request.
fn asked(feed: &Simulator, since: usize) -> Vec<String> {
    let paths = feed.requests().into_iter().skip(since).map(|request| request.path);
    paths.filter(|path| path.contains("/candles/") && !path.contains("?from=")).collect()
}

/// Every answer of this feed has a candle that cannot be.
#[test]
fn a_released_day_is_not_asked_for_again() {
    for (mode, config) in [("quarantine", ""), ("reject", "transform:\n  validate: reject\n")] {
        let place = place(config);
        let feed = simulator("ohlc=1");
        let run = |from: &str, to: &str, code: i32| {
            let address = feed.base_url();
            place.figures(&["run", "--now", NOW, "--from", from, "--to", to, "--feed", &address], &[code]).0
        };
        let figures = run(DAY, "2024-01-10", 1);
        if mode == "reject" {
            let refused = figures["damaged"].as_array().expect("a list");
            assert_eq!(refused.len(), 2, "{figures}");
            assert!(refused[0]["reason"].as_str().expect("words").contains("2024-01-09"), "{figures}");
            assert_eq!(figures["left_out"][0]["days"], serde_json::json!([DAY, "2024-01-10"]), "{figures}");
            assert_eq!(minutes(&place).len(), 0, "{figures}");
        } else {
            assert_eq!(figures["quarantined"], 2, "{figures}");
        }
        let so_far = feed.requests().len();
        run(DAY, "2024-01-10", 1);
        assert_eq!(asked(&feed, so_far).len(), 2, "{mode}: both are asked for again, once");

        place.ends(&["audit", "--now", NOW, "--release", "EUR-USD", DAY], &[0]);
        let so_far = feed.requests().len();
        run(DAY, "2024-01-10", 1);
        let again = asked(&feed, so_far);
        assert_eq!(again.len(), 1, "{mode}: {again:?}");
        assert!(again[0].ends_with("/2024/1/10"), "{mode}: {again:?}");
        place.ends(&["audit", "--now", NOW, "--release", "EUR-USD", "2024-01-10"], &[0]);
        let so_far = feed.requests().len();
        run(DAY, "2024-01-10", 0);
        assert_eq!(asked(&feed, so_far).len(), 0, "{mode}");
        place.ends(
            &["rebuild", "weekly", "--now", NOW, "--symbols", "EUR-USD", "--feed", &feed.base_url()],
            &[1],
        );
        let suspects = minutes(&place).iter().filter(|bar| bar.flags == 1).count();
        assert_eq!(suspects, 2, "{mode}: the same answer keeps the decision");
    }
}

/// Somebody puts damaged files into the cache, within the window of a run and long before it.
#[test]
fn a_damaged_payload_is_set_aside_and_heals() {
    let place = place("");
    let feed = simulator("");
    let address = feed.base_url();
    place.figures(&[&RUN[..], &["--feed", &address]].concat(), &[0]);
    let sound = place.bins();
    let old = "2024-01-03";
    let damages: [(&str, &[u8]); 2] = [("cut", &[]), ("garbage", &[0xff; 3000])];
    for (what, bytes) in damages {
        for day in [old, DAY] {
            let path = cached(&place, "EUR-USD", day);
            let whole = std::fs::read(&path).expect("a payload");
            let bytes = if bytes.is_empty() { &whole[..whole.len() / 2] } else { bytes };
            std::fs::write(&path, bytes).expect("written");
        }
        let named = |figures: &Value| {
            let damaged = figures["damaged"].as_array().expect("a list").iter();
            let refused = damaged.filter(|one| one["kind"] == "refused");
            refused.filter_map(|one| one["day"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        let (figures, _) = place.figures(&["aggregate", "--now", NOW, "--from", "2024-01-02"], &[1]);
        assert_eq!(named(&figures), [old, DAY], "{what}: {figures}");
        assert_eq!(different(&place.bins(), &sound), [""; 0], "{what}: no good bar is lost");
        assert!(place.path("data/quarantine/2024/01/EUR-USD_20240103.json").exists(), "{what}");

        // The feed is away: nothing gets worse, and the days stay in mind.
        let away = simulator("503=1");
        let lost = ["run", "--now", NOW, "--feed", &away.base_url()];
        place.figures(&lost, &[1]);
        assert_eq!(different(&place.bins(), &sound), [""; 0], "{what}");
        assert!(
            asked(&away, 0).iter().any(|path| path.ends_with("/2024/1/3")),
            "{what}: {:?}",
            asked(&away, 0)
        );
        // The old one has its file in quarantine; a note would have every run compare all the days since.
        let minute = SeriesKey::minute(place.symbols()[0].clone());
        let record = place.lake().read_commit(&minute).expect("a sound record").expect("a record");
        assert_eq!(record.reconcile_from, Some(date(DAY)), "{what}");

        let so_far = feed.requests().len();
        let (figures, _) = place.figures(&["run", "--now", NOW, "--feed", &address], &[0]);
        let again = asked(&feed, so_far);
        assert_eq!(again.len(), 2, "{what}: {again:?}");
        assert!(again.iter().any(|path| path.ends_with("/2024/1/3")), "{what}: {again:?}");
        assert_eq!((named(&figures).len(), &figures["left_out"]), (0, &serde_json::json!([])), "{what}");
        assert_eq!(different(&place.bins(), &sound), [""; 0], "{what}");
        assert_eq!(crate::binary::files(&place.path("data/quarantine")).len(), 0, "{what}: forgotten");
        let so_far = feed.requests().len();
        place.figures(&["run", "--now", NOW, "--feed", &address], &[0]);
        assert_eq!(asked(&feed, so_far).len(), 0, "{what}: healed");
    }
    place.ends(&["rebuild", "full"], &[0]);
    assert_eq!(different(&place.bins(), &sound), [""; 0]);
}
