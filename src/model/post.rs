//! Steps on folded bars: some are merged into a neighbour, all labels may be moved; and which bars have to wait for it.
//!
//! A merge never crosses a server date. So a bar is sure of its neighbours as soon as enough bars follow it or its date
//! is over, and steps over the bars of whole dates give what steps over the whole series would give.

use super::Bar;
use super::clock::Clock;
use super::day::{DAY_MS, Day};
use super::decimal::Rounding;
use super::settings::{Limits, PostStep, Session};
use super::timeframe::TimeframeSpec;

/// The steps of one timeframe of one symbol: the timeframe's, then those of its sessions, in file order.
#[derive(Clone, Debug)]
pub struct Steps {
    steps: Vec<Step>,
    server: Clock,
    exchange: Clock,
}

#[derive(Clone, Debug)]
enum Step {
    Merge(Merge),
    /// Every label moves, and the server's clock at the label with it: the server label moves by just as much.
    Shift {
        offset_ms: i64,
    },
}

#[derive(Clone, Debug)]
struct Merge {
    ends_with: Vec<String>,
    offset: isize,
    /// The step's own and its session's.
    limits: Vec<Limits>,
}

/// An instant, and what the server's labels show there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    time_ms: i64,
    server_ms: i64,
}

/// A bar on its way through the steps.
#[derive(Clone, Copy, Debug)]
struct Piece {
    bar: Bar,
    /// Index of the earliest folded bar in it.
    first_part: usize,
}

impl Steps {
    /// The steps of a timeframe. Dates are told by the exchange's clock; without one the server's serves.
    pub fn new(
        spec: &TimeframeSpec,
        sessions: &[Session],
        exchange: Option<&Clock>,
        server: &Clock,
    ) -> Steps {
        let own = spec.post.iter().map(|step| Step::of(step, None));
        let of_sessions = sessions.iter().flat_map(|session| {
            let post = session.timeframes.get(&spec.id).map_or(&[][..], |own| &own.post);
            post.iter().map(move |step| Step::of(step, Some(session)))
        });
        let steps = own.chain(of_sessions).collect();
        Steps { steps, server: server.clone(), exchange: exchange.unwrap_or(server).clone() }
    }

    /// Whether bars stay as they were folded.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether a closed bar may have to wait for others.
    pub fn holds_back(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Merge(_)))
    }

    /// By how much labels move in all.
    pub fn shift_ms(&self) -> i64 {
        self.steps.iter().map(Step::shift_ms).sum()
    }

    /// No bar that waits has a smaller label than this, before labels move, when no folded bar can get a label smaller
    /// than `watermark_ms` any more.
    pub fn waits_from_ms(&self, watermark_ms: i64) -> i64 {
        let mut wall_ms = self.server.wall_ms(watermark_ms);
        let mut shift_ms = 0;
        for step in &self.steps {
            match step {
                Step::Shift { offset_ms } => shift_ms += offset_ms,
                Step::Merge(_) => wall_ms = Day::of_ms(wall_ms + shift_ms).start_ms() - shift_ms,
            }
        }
        self.server.first_instant_ms(wall_ms).min(watermark_ms)
    }

    /// Dates before that of the first waiting bar whose bars its date depends on. None: nothing waits for anything.
    pub fn dates_before(&self) -> Option<i32> {
        // A bar may be moved from one date into the next.
        self.holds_back().then(|| i32::from(self.shift_ms() != 0))
    }

    /// Takes folded bars through all steps, in increasing label. Those with labels before the mark stay what they are,
    /// whatever is folded later, and so do those that come out with labels before the mark that comes out.
    fn run(&self, folded: &[Folded], mark: Mark, rounding: Rounding) -> (Vec<Piece>, Mark) {
        let piece = |(first_part, folded): (usize, &Folded)| Piece { bar: folded.bar, first_part };
        let mut pieces: Vec<Piece> = folded.iter().enumerate().map(piece).collect();
        let mut mark = mark;
        for step in &self.steps {
            match step {
                Step::Merge(merge) => {
                    let anchors = self.anchors(merge, &pieces);
                    mark = mark.before_waiting(&pieces, &anchors, merge.offset.unsigned_abs());
                    pieces = gathered(&pieces, &anchors, rounding);
                }
                // All move alike, so they stay in order and none meets another.
                Step::Shift { offset_ms } => {
                    mark = mark.moved(*offset_ms);
                    for piece in &mut pieces {
                        piece.bar.time_ms = piece.bar.time_ms.saturating_add_signed(*offset_ms);
                    }
                }
            }
        }
        (pieces, mark)
    }

    /// For every bar the index of the one it ends up in: its own where it stays.
    fn anchors(&self, merge: &Merge, pieces: &[Piece]) -> Vec<usize> {
        let mut anchors: Vec<usize> = (0..pieces.len()).collect();
        let mut settle = |index: usize| {
            let bar = &pieces[index].bar;
            let target = index.checked_add_signed(merge.offset).filter(|target| *target < pieces.len());
            let Some(target) = target.filter(|target| date(&pieces[*target].bar) == date(bar)) else {
                return;
            };
            if self.concerns(merge, bar) {
                // The neighbour may vanish itself: then its anchor takes both.
                anchors[index] = anchors[target];
            }
        };
        match merge.offset < 0 {
            true => (0..pieces.len()).for_each(&mut settle),
            false => (0..pieces.len()).rev().for_each(&mut settle),
        }
        anchors
    }

    fn concerns(&self, merge: &Merge, bar: &Bar) -> bool {
        let label = label_text(bar.server_ms());
        let label = std::str::from_utf8(&label).expect("digits, '-', ':' and a space are text");
        let within = |limits: &Limits| {
            let wall_ms = self.exchange.wall_ms(bar.time_ms as i64);
            limits.from_wall_ms.is_none_or(|from| wall_ms >= from)
                && limits.to_wall_ms.is_none_or(|to| wall_ms <= to)
                && (limits.weekdays.is_empty() || limits.weekdays.contains(&date(bar).weekday()))
        };
        merge.ends_with.iter().any(|ending| label.ends_with(ending.as_str()))
            && merge.limits.iter().all(within)
    }

    fn mark(&self, watermark_ms: i64) -> Mark {
        Mark { time_ms: watermark_ms, server_ms: self.server.wall_ms(watermark_ms) }
    }
}

