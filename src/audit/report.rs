//! An audit for machines. The fields are documented in `docs/AUDIT.md` and stay as they are.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::clusters::Cluster;
use super::counts::{Counts, Period};
use super::coverage::{Audit, Order, SymbolAudit};
use super::findings::{AuditedDay, Damage, DamageKind, DayState, Gap, Spike};
use crate::model::Day;

/// How much trouble is no reason to say that something was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Bars that break a rule.
    pub suspect_bars: u64,
    /// Days that are missing, suspiciously empty, or whose payload is gone.
    pub missing_days: u64,
    /// Whether gaps and spikes count as trouble, too.
    pub strict: bool,
}

impl Audit {
    /// The sums of all symbols.
    pub fn total(&self) -> Counts {
        self.symbols.iter().fold(Counts::default(), |sum, symbol| sum.plus(&Counts::of(symbol)))
    }

    /// Payloads that were read again.
    pub fn files_read(&self) -> u64 {
        self.symbols.iter().map(|symbol| symbol.files_read).sum()
    }

    /// Whether nothing was found beyond what is tolerated: no refused payload, no series that cannot be read, no symbol of
    /// which nothing is held, and no more bars and days than that.
    pub fn is_whole(&self, tolerance: &Tolerance) -> bool {
        let total = self.total();
        let quiet = !tolerance.strict || total.gaps + total.spikes == 0;
        let known = |symbol: &SymbolAudit| !symbol.days.is_empty() && symbol.series_error.is_none();
        quiet
            && self.symbols.iter().all(known)
            && total.damaged_payloads() == 0
            && total.quarantined_bars() + total.suspect_bars() <= tolerance.suspect_bars
            && total.missing + total.suspicious + total.unbacked <= tolerance.missing_days
    }

    /// What many symbols share first, then the longest.
    pub fn clusters_by_size(&self) -> Vec<&Cluster> {
        let mut clusters: Vec<&Cluster> = self.clusters.iter().collect();
        clusters.sort_by_key(|cluster| (!cluster.is_wide(), Reverse(cluster.days)));
        clusters
    }

    /// Every gap, the longest first.
    pub fn gaps_by_length(&self) -> Vec<(&SymbolAudit, &Gap)> {
        let of = |symbol| move |gap| (symbol, gap);
        let mut gaps: Vec<_> =
            self.symbols.iter().flat_map(|symbol| symbol.gaps.iter().map(of(symbol))).collect();
        gaps.sort_by_key(|(_, gap): &(_, &Gap)| Reverse(gap.minutes()));
        gaps
    }

    /// Every spike, the one that stands out farthest first.
    pub fn spikes_by_reach(&self) -> Vec<(&SymbolAudit, &Spike)> {
        let of = |symbol| move |spike| (symbol, spike);
        let mut spikes: Vec<_> =
            self.symbols.iter().flat_map(|symbol| symbol.spikes.iter().map(of(symbol))).collect();
        spikes.sort_by(|(_, a): &(_, &Spike), (_, b): &(_, &Spike)| b.excursion.total_cmp(&a.excursion));
        spikes
    }

    /// Everything as one JSON object; `by` asks for numbers by period, too.
    pub fn to_json(&self, order: &Order, by: Option<Period>, tolerance: &Tolerance) -> Value {
        let first = self.symbols.iter().filter_map(|symbol| symbol.days.first()).map(|day| day.day).min();
        let each = |of: fn(&SymbolAudit) -> Vec<Value>| self.symbols.iter().flat_map(of).collect::<Vec<_>>();
        json!({
            "from": first.map(|day| day.to_string()),
            "to": order.to.to_string(),
            "gap_minutes": order.gap_minutes,
            "deep": order.deep,
            "whole": self.is_whole(tolerance),
            "files_read": self.files_read(),
            "total": counts(&self.total()),
            "symbols": self.symbols.iter().map(|symbol| of_symbol(symbol, by)).collect::<Vec<_>>(),
            "clusters": self.clusters.iter().map(cluster).collect::<Vec<_>>(),
            "damaged": each(|symbol| symbol.damages.iter().map(|damage| of_damage(symbol, damage)).collect()),
            "missing": each(|symbol| days(symbol, DayState::Missing)),
            "suspicious": each(|symbol| days(symbol, DayState::Suspicious)),
            "unbacked": each(|symbol| days(symbol, DayState::Unbacked)),
            "gaps": each(gaps),
            "spikes": each(spikes),
        })
    }
}

