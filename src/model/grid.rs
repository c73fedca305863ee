//! Where bars begin and end: edges laid on a clock, and which of several grids a row belongs to.

use chrono::{Datelike, NaiveDate};

use super::clock::Clock;
use super::day::{DAY_MS, Day, MINUTE_MS};
use super::settings::Session;
use super::timeframe::{Origin, Rule, Side, Timeframe, TimeframeSpec};

/// Fixed lengths up to this one follow each row's own offset, so that both hours of an autumn night keep their bars.
const HOUR_MS: i64 = 3_600_000;

/// The server's winter offset in which session origins are written, whatever the configuration says.
const REFERENCE_SERVER_S: i64 = 7_200;

/// 2024-12-01 12:00 UTC, the instant at which session origins are tied to the exchange clock.
const REFERENCE_MS: i64 = 1_733_054_400_000;

/// One interval of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// First row time that belongs to it.
    pub from_ms: i64,
    /// First row time after it.
    pub until_ms: i64,
    /// Instant of the label.
    pub label_ms: i64,
    /// Server clock minus UTC at the label.
    pub utc_offset_s: i32,
}

/// Edges laid on one clock.
#[derive(Clone, Debug)]
pub struct Grid {
    rule: Rule,
    /// Wall time of one edge of a fixed rule.
    anchor_ms: i64,
    label: Side,
    closed: Side,
    clock: Clock,
    /// The server's clock, where the edges lie on another one.
    server: Option<Clock>,
    /// Short intervals that follow the rows' own offset.
    is_even: bool,
}

impl Grid {
    /// A grid on the server's clock.
    pub fn on_server(spec: &TimeframeSpec, server: &Clock) -> Grid {
        let anchor_ms = origin_ms(spec.origin);
        Grid {
            rule: spec.rule,
            anchor_ms,
            label: spec.label,
            closed: spec.closed,
            clock: server.clone(),
            server: None,
            is_even: spec.rule.length_ms().is_some_and(|length_ms| length_ms <= HOUR_MS),
        }
    }

    /// A session's grid on the exchange's clock. The origin is written as the server shows it in northern winter.
    pub fn on_exchange(spec: &TimeframeSpec, origin: Origin, exchange: &Clock, server: &Clock) -> Grid {
        let exchange_s = i64::from(exchange.offset_s_at(REFERENCE_MS));
        let anchor_ms = origin_ms(origin) + (exchange_s - REFERENCE_SERVER_S) * 1000;
        Grid {
            anchor_ms,
            clock: exchange.clone(),
            server: Some(server.clone()),
            is_even: false,
            ..Grid::on_server(spec, server)
        }
    }

    /// The interval of a row, by the row's label and the server offset it carries.
    pub fn bucket(&self, time_ms: i64, row_offset_s: i32) -> Bucket {
        // A row on an edge belongs to the interval before it where intervals are closed on the right.
        let lag = i64::from(self.closed == Side::Right);
        let bucket = match self.rule {
            Rule::Fixed { length_ms } if length_ms <= HOUR_MS => {
                self.short(time_ms, row_offset_s, length_ms, lag)
            }
            _ => self.long(time_ms - lag),
        };
        Bucket { from_ms: bucket.from_ms + lag, until_ms: bucket.until_ms + lag, ..bucket }
    }

    /// As [`bucket`](Grid::bucket), for a row soon after those of an earlier bucket of this grid.
    ///
    /// Short intervals of the server's clock follow each other evenly as long as the rows' offset stays the same, and
    /// most rows open the very next one: no division is needed to find it.
    #[inline]
    pub fn bucket_after(&self, before: &Bucket, time_ms: i64, row_offset_s: i32) -> Bucket {
        let length_ms = before.until_ms - before.from_ms;
        let is_next = (before.until_ms..before.until_ms + length_ms).contains(&time_ms);
        if is_next && self.is_even && row_offset_s == before.utc_offset_s {
            return Bucket {
                from_ms: before.until_ms,
                until_ms: before.until_ms + length_ms,
                label_ms: before.label_ms + length_ms,
                utc_offset_s: row_offset_s,
            };
        }
        self.bucket(time_ms, row_offset_s)
    }

    /// The interval of a row that stands exactly at an instant, with the offset the server has then.
    pub fn bucket_at(&self, time_ms: i64) -> Bucket {
        let server = self.server.as_ref().unwrap_or(&self.clock);
        self.bucket(time_ms, server.offset_s_at(time_ms))
    }