impl Step {
    /// A session's dates and weekdays limit its steps; its ranges say only which rows are laid on its grid, because a
    /// step is there for the bars at which the grids of two sessions meet.
    fn of(step: &PostStep, session: Option<&Session>) -> Step {
        match step {
            PostStep::Shift { offset_s } => Step::Shift { offset_ms: 1000 * offset_s },
            PostStep::Merge { ends_with, offset, limits } => {
                let of_session = session.map(|session| Limits {
                    from_wall_ms: session.from_wall_ms,
                    to_wall_ms: session.to_wall_ms,
                    weekdays: session.weekdays.clone(),
                });
                let limits = std::iter::once(limits.clone()).chain(of_session).collect();
                Step::Merge(Merge { ends_with: ends_with.clone(), offset: *offset as isize, limits })
            }
        }
    }

    fn shift_ms(&self) -> i64 {
        match self {
            Step::Shift { offset_ms } => *offset_ms,
            Step::Merge(_) => 0,
        }
    }
}

impl Mark {
    fn of(bar: &Bar) -> Mark {
        Mark { time_ms: bar.time_ms as i64, server_ms: bar.server_ms() }
    }

    fn moved(self, offset_ms: i64) -> Mark {
        Mark { time_ms: self.time_ms + offset_ms, server_ms: self.server_ms + offset_ms }
    }

    /// The mark after a merge. A bar waits until `wait` bars before the mark follow it or the mark is beyond its date,
    /// and with it waits the bar it is a part of.
    fn before_waiting(self, pieces: &[Piece], anchors: &[usize], wait: usize) -> Mark {
        let settled = pieces.partition_point(|piece| (piece.bar.time_ms as i64) < self.time_ms);
        let today = Day::of_ms(self.server_ms);
        let over = pieces[..settled].partition_point(|piece| date(&piece.bar) < today);
        let waiting = settled.saturating_sub(wait).max(over)..pieces.len();
        let first = waiting.map(|index| index.min(anchors[index])).min();
        match first.map(|index| Mark::of(&pieces[index].bar)) {
            Some(first) if first.time_ms < self.time_ms => first,
            _ => self,
        }
    }
}

/// The bars that are left when each is folded into its anchor.
fn gathered(pieces: &[Piece], anchors: &[usize], rounding: Rounding) -> Vec<Piece> {
    let mut made: Vec<Option<Piece>> = vec![None; pieces.len()];
    for (piece, &anchor) in pieces.iter().zip(anchors) {
        match &mut made[anchor] {
            Some(earlier) => {
                earlier.bar = joined(&earlier.bar, &piece.bar, rounding);
                earlier.first_part = earlier.first_part.min(piece.first_part);
            }
            none => {
                let Bar { time_ms, utc_offset_s, .. } = pieces[anchor].bar;
                *none = Some(Piece { bar: Bar { time_ms, utc_offset_s, ..piece.bar }, ..*piece });
            }
        }
    }
    made.into_iter().flatten().collect()
}

