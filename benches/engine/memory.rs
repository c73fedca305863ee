//! How much memory a rebuild takes: it is done by a child, which looks at itself while it works.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::model::Symbol;

use super::lakes::TempLake;
use super::payloads;

/// The argument that makes this program the child.
pub const CHILD: &str = "--rebuild-and-watch";

/// Peaks, in MB.
#[derive(Clone, Copy, Debug, Default)]
struct Peaks {
    /// All that was resident at once, mapped pages of the page cache included.
    resident: f64,
    /// Memory that is nobody's but the process's.
    own: f64,
    /// Mapped pages of the page cache.
    mapped: f64,
}

/// Fills a cache with so many weeks, has a child rebuild it, and words what it saw.
pub fn of_a_rebuild(folder: &Path, symbol: &Symbol, weeks: i32) -> String {
    let lake = TempLake::below(folder);
    let payloads = payloads::weekdays(symbol, weeks);
    lake.fill(symbol, &payloads);
    let years = f64::from(weeks) / 52.18;
    let days = payloads.len();
    drop(payloads);
    let this = std::env::current_exe().expect("the system knows its programs");
    let child = Command::new(this).arg(CHILD).arg(folder).arg(symbol.as_str()).output();
    let output = child.expect("this program can be run again");
    assert!(output.status.success(), "the rebuild failed: {}", String::from_utf8_lossy(&output.stderr));
    let bars = lake.bars(symbol, None).len();
    let seen = String::from_utf8_lossy(&output.stdout);
    format!(
        "memory/rebuild full of one symbol, {years:.0} years, {days} day-files, {bars} bars: {}",
        seen.trim()
    )
}

/// What the child does.
pub fn child(folder: &Path, symbol: &str) {
    let lake = TempLake::below(folder);
    let symbols = [symbol.parse().expect("the parent passes a symbol")];
    let done = AtomicBool::new(false);
    let peaks = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&done));
        lake.rebuild(&symbols);
        done.store(true, Ordering::Release);
        watcher.join().expect("watching cannot fail")
    });
    println!(
        "{:.0} MB of its own at most, {:.0} MB with mapped files ({:.0} MB of them page cache)",
        peaks.own, peaks.resident, peaks.mapped
    );
}

/// The system keeps only the peak of everything, so its parts are sampled.
fn watch(done: &AtomicBool) -> Peaks {
    let mut peaks = Peaks::default();
    while !done.load(Ordering::Acquire) {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return peaks };
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kb.unwrap_or(0.0) * 1024.0 / 1e6
        };
        peaks.resident = mb("VmHWM:");
        peaks.own = peaks.own.max(mb("RssAnon:") + mb("RssShmem:"));
        peaks.mapped = peaks.mapped.max(mb("RssFile:"));
        std::thread::sleep(Duration::from_millis(2));
    }
    peaks
}
