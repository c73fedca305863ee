//! Day images against decimals decoded elsewhere, and each step against its textbook version.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use engine::feed::wire::{Candle, encode};
use engine::model::bar::FLAG_SUSPECT;
use engine::model::clock::Clock;
use engine::model::decimal::Decimal;
use engine::model::settings::{AdjustOp, AdjustStep, PriceColumn, Validate};
use engine::model::{Bar, Day};
use engine::transform::{
    DayRecipe, DayRefused, DayReport, Rule, Scratch, image_as_decided, image_of, released_image_of,
};
use proptest::prelude::*;

const DAY_START: i64 = 1_704_067_200_000; // 2024-01-01
const MINUTE_MS: i64 = 60_000;

fn plain(server: &Clock) -> DayRecipe<'_> {
    DayRecipe { server, post: &[], round_decimals: 8, validate: Validate::Quarantine }
}

fn image(
    bytes: &[u8],
    day: Day,
    asked_ms: Option<i64>,
    recipe: &DayRecipe<'_>,
) -> (Result<DayReport, DayRefused>, Vec<Bar>) {
    let mut bars = vec![Bar::default(); 3];
    let report = image_of(bytes, day, asked_ms, recipe, &mut Scratch::default(), &mut bars);
    (report, bars)
}

fn payload(candles: &[Candle]) -> String {
    encode(DAY_START, Decimal { mantissa: 1, exponent: -5 }, candles)
}

fn candle(minute: i64, units: [i64; 4], volume: f64) -> Candle {
    Candle { time_ms: DAY_START + minute * MINUTE_MS, units, volume }
}

/// The usual checks of a record: one candle, its own checksum.
fn assert_sealed(bars: &[Bar]) {
    for bar in bars {
        assert_eq!((bar.count, bar.is_intact()), (1, true));
    }
}

// ---- real payloads ---------------------------------------------------------------------------------------------------

fn data() -> Option<PathBuf> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !data.exists() {
        println!("skipped: no ../shared");
    }
    data.exists().then_some(data)
}

fn expected_rows(path: &Path) -> Vec<(u64, [u64; 5])> {
    let row = |line: &str| {
        let mut fields = line.split(',');
        let time_ms = fields.next().unwrap().parse().unwrap();
        let values: Vec<u64> = fields.map(|field| field.parse::<f64>().unwrap().to_bits()).collect();
        (time_ms, values.try_into().unwrap())
    };
    std::fs::read_to_string(path).unwrap().lines().map(row).collect()
}

fn rows(bars: &[Bar]) -> Vec<(u64, [u64; 5])> {
    let bits = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close, bar.volume].map(f64::to_bits);
    bars.iter().map(|bar| (bar.time_ms, bits(bar))).collect()
}

#[test]
fn real_payloads_give_the_bars_that_exact_decimals_give() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    for entry in std::fs::read_dir(data.join("expected")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some((_, date)) = name.rsplit_once('_').filter(|(_, date)| date.len() == 8) else { continue };
        let payload = data.join(format!("jetta/cache/{}/{}/{name}.json", &date[..4], &date[4..6]));
        let bytes = std::fs::read(payload).unwrap();
        let (report, bars) = image(&bytes, date.parse().unwrap(), None, &plain(&Clock::fixed(0)));
        assert_eq!(report, Ok(DayReport::default()), "{name}");
        assert_eq!(rows(&bars), expected_rows(&path), "{name}");
        assert_sealed(&bars);
        compared += 1;
    }
    assert!(compared >= 7);
}

