//! The part of the corpus that is made and not written by hand: payloads of a simulated market, records, series.
//!
//! `UPDATE_CORPUS=1 cargo test --test suite fuzz::seeds` writes it anew.

use engine::feed::simulator::Market;
use engine::feed::wire::{Candle, encode};
use engine::model::decimal::Decimal;
use engine::model::{Bar, Day, Symbol};
use engine::store::Commit;

use super::corpus;
use super::doors::{DAY, Files, config, payload};
use crate::textbook::world::candles;
use crate::textbook::{Dice, text};

fn symbol(name: &str) -> Symbol {
    name.parse().expect("a symbol")
}

/// The day that is asked for, as some market would tell it up to a minute.
fn market_day(name: &str, minutes: i64) -> Vec<u8> {
    let day = Market::new(1).day(&symbol(name), DAY).as_of(DAY.start_ms() + minutes * 60_000 + 7_000);
    day.payload(DAY.start_ms()).into_bytes()
}

fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let sparse = candles(&mut Dice(3), DAY, 30);
    let unit = Decimal { mantissa: 1, exponent: -5 };
    let huge = [Candle { time_ms: DAY.start_ms(), units: [1 << 50, 1 << 51, 1, 1 << 50], volume: 1e-7 }];
    let tomorrow = encode(DAY.start_ms(), unit, &candles(&mut Dice(4), DAY.plus(1), 10));
    vec![
        ("euro", market_day("EUR-USD", 90)),
        ("yen", market_day("USD-JPY", 40)),
        ("bitcoin", market_day("BTC-USD", 200)),
        ("sparse", encode(DAY.start_ms(), unit, &sparse).into_bytes()),
        ("empty", encode(DAY.start_ms(), unit, &[]).into_bytes()),
        ("huge", encode(DAY.start_ms(), Decimal { mantissa: 25, exponent: -2 }, &huge).into_bytes()),
        ("tomorrow", tomorrow.into_bytes()),
        (
            "spaced",
            market_day("EUR-USD", 12)
                .iter()
                .flat_map(|byte| if b",:[".contains(byte) { vec![*byte, b' ', b'\n'] } else { vec![*byte] })
                .collect(),
        ),
    ]
}

fn records() -> Vec<(&'static str, Vec<u8>)> {
    let day = |text: &str| text.parse::<Day>().ok();
    let minute = Commit {
        out_pos: 64 * 1234,
        watermark_ms: DAY.end_ms() as u64,
        last_date: Some(DAY),
        fingerprint: 7,
        ..Commit::default()
    };
    let coarser = Commit { in_pos: 640, last_date: None, corrections: 3, ..minute };
    let behind = Commit { reconcile_from: day("2023-12-28"), ..minute };
    let mut other_version = minute.encode();
    other_version[4] = 2;
    vec![
        ("minute", minute.encode().to_vec()),
        ("coarser", coarser.encode().to_vec()),
        ("behind", behind.encode().to_vec()),
        ("default", Commit::default().encode().to_vec()),
        ("other-version", other_version.to_vec()),
        ("short", minute.encode()[..63].to_vec()),
    ]
}

/// Minutes of a random day, and the 5m bars of a plain fold of them.
fn bars() -> (Vec<Bar>, Vec<Bar>) {
    let minute = |candle: &Candle| {
        let [open, high, low, close] = candle.units.map(|units| units as f64 / 1e5);
        Bar {
            time_ms: candle.time_ms as u64,
            open,
            high,
            low,
            close,
            volume: 1.0,
            count: 1,
            ..Bar::default()
        }
        .sealed()
    };
    let minutes: Vec<Bar> = candles(&mut Dice(5), DAY, 25).iter().map(minute).collect();
    let mut folded: Vec<Bar> = Vec::new();
    for bar in &minutes {
        let label = bar.time_ms / 300_000 * 300_000;
        match folded.last_mut().filter(|last| last.time_ms == label) {
            Some(last) => {
                (last.high, last.low) = (last.high.max(bar.high), last.low.min(bar.low));
                (last.close, last.volume, last.count) = (bar.close, last.volume + bar.volume, last.count + 1);
            }
            None => folded.push(Bar { time_ms: label, ..*bar }),
        }
    }
    (minutes[..24].to_vec(), folded[..8].iter().map(|bar| bar.sealed()).collect())
}

fn series() -> Vec<(&'static str, Vec<u8>)> {
    let (minutes, folded) = bars();
    let record = |bars: &[Bar], in_pos: u64| Commit {
        out_pos: size_of_val(bars) as u64,
        in_pos,
        watermark_ms: bars.last().map_or(0, |bar| bar.time_ms),
        last_date: None,
        ..Commit::default()
    };
    let sound = [record(&minutes, 0).encode(), record(&folded, 64 * 20).encode()];
    let joined =
        |how, minutes: &[Bar], folded: &[Bar]| Files::joined(how, [&sound[0], &sound[1]], minutes, folded);
    let strange = |change: &dyn Fn(&mut Vec<Bar>)| {
        let mut bars = minutes.clone();
        change(&mut bars);
        joined(7, &bars, &folded)
    };
    let at = |time_ms: u64| move |bars: &mut Vec<Bar>| bars[20].time_ms = time_ms;
    vec![
        ("sound", joined(0, &minutes, &folded)),
        ("garbage-after", joined(3, &minutes, &folded)),
        ("no-minutes", joined(7, &[], &folded)),
        ("no-coarser", joined(7, &minutes, &[])),
        ("claims-more", Files::joined(0, [&sound[0], &sound[1]], &minutes[..6], &folded[..2])),
        ("backwards", strange(&|bars| bars.reverse())),
        ("year-9999", strange(&at(253_402_214_400_000))),
        ("last-moment", strange(&at(u64::MAX))),
        ("before-time", strange(&at(1 << 63))),
        ("far-offset", strange(&|bars| bars[3].utc_offset_s = i32::MIN)),
        ("no-numbers", strange(&|bars| (bars[3].open, bars[4].volume) = (f64::NAN, f64::INFINITY))),
    ]
}

#[test]
fn the_made_part_of_the_corpus_is_as_it_is_made() {
    for (door, made) in [("payload", payloads()), ("commit", records()), ("series", series())] {
        for (name, bytes) in made {
            let path = corpus(door).join(name);
            if std::env::var_os("UPDATE_CORPUS").is_some() {
                std::fs::create_dir_all(corpus(door)).expect("a folder");
                std::fs::write(&path, &bytes).expect("written");
            }
            let held = std::fs::read(&path).unwrap_or_default();
            assert!(held == bytes, "{}: write it anew with UPDATE_CORPUS=1", path.display());
        }
    }
}

#[test]
fn configurations_of_the_corpus_are_sound_but_for_two() {
    for (path, bytes) in super::seeds_of("config") {
        let faulty = ["anchors", "mistakes"].iter().any(|name| path.ends_with(name));
        assert_eq!(config(&bytes), !faulty, "{path}");
    }
}

/// A seed that is refused at the first byte would say little about what lies behind.
#[test]
fn most_payloads_of_the_corpus_are_taken() {
    let day = text(DAY.start_ms());
    for (name, bytes) in payloads().into_iter().filter(|(name, _)| *name != "tomorrow") {
        payload(&bytes);
        let mut read = engine::feed::wire::Payload::default();
        engine::feed::wire::parse(&bytes, &mut read).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        read.check(DAY, false).unwrap_or_else(|refusal| panic!("{name} on {day}: {refusal}"));
    }
}
