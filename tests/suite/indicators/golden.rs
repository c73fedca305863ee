//! TA-Lib's own figures, written by `tests/golden/make_talib.py`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::indicators::find;
use serde_json::Value;

use super::{Table, market, table};

/// Relative; TA-Lib's results are f64 themselves.
const TOLERANCE: f64 = 1e-9;

/// Prices are about 100, so that sums of them are rounded at about 1e-14 and what is less than this is nothing.
const NOISE: f64 = 1e-12;

/// Functions, or requests, that do not give TA-Lib's figures on purpose: which, series (`*` all), reason.
pub const DIFFERENT: &[(&str, &str, &str)] = &[
    ("HT_DCPERIOD", "rises", STRAIGHT),
    ("HT_DCPERIOD", "falls", STRAIGHT),
    ("HT_DCPHASE", "rises", STRAIGHT),
    ("HT_DCPHASE", "falls", STRAIGHT),
    ("HT_PHASOR", "rises", STRAIGHT),
    ("HT_PHASOR", "falls", STRAIGHT),
    ("HT_SINE", "rises", STRAIGHT),
    ("HT_SINE", "falls", STRAIGHT),
    ("HT_TRENDLINE", "rises", STRAIGHT),
    ("HT_TRENDLINE", "falls", STRAIGHT),
    ("HT_TRENDMODE", "rises", STRAIGHT),
    ("HT_TRENDMODE", "falls", STRAIGHT),
    ("MAMA", "rises", STRAIGHT),
    ("MAMA", "falls", STRAIGHT),
    ("HT_DCPHASE", "constant", LEVEL),
    ("HT_SINE", "constant", LEVEL),
    ("HT_TRENDMODE", "constant", LEVEL),
    ("stochrsi_14_5_3_6", "market", STILL),
    ("stochrsi_14_5_3_6", "gaps", STILL),
    ("stochrsi_14_5_3_7", "market", NO_ANGLE),
    ("fosc_2", "gaps", LOST),
    ("fosc_5", "gaps", LOST),
    ("stochrsi_14_5_3_5", "market", LOST),
    ("beta_2", "market", LOST),
];

const STRAIGHT: &str =
    "a straight line has no quadrature: the period is measured on what rounding left of it";
const LEVEL: &str = "a constant has no phase: both of its components are what rounding left of sums of sines";

// By TA-Lib itself: its KAMA of its k with those residues made 0 and 100 is the exact one, in fractions, to the last row.
const STILL: &str = "TA-Lib's k at the border of its range is 0 or 100 but for residues of 1e-13; its average of efficiency takes these for moves and follows them slowly, ours sees that nothing moves and follows at once";
const NO_ANGLE: &str = "after bars at which k stands still mesa's in-phase component is nothing: TA-Lib's is a residue and its phase 90 degrees, ours has no angle and counts as 0";
const LOST: &str =
    "TA-Lib loses digits in differences of its running sums; ours are nearer to the exact fractions";

/// Functions whose results are whole numbers, in which TA-Lib's wrapper has 0 where there is no value yet.
const WHOLE: &[&str] = &["HT_TRENDMODE", "MAXINDEX", "MININDEX", "MINMAXINDEX", "SUPERTREND"];

/// Names and values.
type Columns = Vec<(String, Vec<f64>)>;