    /// The intervals from the one that holds an instant on, without gap and without end.
    pub fn buckets_from(&self, time_ms: i64) -> impl Iterator<Item = Bucket> + '_ {
        std::iter::successors(Some(self.bucket_at(time_ms)), |bucket| Some(self.bucket_at(bucket.until_ms)))
    }

    /// The label of a row that stands exactly at an instant: no later row can get a smaller one.
    pub fn label_at(&self, time_ms: i64) -> i64 {
        self.bucket_at(time_ms).label_ms
    }

    /// Which edge of an interval names it.
    pub fn label(&self) -> Side {
        self.label
    }

    fn short(&self, time_ms: i64, row_offset_s: i32, length_ms: i64, lag: i64) -> Bucket {
        let offset_s = if self.server.is_some() { self.clock.offset_s_at(time_ms) } else { row_offset_s };
        let wall_ms = time_ms - lag + 1000 * i64::from(offset_s);
        let from_ms = time_ms - lag - (wall_ms - self.anchor_ms).rem_euclid(length_ms);
        let until_ms = from_ms + length_ms;
        let label_ms = self.pick(from_ms, until_ms);
        let utc_offset_s = self.server.as_ref().map_or(row_offset_s, |server| server.offset_s_at(label_ms));
        Bucket { from_ms, until_ms, label_ms, utc_offset_s }
    }

    fn long(&self, time_ms: i64) -> Bucket {
        let edge = self.edge_at_or_before(self.clock.latest_wall_ms(time_ms));
        let next = self.edge_after(edge);
        let (from_ms, until_ms) = (self.clock.first_instant_ms(edge), self.clock.first_instant_ms(next));
        let label_ms = self.pick(from_ms, until_ms);
        let utc_offset_s = match &self.server {
            Some(server) => server.offset_s_at(label_ms),
            None => ((self.pick(edge, next) - label_ms) / 1000) as i32,
        };
        Bucket { from_ms, until_ms, label_ms, utc_offset_s }
    }

    fn pick(&self, left: i64, right: i64) -> i64 {
        if self.label == Side::Left { left } else { right }
    }

    /// The last edge not after a wall time.
    fn edge_at_or_before(&self, wall_ms: i64) -> i64 {
        match self.rule {
            Rule::Fixed { length_ms } => wall_ms - (wall_ms - self.anchor_ms).rem_euclid(length_ms),
            Rule::Week { begins } => {
                let day = Day::of_ms(wall_ms);
                day.plus(-((day.weekday() + 7 - begins) as i32 % 7)).start_ms()
            }
            Rule::Month => month_start_ms(wall_ms, 1, 0),
            Rule::Quarter => month_start_ms(wall_ms, 3, 0),
            Rule::Year => month_start_ms(wall_ms, 12, 0),
        }
    }

    /// The edge that follows an edge.
    fn edge_after(&self, edge_ms: i64) -> i64 {
        match self.rule {
            Rule::Fixed { length_ms } => edge_ms + length_ms,
            Rule::Week { .. } => edge_ms + 7 * DAY_MS,
            Rule::Month => month_start_ms(edge_ms, 1, 1),
            Rule::Quarter => month_start_ms(edge_ms, 3, 1),
            Rule::Year => month_start_ms(edge_ms, 12, 1),
        }
    }
}

/// Start of the block of `months` months that holds a wall time, `further` blocks later.
fn month_start_ms(wall_ms: i64, months: i32, further: i32) -> i64 {
    let date = NaiveDate::from_epoch_days(Day::of_ms(wall_ms).epoch_days())
        .expect("wall times are within the calendar");
    let month = date.year() * 12 + date.month0() as i32;
    let first = (month.div_euclid(months) + further) * months;
    let start = NaiveDate::from_ymd_opt(first.div_euclid(12), first.rem_euclid(12) as u32 + 1, 1);
    i64::from(start.expect("the first of a month exists").to_epoch_days()) * DAY_MS
}

fn origin_ms(origin: Origin) -> i64 {
    match origin {
        Origin::Epoch => 0,
        Origin::At { minutes } => i64::from(minutes) * MINUTE_MS,
    }
}

/// All grids of one timeframe of one symbol, and the rule that says which one a row belongs to.
#[derive(Clone, Debug)]
pub struct Lattice {
    /// The first is the symbol's own; the others are those of its sessions.
    grids: Vec<Grid>,
    sessions: Vec<(Session, usize)>,
    exchange: Clock,
}

/// A stretch of row times that all belong to the same grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Index into [`Lattice::grids`].
    pub grid: usize,
    /// First row time after the stretch.
    pub until_ms: i64,
}

