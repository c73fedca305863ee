//! The text beside each series: turned on, turned off, spoilt and written again, by the real binary.

use std::path::{Path, PathBuf};

use engine::store::SeriesKey;

use crate::binary::{Place, different, files};
use crate::textbook::Dice;
use crate::textbook::lines::text_of_bars;
use crate::textbook::world::{candles, payload};

const WITHOUT: &str = "orchestrator: {num_processes: 1}\n";
const WITH: &str = "orchestrator: {num_processes: 1}\nstore: {csv: true}\n";
const RUN: [&str; 3] = ["aggregate", "--now", "2024-03-09"];
const FOLD: [&str; 3] = ["resample", "--now", "2024-03-09"];

/// A folder with five days of two symbols in its cache.
fn place(config: &str) -> Place {
    let place = Place::new(&["EUR-USD", "XAU-USD"], config);
    let dice = &mut Dice(51);
    for symbol in place.symbols() {
        for date in super::day("2024-03-04").through(super::day("2024-03-08")) {
            let said = payload(date, &candles(dice, date, 40));
            place.lake().write_finished(symbol, date, said.as_bytes()).expect("written");
        }
    }
    place
}

fn configure(place: &Place, config: &str) {
    std::fs::write(place.path("config.yaml"), config).expect("written");
}

fn text_path(place: &Place, key: &SeriesKey) -> PathBuf {
    place.lake().csv_path(&key.symbol, &key.timeframe)
}

