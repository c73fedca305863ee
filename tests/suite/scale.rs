//! A long history with damage in it: every damaged day-file is named, no good bar is lost, and there is no false alarm.

#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::feed::simulator::{Damage, DamageKind, DamagePlan, Filling, Market, TooMuchDamage};
use engine::feed::wire::Candle;
use engine::model::{Bar, Day, Symbol};
use engine::store::SeriesKey;
use serde_json::Value;

use crate::binary::Place;
use crate::textbook::text;

const SEED: u64 = 7;
const CONFIG: &str = "download:\n  timeout: 5\n";

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// What stands in a manifest or report: symbol, day, kind, and how many candles.
type Named = BTreeMap<(String, String), (String, u64)>;

fn shipped_symbols() -> Vec<String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("symbols.txt");
    let list = std::fs::read_to_string(list).expect("the project ships its symbols");
    let names = list.lines().filter(|line| !line.starts_with('#') && *line != "symbol");
    names.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What a rebuild has to say of a kind of damage: its own word, and a part of the reason.
fn expected_words(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "high-below-low" | "high-below-open-or-close" => ("quarantined", "high is below open, close or low"),
        "low-above-open-or-close" => ("quarantined", "low is above open or close"),
        "negative-price" => ("suspect", "flagged"),
        "truncated" | "not-json" | "garbage" => ("refused", "JSON"),
        "unequal-arrays" => ("refused", "has"),
        "wrong-day" => ("refused", "is outside"),
        "shared-minute" => ("refused", "same minute"),
        other => panic!("nobody has heard of {other}"),
    }
}

fn word<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_else(|| panic!("{object} has no {name}"))
}

fn manifest_of(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect()
}

/// Holds what a rebuild named to the manifest: the same days, for the right reasons, and nothing else.
fn assert_named(manifest: &[Value], figures: &Value) {
    let mut expected = Named::new();
    let mut reasons = BTreeMap::new();
    for line in manifest {
        let place = (word(line, "symbol").to_owned(), word(line, "day").to_owned());
        let (class, reason) = expected_words(word(line, "kind"));
        let whole = class == "refused";
        let bars = if whole { 0 } else { line["candles_ms"].as_array().expect("a list").len() as u64 };
        assert!(whole || bars > 0, "{line}");
        reasons.insert(place.clone(), reason);
        assert_eq!(expected.insert(place, (class.to_owned(), bars)), None, "{line} is damaged twice");
    }
    let mut found = Named::new();
    for line in figures["damaged"].as_array().expect("a list") {
        let place = (word(line, "symbol").to_owned(), word(line, "day").to_owned());
        if let Some(reason) = reasons.get(&place) {
            assert!(word(line, "reason").contains(reason), "{line} should speak of '{reason}'");
        }
        let what = (word(line, "kind").to_owned(), line["bars"].as_u64().expect("a number"));
        assert_eq!(found.insert(place, what), None, "{line} is named twice");
    }
    assert_eq!(found, expected);
    let sum = |class: &str| expected.values().filter(|(kind, _)| kind == class).map(|(_, bars)| bars).sum();
    assert_eq!(figures["quarantined"].as_u64(), Some(sum("quarantined")));
    assert_eq!(figures["suspect"].as_u64(), Some(sum("suspect")));
}

/// What an audit calls a kind of damage.
fn audit_word(kind: &str) -> &'static str {
    match kind {
        "high-below-low" => "high_below_low",
        "high-below-open-or-close" => "high_below_open_or_close",
        "low-above-open-or-close" => "low_above_open_or_close",
        "negative-price" => "price_not_positive",
        "shared-minute" => "duplicate_minute",
        _ => "payload_refused",
    }
}

