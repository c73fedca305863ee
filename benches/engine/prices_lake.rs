//! The long series of the bench of prices, and what our own contenders do with it.

use std::path::{Path, PathBuf};

use engine::model::{Bar, Symbol};
use engine::query::{Columns, Field, Reader, Select, Selection, Slice, parse_selects};
use engine::store::{Commit, SeriesKey};
use polars::prelude::DataFrame;

use super::lakes::TempLake;
use super::peers::Market;

/// A Wednesday in the middle.
pub const DAY: (&str, &str) = ("2014-01-08", "2014-01-09");

/// Bars are made in pieces: all at once would be another gigabyte.
const PIECE: usize = 1 << 18;

/// Monday 2004-01-05 00:00 UTC.
const FIRST_MS: u64 = 1_073_260_800_000;

/// Minutes of five days, and of a week.
const WEEK: (usize, usize) = (7_200, 10_080);

/// A lake with one long series.
pub struct Long {
    pub folder: PathBuf,
    symbol: Symbol,
    /// Of all closes, one after the other.
    pub close_sum: f64,
    /// For each bar the sum of its six columns' bits, each times its place, from the last bar backwards.
    sums: Vec<u64>,
}

/// Writes a minute's bar for every minute of every weekday, and the configuration the project ships.
pub fn lay_out(folder: &Path, symbol: &Symbol, bars: usize) -> Long {
    let lake = TempLake::below(folder);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(folder.join("config")).expect("the temporary folder can be written to");
    for name in ["config.yaml", "config/timeframes.yaml"] {
        std::fs::copy(shipped.join(name), folder.join(name)).expect("the project ships its configuration");
    }
    std::fs::write(folder.join("symbols.txt"), symbol.as_str()).expect("the folder can be written to");
    let key = SeriesKey::minute(symbol.clone());
    let mut writer = lake.lake.open_series(&key, false).expect("the folder can be written to");
    let market = Market::new(PIECE.min(bars));
    let columns: Vec<&[f64]> = market.columns.iter().map(|(_, values)| values.as_slice()).collect();
    let mut long =
        Long { folder: folder.to_owned(), symbol: symbol.clone(), close_sum: 0.0, sums: Vec::new() };
    for start in (0..bars).step_by(PIECE) {
        let rows = start..(start + PIECE).min(bars);
        let piece: Vec<Bar> = rows.map(|row| bar(&columns, row, start / PIECE)).collect();
        long.close_sum = piece.iter().fold(long.close_sum, |sum, bar| sum + bar.close);
        long.sums.extend(piece.iter().map(sum_of));
        writer.append(&piece).expect("the folder can be written to");
    }
    let commit = Commit { out_pos: (bars * 64) as u64, ..*writer.commit() };
    writer.publish(commit).expect("the folder can be written to");
    long
}

/// A bar of the market's, a level up from piece to piece.
fn bar(columns: &[&[f64]], row: usize, level: usize) -> Bar {
    let minute = (row / WEEK.0) * WEEK.1 + row % WEEK.0;
    let at = row % PIECE;
    let price = |column: usize| columns[column][at] + level as f64;
    Bar {
        time_ms: FIRST_MS + 60_000 * minute as u64,
        open: price(0),
        high: price(1),
        low: price(2),
        close: price(3),
        volume: columns[4][at],
        utc_offset_s: 7_200,
        count: 1,
        flags: 0,
        crc32c: 0,
    }
    .sealed()
}

fn sum_of(bar: &Bar) -> u64 {
    let words: [u64; 8] = bytemuck::cast(*bar);
    (1..).zip(&words[..6]).fold(0_u64, |sum, (place, word)| sum.wrapping_add(word.wrapping_mul(place)))
}

impl Long {
    /// What the columns of the last rows come to.
    pub fn checksum(&self, rows: usize) -> String {
        let last = &self.sums[self.sums.len().saturating_sub(rows)..];
        format!("{:016x}", last.iter().fold(0_u64, |sum, bar| sum.wrapping_add(*bar)))
    }

    pub fn word(&self) -> String {
        format!("{}/1m", self.symbol)
    }

    pub fn symbol_path(&self) -> PathBuf {
        self.symbol.as_str().into()
    }

    pub fn series_file(&self) -> PathBuf {
        let lake = TempLake::below(&self.folder).lake;
        lake.series_path(&SeriesKey::minute(self.symbol.clone()))
    }

    pub fn reader(&self) -> Reader {
        let lake = TempLake::below(&self.folder);
        Reader::on(lake.lake, lake.settings)
    }
}

/// One way to the last rows.
pub struct Contender<'a> {
    reader: &'a Reader,
    word: &'a str,
    select: Select,
    slice: Slice,
    work: Work,
    selection: Option<Selection<'a>>,
    frame: DataFrame,
    bytes: Vec<u8>,
}

enum Work {
    Columns(&'static [Field]),
    Copy,
}

impl<'a> Contender<'a> {
    pub fn new(work: &str, reader: &'a Reader, word: &'a str, rows: usize) -> Contender<'a> {
        let work = match work {
            "columns" => Work::Columns(&Field::PRICES),
            "frame" => Work::Columns(&Field::FRAME),
            _ => Work::Copy,
        };
        let select = parse_selects(word).expect("a select word").remove(0);
        let (selection, frame) = (None, DataFrame::default());
        Contender {
            reader,
            word,
            select,
            slice: Slice::last(rows),
            work,
            selection,
            frame,
            bytes: Vec::new(),
        }
    }

    /// Opens the series, and asks.
    pub fn first(&mut self) {
        self.selection = Some(self.reader.select(self.word).expect("the series is there"));
        if let Work::Copy = self.work {
            let rows = self.selection.as_ref().expect("opened just now").rows(&self.slice).expect("rows");
            self.bytes = vec![0; rows.closed_bytes().len()];
        }
        self.again();
    }

    /// Asks again, in the memory of the last answer.
    pub fn again(&mut self) {
        let rows = self.selection.as_ref().expect("it was opened").rows(&self.slice).expect("rows");
        let rows = rows.oldest_first();
        match self.work {
            Work::Columns(fields) => {
                let mut columns = Columns::new(fields);
                columns.reclaim(std::mem::take(&mut self.frame));
                rows.fill(&mut columns).expect("sound bars");
                self.frame = columns.into_frame(&self.select).expect("a frame");
            }
            Work::Copy => self.bytes.copy_from_slice(rows.closed_bytes()),
        }
    }

    pub fn checksum(&self) -> String {
        let sum = match self.work {
            Work::Copy => self.bytes.as_chunks().0.iter().fold(0_u64, |sum, bytes: &[u8; 64]| {
                sum.wrapping_add(sum_of(&bytemuck::pod_read_unaligned(bytes)))
            }),
            Work::Columns(_) => (1..)
                .zip(Field::PRICES)
                .fold(0_u64, |sum, (place, field)| sum.wrapping_add(self.column(field).wrapping_mul(place))),
        };
        format!("{sum:016x}")
    }

    fn column(&self, field: Field) -> u64 {
        let column = self.frame.column(field.name()).expect("it was asked for").as_materialized_series();
        let add = |sum: u64, word: u64| sum.wrapping_add(word);
        match field {
            Field::TimeMs => {
                let times = column.i64().expect("i64").cont_slice().expect("one piece");
                times.iter().map(|time| *time as u64).fold(0, add)
            }
            _ => {
                let prices = column.f64().expect("f64").cont_slice().expect("one piece");
                prices.iter().map(|price| price.to_bits()).fold(0, add)
            }
        }
    }
}