#[test]
fn a_real_running_day_loses_the_minute_that_was_forming() {
    let Some(data) = data() else { return };
    let bytes = std::fs::read(data.join("jetta/live/BTC-USD_from_1783900800000.json")).unwrap();
    let day = Day::of_ms(1_783_900_800_000);
    let server = Clock::fixed(0);
    let whole = image(&bytes, day, Some(day.end_ms()), &plain(&server)).1;
    assert!(whole.len() > 1_000);
    let last_ms = whole.last().unwrap().time_ms as i64;
    for (asked_ms, count) in [
        (last_ms + MINUTE_MS, whole.len()),
        (last_ms + MINUTE_MS - 1, whole.len() - 1),
        (last_ms, whole.len() - 1),
        (day.start_ms() + MINUTE_MS, 1),
        (day.start_ms() + MINUTE_MS - 1, 0),
        (0, 0),
    ] {
        let (report, bars) = image(&bytes, day, Some(asked_ms), &plain(&server));
        assert!(report.is_ok());
        assert_eq!(rows(&bars), rows(&whole[..count]), "asked at {asked_ms}");
    }
    // Every bar against the payload as serde_json reads it, summed up in units of a tenth.
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let mut time_ms = 1_783_900_800_000u64;
    let mut close = (value["close"].as_f64().unwrap() * 10.0).round() as i64;
    let mut traded = whole.iter();
    for i in 0..value["times"].as_array().unwrap().len() {
        time_ms += value["times"][i].as_u64().unwrap() * 60_000;
        close += value["closes"][i].as_i64().unwrap();
        if value["volumes"][i].as_f64().unwrap() != 0.0 {
            let bar = traded.next().unwrap();
            assert_eq!((bar.time_ms, bar.close), (time_ms, close as f64 / 10.0));
        }
    }
    assert_eq!(traded.next(), None);
}

// ---- the steps -------------------------------------------------------------------------------------------------------

#[test]
fn a_late_answer_to_the_running_day_stops_at_midnight() {
    let candles: Vec<Candle> = (1430..1450).map(|minute| candle(minute, [10, 12, 9, 11], 1.0)).collect();
    let text = payload(&candles);
    let server = Clock::fixed(0);
    let day = Day::of_ms(DAY_START);
    let (report, bars) = image(text.as_bytes(), day, Some(day.end_ms() + 600_000), &plain(&server));
    assert!(report.is_ok());
    assert_eq!(bars.len(), 10);
    assert_eq!(bars[9].time_ms as i64, day.end_ms() - MINUTE_MS);
    let (report, bars) = image(text.as_bytes(), day, None, &plain(&server));
    assert!(matches!(report, Err(DayRefused::Payload(_))));
    assert!(bars.is_empty());
}

#[test]
fn candles_without_volume_are_dropped_and_those_rounded_to_nothing_stay() {
    let volumes = [0.0, 1.5, -0.0, 4.0e-9, 0.0];
    let candles: Vec<Candle> =
        volumes.iter().enumerate().map(|(i, volume)| candle(i as i64, [10 + i as i64; 4], *volume)).collect();
    let (report, bars) =
        image(payload(&candles).as_bytes(), Day::of_ms(DAY_START), None, &plain(&Clock::fixed(0)));
    assert_eq!(report, Ok(DayReport::default()));
    let kept: Vec<(u64, f64, u64)> =
        bars.iter().map(|bar| (bar.time_ms, bar.open, bar.volume.to_bits())).collect();
    let minute = |i: i64| (DAY_START + i * MINUTE_MS) as u64;
    assert_eq!(kept, [(minute(1), 0.00011, 1.5f64.to_bits()), (minute(3), 0.00013, 0.0f64.to_bits())]);
    // Nothing of a dropped candle is looked at: this high is below its low.
    let text = payload(&[candle(0, [10, 1, 9, 10], 0.0)]);
    assert_eq!(
        image(text.as_bytes(), Day::of_ms(DAY_START), None, &plain(&Clock::fixed(0))),
        (Ok(DayReport::default()), vec![])
    );
}

#[test]
fn every_bar_carries_the_server_offset_at_its_instant() {
    // 2024-03-10: New York goes to summer time at 07:00 UTC; an MT4 server goes from +2 h to +3 h with it.
    let shifts = [(-300, 7_200_000), (-240, 10_800_000)].into();
    let server = Clock::of_server(Tz::America__New_York, &shifts, 0);
    let day: Day = "2024-03-10".parse().unwrap();
    let minutes = [0, 419, 420, 421, 1439];
    let candles: Vec<Candle> = minutes
        .iter()
        .map(|minute| Candle { time_ms: day.start_ms() + minute * MINUTE_MS, units: [10; 4], volume: 1.0 })
        .collect();
    let text = encode(day.start_ms(), Decimal { mantissa: 1, exponent: -5 }, &candles);
    let (_, bars) = image(text.as_bytes(), day, None, &plain(&server));
    assert_eq!(
        bars.iter().map(|bar| bar.utc_offset_s).collect::<Vec<_>>(),
        [7_200, 7_200, 10_800, 10_800, 10_800]
    );
    assert_eq!(
        bars.iter().map(|bar| bar.time_ms as i64).collect::<Vec<_>>(),
        minutes.map(|m| day.start_ms() + m * MINUTE_MS)
    );
    assert_sealed(&bars);
}

