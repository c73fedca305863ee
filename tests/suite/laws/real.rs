//! Whole-pipeline truth that nobody here computed: decoded payloads, and the bars of a MetaTrader terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use engine::feed::wire::Candle;
use engine::ingest::Rebuild;
use engine::model::settings::TimezoneGroup;
use engine::model::{Bar, Day, Timeframe};
use engine::query::OpenedSeries;

use super::{Setup, plain};
use crate::textbook::series::TextDay;
use crate::textbook::world::World;
use crate::textbook::{at, text};

/// The reference data beside the project, where there are any.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: no ../shared");
    None
}

#[test]
fn real_payloads_become_the_bars_that_exact_arithmetic_decodes() {
    let Some(shared) = shared() else { return };
    for name in ["EUR-USD", "USD-JPY", "XAU-USD", "AUS.IDX-AUD"] {
        let mut world = World::new(plain);
        world.symbol = name.parse().expect("a symbol");
        let mut expected: Vec<(u64, [f64; 5])> = Vec::new();
        for date in ["2024-03-10", "2024-11-03", "2024-12-21", "2024-12-25", "2026-07-10", "2026-07-11"] {
            let day: Day = date.parse().expect("a day");
            let (year, month, _) = day.ymd();
            let file = format!("jetta/cache/{year}/{month:02}/{name}_{}.json", day.yyyymmdd());
            let Ok(bytes) = std::fs::read(shared.join(file)) else { continue };
            world.lake.write_finished(&world.symbol, day, &bytes).expect("a sound lake");
            let csv = shared.join(format!("expected/{name}_{}.csv", day.yyyymmdd()));
            expected.extend(std::fs::read_to_string(csv).expect("a csv").lines().map(decoded));
        }
        world.rebuild(Rebuild::Full);
        let view = world.lake.read_series(&world.minute_key()).expect("a sound series").expect("a series");
        let found: Vec<(u64, [f64; 5])> = view
            .bars()
            .iter()
            .map(|bar| (bar.time_ms, [bar.open, bar.high, bar.low, bar.close, bar.volume]))
            .collect();
        assert_eq!(found.len(), expected.len(), "{name}");
        assert!(name == "AUS.IDX-AUD" || !found.is_empty(), "{name}: no data at all");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{name}");
        }
        assert!(view.bars().iter().all(|bar| bar.is_intact() && bar.count == 1 && bar.flags == 0), "{name}");
    }
}

fn decoded(line: &str) -> (u64, [f64; 5]) {
    let mut fields = line.split(',');
    let time_ms = fields.next().expect("a time").parse().expect("a time");
    let mut number = || fields.next().expect("a field").parse().expect("a number");
    (time_ms, [number(), number(), number(), number(), number()])
}

/// The lines of a compressed file.
fn unzipped(path: &Path) -> String {
    let output = Command::new("zcat").arg(path).output().expect("zcat");
    assert!(output.status.success(), "{}", path.display());
    String::from_utf8(output.stdout).expect("a csv")
}

const HELSINKI: Setup = |settings| {
    settings.transform.timezones.push(TimezoneGroup {
        zone: chrono_tz::Europe::Helsinki,
        offset_to_shift_map: [(120, 7_200_000), (180, 10_800_000)].into(),
        symbols: Vec::new(),
        takes_the_rest: true,
    });
};

/// A terminal's bar: server label and numbers.
type Row = (String, [f64; 5]);

fn terminal(csv: &str) -> Vec<Row> {
    let row = |line: &str| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let number = |i: usize| fields[i].parse().expect("a number");
        let label = format!("{} {}:00", fields[0].replace('.', "-"), fields[1]);
        (label, [number(2), number(3), number(4), number(5), number(6)])
    };
    csv.lines().map(row).collect()
}

#[test]
fn every_timeframe_of_a_metatrader_terminal_is_reproduced() {
    let Some(shared) = shared() else { return };
    let mut world = World::new(HELSINKI);
    let mut days: BTreeMap<Day, Vec<Candle>> = BTreeMap::new();
    for line in unzipped(&shared.join("mt4/EURUSD_M1_utc.csv.gz")).lines().skip(1) {
        let (time_ms, [prices @ .., volume]) = decoded(line);
        let units = prices.map(|price| (price * 1e5).round() as i64);
        let candle = Candle { time_ms: time_ms as i64, units, volume };
        days.entry(Day::of_ms(candle.time_ms)).or_default().push(candle);
    }
    for (day, candles) in days {
        world.receive(day, TextDay { candles, asked_ms: None });
    }
    world.rebuild(Rebuild::Full);
    world.assert_textbook("the terminal's minutes");
    for (id, file) in [("5m", "5"), ("1h", "60"), ("4h", "240"), ("1d", "1440")] {
        let timeframe: Timeframe = id.parse().expect("a timeframe");
        let opened = OpenedSeries::read(&world.lake, &world.symbol, &world.cascade(), &timeframe)
            .expect("a sound lake");
        let mut bars = opened.view.expect("a series").bars().to_vec();
        bars.extend(opened.open);
        let row = |bar: &Bar| (text(bar.server_ms()), [bar.open, bar.high, bar.low, bar.close, bar.volume]);
        // The first bar has not all its minutes, and neither may the last.
        let ours: Vec<Row> = bars[1..bars.len() - 1].iter().map(row).collect();
        let theirs = terminal(&unzipped(&shared.join(format!("mt4/EURUSD_MT4_{file}.csv.gz"))));
        let (first, last) = (&ours[0].0, &ours[ours.len() - 1].0);
        let theirs: Vec<Row> =
            theirs.into_iter().filter(|(label, _)| (first..=last).contains(&label)).collect();
        assert!(at(first) < at("2020-06-17") && at(last) >= at("2020-08-13"), "{id}: {first} to {last}");
        assert_eq!(ours.len(), theirs.len(), "{id}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{id}");
        }
    }
}