/// Holds what an audit named to the manifest, kind by kind, and sees that it found nothing else to complain about.
fn assert_audited(manifest: &[Value], report: &Value) {
    let place = |line: &Value| (word(line, "symbol").to_owned(), word(line, "day").to_owned());
    let expected: Named = manifest
        .iter()
        .map(|line| {
            let kind = audit_word(word(line, "kind"));
            let struck = line["candles_ms"].as_array().expect("a list").len() as u64;
            let bars = if matches!(kind, "duplicate_minute" | "payload_refused") { 0 } else { struck };
            (place(line), (kind.to_owned(), bars))
        })
        .collect();
    let damaged = report["damaged"].as_array().expect("a list");
    let found: Named = damaged
        .iter()
        .map(|line| (place(line), (word(line, "kind").to_owned(), line["bars"].as_u64().expect("a number"))))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(damaged.len(), manifest.len(), "something is named twice");
    for list in ["missing", "suspicious", "gaps"] {
        assert_eq!(report[list], Value::Array(Vec::new()), "{list}");
    }
    let strange: BTreeSet<(String, String)> = manifest
        .iter()
        .filter(|line| word(line, "kind") == "negative-price")
        .map(|line| (word(line, "symbol").to_owned(), word(line, "day").to_owned()))
        .collect();
    for spike in report["spikes"].as_array().expect("a list") {
        let day = Day::of_ms(spike["time_ms"].as_i64().expect("a time")).to_string();
        assert!(strange.contains(&(word(spike, "symbol").to_owned(), day)), "{spike} is none");
    }
}

/// What of a day has to be in the series: all candles but those that cannot be, and whether each is suspect.
fn expected_candles(
    market: &Market,
    symbol: &Symbol,
    day: Day,
    damage: Option<&Value>,
) -> Vec<(Candle, bool)> {
    let candles = market.day(symbol, day).candles;
    let Some(damage) = damage else { return candles.into_iter().map(|candle| (candle, false)).collect() };
    let struck: BTreeSet<i64> =
        damage["candles_ms"].as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
    let is_struck = |candle: &Candle| struck.contains(&candle.time_ms);
    match expected_words(word(damage, "kind")).0 {
        "refused" => Vec::new(),
        "quarantined" => {
            candles.into_iter().filter(|candle| !is_struck(candle)).map(|candle| (candle, false)).collect()
        }
        _ => candles
            .into_iter()
            .map(|mut candle| {
                let struck = is_struck(&candle);
                if struck {
                    candle.units[2] *= -1;
                }
                (candle, struck)
            })
            .collect(),
    }
}

/// Counts the bars of a series that are what the market's candles say, in order; panics at the first that is not.
fn assert_series(place: &Place, market: &Market, symbol: &Symbol, days: &[Day], manifest: &[Value]) -> u64 {
    let damage: BTreeMap<&str, &Value> = manifest
        .iter()
        .filter(|line| word(line, "symbol") == symbol.as_str())
        .map(|line| (word(line, "day"), line))
        .collect();
    let view = place.lake().read_series(&SeriesKey::minute(symbol.clone())).expect("readable");
    let view = view.expect("there is a series");
    let mut bars = view.bars().iter();
    let mut count = 0;
    for &day in days {
        let scale = 10f64.powi(-market.day(symbol, day).multiplier.exponent);
        let damage = damage.get(&*day.to_string()).copied();
        for (candle, suspect) in expected_candles(market, symbol, day, damage) {
            // An integer through a power of ten is the nearest f64; volumes are rounded at eight decimals.
            let [open, high, low, close] = candle.units.map(|units| units as f64 / scale);
            let volume = (candle.volume * 1e8).round_ties_even() / 1e8;
            let (time_ms, flags) = (candle.time_ms as u64, u32::from(suspect));
            let expected = Bar { time_ms, open, high, low, close, volume, flags, count: 1, ..Bar::default() };
            let found = bars.next().copied().unwrap_or_default();
            let bare = Bar { crc32c: 0, ..found };
            assert_eq!(bare, expected, "{symbol} at {}", text(candle.time_ms));
            assert!(found.is_intact());
            count += 1;
        }
    }
    assert_eq!(bars.next(), None, "{symbol} has bars that no payload holds");
    count
}

