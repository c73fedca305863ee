//! `docs/INDICATORS.md` is the catalogue's, and its examples are what the engine takes.

use std::path::Path;

use engine::cli;
use engine::indicators::{catalog, example, parse_asks};

use super::golden::DIFFERENT;

fn page() -> String {
    cli::indicators_markdown(DIFFERENT)
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/INDICATORS.md");
    let text = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        held == text,
        "docs/INDICATORS.md differs from the catalogue: UPDATE_DOCS=1 cargo test --test suite indicators::docs"
    );
}

#[test]
fn every_indicator_has_a_row_with_everything_in_it() {
    let page = page();
    for indicator in catalog() {
        let request = format!("| `{}`", example(indicator));
        let row = page.lines().find(|line| line.starts_with(&request)).unwrap_or_else(|| panic!("{request}"));
        let plain = row.replace("\\|", "");
        assert_eq!(plain.matches('|').count(), 8, "{row}");
        let outputs: &[&str] = if indicator.outputs.len() > 1 { indicator.outputs } else { &[] };
        for word in indicator.aliases.iter().chain(outputs) {
            assert!(row.contains(&format!("`{word}`")), "{word}: {row}");
        }
        assert_eq!(row.contains("sees later bars"), indicator.sees_future, "{row}");
    }
}

/// The words of a line as a shell would make them.
fn shell_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[test]
fn its_command_lines_parse_and_so_do_their_requests() {
    let page = page();
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("engine ")).collect();
    assert!(lines.len() >= 4, "{lines:?}");
    for line in lines {
        let words = shell_words(line);
        let parsed = cli::command().try_get_matches_from(&words);
        assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|e| e.to_string()).unwrap_or_default());
        for pair in words.windows(2).filter(|pair| pair[0] == "-i") {
            assert!(parse_asks(&pair[1], &|_| false).is_ok(), "{line}");
        }
    }
}

#[test]
fn its_configurations_are_sound() {
    let page = page();
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut seen = 0;
    for block in blocks {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("config.yaml"), block).expect("written");
        std::fs::write(folder.path().join("symbols.txt"), "EUR-USD\nBTC-USD\n").expect("written");
        let checked = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("engine"))
            .current_dir(folder.path())
            .args(["config", "check"])
            .output()
            .expect("it starts");
        assert!(checked.status.success(), "{block}: {}", String::from_utf8_lossy(&checked.stderr));
        seen += 1;
    }
    assert!(seen >= 2, "{seen} blocks");
}
