//! Bars in order -> coarser bars, those that may still change, and the place from which folding resumes.
//!
//! One pass, whatever the number of grids: a row goes into the open bar with its label; a bar is finished as soon as
//! no grid can give a later row its label.

use super::Bar;
use super::day::{DAY_MS, LABELS_END_MS};
use super::decimal::Rounding;
use super::grid::{Bucket, Lattice, Stretch};
use super::post::{Steps, Window};

/// What a series is folded by.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Where its bars stand.
    pub lattice: Lattice,
    /// What is done to the folded bars.
    pub post: Steps,
    /// Decimals of prices and volumes.
    pub round_decimals: u32,
}

impl Recipe {
    /// The watermark of the series when its source's stands at an instant, as long as no bar waits for its neighbours:
    /// no smaller label can appear any more. With merges see [`Recipe::standing`].
    pub fn watermark(&self, source_ms: i64) -> i64 {
        (self.lattice.label_at(source_ms) + self.post.shift_ms()).max(0)
    }

    /// Where a series stands whose source has these rows, if the source's watermark were `source_ms`: its watermark, and
    /// the row from which it folds again, which is early enough for every bar that would not be committed. None: the
    /// source cannot be read, and what comes out is never too late.
    pub fn standing(&self, source: Option<&[Bar]>, source_ms: i64) -> Standing {
        let label_ms = self.lattice.label_at(source_ms);
        let rows = source.unwrap_or_default();
        if !self.post.holds_back() {
            let rows_from_ms = label_ms - self.lattice.reach_ms();
            let resume_row = rows.partition_point(|row| (row.time_ms as i64) < rows_from_ms);
            return Standing { watermark_ms: self.watermark(source_ms), resume_row };
        }
        let waits_from_ms = self.post.waits_from_ms(label_ms);
        if source.is_none() {
            return Standing { watermark_ms: (waits_from_ms + self.post.shift_ms()).max(0), resume_row: 0 };
        }
        // Which bars wait is known only when the last ones have been folded.
        let dates_ms = DAY_MS * i64::from(self.post.dates_before().unwrap_or(0) + 1);
        let rows_from_ms = waits_from_ms - dates_ms - self.lattice.reach_ms();
        let first_row = rows.partition_point(|row| (row.time_ms as i64) < rows_from_ms);
        let known = rows.partition_point(|row| (row.time_ms as i64) < source_ms);
        let mut fold = Fold::resume(self, first_row, None);
        fold.push(&rows[first_row..known.max(first_row)]);
        let (Remainder { resume_row, watermark_ms, .. }, _) = fold.finish(source_ms);
        Standing { watermark_ms, resume_row }
    }

    /// The state of the series if its source's watermark were `source_ms`: it keeps the bars before its own watermark,
    /// and folds again from a row that is early enough for every bar after them.
    pub fn rewound(&self, own: &[Bar], source: Option<&[Bar]>, source_ms: i64) -> Rewound {
        let Standing { watermark_ms, resume_row } = self.standing(source, source_ms);
        let kept = own.partition_point(|bar| (bar.time_ms as i64) < watermark_ms);
        Rewound { kept, resume_row, watermark_ms }
    }
}

/// How far a series is true, and what it needs to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its watermark.
    pub watermark_ms: i64,
    /// Index of the source row from which folding resumes.
    pub resume_row: usize,
}

/// Where a series stands after it went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// Bars it keeps.
    pub kept: usize,
    /// Index of the source row from which folding resumes.
    pub resume_row: usize,
    /// Its watermark.
    pub watermark_ms: i64,
}

/// A bar in the making.
#[derive(Clone, Copy, Debug)]
struct OpenBar {
    bar: Bar,
    /// Index of its first row in the source.
    first_row: usize,
}

/// Rows in, bars out. Rows come in increasing time, in as many pieces as one likes.
#[derive(Debug)]
pub struct Fold<'a> {
    recipe: &'a Recipe,
    rounding: Rounding,
    /// In increasing label; usually one.
    open: Vec<OpenBar>,
    /// No later row can change these, in increasing label. The first `settled` are ready to be taken.
    done: Vec<Bar>,
    settled: usize,
    /// The stretch of the row before, and the bucket it fell into.
    stretch: Stretch,
    bucket: Bucket,
    /// Index of the next row in the source.
    next_row: usize,
    /// Where the last piece of rows began.
    reached_ms: u64,
    /// The first row that cannot be one.
    strange_row: Option<usize>,
    /// Bars up to this label are already in the series.
    after_ms: Option<i64>,
    /// No later row can get a smaller label; none before the first row.
    closed_ms: Option<i64>,
    /// Where finished bars go instead, if there are steps to be done.
    window: Option<Window<'a>>,
}

/// What is left when a fold ends.
#[derive(Debug)]
pub struct Remainder {
    /// Bars that are not committed, in increasing label.
    pub open: Vec<Bar>,
    /// Index of the source row from which folding resumes.
    pub resume_row: usize,
    /// The watermark of the series.
    pub watermark_ms: i64,
}