/// Half of the symbols on each of two threads.
fn assert_all_series(place: &Place, days: &[Day], manifest: &[Value]) -> u64 {
    let market = Market::new(SEED);
    let (left, right) = place.symbols().split_at(place.symbols().len() / 2);
    let count = |symbols: &[Symbol]| -> u64 {
        symbols.iter().map(|symbol| assert_series(place, &market, symbol, days, manifest)).sum()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| count(right));
        count(left) + other.join().expect("every bar is there")
    })
}

/// A tenth of the great trial, which takes 21 years of every symbol.
#[test]
fn every_damaged_day_of_a_long_history_is_named_and_no_good_bar_is_lost() {
    const FIRST: &str = "2023-12-01";
    const LAST: &str = "2025-12-31";
    const NOW: &str = "2026-01-01 06:00";
    const DAMAGED: usize = 134;
    let names = shipped_symbols();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = Place::on_disk(&names, CONFIG);
    let days: Vec<Day> = day(FIRST).through(day(LAST)).collect();
    assert_eq!((names.len(), names.len() * days.len()), (42, 32_004));
    let seed = SEED.to_string();
    let fill = ["simulate", "cache", "--now", NOW, "--from", FIRST, "--to", LAST, "--seed", &seed];
    let fill = [&fill[..], &["--damaged", "134", "--manifest", "damaged.jsonl"]].concat();
    let (filled, _) = place.figures(&fill, &[0]);
    assert_eq!(filled["files"], 32_004);
    let manifest = std::fs::read_to_string(place.path("damaged.jsonl")).expect("a manifest");
    let manifest = manifest_of(&manifest);
    assert_eq!(filled["damaged"].as_array(), Some(&manifest));
    assert_spread(&manifest, DAMAGED, &names);
    let (figures, _) = place.figures(&["rebuild", "full", "--now", NOW], &[1]);
    assert_named(&manifest, &figures);
    let bars = assert_all_series(&place, &days, &manifest);
    assert_eq!(figures["bars"]["1m"]["all"], bars);
    for words in [&["audit", "--now", NOW][..], &["audit", "--deep", "--now", NOW]] {
        assert_audited(&manifest, &place.figures(words, &[1]).0);
    }
    println!(
        "{} files/s written, rebuilt in {} s, {bars} bars compared",
        filled["files_per_s"], figures["seconds"]
    );
}

/// As many of every kind and of every symbol as of any other, and one in each part of the time.
fn assert_spread(manifest: &[Value], count: usize, symbols: &[&str]) {
    assert_eq!(manifest.len(), count);
    let tally = |name: &str| {
        let mut tally: BTreeMap<String, usize> = BTreeMap::new();
        manifest.iter().for_each(|line| *tally.entry(word(line, name).to_owned()).or_default() += 1);
        tally
    };
    let (kinds, struck) = (tally("kind"), tally("symbol"));
    assert_eq!((kinds.len(), struck.len()), (10, symbols.len().min(count)));
    let even = |counts: &BTreeMap<String, usize>| counts.values().max().expect("some") - 1;
    assert!(even(&kinds) <= count / kinds.len() && even(&struck) <= count / struck.len());
    let months: BTreeSet<String> = manifest.iter().map(|line| word(line, "day")[..7].to_owned()).collect();
    assert!(months.len() >= 20.min(count / 3), "damage in {} months only", months.len());
}

/// A payload as any reader of JSON sees it, without the engine's decoder.
fn decode(text: &[u8]) -> Option<Vec<(i64, [i64; 4])>> {
    let payload: Value = serde_json::from_slice(text).ok()?;
    let sums = |name: &str| -> Option<Vec<i64>> {
        let deltas = payload[name].as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<_>>>()?;
        let mut sum = 0;
        Some(
            deltas
                .into_iter()
                .map(|delta| {
                    sum += delta;
                    sum
                })
                .collect(),
        )
    };
    let times = sums("times")?;
    let multiplier = payload["multiplier"].as_f64()?;
    let mut prices = Vec::new();
    for name in ["open", "high", "low", "close"] {
        let base = (payload[name].as_f64()? / multiplier).round() as i64;
        let column: Vec<i64> = sums(&format!("{name}s"))?.into_iter().map(|sum| base + sum).collect();
        if column.len() != times.len() {
            return None;
        }
        prices.push(column);
    }
    if payload["volumes"].as_array()?.len() != times.len() {
        return None;
    }
    let start_ms = payload["timestamp"].as_i64()?;
    let candle = |i: usize| (start_ms + 60_000 * times[i], [0, 1, 2, 3].map(|column| prices[column][i]));
    Some((0..times.len()).map(candle).collect())
}

