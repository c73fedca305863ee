//! What the documents tell Python people to do works as printed.

#![allow(clippy::print_stdout)]

use std::path::Path;
use std::process::Command;

use crate::binary::Place;
use crate::python::python_with;

const NOW: &str = "2024-01-19 12:00";

/// The Python of a Markdown file that maps a series.
fn snippet(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let blocks = text.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut mapping = blocks.filter(|block| block.contains("np.memmap"));
    mapping.next().unwrap_or_else(|| panic!("{file} has no ```python block with np.memmap")).to_owned()
}

/// Looks at what a snippet has made: how many rows, of how many bytes, backed by a map of the file or a copy, and sums.
const LOOK: &str = r#"
print("rows", len(bars))
print("bytes", bars.dtype.itemsize)
print("mapped", isinstance(bars, np.memmap) and not bars.flags.owndata and not bars.flags.writeable)
print("times", int(bars["time_ms"].sum()))
print("counts", int(bars["count"].sum()))
print("highest", repr(float(bars["high"].max())))
print("lowest", repr(float(bars["low"].min())))
"#;

#[test]
fn numpy_reads_a_series_as_the_documents_say() {
    let Some(python) = python_with(&["numpy"]) else {
        println!("skipped: no numpy");
        return;
    };
    let place = Place::new(&["EUR-USD"], "download:\n  timeout: 30\n");
    place.ends(&["run", "--now", NOW, "--from", "2024-01-01", "--feed", "simulated"], &[0]);
    let query = ["query", "EUR-USD/1h", "--closed", "--format", "json"];
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&place.ends(&query, &[0]).stdout).expect("rows");
    let number = |row: &serde_json::Value, name: &str| row[name].as_f64().expect("a number");
    let whole = |name: &str| rows.iter().map(|row| row[name].as_u64().expect("a whole number")).sum::<u64>();
    let highest = rows.iter().map(|row| number(row, "high")).fold(f64::MIN, f64::max);
    let lowest = rows.iter().map(|row| number(row, "low")).fold(f64::MAX, f64::min);
    // Two and a half weeks of a market that is open five days of 24 hours.
    assert!(rows.len() > 200, "{} rows", rows.len());
    let expected = format!(
        "rows {}\nbytes 64\nmapped True\ntimes {}\ncounts {}\nhighest {highest:?}\nlowest {lowest:?}\n",
        rows.len(),
        whole("time_ms"),
        whole("count"),
    );
    for file in ["README.md", "docs/FORMAT.md"] {
        let code = snippet(file) + LOOK;
        let mut command = Command::new(&python);
        let output = command.args(["-c", &code]).current_dir(place.path("")).output().expect("python runs");
        let said = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(said.ends_with(&expected), "{file}: {said}\nexpected {expected}");
        if file == "README.md" {
            let first = said.split_whitespace().next().expect("it prints");
            assert_eq!(first, rows.len().to_string(), "the README prints the number of rows first");
        }
    }
}

/// Wilder's RSI of the last close, from rational definitions: averages of gains and losses, first plain, then smoothed.
fn textbook_rsi(closes: &[f64], n: usize) -> f64 {
    let gains: Vec<f64> = closes.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect();
    let losses: Vec<f64> = closes.windows(2).map(|pair| (pair[0] - pair[1]).max(0.0)).collect();
    let smoothed = |values: &[f64]| {
        let first = values[..n].iter().sum::<f64>() / n as f64;
        values[n..].iter().fold(first, |average, value| average + (value - average) / n as f64)
    };
    let strength = smoothed(&gains) / smoothed(&losses);
    100.0 - 100.0 / (1.0 + strength)
}

#[test]
fn the_rsi_of_the_readme_is_wilders() {
    let Some(python) = python_with(&["numpy"]) else {
        println!("skipped: no numpy");
        return;
    };
    let place = Place::new(&["EUR-USD"], "download:\n  timeout: 30\n");
    place.ends(&["run", "--now", NOW, "--from", "2024-01-01", "--feed", "simulated"], &[0]);
    let query = ["query", "EUR-USD/1h", "--closed", "--format", "json"];
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&place.ends(&query, &[0]).stdout).expect("rows");
    let closes: Vec<f64> = rows.iter().map(|row| row["close"].as_f64().expect("a price")).collect();
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let blocks: String =
        text.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let code =
        blocks + "\nprint(int(np.isnan(rsi(bars['close'])).sum()), repr(float(rsi(bars['close'])[-1])))";
    let output =
        Command::new(&python).args(["-c", &code]).current_dir(place.path("")).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let last: Vec<&str> = said.lines().last().expect("it prints").split_whitespace().collect();
    assert_eq!(last[0], "14", "the first 14 closes have no RSI");
    let (rsi, expected) = (last[1].parse::<f64>().expect("a number"), textbook_rsi(&closes, 14));
    assert!((rsi - expected).abs() < 1e-9, "{rsi} instead of {expected}");
}
