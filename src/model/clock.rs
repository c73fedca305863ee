//! Clocks as runs of constant offset: a zone changes its offset a few times a year, so a bar never asks the zone.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::{Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::Symbol;
use super::day::DAY_MS;
use super::settings::TransformSettings;

/// Offsets are looked up from 1970-01-01 to 2100-01-01; the last one then stays for good.
const LAST_MS: i64 = 47_482 * DAY_MS;

/// The instants at which an offset changes, UTC milliseconds, with the offset from then on, in seconds.
type Changes = Arc<[(i64, i32)]>;

/// The changes of a zone, found once: 47,482 look-ups are too many for each of dozens of symbols.
static CHANGES: LazyLock<Mutex<HashMap<Tz, Changes>>> = LazyLock::new(Mutex::default);

/// A time of the clock that is this far from UTC at most; runs that are further apart cannot touch.
const REACH_MS: i64 = 30 * 3_600_000;

/// A stretch of time in which a clock's offset stays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First instant, UTC milliseconds.
    pub start_ms: i64,
    /// First instant after it.
    pub end_ms: i64,
    /// Clock minus UTC, in seconds.
    pub offset_s: i32,
}

/// A clock's jump from one offset to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// First instant with the new offset, UTC milliseconds.
    pub at_ms: i64,
    /// Clock minus UTC until then, in seconds.
    pub before_s: i32,
    /// And from then on.
    pub after_s: i32,
}

/// A wall clock. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    runs: Arc<[Run]>,
    /// The run at the beginning of every 2^32 ms since 1970: from there it is one step at most, nearly always none.
    slots: Arc<[u16]>,
}

/// Milliseconds of a slot, as a power of two: 50 days.
const SLOT_BITS: u32 = 32;

impl Clock {
    /// A clock that never changes.
    pub fn fixed(offset_s: i32) -> Clock {
        Clock::of_runs(vec![Run { start_ms: i64::MIN, end_ms: i64::MAX, offset_s }])
    }

    /// The wall clock of a zone: an exchange's.
    pub fn of_zone(zone: Tz) -> Clock {
        Clock::from_zone(zone, |offset_s| offset_s)
    }

    /// The server's clock for a zone: shifted by what the map says for the zone's offset at that very instant.
    ///
    /// `shifts` maps UTC offsets in minutes to milliseconds; offsets that are not in it are shifted by `otherwise_ms`.
    pub fn of_server(zone: Tz, shifts: &BTreeMap<i32, i64>, otherwise_ms: i64) -> Clock {
        Clock::from_zone(zone, |offset_s| {
            let mapped = (offset_s % 60 == 0).then(|| shifts.get(&(offset_s / 60))).flatten();
            (mapped.copied().unwrap_or(otherwise_ms) / 1000) as i32
        })
    }

    /// The server clock of a symbol: the first group that names it, else the group that takes the rest.
    pub fn of_symbol(symbol: &Symbol, settings: &TransformSettings) -> Clock {
        settings.group_of(symbol).map_or_else(
            || Clock::fixed((settings.time_shift_ms / 1000) as i32),
            |group| Clock::of_server(group.zone, &group.offset_to_shift_map, settings.time_shift_ms),
        )
    }

    fn from_zone(zone: Tz, shift: impl Fn(i32) -> i32) -> Clock {
        let mut runs: Vec<Run> = Vec::new();
        for &(start_ms, zone_offset_s) in known_changes(zone).iter() {
            let offset_s = shift(zone_offset_s);
            match runs.last_mut() {
                Some(last) if last.offset_s == offset_s => {}
                Some(last) => {
                    last.end_ms = start_ms;
                    runs.push(Run { start_ms, end_ms: i64::MAX, offset_s });
                }
                None => runs.push(Run { start_ms: i64::MIN, end_ms: i64::MAX, offset_s }),
            }
        }
        Clock::of_runs(runs)
    }

    fn of_runs(runs: Vec<Run>) -> Clock {
        let last_ms = runs[runs.len() - 1].start_ms.max(0);
        let begins = (0..=last_ms >> SLOT_BITS).map(|slot| slot << SLOT_BITS);
        let run_of = |time_ms: i64| runs.partition_point(|run| run.end_ms <= time_ms) as u16;
        let slots = begins.map(run_of).collect();
        Clock { runs: runs.into(), slots }
    }

