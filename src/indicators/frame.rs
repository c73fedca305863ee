//! Indicators as one node of a polars plan: it takes the columns the requests need and adds those they ask for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use polars::prelude::*;

use super::compute::{Bars, Column as Computed, compute};
use super::entry::Field;
use super::graph::Graph;

/// Adds the columns of a graph to a plan whose frame has `open high low close volume` (f64), `time_ms` and
/// `server_time_ms` (i64, milliseconds) as far as they are needed, and the columns the graph expects.
///
/// The whole graph is one node: plans of thousands of expressions spend their time in being planned.
pub fn with_indicators(plan: LazyFrame, graph: Graph) -> LazyFrame {
    let names: Vec<PlSmallStr> = graph.names().into_iter().map(PlSmallStr::from).collect();
    let schema = move |before: &Schema| -> PolarsResult<SchemaRef> {
        let mut after = before.clone();
        for name in &names {
            after.with_column(name.clone(), DataType::Float64);
        }
        Ok(Arc::new(after))
    };
    let node = move |frame: DataFrame| add(&graph, frame);
    // A value depends on other rows and columns: nothing may be left out below this node.
    plan.map(node, AllowedOptimizations::empty(), Some(Arc::new(schema)), Some("indicators"))
}

fn add(graph: &Graph, mut frame: DataFrame) -> PolarsResult<DataFrame> {
    frame.rechunk_mut_par();
    let rows = frame.height();
    let made = {
        let bars = bars_of(graph, &frame)?;
        let made = compute(graph, &bars);
        let mut masks = HashMap::new();
        let columns: Vec<Float64Chunked> =
            made.columns.into_iter().map(|column| chunked(column, rows, &mut masks)).collect();
        let named = made.names.into_iter();
        named
            .map(|(name, place)| columns[place].clone().with_name(name.into()).into_column())
            .collect::<Vec<_>>()
    };
    joined(&frame, made)
}

/// A frame and columns, the later of equal names in the place of the earlier: what was there already, such as a column
/// of another symbol, keeps its place. One column after the other, a frame would list all its names anew for each.
fn joined(frame: &DataFrame, made: Vec<Column>) -> PolarsResult<DataFrame> {
    let mut columns = frame.columns().to_vec();
    let names = columns.iter().enumerate();
    let mut places: HashMap<PlSmallStr, usize> =
        names.map(|(place, column)| (column.name().clone(), place)).collect();
    for column in made {
        let place = *places.entry(column.name().clone()).or_insert(columns.len());
        match columns.get_mut(place) {
            Some(earlier) => *earlier = column,
            None => columns.push(column),
        }
    }
    DataFrame::new(frame.height(), columns)
}

/// The fields of bars that a graph is computed from, each once: the columns that [`with_indicators`] needs of a frame.
pub fn plain_fields(graph: &Graph) -> Vec<Field> {
    let mut plain: Vec<Field> = graph.fields().iter().flat_map(|field| made_of(*field)).copied().collect();
    plain.sort_unstable_by_key(|field| field.name());
    plain.dedup();
    plain
}

fn bars_of<'a>(graph: &Graph, frame: &'a DataFrame) -> PolarsResult<Bars<'a>> {
    let mut bars = Bars { rows: frame.height(), ..Bars::default() };
    for field in plain_fields(graph) {
        bars.fields.push((field, values_of(frame, field.name())?));
    }
    for name in graph.columns() {
        bars.columns.push((name.to_owned(), values_of(frame, name)?));
    }
    Ok(bars)
}

/// The fields of the bars of which a field is made.
fn made_of(field: Field) -> &'static [Field] {
    match field {
        Field::Open => &[Field::Open],
        Field::High => &[Field::High],
        Field::Low => &[Field::Low],
        Field::Close => &[Field::Close],
        Field::Volume => &[Field::Volume],
        Field::Time => &[Field::Time],
        Field::ServerTime => &[Field::ServerTime],
        Field::Hl2 => &[Field::High, Field::Low],
        Field::Hlc3 | Field::Hlcc4 => &[Field::High, Field::Low, Field::Close],
        Field::Ohlc4 => &[Field::Open, Field::High, Field::Low, Field::Close],
    }
}

/// A column as plain numbers, null as NaN; without a copy where it has no nulls.
fn values_of<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<Cow<'a, [f64]>> {
    let column = frame.column(name)?.as_materialized_series();
    if let Ok(numbers) = column.f64()
        && let Ok(values) = numbers.cont_slice()
    {
        return Ok(Cow::Borrowed(values));
    }
    let cast = column.cast(&DataType::Float64)?;
    Ok(Cow::Owned(cast.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect()))
}

/// Rows before the first value are null. Columns of the same lead share one mask.
fn chunked(column: Computed<'_>, rows: usize, masks: &mut HashMap<usize, BooleanChunked>) -> Float64Chunked {
    let values = column.values.into_owned();
    let lead = column.lead;
    if lead == 0 {
        return Float64Chunked::from_vec(PlSmallStr::EMPTY, values);
    }
    let mask =
        masks.entry(lead).or_insert_with(|| (0..rows).map(|row| row >= lead).collect::<BooleanChunked>());
    let bits = mask.downcast_iter().next().map(|array| array.values().clone());
    Float64Chunked::from_vec_validity(PlSmallStr::EMPTY, values, bits)
}
