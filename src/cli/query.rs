use std::path::{Path, PathBuf};

use super::below_zero::BelowZero;
use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, Sink};
use super::{explain, interrupt, requests, sql};
use crate::indicators::{Ask, Graph};
use crate::model::cascade::Cascade;
use crate::plan::{Answer, Desk, Question};
use crate::query::{
    BackAdjusted, Batch, Bound, COLUMNS, Catalog, ClockChoice, Format, OpenedSeries, Order, QueryError,
    Range, RowWriter, Select, Series, Slice, check_calendar, frame, parse_selects,
};
use crate::store::SeriesView;

/// Shows bars of one or several series.
///
/// A selection is SYMBOL/TIMEFRAME, as in EUR-USD/1h; several timeframes have commas between them, and several
/// selections are written one after the other, in the order in which they come out. `:skiplast` after a symbol or a
/// timeframe leaves bars out that may still change, as --closed does for all. `:panama` and `:ratio` show a future
/// without the jumps between its contracts, by addition and by multiplication: `engine rollover --help`.
///
/// Times are those of the output clock (--tz). A time stands for the first bar which that clock labels so or later:
/// where a clock is set back and shows a time twice, that is the first one; a time it skips is the next one it shows.
/// Ranges that meet therefore neither overlap nor leave a bar out.
///
/// Indicators (-i) follow the bars, a column each; of several outputs each has one, REQUEST__OUTPUT. Arguments are
/// written after underscores or in brackets, by place or by name: rsi_14, sma(source=hl2, period=9),
/// sma(source=rsi_14, period=9). What follows an @ is of another timeframe or symbol, as it stood when the bar closed:
/// rsi_14@4h, close@BTC-USD, ema_50@XAU-USD/1d. Values do not depend on where the slice begins: as many bars before it
/// are read as they need. `engine indicators` lists them, and docs/INDICATORS.md tells more, also about indicators of
/// your own: expressions and programs.
///
/// --sql answers a SELECT over series as tables: eurusd_1h, or "EUR-USD/1h" in double quotes, also with modifiers.
/// Tables have the columns that the machine formats have, and those of -i. docs/SQL.md tells more.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine query EUR-USD/1h --after 2024-01-02 --until 2024-01-03\n  \
    engine query EUR-USD/1h,4h:skiplast XAU-USD/1d --limit 5 --order desc --tz utc\n  \
    engine query BRENT.CMD-USD:panama/1h,4h --after 2024-01-01\n  \
    engine query EUR-USD/1h -i sma_20,rsi_14,macd_12_26_9,bbands_20_2 --limit 10 --order desc\n  \
    engine query EUR-USD/1h -i macd,adx_14,close@BTC-USD --explain\n  \
    engine query EUR-USD/1h --indicators-from my_indicators.txt --format csv -o eurusd.csv\n  \
    engine query EUR-USD/1m --format csv -o eurusd.csv\n  \
    engine query --sql \"SELECT time, close FROM eurusd_1h WHERE time >= '2024-01-02' LIMIT 5\"")]
pub(super) struct Args {
    /// What to show, such as EUR-USD/1h or EUR-USD/1h,4h:skiplast
    #[arg(required_unless_present = "sql", conflicts_with = "sql", value_name = "SELECT")]
    selects: Vec<String>,
    /// Answers a SELECT over series as tables instead (- is stdin): docs/SQL.md
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    sql: Option<String>,
    /// From here on: 'YYYY-MM-DD[ HH:MM[:SS]]' of the output clock, RFC 3339, or epoch milliseconds
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    after: Option<Bound>,
    /// Up to here, not included
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    until: Option<Bound>,
    /// At most so many bars of each series: the first ones, with --order desc the last ones
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Which bar comes first
    #[arg(long, value_enum, default_value_t = OrderWord::Asc)]
    order: OrderWord,
    /// Leaves out bars that may still change
    #[arg(long)]
    closed: bool,
    /// The output clock: server, utc, exchange or an IANA time zone
    #[arg(long, value_name = "CLOCK", default_value = "server")]
    tz: ClockChoice,
    /// Indicators, with commas between them; may be given several times
    #[arg(long, short, value_name = "REQUESTS")]
    indicators: Vec<String>,
    /// Indicators out of a file (- is stdin): with commas or line breaks between them, comments after #
    #[arg(long, value_name = "FILE")]
    indicators_from: Vec<PathBuf>,
    /// Shows what would be read and computed for the indicators instead
    #[arg(long)]
    explain: bool,
    /// How bars are written [default: by the file's ending, else table]
    #[arg(long, value_enum)]
    format: Option<FormatWord>,
    /// Into this file instead of stdout (-); it appears whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum OrderWord {
    /// Oldest first
    Asc,
    /// Newest first
    Desc,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum FormatWord {
    /// Aligned columns for people
    Table,
    /// One line a bar under a header
    Csv,
    /// An array of objects
    Json,
    /// One object a line
    Ndjson,
    /// YYYY.MM.DD,HH:MM,open,high,low,close,volume without a header, for MetaTrader 4
    Mt4,
}

/// Bars turned into text at a time, so that memory stays flat.
const BATCH_ROWS: usize = 65_536;

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut selects = Vec::new();
    for word in &args.selects {
        selects.extend(parse_selects(word)?);
    }
    let place = context.place()?;
    if let Some(text) = &args.sql {
        return sql::run(context, &place, text, &args.beside_sql(context, &place)?);
    }
    let known = place.lake.list_symbols()?.into_iter().chain(place.all_symbols());
    let catalog = Catalog::new(&place.loaded.settings, known);
    selects.iter().try_for_each(|select| catalog.check(select))?;
    selects.iter().try_for_each(|select| check_calendar(&place.lake, select))?;

