//! Where the edges of bars lie, and to which bar a row belongs.

use chrono::{Datelike, Days, Months, NaiveDate};
use engine::model::TimeframeSpec;
use engine::model::settings::Session;
use engine::model::timeframe::{Origin, Rule, Side};

use super::at;
use super::clock::{TextClock, zone_offset_ms};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 86_400_000;

/// The bar a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub label_ms: i64,
    /// The instant the bar's interval ends.
    pub end_ms: i64,
    /// Server clock minus UTC at the label.
    pub offset_s: i64,
}

/// Edges on one clock.
#[derive(Clone, Debug)]
struct TextGrid {
    /// First edge of a fixed rule, in milliseconds of the clock.
    anchor: i64,
    on_server: bool,
}

/// All grids of a timeframe of a symbol.
#[derive(Clone, Debug)]
pub struct TextLattice {
    pub rule: Rule,
    label: Side,
    closed: Side,
    server: TextClock,
    exchange: TextClock,
    own: TextGrid,
    sessions: Vec<(Session, Option<TextGrid>)>,
}

impl TextLattice {
    pub fn new(
        spec: &TimeframeSpec,
        sessions: &[Session],
        exchange: Option<&TextClock>,
        server: &TextClock,
    ) -> TextLattice {
        let grid_of = |session: &Session| {
            let written = session.timeframes.get(&spec.id).and_then(|own| own.origin)?;
            let Origin::At { minutes } = written else { return None };
            let anchor = i64::from(minutes) * 60_000 + reference_shift(exchange);
            Some(TextGrid { anchor, on_server: false })
        };
        let minutes = match spec.origin {
            Origin::Epoch => 0,
            Origin::At { minutes } => i64::from(minutes),
        };
        TextLattice {
            rule: spec.rule,
            label: spec.label,
            closed: spec.closed,
            server: server.clone(),
            exchange: exchange.unwrap_or(server).clone(),
            own: TextGrid { anchor: minutes * 60_000, on_server: true },
            sessions: sessions.iter().map(|session| (session.clone(), grid_of(session))).collect(),
        }
    }

    /// The bar of a row with this label, which carries this server offset.
    pub fn place(&self, time_ms: i64, row_offset_s: i64) -> Place {
        self.place_on(self.grid_at(time_ms), time_ms, row_offset_s)
    }

    /// The smallest label that a row exactly at the instant would get on any grid.
    pub fn smallest_label(&self, time_ms: i64) -> i64 {
        let offset_s = self.server.offset_ms(time_ms) / 1000;
        let grids = std::iter::once(&self.own).chain(self.sessions.iter().filter_map(|(_, grid)| grid.as_ref()));
        grids.map(|grid| self.place_on(grid, time_ms, offset_s).label_ms).min().expect("there is one grid")
    }

    pub fn closed_right(&self) -> bool {
        self.closed == Side::Right
    }

    fn grid_at(&self, time_ms: i64) -> &TextGrid {
        let wall = self.exchange.wall(time_ms);
        let session = self.sessions.iter().find(|(session, _)| holds(session, wall));
        session.and_then(|(_, grid)| grid.as_ref()).unwrap_or(&self.own)
    }

