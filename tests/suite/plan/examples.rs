//! The examples that are shipped, where a Python has what they need.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{assert_near, column, numbers, place_with, rows};
use crate::binary::Place;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/indicators").join(name)
}

/// A Python that has some modules: `ENGINE_PYTHON`, else python3.
fn python(modules: &[&str]) -> Option<String> {
    let python = std::env::var("ENGINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {}", modules.join(", "));
    let has =
        Command::new(&python).args(["-c", &import]).output().is_ok_and(|output| output.status.success());
    if !has {
        println!("skipped: no python3 with {}", modules.join(" and "));
    }
    has.then_some(python)
}

/// The shipped configuration and programs, with this Python.
fn place(python: &str) -> Place {
    let config = std::fs::read_to_string(shipped("config.yaml")).expect("the example");
    let place = place_with(&config.replace("[python3,", &format!("[{python},")));
    for name in ["pandas_zscore.py", "polars_spread.py"] {
        std::fs::copy(shipped(name), place.path(name)).expect("copied");
    }
    place
}

#[test]
fn the_configuration_is_sound() {
    let place = place("python3");
    place.ends(&["config", "check"], &[0]);
    let told = place.ends(&["indicators", "zscore"], &[0]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("zscore__z, zscore__mean"));
    let (_, all) = rows(&place, &["query", "EUR-USD/1h", "-i", "stretched"]);
    assert!(numbers(&all, 11).contains(&1.0));
}

#[test]
fn the_pandas_example_is_the_z_score() {
    let Some(python) = python(&["pandas", "pyarrow"]) else { return };
    let place = place(&python);
    let (header, all) = rows(&place, &["query", "EUR-USD/4h", "-i", "zscore,sma_20,zscore@1d"]);
    let close = numbers(&all, 7);
    let z: Vec<f64> = (0..all.len())
        .map(|row| {
            let Some(window) = (row + 1).checked_sub(20).map(|from| &close[from..=row]) else {
                return f64::NAN;
            };
            let mean = window.iter().sum::<f64>() / 20.0;
            let variance = window.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 20.0;
            (close[row] - mean) / variance.sqrt()
        })
        .collect();
    // pandas' rolling variance carries its rounding along.
    for (row, (ours, by_hand)) in numbers(&all, column(&header, "zscore__z")).iter().zip(&z).enumerate() {
        assert!(
            (ours.is_nan() && by_hand.is_nan()) || (ours - by_hand).abs() < 1e-6,
            "{row}: {ours} {by_hand}"
        );
    }
    assert_near(
        &numbers(&all, column(&header, "zscore__mean")),
        &numbers(&all, column(&header, "sma_20")),
        "its mean",
    );
    assert!(header.contains(&"zscore@1d__z".to_owned()));
    let words = ["query", "EUR-USD/4h", "-i", "zscore__z,z_smooth", "--order", "desc", "--limit", "3"];
    let (_, slice) = rows(&place, &words);
    for (row, value) in numbers(&slice, 11).iter().enumerate() {
        assert!((value - z[all.len() - 1 - row]).abs() < 1e-6);
    }
    let mean = z[all.len() - 5..].iter().sum::<f64>() / 5.0;
    assert!((numbers(&slice, 12)[0] - mean).abs() < 1e-6);
}

#[test]
fn the_polars_example_is_the_ratio() {
    let Some(python) = python(&["polars"]) else { return };
    let place = place(&python);
    let (header, all) = rows(&place, &["query", "EUR-USD/1h", "-i", "spread,close@BTC-USD"]);
    let (close, other) = (numbers(&all, 7), numbers(&all, column(&header, "close@BTC-USD")));
    let ratio: Vec<f64> = close.iter().zip(&other).map(|(a, b)| a / b).collect();
    assert_near(&numbers(&all, column(&header, "spread__ratio")), &ratio, "ratio");
    let change: Vec<f64> = ratio.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let ours = numbers(&all, column(&header, "spread__change"));
    ours[1..].iter().zip(&change).for_each(|(a, b)| {
        assert!((a - b).abs() < 1e-12 || (a.is_nan() && b.is_nan()), "{a} {b}");
    });
    let (_, last) = rows(&place, &["query", "EUR-USD/1h", "-i", "spread", "--order", "desc", "--limit", "1"]);
    assert!((numbers(&last, 12)[0] - change[change.len() - 1]).abs() < 1e-12, "with one bar before it");
}
