//! `engine audit --release` and `--hold`: what the user takes out of quarantine, and puts back.

use serde_json::json;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use super::work::lock;
use super::{interrupt, wording};
use crate::ingest::{Decided, Decision, Ingest, IngestError};
use crate::model::{Day, Symbol};

/// What the audit is asked otherwise: a decision is about one day and looks at nothing else.
const OTHERS: [&str; 10] =
    ["symbols", "from", "to", "gap", "by", "deep", "html", "max_suspect", "max_missing", "strict"];

/// A decision about one day of one symbol.
#[derive(clap::Args, Clone, Debug)]
#[group(multiple = false)]
pub(super) struct DecisionArgs {
    /// Takes the refused bars of that day into the series, flagged suspect, after you have looked at them in
    /// data/quarantine; for example --release EUR-USD 2024-01-31
    #[arg(long, num_args = 2, value_names = ["SYMBOL", "DAY"], conflicts_with_all = OTHERS)]
    release: Option<Vec<String>>,
    /// Takes such a decision back: the bars return to quarantine
    #[arg(long, num_args = 2, value_names = ["SYMBOL", "DAY"], conflicts_with_all = OTHERS)]
    hold: Option<Vec<String>>,
}

impl DecisionArgs {
    /// What was decided, about which day of which symbol.
    pub(super) fn decision(&self) -> Result<Option<(Decision, Symbol, Day)>, Failure> {
        let (decision, words) = match (&self.release, &self.hold) {
            (Some(words), _) => (Decision::Release, words),
            (None, Some(words)) => (Decision::Hold, words),
            (None, None) => return Ok(None),
        };
        let option = if decision == Decision::Release { "--release" } else { "--hold" };
        let [symbol, day] = &words[..] else {
            return Err(Failure::usage(format!(
                "{option} wants a symbol and a day, for example {option} EUR-USD 2024-01-31"
            )));
        };
        let wrong = |error: String| Failure::usage(format!("{option}: {error}"));
        let symbol =
            symbol.parse().map_err(|error: crate::model::symbol::NotASymbol| wrong(error.to_string()))?;
        let day = day.parse().map_err(|error: crate::model::day::NotADay| wrong(error.to_string()))?;
        Ok(Some((decision, symbol, day)))
    }
}

/// Carries a decision out: at once, under the lock of the lake, and says in one line what was done.
pub(super) fn release(
    context: &Context,
    place: &mut Place,
    decision: Decision,
    symbol: &Symbol,
    day: Day,
) -> Result<Exit, Failure> {
    let _lock = lock(context, &place.lake, false)?;
    let _runtime = interrupt::runtime_that_ends()?;
    let clock = || context.now_ms();
    let settings = &place.loaded.settings;
    let ingest = Ingest { lake: &place.lake, settings, clock: &clock, progress: &|_| {} };
    let decided = ingest.decide(decision, symbol, day).map_err(failure)?;
    if let Some(IngestError::Store(error)) = decided.report.error.as_deref() {
        return Err(error.into());
    }
    if context.global.json {
        output::print_json(&as_json(decision, symbol, day, &decided))?;
    } else if !context.global.quiet {
        output::print(&line(decision, symbol, day, &decided))?;
    }
    if decided.report.is_stale() {
        context.say(format!(
            "{symbol}: made by another configuration and not corrected: `engine rebuild full --symbols {symbol}`"
        ));
    }
    if let Some(why) = decided.report.why_unfinished() {
        context.say(format!("{symbol}: not finished: {why}"));
    }
    let is_done = !decided.report.is_stale() && decided.report.why_unfinished().is_none();
    Ok(if is_done { Exit::Done } else { Exit::LeftOut })
}

fn line(decision: Decision, symbol: &Symbol, day: Day, decided: &Decided) -> String {
    let bars = match decided.bars {
        1 => "1 bar".to_owned(),
        bars => format!("{} bars", grouped(bars)),
    };
    let mut text = match (decision, decided.was_so) {
        (Decision::Release, false) => format!("{bars} released into the series, flagged suspect"),
        (Decision::Release, true) => format!("{bars} were released before"),
        (Decision::Hold, false) => format!("{bars} taken back into quarantine"),
        (Decision::Hold, true) => "the decision was about an older payload; it is forgotten".to_owned(),
    };
    if decided.not_finite > 0 {
        text += &format!("; not released, because not a finite number: {}", grouped(decided.not_finite));
    }
    if let Some(correction) = decided.correction() {
        text += &format!("; {}", wording::correction(&correction));
    }
    format!("{symbol} {day}: {text}")
}

fn as_json(decision: Decision, symbol: &Symbol, day: Day, decided: &Decided) -> serde_json::Value {
    let decision = match decision {
        Decision::Release => "release",
        Decision::Hold => "hold",
    };
    json!({
        "decision": decision,
        "symbol": symbol.as_str(),
        "day": day.to_string(),
        "bars": decided.bars,
        "not_finite": decided.not_finite,
        "was_so": decided.was_so,
        "correction": decided.correction().map(|correction| wording::correction_json(symbol, &correction)),
        "stale": decided.report.is_stale(),
    })
}

fn failure(error: IngestError) -> Failure {
    match error {
        IngestError::Store(error) => error.into(),
        IngestError::NothingToRelease { .. } => Failure::usage(error.to_string())
            .hint("data/quarantine holds a file .jsonl for each day with refused bars"),
        other => Failure::usage(other.to_string()),
    }
}
