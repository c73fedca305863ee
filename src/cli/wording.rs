//! In words: settings, such as steps, sessions, rules and offsets, and what a correction changed.

use std::collections::BTreeMap;

use serde_json::json;

use super::output::{self, grouped};
use crate::aggregate::Correction;
use crate::ingest::Gone;
use crate::model::Symbol;
use crate::model::settings::{AdjustOp, AdjustStep, Limits, PostStep, Session};
use crate::model::timeframe::{Origin, Rule, Side};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `UTC+05:30`.
pub(super) fn offset(offset_s: i32) -> String {
    let (sign, minutes) = (if offset_s < 0 { '-' } else { '+' }, offset_s.abs() / 60);
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A rule as a configuration would write it.
pub(super) fn rule(rule: Rule) -> String {
    match rule {
        Rule::Fixed { length_ms } => match length_ms / 60_000 {
            days if days % 1440 == 0 => format!("{}D", days / 1440),
            hours if hours % 60 == 0 => format!("{}h", hours / 60),
            minutes => format!("{minutes}min"),
        },
        Rule::Week { begins } => format!("W-{}", WEEKDAYS[begins as usize % 7].to_ascii_uppercase()),
        Rule::Month => "MS".to_owned(),
        Rule::Quarter => "QS".to_owned(),
        Rule::Year => "YS".to_owned(),
    }
}

/// `epoch` or a time of day.
pub(super) fn origin(origin: Origin) -> String {
    match origin {
        Origin::Epoch => "epoch".to_owned(),
        Origin::At { minutes } => time_of_day(minutes),
    }
}

pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}

/// An arithmetic step on the decoded bars.
pub(super) fn adjust(step: &AdjustStep) -> String {
    let op = match step.op {
        AdjustOp::Multiply => '*',
        AdjustOp::Add => '+',
        AdjustOp::Subtract => '-',
        AdjustOp::Divide => '/',
    };
    let columns: Vec<String> =
        step.columns.iter().map(|column| format!("{column:?}").to_ascii_lowercase()).collect();
    let dates = dates(step.from_wall_ms, step.to_wall_ms);
    format!("{} {op} {}{}", columns.join(", "), step.value, with_blank(&dates))
}

/// A step on folded bars.
pub(super) fn post(step: &PostStep) -> String {
    match step {
        PostStep::Merge { ends_with, offset, limits } => {
            let neighbour = format!("{offset:+}");
            let limits = with_blank(&limited(limits));
            format!("merge labels ending in {} into the bar at {neighbour}{limits}", ends_with.join(", "))
        }
        PostStep::Shift { offset_s } => format!("shift labels by {offset_s} s"),
    }
}

