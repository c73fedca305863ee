//! Requests as a graph in which everything is computed once.

use std::collections::{HashMap, HashSet};

use super::catalog::find;
use super::entry::{Args, Field, Indicator, WarmUp};
use super::spec::{Ask, Call, Source};

/// A column: which node, and which of its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wire {
    pub node: usize,
    pub output: usize,
}

/// What one node computes.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// A field of the bars.
    Field(Field),
    /// A column that is in the frame already.
    Column(String),
    /// An indicator over other columns.
    Call { indicator: &'static Indicator, args: Args, inputs: Vec<Wire> },
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub work: Work,
    /// Nodes of a level depend on earlier levels only.
    pub level: usize,
}

impl Node {
    /// What it is computed from.
    pub(super) fn inputs(&self) -> &[Wire] {
        if let Work::Call { inputs, .. } = &self.work { inputs } else { &[] }
    }

    fn column(&self) -> Option<&str> {
        if let Work::Column(name) = &self.work { Some(name) } else { None }
    }
}

/// A column that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub name: String,
    pub wire: Wire,
}

/// What has to be computed for some requests.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) wanted: Vec<Wanted>,
    known: HashMap<Key, usize>,
}

/// What makes two nodes the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Field(Field),
    Column(String),
    Call(&'static str, Vec<u64>, Vec<Wire>),
}

impl Graph {
    /// The graph of requests. What is not computed from the bars alone (the user's own, other symbols) is expected as
    /// a column of the frame that has the request's text as its name.
    pub fn new(asks: &[Ask]) -> Graph {
        let mut graph = Graph::default();
        for ask in asks {
            graph.want(ask);
        }
        // The same column asked for twice, as by `macd,macd__hist`, comes once.
        let mut seen = HashSet::new();
        graph.wanted.retain(|wanted| seen.insert(wanted.name.clone()));
        graph
    }

    /// Names of the columns that come out, in the order of the requests.
    pub fn names(&self) -> Vec<&str> {
        self.wanted.iter().map(|wanted| wanted.name.as_str()).collect()
    }

    /// Fields of the bars that are needed.
    pub fn fields(&self) -> Vec<Field> {
        let field = |node: &Node| if let Work::Field(field) = node.work { Some(field) } else { None };
        self.nodes.iter().filter_map(field).collect()
    }

    /// Columns that have to be in the frame already.
    pub fn columns(&self) -> Vec<&str> {
        self.nodes.iter().filter_map(Node::column).collect()
    }

    /// How far back the values of the first row reach.
    pub fn reach(&self) -> WarmUp {
        let mut reaches: Vec<WarmUp> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            reaches.push(match &node.work {
                Work::Field(_) | Work::Column(_) => WarmUp::Rows(0),
                Work::Call { indicator, args, inputs } => {
                    let of_inputs = inputs.iter().map(|wire| reaches[wire.node]);
                    (indicator.warm_up)(args).plus(of_inputs.fold(WarmUp::Rows(0), WarmUp::max))
                }
            });
        }
        self.wanted.iter().map(|wanted| reaches[wanted.wire.node]).fold(WarmUp::Rows(0), WarmUp::max)
    }

    fn want(&mut self, ask: &Ask) {
        if ask.place.is_some() {
            for name in ask.columns() {
                let node = self.add(Key::Column(name.clone()), Work::Column(name.clone()), 0);
                self.wanted.push(Wanted { name, wire: Wire { node, output: 0 } });
            }
            return;
        }
        let wire = self.wire(&ask.source);
        match &ask.source {
            Source::Call(call, _) if !ask.one_output && call.indicator.outputs.len() > 1 => {
                for (output, name) in ask.columns().into_iter().enumerate() {
                    self.wanted.push(Wanted { name, wire: Wire { node: wire.node, output } });
                }
            }
            _ => self.wanted.push(Wanted { name: ask.text.clone(), wire }),
        }
    }

    fn wire(&mut self, source: &Source) -> Wire {
        let node = match source {
            Source::Field(field) => self.add(Key::Field(*field), Work::Field(*field), 0),
            Source::User(name) => self.add(Key::Column(name.clone()), Work::Column(name.clone()), 0),
            Source::Elsewhere(ask) => {
                self.add(Key::Column(ask.text.clone()), Work::Column(ask.text.clone()), 0)
            }
            Source::Call(call, output) => return Wire { node: self.call(call), output: *output },
        };
        Wire { node, output: 0 }
    }

    fn call(&mut self, call: &Call) -> usize {
        let inputs: Vec<Wire> = call.inputs.iter().map(|source| self.wire(source)).collect();
        self.call_on(call.indicator, call.args.clone(), inputs)
    }

    fn call_on(&mut self, indicator: &'static Indicator, args: Args, mut inputs: Vec<Wire>) -> usize {
        for part in indicator.parts {
            let of = find(part.of).expect("a part is in the catalogue, which a test holds");
            let its_inputs = part.inputs.iter().map(|n| inputs[*n]).collect();
            let node = self.call_on(of, Args((part.args)(&args)), its_inputs);
            inputs.push(Wire { node, output: part.output });
        }
        let bits = args.all().iter().map(|number| number.to_bits()).collect();
        let level = inputs.iter().map(|wire| self.nodes[wire.node].level + 1).max().unwrap_or(1);
        let key = Key::Call(indicator.name, bits, inputs.clone());
        self.add(key, Work::Call { indicator, args, inputs }, level)
    }

    fn add(&mut self, key: Key, work: Work, level: usize) -> usize {
        let next = self.nodes.len();
        let node = *self.known.entry(key).or_insert(next);
        if node == next {
            self.nodes.push(Node { work, level });
        }
        node
    }
}
