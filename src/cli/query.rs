use std::io::Write;
use std::path::{Path, PathBuf};

use super::below_zero::BelowZero;
use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, Sink};
use super::slice::SliceArgs;
use super::{explain, formats, interrupt, sql};
use crate::build::{self, BuildError, Format, Head, Next, Piece, Source, row_sink};
use crate::disk::NewFile;
use crate::indicators::{Ask, Graph};
use crate::plan::{Desk, Question};
use crate::query::{COLUMNS, Catalog, Order, Select, Slice, check_calendar, parse_selects};

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
    engine query EUR-USD/1h --indicators-from my_indicators.txt -o eurusd.parquet\n  \
    engine query EUR-USD/1m --format csv -o eurusd.csv\n  \
    engine query EUR-USD/1m --after 2024-02-01 --append -o eurusd.csv\n  \
    engine query EUR-USD/1h --format arrow | python3 -c 'import sys, pyarrow as pa; print(pa.ipc.open_stream(sys.stdin.buffer).read_all())'\n  \
    engine query --sql \"SELECT time, close FROM eurusd_1h WHERE time >= '2024-01-02' LIMIT 5\"")]
pub(super) struct Args {
    /// What to show, such as EUR-USD/1h or EUR-USD/1h,4h:skiplast
    #[arg(required_unless_present = "sql", conflicts_with = "sql", value_name = "SELECT")]
    selects: Vec<String>,
    /// Answers a SELECT over series as tables instead (- is stdin): docs/SQL.md
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    sql: Option<String>,
    /// At most so many bars of each series: the first ones, with --order desc the last ones
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Which bar comes first
    #[arg(long, value_enum, default_value_t = OrderWord::Asc)]
    order: OrderWord,
    #[command(flatten)]
    slice: SliceArgs,
    /// Shows what would be read and computed for the indicators instead
    #[arg(long)]
    explain: bool,
    /// How bars are written [default: by the file's ending, else table]
    #[arg(long, value_parser = formats::any())]
    format: Option<Format>,
    /// Into this file instead of stdout (-); it appears whole or not at all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Behind the rows that the file has; refused where these do not follow
    #[arg(long, requires = "output")]
    append: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum OrderWord {
    /// Oldest first
    Asc,
    /// Newest first
    Desc,
}

/// Bars turned into text at a time, so that memory stays flat.
const BATCH_ROWS: usize = 65_536;
/// Bars turned into columns at a time for formats that keep them together.
const GROUP_ROWS: usize = 1 << 18;

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
    let asks = desk.asks(&args.slice.requests(place.lake.disk().as_ref())?)?;
    if args.explain {
        return explained(context, &desk, &args, &selects, &asks);
    }
    let order = args.order(context, selects, asks);
    args.check(&order)?;

    // Programs have to be ended with this one.
    let has_programs = desk.has_programs(&order.asks)?;
    let _ending = if has_programs { Some(interrupt::runtime_that_ends()?) } else { None };