fn limited(limits: &Limits) -> String {
    let days = if limits.weekdays.is_empty() { String::new() } else { weekdays(&limits.weekdays) };
    let dates = dates(limits.from_wall_ms, limits.to_wall_ms);
    [dates, days].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// When a session holds, in exchange time.
pub(super) fn hours(session: &Session) -> String {
    if session.catch_all {
        return "never: it only carries steps".to_owned();
    }
    let ranges: Vec<String> = session
        .ranges
        .iter()
        .map(|&(from, to)| format!("{}-{}", time_of_day(from), time_of_day(to)))
        .collect();
    let ranges = if ranges.is_empty() { "all day".to_owned() } else { ranges.join(" and ") };
    let dates = dates(session.from_wall_ms, session.to_wall_ms);
    format!("{} {ranges}{}", weekdays(&session.weekdays), with_blank(&dates))
}

/// What a session changes.
pub(super) fn changes(session: &Session) -> String {
    let mut origins: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for (id, change) in &session.timeframes {
        if let Some(Origin::At { minutes }) = change.origin {
            origins.entry(minutes).or_default().push(id.as_str());
        }
    }
    let together = |(minutes, ids): (&u16, &Vec<&str>)| {
        format!("origin {} for {}", time_of_day(*minutes), ids.join(" "))
    };
    let mut parts: Vec<String> = origins.iter().map(together).collect();
    for (id, change) in &session.timeframes {
        parts.extend(change.post.iter().map(|step| format!("{id}: {}", post(step))));
    }
    if parts.is_empty() { "the symbol's own grids".to_owned() } else { parts.join(", ") }
}

fn weekdays(days: &[u32]) -> String {
    if days.is_empty() {
        return "every day".to_owned();
    }
    days.iter().map(|day| WEEKDAYS[*day as usize % 7]).collect::<Vec<_>>().join(" ")
}

fn dates(from_wall_ms: Option<i64>, to_wall_ms: Option<i64>) -> String {
    let from = from_wall_ms.map(|ms| format!("from {}", output::second(ms)));
    let to = to_wall_ms.map(|ms| format!("to {}", output::second(ms)));
    from.into_iter().chain(to).collect::<Vec<_>>().join(" ")
}

fn with_blank(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// `corrected from 2024-01-05 12:31 (10:31 UTC) on: 3 bars of 2 days differ (1 added), prices by 0.00032 at most`: the
/// time as the server shows it, and the instant.
pub(super) fn correction(correction: &Correction) -> String {
    let difference = &correction.difference;
    let kinds = [(difference.added, "added"), (difference.removed, "removed")];
    let kinds: Vec<String> = kinds
        .iter()
        .filter(|(bars, _)| *bars > 0)
        .map(|(bars, how)| format!("{} {how}", grouped(*bars)))
        .collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let price = match difference.price {
        0.0 => String::new(),
        price => format!(", prices by {} at most", decimals(price)),
    };
    let days = match difference.days {
        1 => String::new(),
        days => format!(" of {} days", grouped(days)),
    };
    let bars = match difference.bars {
        1 => "1 bar differs".to_owned(),
        bars => format!("{} bars{days} differ", grouped(bars)),
    };
    format!(
        "corrected from {} on: {bars}{kinds}{price}",
        instant(correction.from_ms, correction.utc_offset_s)
    )
}

/// The same for machines.
pub(super) fn correction_json(symbol: &Symbol, correction: &Correction) -> serde_json::Value {
    let difference = &correction.difference;
    json!({
        "symbol": symbol.as_str(),
        "from": output::second(server_ms(correction.from_ms, correction.utc_offset_s)),
        "from_ms": correction.from_ms,
        "utc_offset_s": correction.utc_offset_s,
        "bars": difference.bars,
        "added": difference.added,
        "removed": difference.removed,
        "changed": difference.changed(),
        "days": difference.days,
        "price": difference.price,
    })
}

/// What a rebuild has dropped.
pub(super) fn gone(gone: &Gone) -> String {
    let days = if gone.days == 1 { "1 day".to_owned() } else { format!("{} days", grouped(gone.days)) };
    format!("the cache has no payload of {days} any more: {} bars went with them", grouped(gone.bars))
}

/// A server time, and the instant in UTC where the two differ.
fn instant(time_ms: i64, utc_offset_s: i32) -> String {
    if utc_offset_s == 0 {
        return format!("{} UTC", output::minute(time_ms));
    }
    let utc = output::minute(time_ms);
    let server = output::minute(server_ms(time_ms, utc_offset_s));
    let same_date = utc.split(' ').next() == server.split(' ').next();
    let utc = if same_date { utc.split(' ').next_back().unwrap_or_default() } else { &utc };
    format!("{server} ({utc} UTC)")
}

fn server_ms(time_ms: i64, utc_offset_s: i32) -> i64 {
    time_ms + 1000 * i64::from(utc_offset_s)
}

/// A difference of prices without the dust of its subtraction. Prices have eight decimals or fewer unless somebody
/// asked for more.
fn decimals(price: f64) -> String {
    let plain = format!("{price:.8}");
    if plain.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        plain.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{price:.3e}")
    }
}

fn time_of_day(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
