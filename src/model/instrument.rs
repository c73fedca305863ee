//! What the feed says about one instrument: when it trades, and where its history begins.

use std::collections::BTreeMap;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::Day;
use super::day::{DAY_MS, MINUTE_MS};

/// A half-open span of UTC milliseconds: the first is inside, the second is not.
pub type Span = (i64, i64);

/// Metadata of one instrument. Whatever the feed leaves out, or writes in a way we do not know, is simply not known.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Instrument {
    /// As the feed spells it for people: `EUR/USD`.
    #[serde(deserialize_with = "or_nothing")]
    pub name: String,
    /// As requests spell it: `EUR-USD`.
    #[serde(deserialize_with = "or_nothing")]
    pub code: String,
    /// One line about it.
    #[serde(deserialize_with = "or_nothing")]
    pub description: String,
    /// Its class, such as `FX_MAJORS`.
    #[serde(deserialize_with = "or_nothing")]
    pub group_code: String,
    /// The size of a pip.
    #[serde(deserialize_with = "or_nothing")]
    pub pip_value: Option<f64>,
    /// Decimals of its prices.
    #[serde(deserialize_with = "or_nothing")]
    pub price_scale: Option<i32>,
    #[serde(deserialize_with = "or_nothing")]
    default_timezone: String,
    #[serde(deserialize_with = "each_readable")]
    holidays: Vec<Holiday>,
    #[serde(deserialize_with = "each_readable")]
    trade_schedule: Vec<Period>,
    #[serde(deserialize_with = "each_readable")]
    histories: Vec<History>,
}

/// A closure, in UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Holiday {
    from: i64,
    till: i64,
}

/// A week's sessions, and the UTC milliseconds between which they hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Period {
    #[serde(default)]
    from: Option<i64>,
    #[serde(default)]
    to: Option<i64>,
    #[serde(default, deserialize_with = "or_nothing")]
    sessions: BTreeMap<String, Vec<SessionHours>>,
}

/// One session of a weekday, in exchange time; either end may lie on the day before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionHours {
    start: String,
    #[serde(default)]
    previous_day_start: bool,
    end: String,
    #[serde(default)]
    previous_day_end: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct History {
    period: String,
    from: i64,
}

/// Whether a day of an instrument without a known schedule is taken to trade: Monday to Friday.
pub fn trades_on_weekday(day: Day) -> bool {
    day.weekday() < 5
}

/// Whether some whole minute lies inside one of the spans.
pub fn hold_a_minute(spans: &[Span]) -> bool {
    spans.iter().any(|&(start, end)| {
        let first_minute = start.div_euclid(MINUTE_MS) * MINUTE_MS;
        let whole = if first_minute < start { first_minute + MINUTE_MS } else { first_minute };
        whole + MINUTE_MS <= end
    })
}

impl Instrument {
    /// Reads the feed's JSON object. An error only when it is no JSON object at all.
    pub fn from_json(bytes: &[u8]) -> Result<Instrument, serde_json::Error> {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes)?;
        serde_json::from_value(serde_json::Value::Object(object))
    }

    /// Whether the schedule has a whole trading minute inside the UTC day, holidays left out.
    pub fn trades_on(&self, day: Day) -> bool {
        hold_a_minute(&self.trading_intervals(day))
    }

    /// When the instrument trades inside the UTC day: disjoint spans in increasing time.
    ///
    /// A day that no schedule speaks of trades all of Monday to Friday.
    pub fn trading_intervals(&self, day: Day) -> Vec<Span> {
        let whole_day = (day.start_ms(), day.end_ms());
        self.scheduled_intervals(day).unwrap_or_else(|| {
            let open = if trades_on_weekday(day) { vec![whole_day] } else { Vec::new() };
            self.without_holidays(day, open)
        })
    }

    /// The same where a schedule speaks of the day, `None` where none does.
    pub fn scheduled_intervals(&self, day: Day) -> Option<Vec<Span>> {
        Some(self.without_holidays(day, merged(self.scheduled(day)?)))
    }

    fn without_holidays(&self, day: Day, open: Vec<Span>) -> Vec<Span> {
        let whole_day = (day.start_ms(), day.end_ms());
        let closed = self.holidays.iter().map(|holiday| (holiday.from, holiday.till));
        // A list of holidays is long and nearly all of them are of other days.
        closed.filter(|closed| overlap(*closed, whole_day).is_some()).fold(open, without)
    }

    /// The UTC day in which 1-minute history begins, where the feed says so.
    pub fn history_start(&self) -> Option<Day> {
        let minutes = self.histories.iter().find(|history| history.period == "MINUTE")?;
        Some(Day::of_ms(minutes.from.max(0)))
    }

    /// The sessions inside a day, overlapping as they may; `None` where no schedule speaks of the day.
    fn scheduled(&self, day: Day) -> Option<Vec<Span>> {
        let zone: Tz = self.default_timezone.parse().ok()?;
        let mut known = false;
        let mut open = Vec::new();
        for period in self.trade_schedule.iter().filter(|period| !period.sessions.is_empty()) {
            let held = (
                period.from.unwrap_or(i64::MIN).max(day.start_ms()),
                period.to.unwrap_or(i64::MAX).min(day.end_ms()),
            );
            if held.0 < held.1 {
                known = true;
                open.extend(period.sessions_around(day, zone).filter_map(|span| overlap(span, held)));
            }
        }
        known.then_some(open)
    }
}

