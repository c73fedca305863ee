//! Clocks that jump by less than a bar: edges of short bars would stand elsewhere after the jump.

use std::collections::BTreeSet;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::model::settings::{Settings, TimezoneGroup};
use crate::model::timeframe::{Origin, TimeframeSpec};

use super::checks::{Checked, specs_of};

const HOUR_MS: i64 = 3_600_000;
const WEEK_S: i64 = 7 * 86_400;
/// 2003-01-01, when the feed's first minutes were recorded.
const SAMPLED_FROM_S: i64 = 1_041_379_200;
/// 2041-01-01.
const SAMPLED_UNTIL_S: i64 = 2_240_611_200;

pub(super) fn check(checked: &Checked<'_>) {
    for group in &checked.settings.transform.timezones {
        check_server(checked, group);
    }
    for (symbol, own) in &checked.settings.resample.symbols {
        let Some(zone) = own.timezone else { continue };
        let anchored = |spec: &&TimeframeSpec| {
            let own_origin = |session: &crate::model::settings::Session| {
                let change = session.timeframes.get(&spec.id);
                matches!(change.and_then(|change| change.origin), Some(Origin::At { .. }))
            };
            own.sessions.iter().any(own_origin)
        };
        let lengths = short_lengths(specs_of(checked.settings, Some(own)).iter().filter(anchored));
        let offsets = offsets_ms(zone);
        let name = checked.written(&["resample", "symbols"], symbol);
        report(checked, &["resample", "symbols", &name, "timezone"], &offsets, &lengths);
    }
}

fn check_server(checked: &Checked<'_>, group: &TimezoneGroup) {
    let path = ["transform", "timezones", group.zone.name(), "offset_to_shift_map"];
    let shown = offsets_ms(group.zone);
    let minutes = |offset_ms: &i64| (offset_ms / 60_000) as i32;
    let unmapped: Vec<i64> = shown
        .iter()
        .filter(|offset| !group.offset_to_shift_map.contains_key(&minutes(offset)))
        .copied()
        .collect();
    let mut shifts: BTreeSet<i64> = group.offset_to_shift_map.values().copied().collect();
    if !unmapped.is_empty() {
        let list: Vec<String> = unmapped.iter().map(|offset| minutes(offset).to_string()).collect();
        let fallback = checked.settings.transform.time_shift_ms;
        let text = format!(
            "the zone also has the UTC offset {} min, which is not mapped: transform.time_shift_ms ({fallback}) holds then",
            list.join(", ")
        );
        checked.warn(&path, &text);
        shifts.insert(fallback);
    }
    report(checked, &path, &shifts, &lengths_in_group(checked.settings, group));
}

/// Lengths of up to an hour that some symbol of the group has.
fn lengths_in_group(settings: &Settings, group: &TimezoneGroup) -> BTreeSet<i64> {
    let mut lengths = short_lengths(settings.resample.timeframes.iter());
    for (symbol, own) in &settings.resample.symbols {
        if settings.transform.group_of(symbol) == Some(group) {
            lengths.extend(short_lengths(own.timeframes.iter()));
        }
    }
    lengths
}

fn short_lengths<'a>(specs: impl Iterator<Item = &'a TimeframeSpec>) -> BTreeSet<i64> {
    specs.filter_map(|spec| spec.rule.length_ms()).filter(|length_ms| *length_ms <= HOUR_MS).collect()
}

fn report(checked: &Checked<'_>, path: &[&str], clock_ms: &BTreeSet<i64>, lengths_ms: &BTreeSet<i64>) {
    let Some(first) = clock_ms.first() else { return };
    for length_ms in lengths_ms {
        let Some(odd) = clock_ms.iter().find(|offset| (*offset - first) % length_ms != 0) else { continue };
        let reason = format!(
            "the clock moves by {} min, which is no multiple of bars of {} min",
            (odd - first) / 60_000,
            length_ms / 60_000
        );
        return checked.problem(path, reason, "correct the offsets, or remove that timeframe".to_owned());
    }
}

/// The UTC offsets a zone has had or is known to get, looked up week by week over the feed's time.
fn offsets_ms(zone: Tz) -> BTreeSet<i64> {
    let weeks = (SAMPLED_FROM_S..SAMPLED_UNTIL_S).step_by(WEEK_S as usize);
    let times = weeks.filter_map(|seconds| DateTime::from_timestamp(seconds, 0));
    times
        .map(|time| {
            let offset = zone.offset_from_utc_datetime(&time.naive_utc()).fix();
            i64::from(offset.local_minus_utc()) * 1000
        })
        .collect()
}
