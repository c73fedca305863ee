//! Where bars stand, in rows: for `calendar`, and for `config show` of one symbol.

use serde_json::{Value, json};

use super::context::Place;
use super::exit::Failure;
use super::output;
use crate::model::calendar::{Edge, Slot};
use crate::model::cascade::Cascade;
use crate::model::clock::Clock;
use crate::model::grid::Lattice;
use crate::model::settings::Session;
use crate::model::timeframe::{Origin, Rule, Side};
use crate::model::{Day, Settings, Symbol, Timeframe, TimeframeSpec};
use crate::query::{Catalog, Select};

/// One symbol, and where its bars stand.
pub(super) struct BarsOf<'a> {
    symbol: &'a Symbol,
    catalog: Catalog<'a>,
    pub cascade: Cascade,
}

/// The bars of one grid over some days.
pub(super) struct Sheet {
    /// The session whose grid it is; none for the symbol's own.
    pub session: Option<String>,
    pub slots: Vec<Slot>,
}

impl<'a> BarsOf<'a> {
    /// A symbol of the list, of the lake, or with settings of its own; the error names the nearest.
    pub(super) fn new(place: &'a Place, symbol: &'a Symbol) -> Result<BarsOf<'a>, Failure> {
        let settings = &place.loaded.settings;
        let configured = settings.resample.symbols.keys().chain(settings.transform.symbols.keys());
        let known = place.lake.list_symbols()?.into_iter().chain(place.all_symbols());
        let catalog = Catalog::new(settings, known.chain(configured.cloned()));
        catalog.check(&select(symbol, &Timeframe::minute()))?;
        let cascade = Cascade::new(symbol, settings).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(BarsOf { symbol, catalog, cascade })
    }

    /// Whether the symbol has the timeframe; the error names the nearest.
    pub(super) fn check(&self, timeframe: &Timeframe) -> Result<(), Failure> {
        Ok(self.catalog.check(&select(self.symbol, timeframe))?)
    }

    /// Whether steps of the symbol or of a session change the timeframe's bars after they are folded.
    pub(super) fn has_steps(&self, settings: &Settings, id: &Timeframe) -> bool {
        let own = settings.resample.symbols.get(self.symbol);
        let by_session =
            |session: &Session| session.timeframes.get(id).is_some_and(|own| !own.post.is_empty());
        self.cascade.step(id).is_some_and(|step| !step.spec.post.is_empty())
            || own.is_some_and(|own| own.sessions.iter().any(by_session))
    }

    /// The day the server's clock shows at an instant.
    pub(super) fn server_day(&self, time_ms: i64) -> Day {
        Day::of_ms(self.cascade.server.wall_ms(time_ms))
    }

    /// The bars that hold an instant of the server's days, grid by grid; `None` if they are more than `bars_max`.
    pub(super) fn sheets(&self, id: &Timeframe, from: Day, to: Day, bars_max: usize) -> Option<Vec<Sheet>> {
        let server = &self.cascade.server;
        let minutes;
        let lattice = match self.cascade.step(id) {
            Some(step) => &step.recipe.lattice,
            None => {
                minutes = Lattice::new(&minute_spec(), &[], None, server);
                &minutes
            }
        };
        let from_ms = server.first_instant_ms(from.start_ms());
        let until_ms = server.first_instant_ms(to.end_ms());
        let mut left = bars_max;
        let sheet = |grid: usize| {
            let slots: Vec<Slot> = lattice.slots(grid, from_ms, until_ms).take(left + 1).collect();
            left = left.checked_sub(slots.len())?;
            let session = lattice.session_of(grid).map(|session| session.name.clone());
            Some(Sheet { session, slots })
        };
        (0..lattice.grids().len()).map(sheet).collect()
    }
}

fn select(symbol: &Symbol, timeframe: &Timeframe) -> Select {
    Select { symbol: symbol.clone(), timeframe: timeframe.clone(), skip_last: false, adjustment: None }
}

