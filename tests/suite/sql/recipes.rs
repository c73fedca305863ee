//! Every block of docs/RECIPES.md and docs/SQL.md works as printed, where its tool is there.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use crate::binary::Place;

/// The symbols and days that the blocks speak of.
fn place() -> Place {
    let place = Place::new(&["EUR-USD", "BTC-USD"], "");
    let (market, lake) = (Market::new(0), place.lake());
    let first: Day = "2024-01-01".parse().expect("a day");
    for symbol in ["EUR-USD", "BTC-USD"].map(|name| name.parse::<Symbol>().expect("a symbol")) {
        for day in first.through(first.plus(18)) {
            let payload = market.day(&symbol, day).payload(day.start_ms());
            lake.write_finished(&symbol, day, payload.as_bytes()).expect("written");
        }
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    place
}

/// The blocks of a page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("a page");
    let opening = format!("```{language}\n");
    let parts = text.split(&opening).skip(1);
    parts.filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

/// A program in the folder of the configuration, with `engine` on the PATH.
fn run(place: &Place, program: &str, words: &[&str]) -> std::io::Result<Output> {
    let own = assert_cmd::cargo::cargo_bin!("engine");
    let folders = own.parent().into_iter().map(Path::to_path_buf);
    let known = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = folders.chain(std::env::split_paths(&known)).collect();
    let path = std::env::join_paths(folders).expect("no folder has a separator in its name");
    Command::new(program).args(words).current_dir(place.path("")).env("PATH", path).output()
}

/// What a block prints; it has to end well and to print something.
fn printed(place: &Place, program: &str, words: &[&str]) -> String {
    let output = run(place, program, words).expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{said}", words[words.len() - 1]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_python_of_the_recipes_works_as_printed() {
    let python = std::env::var("ENGINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let place = place();
    let mut worked = 0;
    for block in blocks("docs/RECIPES.md", "python") {
        let modules = ["numpy", "pandas", "polars", "pyarrow", "duckdb"];
        let needed: Vec<&str> = modules.into_iter().filter(|module| block.contains(module)).collect();
        let imports = ["-c", &format!("import {}", needed.join(", "))];
        if !run(&place, &python, &imports).is_ok_and(|output| output.status.success()) {
            println!("skipped: no python3 with {}", needed.join(" and "));
            continue;
        }
        let said = printed(&place, &python, &["-c", &block]);
        assert!(said.chars().any(|c| c.is_ascii_digit()), "{block}\nprints {said}");
        assert!(!said.contains("NaN") && !said.contains("nan"), "{block}\nprints {said}");
        worked += 1;
    }
    println!("{worked} blocks worked");
}

#[test]
fn the_r_of_the_recipes_works_as_printed() {
    let place = place();
    if !run(&place, "Rscript", &["--version"]).is_ok_and(|output| output.status.success()) {
        println!("skipped: no Rscript");
        return;
    }
    for block in blocks("docs/RECIPES.md", "r") {
        if block.contains("library(arrow)")
            && !run(&place, "Rscript", &["-e", "library(arrow)"]).is_ok_and(|output| output.status.success())
        {
            println!("skipped: no arrow for R");
            continue;
        }
        let said = printed(&place, "Rscript", &["-e", &block]);
        assert!(!said.is_empty(), "{block}");
        if block.contains("readBin") {
            // The newest bar, as R reads its record.
            let words =
                ["query", "EUR-USD/1h", "--closed", "--limit", "1", "--order", "desc", "--format", "csv"];
            let line = String::from_utf8(place.ends(&words, &[0]).stdout).expect("text");
            let cells: Vec<&str> = line.lines().nth(1).expect("a bar").split(',').collect();
            assert!(cells[4..9].iter().all(|cell| said.contains(cell)), "{cells:?} in {said}");
        }
    }
}

#[test]
fn the_file_for_metatrader_is_as_it_is_described() {
    let place = place();
    let blocks = blocks("docs/RECIPES.md", "sh");
    assert_eq!(blocks.len(), 1);
    printed(&place, "sh", &["-ec", &blocks[0]]);
    let text = std::fs::read_to_string(place.path("EURUSD1.csv")).expect("it was written");
    let first: Vec<&str> = text.lines().next().expect("a line").split(',').collect();
    assert_eq!(first.len(), 7);
    assert!(first[0].starts_with("2024.01.08") && first[1].len() == 5, "{first:?}");
    assert!(first[2..].iter().all(|cell| cell.parse::<f64>().is_ok()), "{first:?}");
}

#[test]
fn the_queries_of_the_page_on_sql_have_answers() {
    let place = place();
    let queries = blocks("docs/SQL.md", "sql");
    assert!(queries.len() >= 5);
    for query in queries {
        let answer = place.ends(&["query", "--sql", &query, "--format", "csv"], &[0]).stdout;
        let rows = String::from_utf8_lossy(&answer).lines().count();
        // Of nineteen days there is a header and one month at least.
        assert!(rows >= 2, "{query}\nanswers {rows} lines");
    }
    std::fs::write(place.path("spread.sql"), "SELECT time, close FROM eurusd_1h").expect("written");
    let commands = blocks("docs/SQL.md", "sh");
    assert_eq!(commands.len(), 1);
    assert!(printed(&place, "sh", &["-ec", &commands[0]]).contains("eurusd_1h"));
    assert!(place.path("spread.csv").exists());
    // What the page says cannot be done is refused, and not done wrongly.
    for sql in [
        "SELECT AVG(close) OVER (ORDER BY time_ms ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS m FROM eurusd_1h",
        "SELECT time FROM eurusd_1h WHERE close = (SELECT MAX(close) FROM eurusd_1h)",
        "SELECT date_trunc('day', time) AS d FROM eurusd_1h",
        "SELECT e.close FROM eurusd_1h e ASOF JOIN btcusd_1h b MATCH_CONDITION (e.time_ms >= b.time_ms)",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r",
    ] {
        place.ends(&["query", "--sql", sql], &[2]);
    }
}
