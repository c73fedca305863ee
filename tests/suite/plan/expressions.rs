//! SQL expressions: which functions there are, how far back they look, and that none looks ahead.

use super::{assert_near, column, numbers, place_with, refused, rows};
use crate::binary::Place;

fn config(expressions: &[(&str, &str)]) -> String {
    let lines = expressions
        .iter()
        .map(|(name, expr)| format!("  {name}: {{expr: '{}'}}\n", expr.replace('\'', "''")));
    format!("indicators:\n{}", lines.collect::<String>())
}

/// Name, expression, and the same over close, open, sma_5 and the row before, by hand.
type Case = (&'static str, &'static str, fn(f64, f64, f64) -> f64);

const OF_ONE_ROW: &[Case] = &[
    ("plain", "(close - open) / 2 * 3 + 1 % 1", |close, open, _| (close - open) / 2.0 * 3.0),
    ("absolute", "ABS(close - sma_5)", |close, _, sma| (close - sma).abs()),
    ("rounded", "ROUND(close, 2)", |close, _, _| (close * 100.0).round() / 100.0),
    ("ends", "FLOOR(close * 100) + CEIL(open * 100) + TRUNC(close * 10)", |close, open, _| {
        (close * 100.0).floor() + (open * 100.0).ceil() + (close * 10.0).trunc()
    }),
    ("logs", "LN(close) + LOG(open, 2) + LOG10(close) + LOG2(open)", |close, open, _| {
        close.ln() + open.log2() + close.log10() + open.log2()
    }),
    ("roots", "SQRT(close) + EXP(open) + POW(close, 3) + CBRT(open)", |close, open, _| {
        close.sqrt() + open.exp() + close.powi(3) + open.cbrt()
    }),
    (
        "signs",
        "SIGN(close - open)",
        |close, open, _| if close == open { 0.0 } else { (close - open).signum() },
    ),
    ("ends_of", "GREATEST(close, open, sma_5) - LEAST(close, open)", |close, open, sma| {
        close.max(open).max(sma) - close.min(open)
    }),
    ("first_of", "COALESCE(NULLIF(close, close), open)", |_, open, _| open),
    (
        "cases",
        "CASE WHEN close > open AND close BETWEEN 0 AND 100 THEN 1 WHEN close = open THEN 0 ELSE -1 END",
        |close, open, _| {
            if close > open {
                1.0
            } else if close == open {
                0.0
            } else {
                -1.0
            }
        },
    ),
    ("tests", "IF(close IS NOT NULL AND NOT (close > open OR close IN (1, 2)), 5, 6)", |close, open, _| {
        if close > open || close == 1.0 || close == 2.0 { 6.0 } else { 5.0 }
    }),
    ("truth", "close > open", |close, open, _| f64::from(u8::from(close > open))),
    ("waves", "SIN(close) + COS(open) + ATAN2(close, open) + PI()", |close, open, _| {
        close.sin() + open.cos() + close.atan2(open) + std::f64::consts::PI
    }),
    ("casts", "CAST(close AS INTEGER)", |close, _, _| close.trunc()),
    ("middle", "hl2 - hl2 + \"sma(source=close, period=5)\"", |_, _, sma| sma),
];

fn place() -> Place {
    let mut all: Vec<(&str, &str)> = OF_ONE_ROW.iter().map(|(name, expr, _)| (*name, *expr)).collect();
    all.extend([
        ("lagged", "close - LAG(close, 3) OVER (ORDER BY time_ms)"),
        ("lagged_twice", "LAG(lagged) OVER (ORDER BY time_ms)"),
        ("total", "SUM(volume) OVER (ORDER BY time_ms)"),
        ("daily", "SUM(volume) OVER (PARTITION BY DIV(server_time_ms, 86400000) ORDER BY time_ms)"),
        ("peak", "MAX(high) OVER (ORDER BY time_ms) - MIN(low) OVER (ORDER BY server_time_ms)"),
        ("began", "FIRST_VALUE(close) OVER (ORDER BY time_ms)"),
        ("numbered", "ROW_NUMBER() OVER (ORDER BY time_ms)"),
        ("counted", "COUNT(close) OVER (ORDER BY time_ms)"),
        ("of_several", "macd - \"macd@4h__hist\""),
        ("lead", "LEAD(close, 1) OVER (ORDER BY time_ms)"),
        ("whole_mean", "close - AVG(close)"),
        ("whole_max", "MAX(close)"),
        ("whole_count", "COUNT(*)"),
        ("backwards", "SUM(close) OVER (ORDER BY time_ms DESC)"),
        ("by_price", "LAG(close, 1) OVER (ORDER BY close)"),
        ("by_day", "MAX(high) OVER (PARTITION BY DIV(server_time_ms, 86400000))"),
        ("mean_over", "AVG(close) OVER (ORDER BY time_ms)"),
        ("median", "MEDIAN(close)"),
        ("misspelt", "close - smaa_20"),
        ("own_misspelt", "totl * 2"),
        ("no_function", "SQUARE(close)"),
        ("broken", "close - (open"),
        ("three", "\"sma_20,sma_30\""),
    ]);
    place_with(&config(&all))
}

