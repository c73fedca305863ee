//! `kill -9` of the real binary at random moments, half of them aimed into corrections, with readers that hold memory
//! maps all the while: they see a true store, and the same command goes on to the same bytes.

#![cfg(unix)]
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use engine::feed::simulator::{Faults, Market, Now, Simulator, SimulatorOptions};
use engine::model::{Bar, Day, Symbol};
use engine::store::{Commit, CsvClaim, SeriesKey, UnverifiedCommit};

use crate::binary::{Files, Place, different, files};
use crate::stress::readers::Readers;
use crate::textbook::{Dice, at};

/// How many kills there are in all, shared out among the drills.
const KILLS: &str = "ENGINE_KILLS";
const KILLS_USUAL: u64 = 48;
const DRILLS: u64 = 3;
const SIGKILL: i32 = 9;

/// One command from one state of the folder, as often as wanted.
struct Drill<'a> {
    place: &'a Place,
    words: Vec<&'a str>,
    /// What somebody may call before coming back to the command.
    other_words: Vec<&'a str>,
    /// The whole folder before the command.
    before: tempfile::TempDir,
    held_before: Files,
    corrections_before: BTreeMap<SeriesKey, u64>,
    /// All files after an undisturbed command.
    held_after: Files,
    undisturbed: Duration,
    /// From the first sign of a correction to the end of the command.
    correcting: Duration,
    readers: Readers,
}

/// When to kill.
#[derive(Clone, Copy, Debug)]
enum Aim {
    /// So long after the start.
    Start(Duration),
    /// So long after the first series has been taken back.
    Correction(Duration),
}

/// What the kills of a drill have hit.
#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    late: u64,
    inside: u64,
    correcting: u64,
}

