//! `kill -9` of the real binary at random moments: readers see a true store, and the same command goes on to the same
//! bytes.

#![cfg(unix)]
#![allow(clippy::print_stdout)]

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine::feed::simulator::{Market, Now, Simulator, SimulatorOptions};
use engine::model::{Bar, Day, Symbol};

use crate::binary::{Files, Place, different, files};
use crate::textbook::{Dice, at};

const KILLS: u64 = 20;
const SIGKILL: i32 = 9;
/// Kills that come too late are tried again earlier; more than this says that the moments are badly chosen.
const LATE_MAX: usize = 40;

/// One command from one state of the folder, as often as wanted.
struct Drill<'a> {
    place: &'a Place,
    words: Vec<&'a str>,
    /// What somebody may call before coming back to the command.
    other_words: Vec<&'a str>,
    /// The whole folder before the command.
    before: tempfile::TempDir,
    held_before: Files,
    /// All files below `data` after an undisturbed command.
    held_after: Files,
    undisturbed: Duration,
}

impl<'a> Drill<'a> {
    fn new(place: &'a Place, words: Vec<&'a str>, other_words: Vec<&'a str>) -> Drill<'a> {
        let before = tempfile::tempdir_in(place.path("").parent().expect("a folder")).expect("a folder");
        copy(&place.path("cache"), before.path());
        copy(&place.path("data"), before.path());
        let held_before = held(place);
        let mut drill = Drill {
            place,
            words,
            other_words,
            before,
            held_before,
            held_after: Files::new(),
            undisturbed: Duration::ZERO,
        };
        let mut times: Vec<Duration> = (0..3).map(|_| drill.undisturbed_run()).collect();
        times.sort();
        drill.undisturbed = times[1];
        drill.held_after = held(place);
        assert_ne!(different(&drill.held_before, &drill.held_after), [""; 0], "the command changes nothing");
        drill
    }

    fn undisturbed_run(&self) -> Duration {
        self.reset();
        let began = Instant::now();
        self.place.ends(&self.words, &[0]);
        began.elapsed()
    }

    fn reset(&self) {
        for name in ["cache", "data"] {
            std::fs::remove_dir_all(self.place.path(name)).expect("a folder");
            copy(&self.before.path().join(name), &self.place.path(""));
        }
    }

    /// Whether the process was still alive when it was killed after `moment`.
    fn kill_after(&self, moment: Duration) -> bool {
        let mut command = self.place.engine(&self.words);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
        std::thread::sleep(moment);
        child.kill().expect("nobody has waited for it yet");
        let status = child.wait().expect("it ends");
        assert!(status.signal() == Some(SIGKILL) || status.code() == Some(0), "{status}");
        status.signal() == Some(SIGKILL)
    }

    /// Every series is the beginning of what it was or of what it is to be, and nothing else.
    fn assert_true(&self, what: &str) {
        let (lake, data) = (self.place.lake(), self.place.path("data"));
        for key in self.place.keys() {
            let view = lake.read_series(&key).unwrap_or_else(|error| panic!("{what}: {error}"));
            let Some(view) = view else { continue };
            let bytes = bytemuck::cast_slice::<Bar, u8>(view.bars());
            let path = lake.series_path(&key);
            let name = path.strip_prefix(&data).expect("below data").display().to_string();
            let versions = [&self.held_before, &self.held_after].map(|files| files.get(&name));
            let known = versions.into_iter().flatten().any(|whole| whole.starts_with(bytes));
            assert!(known || bytes.is_empty(), "{what}: {name} holds what never was true");
        }
    }

    /// Kills at moments spread over the whole command, every second time twice in a row, and lets it finish, every third
    /// time after another command.
    fn go(&self, dice: &mut Dice) {
        let (mut whole, mut late, mut inside) = (self.undisturbed, 0, 0);
        let mut kill = |n: u64, what: &str| loop {
            let share = (n as f64 + dice.below(1000) as f64 / 1000.0) / KILLS as f64;
            let moment = whole.mul_f64(share);
            if self.kill_after(moment) {
                let what = format!("{what}, killed after {moment:?} of {whole:?}");
                self.assert_true(&what);
                return what;
            }
            // It was faster than measured: this moment again, somewhat earlier.
            whole = whole.mul_f64(0.9);
            late += 1;
            assert!(late <= LATE_MAX, "{late} kills came too late");
            self.reset();
        };
        for n in 0..KILLS {
            self.reset();
            let mut what = kill(n, "first");
            if n % 2 == 1 {
                what = kill(KILLS - 1 - n, &what);
            }
            inside += usize::from(!different(&held(self.place), &self.held_before).is_empty());
            if n % 3 == 0 {
                self.place.ends(&self.other_words, &[0]);
            }
            self.place.ends(&self.words, &[0]);
            let found = held(self.place);
            assert_eq!(different(&found, &self.held_after), [""; 0], "{what}");
        }
        println!(
            "{:?}: {inside} of {KILLS} kills left something half done, {late} came too late",
            self.undisturbed
        );
        // The others fell before the first byte was written.
        assert!(inside as u64 >= KILLS / 4, "only {inside} of {KILLS} kills fell inside the work");
    }
}

/// All that the commands leave below `data` but the lock, whose holder signs it, and the records, which count how often
/// a series was corrected on the way.
fn held(place: &Place) -> Files {
    let mut files = files(&place.path("data"));
    files.retain(|name, _| !name.starts_with("locks") && !name.ends_with(".idx"));
    files
}

/// Copies a folder into another, file times included: that of a running day's payload says when it was asked for.
fn copy(folder: &Path, into: &Path) {
    let status = Command::new("cp").arg("-a").args([folder, into]).status().expect("cp runs");
    assert!(status.success());
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// Writes days of a market straight into the cache.
fn fill(place: &Place, seed: u64, symbol: &Symbol, days: impl Iterator<Item = Day>) {
    let (market, lake) = (Market::new(seed), place.lake());
    for day in days {
        let payload = market.day(symbol, day).payload(day.start_ms());
        lake.write_finished(symbol, day, payload.as_bytes()).expect("written");
    }
}

fn dice(seed: u64) -> Dice {
    println!("dice {seed}");
    Dice(seed)
}

#[test]
fn a_rebuild_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let place = Place::new(&["EUR-USD", "XAU-USD", "USA500.IDX-USD", "BTC-USD"], "download:\n  timeout: 5\n");
    let (first, last) = (day("2024-01-01"), day("2024-03-10"));
    for symbol in place.symbols() {
        fill(&place, 0, symbol, first.through(last.plus(-3)));
    }
    place.ends(&["rebuild", "full"], &[0]);
    // What the store does not know yet: another truth about a day in the middle, earlier days, and newer ones.
    for (n, symbol) in place.symbols().iter().enumerate() {
        let changed = first.plus(20 + 9 * n as i32);
        fill(&place, 1, symbol, changed.through(changed));
        fill(&place, 0, symbol, first.plus(-2).through(first.plus(-1)));
        fill(&place, 0, symbol, last.plus(-2).through(last));
    }
    Drill::new(&place, vec!["rebuild", "full"], vec!["rebuild", "resample"]).go(&mut dice(9));
}

#[test]
fn a_run_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    const NOW: &str = "2024-03-14 15:30";
    let options = SimulatorOptions {
        seed: 0,
        port: 0,
        now: Now::Frozen(at(NOW)),
        faults: engine::feed::simulator::Faults::default(),
    };
    let feed = Simulator::start(options).expect("a port");
    let address = feed.base_url();
    let config = "download:\n  rate_limit_rps: 0\n  concurrency: 8\n";
    let place = Place::new(&["EUR-USD", "XAU-USD", "BTC-USD"], config);
    let until = ["--from", "2024-03-01", "--to", "2024-03-08", "--feed", &address];
    place.ends(&[&["run", "--now", NOW], &until[..]].concat(), &[0]);
    // Older days, which correct, newer ones, and the running one.
    let words = vec!["run", "--now", NOW, "--from", "2024-02-19", "--feed", &address];
    // As a timer calls it.
    let usual = vec!["run", "--now", NOW, "--feed", &address];
    Drill::new(&place, words, usual).go(&mut dice(10));
}