    /// All runs, in order; the first begins and the last ends beyond all time.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The changes after an instant, in order.
    pub fn changes_after(&self, time_ms: i64) -> impl Iterator<Item = Change> + '_ {
        self.runs[self.index_at(time_ms)..].windows(2).map(|runs| Change {
            at_ms: runs[1].start_ms,
            before_s: runs[0].offset_s,
            after_s: runs[1].offset_s,
        })
    }

    /// The run that holds an instant.
    pub fn run_at(&self, time_ms: i64) -> Run {
        self.runs[self.index_at(time_ms)]
    }

    /// Clock minus UTC at an instant, in seconds.
    pub fn offset_s_at(&self, time_ms: i64) -> i32 {
        self.run_at(time_ms).offset_s
    }

    /// What the clock shows at an instant, as milliseconds of that clock.
    pub fn wall_ms(&self, time_ms: i64) -> i64 {
        // Of a damaged bar any bits may come; they are to be shown or refused, not to end the program.
        time_ms.wrapping_add(1000 * i64::from(self.offset_s_at(time_ms)))
    }

    /// The latest time the clock has shown up to an instant: it stands still while an autumn hour is repeated.
    pub fn latest_wall_ms(&self, time_ms: i64) -> i64 {
        let now = self.index_at(time_ms);
        let mut latest = self.wall_ms(time_ms);
        for run in self.runs[..now].iter().rev() {
            // Older runs end too early to have shown a later time.
            if run.end_ms < time_ms - REACH_MS {
                break;
            }
            latest = latest.max(run.end_ms - 1 + 1000 * i64::from(run.offset_s));
        }
        latest
    }

    /// The first instant at which the clock shows a time or a later one.
    pub fn first_instant_ms(&self, wall_ms: i64) -> i64 {
        let earliest = self.index_at(wall_ms - REACH_MS);
        let shows =
            |run: &&Run| run.end_ms == i64::MAX || run.end_ms + 1000 * i64::from(run.offset_s) > wall_ms;
        let run = self.runs[earliest..].iter().find(shows).expect("the last run never ends");
        run.start_ms.max(wall_ms - 1000 * i64::from(run.offset_s))
    }

    fn index_at(&self, time_ms: i64) -> usize {
        let slot = (time_ms >> SLOT_BITS).clamp(0, self.slots.len() as i64 - 1) as usize;
        let first = usize::from(self.slots[slot]);
        let further = self.runs[first..].iter().take_while(|run| run.end_ms <= time_ms).count();
        (first + further).min(self.runs.len() - 1)
    }
}

fn known_changes(zone: Tz) -> Changes {
    let mut known = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(zone).or_insert_with(|| zone_changes(zone).into()).clone()
}

/// The instants at which a zone's UTC offset changes, with the offset from then on, in seconds.
fn zone_changes(zone: Tz) -> Vec<(i64, i32)> {
    let mut changes = vec![(0, zone_offset_s(zone, 0))];
    let mut last = changes[0];
    // No zone has changed its offset twice within a day since 1970.
    let step = DAY_MS;
    let mut probe_ms = step;
    while probe_ms <= LAST_MS {
        let offset_s = zone_offset_s(zone, probe_ms);
        if offset_s != last.1 {
            let change = (first_with(zone, last.1, probe_ms - step, probe_ms), offset_s);
            changes.push(change);
            last = change;
        }
        probe_ms += step;
    }
    changes
}

/// The first instant in (`low_ms`, `high_ms`] at which the offset is no longer `old_s`.
fn first_with(zone: Tz, old_s: i32, mut low_ms: i64, mut high_ms: i64) -> i64 {
    while high_ms - low_ms > 1 {
        let middle_ms = low_ms + (high_ms - low_ms) / 2;
        if zone_offset_s(zone, middle_ms) == old_s { low_ms = middle_ms } else { high_ms = middle_ms }
    }
    high_ms
}

/// A zone's offset from UTC at an instant, in seconds.
fn zone_offset_s(zone: Tz, time_ms: i64) -> i32 {
    let instant = Utc.timestamp_millis_opt(time_ms).single().expect("instants up to 2200 are dates");
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}
