//! Thousands of different indicators in one request, beside other libraries on the same bars and the same list.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use engine::indicators::{Graph, compute, find, parse_asks};
use rayon::prelude::*;
use serde_json::Value;

use super::peers::{Market, python, script};

/// How much there is to do: requests, bars.
pub type Size = (usize, usize);

/// One column each; the period grows from request to request.
const ONE: &[&str] = &[
    "sma",
    "ema",
    "wma",
    "dema",
    "tema",
    "trima",
    "kama",
    "t3",
    "rma",
    "hma",
    "zlema",
    "midpoint",
    "midprice",
    "linearreg",
    "tsf",
    "max",
    "min",
    "sum",
    "stddev",
    "var",
    "atr",
    "natr",
    "rsi",
    "cmo",
    "willr",
    "mom",
    "roc",
    "rocp",
    "rocr",
    "rocr100",
    "trix",
    "cci",
    "mfi",
    "adx",
    "adxr",
    "dx",
    "plus_di",
    "minus_di",
    "plus_dm",
    "minus_dm",
    "apo",
    "ppo",
    "er",
    "dpo",
    "correl",
    "beta",
    "avgdev",
    "linearreg_slope",
    "aroonosc",
    "vwma",
    "cmf",
    "qstick",
];

/// Two columns each.
const TWO: &[&str] = &["stoch", "stochf", "aroon", "minmax"];

/// Three columns each.
const THREE: &[&str] = &["macd", "bbands", "donchian"];

/// So many different requests: of 35 of them, 26 have one column, four have two and five have three, 49 in all.
pub fn requests(count: usize) -> Vec<String> {
    let kinds = [ONE, TWO, THREE].map(|names| {
        let known: Vec<&str> = names.iter().copied().filter(|name| find(name).is_some()).collect();
        known
    });
    let mut used = [0; 3];
    let next = |n: usize| {
        let kind = match n % 35 {
            0..26 => 0,
            26..30 => 1,
            _ => 2,
        };
        let (names, place) = (&kinds[kind], used[kind]);
        used[kind] += 1;
        request(names[place % names.len()], 5 + 4 * (place / names.len()))
    };
    (0..count).map(next).collect()
}

fn request(name: &str, period: usize) -> String {
    match name {
        "apo" | "ppo" => format!("{name}_{period}_{}_1", 2 * period),
        "macd" => format!("macd_{period}_{}_9", 2 * period),
        "bbands" => format!("bbands_{period}_2_2"),
        "stoch" => format!("stoch_{period}_3_0_3_0"),
        "stochf" => format!("stochf_{period}_3_0"),
        _ => format!("{name}_{period}"),
    }
}

/// Measures, and prints a table.
pub fn trial(folder: &Path, (count, rows): Size, rounds: usize, with_peers: bool) {
    let (market, requests) = (Market::new(rows), requests(count));
    let bars = market.bars(rows);
    let asks = parse_asks(&requests.join(","), &|_| false).expect("they are requests");
    let mut lines = Vec::new();
    let before_mb = resident_mb("VmRSS:");
    forget_peak();
    let (mut first, mut best, mut columns) = (None, f64::INFINITY, 0);
    for _ in 0..rounds {
        let begun = Instant::now();
        let made = compute(&Graph::new(&asks), &bars);
        let took = begun.elapsed().as_secs_f64();
        columns = made.names.len();
        drop(made);
        first.get_or_insert(took);
        best = best.min(took);
    }
    let peak_mb = resident_mb("VmHWM:") - before_mb;
    let output_mb = (columns * rows * 8) as f64 / 1e6 / 1.048_576;
    println!("{count} requests on {rows} bars: {columns} columns, {output_mb:.0} MB");
    lines.push(("the engine, first time".to_owned(), first.unwrap_or_default(), columns, peak_mb));
    lines.push(("the engine, best".to_owned(), best, columns, peak_mb));
    lines.push(("as many columns filled".to_owned(), filled(columns, rows, rounds), columns, output_mb));
    if with_peers {
        market.write(folder);
        std::fs::write(folder.join("requests.txt"), requests.join("\n")).expect("the folder takes files");
        lines.extend(PEERS.iter().filter_map(|(name, packages, argument)| {
            let python = python(packages)?;
            let answer = Command::new(python).arg(script(name)).arg(folder).args(*argument).output().ok()?;
            let Ok(answer) = serde_json::from_slice::<Value>(&answer.stdout) else {
                println!("{name}: {}", String::from_utf8_lossy(&answer.stderr));
                return None;
            };
            let number = |key: &str| answer[key].as_f64().unwrap_or(f64::NAN);
            let left = match number("left_out") {
                0.0 => String::new(),
                some => format!(" ({some} requests left out)"),
            };
            let peer = format!("{}{left}", answer["peer"].as_str().unwrap_or(name));
            Some((peer, number("seconds"), number("columns") as usize, number("peak_mb")))
        }));
    }
    println!("{:<50} {:>9} {:>8} {:>12} {:>9}", "", "seconds", "columns", "M values/s", "peak MB");
    for (name, seconds, columns, peak_mb) in lines {
        let rate = (columns * rows) as f64 / seconds / 1e6;
        println!("{name:<50} {seconds:>9.3} {columns:>8} {rate:>12.0} {peak_mb:>9.0}");
    }
}

/// Script, what it needs, its arguments.
type PeerScript = (&'static str, &'static [&'static str], &'static [&'static str]);

const PEERS: &[PeerScript] = &[
    ("wide_talib.py", &["numpy", "talib"], &[]),
    ("wide_talib.py", &["numpy", "talib"], &["2"]),
    ("wide_polars.py", &["numpy", "polars"], &["eager"]),
    ("wide_polars.py", &["numpy", "polars"], &[]),
    ("wide_pandas.py", &["numpy", "pandas"], &[]),
];

/// Seconds for columns that are only written, on all cores.
fn filled(columns: usize, rows: usize, rounds: usize) -> f64 {
    let once = |_| {
        let begun = Instant::now();
        let made: Vec<Vec<f64>> =
            (0..columns).into_par_iter().map(|n| std::iter::repeat_n(n as f64, rows).collect()).collect();
        std::hint::black_box(&made);
        begun.elapsed().as_secs_f64()
    };
    (0..rounds).map(once).fold(f64::INFINITY, f64::min)
}

/// Memory of this process, where the system tells.
fn resident_mb(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// From now on the peak is counted anew, where the system can do that.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}