fn assert_texts(place: &Place, what: &str) {
    for key in place.keys() {
        let bars = place.lake().read_series(&key).expect("a series").map(|view| text_of_bars(view.bars()));
        let found = std::fs::read_to_string(text_path(place, &key)).ok();
        assert!(found == bars && bars.is_some(), "{what}: {} {}", key.symbol, key.timeframe);
    }
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn turned_on_every_series_gets_its_text_and_turned_off_it_is_told_what_is_left() {
    let place = place(WITHOUT);
    place.ends(&RUN, &[0]);
    let output = place.ends(&FOLD, &[0]);
    assert!(!said(&output.stderr).contains("store.csv"), "nothing is left of what never was: {output:?}");
    let is_text = |name: &String| name.contains(".csv");
    assert_eq!(files(&place.path("data")).keys().filter(|name| is_text(name)).count(), 0);

    // Nothing is new, and every file is written.
    configure(&place, WITH);
    place.ends(&RUN, &[0]);
    assert_texts(&place, "turned on");
    let (figures, _) = place.figures(&["verify", "--deep"], &[0]);
    assert_eq!(figures["whole"], true, "{figures}");
    assert_eq!(figures["findings"].as_array().map(Vec::len), Some(0), "{figures}");

    // Turned off they stay, and are told: by runs, by the check of the configuration and by verify.
    configure(&place, WITHOUT);
    let before = files(&place.path("data"));
    let output = place.ends(&FOLD, &[0]);
    let lines = said(&output.stderr);
    let lines: Vec<&str> = lines.lines().filter(|line| line.contains("store.csv is false")).collect();
    assert_eq!(lines.len(), 1, "{output:?}");
    assert!(lines[0].contains("22 CSV files") && lines[0].contains("EUR-USD.csv"), "{}", lines[0]);
    assert!(lines[0].contains("remove them, or write `store: {csv: true}`"), "{}", lines[0]);
    assert!(said(&place.ends(&["config", "check"], &[0]).stdout).contains("22 CSV files"));
    let (figures, _) = place.figures(&["verify"], &[0]);
    let left = figures["findings"].as_array().expect("a list");
    assert_eq!(left.iter().filter(|finding| finding["wrong"] == "text-left").count(), 22, "{figures}");
    assert_eq!(different(&files(&place.path("data")), &before), [""; 0], "and nobody touched them");

    // A correction while they are off: turned on again they follow.
    let date = super::day("2024-03-06");
    let other = payload(date, &candles(&mut Dice(3), date, 60));
    let symbol = &place.symbols()[0];
    engine::aggregate::note_older_payload(&place.lake(), symbol, date).expect("noted");
    place.lake().write_finished(symbol, date, other.as_bytes()).expect("written");
    place.ends(&RUN, &[0]);
    place.ends(&FOLD, &[0]);
    configure(&place, WITH);
    place.ends(&FOLD, &[0]);
    assert_texts(&place, "turned on again");

    // Removed, they are no longer told.
    configure(&place, WITHOUT);
    for key in place.keys() {
        std::fs::remove_file(text_path(&place, &key)).expect("removed");
    }
    assert!(!said(&place.ends(&FOLD, &[0]).stderr).contains("store.csv"));
    let (figures, _) = place.figures(&["verify", "--deep"], &[0]);
    assert_eq!(figures["findings"].as_array().map(Vec::len), Some(0), "{figures}");
}

#[test]
fn verify_finds_a_spoilt_text_and_writes_it_again() {
    let place = place(WITH);
    place.ends(&RUN, &[0]);
    place.ends(&FOLD, &[0]);
    let whole = files(&place.path("data"));
    let path = place.path("data/resample/5m/XAU-USD.csv");
    super::spoil(&path, |bytes| bytes[100] ^= 1);
    place.ends(&["verify"], &[0]);
    let output = place.ends(&["verify", "--deep"], &[5]);
    let line = said(&output.stdout);
    let line = line.lines().find(|line| line.starts_with("damaged:")).expect("a line for the damage");
    for part in ["XAU-USD 5m", "data/resample/5m/XAU-USD.csv", "does not show the bars of its series"] {
        assert!(line.contains(part), "'{part}' is not in: {line}");
    }
    let (figures, _) = place.figures(&["verify", "--deep", "--repair"], &[0]);
    assert_eq!(figures["whole"], true, "{figures}");
    assert_eq!(figures["repairs"][0]["text"], "written again from its series", "{figures}");
    unlocked_equal(&whole, &place);

    // Too short, too long, gone: known without reading, and the next run sees to it.
    for change in [|bytes: &mut Vec<u8>| bytes.truncate(50), |bytes: &mut Vec<u8>| bytes.push(b'2')] {
        let mut bytes = std::fs::read(&path).expect("a text");
        change(&mut bytes);
        std::fs::write(&path, bytes).expect("written");
        let (figures, _) = place.figures(&["verify"], &[0]);
        assert_eq!(figures["findings"][0]["wrong"], "text-behind", "{figures}");
        place.ends(&FOLD, &[0]);
        unlocked_equal(&whole, &place);
    }
    std::fs::remove_file(&path).expect("removed");
    place.ends(&["rebuild", "resample"], &[0]);
    assert_texts(&place, "removed");

    // A damaged bar that was shown: both are healed.
    super::spoil(&place.path("data/resample/1h/EUR-USD.bin"), |bytes| bytes[64 + 20] ^= 0x55);
    place.lake().doubt_csv(&place.keys()[4]).expect("removed");
    place.ends(&FOLD, &[0]);
    place.ends(&["verify", "--repair"], &[0]);
    assert_texts(&place, "healed");
    place.ends(&["verify", "--deep"], &[0]);
}

fn unlocked_equal(whole: &crate::binary::Files, place: &Place) {
    let (mut now, mut before) = (files(&place.path("data")), whole.clone());
    now.retain(|name, _| Path::new(name).extension().is_none_or(|ending| ending != "lock"));
    before.retain(|name, _| Path::new(name).extension().is_none_or(|ending| ending != "lock"));
    assert_eq!(different(&now, &before), [""; 0]);
}

#[test]
fn rebuilds_and_runs_leave_the_same_texts() {
    let (one, many) = (place(WITH), place(WITH));
    one.ends(&["rebuild", "full"], &[0]);
    for today in 5..10 {
        let now = format!("2024-03-{today:02}");
        many.ends(&["aggregate", "--now", &now, "--to", &format!("2024-03-{:02}", today - 1)], &[0]);
        many.ends(&["resample", "--now", &now], &[0]);
    }
    let texts = |place: &Place| {
        let mut texts = files(&place.path("data"));
        texts.retain(|name, _| name.ends_with(".csv") || name.ends_with(".bin"));
        texts
    };
    let count = |ending: &str| texts(&one).keys().filter(|name| name.ends_with(ending)).count();
    // Five days close no week, month or year: of those there are texts without a line, and no records.
    assert_eq!((count(".csv"), count(".bin")), (22, 16));
    assert_eq!(different(&texts(&one), &texts(&many)), [""; 0]);
    for what in ["aggregate", "resample", "full"] {
        many.ends(&["rebuild", what], &[0]);
        assert_eq!(different(&texts(&one), &texts(&many)), [""; 0], "rebuild {what}");
    }
}