/// Whether a damaged file is broken as its kind says, and nowhere else.
fn assert_damage(market: &Market, damage: &Damage, bytes: &[u8]) {
    use DamageKind::*;
    let sound = market.day(&damage.symbol, damage.day);
    let (start_ms, end_ms) = (damage.day.start_ms(), damage.day.end_ms());
    let payload = sound.payload(start_ms);
    let found = decode(bytes);
    let what = format!("{damage:?}");
    match damage.kind {
        Truncated => assert!(found.is_none() && payload.as_bytes().starts_with(bytes), "{what}"),
        NotJson => assert!(found.is_none() && bytes.starts_with(b"<html>"), "{what}"),
        Garbage => assert!(found.is_none() && bytes.len() == payload.len(), "{what}"),
        UnequalArrays => {
            let json: Value = serde_json::from_slice(bytes).expect("still JSON");
            assert!(found.is_none() && json["times"].is_array(), "{what}");
        }
        WrongDay => {
            let candles = found.expect("a sound payload");
            assert!(!candles.is_empty() && candles.iter().all(|(time_ms, _)| *time_ms < start_ms), "{what}");
        }
        SharedMinute => {
            let candles = found.expect("a payload");
            let shared: Vec<i64> =
                candles.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0).collect();
            assert_eq!(shared, damage.minutes_ms, "{what}");
            assert!(candles.iter().all(|(time_ms, _)| (start_ms..end_ms).contains(time_ms)), "{what}");
        }
        HighBelowLow | HighBelowBody | LowAboveBody | NegativePrice => {
            let candles = found.expect("a payload");
            assert_eq!(candles.len(), sound.candles.len(), "{what}");
            let mut struck = Vec::new();
            for ((time_ms, units), sound) in candles.into_iter().zip(&sound.candles) {
                assert_eq!(time_ms, sound.time_ms, "{what}");
                if units != sound.units {
                    struck.push(time_ms);
                    assert!(is_broken_so(damage.kind, units), "{what}: {units:?}");
                }
            }
            assert_eq!(struck, damage.minutes_ms, "{what}");
        }
    }
    assert_eq!(damage.minutes_ms.is_empty(), (Truncated..SharedMinute).contains(&damage.kind), "{what}");
}

fn is_broken_so(kind: DamageKind, [open, high, low, close]: [i64; 4]) -> bool {
    let (top, bottom) = (open.max(close), open.min(close));
    match kind {
        DamageKind::HighBelowLow => high < low,
        DamageKind::HighBelowBody => low <= high && high < top && low <= bottom,
        DamageKind::LowAboveBody => low <= high && low > bottom && high >= top,
        _ => low < 0 && low <= bottom && high >= top,
    }
}

fn symbols(names: &[&str]) -> Vec<Symbol> {
    names.iter().map(|name| name.parse().expect("a symbol")).collect()
}