    let sources = Sources { desk, args: &args, order: &order };
    let mut sink = match &order.place {
        build::Place::File(path) if order.append => Sink::into_file(sources.begin_append(path)?.0),
        build::Place::File(path) => Sink::open(Some(path), place.lake.disk())?,
        _ => Sink::open(None, place.lake.disk())?,
    };
    let columns_left_out = match order.format {
        Format::Bin => sources.write_records(context, &mut sink)?,
        _ => sources.write_columns(context, &mut sink)?,
    };
    sink.finish()?;
    context.say_left_out(columns_left_out);
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
        let clock = args.slice.tz.for_symbol(desk.settings, &select.symbol);
        let closed_only = args.slice.closed || select.skip_last;
        explanations.push(desk.explain(&Question {
            select,
            slice: args.rows(),
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

/// The rows that are asked for, on their way out.
struct Sources<'a> {
    desk: Desk<'a>,
    args: &'a Args,
    order: &'a build::Order,
}

impl Sources<'_> {
    fn with<T>(
        &self,
        select: &Select,
        then: impl FnOnce(&Source<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        then(&Source {
            desk: self.desk,
            select,
            slice: self.args.rows(),
            clock: &self.args.slice.tz.for_symbol(self.desk.settings, &select.symbol),
            closed_only: self.args.slice.closed || select.skip_last,
            asks: &self.order.asks,
        })
    }

    /// Columns of the bars, then those of indicators that bars do not have.
    fn head(&self) -> Result<Head, Failure> {
        let graph = Graph::new(&self.order.asks);
        let names: Vec<String> =
            graph.names().into_iter().filter(|name| !COLUMNS.contains(name)).map(str::to_owned).collect();
        let none = self.with(&self.order.selects[0], |source| Ok(source.no_rows(&names)?))?;
        Ok(Head {
            notes: build::notes(self.desk.settings, &self.order.selects, self.order.clock),
            compression: self.order.compression,
            ..Head::of(none.schema().as_ref().clone())
        })
    }

    /// Columns that a table left out are counted.
    fn write_columns(&self, context: &Context, sink: &mut Sink) -> Result<usize, Failure> {
        let width_max = output::width_max(matches!(sink, Sink::Stdout(_)));
        let head = Head { width_max, goes_on: sink.has_bytes(), ..self.head()? };
        let mut rows = row_sink(sink, self.order.format, &head)?;
        let at_a_time = if self.order.format.facts().is_binary { GROUP_ROWS } else { BATCH_ROWS };
        self.each_piece(context, at_a_time, &mut |source, piece| {
            rows.write(&piece.frame(source.select, source.clock)?)
        })?;
        Ok(rows.finish()?.columns_left_out)
    }

    /// Straight from the map.
    fn write_records(&self, context: &Context, sink: &mut Sink) -> Result<usize, Failure> {
        self.each_piece(context, GROUP_ROWS, &mut |_, piece| {
            Ok(sink.write_all(bytemuck::cast_slice(piece.bars))?)
        })?;
        Ok(0)
    }

    fn each_piece(
        &self,
        context: &Context,
        rows_max: usize,
        take: &mut dyn FnMut(&Source<'_>, Piece<'_>) -> Result<(), BuildError>,
    ) -> Result<(), Failure> {
        for select in &self.order.selects {
            self.with(select, |source| {
                let (mut below_zero, mut has_rows) = (BelowZero::default(), false);
                source.each_piece(rows_max, &mut |piece| {
                    has_rows |= !piece.bars.is_empty();
                    below_zero.look_at(piece.bars);
                    take(source, piece)
                })?;
                below_zero.tell(context, select);
                if !has_rows && !source.extent()?.has_bars {
                    let Select { symbol, timeframe, .. } = select;
                    context.say(format!("{symbol} has no {timeframe} bars yet: `engine run` fetches them"));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn begin_append(&self, path: &Path) -> Result<(NewFile, bool), Failure> {
        let select = &self.order.selects[0];
        let names = self.head()?.names();
        let extent = self.with(select, |source| Ok(source.extent()?))?;
        let next = extent.first_ms.zip(extent.labels_ms).map(|(time_ms, (label_ms, _))| Next {
            symbol: select.symbol.as_str(),
            timeframe: select.timeframe.as_str(),
            time_ms: time_ms as i64,
            label_ms,
        });
        let disk = self.desk.lake.disk();
        Ok(build::begin_append(disk, path, self.order.format, &names, next.as_ref())?)
    }
}

impl Args {
    /// What may stand beside a query in SQL.
    fn beside_sql(&self, context: &Context, place: &Place) -> Result<sql::Typed<'_>, Failure> {
        let instead = [
            (self.limit.is_some(), "--limit", "write LIMIT into the query"),
            (matches!(self.order, OrderWord::Desc), "--order", "write ORDER BY into the query"),
            (self.explain, "--explain", "write EXPLAIN before SELECT"),
            (self.append, "--append", "the shell does it: engine query --sql ... --format csv >> FILE"),
        ];
        if let Some((_, argument, hint)) = instead.iter().find(|(is_there, ..)| *is_there) {
            return Err(Failure::usage(format!("{argument} has no place beside --sql")).hint(*hint));
        }
        let indicators = self.slice.requests(place.lake.disk().as_ref())?;
        let output = self.output.as_deref().filter(|path| *path != Path::new("-"));
        let format = formats::chosen(self.format, output, context.global.json);
        Ok(sql::Typed {
            range: self.slice.range(),
            clock: self.slice.tz,
            closed_only: self.slice.closed,
            indicators,
            format: if output.is_some() { format } else { format.as_stream() },
            compression: self.slice.compression,
            output,
        })
    }

    fn rows(&self) -> Slice {
        let order = match self.order {
            OrderWord::Asc => Order::Ascending,
            OrderWord::Desc => Order::Descending,
        };
        Slice { range: self.slice.range(), order, rows_max: self.limit }
    }

    fn order(&self, context: &Context, selects: Vec<Select>, asks: Vec<Ask>) -> build::Order {
        let file = self.output.as_deref().filter(|path| *path != Path::new("-"));
        let format = formats::chosen(self.format, file, context.global.json);
        build::Order {
            format: if file.is_some() { format } else { format.as_stream() },
            compression: self.slice.compression,
            place: file.map_or(build::Place::Stdout, |path| build::Place::File(path.to_owned())),
            append: self.append,
            force: false,
            selects,
            range: self.slice.range(),
            closed_only: self.slice.closed,
            clock: self.slice.tz,
            asks,
        }
    }

    fn check(&self, order: &build::Order) -> Result<(), Failure> {
        order.check_output()?;
        let is_backwards = matches!(self.order, OrderWord::Desc);
        if is_backwards && (order.format == Format::Bin || order.append) {
            let failure = Failure::usage("records, and rows behind others, stand in increasing time");
            return Err(failure.hint("leave --order desc out"));
        }
        if order.place == build::Place::Stdout { output::check_terminal(order.format) } else { Ok(()) }
    }
}
