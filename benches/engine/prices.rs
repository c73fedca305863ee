//! A slice of a long 1m series as columns, beside other libraries, each in processes of its own and in turns; a scan of
//! the whole series beside a plain read of its bytes; a day out of the middle, by the library and from the shell.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use engine::model::Symbol;
use engine::query::{Reader, Slice};
use serde_json::Value;

use super::lakes::TempLake;
use super::peers::{python, script};
use super::prices_lake::{self, DAY, Long};

/// The argument that makes this program one of the contenders.
pub const CHILD: &str = "--prices-child";

/// How much there is to do.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Bars of the series.
    pub bars: usize,
    /// The last of them that are asked for.
    pub rows: usize,
    /// Processes of each contender, and rounds in each after the first one.
    pub rounds: (usize, usize),
    /// Starts of the program.
    pub starts: usize,
}

/// Who is measured: a name, and what the contender is called with.
const OURS: [(&str, &str); 3] = [
    ("engine: 6 columns, polars frame", "columns"),
    ("engine: all 11 columns, polars frame", "frame"),
    ("memcpy of the records' bytes", "copy"),
];

const PEERS: [(&str, &str); 7] = [
    ("numpy: memmap to 6 contiguous columns", "numpy"),
    ("numpy: the same, into its own arrays again", "numpy-reused"),
    ("pandas: a frame of the same", "pandas"),
    ("polars: a frame from numpy", "polars-numpy"),
    ("polars: zstd parquet", "polars-parquet"),
    ("DuckDB: zstd parquet to polars", "duckdb-parquet"),
    ("DuckDB: zstd parquet to numpy", "duckdb-numpy"),
];

/// What the contenders are compared with.
const NUMPY: &str = "numpy: memmap to 6 contiguous columns";

/// One contender's times in milliseconds, of the first round of each process and of the best later one: by the clock,
/// and of all cores together, which tells something even while others are at work on the machine.
struct Times {
    name: &'static str,
    fresh: [Vec<f64>; 2],
    warm: [Vec<f64>; 2],
    answer: String,
}

/// Measures, and prints tables; whether every answer was right.
pub fn trial(folder: &Path, symbol: &Symbol, extent: &Extent, measuring: bool) -> bool {
    let long = prices_lake::lay_out(folder, symbol, extent.bars);
    let expected = long.checksum(extent.rows);
    let contenders = contenders(&long, extent, measuring);
    let mut all: Vec<Times> = contenders
        .iter()
        .map(|(name, _)| Times {
            name,
            fresh: Default::default(),
            warm: Default::default(),
            answer: String::new(),
        })
        .collect();
    for _ in 0..extent.rounds.0 {
        for ((_, command), times) in contenders.iter().zip(&mut all) {
            times.round(command);
        }
    }
    let wrong: Vec<&str> =
        all.iter().filter(|times| times.answer != expected).map(|times| times.name).collect();
    if measuring || !wrong.is_empty() {
        println!("{}", table(&all, extent));
    }
    wrong.iter().for_each(|name| println!("WRONG: {name}, the bars that were written have {expected}"));
    let scan = scan(&long, extent);
    let day = day(&long, extent);
    let shell = shell(&long, extent);
    if measuring {
        println!("{scan}\n{day}\n{shell}");
    }
    wrong.is_empty()
}

/// The contenders there are on this machine, each as words to call.
fn contenders(long: &Long, extent: &Extent, measuring: bool) -> Vec<(&'static str, Vec<PathBuf>)> {
    let numbers = [extent.rows, extent.rounds.1].map(|number| PathBuf::from(number.to_string()));
    let this = std::env::current_exe().expect("the system knows its programs");
    let ours = OURS.map(|(name, work)| {
        let mut words =
            vec![this.clone(), CHILD.into(), work.into(), long.folder.clone(), long.symbol_path()];
        words.extend(numbers.clone());
        (name, words)
    });
    let mut all = Vec::from(ours);
    // Under `cargo test` only our own answers count.
    if !measuring {
        return all;
    }
    let Some(python) = python(&["numpy", "pandas", "polars", "pyarrow", "duckdb"]) else {
        println!("skipped: no python with numpy, pandas, polars, pyarrow and duckdb (ENGINE_PYTHON)");
        return all;
    };
    let file = long.series_file();
    let parquet = long.folder.join("bars.parquet");
    let mut write = Command::new(&python);
    write.arg(script("prices.py")).arg("write").arg(&file).arg(&parquet).args(["0", "0"]);
    let ends = write.status().expect("Python is there");
    assert!(ends.success(), "the peers' file cannot be written");
    all.extend(PEERS.map(|(name, work)| {
        let mut words = vec![python.clone(), script("prices.py"), work.into(), file.clone(), parquet.clone()];
        words.extend(numbers.clone());
        (name, words)
    }));
    all
}

