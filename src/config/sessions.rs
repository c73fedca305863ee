//! Sessions of one symbol: when they hold, and what they change.

use std::collections::BTreeMap;

use crate::model::Timeframe;
use crate::model::settings::{PostStep, Session, SessionTimeframe};

use super::error::Fault;
use super::reader::Section;
use super::resample::post_steps;
use super::values;

/// The session that matches no row and only carries steps.
const CATCH_ALL: &str = "catch-all";

pub(super) fn sessions(section: &Section<'_>) -> Vec<Session> {
    section.sections().into_iter().map(|(entry, own)| session(&entry.key, &own)).collect()
}

fn session(name: &str, own: &Section<'_>) -> Session {
    Session {
        name: name.to_owned(),
        from_wall_ms: own.value("from_date", values::wall_from),
        to_wall_ms: own.value("to_date", values::wall_to),
        weekdays: own.list("weekdays", values::weekday),
        ranges: own.section("ranges").map(|ranges| ranges_of(&ranges)).unwrap_or_default(),
        catch_all: name.replace('_', "-").eq_ignore_ascii_case(CATCH_ALL),
        timeframes: own.section("timeframes").map(|timeframes| overrides(&timeframes)).unwrap_or_default(),
    }
}

fn ranges_of(section: &Section<'_>) -> Vec<(u16, u16)> {
    let mut ranges = Vec::new();
    for (_, range) in section.sections() {
        for key in ["from", "to"].iter().filter(|key| range.field(key).is_none()) {
            let fault =
                Fault::new("a range needs both of its ends", format!("write {key}: \"09:30\", for example"));
            range.problem(key, fault);
        }
        let ends = (range.value("from", values::minutes), range.value("to", values::minutes));
        if let (Some(from), Some(to)) = ends {
            ranges.push((from, to));
        }
    }
    ranges
}

fn overrides(section: &Section<'_>) -> BTreeMap<Timeframe, SessionTimeframe> {
    let mut changes = BTreeMap::new();
    for (entry, own) in section.sections() {
        own.only(&["origin", "post"], "a session may change origin and post only");
        let origin = own.value("origin", values::origin);
        let post = post_steps(&own, None);
        if post.iter().any(|step| matches!(step, PostStep::Shift { .. })) {
            let remedy = "put it on the timeframe, where it moves every label";
            own.problem("post", Fault::new("a shift takes no limits, and a session is one", remedy));
        }
        match values::timeframe(&entry.key) {
            Err(fault) => section.problem(&entry.key, fault),
            Ok(id) => drop(changes.insert(id, SessionTimeframe { origin, post })),
        }
    }
    changes
}