#[test]
fn steps_run_in_order_on_their_columns_within_their_dates() {
    use PriceColumn::{Close, High, Low, Open, Volume};
    let server = Clock::fixed(7_200);
    let wall = |minute: i64| DAY_START + 7_200_000 + minute * MINUTE_MS;
    let step = |op, columns: &[PriceColumn], value, from: Option<i64>, to: Option<i64>| AdjustStep {
        op,
        columns: columns.to_vec(),
        value,
        from_wall_ms: from.map(wall),
        to_wall_ms: to.map(wall),
    };
    let post = [
        step(AdjustOp::Multiply, &[Open, High, Low, Close], 2.0, None, None),
        step(AdjustOp::Add, &[Open, High, Low, Close], 0.5, Some(1), Some(2)),
        step(AdjustOp::Subtract, &[High], -1.0, Some(2), None),
        step(AdjustOp::Divide, &[Volume], 3.0, None, Some(1)),
    ];
    let candles: Vec<Candle> = (0..4).map(|minute| candle(minute, [100_000; 4], 7.0)).collect();
    let recipe = DayRecipe { post: &post, ..plain(&server) };
    let (report, bars) = image(payload(&candles).as_bytes(), Day::of_ms(DAY_START), None, &recipe);
    assert_eq!(report.map(|report| report.refused.len()), Ok(0));
    let columns: Vec<[f64; 5]> =
        bars.iter().map(|bar| [bar.open, bar.high, bar.low, bar.close, bar.volume]).collect();
    assert_eq!(
        columns,
        [
            [2.0, 2.0, 2.0, 2.0, 2.33333333],
            [2.5, 2.5, 2.5, 2.5, 2.33333333],
            [2.5, 3.5, 2.5, 2.5, 7.0],
            [2.0, 3.0, 2.0, 2.0, 7.0],
        ]
    );
}

#[test]
fn each_mode_does_with_a_broken_bar_what_it_says() {
    let good = [100_000, 100_010, 99_990, 100_005];
    let candles = [
        candle(0, good, 1.0),
        candle(1, [100_000, 99_999, 99_990, 99_995], 1.0),
        candle(2, [100_000, 160_000, 100_000, 100_000], 1.0),
        candle(3, [0, 10, 0, 5], 1.0),
        candle(4, [100_000, 100_010, 100_001, 100_005], 1.0),
        candle(5, good, -1.0),
        candle(6, [-5, -1, -9, -3], 1.0),
        candle(7, [100_000, 150_000, 100_000, 100_000], 1.0),
    ];
    let server = Clock::fixed(0);
    let judged = |validate| {
        let recipe = DayRecipe { validate, ..plain(&server) };
        let (report, bars) = image(payload(&candles).as_bytes(), Day::of_ms(DAY_START), None, &recipe);
        assert_sealed(&bars);
        let seen: Vec<(u64, bool)> = bars
            .iter()
            .map(|bar| ((bar.time_ms - DAY_START as u64) / 60_000, bar.flags == FLAG_SUSPECT))
            .collect();
        assert!(bars.iter().all(|bar| bar.flags & !FLAG_SUSPECT == 0));
        (report, seen)
    };
    let (report, seen) = judged(Validate::Quarantine);
    let report = report.unwrap();
    assert_eq!(seen, [(0, false), (2, true), (3, true), (6, true), (7, false)]);
    let rules: Vec<Rule> = report.refused.iter().map(|refused| refused.rule).collect();
    assert_eq!(rules, [Rule::HighTooLow, Rule::LowTooHigh, Rule::NegativeVolume]);
    assert_eq!(report.refused[0].bar.time_ms as i64, DAY_START + MINUTE_MS);
    assert_eq!((report.refused[0].bar.high, report.suspects), (0.99999, 3));

    let (report, seen) = judged(Validate::Flag);
    assert_eq!(report, Ok(DayReport { refused: vec![], suspects: 6 }));
    let flagged: Vec<u64> = seen.iter().filter(|(_, suspect)| *suspect).map(|(minute, _)| *minute).collect();
    assert_eq!((seen.len(), flagged), (8, vec![1, 2, 3, 4, 5, 6]));

    let (report, seen) = judged(Validate::Off);
    assert_eq!(report, Ok(DayReport::default()));
    assert!(seen.len() == 8 && seen.iter().all(|(_, suspect)| !suspect));

    let (report, seen) = judged(Validate::Reject);
    assert!(matches!(report, Err(DayRefused::Bar(refused)) if refused.rule == Rule::HighTooLow));
    assert_eq!(seen, []);
}