#[test]
fn functions_of_one_row_are_computed_and_need_no_earlier_one() {
    let place = place();
    let names: Vec<&str> = OF_ONE_ROW.iter().map(|(name, ..)| *name).collect();
    let request = format!("{},sma_5", names.join(","));
    let (header, all) =
        rows(&place, &["query", "EUR-USD/1h", "-i", &request, "--order", "desc", "--limit", "50"]);
    let [close, open] = [7, 4].map(|place| numbers(&all, place));
    let sma = numbers(&all, column(&header, "sma_5"));
    for (name, _, by_hand) in OF_ONE_ROW {
        let wanted: Vec<f64> = (0..all.len()).map(|row| by_hand(close[row], open[row], sma[row])).collect();
        assert_near(&numbers(&all, column(&header, name)), &wanted, name);
        let (explained, _) = place.figures(
            &["query", "EUR-USD/1h", "-i", name, "--explain", "--limit", "3", "--order", "desc"],
            &[0],
        );
        let before = explained[0]["rows_before"].as_u64().expect("a number");
        assert_eq!(before, if ["absolute", "ends_of", "middle"].contains(name) { 4 } else { 0 }, "{name}");
    }
}

#[test]
fn functions_that_look_back_have_what_they_look_at() {
    let place = place();
    let request = "lagged,lagged_twice,total,daily,peak,began,numbered,counted";
    let (header, all) = rows(&place, &["query", "EUR-USD/1h", "-i", request]);
    let of = |name: &str| numbers(&all, column(&header, name));
    let (close, volume, high, low) = (numbers(&all, 7), numbers(&all, 8), numbers(&all, 5), numbers(&all, 6));
    let rows_held = all.len();
    let lagged: Vec<f64> =
        (0..rows_held).map(|row| if row < 3 { f64::NAN } else { close[row] - close[row - 3] }).collect();
    assert_near(&of("lagged"), &lagged, "lagged");
    assert_near(&of("lagged_twice")[1..], &lagged[..rows_held - 1], "lagged twice");
    let mut sum = 0.0;
    let total: Vec<f64> = volume
        .iter()
        .map(|volume| {
            sum += volume;
            sum
        })
        .collect();
    assert_near(&of("total"), &total, "total");
    let days: Vec<&str> = all.iter().map(|row| &row[2][..10]).collect();
    let daily: Vec<f64> = (0..rows_held)
        .map(|row| (0..=row).filter(|r| days[*r] == days[row]).map(|r| volume[r]).sum())
        .collect();
    assert_near(&of("daily"), &daily, "daily");
    let most = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
    let least = |values: &[f64]| values.iter().copied().fold(f64::MAX, f64::min);
    let peak: Vec<f64> = (0..rows_held).map(|row| most(&high[..=row]) - least(&low[..=row])).collect();
    assert_near(&of("peak"), &peak, "peak");
    assert_near(&of("began"), &vec![close[0]; rows_held], "began");
    let counted: Vec<f64> = (1..=rows_held).map(|row| row as f64).collect();
    assert_near(&of("numbered"), &counted, "numbered");
    assert_near(&of("counted"), &counted, "counted");
    // A slice has the same.
    let (_, slice) = rows(&place, &["query", "EUR-USD/1h", "-i", request, "--order", "desc", "--limit", "2"]);
    for (at, name) in header.iter().enumerate().skip(11) {
        let mut last = numbers(&slice, at);
        last.reverse();
        assert_near(&last, &numbers(&all, at)[rows_held - 2..], name);
    }
    for (name, wanted) in [("lagged", 3), ("lagged_twice", 4), ("total", rows_held as u64 - 2)] {
        let words = ["query", "EUR-USD/1h", "-i", name, "--explain", "--limit", "2", "--order", "desc"];
        let (explained, _) = place.figures(&words, &[0]);
        assert_eq!(explained[0]["rows_before"].as_u64(), Some(wanted), "{name}");
    }
}

#[test]
fn of_several_outputs_an_expression_takes_the_first_or_the_named() {
    let place = place();
    let (header, all) = rows(&place, &["query", "EUR-USD/1h", "-i", "of_several,macd__macd,macd__hist@4h"]);
    let of = |name: &str| numbers(&all, column(&header, name));
    let wanted: Vec<f64> = of("macd__macd").iter().zip(of("macd__hist@4h")).map(|(a, b)| a - b).collect();
    assert_near(&of("of_several"), &wanted, "of_several");
    assert!(wanted.iter().filter(|value| !value.is_nan()).count() > 100);
}

#[test]
fn what_looks_ahead_or_cannot_be_read_is_refused() {
    let place = place();
    let cases: [(&str, &[&str]); 14] = [
        ("lead", &["LEAD looks at later bars", "LAG"]),
        ("whole_mean", &["made of all rows", "OVER (ORDER BY time_ms)"]),
        ("whole_max", &["made of all rows"]),
        ("whole_count", &["made of all rows"]),
        ("backwards", &["ORDER BY", "later bars"]),
        ("by_price", &["ORDER BY", "later bars", "OVER (ORDER BY time_ms)"]),
        ("by_day", &["made of all rows"]),
        ("mean_over", &["made of all rows"]),
        ("median", &["made of all rows"]),
        ("misspelt", &["indicators.misspelt.expr", "no indicator 'smaa_20'", "the nearest: sma"]),
        ("own_misspelt", &["no indicator 'totl'", "total"]),
        ("no_function", &["unsupported function 'square'", "POW"]),
        ("broken", &["indicators.broken.expr", "for example, \"(close"]),
        ("three", &["2 requests where one column is wanted"]),
    ];
    for (name, words) in cases {
        let said = refused(&place, &["query", "EUR-USD/1h", "-i", name]);
        for word in words.iter().filter(|word| !word.starts_with("for example")) {
            assert!(said.contains(word), "{name} lacks '{word}': {said}");
        }
    }
}