    let desk = Desk { lake: &place.lake, settings: &place.loaded.settings, catalog: &catalog };
    let asks =
        desk.asks(&requests::all(&args.indicators, &args.indicators_from, place.lake.disk().as_ref())?)?;
    if args.explain {
        return explained(context, &desk, &args, &selects, &asks);
    }
    if !asks.is_empty() && args.format(context) == Format::Mt4 {
        let failure = Failure::usage("mt4 files have no place for indicators");
        return Err(failure.hint("leave -i out, or choose another --format"));
    }

    // Programs have to be ended with this one.
    let has_programs = desk.has_programs(&asks)?;
    let _ending = if has_programs { Some(interrupt::runtime_that_ends()?) } else { None };

    let file = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let sink = Sink::open(file, place.lake.disk())?;
    let to_terminal = file.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdout());
    let width_max = to_terminal.then(|| comfy_table::Table::new().width()).flatten().map(usize::from);
    let graph = Graph::new(&asks);
    let names = graph.names().into_iter().filter(|name| !COLUMNS.contains(name)).map(str::to_owned).collect();
    let mut writer = RowWriter::new(sink, args.format(context), width_max).with_columns(names);
    for select in &selects {
        if asks.is_empty() {
            write_series(context, &place, &args, select, &mut writer)?;
        } else {
            write_with_indicators(context, &desk, &args, select, &asks, &mut writer)?;
        }
    }
    let left_out = writer.columns_left_out();
    writer.finish()?.0.finish()?;
    if left_out > 0 {
        let columns = if left_out == 1 { "1 column does" } else { &format!("{left_out} columns do") };
        context.say(format!("{columns} not fit the terminal: --format csv or json, or -o FILE, has all"));
    }
    Ok(Exit::Done)
}

