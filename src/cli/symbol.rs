//! `config show SYMBOL`: everything that holds for one symbol.

use serde_json::{Value, json};

use super::bars_table::{self, BarsOf, Sheet};
use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::{output, wording};
use crate::model::calendar::Slot;
use crate::model::clock::Clock;
use crate::model::settings::{PostStep, ResampleSymbol, Session};
use crate::model::timeframe::Rule;
use crate::model::{Day, Settings, Symbol, TimeframeSpec};

/// So many changes of a clock are told: two years' worth where there is summer time.
const CHANGES_MAX: usize = 4;

/// Timeframes from here on show every bar of the day.
const HOUR_MS: i64 = 3_600_000;

/// What is told.
struct Report<'a> {
    symbol: &'a Symbol,
    settings: &'a Settings,
    own: &'a ResampleSymbol,
    bars_of: BarsOf<'a>,
    now_ms: i64,
    today: Day,
}

pub(super) fn show(context: &Context, symbol: &Symbol) -> Result<Exit, Failure> {
    let place: Place = context.place()?;
    let settings = &place.loaded.settings;
    let bars_of = BarsOf::new(&place, symbol)?;
    let (now_ms, unspecial) = (context.now_ms(), ResampleSymbol::default());
    let own = settings.resample.symbols.get(symbol).unwrap_or(&unspecial);
    let today = bars_of.server_day(now_ms);
    let report = Report { symbol, settings, own, bars_of, now_ms, today };
    if context.global.json {
        output::print_json(&report.json())?;
    } else {
        output::print(&report.text())?;
    }
    Ok(Exit::Done)
}

