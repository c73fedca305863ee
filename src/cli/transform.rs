use serde_json::json;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use super::window::{DayArgs, SymbolArgs};
use super::work::lock;
use crate::model::clock::Clock;
use crate::model::{Day, Symbol};
use crate::store::PayloadKind;
use crate::transform::{DayRecipe, Scratch, image_as_decided};

/// Shows what the payloads of the cache become, day by day, or exports the day images.
///
/// Without --write nothing is written. Day images are 64-byte records like those of the series; nothing reads them
/// back, because making one is cheaper than reading it.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine transform --symbols EUR-USD --from 2024-01-02 --to 2024-01-05\n  engine transform --write"
)]
pub(super) struct Args {
    #[command(flatten)]
    days: DayArgs,
    #[command(flatten)]
    symbols: SymbolArgs,
    /// Writes the day images below data/transform
    #[arg(long)]
    write: bool,
}

/// What one payload became.
struct Made {
    symbol: Symbol,
    day: Day,
    running: bool,
    bars: usize,
    refused: usize,
    suspects: usize,
    reason: Option<String>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let days = args.days.window(context)?.days(context.today());
    let place = context.place()?;
    let symbols = args.symbols.symbols(&place)?;
    let _lock = args.write.then(|| lock(context, &place.lake, false)).transpose()?;
    let mut made = Vec::new();
    for symbol in &symbols {
        made.append(&mut images(&place, symbol, &days, args.write)?);
    }
    if context.global.json {
        output::print_json(&json!(made.iter().map(Made::json).collect::<Vec<_>>()))?;
    } else if !context.global.quiet {
        output::print(&as_table(&made))?;
    }
    let is_whole = made.iter().all(|made| made.reason.is_none() && made.refused == 0);
    Ok(if is_whole { Exit::Done } else { Exit::LeftOut })
}

fn images(place: &Place, symbol: &Symbol, days: &[Day], write: bool) -> Result<Vec<Made>, Failure> {
    let settings = &place.loaded.settings;
    let server = Clock::of_symbol(symbol, &settings.transform);
    let recipe = DayRecipe {
        server: &server,
        post: settings.transform.symbols.get(symbol).map_or(&[], |own| &own.post),
        round_decimals: settings.transform.round_decimals,
        validate: settings.transform.validate,
    };
    let (mut bytes, mut scratch, mut bars) = (Vec::new(), Scratch::default(), Vec::new());
    let mut all = Vec::new();
    for day in days {
        let Some(kind) = place.lake.read_payload(settings.payload_symbol(symbol), *day, &mut bytes)? else {
            continue;
        };
        let asked_ms = match kind {
            PayloadKind::Finished => None,
            PayloadKind::Running { asked_ms } => Some(asked_ms),
        };
        let is_released = || place.lake.is_released(symbol, *day, &bytes);
        let report = image_as_decided(&bytes, *day, asked_ms, &recipe, is_released, &mut scratch, &mut bars)?;
        if write && report.is_ok() {
            place.lake.write_day_image(symbol, *day, &bars, settings.transform.fsync)?;
        }
        let reason = report.as_ref().err().map(ToString::to_string);
        let (refused, suspects) = report.map_or((0, 0), |report| (report.refused.len(), report.suspects));
        let (symbol, running) = (symbol.clone(), asked_ms.is_some());
        all.push(Made { symbol, day: *day, running, bars: bars.len(), refused, suspects, reason });
    }
    Ok(all)
}

fn as_table(made: &[Made]) -> String {
    let rows = made.iter().map(|made| {
        vec![
            made.symbol.to_string(),
            made.day.to_string(),
            grouped(made.bars as u64),
            grouped(made.refused as u64),
            grouped(made.suspects as u64),
            made.state(),
        ]
    });
    output::table(&["symbol", "day", "bars", "quarantined", "suspect", "state"], rows)
}

impl Made {
    fn state(&self) -> String {
        match (&self.reason, self.running) {
            (Some(reason), _) => format!("refused: {reason}"),
            (None, true) => "running".to_owned(),
            (None, false) => "finished".to_owned(),
        }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "symbol": self.symbol.as_str(), "day": self.day.to_string(), "bars": self.bars,
            "quarantined": self.refused, "suspect": self.suspects, "running": self.running, "refused": self.reason,
        })
    }
}