impl Period {
    /// Sessions that may touch the UTC day: those of the exchange's days from two before to two after.
    fn sessions_around(&self, day: Day, zone: Tz) -> impl Iterator<Item = Span> + '_ {
        day.plus(-2).through(day.plus(2)).flat_map(move |local| {
            let hours = self.sessions.get(weekday_name(local)).map_or(&[][..], Vec::as_slice);
            hours.iter().filter_map(move |hours| hours.on(local, zone))
        })
    }
}

impl SessionHours {
    /// The session that belongs to an exchange date; `None` when its hours cannot be read.
    fn on(&self, local: Day, zone: Tz) -> Option<Span> {
        let day_before = |is_before: bool| if is_before { -DAY_MS } else { 0 };
        let start_wall =
            local.start_ms() + day_before(self.previous_day_start) + time_of_day_ms(&self.start)?;
        let mut end_wall = local.start_ms() + day_before(self.previous_day_end) + time_of_day_ms(&self.end)?;
        // 00:00 to 00:00 and 18:00 to 17:00 without a word about other days run into the next one.
        if end_wall <= start_wall {
            end_wall += DAY_MS;
        }
        Some((instant_of(zone, start_wall)?, instant_of(zone, end_wall)?))
    }
}

fn weekday_name(day: Day) -> &'static str {
    const NAMES: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    NAMES[day.weekday() as usize]
}

/// Reads `HH:MM:SS` or `HH:MM`, up to `24:00:00`.
fn time_of_day_ms(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let sound = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    sound.then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// The instant at which a zone's clock shows a wall time: the first of two, and inside a gap as if the clock had
/// not jumped yet.
fn instant_of(zone: Tz, wall_ms: i64) -> Option<i64> {
    let wall: NaiveDateTime = DateTime::from_timestamp_millis(wall_ms)?.naive_utc();
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.timestamp_millis()),
        LocalResult::None => {
            let later = zone.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest()?;
            Some(later.timestamp_millis())
        }
    }
}

fn overlap(a: Span, b: Span) -> Option<Span> {
    let common = (a.0.max(b.0), a.1.min(b.1));
    (common.0 < common.1).then_some(common)
}

/// The same instants as disjoint spans in increasing time; spans that touch become one.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => out.push(span),
        }
    }
    out
}

/// The spans with one closure cut out.
fn without(spans: Vec<Span>, closed: Span) -> Vec<Span> {
    let parts = |span: Span| {
        let before = overlap(span, (i64::MIN, closed.0));
        let after = overlap(span, (closed.1.max(closed.0), i64::MAX));
        before.into_iter().chain(after)
    };
    spans.into_iter().flat_map(parts).collect()
}

/// A field that is null or of another type than we know is taken as absent: metadata is never a reason to stop.
fn or_nothing<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A list of which the entries that cannot be read are left out.
fn each_readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    let values: Vec<serde_json::Value> = or_nothing(from)?;
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}