#[test]
fn released_bars_stay_and_are_flagged() {
    let good = [100_000, 100_010, 99_990, 100_005];
    let candles =
        [candle(0, good, 1.0), candle(1, [100_000, 99_999, 99_990, 99_995], 1.0), candle(2, good, -1.0)];
    let bytes = payload(&candles);
    let day = Day::of_ms(DAY_START);
    let server = Clock::fixed(0);
    let decided = |validate, asked_ms, released: Result<bool, &'static str>| {
        let recipe = DayRecipe { validate, ..plain(&server) };
        let (mut bars, mut asked) = (vec![Bar::default()], 0);
        let is_released = || {
            asked += 1;
            released
        };
        let scratch = &mut Scratch::default();
        let made =
            image_as_decided(bytes.as_bytes(), day, asked_ms, &recipe, is_released, scratch, &mut bars);
        let flags: Vec<u32> = bars.iter().map(|bar| bar.flags).collect();
        (made.map(|made| made.map(|report| (report.refused.len(), report.suspects)).ok()), flags, asked)
    };
    let suspect = vec![0, FLAG_SUSPECT, FLAG_SUSPECT];
    for validate in [Validate::Quarantine, Validate::Reject] {
        assert_eq!(decided(validate, None, Ok(true)), (Ok(Some((0, 2))), suspect.clone(), 1), "{validate:?}");
    }
    assert_eq!(decided(Validate::Quarantine, None, Ok(false)), (Ok(Some((2, 0))), vec![0], 1));
    assert_eq!(decided(Validate::Reject, None, Ok(false)), (Ok(None), vec![], 1));
    assert_eq!(decided(Validate::Reject, None, Err("a broken disk")).0, Err("a broken disk"));
    // Nobody is asked where nothing is left out, nor about a day that is running.
    assert_eq!(decided(Validate::Flag, None, Ok(true)), (Ok(Some((0, 2))), suspect, 0));
    assert_eq!(decided(Validate::Off, None, Ok(true)), (Ok(Some((0, 0))), vec![0, 0, 0], 0));
    assert_eq!(decided(Validate::Quarantine, Some(day.end_ms()), Ok(true)).2, 0);
}

#[test]
fn what_is_no_number_is_never_released() {
    let server = Clock::fixed(0);
    let post = [AdjustStep {
        op: AdjustOp::Divide,
        columns: vec![PriceColumn::Low],
        value: 0.0,
        from_wall_ms: None,
        to_wall_ms: Some(DAY_START),
    }];
    let candles = [candle(0, [10; 4], 1.0), candle(1, [10, 9, 9, 10], 1.0)];
    for validate in [Validate::Quarantine, Validate::Reject] {
        let recipe = DayRecipe { post: &post, validate, ..plain(&server) };
        let mut bars = Vec::new();
        let bytes = payload(&candles);
        let day = Day::of_ms(DAY_START);
        let report =
            released_image_of(bytes.as_bytes(), day, &recipe, &mut Scratch::default(), &mut bars).unwrap();
        let rules: Vec<Rule> = report.refused.iter().map(|refused| refused.rule).collect();
        assert_eq!((rules, bars.len(), report.suspects), (vec![Rule::NotFinite], 1, 1), "{validate:?}");
    }
}

#[test]
fn a_step_that_leaves_the_numbers_is_caught() {
    let server = Clock::fixed(0);
    let post = [AdjustStep {
        op: AdjustOp::Divide,
        columns: vec![PriceColumn::High],
        value: 0.0,
        from_wall_ms: None,
        to_wall_ms: Some(DAY_START),
    }];
    let recipe = DayRecipe { post: &post, ..plain(&server) };
    let candles = [candle(0, [10; 4], 1.0), candle(1, [10; 4], 1.0)];
    let (report, bars) = image(payload(&candles).as_bytes(), Day::of_ms(DAY_START), None, &recipe);
    assert_eq!(report.unwrap().refused[0].rule, Rule::NotFinite);
    assert_eq!(bars.len(), 1);
}

// ---- random days -----------------------------------------------------------------------------------------------------