impl Times {
    fn round(&mut self, words: &[PathBuf]) {
        let output = Command::new(&words[0]).args(&words[1..]).stderr(Stdio::inherit()).output();
        let output = output.expect("the contender can be started");
        let text = String::from_utf8_lossy(&output.stdout);
        let told: Value = serde_json::from_str(text.trim())
            .unwrap_or_else(|error| panic!("{}: {text:?}: {error}", self.name));
        for (times, key) in [(&mut self.fresh, "fresh_ms"), (&mut self.warm, "warm_ms")] {
            times.iter_mut().enumerate().for_each(|(kind, times)| times.extend(told[key][kind].as_f64()));
        }
        told["checksum"].as_str().unwrap_or_default().clone_into(&mut self.answer);
    }
}

impl Times {
    /// As the table has them: fresh and warm, each by the clock and of all cores.
    fn column(&self, column: usize) -> &[f64] {
        let times = if column < 2 { &self.fresh } else { &self.warm };
        &times[column % 2]
    }
}

fn best(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn table(all: &[Times], extent: &Extent) -> String {
    let numpy = all.iter().find(|times| times.name == NUMPY);
    let mut text = format!(
        "prices/the last {} of {} bars, {} processes each, in turns; ms, best (median), and how many times as long numpy takes by the median\n{:<44}",
        extent.rows, extent.bars, extent.rounds.0, ""
    );
    for head in ["fresh process", "fresh, cpu", "warm buffers", "warm, cpu"] {
        text += &format!(" {head:>17} {:>6}", "");
    }
    text += " M bars/s checksum\n";
    for times in all {
        text += &format!("{:<44}", times.name);
        for column in 0..4 {
            let of = |times: &Times| median(times.column(column));
            let (best, ratio) = (best(times.column(column)), numpy.map(|numpy| of(numpy) / of(times)));
            let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.1}x"));
            text += &format!(" {:>17} {ratio:>6}", format!("{best:.2} ({:.2})", of(times)));
        }
        text += &format!(" {:>8.1} {}\n", extent.rows as f64 / 1e3 / best(&times.warm[0]), times.answer);
    }
    text
}

/// The sum of all closes, beside a plain read of all bytes by the system and one through the same map.
fn scan(long: &Long, extent: &Extent) -> String {
    let reader = long.reader();
    let selection = reader.select(&long.word()).expect("the series is there");
    let bars = selection.series().committed;
    let (mut sums, mut reads, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let mut buffer = vec![0_u8; 1 << 20];
    for _ in 0..extent.rounds.0.max(3) {
        let begun = Instant::now();
        let sum: f64 = bars.iter().map(|bar| bar.close).sum();
        sums.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(sum.to_bits(), long.close_sum.to_bits());
        let begun = Instant::now();
        let mut file = std::fs::File::open(long.series_file()).expect("the file is there");
        while std::io::Read::read(&mut file, &mut buffer).expect("it can be read") > 0 {}
        reads.push(begun.elapsed().as_secs_f64() * 1e3);
        let begun = Instant::now();
        let all: &[u64] = bytemuck::cast_slice(bars);
        std::hint::black_box(all.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word)));
        words.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let rate = |times: &[f64]| (bars.len() * 64) as f64 / 1e6 / best(times);
    format!(
        "prices/sum of {} closes over the map: {:.1} GB/s, {:.0} % of a plain sequential read of the file by read(2) ({:.1} GB/s), {:.0} % of one of every word through the map ({:.1} GB/s)",
        bars.len(),
        rate(&sums),
        100.0 * best(&reads) / best(&sums),
        rate(&reads),
        100.0 * best(&words) / best(&sums),
        rate(&words)
    )
}

