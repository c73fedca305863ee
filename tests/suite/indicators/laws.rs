//! Laws over the whole catalogue: any slice has the values of the whole, nothing looks ahead, nobody disturbs others.

use engine::indicators::{Graph, Indicator, WarmUp, catalog, parse_asks};

use super::{Table, market, table};

/// The request of an indicator with its defaults.
fn plain(indicator: &Indicator) -> String {
    format!("{}()", indicator.name)
}

fn near(a: f64, b: f64, scale: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(scale)
}

/// Mean size of the values of a column.
fn scale(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    finite.iter().map(|value| value.abs()).sum::<f64>() / finite.len().max(1) as f64 * 1e-3
}

#[test]
fn names_and_aliases_are_unique_lower_case_and_explained() {
    let mut seen = std::collections::BTreeSet::new();
    for indicator in catalog() {
        for name in std::iter::once(&indicator.name).chain(indicator.aliases) {
            assert!(seen.insert(*name), "{name} stands for two indicators");
            assert_eq!(name.to_lowercase(), **name);
        }
        assert!(
            !indicator.formula.is_empty() && !indicator.origin.is_empty(),
            "{} is not explained",
            indicator.name
        );
        assert!(indicator.outputs.iter().all(|output| !output.contains("__")), "{}", indicator.name);
        for part in indicator.parts {
            assert!(engine::indicators::find(part.of).is_some(), "{} needs {}", indicator.name, part.of);
        }
    }
}

#[test]
fn a_slice_with_its_warm_up_has_the_values_of_the_whole() {
    let whole = table(&market(5, 4_000));
    let mut wrong = Vec::new();
    for indicator in catalog() {
        let request = plain(indicator);
        let asks = parse_asks(&request, &|_| false).expect("defaults are a request");
        let WarmUp::Rows(rows) = Graph::new(&asks).reach() else { continue };
        let full = whole.of(&request);
        for after in [whole.rows() - 40, whole.rows() - 333] {
            let first = after.saturating_sub(rows);
            for ((name, all), (_, some)) in full.iter().zip(whole.slice(first..whole.rows()).of(&request)) {
                let scale = scale(all);
                let differs = |row: &usize| !near(all[*row], some[row - first], scale);
                if let Some(row) = (after..whole.rows()).find(differs) {
                    wrong.push(format!(
                        "{name} with {rows} rows: {} instead of {}",
                        some[row - first],
                        all[row]
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The whole, with other bars after a row.
fn changed_after(whole: &Table, row: usize) -> Table {
    let other = table(&market(6, whole.rows()));
    let mut changed = whole.clone();
    let columns =
        |table: &Table| [&table.open, &table.high, &table.low, &table.close, &table.volume].map(Clone::clone);
    let others = columns(&other);
    let mine =
        [&mut changed.open, &mut changed.high, &mut changed.low, &mut changed.close, &mut changed.volume];
    for (mine, others) in mine.into_iter().zip(others) {
        mine[row + 1..].copy_from_slice(&others[row + 1..]);
    }
    changed
}

#[test]
fn nothing_looks_ahead_but_what_says_so() {
    let whole = table(&market(5, 1_500));
    let mut wrong = Vec::new();
    for indicator in catalog() {
        let request = plain(indicator);
        let full = whole.of(&request);
        let mut changes = false;
        for row in [200, 777, 1_200, 1_498] {
            for ((name, before), (_, after)) in full.iter().zip(changed_after(&whole, row).of(&request)) {
                let same = |row: usize| before[row].to_bits() == after[row].to_bits();
                if let Some(place) = (0..=row).find(|row| !same(*row)) {
                    changes = true;
                    if !indicator.sees_future {
                        wrong.push(format!("{name}: row {place} changes with what comes after {row}"));
                    }
                }
            }
        }
        if indicator.sees_future && !changes {
            wrong.push(format!("{} is said to see the future and does not", indicator.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_requests_change_no_bit() {
    let bars = table(&market(7, 600));
    let all: Vec<String> = catalog().iter().map(|indicator| plain(indicator)).collect();
    let together: std::collections::HashMap<String, Vec<f64>> = bars.of(&all.join(",")).into_iter().collect();
    for request in &all {
        for (name, alone) in bars.of(request) {
            let same = alone.iter().zip(&together[&name]).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{name} differs among others");
        }
    }
}