/// SPEC section 4 for one bar, step by step: decimal text, rint, the rules.
fn textbook(candle: &Candle, multiplier: Decimal, decimals: u32) -> Option<(Bar, Option<Rule>)> {
    if candle.volume == 0.0 {
        return None;
    }
    let scale = 10f64.powi(decimals as i32);
    let round = |x: f64| {
        let rounded = (x * scale).round_ties_even() / scale;
        if (x * scale).abs() >= 4_503_599_627_370_496.0 {
            x
        } else if rounded == 0.0 {
            0.0
        } else {
            rounded
        }
    };
    let price = |column: usize| {
        let product = i128::from(candle.units[column]) * i128::from(multiplier.mantissa);
        round(format!("{product}e{}", multiplier.exponent).parse().unwrap())
    };
    let (open, high, low, close, volume) = (price(0), price(1), price(2), price(3), round(candle.volume));
    let rule = if high < open || high < close || high < low {
        Some(Rule::HighTooLow)
    } else if low > open || low > close {
        Some(Rule::LowTooHigh)
    } else if volume < 0.0 {
        Some(Rule::NegativeVolume)
    } else {
        None
    };
    let strange = [open, high, low, close].iter().any(|price| *price <= 0.0)
        || (high > 0.0 && low > 0.0 && high / low > 1.5);
    let flags = if strange { FLAG_SUSPECT } else { 0 };
    let time_ms = candle.time_ms as u64;
    let bar = Bar { time_ms, open, high, low, close, volume, utc_offset_s: 0, count: 1, flags, crc32c: 0 };
    Some((bar, rule))
}

fn any_day() -> impl Strategy<Value = Vec<Candle>> {
    let level = prop_oneof![4 => Just(109_411i64), 1 => -5i64..50, 1 => Just(1 << 51), 1 => Just(-9_000_000_000_000_000)];
    let deltas = [-30i64..31, 0i64..40, -40i64..1, -30i64..31];
    let wide = prop_oneof![40 => Just(0i64), 1 => 30_000i64..80_000, 1 => -60i64..0];
    let volume = prop_oneof![9 => 0.01..5_000f64, 1 => Just(0.0), 1 => Just(3.0e-9), 1 => -1.0..1.0f64, 1 => 1e7..1e12f64];
    (level, proptest::collection::vec((1i64..3, deltas, wide, volume), 0..60)).prop_map(|(level, rows)| {
        let mut minute = 0;
        let candle_at = |(step, [open, up, down, close], wide, volume): (i64, [i64; 4], i64, f64)| {
            minute += step;
            let units = [
                level + open,
                level + open.max(close) + up + wide,
                level + open.min(close) + down,
                level + close,
            ];
            candle(minute, units, volume)
        };
        rows.into_iter().map(candle_at).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_image_is_what_the_contract_says_bar_by_bar(
        candles in any_day(),
        mantissa in prop_oneof![3 => Just(1i64), 1 => Just(5), 1 => Just(1_234_567_890_123)],
        exponent in -9i32..2,
        decimals in 0u32..12,
    ) {
        let multiplier = Decimal { mantissa, exponent };
        // The feed's text of base prices has no more digits than can be read exactly.
        prop_assume!(candles.first().is_none_or(|first| first.units.iter().all(|units| units.checked_mul(mantissa).is_some())));
        let text = encode(DAY_START, multiplier, &candles);
        let server = Clock::fixed(0);
        let recipe = DayRecipe { round_decimals: decimals, ..plain(&server) };
        let (report, bars) = image(text.as_bytes(), Day::of_ms(DAY_START), None, &recipe);
        let report = report.unwrap();
        let judged: Vec<(Bar, Option<Rule>)> =
            candles.iter().filter_map(|candle| textbook(candle, multiplier, decimals)).collect();
        let expected: Vec<Bar> = judged.iter().filter(|row| row.1.is_none()).map(|row| row.0.sealed()).collect();
        let rules: Vec<Rule> = judged.iter().filter_map(|row| row.1).collect();
        prop_assert_eq!(bytemuck::cast_slice::<Bar, u8>(&bars), bytemuck::cast_slice::<Bar, u8>(&expected));
        prop_assert_eq!(report.refused.iter().map(|refused| refused.rule).collect::<Vec<_>>(), rules);
        prop_assert_eq!(report.suspects, expected.iter().filter(|bar| bar.flags != 0).count());
    }
}
