//! What an answer would take, in words.

use serde_json::{Value, json};

use super::indicator_words::reach;
use super::output::{grouped, table_of_words};
use crate::indicators::Step;
use crate::plan::{Explanation, OwnStep};

/// Steps that are listed for people; thousands would say less.
const STEPS_MAX: usize = 200;

/// For people.
pub(super) fn text(explanation: &Explanation) -> String {
    let mut text = String::new();
    write(&mut text, explanation, "");
    text
}

fn write(text: &mut String, explanation: &Explanation, margin: &str) {
    let Explanation { series, rows, rows_before, rows_held, .. } = explanation;
    *text += &format!(
        "{margin}{series}: {} bars of the slice and {} before them, of {} there are; values need {}\n",
        grouped(*rows as u64),
        grouped(*rows_before as u64),
        grouped(*rows_held as u64),
        reach(explanation.reach),
    );
    for other in &explanation.others {
        *text += &format!("{margin}  first, of another series:\n");
        write(text, other, &format!("{margin}    "));
    }
    for own in &explanation.own {
        *text += &format!("{margin}  {}\n", own_line(own));
    }
    let steps = &explanation.steps;
    let shared = steps.iter().filter(|step| step.serves + step.columns.len() > 1).count();
    let columns: usize = steps.iter().map(|step| step.columns.len()).sum();
    let levels = steps.iter().map(|step| step.level).max().unwrap_or(0);
    *text += &format!(
        "{margin}  {} in {} for {}; shared by several: {shared}\n",
        counted(steps.len(), "step"),
        counted(levels + 1, "round"),
        counted(columns, "column"),
    );
    let listed = steps.iter().enumerate().take(STEPS_MAX);
    let rows = listed.map(|(place, step)| {
        vec![
            place.to_string(),
            step.what.clone(),
            inputs(step, steps),
            (step.level).to_string(),
            served(step),
        ]
    });
    let table = table_of_words(5, &["step", "computes", "of", "round", "for"], rows);
    text.extend(table.lines().map(|line| format!("{margin}  {line}\n")));
    if steps.len() > STEPS_MAX {
        *text += &format!("{margin}  ... and {} more: --json lists all\n", steps.len() - STEPS_MAX);
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

fn own_line(own: &OwnStep) -> String {
    let kind = if own.is_program { "program" } else { "expression" };
    let inputs =
        if own.inputs.is_empty() { String::new() } else { format!(", of {}", own.inputs.join(", ")) };
    format!("then the {kind} {}: {}{inputs}; needs {}", own.name, own.what, reach(own.reach))
}

fn inputs(step: &Step, steps: &[Step]) -> String {
    let input = |(place, output): &(usize, Option<&'static str>)| {
        let what = &steps[*place].what;
        // A column is known by its name, everything else by its place.
        let name = if steps[*place].level == 0 { what.clone() } else { format!("step {place}") };
        output.map_or(name.clone(), |output| format!("{name}.{output}"))
    };
    step.of.iter().map(input).collect::<Vec<_>>().join(", ")
}

fn served(step: &Step) -> String {
    let others = match step.serves {
        0 => None,
        1 => Some("1 step".to_owned()),
        many => Some(format!("{many} steps")),
    };
    step.columns.iter().cloned().chain(others).collect::<Vec<_>>().join(", ")
}

/// For machines.
pub(super) fn json(explanation: &Explanation) -> Value {
    let own = explanation.own.iter().map(|own| {
        json!({
            "name": own.name, "kind": if own.is_program { "program" } else { "expression" }, "what": own.what,
            "inputs": own.inputs, "needs": reach(own.reach),
        })
    });
    let steps = explanation.steps.iter().map(|step| {
        let of = step.of.iter().map(|(place, output)| json!({ "step": place, "output": output }));
        json!({
            "computes": step.what, "of": of.collect::<Vec<_>>(), "round": step.level, "columns": step.columns,
            "serves": step.serves,
        })
    });
    json!({
        "series": explanation.series.to_string(),
        "rows": explanation.rows, "rows_before": explanation.rows_before, "rows_held": explanation.rows_held,
        "needs": reach(explanation.reach),
        "own": own.collect::<Vec<_>>(),
        "others": explanation.others.iter().map(json).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}