/// What the answers would take.
fn explained(
    context: &Context,
    desk: &Desk<'_>,
    args: &Args,
    selects: &[Select],
    asks: &[Ask],
) -> Result<Exit, Failure> {
    if asks.is_empty() {
        let failure = Failure::usage("--explain tells about indicators, and none is asked for");
        return Err(failure.hint("add -i sma_20, for example"));
    }
    let mut explanations = Vec::new();
    for select in selects {
        let clock = args.tz.for_symbol(desk.settings, &select.symbol);
        let closed_only = args.closed || select.skip_last;
        explanations.push(desk.explain(&Question {
            select,
            slice: args.slice(),
            clock: &clock,
            closed_only,
            asks,
        })?);
    }
    if context.global.json {
        output::print_json(&explanations.iter().map(explain::json).collect())?;
    } else {
        output::print(&explanations.iter().map(explain::text).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(Exit::Done)
}

fn write_series(
    context: &Context,
    place: &Place,
    args: &Args,
    select: &Select,
    writer: &mut RowWriter<Sink>,
) -> Result<(), Failure> {
    let settings = &place.loaded.settings;
    let cascade =
        Cascade::new(&select.symbol, settings).map_err(|error| Failure::usage(error.to_string()))?;
    let read = OpenedSeries::read(&place.lake, &select.symbol, &cascade, &select.timeframe)?;
    let closed_only = args.closed || select.skip_last;
    let series = Series {
        committed: read.view.as_ref().map_or(&[], SeriesView::bars),
        open: if closed_only { &[] } else { &read.open },
    };
    if read.view.is_none() && read.open.is_empty() {
        context.say(format!(
            "{} has no {} bars yet: `engine run` fetches them",
            select.symbol, select.timeframe
        ));
    }
    let clock = args.tz.for_symbol(settings, &select.symbol);
    let adjusted = BackAdjusted::new(&place.lake, select, &cascade, &read)?;
    let mut below_zero = BelowZero::default();
    for batch in series.batches(&args.slice(), &clock, BATCH_ROWS) {
        let own = adjusted.as_ref().map(|adjusted| adjusted.bars(batch.bars)).transpose()?;
        let batch = Batch { bars: own.as_deref().unwrap_or(batch.bars), ..batch };
        below_zero.look_at(batch.bars);
        writer.write(&frame(select, &clock, &batch)?)?;
    }
    below_zero.tell(context, select);
    Ok(())
}

fn write_with_indicators(
    context: &Context,
    desk: &Desk<'_>,
    args: &Args,
    select: &Select,
    asks: &[Ask],
    writer: &mut RowWriter<Sink>,
) -> Result<(), Failure> {
    let clock = args.tz.for_symbol(desk.settings, &select.symbol);
    let slice = args.slice();
    let closed_only = args.closed || select.skip_last;
    let Answer { bars, closed, columns } =
        desk.answer(&Question { select, slice, clock: &clock, closed_only, asks })?;
    // Columns that bars have are there already.
    let columns = columns.drop_many(COLUMNS);
    let mut below_zero = BelowZero::default();
    below_zero.look_at(&bars);
    below_zero.tell(context, select);
    let mut pieces: Vec<std::ops::Range<usize>> = Vec::new();
    for kind in [0..closed, closed..bars.len()] {
        pieces.extend(kind.clone().step_by(BATCH_ROWS).map(|from| from..(from + BATCH_ROWS).min(kind.end)));
    }
    if slice.order == Order::Descending {
        pieces.reverse();
    }
    for piece in pieces {
        let batch =
            Batch { bars: &bars[piece.clone()], closed: piece.start < closed, order: Order::Ascending };
        let mut rows = frame(select, &clock, &batch)?;
        let values = columns.slice(piece.start as i64, piece.len());
        rows.hstack_mut(values.columns()).map_err(QueryError::from)?;
        writer.write(&if slice.order == Order::Descending { rows.reverse() } else { rows })?;
    }
    Ok(())
}

impl Args {
    /// What may stand beside a query in SQL.
    fn beside_sql(&self, context: &Context, place: &Place) -> Result<sql::Typed<'_>, Failure> {
        let instead = [
            (self.limit.is_some(), "--limit", "write LIMIT into the query"),
            (matches!(self.order, OrderWord::Desc), "--order", "write ORDER BY into the query"),
            (self.explain, "--explain", "write EXPLAIN before SELECT"),
        ];
        if let Some((_, argument, hint)) = instead.iter().find(|(is_there, ..)| *is_there) {
            return Err(Failure::usage(format!("{argument} has no place beside --sql")).hint(*hint));
        }
        let indicators = requests::all(&self.indicators, &self.indicators_from, place.lake.disk().as_ref())?;
        Ok(sql::Typed {
            range: self.slice().range,
            clock: self.tz,
            closed_only: self.closed,
            indicators,
            format: self.format(context),
            output: self.output.as_deref().filter(|path| *path != Path::new("-")),
        })
    }

    fn slice(&self) -> Slice {
        let order = match self.order {
            OrderWord::Asc => Order::Ascending,
            OrderWord::Desc => Order::Descending,
        };
        Slice { range: Range { after: self.after, until: self.until }, order, rows_max: self.limit }
    }

    fn format(&self, context: &Context) -> Format {
        let ending =
            self.output.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
        match (self.format, ending) {
            (Some(FormatWord::Table), _) => Format::Table,
            (Some(FormatWord::Csv), _) | (None, Some("csv")) => Format::Csv,
            (Some(FormatWord::Json), _) | (None, Some("json")) => Format::Json,
            (Some(FormatWord::Ndjson), _) | (None, Some("ndjson" | "jsonl")) => Format::Ndjson,
            (Some(FormatWord::Mt4), _) => Format::Mt4,
            (None, _) if context.global.json => Format::Json,
            (None, _) => Format::Table,
        }
    }
}
