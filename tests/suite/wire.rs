//! The scanner against a slow reader made of serde_json, a table of every refusal, and bytes that mean harm.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::PathBuf;

use engine::feed::wire::{Candle, Payload, Refusal, encode, parse};
use engine::model::Day;
use engine::model::decimal::Decimal;
use proptest::prelude::*;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};

const DAY_START: i64 = 1_704_067_200_000; // 2024-01-01
const DAY_MS: i64 = 86_400_000;

fn day() -> Day {
    Day::of_ms(DAY_START)
}

/// What a payload says, in plain types.
#[derive(Clone, Debug, PartialEq)]
struct Content {
    times: Vec<i64>,
    units: Vec<[i64; 4]>,
    volumes: Vec<u64>,
}

fn ours(bytes: &[u8], day: Day, running: bool) -> Result<Content, Refusal> {
    let mut payload = Payload::default();
    parse(bytes, &mut payload)?;
    let candles = payload.check(day, running)?;
    Ok(Content {
        times: candles.times_ms.to_vec(),
        units: (0..candles.times_ms.len()).map(|i| candles.units.map(|column| column[i])).collect(),
        volumes: candles.volumes.iter().map(|volume| volume.to_bits()).collect(),
    })
}

// ---- the slow reader -------------------------------------------------------------------------------------------------

/// The payload as serde_json reads it: numbers keep their kind, unknown keys are skipped, known ones may come once.
#[derive(Default)]
struct Slow {
    timestamp: Option<i64>,
    multiplier: Option<f64>,
    shift: Option<i64>,
    bases: [Option<Option<f64>>; 4],
    times: Option<Vec<i64>>,
    deltas: [Option<Vec<i64>>; 4],
    volumes: Option<IgnoredAny>,
}

struct SlowVisitor;

impl<'de> Visitor<'de> for SlowVisitor {
    type Value = Slow;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Slow, A::Error> {
        fn once<T, E: serde::de::Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
            if place.replace(value).is_some() { Err(E::custom("twice")) } else { Ok(()) }
        }
        let mut slow = Slow::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "timestamp" => once(&mut slow.timestamp, map.next_value()?)?,
                "multiplier" => once(&mut slow.multiplier, map.next_value()?)?,
                "shift" => once(&mut slow.shift, map.next_value()?)?,
                "open" => once(&mut slow.bases[0], map.next_value()?)?,
                "high" => once(&mut slow.bases[1], map.next_value()?)?,
                "low" => once(&mut slow.bases[2], map.next_value()?)?,
                "close" => once(&mut slow.bases[3], map.next_value()?)?,
                "times" => once(&mut slow.times, map.next_value()?)?,
                "opens" => once(&mut slow.deltas[0], map.next_value()?)?,
                "highs" => once(&mut slow.deltas[1], map.next_value()?)?,
                "lows" => once(&mut slow.deltas[2], map.next_value()?)?,
                "closes" => once(&mut slow.deltas[3], map.next_value()?)?,
                "volumes" => once(&mut slow.volumes, map.next_value()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if slow.timestamp.is_none() { Err(A::Error::missing_field("timestamp")) } else { Ok(slow) }
    }
}

/// The volumes, cut out of text that is known to be sound JSON, each read by the standard library:
/// serde_json itself neither rounds every number to the nearest nor takes one that is too large.
fn volumes_in(text: &str) -> Option<Vec<f64>> {
    let after = text.split_once("\"volumes\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let list = after.strip_prefix('[')?.split_once(']')?.0.trim();
    let number = |element: &str| {
        let element = element.trim();
        element.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| element.parse().ok()).flatten()
    };
    if list.is_empty() { Some(Vec::new()) } else { list.split(',').map(number).collect() }
}

/// serde_json takes the integer -0 for a float: here it loses its sign.
fn without_negative_zeros(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let alone = text[at..].starts_with("-0")
            && text[..at].ends_with(|c: char| ",[:".contains(c) || c.is_ascii_whitespace())
            && text[at + 2..].starts_with(|c: char| ",]}".contains(c) || c.is_ascii_whitespace());
        written.extend((!alone).then_some(c));
    }
    written
}

