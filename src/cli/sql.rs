//! `engine query --sql`.

use std::io::Read;
use std::path::Path;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::interrupt;
use super::output::{self, Sink};
use crate::build::{self, Compression, Format, Head, row_sink};
use crate::plan::{Desk, SqlAnswer, SqlError, SqlQuestion};
use crate::query::{Catalog, ClockChoice, Range};

/// What was typed besides the query.
pub(super) struct Typed<'a> {
    pub range: Range,
    pub clock: ClockChoice,
    pub closed_only: bool,
    /// Requests for indicators, with commas between them.
    pub indicators: String,
    pub format: Format,
    pub compression: Option<Compression>,
    pub output: Option<&'a Path>,
}

/// Longer queries are files that were meant for something else.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Answers a query; `-` is read from stdin.
pub(super) fn run(context: &Context, place: &Place, text: &str, typed: &Typed<'_>) -> Result<Exit, Failure> {
    typed.check()?;
    let text = if text == "-" { from_stdin()? } else { text.to_owned() };
    let known = place.lake.list_symbols()?.into_iter().chain(place.all_symbols());
    let catalog = Catalog::new(&place.loaded.settings, known);
    let desk = Desk { lake: &place.lake, settings: &place.loaded.settings, catalog: &catalog };
    let asks = desk.asks(&typed.indicators)?;
    // Programs have to be ended with this one.
    let _ending = if desk.has_programs(&asks)? { Some(interrupt::runtime_that_ends()?) } else { None };
    let SqlAnswer { frame, missing } = desk.sql(&SqlQuestion {
        text: &text,
        range: typed.range,
        clock: typed.clock,
        closed_only: typed.closed_only,
        asks: &asks,
    })?;
    for select in missing {
        let (symbol, timeframe) = (&select.symbol, &select.timeframe);
        context.say(format!("{symbol} has no {timeframe} bars yet: `engine run` fetches them"));
    }
    let mut sink = Sink::open(typed.output, place.lake.disk())?;
    let head = Head {
        width_max: output::width_max(typed.output.is_none()),
        compression: typed.compression,
        ..Head::of(frame.schema().as_ref().clone())
    };
    let mut rows = row_sink(&mut sink, typed.format, &head)?;
    rows.write(&frame)?;
    let left_out = rows.finish()?.columns_left_out;
    sink.finish()?;
    context.say_left_out(left_out);
    Ok(Exit::Done)
}

impl Typed<'_> {
    fn check(&self) -> Result<(), Failure> {
        let (format, facts) = (self.format, self.format.facts());
        if !facts.has_names {
            let failure = Failure::usage(format!(
                "{format} files hold the bars of one series, not the answer to --sql"
            ));
            return Err(failure
                .hint(format!("engine query EUR-USD/1h --format {format}, or choose another --format")));
        }
        build::check_compression(format, self.compression)?;
        if self.output.is_none() { output::check_terminal(format) } else { Ok(()) }
    }
}

fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(TEXT_BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("--sql -: stdin cannot be read: {error}")))?;
    if text.len() as u64 > TEXT_BYTES_MAX {
        return Err(Failure::usage(format!("--sql -: stdin has more than {TEXT_BYTES_MAX} bytes")));
    }
    Ok(text)
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Failure {
        match error {
            SqlError::Table(error) => error.into(),
            SqlError::Plan(error) => error.into(),
            _ => Failure::usage(error.to_string()),
        }
    }
}
