//! Rounds, their times, and the table.

use std::time::Instant;

/// Something to be measured, over and over.
pub trait Bench {
    /// Before every round, not measured.
    fn prepare(&mut self) {}

    /// One round.
    fn run(&mut self);

    /// Checksum of what the last round made, not measured.
    fn answer(&mut self) -> u64;
}

/// What one round goes through.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// How many in one round.
    pub count: f64,
    /// Of what, and how the rate is written: `M` stands for millions.
    pub unit: &'static str,
}

/// A bench to be, with what is known about it.
pub struct Entry {
    /// Its line in the table.
    pub name: String,
    /// What one round goes through.
    pub amounts: Vec<Amount>,
    /// The checksum the textbook way comes to.
    pub expected: u64,
    /// Lays out what the work needs.
    pub make: Box<dyn FnOnce() -> Box<dyn Bench>>,
}

/// Times of a bench's rounds, in seconds.
#[derive(Clone, Debug, Default)]
pub struct Times {
    wall: Vec<f64>,
    busy: Vec<f64>,
}

/// One line of the table.
pub struct Line {
    pub name: String,
    pub amounts: Vec<Amount>,
    pub times: Times,
    pub answer: u64,
    pub expected: u64,
    bench: Box<dyn Bench>,
}

/// Runs all benches in turns, so that a slow minute of the machine falls on all of them alike.
pub fn measure(entries: Vec<Entry>, rounds: usize) -> Vec<Line> {
    let begin = |entry: Entry| Line {
        name: entry.name,
        amounts: entry.amounts,
        times: Times::default(),
        answer: 0,
        expected: entry.expected,
        bench: (entry.make)(),
    };
    let mut lines: Vec<Line> = entries.into_iter().map(begin).collect();
    for _ in 0..rounds {
        for Line { bench, times, .. } in &mut lines {
            bench.prepare();
            let (busy, started) = (Busy::now(), Instant::now());
            bench.run();
            times.wall.push(started.elapsed().as_secs_f64());
            times.busy.extend(Busy::now().zip(busy).map(|(now, then)| now.since(then)));
        }
    }
    for line in &mut lines {
        line.answer = line.bench.answer();
    }
    lines
}

impl Times {
    /// The fastest round.
    pub fn min_s(&self) -> f64 {
        self.wall.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The round in the middle.
    pub fn median_s(&self) -> f64 {
        let mut sorted = self.wall.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    /// Processor time of the round that took the least, all threads together; where the system tells.
    pub fn busy_s(&self) -> Option<f64> {
        self.busy.iter().copied().min_by(f64::total_cmp)
    }
}

impl Line {
    /// Whether the answer is the textbook's.
    pub fn is_right(&self) -> bool {
        self.answer == self.expected
    }

    /// Per second, of an amount, in the fastest round.
    pub fn rate(&self, amount: usize) -> f64 {
        self.amounts[amount].count / self.times.min_s()
    }

    /// Per second of one core's work. On a machine with nothing else to do it is the rate of one thread.
    pub fn rate_of_core(&self, amount: usize) -> Option<f64> {
        Some(self.amounts[amount].count / self.times.busy_s().filter(|busy| *busy > 0.0)?)
    }
}

/// The table: times in milliseconds, rates of the fastest round and of one busy core.
pub fn table(lines: &[Line]) -> String {
    let mut text = format!(
        "{:<44} {:>10} {:>10} {:>10}  {:>20} {:>20}  {:>8}\n",
        "", "median ms", "min ms", "cpu ms", "rate at min", "per cpu second", "checksum"
    );
    for line in lines {
        for (index, amount) in line.amounts.iter().enumerate() {
            let head = if index == 0 { head(line) } else { " ".repeat(77) };
            let of_core = line.rate_of_core(index).map_or("-".to_owned(), |rate| worded(rate, amount.unit));
            let checksum = match (index, line.is_right()) {
                (0, true) => format!("{:08x}", line.answer),
                (0, false) => {
                    format!("{:08x} WRONG, the textbook way has {:08x}", line.answer, line.expected)
                }
                _ => String::new(),
            };
            let rate = worded(line.rate(index), amount.unit);
            text += &format!("{head}  {rate:>20} {of_core:>20}  {checksum:>8}\n");
        }
    }
    text
}

fn head(line: &Line) -> String {
    let busy = line.times.busy_s().map_or("-".to_owned(), |busy| format!("{:.1}", busy * 1e3));
    let (median, min) = (line.times.median_s() * 1e3, line.times.min_s() * 1e3);
    format!("{:<44} {median:>10.2} {min:>10.2} {busy:>10}", line.name)
}

fn worded(rate: f64, unit: &str) -> String {
    match unit.strip_prefix('M') {
        Some(unit) => format!("{:.1} M{unit}/s", rate / 1e6),
        None => format!("{rate:.0} {unit}/s"),
    }
}

/// Processor time so far, in seconds, where the system has `/proc`.
#[derive(Clone, Copy)]
struct Busy {
    /// Of all threads, and of children that have ended, to the hundredth.
    process: f64,
    /// Of this one, to the microsecond.
    thread: f64,
}

impl Busy {
    fn now() -> Option<Busy> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name in brackets may hold blanks; user and system time are the 12th and 13th field after it,
        // and then come those of the children.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<f64>().ok();
        let process = (ticks()? + ticks()? + ticks()? + ticks()?) / 100.0;
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let thread = stat.split_whitespace().next()?.parse::<f64>().ok()? / 1e9;
        Some(Busy { process, thread })
    }

    /// What was done by this thread alone is known better than the rest.
    fn since(self, then: Busy) -> f64 {
        let (process, thread) = (self.process - then.process, self.thread - then.thread);
        if (process - thread).abs() <= 0.02 { thread } else { process }
    }
}