/// SPEC section 2 word by word, with 128-bit integers; `None` is a refusal.
fn textbook(bytes: &[u8], day: Day, running: bool) -> Option<Content> {
    use serde::Deserializer;
    let text = std::str::from_utf8(bytes).ok()?;
    let integers = without_negative_zeros(text);
    let mut reader = serde_json::Deserializer::from_str(&integers);
    let slow = reader.deserialize_map(SlowVisitor).ok()?;
    reader.end().ok()?;
    let (multiplier, shift, steps) = (slow.multiplier?, slow.shift?, slow.times?);
    let volumes = slow.volumes.and_then(|_| volumes_in(text))?;
    let deltas: Vec<Vec<i64>> = slow.deltas.into_iter().collect::<Option<_>>()?;
    let bases: Vec<Option<f64>> = slow.bases.into_iter().collect::<Option<_>>()?;
    let mut time = i128::from(slow.timestamp?);
    if deltas.iter().any(|column| column.len() != steps.len()) || volumes.len() != steps.len() {
        return None;
    }
    let mut content = Content { times: vec![], units: vec![], volumes: vec![] };
    // A base price divided by the multiplier: both are short decimals here, so that the nearest integer is clear.
    let mut chain: Vec<Option<i128>> =
        bases.iter().map(|base| base.map(|base| (base / multiplier).round_ties_even() as i128)).collect();
    for i in 0..steps.len() {
        time = time.saturating_add(i128::from(steps[i]) * i128::from(shift));
        for column in 0..4 {
            chain[column] = chain[column].map(|units| units + i128::from(deltas[column][i]));
        }
        if running && time >= i128::from(day.end_ms()) {
            continue;
        }
        let fits = |units: Option<i128>| units.and_then(|units| i64::try_from(units).ok());
        let inside =
            time >= i128::from(day.start_ms()) && time < i128::from(day.end_ms()) && time % 60_000 == 0;
        let repeated = i > 0 && steps[i] == 0;
        if steps[i] < 0 || repeated || !inside || !volumes[i].is_finite() {
            return None;
        }
        content.times.push(time as i64);
        content.units.push([fits(chain[0])?, fits(chain[1])?, fits(chain[2])?, fits(chain[3])?]);
        content.volumes.push(volumes[i].to_bits());
    }
    (multiplier > 0.0 && shift > 0 && content.times.len() <= 1440).then_some(content)
}

// ---- real payloads ---------------------------------------------------------------------------------------------------

