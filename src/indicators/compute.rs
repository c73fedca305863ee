//! A graph over columns of bars: level by level, the nodes of a level on all cores, every kernel over whole columns.
//! What serves one other node only is computed along with that one, and gone when it is done.
//!
//! What a column lacks: rows before its first value are missing (they become null), and a value that is not defined
//! within (0 / 0, say) is NaN. An indicator whose input has such a gap begins anew behind it, so that nothing is
//! poisoned beyond its own window.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use rayon::prelude::*;

use super::entry::{Args, Field, Indicator};
use super::graph::{Graph, Wire, Work};
use super::unwritten::{assert_written, unwritten};

/// Columns of some bars, all of one length; only those that are needed have to be there.
#[derive(Clone, Debug, Default)]
pub struct Bars<'a> {
    /// Bars.
    pub rows: usize,
    /// Fields of the bars. Times are in milliseconds, exactly: they are below 2^53. What is borrowed is taken to be
    /// finite from the first row to the last, as the lake's numbers are; what is owned is looked through.
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column<'a> {
    /// NaN where there is no value.
    pub values: Cow<'a, [f64]>,
    /// Rows before the first value.
    pub lead: usize,
}

impl<'a> Column<'a> {
    fn new(values: impl Into<Cow<'a, [f64]>>) -> Column<'a> {
        let values = values.into();
        Column { lead: lead_of(&values), values }
    }
}

/// Rows before the first value: sixteen at a time, for there are columns that have none at all.
fn lead_of(values: &[f64]) -> usize {
    let (blocks, _) = values.as_chunks::<16>();
    let is_empty = |block: &&[f64; 16]| block.iter().fold(true, |all, value| all & value.is_nan());
    let begin = 16 * blocks.iter().take_while(is_empty).count();
    begin + values[begin..].iter().take_while(|value| value.is_nan()).count()
}

/// Computes what a graph wants.
pub fn compute<'a>(graph: &Graph, bars: &'a Bars<'a>) -> Made<'a> {
    let uses = Uses::of(graph);
    let mut run = Run { graph, bars, uses, done: vec![None; graph.nodes.len()] };
    let levels = graph.nodes.iter().map(|node| node.level).max().unwrap_or(0);
    for level in 0..=levels {
        let is_due = |n: &usize| graph.nodes[*n].level == level && !run.uses.within_another[*n];
        let nodes: Vec<usize> = (0..graph.nodes.len()).filter(is_due).collect();
        for (node, columns) in nodes.iter().zip(run.all(&nodes)) {
            run.done[*node] = Some(columns);
        }
        // What only served others gives its memory to the next level.
        for (node, last) in run.uses.last_level.iter().enumerate() {
            if *last == Some(level) {
                run.done[node] = None;
            }
        }
    }
    gather(graph, run.done)
}

fn gather<'a>(graph: &Graph, mut done: Vec<Option<Vec<Ready<'a>>>>) -> Made<'a> {
    let mut made = Made::default();
    let mut places = std::collections::HashMap::new();
    for wanted in &graph.wanted {
        let place = *places.entry(wanted.wire).or_insert_with(|| {
            let columns = done[wanted.wire.node].as_mut().expect("wanted nodes are kept");
            made.columns.push(std::mem::take(&mut columns[wanted.wire.output].column));
            made.columns.len() - 1
        });
        made.names.push((wanted.name.clone(), place));
    }
    made
}

/// A column that others may be made of.
#[derive(Clone, Debug, Default)]
struct Ready<'a> {
    column: Column<'a>,
    /// Whether all values from the first one on are finite. Found out once, and only of what others are made of.
    is_sound: bool,
}

/// What becomes of the nodes' columns.
struct Uses {
    wanted: HashSet<Wire>,
    feeding: HashSet<Wire>,
    /// Of each node: whether it is computed along with the only one that it serves.
    within_another: Vec<bool>,
    /// Of each node: the last level at which it is an input; `None` for what is wanted itself.
    last_level: Vec<Option<usize>>,
}

impl Uses {
    fn of(graph: &Graph) -> Uses {
        let nodes = graph.nodes.len();
        let wanted: HashSet<Wire> = graph.wanted.iter().map(|wanted| wanted.wire).collect();
        let mut is_wanted = vec![false; nodes];
        wanted.iter().for_each(|wire| is_wanted[wire.node] = true);
        let mut feeding = HashSet::new();
        let mut served: Vec<HashSet<usize>> = vec![HashSet::new(); nodes];
        for (n, node) in graph.nodes.iter().enumerate() {
            for wire in node.inputs() {
                feeding.insert(*wire);
                served[wire.node].insert(n);
            }
        }
        let within_another: Vec<bool> = (0..nodes).map(|n| !is_wanted[n] && served[n].len() == 1).collect();
        // Inputs stand before what they serve: from the last node on, the level at which each one runs is known
        // before its inputs ask for it.
        let mut runs_at: Vec<usize> = graph.nodes.iter().map(|node| node.level).collect();
        let mut last_level = vec![None; nodes];
        for n in (0..nodes).rev() {
            let last = served[n].iter().map(|other| runs_at[*other]).max();
            if within_another[n] {
                runs_at[n] = last.unwrap_or(runs_at[n]);
            } else if !is_wanted[n] {
                last_level[n] = last.or(Some(runs_at[n]));
            }
        }
        Uses { wanted, feeding, within_another, last_level }
    }
}

/// A graph on its way.
struct Run<'g, 'a> {
    graph: &'g Graph,
    bars: &'a Bars<'a>,
    uses: Uses,
    done: Vec<Option<Vec<Ready<'a>>>>,
}