impl<'a> Drill<'a> {
    fn new(place: &'a Place, words: Vec<&'a str>, other_words: Vec<&'a str>) -> Drill<'a> {
        let before = tempfile::tempdir_in(place.path("").parent().expect("a folder")).expect("a folder");
        for name in ["cache", "data"] {
            copy(&place.path(name), before.path());
        }
        let mut drill = Drill {
            place,
            words,
            other_words,
            before,
            held_before: held(place),
            corrections_before: corrections(place),
            held_after: Files::new(),
            undisturbed: Duration::ZERO,
            correcting: Duration::ZERO,
            readers: Readers::start(place),
        };
        let mut times: Vec<(Duration, Duration)> = (0..3).map(|_| drill.undisturbed_run()).collect();
        times.sort();
        (drill.undisturbed, drill.correcting) = times[1];
        drill.held_after = held(place);
        assert_ne!(different(&drill.held_before, &drill.held_after), [""; 0], "the command changes nothing");
        assert!(drill.correcting > Duration::ZERO, "the command corrects nothing");
        drill
    }

    /// How long it takes in all, and from the first correction on.
    fn undisturbed_run(&self) -> (Duration, Duration) {
        self.reset();
        let began = Instant::now();
        let mut child = self.start();
        self.wait_for_correction(&mut child);
        let corrected = Instant::now();
        assert!(child.wait().expect("it ends").success());
        (began.elapsed(), corrected.elapsed())
    }

    fn start(&self) -> Child {
        let mut command = self.place.engine(&self.words);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// Looks at the records without a pause until one says that its series was taken back, or the process ends.
    fn wait_for_correction(&self, child: &mut Child) {
        while !self.is_corrected() && child.try_wait().expect("a child").is_none() {}
    }

    fn is_corrected(&self) -> bool {
        corrections(self.place) != self.corrections_before
    }

    fn reset(&self) {
        let next = tempfile::tempdir_in(self.before.path().parent().expect("a folder")).expect("a folder");
        copy(&self.before.path().join("."), next.path());
        self.readers.exchange(|| {
            for name in ["cache", "data"] {
                std::fs::remove_dir_all(self.place.path(name)).expect("a folder");
                std::fs::rename(next.path().join(name), self.place.path(name)).expect("renamed");
            }
        });
    }

    /// Whether the process was still alive when it was killed.
    fn kill(&self, aim: Aim) -> bool {
        let mut child = self.start();
        let moment = match aim {
            Aim::Start(moment) => moment,
            Aim::Correction(moment) => {
                self.wait_for_correction(&mut child);
                moment
            }
        };
        std::thread::sleep(moment);
        child.kill().expect("nobody has waited for it yet");
        let status = child.wait().expect("it ends");
        assert!(status.signal() == Some(SIGKILL) || status.code() == Some(0), "{status}");
        status.signal() == Some(SIGKILL)
    }

    /// Kills at a random share of the way; a kill that comes too late is tried again earlier, from the start.
    fn kill_somewhere(&self, aimed: bool, share: f64, tally: &mut Tally) -> Aim {
        let mut whole = if aimed { self.correcting } else { self.undisturbed };
        for _ in 0..40 {
            let aim = if aimed { Aim::Correction } else { Aim::Start }(whole.mul_f64(share));
            if self.kill(aim) {
                tally.kills += 1;
                return aim;
            }
            // It was faster than measured.
            whole = whole.mul_f64(0.7);
            tally.late += 1;
            self.reset();
        }
        panic!("40 kills in a row came too late: the moments are badly chosen");
    }

    /// Every series is the beginning of what it was or of what it is to be, and nothing else.
    fn assert_true(&self, what: &str) {
        let (lake, root) = (self.place.lake(), self.place.path(""));
        for key in self.place.keys() {
            let view = lake.read_series(&key).unwrap_or_else(|error| panic!("{what}: {error}"));
            let Some(view) = view else { continue };
            let bytes = bytemuck::cast_slice::<Bar, u8>(view.bars());
            let path = lake.series_path(&key);
            let name = path.strip_prefix(&root).expect("below the place").display().to_string();
            assert!(self.was_true(&name, bytes), "{what}: {name} holds what never was true");
            let text = path.with_file_name(format!("{}.csv", key.symbol));
            let lines = std::fs::read(&text).unwrap_or_default();
            // The last line may be cut; what has no line feed is no line yet.
            let whole = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
            let name = text.strip_prefix(&root).expect("below the place").display().to_string();
            assert!(self.was_true(&name, &lines[..whole]), "{what}: {name} shows what never was true");
        }
    }

    fn was_true(&self, name: &str, bytes: &[u8]) -> bool {
        let versions = [&self.held_before, &self.held_after].map(|files| files.get(name));
        bytes.is_empty() || versions.into_iter().flatten().any(|whole| whole.starts_with(bytes))
    }

    /// Kills all over the command and all over its correction by turns, every second time twice in a row, and lets it
    /// finish, every third time after another command.
    fn go(mut self, dice: &mut Dice) {
        let kills = kills();
        let mut tally = Tally::default();
        for n in 0.. {
            if tally.kills >= kills {
                break;
            }
            self.reset();
            let mut what = String::new();
            for _ in 0..1 + n % 2 {
                // The second kill meets a lake in which corrections have begun: there is no first sign to wait for.
                let aimed = n % 4 < 2 && !self.is_corrected();
                let share = dice.below(1000) as f64 / 1000.0;
                what += &format!("{:?} ", self.kill_somewhere(aimed, share, &mut tally));
                self.assert_true(&what);
            }
            let left = held(self.place);
            let unfinished = !different(&left, &self.held_after).is_empty();
            tally.inside += u64::from(unfinished && !different(&left, &self.held_before).is_empty());
            tally.correcting += u64::from(unfinished && self.is_corrected());
            if n % 3 == 0 {
                self.place.ends(&self.other_words, &[0]);
            }
            self.place.ends(&self.words, &[0]);
            let found = held(self.place);
            assert_eq!(different(&found, &self.held_after), [""; 0], "{what}");
            self.readers.assert_alive();
        }
        self.tell(&tally);
    }

    fn tell(self, tally: &Tally) {
        let Tally { kills, late, inside, correcting } = tally;
        println!(
            "{}: {kills} kills, {inside} lakes left half done, {correcting} of them in a correction; {late} kills came \
             too late; undisturbed {:?}, of these {:?} of correction",
            self.words[..2].join(" "),
            self.undisturbed,
            self.correcting,
        );
        for (kind, report) in self.readers.reports() {
            println!("  {kind} reader: {report}");
            assert!(report["old_maps_read_again"].as_u64() > Some(0), "the {kind} reader has held nothing");
        }
        // Two lakes in three kills; the others fell before the first byte was written, or after the last.
        assert!(*inside >= kills / 5, "only {inside} of {kills} kills fell inside the work");
        assert!(*correcting >= kills / 8, "only {correcting} of {kills} kills fell into a correction");
    }
}

fn kills() -> u64 {
    let all = std::env::var(KILLS).ok().map_or(KILLS_USUAL, |text| text.parse().expect("a number of kills"));
    all.div_ceil(DRILLS)
}

/// How often each series was corrected so far.
fn corrections(place: &Place) -> BTreeMap<SeriesKey, u64> {
    let lake = place.lake();
    let count =
        |key: &SeriesKey| lake.read_commit(key).expect("a sound record").unwrap_or_default().corrections;
    place.keys().into_iter().map(|key| (key.clone(), count(&key))).collect()
}

/// All that the commands leave but the lock, whose holder signs it. Records are there without their count of
/// corrections: how often it took is the way, not the end.
fn held(place: &Place) -> Files {
    let mut held = Files::new();
    for folder in ["cache", "data"] {
        for (name, bytes) in files(&place.path(folder)) {
            if name.starts_with("locks") {
                continue;
            }
            let record = name.ends_with(".idx").then(|| UnverifiedCommit(&bytes).verify());
            let bytes = match (record, CsvClaim::decode(&bytes)) {
                (Some(Ok(commit)), _) => Commit { corrections: 0, ..commit }.encode().to_vec(),
                (_, Some(claim)) => {
                    let corrected = claim.until - claim.since;
                    CsvClaim { since: 0, until: corrected, ..claim }.encode().to_vec()
                }
                _ => bytes,
            };
            held.insert(format!("{folder}/{name}"), bytes);
        }
    }
    held
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

const NOW: &str = "2024-03-14 15:30";

fn feed(faults: &str) -> Simulator {
    let faults: Faults = faults.parse().expect("an order of faults");
    let options = SimulatorOptions { seed: 0, port: 0, now: Now::Frozen(at(NOW)), faults };
    Simulator::start(options).expect("a port")
}

const FAST: &str = "download:\n  rate_limit_rps: 0\n  concurrency: 8\nstore:\n  csv: true\n";

#[test]
fn a_rebuild_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let place =
        Place::new(&["EUR-USD", "XAU-USD", "BTC-USD"], "download:\n  timeout: 5\nstore:\n  csv: true\n");
    let (first, last) = (day("2024-01-01"), day("2024-02-10"));
    for symbol in place.symbols() {
        fill(&place, 0, symbol, first.through(last.plus(-3)));
    }
    place.ends(&["rebuild", "full"], &[0]);
    // What the store does not know yet: another truth about a day in the middle, earlier days, and newer ones.
    for (n, symbol) in place.symbols().iter().enumerate() {
        let changed = first.plus(10 + 9 * n as i32);
        fill(&place, 1, symbol, changed.through(changed));
        fill(&place, 0, symbol, first.plus(-2).through(first.plus(-1)));
        fill(&place, 0, symbol, last.plus(-2).through(last));
    }
    Drill::new(&place, vec!["rebuild", "full"], vec!["rebuild", "resample"]).go(&mut dice(9));
}

#[test]
fn a_run_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let feed = feed("");
    let address = feed.base_url();
    let place = Place::new(&["EUR-USD", "XAU-USD", "BTC-USD"], FAST);
    let until = ["--from", "2024-03-01", "--to", "2024-03-08", "--feed", &address];
    place.ends(&[&["run", "--now", NOW], &until[..]].concat(), &[0]);
    // Older days, which correct, newer ones, and the running one.
    let words = vec!["run", "--now", NOW, "--from", "2024-02-23", "--feed", &address];
    // As a timer calls it.
    let usual = vec!["run", "--now", NOW, "--feed", &address];
    Drill::new(&place, words, usual).go(&mut dice(10));
}

#[test]
fn a_weekly_rebuild_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let (first, second) = (feed(""), feed("backfill=0.5,backfill_after=1"));
    let (first, second) = (first.base_url(), second.base_url());
    let place = Place::new(&["EUR-USD", "XAU-USD", "BTC-USD"], FAST);
    place.ends(&["run", "--now", NOW, "--from", "2024-02-26", "--feed", &first], &[0]);
    // The same market, but for half of its days another truth came to light.
    let words = vec!["rebuild", "weekly", "--now", NOW, "--feed", &second];
    let usual = vec!["run", "--now", NOW, "--feed", &second];
    Drill::new(&place, words, usual).go(&mut dice(11));
}