fn real_payloads() -> Vec<(PathBuf, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/jetta");
    let mut found = Vec::new();
    let mut folders = vec![root.join("cache"), root.join("live")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn timestamp_day(bytes: &[u8]) -> Day {
    let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    Day::of_ms(value["timestamp"].as_i64().unwrap())
}

#[test]
fn real_payloads_are_read_as_the_textbook_reads_them() {
    let payloads = real_payloads();
    if payloads.is_empty() {
        return println!("skipped: no ../shared");
    }
    for (path, bytes) in payloads {
        let day = timestamp_day(&bytes);
        let expected = textbook(&bytes, day, true).expect("real payloads are sound");
        assert_eq!(ours(&bytes, day, true), Ok(expected.clone()), "{}", path.display());
        // The same written with spaces takes the way of the general scanner.
        let pretty = String::from_utf8(bytes).unwrap().replace(',', " ,\n").replace(':', " : ");
        assert_eq!(ours(pretty.as_bytes(), day, true), Ok(expected), "{}", path.display());
    }
}

#[test]
fn a_cut_payload_is_refused_wherever_it_was_cut() {
    let sample = encode(DAY_START, unit(1, -5), &candles(40));
    for end in 0..sample.len() {
        assert!(ours(&sample.as_bytes()[..end], day(), false).is_err(), "cut at {end}");
    }
    for (path, bytes) in real_payloads().into_iter().filter(|(_, bytes)| bytes.len() < 8_000) {
        let day = timestamp_day(&bytes);
        for end in 0..bytes.len() {
            assert!(ours(&bytes[..end], day, true).is_err(), "{} cut at {end}", path.display());
        }
    }
}

// ---- refusals, one by one --------------------------------------------------------------------------------------------

/// A sound payload of two candles with some fields written differently; `None` leaves a field out.
fn written(changes: &[(&str, Option<&str>)]) -> String {
    let mut fields = vec![
        ("timestamp", DAY_START.to_string()),
        ("multiplier", "1.0E-5".into()),
        ("open", "1.1".into()),
        ("high", "1.2".into()),
        ("low", "1.0".into()),
        ("close", "1.15".into()),
        ("shift", "60000".into()),
        ("times", "[0,1]".into()),
        ("opens", "[0,-3]".into()),
        ("highs", "[0,4]".into()),
        ("lows", "[0,-5]".into()),
        ("closes", "[0,6]".into()),
        ("volumes", "[1.5,3.0E-4]".into()),
    ];
    for (name, value) in changes {
        match value {
            Some(value) => fields.iter_mut().find(|field| field.0 == *name).unwrap().1 = (*value).to_owned(),
            None => fields.retain(|field| field.0 != *name),
        }
    }
    let members: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn refusal_of(changes: &[(&str, &str)]) -> Refusal {
    let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, Some(*value))).collect();
    ours(written(&changes).as_bytes(), day(), false).expect_err(&written(&changes))
}

#[test]
fn the_sound_payload_of_the_table_is_read() {
    let expected = Content {
        times: vec![DAY_START, DAY_START + 60_000],
        units: vec![[110_000, 120_000, 100_000, 115_000], [109_997, 120_004, 99_995, 115_006]],
        volumes: vec![1.5f64.to_bits(), 3.0e-4f64.to_bits()],
    };
    assert_eq!(ours(written(&[]).as_bytes(), day(), false), Ok(expected));
}

#[test]
fn every_refusal_names_its_reason() {
    let outside = |index| Refusal::OutsideDay { index, day: day() };
    let element = |field, index| Refusal::WrongElement { field, index, expected: "an integer of 64 bits" };
    let cases: Vec<(&[(&str, &str)], Refusal)> = vec![
        (&[("opens", "[0]")], Refusal::LengthsDiffer { field: "opens", len: 1, times: 2 }),
        (&[("volumes", "[1,2,3]")], Refusal::LengthsDiffer { field: "volumes", len: 3, times: 2 }),
        (&[("times", "[0]")], Refusal::LengthsDiffer { field: "opens", len: 2, times: 1 }),
        (&[("low", "null")], Refusal::NullBase { field: "low", candles: 2 }),
        (&[("open", "1e999")], Refusal::NotFinite { field: "open" }),
        (&[("multiplier", "1e999")], Refusal::NotFinite { field: "multiplier" }),
        (&[("volumes", "[1,1e999]")], Refusal::ElementNotFinite { field: "volumes", index: 1 }),
        (&[("volumes", "[-1e999,1]")], Refusal::ElementNotFinite { field: "volumes", index: 0 }),
        (&[("multiplier", "0")], Refusal::NotPositive { field: "multiplier" }),
        (&[("multiplier", "-1.0E-5")], Refusal::NotPositive { field: "multiplier" }),
        (&[("shift", "0")], Refusal::NotPositive { field: "shift" }),
        (&[("shift", "-60000")], Refusal::NotPositive { field: "shift" }),
        (&[("times", "[5,-1]")], Refusal::TimeGoesBack { index: 1 }),
        (&[("times", "[-1,1]")], Refusal::TimeGoesBack { index: 0 }),
        (&[("times", "[5,0]")], Refusal::SharedMinute { index: 1 }),
        (&[("times", "[0,1440]")], outside(1)),
        (&[("times", "[1440,1]")], outside(0)),
        (&[("times", "[0,9223372036854775807]")], outside(1)),
        (&[("timestamp", "1703980800000")], outside(0)),
        (&[("timestamp", "1704153600000")], outside(0)),
        (&[("timestamp", "-5")], outside(0)),
        (&[("timestamp", "-9223372036854775808")], outside(0)),
        (&[("shift", "9223372036854775807")], outside(1)),
        (&[("timestamp", "1704067200001")], Refusal::OffMinute { index: 0 }),
        (&[("shift", "1000")], Refusal::OffMinute { index: 1 }),
        (&[("opens", "[0,9223372036854775807]")], Refusal::PriceOutOfBounds { field: "opens", index: 1 }),
        (&[("close", "1e300")], Refusal::PriceOutOfBounds { field: "closes", index: 0 }),
        (
            &[("multiplier", "1e300"), ("open", "1e308"), ("high", "1e301"), ("opens", "[0,9000000000]")],
            Refusal::PriceOutOfBounds { field: "opens", index: 1 },
        ),
        (&[("opens", "[0,1.0]")], element("opens", 1)),
        (&[("opens", "[1e2,0]")], element("opens", 0)),
        (&[("times", "[0,null]")], element("times", 1)),
        (&[("times", "[0,\"1\"]")], element("times", 1)),
        (&[("closes", "[0,9223372036854775808]")], element("closes", 1)),
        (
            &[("volumes", "[0,null]")],
            Refusal::WrongElement { field: "volumes", index: 1, expected: "a number" },
        ),
        (&[("open", "1.234567890123456789012345")], Refusal::TooManyDigits { field: "open" }),
    ];
    for (changes, refusal) in cases {
        assert_eq!(refusal_of(changes), refusal, "{changes:?}");
    }
    for (field, value) in [
        ("timestamp", "1.7E12"),
        ("timestamp", "null"),
        ("timestamp", "\"1\""),
        ("shift", "60000.0"),
        ("shift", "null"),
        ("multiplier", "null"),
        ("multiplier", "\"1\""),
        ("open", "true"),
        ("high", "[1]"),
        ("times", "null"),
        ("times", "{}"),
        ("opens", "0"),
        ("volumes", "\"\""),
    ] {
        let refusal = refusal_of(&[(field, value)]);
        assert!(
            matches!(refusal, Refusal::WrongType { field: f, .. } if f == field),
            "{field}: {value}: {refusal}"
        );
    }
}

#[test]
fn a_missing_field_is_named() {
    for field in [
        "timestamp",
        "multiplier",
        "open",
        "high",
        "low",
        "close",
        "shift",
        "times",
        "opens",
        "highs",
        "lows",
        "closes",
        "volumes",
    ] {
        let refusal = ours(written(&[(field, None)]).as_bytes(), day(), false).unwrap_err();
        assert_eq!(refusal, Refusal::MissingField { field });
        assert!(refusal.to_string().contains(field));
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let sound = written(&[]);
    let with_extra = |extra: &str| sound.replacen('{', &format!("{{{extra},"), 1);
    let cases = [
        String::new(),
        " ".into(),
        "null".into(),
        "[]".into(),
        "{".into(),
        "<html>".into(),
        format!("{sound}x"),
        format!("{sound}{sound}"),
        format!("{sound},"),
        format!("\u{feff}{sound}"),
        sound.replacen(",", ",,", 1),
        sound.replacen(":", " ", 1),
        sound.replace("[0,1]", "[0,1,]"),
        sound.replace("[0,1]", "[,0,1]"),
        sound.replace("[0,1]", "[0 1]"),
        sound.replace("[0,1]", "[00,1]"),
        sound.replace("[0,1]", "[0,01]"),
        sound.replace("[0,1]", "[0,+1]"),
        sound.replace("[1.5,3.0E-4]}", "[1.5,3.0E-4}"),
        sound.replace("[0,1]", "[0,NaN]"),
        sound.replace("[0,-3]", "[0,--3]"),
        sound.replace("[0,-3]", "[0,-]"),
        sound.replace("[0,-3]", "[0,-03]"),
        sound.replace("[0,-3]", "[0,3-]"),
        sound.replace("1.5,", "1.,"),
        sound.replace("1.5,", ".5,"),
        sound.replace("1.5,", "01.5,"),
        sound.replace("1.5,", "1.5.5,"),
        sound.replace("1.5,", "Infinity,"),
        sound.replace("1.5,", "1.5e,"),
        with_extra("\"a\":"),
        with_extra("\"a\":tru"),
        with_extra("\"a\":\"\\x\""),
        with_extra("\"a\":\"\\u12g4\""),
        with_extra("\"a\":\"\t\""),
        with_extra("\"a\":01"),
        with_extra("\"a\":[1,2"),
        with_extra("\"a\":{\"b\"}"),
        with_extra("\"\\ud800\":1"),
        with_extra("a:1"),
        with_extra("\"a\":1}"),
        with_extra(&format!("\"a\":{}1{}", "[".repeat(500_000), "]".repeat(500_000))),
        with_extra(&format!("\"a\":{}1{}", "{\"b\":".repeat(500_000), "}".repeat(500_000))),
    ];
    for text in cases {
        let shown = &text[..text.len().min(120)];
        let refusal = ours(text.as_bytes(), day(), false).expect_err(shown);
        assert!(matches!(refusal, Refusal::NotJson { .. }), "{shown}: {refusal}");
    }
    let mut not_utf8 = with_extra("\"a\":\"?\"").into_bytes();
    let place = not_utf8.iter().position(|byte| *byte == b'?').unwrap();
    not_utf8[place] = 0xff;
    assert!(matches!(ours(&not_utf8, day(), false), Err(Refusal::NotJson { .. })));
    let twice = with_extra("\"shift\":60000");
    assert_eq!(ours(twice.as_bytes(), day(), false), Err(Refusal::DuplicateField { field: "shift" }));
}

#[test]
fn strange_but_sound_json_is_read() {
    let sound = written(&[]);
    let expected = ours(sound.as_bytes(), day(), false).unwrap();
    let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    let extras = format!(
        "{{\"x\":{nested},\"y\":{{\"a\":[true,false,null,-0.5e+3,\"\\u00e9\\\"\\\\ \u{20ac}\"],\"b\":{{}}}},\"z\":[],\"z\":\"\","
    );
    for text in [
        format!(" \n\t\r{sound}\n "),
        sound.replacen('{', &extras, 1),
        sound.replace("\"times\"", "\"\\u0074im\\u0065s\""),
        sound.replace("[0,", "[ 0 ,\n"),
        sound.replace("[0,", "[-0,"),
        sound.replace("1.5,", "15e-1,"),
        sound.replace("1.5,", "1.500000000000000000000000000000,"),
        sound.replace("3.0E-4", "0.0003"),
        sound.replace("3.0E-4", "0.00029999999999999997e0"),
        sound.replace("1.0E-5", "0.00001"),
        sound.replace("1.1,", "110000000e-8,"),
    ] {
        assert_eq!(ours(text.as_bytes(), day(), false).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn an_empty_day_is_sound() {
    let mut empty: Vec<(&str, Option<&str>)> =
        ["open", "high", "low", "close"].map(|field| (field, Some("null"))).to_vec();
    empty.extend(["times", "opens", "highs", "lows", "closes", "volumes"].map(|field| (field, Some("[]"))));
    let mut payload = Payload::default();
    parse(written(&empty).as_bytes(), &mut payload).unwrap();
    assert!(payload.check(day(), false).unwrap().is_empty());
    assert!(payload.is_empty() && !payload.breaks_hard_rule());
    // Prices without a candle say nothing.
    assert!(ours(written(&empty[4..]).as_bytes(), day(), false).unwrap().times.is_empty());
}

#[test]
fn too_many_candles_are_refused_for_that() {
    let mut many = candles(1440);
    assert_eq!(
        ours(encode(DAY_START, unit(1, -5), &many).as_bytes(), day(), false).unwrap().times.len(),
        1440
    );
    let mut last = *many.last().unwrap();
    last.time_ms += 60_000;
    many.push(last);
    let text = encode(DAY_START, unit(1, -5), &many);
    assert_eq!(ours(text.as_bytes(), day(), false), Err(Refusal::TooManyCandles { count: 1441 }));
    // The same answer to a request for the running day only came late.
    assert_eq!(ours(text.as_bytes(), day(), true).unwrap().times.len(), 1440);
}

#[test]
fn sums_of_hostile_numbers_do_not_overflow() {
    let zeros = format!("[{}]", vec!["0"; 1440].join(","));
    for number in ["1048575", "86400000", "9223372036854775807", "-9223372036854775808"] {
        for shift in ["1", "60000", "86400000", "9223372036854775807"] {
            let numbers = format!("[{}]", vec![number; 1440].join(","));
            let mut changes: Vec<(&str, Option<&str>)> =
                vec![("times", Some(&numbers)), ("shift", Some(shift))];
            changes.extend(
                ["opens", "highs", "lows", "closes", "volumes"].map(|field| (field, Some(zeros.as_str()))),
            );
            let text = written(&changes);
            assert!(ours(text.as_bytes(), day(), false).is_err(), "{number} {shift}");
            let read = ours(text.as_bytes(), day(), true).ok();
            assert_eq!(read, textbook(text.as_bytes(), day(), true), "{number} {shift}");
        }
    }
}

#[test]
fn a_running_payload_past_midnight_loses_what_is_beyond() {
    let sound = |changes: &[(&str, Option<&str>)]| ours(written(changes).as_bytes(), day(), true);
    let kept = sound(&[("times", Some("[1439,1]"))]).unwrap();
    assert_eq!(kept.times, [DAY_START + 1439 * 60_000]);
    assert_eq!(sound(&[("times", Some("[1440,1]"))]).unwrap().times, Vec::<i64>::new());
    // Ignored before the checks: what they contain does not matter any more.
    assert_eq!(sound(&[("times", Some("[1439,1]")), ("volumes", Some("[1,1e999]"))]).unwrap().times.len(), 1);
    assert_eq!(
        sound(&[("times", Some("[1439,1]")), ("opens", Some("[0,9223372036854775807]"))])
            .unwrap()
            .times
            .len(),
        1
    );
    assert_eq!(sound(&[("times", Some("[1440,0]")), ("open", Some("null"))]).unwrap().times.len(), 0);
    assert_eq!(sound(&[("times", Some("[0,9223372036854775807]"))]).unwrap().times.len(), 1);
    // A candle that comes back into the day goes back in time; lengths are compared all the same.
    assert_eq!(sound(&[("times", Some("[1440,-1]"))]), Err(Refusal::TimeGoesBack { index: 1 }));
    assert!(matches!(sound(&[("times", Some("[1439,1,1]"))]), Err(Refusal::LengthsDiffer { .. })));
}

#[test]
fn hard_rules_are_judged_on_traded_candles() {
    let breaks = |units: [i64; 4], volume: f64| {
        let candle = Candle { time_ms: DAY_START, units, volume };
        let mut payload = Payload::default();
        parse(encode(DAY_START, unit(1, -5), &[candle]).as_bytes(), &mut payload).unwrap();
        payload.check(day(), false).unwrap();
        payload.breaks_hard_rule()
    };
    for (units, volume, broken) in [
        ([100, 110, 90, 105], 1.0, false),
        ([100, 100, 100, 100], 1.0, false),
        ([100, 99, 90, 95], 1.0, true),
        ([100, 104, 90, 105], 1.0, true),
        ([100, 110, 101, 105], 1.0, true),
        ([100, 110, 96, 95], 1.0, true),
        ([100, 110, 120, 105], 1.0, true),
        ([100, 110, 90, 105], -1.0, true),
        ([100, 99, 120, 95], 0.0, false),
        ([-100, -90, -110, -95], 1.0, false),
    ] {
        assert_eq!(breaks(units, volume), broken, "{units:?} {volume}");
    }
}

#[test]
fn buffers_used_again_hold_nothing_of_the_last_payload() {
    let mut payload = Payload::default();
    let (long, short) = (encode(DAY_START, unit(1, -3), &candles(1440)), written(&[]));
    for text in
        [long.as_str(), &short, "{\"times\":[1,2", &short, &written(&[("times", Some("[5,0]"))]), &short]
    {
        let sound =
            parse(text.as_bytes(), &mut payload).and_then(|()| payload.check(day(), false).map(|_| ()));
        match sound {
            Ok(()) => {
                assert_eq!(payload.candles().times_ms, ours(text.as_bytes(), day(), false).unwrap().times)
            }
            Err(_) => assert!(payload.is_empty() && !payload.breaks_hard_rule()),
        }
    }
}

// ---- random payloads -------------------------------------------------------------------------------------------------

fn unit(mantissa: i64, exponent: i32) -> Decimal {
    Decimal { mantissa, exponent }
}

fn candles(count: i64) -> Vec<Candle> {
    let price = |i: i64| 109_411 + (i * 7_919) % 97 - 48;
    (0..count)
        .map(|i| {
            let (open, close) = (price(i), price(i + 1));
            let units = [open, open.max(close) + i % 5, open.min(close) - i % 3, close];
            Candle { time_ms: DAY_START + i * 60_000, units, volume: 0.9 + (i * 31 % 20_000) as f64 / 100.0 }
        })
        .collect()
}

fn any_candles() -> impl Strategy<Value = Vec<Candle>> {
    let volume = prop_oneof![
        (0u32..2_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
        (0u32..20_000).prop_map(|small| f64::from(small) * 1e-6),
        0.0..1e9f64,
        any::<f64>().prop_filter("a volume is finite", |volume| volume.is_finite()),
    ];
    let delta = prop_oneof![8 => -99i64..100, 2 => -100_000i64..100_000, 1 => -(1i64 << 45)..(1 << 45)];
    let step = prop_oneof![6 => Just(1i64), 1 => 2i64..30];
    let candle = (step, [delta.clone(), delta.clone(), delta.clone(), delta], volume);
    (-40i64..200, proptest::collection::vec(candle, 0..80)).prop_map(|(first, steps)| {
        let (mut minute, mut units) = (first.max(0), [110_000i64; 4]);
        let mut candles = Vec::new();
        for (step, deltas, volume) in steps {
            minute += step;
            units.iter_mut().zip(deltas).for_each(|(units, delta)| *units += delta);
            candles.push(Candle { time_ms: DAY_START + minute * 60_000, units, volume });
        }
        candles
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_was_encoded_is_read_back(candles in any_candles(), places in 0i32..6) {
        let text = encode(DAY_START, unit(1, -places), &candles);
        let read = ours(text.as_bytes(), day(), true);
        let inside: Vec<&Candle> = candles.iter().filter(|candle| candle.time_ms < DAY_START + DAY_MS).collect();
        let expected = Content {
            times: inside.iter().map(|candle| candle.time_ms).collect(),
            units: inside.iter().map(|candle| candle.units).collect(),
            volumes: inside.iter().map(|candle| candle.volume.to_bits()).collect(),
        };
        prop_assert_eq!(read, Ok(expected));
    }

    #[test]
    fn what_serde_json_accepts_is_accepted_with_the_same_values(
        candles in any_candles(),
        running in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), change()), 0..3),
    ) {
        let mut bytes = encode(DAY_START, unit(1, -5), &candles).into_bytes();
        for (place, change) in changes {
            let at = place.index(bytes.len());
            match change {
                Change::Overwrite(byte) => bytes[at] = byte,
                Change::Insert(byte) => bytes.insert(at, byte),
                Change::Remove => drop(bytes.remove(at)),
                Change::Repeat => bytes.insert(at, bytes[at]),
            }
        }
        let (read, expected) = (ours(&bytes, day(), running), textbook(&bytes, day(), running));
        // The textbook keeps base price and multiplier as f64: it cannot judge what a change has made of them.
        if header(&bytes) == header(&encode(DAY_START, unit(1, -5), &candles).into_bytes()) {
            prop_assert_eq!(read.ok(), expected, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn a_long_array_may_be_written_anyhow(
        numbers in proptest::collection::vec(number_text(), 1..60),
        spaced in any::<bool>(),
    ) {
        let list = numbers.join(if spaced { " , " } else { "," });
        let zeros = vec!["0"; numbers.len()].join(",");
        let times = (0..numbers.len()).map(|i| if i == 0 { "0" } else { "1" }).collect::<Vec<_>>().join(",");
        let of = |value: &str| Some(format!("[{value}]"));
        for field in ["volumes", "closes"] {
            let lists = ["opens", "highs", "lows", "closes", "volumes"]
                .map(|name| (name, of(if name == field { &list } else { &zeros })));
            let times = of(&times);
            let mut changes: Vec<(&str, Option<&str>)> = vec![("times", times.as_deref())];
            changes.extend(lists.iter().map(|(name, value)| (*name, value.as_deref())));
            let text = written(&changes);
            prop_assert_eq!(ours(text.as_bytes(), day(), false).ok(), textbook(text.as_bytes(), day(), false), "{}", text);
        }
    }

    #[test]
    fn any_bytes_are_answered_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(ours(&bytes, day(), true).is_err());
    }
}

#[derive(Clone, Debug)]
enum Change {
    Overwrite(u8),
    Insert(u8),
    Remove,
    Repeat,
}

fn change() -> impl Strategy<Value = Change> {
    let byte = prop_oneof![prop::sample::select(b"0123456789-+.,eE[]{}:\" \n\tnull".to_vec()), any::<u8>(),];
    prop_oneof![
        byte.clone().prop_map(Change::Overwrite),
        byte.prop_map(Change::Insert),
        Just(Change::Remove),
        Just(Change::Repeat),
    ]
}

/// Everything before the arrays.
fn header(bytes: &[u8]) -> &[u8] {
    let key = b"\"times\"";
    let end = bytes.windows(key.len()).position(|window| window == key).unwrap_or(0);
    &bytes[..end]
}

/// Texts like those of numbers, most of them numbers.
fn number_text() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => (-200i64..200).prop_map(|number| number.to_string()),
        4 => any::<i32>().prop_map(|number| number.to_string()),
        6 => (0u32..10_000_000, 0usize..7).prop_map(|(number, places)| format!("{:.*}", places, f64::from(number) / 1e3)),
        2 => any::<f64>().prop_filter("JSON", |x| x.is_finite()).prop_map(|number| format!("{number:e}")),
        1 => "-?[0-9]{1,12}(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?",
        1 => "[-+.0-9eE]{0,9}",
    ]
}