fn series() -> HashMap<&'static str, Table> {
    let straight = |bar: fn(i64) -> [i64; 5]| table(&(0..300).map(bar).collect::<Vec<_>>());
    let mut jumps = market(3, 300);
    for (row, bar) in jumps.iter_mut().enumerate() {
        bar[..4].iter_mut().for_each(|price| *price += 5_000 * ((row as i64 / 50) % 2));
    }
    HashMap::from([
        ("market", table(&market(1, 5_000))),
        ("constant", straight(|_| [10_000, 10_000, 10_000, 10_000, 10])),
        ("one", table(&market(2, 1))),
        ("gaps", table(&jumps)),
        ("zeros", straight(|_| [0; 5])),
        (
            "rises",
            straight(|i| [10_000 + 10 * i, 10_012 + 10 * i, 9_998 + 10 * i, 10_008 + 10 * i, 10 + i % 7]),
        ),
        (
            "falls",
            straight(|i| [20_000 - 10 * i, 20_002 - 10 * i, 19_988 - 10 * i, 19_992 - 10 * i, 10 + i % 7]),
        ),
    ])
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().and_then(|text| text.parse().ok()).expect("a number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

/// The request of one line: the function in lower case, its arguments in TA-Lib's order.
fn request(line: &Value) -> String {
    let name = line["f"].as_str().expect("a function").to_lowercase();
    numbers(&line["a"]).iter().fold(name, |text, argument| format!("{text}_{argument}"))
}

fn near(ours: f64, theirs: f64, scale: f64) -> bool {
    (ours.is_nan() && theirs.is_nan())
        || ours == theirs
        || (ours - theirs).abs() <= NOISE
        || (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(scale)
}

/// What differs in one output; empty when nothing does.
fn compare(line: &Value, ours: &[f64]) -> Option<String> {
    let lead = line["lead"].as_u64().expect("a number") as usize;
    let is_pattern = line["f"].as_str().is_some_and(|name| name.starts_with("CDL"));
    let rows: Vec<usize> = numbers(&line["at"]).iter().map(|row| *row as usize).collect();
    let (theirs, sum) = (numbers(&line["v"]), number(&line["sum"]));
    if is_pattern {
        // TA-Lib gives 0 where a pattern cannot be known yet, we give nothing.
        let shown: Vec<(usize, f64)> =
            ours.iter().copied().enumerate().filter(|(_, value)| *value != 0.0 && !value.is_nan()).collect();
        let wanted: Vec<(usize, f64)> = rows.into_iter().zip(theirs).collect();
        return (shown != wanted).then(|| format!("{} found instead of {}", shown.len(), wanted.len()));
    }
    let found = ours.iter().position(|value| !value.is_nan()).unwrap_or(ours.len());
    let whole = line["f"].as_str().is_some_and(|name| WHOLE.contains(&name));
    if found != lead && !whole {
        return Some(format!("begins at row {found} instead of {lead}"));
    }
    // A result that crosses zero is measured by the usual size of the results around it.
    let scale = sum / (ours.len() - lead).max(1) as f64 * 1e-3;
    for (row, theirs) in rows.iter().zip(&theirs) {
        let unknown_yet = whole && *row < found;
        if !unknown_yet && !near(ours[*row], *theirs, scale) {
            return Some(format!("row {row}: {} instead of {theirs}", ours[*row]));
        }
    }
    let ours_sum: f64 = ours.iter().filter(|value| value.is_finite()).map(|value| value.abs()).sum();
    let nothing = (ours_sum - sum).abs() <= NOISE * ours.len() as f64;
    (!nothing && !near(ours_sum, sum, 0.0)).then(|| format!("sum of sizes {ours_sum} instead of {sum}"))
}

#[test]
fn every_function_of_ta_lib_gives_its_figures() {
    let text = include_str!("../../golden/talib.jsonl");
    let tables = series();
    let mut cache: HashMap<(String, String), Columns> = HashMap::new();
    let (mut wrong, mut missing, mut compared) = (BTreeMap::new(), BTreeSet::new(), 0);
    for line in text.lines().skip(1) {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        let (function, series) = (line["f"].as_str().expect("a name"), line["s"].as_str().expect("a name"));
        if find(&function.to_lowercase()).is_none() {
            missing.insert(function.to_owned());
            continue;
        }
        let request = request(&line);
        let differs = |(name, of, _): &(&str, &str, &str)| {
            (*name == function || *name == request) && (*of == "*" || *of == series)
        };
        if DIFFERENT.iter().any(differs) {
            continue;
        }
        let key = (request.clone(), series.to_owned());
        let ours = cache.entry(key).or_insert_with(|| tables[series].of(&request));
        let output = line["o"].as_u64().expect("a number") as usize;
        compared += 1;
        if let Some(difference) = compare(&line, &ours[output].1) {
            wrong.entry(format!("{request} output {output} on {series}")).or_insert(difference);
        }
    }
    let shown: Vec<String> =
        wrong.iter().take(40).map(|(what, difference)| format!("{what}: {difference}")).collect();
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), shown.join("\n"));
    assert!(missing.is_empty(), "TA-Lib has these, we do not: {missing:?}");
    assert!(compared > 0);
}