/// An earlier bar and a later one as one, with the label of the first.
fn joined(earlier: &Bar, later: &Bar, rounding: Rounding) -> Bar {
    Bar {
        high: earlier.high.max(later.high),
        low: earlier.low.min(later.low),
        close: later.close,
        volume: rounding.of(earlier.volume + later.volume),
        count: earlier.count.saturating_add(later.count),
        flags: earlier.flags | later.flags,
        ..*earlier
    }
}

/// The server date of a bar's label.
fn date(bar: &Bar) -> Day {
    Day::of_ms(bar.server_ms())
}

/// `YYYY-MM-DD HH:MM:SS`.
fn label_text(server_ms: i64) -> [u8; 19] {
    let day = Day::of_ms(server_ms);
    let (year, month, date) = day.ymd();
    let second = (server_ms.rem_euclid(DAY_MS) / 1000) as u32;
    let mut text = *b"0000-00-00 00:00:00";
    let mut write = |end: usize, digits: usize, mut number: u32| {
        for place in (end - digits..end).rev() {
            text[place] += (number % 10) as u8;
            number /= 10;
        }
    };
    write(4, 4, year.unsigned_abs());
    write(7, 2, month);
    write(10, 2, date);
    write(13, 2, second / 3600);
    write(16, 2, second / 60 % 60);
    write(19, 2, second % 60);
    text
}

/// A folded bar, rounded, in which something was traded.
#[derive(Clone, Copy, Debug)]
struct Folded {
    bar: Bar,
    /// Index of its first row in the source.
    first_row: usize,
}

/// Folded bars between the fold and the series: those that wait, and the others of their dates.
#[derive(Debug)]
pub struct Window<'a> {
    steps: &'a Steps,
    rounding: Rounding,
    /// In increasing label.
    folded: Vec<Folded>,
    /// Bars with smaller labels are in the series, or have been taken.
    from_ms: i64,
    watermark_ms: i64,
}

impl<'a> Window<'a> {
    /// An empty one; bars with labels up to `after_ms` are in the series already.
    pub fn new(steps: &'a Steps, rounding: Rounding, after_ms: Option<i64>) -> Window<'a> {
        let from_ms = after_ms.map_or(i64::MIN, |after_ms| after_ms + 1);
        Window { steps, rounding, folded: Vec::new(), from_ms, watermark_ms: i64::MIN }
    }

    /// Takes in the next bar of the fold, whose source rows begin at `first_row`.
    pub fn admit(&mut self, bar: Bar, first_row: usize) {
        self.folded.push(Folded { bar, first_row });
    }

    /// Takes out the bars that stay what they are, when no folded bar can get a label before `closed_ms` any more and
    /// those before it are here.
    pub fn release(&mut self, closed_ms: i64, into: &mut Vec<Bar>) {
        let closed = self.steps.mark(closed_ms);
        let (pieces, mark) = self.steps.run(&self.folded, closed, self.rounding);
        let ready = pieces.partition_point(|piece| (piece.bar.time_ms as i64) < mark.time_ms);
        let first_left = pieces[ready..].iter().map(|piece| piece.first_part).min();
        self.take(&pieces[..ready], into);
        self.forget(first_left.unwrap_or(self.folded.len()), Day::of_ms(closed.server_ms));
        self.from_ms = self.from_ms.max(mark.time_ms);
        self.watermark_ms = mark.time_ms;
    }

    /// The watermark of the series as of the last release.
    pub fn watermark_ms(&self) -> i64 {
        self.watermark_ms
    }

    /// The first source row of the bars that are still needed.
    pub fn first_row(&self) -> Option<usize> {
        self.folded.iter().map(|folded| folded.first_row).min()
    }

    /// All bars that were not taken yet, as the steps make them of what there is.
    pub fn rest(self) -> Vec<Bar> {
        let mut rest = Vec::new();
        let (pieces, _) = self.steps.run(&self.folded, self.steps.mark(0), self.rounding);
        self.take(&pieces, &mut rest);
        rest
    }

    fn take(&self, pieces: &[Piece], into: &mut Vec<Bar>) {
        let known = pieces.partition_point(|piece| (piece.bar.time_ms as i64) < self.from_ms);
        into.extend(pieces[known..].iter().map(|piece| piece.bar.sealed()));
    }

    /// Drops the bars of dates before that of the first bar that is left and of today. The other bars of these dates
    /// stay, taken or not: without them the neighbours of those that are left would be others.
    fn forget(&mut self, first_left: usize, today: Day) {
        let kept = match self.steps.dates_before() {
            None => first_left,
            Some(dates) => {
                let left = self.folded.get(first_left).map_or(today, |folded| date(&folded.bar).min(today));
                let first = left.plus(-dates);
                self.folded.partition_point(|folded| date(&folded.bar) < first).min(first_left)
            }
        };
        self.folded.drain(..kept);
    }
}