fn minute_spec() -> TimeframeSpec {
    TimeframeSpec {
        id: Timeframe::minute(),
        source: Timeframe::minute(),
        rule: Rule::Fixed { length_ms: 60_000 },
        label: Side::Left,
        closed: Side::Left,
        origin: Origin::Epoch,
        post: Vec::new(),
    }
}

impl Sheet {
    /// How people read whose grid it is.
    pub(super) fn name(&self) -> &str {
        self.session.as_deref().unwrap_or("symbol")
    }
}

/// The columns of [`cells`] under which a table stands.
pub(super) fn header(exchange: Option<&Clock>) -> Vec<&'static str> {
    let mut header = vec!["grid", "label", "server start", "server end"];
    if exchange.is_some() {
        header.extend(["exchange start", "exchange end"]);
    }
    header.extend(["UTC start", "UTC end", "minutes", "own minutes"]);
    header
}

/// One bar as a row for people.
pub(super) fn cells(grid: &str, slot: &Slot, exchange: Option<&Clock>) -> Vec<String> {
    let ends = [slot.start, slot.end];
    let mut row = vec![grid.to_owned(), output::minute(slot.label.server_ms)];
    row.extend(ends.map(|edge| output::minute(edge.server_ms)));
    if let Some(exchange) = exchange {
        row.extend(ends.map(|edge| output::minute(exchange.wall_ms(edge.time_ms))));
    }
    row.extend(ends.map(|edge| output::minute(edge.time_ms)));
    row.extend([slot.minutes().to_string(), slot.own_minutes.to_string()]);
    row
}

/// Every bar of some sheets, for people.
pub(super) fn table(sheets: &[Sheet], exchange: Option<&Clock>) -> String {
    let rows = sheets
        .iter()
        .flat_map(|sheet| sheet.slots.iter().map(move |slot| cells(sheet.name(), slot, exchange)));
    output::table(&header(exchange), rows)
}

/// The same as objects.
pub(super) fn json(sheets: &[Sheet], exchange: Option<&Clock>) -> Value {
    let bars = sheets.iter().flat_map(|sheet| {
        let session = sheet.session.as_deref();
        sheet.slots.iter().map(move |slot| slot_json(session, slot, exchange))
    });
    bars.collect()
}

fn slot_json(session: Option<&str>, slot: &Slot, exchange: Option<&Clock>) -> Value {
    let edge = |edge: Edge| {
        json!({
            "time_ms": edge.time_ms,
            "server": output::second(edge.server_ms),
            "exchange": exchange.map(|exchange| output::second(exchange.wall_ms(edge.time_ms))),
            "utc": output::second(edge.time_ms),
        })
    };
    json!({
        "session": session, "label": edge(slot.label), "start": edge(slot.start), "end": edge(slot.end),
        "minutes": slot.minutes(), "own_minutes": slot.own_minutes,
    })
}

/// The same as lines under a header.
pub(super) fn csv(symbol: &Symbol, id: &Timeframe, sheets: &[Sheet], exchange: Option<&Clock>) -> String {
    let mut text = String::from(
        "symbol,timeframe,grid,label_ms,start_ms,end_ms,server_label,server_start,server_end,\
         exchange_label,exchange_start,exchange_end,utc_label,utc_start,utc_end,minutes,own_minutes\n",
    );
    for sheet in sheets {
        for slot in &sheet.slots {
            let edges = [slot.label, slot.start, slot.end];
            let mut fields = vec![symbol.to_string(), id.to_string(), quoted(sheet.name())];
            fields.extend(edges.map(|edge| edge.time_ms.to_string()));
            fields.extend(edges.map(|edge| output::second(edge.server_ms)));
            let shown = |edge: Edge| exchange.map(|exchange| output::second(exchange.wall_ms(edge.time_ms)));
            fields.extend(edges.map(|edge| shown(edge).unwrap_or_default()));
            fields.extend(edges.map(|edge| output::second(edge.time_ms)));
            fields.extend([slot.minutes().to_string(), slot.own_minutes.to_string()]);
            text += &(fields.join(",") + "\n");
        }
    }
    text
}

/// A session may be named anything.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