impl Report<'_> {
    fn text(&self) -> String {
        let mut text = format!("{} at {} UTC\n", self.symbol, output::minute(self.now_ms));
        part(&mut text, "payloads", &[self.payloads()]);
        part(&mut text, "transform", &self.transform());
        part(&mut text, "server clock", &self.server());
        part(&mut text, "exchange clock", &self.exchange());
        part(&mut text, "sessions", &self.sessions());
        part(&mut text, "timeframes", &self.timeframes());
        text + &self.grids()
    }

    fn payloads(&self) -> String {
        let source = self.settings.payload_symbol(self.symbol);
        if source == self.symbol {
            return "its own, downloaded".to_owned();
        }
        format!("those of {source}: this is an alias and never downloaded")
    }

    fn adjustments(&self) -> Vec<String> {
        let own = self.settings.transform.symbols.get(self.symbol);
        own.map_or(Vec::new(), |own| own.post.iter().map(wording::adjust).collect())
    }

    fn transform(&self) -> Vec<String> {
        let transform = &self.settings.transform;
        let mut lines = self.adjustments();
        lines.push(format!("rounded to {} decimals", transform.round_decimals));
        lines.push(format!("validate: {}", format!("{:?}", transform.validate).to_ascii_lowercase()));
        lines
    }

    fn server(&self) -> Vec<String> {
        let transform = &self.settings.transform;
        let group = match transform.group_of(self.symbol) {
            None => format!("no timezone group, time_shift_ms {}", transform.time_shift_ms),
            Some(group) => {
                let named = if group.symbols.contains(self.symbol) { "by name" } else { "by *" };
                let shifts = group.offset_to_shift_map.iter();
                let shifts: Vec<String> =
                    shifts.map(|(minutes, shift_ms)| format!("{minutes} -> {shift_ms}")).collect();
                format!("group {} ({named}), {}", group.zone, shifts.join(", "))
            }
        };
        let mut lines = vec![group];
        lines.extend(self.clock(&self.bars_of.cascade.server));
        lines
    }

    fn exchange(&self) -> Vec<String> {
        let (Some(zone), Some(clock)) = (self.own.timezone, &self.bars_of.cascade.exchange) else {
            return vec!["none".to_owned()];
        };
        let mut lines = vec![zone.to_string()];
        lines.extend(self.clock(clock));
        lines
    }

    fn clock(&self, clock: &Clock) -> Vec<String> {
        let offset = wording::offset(clock.offset_s_at(self.now_ms));
        let mut lines = vec![format!("now {} ({offset})", output::minute(clock.wall_ms(self.now_ms)))];
        let changes = clock.changes_after(self.now_ms).take(CHANGES_MAX);
        lines.extend(changes.map(|change| {
            let (before, after) = (wording::offset(change.before_s), wording::offset(change.after_s));
            format!("{} UTC: {before} -> {after}", output::minute(change.at_ms))
        }));
        if lines.len() == 1 {
            lines.push("never changes from now on".to_owned());
        }
        lines
    }

    fn sessions(&self) -> Vec<String> {
        if self.own.sessions.is_empty() {
            return vec!["none".to_owned()];
        }
        let told = |session: &Session| {
            format!("{}: {}; {}", session.name, wording::hours(session), wording::changes(session))
        };
        let head = "in exchange time, the first match decides".to_owned();
        std::iter::once(head).chain(self.own.sessions.iter().map(told)).collect()
    }

    fn timeframes(&self) -> Vec<String> {
        let told = |spec: &TimeframeSpec| {
            let (label, closed) = (wording::side(spec.label), wording::side(spec.closed));
            let (rule, origin) = (wording::rule(spec.rule), wording::origin(spec.origin));
            let post: Vec<String> = steps(&spec.post).iter().map(|step| format!(", {step}")).collect();
            let source = &spec.source;
            format!(
                "{} <- {source}: {rule}, origin {origin}, label {label}, closed {closed}{}",
                spec.id,
                post.concat()
            )
        };
        self.bars_of.cascade.steps.iter().map(|step| told(&step.spec)).collect()
    }

    /// The day's bars of a timeframe, grid by grid. Bars whose hours are all another session's are left out.
    fn sheets(&self, spec: &TimeframeSpec) -> Vec<Sheet> {
        let sheets =
            self.bars_of.sheets(&spec.id, self.today, self.today, usize::MAX - 1).unwrap_or_default();
        let own = sheets.into_iter().map(|mut sheet| {
            sheet.slots.retain(|slot| slot.own_minutes > 0);
            if is_short(spec.rule) {
                sheet.slots = ends_of(&sheet.slots);
            }
            sheet
        });
        own.filter(|sheet| !sheet.slots.is_empty()).collect()
    }

    fn grids(&self) -> String {
        let exchange = self.bars_of.cascade.exchange.as_ref();
        let mut rows = Vec::new();
        for step in &self.bars_of.cascade.steps {
            for sheet in self.sheets(&step.spec) {
                for slot in &sheet.slots {
                    let cells = bars_table::cells(sheet.name(), slot, exchange);
                    rows.push(std::iter::once(step.spec.id.to_string()).chain(cells).collect());
                }
            }
        }
        let header: Vec<&str> = std::iter::once("timeframe").chain(bars_table::header(exchange)).collect();
        format!("\nbars of {} (server)\n{}", self.today, output::table(&header, rows))
    }

    fn json(&self) -> Value {
        let cascade = &self.bars_of.cascade;
        let transform = &self.settings.transform;
        let source = self.settings.payload_symbol(self.symbol);
        let sessions: Vec<Value> = self.own.sessions.iter().map(session_json).collect();
        let timeframes: Vec<Value> =
            cascade.steps.iter().map(|step| self.timeframe_json(&step.spec)).collect();
        json!({
            "symbol": self.symbol.as_str(),
            "now": output::second(self.now_ms),
            "now_ms": self.now_ms,
            "payloads": { "symbol": source.as_str(), "alias": source != self.symbol },
            "transform": {
                "steps": self.adjustments(),
                "round_decimals": transform.round_decimals,
                "validate": format!("{:?}", transform.validate).to_ascii_lowercase(),
            },
            "server": self.clock_json(&cascade.server, transform.group_of(self.symbol).map(|g| g.zone.name())),
            "exchange": cascade.exchange.as_ref().map(|clock| {
                self.clock_json(clock, self.own.timezone.map(|zone| zone.name()))
            }),
            "sessions": sessions,
            "day": self.today.to_string(),
            "timeframes": timeframes,
        })
    }

    fn clock_json(&self, clock: &Clock, zone: Option<&str>) -> Value {
        let changes = clock.changes_after(self.now_ms).take(CHANGES_MAX).map(|change| {
            json!({
                "at": output::second(change.at_ms), "at_ms": change.at_ms,
                "before_s": change.before_s, "after_s": change.after_s,
            })
        });
        json!({
            "zone": zone,
            "now": output::second(clock.wall_ms(self.now_ms)),
            "utc_offset_s": clock.offset_s_at(self.now_ms),
            "changes": changes.collect::<Vec<_>>(),
        })
    }

    fn timeframe_json(&self, spec: &TimeframeSpec) -> Value {
        let exchange = self.bars_of.cascade.exchange.as_ref();
        json!({
            "timeframe": spec.id.as_str(), "source": spec.source.as_str(), "rule": wording::rule(spec.rule),
            "origin": wording::origin(spec.origin), "label": wording::side(spec.label),
            "closed": wording::side(spec.closed), "post": steps(&spec.post),
            "bars": bars_table::json(&self.sheets(spec), exchange),
        })
    }
}

fn session_json(session: &Session) -> Value {
    let origins = session.timeframes.iter().filter_map(|(id, change)| {
        change.origin.map(|origin| (id.to_string(), json!(wording::origin(origin))))
    });
    json!({
        "session": session.name, "catch_all": session.catch_all, "weekdays": session.weekdays,
        "from": session.from_wall_ms.map(output::second), "to": session.to_wall_ms.map(output::second),
        "hours": wording::hours(session), "changes": wording::changes(session),
        "origins": origins.collect::<serde_json::Map<_, _>>(),
    })
}

fn steps(post: &[PostStep]) -> Vec<String> {
    post.iter().map(wording::post).collect()
}

fn is_short(rule: Rule) -> bool {
    rule.length_ms().is_some_and(|length_ms| length_ms < HOUR_MS)
}

/// The first two and the last: what lies between follows evenly.
fn ends_of(slots: &[Slot]) -> Vec<Slot> {
    let last = slots.len().saturating_sub(1).max(2);
    slots
        .iter()
        .enumerate()
        .filter(|(place, _)| *place < 2 || *place == last)
        .map(|(_, slot)| *slot)
        .collect()
}

/// A heading, and lines that stand under each other beside it.
fn part(text: &mut String, heading: &str, lines: &[String]) {
    for (place, line) in lines.iter().enumerate() {
        let heading = if place == 0 { heading } else { "" };
        *text += &format!("{heading:<16}{line}\n");
    }
}