    fn place_on(&self, grid: &TextGrid, time_ms: i64, row_offset_s: i64) -> Place {
        let clock = if grid.on_server { &self.server } else { &self.exchange };
        match self.rule {
            Rule::Fixed { length_ms } if length_ms <= HOUR => {
                let offset = if grid.on_server { row_offset_s * 1000 } else { clock.offset_ms(time_ms) };
                let begin = self.edge_under(grid, time_ms + offset, self.closed == Side::Right);
                let edge = if self.label == Side::Left { begin } else { begin + length_ms };
                let label_ms = edge - offset;
                let offset_s =
                    if grid.on_server { row_offset_s } else { self.server.offset_ms(label_ms) / 1000 };
                Place { label_ms, end_ms: begin - offset + length_ms, offset_s }
            }
            _ => {
                // From a surely later edge down to the one whose instant is not after the row.
                let mut begin = self.edge_under(grid, clock.wall(time_ms) + 12 * HOUR, false);
                let too_late = |instant: i64| match self.closed {
                    Side::Left => instant > time_ms,
                    Side::Right => instant >= time_ms,
                };
                while too_late(clock.first_instant(begin)) {
                    begin = self.edge_under(grid, begin, true);
                }
                let end = self.edge_after(begin);
                let edge = if self.label == Side::Left { begin } else { end };
                let label_ms = clock.first_instant(edge);
                let offset =
                    if grid.on_server { edge - label_ms } else { self.server.offset_ms(label_ms) };
                Place { label_ms, end_ms: clock.first_instant(end), offset_s: offset / 1000 }
            }
        }
    }

    /// The latest edge at or before a time of the clock; strictly before it when `strictly`.
    fn edge_under(&self, grid: &TextGrid, wall: i64, strictly: bool) -> i64 {
        let wall = if strictly { wall - 1 } else { wall };
        match self.rule {
            Rule::Fixed { length_ms } => grid.anchor + (wall - grid.anchor).div_euclid(length_ms) * length_ms,
            rule => {
                let mut date = date_of(wall);
                while !begins(rule, date) {
                    date = date.checked_sub_days(Days::new(1)).expect("a date of our times");
                }
                start_of(date)
            }
        }
    }

    fn edge_after(&self, edge: i64) -> i64 {
        let date = date_of(edge);
        let months = |n| start_of(date.checked_add_months(Months::new(n)).expect("a date of our times"));
        match self.rule {
            Rule::Fixed { length_ms } => edge + length_ms,
            Rule::Week { .. } => edge + 7 * DAY,
            Rule::Month => months(1),
            Rule::Quarter => months(3),
            Rule::Year => months(12),
        }
    }
}

/// SPEC 7: (zone offset on 2024-12-01 12:00) - 2 h.
fn reference_shift(exchange: Option<&TextClock>) -> i64 {
    let Some(clock) = exchange else { return 0 };
    match &clock.kind {
        super::clock::Kind::Zone(zone) => zone_offset_ms(*zone, at("2024-12-01 12:00")) - 2 * HOUR,
        _ => clock.offset_ms(at("2024-12-01 12:00")) - 2 * HOUR,
    }
}

fn date_of(wall: i64) -> NaiveDate {
    chrono::DateTime::from_timestamp_millis(wall).expect("a time of our times").date_naive()
}

fn start_of(date: NaiveDate) -> i64 {
    date.and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_millis()
}

fn begins(rule: Rule, date: NaiveDate) -> bool {
    match rule {
        Rule::Week { begins } => date.weekday().num_days_from_monday() == begins,
        Rule::Month => date.day() == 1,
        Rule::Quarter => date.day() == 1 && date.month() % 3 == 1,
        Rule::Year => date.ordinal() == 1,
        Rule::Fixed { .. } => true,
    }
}

/// Whether a session holds at a time of the exchange's clock: dates, weekday and range, all ends included.
fn holds(session: &Session, wall: i64) -> bool {
    let minute = wall.rem_euclid(DAY) / 60_000;
    let weekday = date_of(wall).weekday().num_days_from_monday();
    let in_range = |&(from, to): &(u16, u16)| {
        let (from, to) = (i64::from(from), i64::from(to));
        if from <= to { (from..=to).contains(&minute) } else { minute >= from || minute <= to }
    };
    !session.catch_all
        && session.from_wall_ms.is_none_or(|from| wall >= from)
        && session.to_wall_ms.is_none_or(|to| wall <= to)
        && (session.weekdays.is_empty() || session.weekdays.contains(&weekday))
        && (session.ranges.is_empty() || session.ranges.iter().any(in_range))
}
