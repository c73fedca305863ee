//! Every indicator that TA-Lib has as well, with its defaults, beside TA-Lib on the same bars, one thread each, in turns.

use std::path::Path;
use std::time::Instant;

use engine::indicators::{Graph, Made, compute, find, parse_asks};

use super::peers::{Market, Peer, python};

/// How much there is to do.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Bars; the last number is the most.
    pub rows: &'static [usize],
    /// Turns, and calls in each.
    pub rounds: (usize, usize),
}

/// One function on so many bars.
struct Line {
    name: String,
    rows: usize,
    ours_s: f64,
    theirs_s: f64,
    /// Whether both come to the same numbers, as far as a sum of them tells.
    is_same: bool,
}

/// Measures, and prints a table.
pub fn trial(folder: &Path, extent: &Extent) {
    let Some(python) = python(&["numpy", "talib"]) else {
        println!("indicators: skipped, no Python with numpy and talib (ENGINE_PYTHON names one)");
        return;
    };
    let market = Market::new(extent.rows.iter().copied().max().unwrap_or(0));
    market.write(folder);
    let (mut peer, first) = Peer::new(&python, "talib_functions.py", folder);
    let known = first["functions"].as_array().expect("it says what it has");
    let names: Vec<&str> = known.iter().filter_map(|name| name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| find(name).is_some()).collect();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let mut lines = Vec::new();
    for rows in extent.rows {
        for name in &names {
            lines.push(one.install(|| measured(name, &market, *rows, extent.rounds, &mut peer)));
        }
    }
    println!("{}", table(&lines, first["version"].as_str().unwrap_or("?")));
}

fn measured(name: &str, market: &Market, rows: usize, rounds: (usize, usize), peer: &mut Peer) -> Line {
    let asks = parse_asks(name, &|_| false).expect("a name is a request");
    let (graph, bars) = (Graph::new(&asks), market.bars(rows));
    let (mut ours_s, mut theirs_s) = (f64::INFINITY, f64::INFINITY);
    let mut sums = (0.0, 0.0);
    for _ in 0..rounds.0 {
        for _ in 0..rounds.1 {
            let begun = Instant::now();
            let made = compute(&graph, &bars);
            ours_s = ours_s.min(begun.elapsed().as_secs_f64());
            sums.0 = sum(&made);
        }
        let answer = peer.ask(&format!("{name} {rows} {}", rounds.1));
        theirs_s = theirs_s.min(answer["seconds"].as_f64().expect("seconds"));
        sums.1 = answer["sum"].as_f64().expect("a sum");
    }
    // Sums on their way through a million bars lose digits, TA-Lib's too: the golden figures say it exactly.
    let is_same = (sums.0 - sums.1).abs() <= 1e-6 * sums.1.abs().max(1.0);
    Line { name: name.to_owned(), rows, ours_s, theirs_s, is_same }
}

fn sum(made: &Made<'_>) -> f64 {
    let columns = made.names.iter().map(|(_, place)| &made.columns[*place]);
    let values = columns.flat_map(|column| column.values.iter());
    values.filter(|value| value.is_finite()).map(|value| value.abs()).sum()
}

fn table(lines: &[Line], version: &str) -> String {
    let mut text = format!("{:<20} {:>9} {:>10} {:>10} {:>7}\n", "", "bars", "ours ms", "TA-Lib ms", "ratio");
    for line in lines {
        let ratio = line.theirs_s / line.ours_s;
        let other = if line.is_same { "" } else { "  other numbers" };
        let (ours, theirs) = (line.ours_s * 1e3, line.theirs_s * 1e3);
        text +=
            &format!("{:<20} {:>9} {ours:>10.3} {theirs:>10.3} {ratio:>7.2}{other}\n", line.name, line.rows);
    }
    let ratios: Vec<f64> = lines.iter().map(|line| line.theirs_s / line.ours_s).collect();
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len().max(1) as f64).exp();
    let slower: Vec<String> = lines
        .iter()
        .filter(|line| line.ours_s > line.theirs_s)
        .map(|line| format!("{} ({:.2} at {})", line.name, line.theirs_s / line.ours_s, line.rows))
        .collect();
    let slower = if slower.is_empty() { "none".to_owned() } else { slower.join(", ") };
    format!(
        "{text}\n{} functions beside TA-Lib {version}: geometric mean of the ratios {mean:.2}; slower: {slower}",
        lines.len()
    )
}