#[test]
fn damage_is_what_it_is_called_and_leaves_the_rest_alone() {
    let market = Market::new(SEED);
    // A currency, a market that never rests, and one whose small prices leave little room between high and low.
    let symbols = symbols(&["EUR-USD", "BTC-USD", "XRP-USD", "COCOA.CMD-USD"]);
    let days: Vec<Day> = day("2024-01-01").through(day("2024-03-31")).collect();
    let plan = DamagePlan::choose(&market, &symbols, &days, 160, 3).expect("there is room");
    let files = std::sync::Mutex::new(BTreeMap::new());
    let filling =
        Filling { market: &market, symbols: &symbols, days: &days, plan: &plan, seed: 3, threads: 2 };
    let damage = filling
        .hand_over::<()>(|symbol, day, bytes| {
            let before = files.lock().expect("no panic").insert((symbol.clone(), day), bytes.to_vec());
            assert_eq!(before, None, "{symbol} {day} came twice");
            Ok(())
        })
        .expect("nobody objects");
    let mut files = files.into_inner().expect("no panic");
    assert_eq!((files.len(), damage.len()), (symbols.len() * days.len(), 160));
    for damage in &damage {
        let bytes = files.remove(&(damage.symbol.clone(), damage.day)).expect("one file a day");
        assert_damage(&market, damage, &bytes);
    }
    for kind in DamageKind::all() {
        let count = damage.iter().filter(|damage| damage.kind == kind).count();
        assert_eq!(count, 16, "{kind}");
    }
    for ((symbol, day), bytes) in files {
        let sound = market.day(&symbol, day);
        let candles: Vec<_> = sound.candles.iter().map(|candle| (candle.time_ms, candle.units)).collect();
        match candles.is_empty() {
            true => assert_eq!(bytes, sound.payload(day.start_ms()).into_bytes()),
            false => assert_eq!(decode(&bytes), Some(candles), "{symbol} {day}"),
        }
    }
    let other = DamagePlan::choose(&market, &symbols, &days, 160, 4).expect("there is room");
    assert_ne!(plan, other, "the seed decides nothing");
}

#[test]
fn no_more_days_are_damaged_than_have_candles() {
    let market = Market::new(SEED);
    let symbols = symbols(&["EUR-USD", "AAPL.US-USD"]);
    // Two weeks: a currency trades on Sunday evenings too.
    let days: Vec<Day> = day("2024-03-04").through(day("2024-03-17")).collect();
    let possible = 12 + 10;
    let all = DamagePlan::choose(&market, &symbols, &days, possible, 1).expect("every day with candles");
    let chosen = |symbol: &Symbol| days.iter().filter(|day| all.kind_of(symbol, **day).is_some()).count();
    assert_eq!((chosen(&symbols[0]), chosen(&symbols[1])), (12, 10));
    let refused = DamagePlan::choose(&market, &symbols, &days, possible + 1, 1);
    assert_eq!(refused, Err(TooMuchDamage { asked: possible + 1, possible }));
    assert_eq!(DamagePlan::choose(&market, &[], &days, 1, 1), Err(TooMuchDamage { asked: 1, possible: 0 }));
    assert_eq!(DamagePlan::choose(&market, &symbols, &[], 0, 1), Ok(DamagePlan::default()));
}

const NOW: &str = "2024-03-15 06:00";

fn cache<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["simulate", "cache", "--now", NOW], words].concat()
}

#[test]
fn a_long_list_of_damaged_days_is_cut_short_for_people_and_never_for_machines() {
    let place = Place::new(&["EUR-USD", "XAU-USD"], CONFIG);
    let words = cache(&["--from", "2024-02-15", "--damaged", "25"]);
    let (filled, _) = place.figures(&words, &[0]);
    let manifest = filled["damaged"].as_array().expect("a list");
    // Until yesterday: today is not over.
    assert_eq!((manifest.len(), &filled["files"]), (25, &Value::from(2 * 29)));
    let said = place.ends(&["rebuild", "full", "--now", NOW], &[1]);
    let said = String::from_utf8(said.stderr).expect("text");
    let named = |line: &Value| format!("{} {}: ", word(line, "symbol"), word(line, "day"));
    let count = manifest.iter().filter(|line| said.contains(&named(line))).count();
    assert!(
        count == 20 && said.contains("and 5 more damaged days (--json names them all)"),
        "{count}: {said}"
    );
    let (figures, _) = place.figures(&["rebuild", "full", "--now", NOW], &[1]);
    assert_named(manifest, &figures);
    // The next run looks at the last days again, and at nothing else.
    let (usual, _) = place.figures(&["aggregate", "--now", NOW], &[0, 1]);
    let since = "2024-03-08";
    let recent: Vec<Value> = manifest.iter().filter(|line| word(line, "day") >= since).cloned().collect();
    assert!(!recent.is_empty() && recent.len() < 25);
    assert_named(&recent, &usual);
}