impl Lattice {
    /// The grids of a timeframe. Sessions need the exchange's clock; without one the server's serves.
    pub fn new(
        spec: &TimeframeSpec,
        sessions: &[Session],
        exchange: Option<&Clock>,
        server: &Clock,
    ) -> Lattice {
        let mut grids = vec![Grid::on_server(spec, server)];
        let clock = exchange.unwrap_or(server);
        let mut placed = Vec::new();
        for session in sessions.iter().filter(|session| !session.catch_all) {
            let grid = match session_origin(session, &spec.id) {
                Some(origin) => {
                    grids.push(Grid::on_exchange(spec, origin, clock, server));
                    grids.len() - 1
                }
                None => 0,
            };
            placed.push((session.clone(), grid));
        }
        // Sessions that change no grid here need not be looked for.
        if grids.len() == 1 {
            placed.clear();
        }
        Lattice { grids, sessions: placed, exchange: clock.clone() }
    }

    /// The grids, the symbol's own first.
    pub fn grids(&self) -> &[Grid] {
        &self.grids
    }

    /// The session whose grid this is; none for the symbol's own.
    pub fn session_of(&self, grid: usize) -> Option<&Session> {
        self.sessions.iter().find(|(_, own)| *own == grid && grid > 0).map(|(session, _)| session)
    }

    /// The grid of a row, and how long rows go on belonging to it.
    pub fn stretch_at(&self, time_ms: i64) -> Stretch {
        if self.sessions.is_empty() {
            return Stretch { grid: 0, until_ms: i64::MAX };
        }
        let run = self.exchange.run_at(time_ms);
        let shift_ms = 1000 * i64::from(run.offset_s);
        let wall_ms = time_ms + shift_ms;
        let mut until_wall = Day::of_ms(wall_ms).end_ms();
        let mut grid = None;
        for (session, index) in &self.sessions {
            until_wall = until_wall.min(next_change(session, wall_ms));
            if matches(session, wall_ms) {
                grid = Some(*index);
                break;
            }
        }
        Stretch { grid: grid.unwrap_or(0), until_ms: (until_wall - shift_ms).min(run.end_ms) }
    }

    /// The smallest label a row standing exactly at an instant would get on any grid.
    pub fn label_at(&self, time_ms: i64) -> i64 {
        self.grids.iter().map(|grid| grid.label_at(time_ms)).min().expect("a lattice has a grid")
    }
}

impl Lattice {
    /// No row of a bar stands further before the bar's label than this.
    pub fn reach_ms(&self) -> i64 {
        let days = match self.grids[0].rule {
            Rule::Fixed { length_ms } => return 2 * length_ms + DAY_MS,
            Rule::Week { .. } => 7,
            Rule::Month => 31,
            Rule::Quarter => 92,
            Rule::Year => 366,
        };
        2 * days * DAY_MS + DAY_MS
    }
}

/// The origin a session itself writes for a timeframe; `epoch` leaves the symbol's grid in place.
fn session_origin(session: &Session, timeframe: &Timeframe) -> Option<Origin> {
    let own = session.timeframes.get(timeframe)?.origin?;
    (own != Origin::Epoch).then_some(own)
}

/// Whether a session holds at a time of the exchange's clock.
pub fn matches(session: &Session, wall_ms: i64) -> bool {
    let minute = (wall_ms.rem_euclid(DAY_MS) / MINUTE_MS) as u16;
    let in_range = |&(from, to): &(u16, u16)| {
        if from <= to { (from..=to).contains(&minute) } else { minute >= from || minute <= to }
    };
    session.from_wall_ms.is_none_or(|from| wall_ms >= from)
        && session.to_wall_ms.is_none_or(|to| wall_ms <= to)
        && (session.weekdays.is_empty() || session.weekdays.contains(&Day::of_ms(wall_ms).weekday()))
        && (session.ranges.is_empty() || session.ranges.iter().any(in_range))
}

/// The next time of the exchange's clock, before midnight, at which a session may begin or cease to hold.
fn next_change(session: &Session, wall_ms: i64) -> i64 {
    let day = Day::of_ms(wall_ms);
    let edges = session.ranges.iter().flat_map(|&(from, to)| [i64::from(from), i64::from(to) + 1]);
    let minutes = edges.map(|minute| day.start_ms() + minute * MINUTE_MS);
    let dates = [session.from_wall_ms, session.to_wall_ms.map(|to| to + 1)];
    minutes
        .chain(dates.into_iter().flatten())
        .filter(|&change| change > wall_ms)
        .min()
        .unwrap_or(day.end_ms())
}
