//! Rows to bars, as SPEC 5 words it: every row gets its label, rows with one label are one bar.

use std::collections::BTreeMap;

use engine::model::Bar;

use super::grid::TextLattice;
use super::post::{TextSteps, stored};

/// What a series is after all its source's rows.
#[derive(Clone, Debug)]
pub struct TextSeries {
    pub committed: Vec<Bar>,
    /// Every later bar.
    pub open: Vec<Bar>,
    pub watermark_ms: i64,
    /// The first source row of any bar that is not committed; the number of rows when there is none.
    pub resume_row: usize,
}

impl TextSeries {
    pub fn all(&self) -> Vec<Bar> {
        self.committed.iter().chain(&self.open).copied().collect()
    }
}

/// `rint(x * 10^d) / 10^d`, left when `|x| * 10^d >= 2^52`, zero as +0.0.
pub fn round(x: f64, decimals: u32) -> f64 {
    let scale = 10f64.powi(decimals as i32);
    if (x * scale).abs() >= 4_503_599_627_370_496.0 {
        return x;
    }
    let rounded = (x * scale).round_ties_even() / scale;
    if rounded == 0.0 { 0.0 } else { rounded }
}

struct Group {
    rows: Vec<usize>,
    end_ms: i64,
    offset_s: i64,
}

/// Folds all rows of a source whose watermark stands at `source_ms`, then does the steps.
pub fn fold(
    rows: &[Bar],
    source_ms: i64,
    lattice: &TextLattice,
    steps: &TextSteps,
    decimals: u32,
) -> TextSeries {
    let mut groups: BTreeMap<i64, Group> = BTreeMap::new();
    for (i, row) in rows.iter().enumerate() {
        let place = lattice.place(row.time_ms as i64, i64::from(row.utc_offset_s));
        let group = groups.entry(place.label_ms).or_insert(Group {
            rows: Vec::new(),
            end_ms: place.end_ms,
            offset_s: place.offset_s,
        });
        group.rows.push(i);
        group.end_ms = group.end_ms.max(place.end_ms);
    }
    let is_closed = |group: &Group| match lattice.closed_right() {
        false => source_ms >= group.end_ms,
        true => source_ms > group.end_ms,
    };
    let mut watermark_ms = lattice.smallest_label(source_ms);
    for (label, group) in &groups {
        if !is_closed(group) {
            watermark_ms = watermark_ms.min(*label);
        }
    }
    let mut resume_row = rows.len();
    let (mut folded, mut first_rows) = (Vec::new(), Vec::new());
    for (label, group) in &groups {
        if *label >= watermark_ms {
            resume_row = resume_row.min(group.rows[0]);
        }
        let bar = combine(rows, *label, group, decimals);
        if bar.volume > 0.0 {
            folded.push(bar);
            first_rows.push(group.rows[0]);
        }
    }
    let (wholes, watermark_ms) = steps.apply(&folded, watermark_ms);
    let mut series = TextSeries { committed: Vec::new(), open: Vec::new(), watermark_ms, resume_row };
    for whole in &wholes {
        let bar = stored(whole, decimals);
        if (bar.time_ms as i64) < watermark_ms {
            series.committed.push(bar);
            continue;
        }
        series.open.push(bar);
        for part in &whole.parts {
            series.resume_row = series.resume_row.min(first_rows[*part]);
        }
    }
    series
}

fn combine(rows: &[Bar], label_ms: i64, group: &Group, decimals: u32) -> Bar {
    let members: Vec<&Bar> = group.rows.iter().map(|i| &rows[*i]).collect();
    let (first, last) = (members[0], members[members.len() - 1]);
    let mut volume = 0.0;
    for member in &members {
        volume += member.volume;
    }
    Bar {
        time_ms: label_ms as u64,
        open: round(first.open, decimals),
        high: round(members.iter().map(|bar| bar.high).fold(f64::MIN, f64::max), decimals),
        low: round(members.iter().map(|bar| bar.low).fold(f64::MAX, f64::min), decimals),
        close: round(last.close, decimals),
        volume: round(volume, decimals),
        utc_offset_s: group.offset_s as i32,
        count: members.iter().map(|bar| bar.count).sum(),
        flags: members.iter().fold(0, |flags, bar| flags | bar.flags),
        crc32c: 0,
    }
}