/// Bars are rounded and sealed so many at a time: the processor then works on several at once, and finds them in its
/// nearest cache.
const SETTLE_BARS: usize = 128;

const NOWHERE: Bucket = Bucket { from_ms: 1, until_ms: 0, label_ms: 0, utc_offset_s: 0 };

impl<'a> Fold<'a> {
    /// Begins at the source's row `first_row`; bars with labels up to `after_ms` are skipped: those that are in the
    /// series, and those that cannot be new because its watermark has passed them.
    pub fn resume(recipe: &'a Recipe, first_row: usize, after_ms: Option<i64>) -> Fold<'a> {
        let stretch = Stretch { grid: 0, until_ms: i64::MIN };
        let rounding = Rounding::to(recipe.round_decimals);
        let has_steps = !recipe.post.is_empty();
        Fold {
            recipe,
            rounding,
            open: Vec::new(),
            done: Vec::new(),
            settled: 0,
            stretch,
            bucket: NOWHERE,
            next_row: first_row,
            reached_ms: 0,
            strange_row: None,
            after_ms,
            closed_ms: None,
            window: has_steps.then(|| Window::new(&recipe.post, rounding, after_ms)),
        }
    }

    /// Folds further rows, up to the first strange one.
    pub fn push(&mut self, mut rows: &[Bar]) {
        while let Some(first) = rows.first() {
            if self.strange_row.is_some() || self.is_strange(first) {
                self.strange_row.get_or_insert(self.next_row);
                return;
            }
            self.reached_ms = first.time_ms;
            let time_ms = first.time_ms as i64;
            let opens = self.enter(time_ms, first.utc_offset_s);
            let until_ms = self.bucket.until_ms.min(self.stretch.until_ms) as u64;
            let place = if opens { self.place(self.bucket.label_ms) } else { self.place_of_current() };
            let taken = match place {
                Ok(index) => absorb(&mut self.open[index].bar, rows, until_ms),
                Err(index) => {
                    let mut bar = opened(first, &self.bucket);
                    let taken = 1 + absorb(&mut bar, &rows[1..], until_ms);
                    self.open.insert(index, OpenBar { bar, first_row: self.next_row });
                    taken
                }
            };
            self.next_row += taken;
            rows = &rows[taken..];
        }
    }

    /// Index of the first row at which a bar begins though its time goes back or is beyond any calendar: the source is
    /// damaged. Nothing was folded from there on.
    pub fn strange_row(&self) -> Option<usize> {
        self.strange_row
    }

    fn is_strange(&self, row: &Bar) -> bool {
        let far_ms = row.server_ms().abs_diff(row.time_ms as i64);
        row.time_ms < self.reached_ms || row.time_ms >= LABELS_END_MS as u64 || far_ms > DAY_MS as u64
    }

    /// Bars that no later row can change, since they were last taken.
    pub fn take_done(&mut self, into: &mut Vec<Bar>) {
        if let (Some(window), Some(closed_ms)) = (&mut self.window, self.closed_ms) {
            return window.release(closed_ms, into);
        }
        self.settle();
        self.settled = 0;
        if into.is_empty() { std::mem::swap(into, &mut self.done) } else { into.append(&mut self.done) }
    }

    /// Where folding would resume if it stopped here: the first row of any bar not finished yet, or that one of these
    /// needs to find its neighbours.
    pub fn resume_row(&self) -> usize {
        let waiting = self.window.as_ref().and_then(Window::first_row);
        self.open.iter().map(|open| open.first_row).chain(waiting).min().unwrap_or(self.next_row)
    }

    /// A watermark that is true after rows up to `last_row_ms`, for commits between two pieces. Another grid may yet
    /// give a row a smaller label than any open bar has.
    pub fn watermark_ms(&self, last_row_ms: i64) -> i64 {
        if let Some(window) = &self.window {
            return window.watermark_ms();
        }
        let on_grids_ms = self.recipe.watermark(last_row_ms);
        self.open.first().map_or(on_grids_ms, |open| on_grids_ms.min(open.bar.time_ms as i64))
    }

    /// Finishes what the source's watermark allows; take the last finished bars from the second value.
    pub fn finish(mut self, source_watermark_ms: i64) -> (Remainder, Vec<Bar>) {
        if self.window.is_some() {
            return self.finish_steps(source_watermark_ms);
        }
        let watermark_ms = self.recipe.watermark(source_watermark_ms);
        self.close_before(watermark_ms);
        let resume_row = self.resume_row();
        self.settle();
        let done = std::mem::take(&mut self.done);
        self.settled = 0;
        self.close_before(i64::MAX);
        self.settle();
        (Remainder { open: self.done, resume_row, watermark_ms }, done)
    }

    fn finish_steps(mut self, source_watermark_ms: i64) -> (Remainder, Vec<Bar>) {
        let closed_ms = self.recipe.lattice.label_at(source_watermark_ms);
        self.close_before(closed_ms);
        self.closed_ms = Some(closed_ms);
        let mut done = Vec::new();
        self.take_done(&mut done);
        let resume_row = self.resume_row();
        let watermark_ms = self.watermark_ms(source_watermark_ms).max(0);
        (Remainder { open: self.rest(), resume_row, watermark_ms }, done)
    }

    /// Every bar that is not in the series yet, whether or not it may still change.
    pub fn rest(mut self) -> Vec<Bar> {
        self.close_before(i64::MAX);
        self.settle();
        self.window.map_or(self.done, Window::rest)
    }

    /// Makes the stretch and the bucket those of a row; says whether the bucket is a new one.
    fn enter(&mut self, time_ms: i64, offset_s: i32) -> bool {
        let grid_before = self.stretch.grid;
        if time_ms >= self.stretch.until_ms {
            self.stretch = self.recipe.lattice.stretch_at(time_ms);
        }
        let inside = (self.bucket.from_ms..self.bucket.until_ms).contains(&time_ms);
        if inside && self.stretch.grid == grid_before {
            return false;
        }
        let grid = &self.recipe.lattice.grids()[self.stretch.grid];
        self.bucket = match self.stretch.grid == grid_before {
            true => grid.bucket_after(&self.bucket, time_ms, offset_s),
            false => grid.bucket(time_ms, offset_s),
        };
        let done_ms = match self.recipe.lattice.grids() {
            [_] => self.bucket.label_ms,
            _ => self.recipe.lattice.label_at(time_ms),
        };
        self.close_before(done_ms);
        self.closed_ms = Some(done_ms);
        true
    }

    fn place(&self, label_ms: i64) -> Result<usize, usize> {
        self.open.binary_search_by_key(&(label_ms as u64), |open| open.bar.time_ms)
    }

    fn place_of_current(&self) -> Result<usize, usize> {
        if self.open.len() == 1 { Ok(0) } else { self.place(self.bucket.label_ms) }
    }

    fn close_before(&mut self, label_ms: i64) {
        let ready = self.open.iter().take_while(|open| (open.bar.time_ms as i64) < label_ms).count();
        match &mut self.window {
            None => self.done.extend(self.open[..ready].iter().map(|open| open.bar)),
            Some(window) => {
                for open in &self.open[..ready] {
                    let bar = rounded(&open.bar, self.rounding);
                    // Where nothing was traded there is no bar, and none to be anyone's neighbour.
                    if bar.volume > 0.0 {
                        window.admit(bar, open.first_row);
                    }
                }
            }
        }
        // Nearly always there is one open bar, and this is what makes room for the next.
        if ready == self.open.len() {
            self.open.clear()
        } else {
            drop(self.open.drain(..ready))
        }
        if self.done.len() - self.settled >= SETTLE_BARS {
            self.settle();
        }
    }

    /// Makes finished bars what is stored: rounded and sealed; without those in which nothing was traded or which the
    /// series has already.
    fn settle(&mut self) {
        let first = self.settled;
        let mut kept = first;
        for index in first..self.done.len() {
            let bar = rounded(&self.done[index], self.rounding);
            self.done[kept] = bar;
            let is_new = self.after_ms.is_none_or(|after_ms| bar.time_ms as i64 > after_ms);
            kept += usize::from(bar.volume > 0.0 && is_new);
        }
        self.done.truncate(kept);
        Bar::seal_all(&mut self.done[first..]);
        self.settled = kept;
    }
}

fn opened(row: &Bar, bucket: &Bucket) -> Bar {
    Bar { time_ms: bucket.label_ms as u64, utc_offset_s: bucket.utc_offset_s, ..*row }
}

/// Folds the rows before `until_ms` into a bar and says how many they were.
fn absorb(bar: &mut Bar, rows: &[Bar], until_ms: u64) -> usize {
    let mut taken = 0;
    let (mut high, mut low, mut close) = (bar.high, bar.low, bar.close);
    let (mut volume, mut count, mut flags) = (bar.volume, bar.count, bar.flags);
    for row in rows {
        if row.time_ms >= until_ms {
            break;
        }
        high = if row.high > high { row.high } else { high };
        low = if row.low < low { row.low } else { low };
        close = row.close;
        volume += row.volume;
        count = count.saturating_add(row.count);
        flags |= row.flags;
        taken += 1;
    }
    (bar.high, bar.low, bar.close) = (high, low, close);
    (bar.volume, bar.count, bar.flags) = (volume, count, flags);
    taken
}

fn rounded(bar: &Bar, rounding: Rounding) -> Bar {
    let mut values = [bar.open, bar.high, bar.low, bar.close, bar.volume];
    rounding.all(&mut values);
    let [open, high, low, close, volume] = values;
    Bar { open, high, low, close, volume, ..*bar }
}
