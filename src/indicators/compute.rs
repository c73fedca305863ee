//! A graph over columns of bars: level by level, the nodes of a level on all cores, every kernel over whole columns.
//!
//! What a column lacks: rows before its first value are missing (they become null), and a value that is not defined
//! within (0 / 0, say) is NaN. An indicator whose input has such a gap begins anew behind it, so that nothing is
//! poisoned beyond its own window.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::entry::{Args, Field, Indicator};
use super::graph::{Graph, Node, Work};

/// Columns of some bars, all of one length; only those that are needed have to be there.
#[derive(Clone, Debug, Default)]
pub struct Bars<'a> {
    /// Bars.
    pub rows: usize,
    /// Fields of the bars. Times are in milliseconds, exactly: they are below 2^53.
    pub fields: Vec<(Field, Cow<'a, [f64]>)>,
    /// Columns that requests name and nobody here computes; NaN where they have no value.
    pub columns: Vec<(String, Cow<'a, [f64]>)>,
}

/// Columns that were computed.
#[derive(Clone, Debug, Default)]
pub struct Made<'a> {
    /// Distinct columns.
    pub columns: Vec<Column<'a>>,
    /// The requested names in order, each with its place in `columns`.
    pub names: Vec<(String, usize)>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column<'a> {
    /// NaN where there is no value.
    pub values: Cow<'a, [f64]>,
    /// Rows before the first value.
    pub lead: usize,
}

impl<'a> Column<'a> {
    fn new(values: impl Into<Cow<'a, [f64]>>) -> Column<'a> {
        let values = values.into();
        let lead = values.iter().position(|value| !value.is_nan()).unwrap_or(values.len());
        Column { values, lead }
    }
}

/// Computes what a graph wants.
pub fn compute<'a>(graph: &Graph, bars: &'a Bars<'a>) -> Made<'a> {
    let last_uses = last_uses(graph);
    let mut done: Vec<Option<Vec<Column<'a>>>> = vec![None; graph.nodes.len()];
    let levels = graph.nodes.iter().map(|node| node.level).max().unwrap_or(0);
    for level in 0..=levels {
        let nodes: Vec<usize> = (0..graph.nodes.len()).filter(|n| graph.nodes[*n].level == level).collect();
        let made: Vec<Vec<Column<'a>>> =
            nodes.par_iter().map(|n| columns_of(&graph.nodes[*n], bars, &done)).collect();
        for (node, columns) in nodes.into_iter().zip(made) {
            done[node] = Some(columns);
        }
        // What only served others gives its memory to the next level.
        for (node, last) in last_uses.iter().enumerate() {
            if *last == Some(level) {
                done[node] = None;
            }
        }
    }
    gather(graph, done)
}

fn gather<'a>(graph: &Graph, mut done: Vec<Option<Vec<Column<'a>>>>) -> Made<'a> {
    let mut made = Made::default();
    let mut places = std::collections::HashMap::new();
    for wanted in &graph.wanted {
        let place = *places.entry(wanted.wire).or_insert_with(|| {
            let columns = done[wanted.wire.node].as_mut().expect("wanted nodes are kept");
            made.columns.push(std::mem::replace(&mut columns[wanted.wire.output], Column::new(Vec::new())));
            made.columns.len() - 1
        });
        made.names.push((wanted.name.clone(), place));
    }
    made
}

/// The last level at which each node is an input; `None` for what is wanted itself.
fn last_uses(graph: &Graph) -> Vec<Option<usize>> {
    let mut last: Vec<Option<usize>> = graph.nodes.iter().map(|node| Some(node.level)).collect();
    for node in &graph.nodes {
        if let Work::Call { inputs, .. } = &node.work {
            for wire in inputs {
                last[wire.node] = last[wire.node].max(Some(node.level));
            }
        }
    }
    for wanted in &graph.wanted {
        last[wanted.wire.node] = None;
    }
    last
}

fn columns_of<'a>(node: &Node, bars: &'a Bars<'a>, done: &[Option<Vec<Column<'a>>>]) -> Vec<Column<'a>> {
    match &node.work {
        Work::Field(field) => vec![field_of(*field, bars)],
        Work::Column(name) => {
            let found = bars.columns.iter().find(|(known, _)| known == name);
            let (_, values) = found.expect("the frame has the columns the graph names");
            vec![Column::new(&values[..])]
        }
        Work::Call { indicator, args, inputs } => {
            let inputs: Vec<&Column<'_>> = inputs
                .iter()
                .map(|wire| &done[wire.node].as_ref().expect("inputs are of earlier levels")[wire.output])
                .collect();
            call(indicator, args, &inputs, bars.rows)
        }
    }
}

fn field_of<'a>(field: Field, bars: &'a Bars<'a>) -> Column<'a> {
    let plain = |field: Field| -> &'a [f64] {
        let found = bars.fields.iter().find(|(known, _)| *known == field);
        &found.expect("the fields that a graph needs are there").1
    };
    let [open, high, low, close] = [Field::Open, Field::High, Field::Low, Field::Close];
    match field {
        Field::Hl2 => Column::new(mean_of(&[plain(high), plain(low)])),
        Field::Hlc3 => Column::new(mean_of(&[plain(high), plain(low), plain(close)])),
        Field::Ohlc4 => Column::new(mean_of(&[plain(open), plain(high), plain(low), plain(close)])),
        Field::Hlcc4 => Column::new(mean_of(&[plain(high), plain(low), plain(close), plain(close)])),
        other => Column { values: Cow::Borrowed(plain(other)), lead: 0 },
    }
}

fn mean_of(columns: &[&[f64]]) -> Vec<f64> {
    let parts = columns.len() as f64;
    (0..columns[0].len()).map(|row| columns.iter().map(|column| column[row]).sum::<f64>() / parts).collect()
}

fn call<'a>(indicator: &Indicator, args: &Args, inputs: &[&Column<'_>], rows: usize) -> Vec<Column<'a>> {
    let mut outputs: Vec<Vec<f64>> = indicator.outputs.iter().map(|_| vec![0.0; rows]).collect();
    let begin = inputs.iter().map(|column| column.lead).max().unwrap_or(0).min(rows);
    let gapless = inputs.iter().all(|column| {
        matches!(column.values, Cow::Borrowed(_)) && column.lead == 0
            || column.values[begin..].iter().all(|value| value.is_finite())
    });
    let pieces: Vec<Range<usize>> =
        if gapless { std::iter::once(begin..rows).collect() } else { finite_pieces(inputs, rows) };
    let mut end = 0;
    for piece in pieces {
        outputs.iter_mut().for_each(|output| output[end..piece.start].fill(f64::NAN));
        let inputs: Vec<&[f64]> = inputs.iter().map(|column| &column.values[piece.clone()]).collect();
        let mut outputs: Vec<&mut [f64]> =
            outputs.iter_mut().map(|output| &mut output[piece.clone()]).collect();
        (indicator.kernel)(args, &inputs, &mut outputs);
        end = piece.end;
    }
    outputs.iter_mut().for_each(|output| output[end..].fill(f64::NAN));
    outputs.into_iter().map(Column::new).collect()
}

/// The longest runs of rows in which every input has a finite value.
fn finite_pieces(inputs: &[&Column<'_>], rows: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut begin = None;
    for row in 0..rows {
        let sound = inputs.iter().all(|column| column.values[row].is_finite());
        match (sound, begin) {
            (true, None) => begin = Some(row),
            (false, Some(first)) => {
                pieces.push(first..row);
                begin = None;
            }
            _ => {}
        }
    }
    pieces.extend(begin.map(|first| first..rows));
    pieces
}
