//! A series as Parquet and as CSV, beside DuckDB and polars that write the same columns out of their own memory.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use engine::build::{Format, Job, Order, Place, targets};
use engine::model::{Bar, Day, Settings, Symbol};
use engine::plan::Desk;
use engine::query::{Catalog, ClockChoice, Range, parse_selects};
use engine::store::{Commit, Lake, SeriesKey};

use super::lakes::TempLake;
use super::peers::{Peer, python};

/// What is written, and by whom: a name, the ending of its file.
const KINDS: [(&str, Format); 2] = [("parquet", Format::Parquet), ("csv", Format::Csv)];

/// Best of `rounds`, in turns.
pub fn trial(folder: &Path, symbol: &Symbol, rows: usize, rounds: usize) {
    let place = TempLake::below(folder);
    wandering(&place.lake, symbol, rows);
    let out = folder.join("out");
    std::fs::create_dir_all(&out).expect("the temporary folder takes folders");
    let mut peer = python(&["numpy", "polars", "duckdb", "pyarrow"])
        .map(|python| Peer::new(&python, "formats.py", folder).0);
    if peer.is_none() {
        println!(
            "formats: no Python with numpy, polars, pyarrow and duckdb (ENGINE_PYTHON names one): the engine alone"
        );
    }
    for (name, format) in KINDS {
        let mut ours = (f64::INFINITY, 0);
        let mut theirs: Vec<(String, f64, u64)> = Vec::new();
        for _ in 0..rounds {
            let path = out.join(format!("engine.{name}"));
            let begun = Instant::now();
            let bytes = written(&place.lake, &place.settings, symbol, format, &path, rows);
            ours = (ours.0.min(begun.elapsed().as_secs_f64()), bytes);
            let Some(peer) = &mut peer else { continue };
            for library in ["polars", "duckdb"] {
                let answer = peer.ask(&format!("{library} {name}"));
                let seconds = answer["seconds"].as_f64().expect("seconds");
                let bytes = answer["bytes"].as_u64().expect("bytes");
                match theirs.iter_mut().find(|(known, ..)| known == library) {
                    Some((_, best, _)) => *best = best.min(seconds),
                    None => theirs.push((library.to_owned(), seconds, bytes)),
                }
            }
        }
        let rate = rows as f64 / ours.0 / 1e6;
        println!("formats/{name}: engine {:.2} s, {rate:.1} M bars/s, {} bytes", ours.0, ours.1);
        for (library, seconds, bytes) in theirs {
            println!(
                "formats/{name}: {library} {seconds:.2} s, {bytes} bytes; engine is {:.2} times as fast",
                seconds / ours.0
            );
        }
        if let Some(peer) = &mut peer {
            let same = peer.ask(&format!("same {name}"));
            println!("formats/{name}: the same columns as polars' file: {}", same["same"]);
            assert_eq!(same["same"], true, "{name}: {same}");
        }
    }
}

fn written(
    lake: &Lake,
    settings: &Settings,
    symbol: &Symbol,
    format: Format,
    path: &Path,
    rows: usize,
) -> u64 {
    let catalog = Catalog::new(settings, [symbol.clone()]);
    let desk = Desk { lake, settings, catalog: &catalog };
    let order = Order {
        format,
        compression: None,
        place: Place::File(path.to_owned()),
        append: false,
        force: false,
        selects: parse_selects(&format!("{symbol}/1m")).expect("a select word"),
        range: Range::default(),
        closed_only: true,
        clock: ClockChoice::Server,
        asks: Vec::new(),
    };
    let job = Job { desk, disk: lake.disk(), order: &order };
    let target = targets(desk, &order).expect("one file").remove(0);
    let done = job.write(&target, &mut std::io::sink()).expect("the temporary folder can be written to");
    assert_eq!(done.rows, rows as u64);
    std::io::stdout().flush().ok();
    done.bytes
}

/// A series that wanders like a currency: five decimals, a bar a minute.
fn wandering(lake: &Lake, symbol: &Symbol, rows: usize) {
    let key = SeriesKey::minute(symbol.clone());
    let mut writer = lake.open_series(&key, false).expect("the temporary folder can be written to");
    let first_ms = Day::from_epoch_days(12_000).start_ms() as u64;
    let mut state = 1_u64;
    let mut throw = move |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % sides) as i64
    };
    let mut close = 110_000_i64;
    let price = |units: i64| units as f64 / 1e5;
    for start in (0..rows).step_by(1 << 16) {
        let mut bars = Vec::with_capacity(1 << 16);
        for minute in start..(start + (1 << 16)).min(rows) {
            let open = close;
            close = (open + throw(41) - 20).max(50_000);
            let (high, low) = (open.max(close) + throw(9), open.min(close) - throw(9));
            let bar = Bar {
                time_ms: first_ms + 60_000 * minute as u64,
                open: price(open),
                high: price(high),
                low: price(low),
                close: price(close),
                volume: throw(500_000) as f64 / 100.0 + 0.01,
                utc_offset_s: 7200,
                count: 1,
                flags: 0,
                crc32c: 0,
            };
            bars.push(bar.sealed());
        }
        writer.append(&bars).expect("the temporary folder can be written to");
    }
    let commit = Commit { out_pos: (rows * 64) as u64, ..*writer.commit() };
    writer.publish(commit).expect("the temporary folder can be written to");
}
