//! A graph in words: what is computed, of what, and for whom.

use super::entry::Values;
use super::graph::{Graph, Wire, Work};

/// One thing that is computed, or taken from the bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// A field, a column, or an indicator with its arguments, such as `macd(12, 26, 9)`.
    pub what: String,
    /// The places of its inputs among the steps, each with the output that is taken where there are several.
    pub of: Vec<(usize, Option<&'static str>)>,
    /// Steps of one level need earlier levels only, and are computed at once.
    pub level: usize,
    /// The columns it was asked for as; none for what only serves others.
    pub columns: Vec<String>,
    /// How many other steps it serves.
    pub serves: usize,
}

impl Graph {
    /// What will be computed, each step after those it needs.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = self
            .nodes
            .iter()
            .map(|node| Step {
                what: what(&node.work),
                of: of(&node.work).iter().map(|wire| (wire.node, self.output(*wire))).collect(),
                level: node.level,
                columns: Vec::new(),
                serves: 0,
            })
            .collect();
        for wanted in &self.wanted {
            steps[wanted.wire.node].columns.push(wanted.name.clone());
        }
        for node in &self.nodes {
            let mut inputs: Vec<usize> = of(&node.work).iter().map(|wire| wire.node).collect();
            inputs.sort_unstable();
            inputs.dedup();
            inputs.into_iter().for_each(|input| steps[input].serves += 1);
        }
        steps
    }

    fn output(&self, wire: Wire) -> Option<&'static str> {
        match &self.nodes[wire.node].work {
            Work::Call { indicator, .. } if indicator.outputs.len() > 1 => {
                Some(indicator.outputs[wire.output])
            }
            _ => None,
        }
    }
}

fn of(work: &Work) -> &[Wire] {
    match work {
        Work::Call { inputs, .. } => inputs,
        Work::Field(_) | Work::Column(_) => &[],
    }
}

fn what(work: &Work) -> String {
    match work {
        Work::Field(field) => field.name().to_owned(),
        Work::Column(name) => name.clone(),
        Work::Call { indicator, args, .. } if indicator.params.is_empty() => {
            debug_assert!(args.all().is_empty());
            indicator.name.to_owned()
        }
        Work::Call { indicator, args, .. } => {
            let written = |(param, number): (&super::entry::Param, &f64)| match param.values {
                Values::Words(words) => words[*number as usize].to_owned(),
                _ => number.to_string(),
            };
            let args: Vec<String> = indicator.params.iter().zip(args.all()).map(written).collect();
            format!("{}({})", indicator.name, args.join(", "))
        }
    }
}
