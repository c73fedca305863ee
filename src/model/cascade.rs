//! The series of one symbol in the order in which they are made, each with the recipe it is folded by.

use std::fmt::Write;

use super::clock::Clock;
use super::fold::Recipe;
use super::grid::Lattice;
use super::post::Steps;
use super::settings::{ResampleSymbol, Settings};
use super::timeframe::{Timeframe, TimeframeSpec};
use super::{Bar, Symbol};

/// One coarser series of a symbol.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the user asked for.
    pub spec: TimeframeSpec,
    /// How it is folded.
    pub recipe: Recipe,
    /// Checksum of everything its numbers depend on.
    pub fingerprint: u64,
}

/// All series of one symbol.
#[derive(Clone, Debug)]
pub struct Cascade {
    /// The server's clock for this symbol.
    pub server: Clock,
    /// The exchange's clock, where the configuration names one.
    pub exchange: Option<Clock>,
    /// Checksum of everything the 1m series' numbers depend on.
    pub minute_fingerprint: u64,
    /// Coarser series, each after the one it is folded from.
    pub steps: Vec<Step>,
    /// Source rows folded between two commits.
    pub batch_size: usize,
}

/// Timeframes that cannot be put in order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{symbol}: timeframe {timeframe} is folded from {source_timeframe}, which is unknown, skipped or folded from {timeframe} itself; name a source under resample.timeframes"
)]
pub struct NoOrder {
    /// Whose timeframes.
    pub symbol: Symbol,
    /// The one that has no place.
    pub timeframe: Timeframe,
    /// What it asks for.
    pub source_timeframe: Timeframe,
}

impl Cascade {
    /// Puts a symbol's timeframes in order and lays their grids.
    pub fn new(symbol: &Symbol, settings: &Settings) -> Result<Cascade, NoOrder> {
        let unspecial = ResampleSymbol::default();
        let own = settings.resample.symbols.get(symbol).unwrap_or(&unspecial);
        let server = Clock::of_symbol(symbol, &settings.transform);
        let exchange = own.timezone.map(Clock::of_zone);
        let minute_fingerprint = minute_fingerprint(symbol, settings);
        let round_decimals = own.round_decimals.unwrap_or(settings.resample.round_decimals);
        let mut steps: Vec<Step> = Vec::new();
        for spec in ordered(symbol, &settings.timeframes_of(symbol))? {
            let lattice = Lattice::new(spec, &own.sessions, exchange.as_ref(), &server);
            let source = steps.iter().find(|step| step.spec.id == spec.source);
            let source_print = source.map_or(minute_fingerprint, |step| step.fingerprint);
            let fingerprint = step_fingerprint(spec, own, round_decimals, source_print);
            let post = Steps::new(spec, &own.sessions, exchange.as_ref(), &server);
            let recipe = Recipe { lattice, post, round_decimals };
            steps.push(Step { spec: spec.clone(), recipe, fingerprint });
        }
        let batch_size = own.batch_size.unwrap_or(settings.resample.batch_size).max(1);
        Ok(Cascade { server, exchange, minute_fingerprint, steps, batch_size })
    }

    /// The step that makes a timeframe; none for 1m.
    pub fn step(&self, timeframe: &Timeframe) -> Option<&Step> {
        self.steps.iter().find(|step| step.spec.id == *timeframe)
    }

    /// Every coarser series of some 1m bars in memory, in step order: what a rebuild would commit and leave open.
    pub fn fold_all(&self, minutes: &[Bar], watermark_ms: i64) -> Vec<Vec<Bar>> {
        let mut made: Vec<(Vec<Bar>, i64)> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let place = self.steps.iter().position(|other| other.spec.id == step.spec.source);
            let (rows, source_ms) =
                place.map_or((minutes, watermark_ms), |i| (made[i].0.as_slice(), made[i].1));
            let mut fold = super::fold::Fold::resume(&step.recipe, 0, None);
            fold.push(rows);
            let (remainder, bars) = fold.finish(source_ms);
            made.push((bars, remainder.watermark_ms));
        }
        made.into_iter().map(|(bars, _)| bars).collect()
    }
}

/// Sources first. Timeframes without an order between them stay as the user wrote them.
fn ordered<'a>(symbol: &Symbol, specs: &[&'a TimeframeSpec]) -> Result<Vec<&'a TimeframeSpec>, NoOrder> {
    let mut waiting: Vec<&TimeframeSpec> = specs.to_vec();
    let mut placed: Vec<&TimeframeSpec> = Vec::with_capacity(specs.len());
    while !waiting.is_empty() {
        let ready = |spec: &&TimeframeSpec| {
            spec.source.is_minute() || placed.iter().any(|before| before.id == spec.source)
        };
        let Some(next) = waiting.iter().position(ready) else {
            let (timeframe, source_timeframe) = (waiting[0].id.clone(), waiting[0].source.clone());
            return Err(NoOrder { symbol: symbol.clone(), timeframe, source_timeframe });
        };
        placed.push(waiting.remove(next));
    }
    Ok(placed)
}

/// What the numbers of a symbol's 1m series depend on: clock, steps, rounding, checks, and whose payloads they are.
fn minute_fingerprint(symbol: &Symbol, settings: &Settings) -> u64 {
    let transform = &settings.transform;
    let mut text = format!("1m shift={} decimals={} ", transform.time_shift_ms, transform.round_decimals);
    write!(text, "validate={:?} source={} ", transform.validate, settings.payload_symbol(symbol))
        .expect(TEXT);
    if let Some(group) = transform.group_of(symbol) {
        write!(text, "zone={} map={:?} ", group.zone, group.offset_to_shift_map).expect(TEXT);
        write!(text, "tzdb={} ", chrono_tz::IANA_TZDB_VERSION).expect(TEXT);
    }
    if let Some(own) = transform.symbols.get(symbol) {
        write!(text, "post={:?} ", own.post).expect(TEXT);
    }
    u64::from(crc32c::crc32c(text.as_bytes()))
}

fn step_fingerprint(spec: &TimeframeSpec, own: &ResampleSymbol, round_decimals: u32, source: u64) -> u64 {
    let mut text = format!("{:?} {:?} {:?} {:?} ", spec.rule, spec.label, spec.closed, spec.origin);
    write!(text, "post={:?} decimals={round_decimals} source={source} ", spec.post).expect(TEXT);
    let of_sessions = || own.sessions.iter().filter_map(|session| session.timeframes.get(&spec.id));
    let has_steps = !spec.post.is_empty() || of_sessions().any(|change| !change.post.is_empty());
    if has_steps {
        // Series that were made before steps were carried out look the same in all other respects.
        text += "carried out ";
    }
    // Dates that limit a step are told by the exchange's clock, too.
    if has_steps || of_sessions().next().is_some() {
        write!(text, "zone={:?} tzdb={} ", own.timezone, chrono_tz::IANA_TZDB_VERSION).expect(TEXT);
        for session in &own.sessions {
            write!(text, "{session:?} ").expect(TEXT);
        }
    }
    u64::from(crc32c::crc32c(text.as_bytes()))
}

const TEXT: &str = "writing to a string cannot fail";
