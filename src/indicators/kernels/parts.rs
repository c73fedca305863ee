//! Recursions in four parts of a column side by side, so that a row of one part does not wait for the row before it.

/// Parts of a long column that are worked on side by side.
pub const PARTS: usize = 4;

/// One row of every part. The compiler finds lanes in loops over arrays often, and often the wrong ones.
pub type Row = wide::f64x4;

/// Four parts of equal length; up to three rows are left over.
pub fn quarters(column: &mut [f64]) -> [&mut [f64]; PARTS] {
    let rows = column.len() / PARTS;
    let (one, rest) = column.split_at_mut(rows);
    let (two, rest) = rest.split_at_mut(rows);
    let (three, rest) = rest.split_at_mut(rows);
    [one, two, three, &mut rest[..rows]]
}

/// Rows after which less than 1e-17 is left of whatever exponential averages of one another, so many deep, were begun
/// with.
pub fn settled_rows(weight: f64, deep: usize) -> usize {
    ((40 + 4 * (deep - 1)) as f64 / -(1.0 - weight).ln()).ceil() as usize
}

/// Rows of a page, and how far into their pages the parts are apart. Rows of one place in their pages share a few lines
/// of the nearest cache, and would drive each other out of it.
const PAGE_ROWS: usize = 512;
const APART: usize = PAGE_ROWS / PARTS + 8;

/// Most of columns that are long enough for it, all of one length; how many rows that makes.
///
/// The inputs have one row more than the outputs, before them: `value` makes what goes into a recursion of the rows
/// before and the rows themselves, and `step` takes that of one row of every part and gives what goes into the outputs.
/// All parts but the first begin `settled` rows early, with the rows they meet there; the first one has nothing before
/// it, goes over what is its own once more, and is then put back by `seat` to where it was.
#[inline(always)]
pub fn side_by_side<S: Copy, const K: usize, const N: usize>(
    inputs: [&[f64]; K],
    outputs: [&mut [f64]; N],
    settled: usize,
    state: &mut S,
    value: impl Fn([Row; K], [Row; K]) -> Row,
    step: impl Fn(&mut S, Row) -> [Row; N],
    seat: impl FnOnce(&mut S),
) -> usize {
    let rows = outputs[0].len() / PARTS;
    if rows < 4 * settled || rows < PAGE_ROWS {
        return 0;
    }
    let rows = rows - (rows + PAGE_ROWS - APART) % PAGE_ROWS;
    let begins = [0, 1, 2, 3].map(|part| part * rows);
    let mut now = *state;
    let early = begins.map(|begin| begin.saturating_sub(settled));
    // One row of every part.
    let across = |begins: [usize; PARTS], row: usize| {
        let at = |later: usize| inputs.map(|of| begins.map(|begin| of[begin + row + later]).into());
        value(at(0), at(1))
    };
    for row in 0..settled {
        step(&mut now, across(early, row));
    }
    seat(&mut now);
    let parts = begins.map(|begin| inputs.map(|of| (&of[begin..][..rows], &of[begin + 1..][..rows])));
    let mut outputs =
        outputs.map(|output| quarters(&mut output[..PARTS * rows]).map(|part| &mut part[..rows]));
    let blocks = rows / PARTS;
    for first in (0..blocks * PARTS).step_by(PARTS) {
        // Read and written four rows of every part at a time, and turned in between.
        let values = parts.map(|columns| {
            value(columns.map(|of| row_at(of.0, first)), columns.map(|of| row_at(of.1, first)))
        });
        let made = Row::transpose(values).map(|values| step(&mut now, values));
        for (n, outs) in outputs.iter_mut().enumerate() {
            let made = Row::transpose(made.map(|made| made[n]));
            for (out, made) in outs.iter_mut().zip(made) {
                out[first..first + PARTS].copy_from_slice(&made.to_array());
            }
        }
    }
    for row in blocks * PARTS..rows {
        let made = step(&mut now, across(begins, row));
        for (outs, made) in outputs.iter_mut().zip(made) {
            outs.iter_mut().zip(made.to_array()).for_each(|(out, made)| out[row] = made);
        }
    }
    *state = now;
    PARTS * rows
}

/// Four rows of a column.
#[inline(always)]
pub fn row_at(column: &[f64], first: usize) -> Row {
    Row::from([0, 1, 2, 3].map(|n| column[first..first + PARTS][n]))
}

/// The last part's lane, which goes on where the parts end.
pub fn last_part(lanes: Row) -> f64 {
    lanes.to_array()[PARTS - 1]
}

/// Lanes with another value in that of the first part.
pub fn seated(lanes: Row, first: f64) -> Row {
    let [_, two, three, four] = lanes.to_array();
    [first, two, three, four].into()
}
