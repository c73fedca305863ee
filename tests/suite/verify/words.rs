//! The command: what it says, to people and machines, and with which exit code it ends.

use crate::binary::{Place, different, files};
use crate::textbook::Dice;
use crate::textbook::world::{candles, payload};

/// A folder with five days of one symbol, made by the real binary.
fn place() -> Place {
    let place = Place::new(&["EUR-USD"], "orchestrator: {num_processes: 1}\n");
    let dice = &mut Dice(50);
    for date in super::day("2024-03-04").through(super::day("2024-03-08")) {
        let said = payload(date, &candles(dice, date, 40));
        place.lake().write_finished(&place.symbols()[0], date, said.as_bytes()).expect("written");
    }
    place.ends(&["aggregate", "--now", "2024-03-09"], &[0]);
    place.ends(&["resample", "--now", "2024-03-09"], &[0]);
    place
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_whole_store_is_0_a_damaged_one_5_and_a_repaired_one_0() {
    let place = place();
    let whole = files(&place.path("data"));
    let output = place.ends(&["verify", "--deep"], &[0]);
    assert!(text(&output.stdout).contains("the store is whole"), "{output:?}");
    assert!(text(&output.stderr).contains("11 series"), "{output:?}");

    let path = place.path("data/resample/5m/EUR-USD.bin");
    super::spoil(&path, |bytes| bytes[3 * 64 + 20] ^= 0x55);
    let output = place.ends(&["verify"], &[5]);
    let said = text(&output.stdout);
    let line = said.lines().find(|line| line.starts_with("damaged:")).expect("a line for the damage");
    for part in
        ["EUR-USD 5m", "data/resample/5m/EUR-USD.bin", "record 3", "2024-03-04", "server time", "checksum"]
    {
        assert!(line.contains(part), "'{part}' is not in: {line}");
    }
    assert!(text(&output.stderr).contains("engine verify --repair"), "{output:?}");

    let (figures, _) = place.figures(&["verify"], &[5]);
    assert_eq!(figures["whole"], false);
    let finding = &figures["findings"][0];
    assert_eq!((finding["wrong"].as_str(), finding["record"].as_u64()), (Some("checksum"), Some(3)));
    assert_eq!((finding["symbol"].as_str(), finding["timeframe"].as_str()), (Some("EUR-USD"), Some("5m")));

    let (figures, _) = place.figures(&["verify", "--repair"], &[0]);
    assert_eq!(figures["whole"], true);
    assert_eq!(figures["repairs"][0]["healed"], true);
    assert_eq!(figures["after_repair"].as_array().map(Vec::len), Some(0));
    let (mut now, mut before) = (files(&place.path("data")), whole);
    now.retain(|name, _| !name.ends_with(".lock"));
    before.retain(|name, _| !name.ends_with(".lock"));
    assert_eq!(different(&now, &before), Vec::<&str>::new());
}

#[test]
fn another_writer_is_waited_for_or_told() {
    let place = place();
    let lock = place.lake().try_lock(0).expect("nobody else is here");
    let output = place.ends(&["verify"], &[3]);
    assert!(text(&output.stderr).contains("another engine"), "{output:?}");
    drop(lock);
    place.ends(&["verify", "--wait"], &[0]);
}

#[test]
fn what_cannot_be_proven_is_1_and_symbols_narrow_the_search() {
    let place = place();
    let config = "orchestrator: {num_processes: 1}\nresample: {round_decimals: 3}\n";
    std::fs::write(place.path("config.yaml"), config).expect("written");
    let output = place.ends(&["verify"], &[1]);
    assert!(text(&output.stdout).contains("another configuration"), "{output:?}");
    place.ends(&["verify", "--symbols", "XAU-USD"], &[0]);
}