fn of_symbol(symbol: &SymbolAudit, by: Option<Period>) -> Value {
    let day = |day: Option<&AuditedDay>| day.map(|day| day.day.to_string());
    let mut object = json!({
        "symbol": symbol.symbol.as_str(),
        "schedule": if symbol.schedule_known { "instrument" } else { "monday_to_friday" },
        "from": day(symbol.days.first()),
        "to": day(symbol.days.last()),
        "series_error": symbol.series_error,
        "total": counts(&Counts::of(symbol)),
    });
    if let Some(by) = by {
        let period = |(begins, numbers): &(Day, Counts)| {
            let mut row = counts(numbers);
            row["period"] = by.of(*begins).into();
            row
        };
        object["periods"] = Counts::by_period(symbol, by).iter().map(period).collect();
    }
    object
}

fn counts(counts: &Counts) -> Value {
    let kinds: Map<String, Value> =
        DamageKind::ALL.iter().map(|kind| (kind.name().to_owned(), counts.of_kind(*kind).into())).collect();
    json!({
        "expected": counts.expected,
        "present": counts.present,
        "suspicious": counts.suspicious,
        "missing": counts.missing,
        "refused": counts.refused,
        "empty": counts.empty,
        "unexpected": counts.unexpected,
        "unfinished": counts.unfinished,
        "unbacked": counts.unbacked,
        "thin": counts.thin,
        "damaged": counts.damaged,
        "released": counts.released,
        "files": counts.files,
        "damaged_files": counts.damaged_files,
        "success_percent": counts.success_percent(),
        "coverage_percent": counts.coverage_percent(),
        "bars": counts.bars,
        "quarantined_bars": counts.quarantined_bars(),
        "suspect_bars": counts.suspect_bars(),
        "duplicates_refused": counts.of_kind(DamageKind::DuplicateMinute),
        "rules": kinds,
        "gaps": counts.gaps,
        "gap_minutes": counts.gap_minutes,
        "spikes": counts.spikes,
    })
}

fn cluster(cluster: &Cluster) -> Value {
    let kinds: Map<String, Value> =
        cluster.troubles.iter().map(|(trouble, days)| (trouble.name().to_owned(), (*days).into())).collect();
    let symbols: Vec<&str> = cluster.symbols.iter().map(|symbol| symbol.as_str()).collect();
    json!({
        "symbols": symbols,
        "from": cluster.from.to_string(),
        "to": cluster.to.to_string(),
        "days": cluster.days,
        "bars": cluster.bars,
        "kinds": kinds,
    })
}

fn of_damage(symbol: &SymbolAudit, damage: &Damage) -> Value {
    json!({
        "symbol": symbol.symbol.as_str(),
        "day": damage.day.to_string(),
        "kind": damage.kind.name(),
        "bars": damage.bars,
        "first_ms": damage.first_ms,
        "reason": damage.reason,
        "released": damage.released,
    })
}

fn days(symbol: &SymbolAudit, state: DayState) -> Vec<Value> {
    let of_state = symbol.days.iter().filter(|day| day.state == state);
    of_state.map(|day| json!({ "symbol": symbol.symbol.as_str(), "day": day.day.to_string() })).collect()
}

fn gaps(symbol: &SymbolAudit) -> Vec<Value> {
    let gap = |gap: &Gap| {
        json!({
            "symbol": symbol.symbol.as_str(),
            "from_ms": gap.from_ms,
            "until_ms": gap.until_ms,
            "minutes": gap.minutes(),
        })
    };
    symbol.gaps.iter().map(gap).collect()
}

fn spikes(symbol: &SymbolAudit) -> Vec<Value> {
    let spike = |spike: &Spike| {
        json!({
            "symbol": symbol.symbol.as_str(),
            "time_ms": spike.time_ms,
            "excursion_percent": spike.excursion * 100.0,
            "deviations": spike.deviations,
        })
    };
    symbol.spikes.iter().map(spike).collect()
}
