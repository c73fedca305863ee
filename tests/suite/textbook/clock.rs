//! Clocks that ask the time zone database for every instant anew.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chrono::{Offset, TimeZone};
use chrono_tz::Tz;
use engine::model::Symbol;
use engine::model::settings::TransformSettings;

use super::Dice;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

/// What a wall clock shows.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Always so many milliseconds ahead of UTC.
    Fixed(i64),
    /// A place's own clock.
    Zone(Tz),
    /// A server's: zone, zone offset in minutes -> shift in milliseconds, and the shift for all other offsets.
    Server(Tz, BTreeMap<i32, i64>, i64),
}

/// A wall clock; edges once found are remembered.
#[derive(Clone, Debug)]
pub struct TextClock {
    pub kind: Kind,
    found: Rc<RefCell<HashMap<i64, i64>>>,
}

/// The zone's offset at an instant, in milliseconds.
pub fn zone_offset_ms(zone: Tz, time_ms: i64) -> i64 {
    let time = chrono::DateTime::from_timestamp_millis(time_ms).expect("a time within chrono's reach");
    i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc()) * 1000
}

impl TextClock {
    pub fn new(kind: Kind) -> TextClock {
        TextClock { kind, found: Rc::default() }
    }

    /// SPEC 7: first group that lists the symbol, `*` takes the rest wherever it stands, else `time_shift_ms`.
    pub fn of_symbol(symbol: &Symbol, settings: &TransformSettings) -> TextClock {
        let named = settings.timezones.iter().find(|group| group.symbols.contains(symbol));
        let rest = settings.timezones.iter().find(|group| group.takes_the_rest);
        let kind = match named.or(rest) {
            None => Kind::Fixed(settings.time_shift_ms),
            Some(group) => {
                Kind::Server(group.zone, group.offset_to_shift_map.clone(), settings.time_shift_ms)
            }
        };
        TextClock::new(kind)
    }

    /// Clock minus UTC at an instant.
    pub fn offset_ms(&self, time_ms: i64) -> i64 {
        match &self.kind {
            Kind::Fixed(offset) => *offset,
            Kind::Zone(zone) => zone_offset_ms(*zone, time_ms),
            Kind::Server(zone, shifts, otherwise) => {
                let minutes = (zone_offset_ms(*zone, time_ms) / MINUTE) as i32;
                *shifts.get(&minutes).unwrap_or(otherwise)
            }
        }
    }

    /// What the clock shows.
    pub fn wall(&self, time_ms: i64) -> i64 {
        time_ms + self.offset_ms(time_ms)
    }

    /// The first instant at which the clock shows `wall` or a later time, found by walking minute by minute.
    pub fn first_instant(&self, wall: i64) -> i64 {
        if let Some(instant) = self.found.borrow().get(&wall) {
            return *instant;
        }
        // A clock is never further ahead than it is somewhere within these days, so nothing earlier can show `wall`.
        let ahead = (-60..=60).map(|h| self.offset_ms(wall + h * HOUR)).max().expect("there are hours");
        let mut instant = wall - ahead - MINUTE;
        while self.wall(instant) < wall {
            instant += MINUTE;
        }
        self.found.borrow_mut().insert(wall, instant);
        instant
    }
}

/// The New York map of an MT4 server: -240 -> +3 h, -300 -> +2 h.
pub fn new_york_map() -> BTreeMap<i32, i64> {
    BTreeMap::from([(-240, 3 * HOUR), (-300, 2 * HOUR)])
}

/// A server clock of some kind.
pub fn any_clock(dice: &mut Dice) -> TextClock {
    let kind = match dice.below(6) {
        0 => Kind::Fixed(0),
        1 => Kind::Fixed(*dice.pick(&[-5, 2, 3, 9]) * HOUR),
        2 | 3 => Kind::Server(chrono_tz::America::New_York, new_york_map(), 0),
        4 => {
            let map = BTreeMap::from([(120, 2 * HOUR), (180, 3 * HOUR)]);
            Kind::Server(chrono_tz::Europe::Helsinki, map, 0)
        }
        _ => Kind::Zone(chrono_tz::Europe::Berlin),
    };
    TextClock::new(kind)
}