/// A day out of the middle, the series opened anew each time, and kept open.
fn day(long: &Long, extent: &Extent) -> String {
    let reader: Reader = long.reader();
    let slice = Slice::between(DAY.0, DAY.1).expect("two days");
    let (mut anew, mut kept) = (Vec::new(), Vec::new());
    let selection = reader.select(&long.word()).expect("the series is there");
    let mut rows = 0;
    for _ in 0..extent.starts.max(3) * 10 {
        let begun = Instant::now();
        let selection_anew = reader.select(&long.word()).expect("the series is there");
        let frame = selection_anew.rows(&slice).and_then(|rows| rows.frame()).expect("a frame");
        anew.push(begun.elapsed().as_secs_f64() * 1e6);
        rows = frame.height();
        let begun = Instant::now();
        let frame = selection.rows(&slice).and_then(|rows| rows.frame()).expect("a frame");
        kept.push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(frame.height(), rows);
    }
    format!(
        "prices/a day of {rows} bars out of the middle, as a frame: {:.0} us with the series opened anew (median {:.0}), {:.0} us with it kept open (median {:.0})",
        best(&anew),
        median(&anew),
        best(&kept),
        median(&kept)
    )
}

/// That day by the program, and how its time is spent: what is started with ever more of the same to do.
fn shell(long: &Long, extent: &Extent) -> String {
    let engine = env!("CARGO_BIN_EXE_engine");
    let word = long.word();
    let day = ["query", &word, "--after", DAY.0, "--until", DAY.1, "--format", "csv"];
    let works: [(&str, &str, &[&str]); 5] = [
        ("an empty program (true)", "true", &[]),
        ("+ loader and arguments (engine --version)", engine, &["--version"]),
        ("+ configuration (engine list symbols)", engine, &["list", "symbols"]),
        ("engine query of no bar", engine, &["query", &word, "--limit", "0", "--format", "csv"]),
        ("engine query of the day", engine, &day),
    ];
    let mut all = works.map(|_| Vec::new());
    let mut lines = 0;
    for _ in 0..extent.starts {
        for ((_, program, words), times) in works.iter().zip(&mut all) {
            let mut command = Command::new(program);
            command.args(*words).current_dir(&long.folder).stdin(Stdio::null());
            let begun = Instant::now();
            let output = command.output().expect("the program starts");
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
            lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
        }
    }
    let parts = works
        .iter()
        .zip(&all)
        .map(|((name, ..), times)| format!("  {name:<42} {:>7.2} ms ({:.2})", best(times), median(times)));
    let head = format!("prices/from the shell, best of {} (median), {lines} lines of CSV:", extent.starts);
    std::iter::once(head).chain(parts).collect::<Vec<_>>().join("\n")
}

/// What a contender of ours does: once in fresh memory, then in memory that was used before; one line of JSON.
pub fn child(words: &[String]) {
    let [work, folder, symbol, rows, rounds] = words else { panic!("the parent passes five words") };
    let rows: usize = rows.parse().expect("a number");
    let lake = TempLake::below(Path::new(folder));
    let reader = Reader::on(lake.lake, lake.settings);
    let word = format!("{symbol}/1m");
    let mut contender = prices_lake::Contender::new(work, &reader, &word, rows);
    let fresh_ms = timed(|| contender.first());
    let mut warm_ms = [f64::INFINITY; 2];
    for _ in 0..rounds.parse().expect("a number") {
        let again_ms = timed(|| contender.again());
        warm_ms = [warm_ms[0].min(again_ms[0]), warm_ms[1].min(again_ms[1])];
    }
    let checksum = contender.checksum();
    println!("{}", serde_json::json!({"fresh_ms": fresh_ms, "warm_ms": warm_ms, "checksum": checksum}));
}

/// Milliseconds by the clock, and of all cores together.
fn timed(work: impl FnOnce()) -> [f64; 2] {
    let (begun, busy) = (Instant::now(), busy_ms());
    work();
    [begun.elapsed().as_secs_f64() * 1e3, busy_ms() - busy]
}

/// What the threads of this process have worked so far; nothing where the system does not tell.
fn busy_ms() -> f64 {
    // The system brings the figure of a thread up to date when it takes the core away from it.
    std::thread::yield_now();
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return f64::NAN };
    let of = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.flatten().filter_map(of).sum::<f64>() / 1e6
}
