//! Settings in words: steps, sessions, rules and offsets as people say them.

use std::collections::BTreeMap;

use super::output;
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

fn time_of_day(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