/// Coins are younger than this; whoever looks for gaps must not take the days before for days that cannot be.
#[test]
fn the_instruments_know_the_whole_history_that_is_written() {
    let place = Place::new(&["BTC-USD", "EUR-USD"], CONFIG);
    place.ends(&cache(&["--from", "2011-02-01", "--to", "2011-02-07"]), &[0]);
    let begins = |symbol: &Symbol| {
        let (bytes, _) = place.lake().read_instrument(symbol).expect("readable").expect("written");
        engine::model::instrument::Instrument::from_json(&bytes).expect("sound").history_start()
    };
    assert_eq!(begins(&place.symbols()[0]), Some(day("2011-02-01")));
    assert_eq!(begins(&place.symbols()[1]), Some(Market::new(0).history_start(&place.symbols()[1])));
}

#[test]
fn an_undamaged_history_raises_no_alarm() {
    let place = Place::new(&["EUR-USD", "BTC-USD", "AAPL.US-USD", "BUND.TR-EUR"], CONFIG);
    let words = cache(&["--from", "2023-12-15", "--seed", "7"]);
    assert_eq!(place.figures(&words, &[0]).0["damaged"], Value::Array(Vec::new()));
    let (figures, _) = place.figures(&["rebuild", "full", "--now", NOW], &[0]);
    assert_named(&[], &figures);
    assert_eq!(figures["notes"], Value::Array(Vec::new()));
    let days: Vec<Day> = day("2023-12-15").through(day("2024-03-14")).collect();
    assert!(assert_all_series(&place, &days, &[]) > 100_000);
    assert_audited(&[], &place.figures(&["audit", "--deep", "--strict", "--now", NOW], &[0]).0);
}

#[test]
fn a_cache_that_holds_payloads_is_not_written_over_without_force() {
    let place = Place::new(&["EUR-USD"], CONFIG);
    place.ends(&cache(&["--from", "2024-03-04", "--to", "2024-03-13"]), &[0]);
    place.ends(&["rebuild", "full", "--now", NOW], &[0]);
    let before = crate::binary::files(&place.path("cache"));
    let other = ["--from", "2024-03-11", "--seed", "8"];
    let refused = place.ends(&cache(&other), &[2]);
    let said = String::from_utf8(refused.stderr).expect("text");
    for part in ["10 payloads", "EUR-USD is 2024-03-04", "--force", "cache"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(before == crate::binary::files(&place.path("cache")), "a refusal changes nothing");
    place.ends(&cache(&[&other[..], &["--symbols", "EUR-USD", "--force"]].concat()), &[0]);
    // What was aggregated already is compared again, without being asked to.
    let (figures, _) = place.figures(&["aggregate", "--now", "2024-06-01"], &[0]);
    assert_eq!(figures["corrections"][0]["from_ms"], day("2024-03-11").start_ms(), "{figures}");
    let corrected = place.bins();
    place.ends(&["resample", "--now", "2024-06-01"], &[0]);
    place.ends(&["rebuild", "full", "--now", "2024-06-01"], &[0]);
    let minute = "aggregate/1m/EUR-USD.bin";
    assert_eq!(place.bins()[minute], corrected[minute]);
}

#[test]
fn what_cannot_be_simulated_is_said_with_exit_code_2() {
    let place = Place::new(&["EUR-USD"], CONFIG);
    let cases: [(&[&str], &str); 3] = [
        (&["simulate", "cache", "--now", NOW, "--from", "2024-03-15"], "no day of this window is over"),
        (&["simulate", "cache", "--now", NOW, "--damaged", "99"], "99 day-files cannot be damaged: only 6"),
        (&["simulate", "--seed", "3", "cache", "--now", NOW], "engine simulate cache --seed"),
    ];
    for (words, part) in cases {
        let said = String::from_utf8(place.ends(words, &[2]).stderr).expect("text");
        assert!(said.contains(part), "{words:?}: {said}");
    }
    assert!(!place.path("cache").exists(), "nothing was written");
}
