//! Sessions against each other and against the symbol's timeframes.

use crate::model::settings::{ResampleSymbol, Session};
use crate::model::timeframe::{Origin, TimeframeSpec};
use crate::model::{Symbol, Timeframe};

use super::checks::{Checked, check_origin, specs_of};
use super::nearest::nearest;

const MINUTES: usize = 1440;

/// The minutes of one day, as a set.
type Minutes = [bool; MINUTES];

pub(super) fn check(checked: &Checked<'_>, symbol: &Symbol, own: &ResampleSymbol) {
    let name = checked.written(&["resample", "symbols"], symbol);
    let path = ["resample", "symbols", name.as_str(), "sessions"];
    if own.sessions.is_empty() {
        return;
    }
    if own.timezone.is_none() {
        let remedy = format!("write resample.symbols.{name}.timezone: Asia/Singapore, for example");
        checked.problem(
            &path,
            "sessions are told in exchange time, but no timezone is given".to_owned(),
            remedy,
        );
    }
    let specs = specs_of(checked.settings, Some(own));
    for session in &own.sessions {
        for (id, change) in &session.timeframes {
            check_change(
                checked,
                &[path[0], path[1], path[2], path[3], &session.name],
                id,
                change.origin,
                specs,
                own,
            );
        }
    }
    check_overlaps(checked, &path, &own.sessions);
    check_reach(checked, &path, &own.sessions);
}

fn check_change(
    checked: &Checked<'_>,
    session: &[&str],
    id: &Timeframe,
    origin: Option<Origin>,
    specs: &[TimeframeSpec],
    own: &ResampleSymbol,
) {
    let mut path = session.to_vec();
    path.extend(["timeframes", id.as_str()]);
    let Some(spec) = specs.iter().find(|spec| spec.id == *id) else {
        let names = specs.iter().map(|spec| spec.id.as_str());
        let near = nearest(id.as_str(), names, 3).join(", ");
        let reason = format!("the session changes {id}, which has no rule: there is no such timeframe");
        return checked.problem(&path, reason, format!("the nearest existing ones are {near}"));
    };
    if own.skip_timeframes.contains(id) {
        checked.warn(&path, "the symbol skips this timeframe");
    }
    path.push("origin");
    match origin {
        Some(Origin::At { .. }) if spec.rule.length_ms().is_none() => {
            checked.warn(&path, "a calendar rule has no origin: it is ignored");
        }
        Some(origin) => check_origin(checked, &path, spec.rule, origin),
        None => {}
    }
}

/// The first session that matches decides. One inside another is a plain way to write an exception; two that share
/// some minutes and have others each for itself look like a slip.
fn check_overlaps(checked: &Checked<'_>, path: &[&str], sessions: &[Session]) {
    let active: Vec<&Session> = sessions.iter().filter(|session| !session.catch_all).collect();
    for (index, later) in active.iter().enumerate() {
        if ranges_overlap(later) {
            let at = [path, &[later.name.as_str(), "ranges"]].concat();
            checked.warn(&at, "two ranges of the session overlap");
        }
        let (own, days) = (minutes_of(later), weekdays_of(later));
        let meets = |earlier: &&&Session| {
            let other = minutes_of(earlier);
            let shared = |a: &Minutes, b: &Minutes| a.iter().zip(b).any(|(a, b)| *a && *b);
            let beyond = |a: &Minutes, b: &Minutes| a.iter().zip(b).any(|(a, b)| *a && !*b);
            let days_shared = weekdays_of(earlier).iter().zip(&days).any(|(a, b)| *a && *b);
            days_shared
                && dates_overlap(earlier, later)
                && shared(&own, &other)
                && beyond(&own, &other)
                && beyond(&other, &own)
        };
        if let Some(earlier) = active[..index].iter().find(meets) {
            let at = [path, &[later.name.as_str()]].concat();
            let text = format!("overlaps session '{}', which comes first and wins", earlier.name);
            checked.warn(&at, &text);
        }
    }
}

/// Warns of a session all of whose minutes, on all of its days, belong to earlier ones.
fn check_reach(checked: &Checked<'_>, path: &[&str], sessions: &[Session]) {
    let active: Vec<&Session> = sessions.iter().filter(|session| !session.catch_all).collect();
    for (index, session) in active.iter().enumerate() {
        if !is_reachable(session, &active[..index]) {
            let at = [path, &[session.name.as_str()]].concat();
            checked.warn(
                &at,
                "no row can reach this session: earlier ones take all of it, or its dates are empty",
            );
        }
    }
}

fn is_reachable(session: &Session, earlier: &[&Session]) -> bool {
    let (first, last) = dates_of(session);
    // Between two neighbouring bounds, each earlier session either holds all the time or never.
    let mut bounds: Vec<i64> =
        earlier.iter().flat_map(|other| [dates_of(other).0, after(dates_of(other).1)]).collect();
    bounds.extend([first, after(last)]);
    bounds.retain(|bound| (first..=after(last)).contains(bound));
    bounds.sort_unstable();
    bounds.dedup();
    bounds.windows(2).any(|pair| {
        let holding: Vec<&&Session> = earlier.iter().filter(|other| holds_at(other, pair[0])).collect();
        has_free_minute(session, &holding)
    })
}

fn has_free_minute(session: &Session, holding: &[&&Session]) -> bool {
    let (own, own_days) = (minutes_of(session), weekdays_of(session));
    (0..7).filter(|day| own_days[*day]).any(|day| {
        let mut free = own;
        for other in holding.iter().filter(|other| weekdays_of(other)[day]) {
            let taken = minutes_of(other);
            free.iter_mut().zip(taken).for_each(|(free, taken)| *free &= !taken);
        }
        free.contains(&true)
    })
}

fn holds_at(session: &Session, wall_ms: i64) -> bool {
    let (first, last) = dates_of(session);
    (first..=last).contains(&wall_ms)
}

fn dates_of(session: &Session) -> (i64, i64) {
    (session.from_wall_ms.unwrap_or(i64::MIN), session.to_wall_ms.unwrap_or(i64::MAX))
}

/// The first millisecond after an included last one.
fn after(last_ms: i64) -> i64 {
    last_ms.saturating_add(1)
}

fn dates_overlap(a: &Session, b: &Session) -> bool {
    let ((a_first, a_last), (b_first, b_last)) = (dates_of(a), dates_of(b));
    a_first <= b_last && b_first <= a_last
}

fn weekdays_of(session: &Session) -> [bool; 7] {
    std::array::from_fn(|day| session.weekdays.is_empty() || session.weekdays.contains(&(day as u32)))
}

fn minutes_of(session: &Session) -> Minutes {
    let mut minutes = [session.ranges.is_empty(); MINUTES];
    for range in &session.ranges {
        minutes_in(*range).for_each(|minute| minutes[minute] = true);
    }
    minutes
}

fn ranges_overlap(session: &Session) -> bool {
    let mut times = [0_u8; MINUTES];
    for range in &session.ranges {
        minutes_in(*range).for_each(|minute| times[minute] = times[minute].saturating_add(1));
    }
    times.iter().any(|count| *count > 1)
}

fn minutes_in((from, to): (u16, u16)) -> impl Iterator<Item = usize> {
    let (from, to) = (usize::from(from), usize::from(to));
    let (first, second) = if from <= to { (from..to + 1, 0..0) } else { (from..MINUTES, 0..to + 1) };
    first.chain(second)
}