impl<'a> Run<'_, 'a> {
    /// The columns of some nodes, on all cores.
    fn all(&self, nodes: &[usize]) -> Vec<Vec<Ready<'a>>> {
        match nodes {
            // To wake up another thread would take longer than a short column.
            [one] => vec![self.columns_of(*one)],
            _ => nodes.par_iter().map(|node| self.columns_of(*node)).collect(),
        }
    }

    fn columns_of(&self, node: usize) -> Vec<Ready<'a>> {
        let work = &self.graph.nodes[node].work;
        let columns = match work {
            Work::Field(field) => vec![field_of(*field, self.bars)],
            Work::Column(name) => {
                let found = self.bars.columns.iter().find(|(known, _)| known == name);
                let (_, values) = found.expect("the frame has the columns the graph names");
                vec![Column::new(&values[..])]
            }
            Work::Call { indicator, args, inputs } => self.call(indicator, args, inputs),
        };
        let ready = |(output, column): (usize, Column<'a>)| {
            let wire = Wire { node, output };
            let is_input = self.uses.feeding.contains(&wire);
            if !is_input && !self.uses.wanted.contains(&wire) {
                return Ready::default();
            }
            let is_sound = is_input && (is_lent(work, self.bars) || is_finite(&column.values[column.lead..]));
            Ready { column, is_sound }
        };
        columns.into_iter().enumerate().map(ready).collect()
    }

    fn call(&self, indicator: &Indicator, args: &Args, wires: &[Wire]) -> Vec<Column<'a>> {
        let mut within: Vec<usize> = wires.iter().map(|wire| wire.node).collect();
        within.retain(|node| self.uses.within_another[*node]);
        within.sort_unstable();
        within.dedup();
        let columns = self.all(&within);
        let input = |wire: &Wire| match within.iter().position(|node| *node == wire.node) {
            Some(place) => &columns[place][wire.output],
            None => &self.done[wire.node].as_ref().expect("inputs are of earlier levels")[wire.output],
        };
        let inputs: Vec<&Ready<'_>> = wires.iter().map(input).collect();
        call(indicator, args, &inputs, self.bars.rows)
    }
}

fn field_of<'a>(field: Field, bars: &'a Bars<'a>) -> Column<'a> {
    let plain = |field: Field| field_in(bars, field).as_ref();
    let [open, high, low, close] = [Field::Open, Field::High, Field::Low, Field::Close];
    match field {
        Field::Hl2 => Column::new(mean_of([plain(high), plain(low)])),
        Field::Hlc3 => Column::new(mean_of([plain(high), plain(low), plain(close)])),
        Field::Ohlc4 => Column::new(mean_of([plain(open), plain(high), plain(low), plain(close)])),
        Field::Hlcc4 => Column::new(mean_of([plain(high), plain(low), plain(close), plain(close)])),
        other => Column::new(plain(other)),
    }
}

fn field_in<'a>(bars: &'a Bars<'a>, field: Field) -> &'a Cow<'a, [f64]> {
    let found = bars.fields.iter().find(|(known, _)| *known == field);
    &found.expect("the fields that a graph needs are there").1
}

/// Whether a node is a field of the bars as it was lent.
fn is_lent(work: &Work, bars: &Bars<'_>) -> bool {
    let is_plain = |field: &Field| !matches!(field, Field::Hl2 | Field::Hlc3 | Field::Ohlc4 | Field::Hlcc4);
    let Work::Field(field) = work else { return false };
    is_plain(field) && matches!(field_in(bars, *field), Cow::Borrowed(_))
}

fn mean_of<const N: usize>(columns: [&[f64]; N]) -> Vec<f64> {
    let rows = columns[0].len();
    let columns = columns.map(|column| &column[..rows]);
    (0..rows).map(|row| columns.map(|column| column[row]).iter().sum::<f64>() / N as f64).collect()
}

fn call<'a>(indicator: &Indicator, args: &Args, inputs: &[&Ready<'_>], rows: usize) -> Vec<Column<'a>> {
    let mut outputs: Vec<Vec<f64>> = indicator.outputs.iter().map(|_| unwritten(rows)).collect();
    let columns: Vec<&Column<'_>> = inputs.iter().map(|input| &input.column).collect();
    let begin = columns.iter().map(|column| column.lead).max().unwrap_or(0).min(rows);
    let pieces: Vec<Range<usize>> = if inputs.iter().all(|input| input.is_sound) {
        std::iter::once(begin..rows).collect()
    } else {
        finite_pieces(&columns, rows)
    };
    let mut end = 0;
    for piece in pieces {
        outputs.iter_mut().for_each(|output| output[end..piece.start].fill(f64::NAN));
        let inputs: Vec<&[f64]> = columns.iter().map(|column| &column.values[piece.clone()]).collect();
        let mut outputs: Vec<&mut [f64]> =
            outputs.iter_mut().map(|output| &mut output[piece.clone()]).collect();
        (indicator.kernel)(args, &inputs, &mut outputs);
        end = piece.end;
    }
    for output in &mut outputs {
        output[end..].fill(f64::NAN);
        assert_written(indicator.name, output);
    }
    outputs.into_iter().map(Column::new).collect()
}

/// Whether all values are. Nothing times a finite number is nothing, times any other it is NaN: sums instead of
/// questions, and eight of them side by side.
fn is_finite(values: &[f64]) -> bool {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, value)| *sum += value * 0.0);
    }
    sums.iter().chain(rest).all(|value| value.is_finite())
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
