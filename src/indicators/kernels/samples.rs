//! Sums of products over the last bars, of one column or two.

use super::Running;

/// Rows after which sums are made anew in any case; longer windows less often.
const FRESH_ROWS: usize = 1024;
/// The same where places are among the factors: they grow with the rows.
const FRESH_PLACES: usize = 128;
/// When the squares around the mean are less than this share of the largest sum of squares since the sums were made,
/// too many digits are lost in the difference, and the sums are made anew around a value of the window.
const SOUND: f64 = 1e-5;
/// The same where third and fourth powers are summed.
const SOUND_POWERS: f64 = 1e-2;

/// What a window is made of.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a> {
    /// One column.
    x: &'a [f64],
    /// Another one, as long, or the same.
    y: &'a [f64],
    /// Length of the window.
    period: usize,
    /// `SOUND` or `SOUND_POWERS`.
    sound: f64,
    /// Rows after which sums are made anew.
    fresh: usize,
}

impl<'a> Pairs<'a> {
    /// Of two columns.
    pub fn new(x: &'a [f64], y: &'a [f64], period: usize) -> Pairs<'a> {
        Pairs { x, y, period, sound: SOUND, fresh: FRESH_ROWS.max(16 * period) }
    }

    /// Of one column.
    pub fn one(x: &'a [f64], period: usize) -> Pairs<'a> {
        Pairs::new(x, x, period)
    }

    /// Of one column and its places.
    pub fn placed(x: &'a [f64], period: usize) -> Pairs<'a> {
        Pairs { fresh: FRESH_PLACES.max(8 * period), ..Pairs::one(x, period) }
    }

    /// Where third and fourth powers are summed.
    pub fn of_powers(x: &'a [f64], period: usize) -> Pairs<'a> {
        Pairs { sound: SOUND_POWERS, ..Pairs::one(x, period) }
    }
}

/// Rows that are summed at a time.
const ROWS: usize = 512;

/// Sums of some rows in order.
#[derive(Clone, Copy, Debug)]
pub struct Sums<'a, const N: usize> {
    /// The first of the rows.
    pub row: usize,
    /// How many.
    pub rows: usize,
    of: &'a [[f64; ROWS]; N],
    /// What was taken from x and from y before.
    pub centre: [f64; 2],
    /// Place of the first value of the first row's window.
    begin: f64,
}

impl<const N: usize> Sums<'_, N> {
    /// Rows, and their sums.
    pub fn each(&self) -> impl Iterator<Item = (usize, [f64; N])> {
        let of = self.of;
        (0..self.rows.min(ROWS)).map(move |n| (self.row + n, of.each_ref().map(|sums| sums[n])))
    }

    /// The place at which a row's window begins.
    #[inline(always)]
    pub fn begin_of(&self, row: usize) -> f64 {
        self.begin + f64::from((row - self.row) as u32 as i32)
    }

    /// Writes what `shape` makes of the sums, the centres and the place at which the window begins.
    #[inline(always)]
    pub fn write(&self, output: &mut [f64], shape: impl Fn([f64; N], [f64; 2], f64) -> f64) {
        self.rewrite(output, |_, sums, centre, begin| shape(sums, centre, begin));
    }

    /// The same, given what is in the output already.
    #[inline(always)]
    pub fn rewrite(&self, output: &mut [f64], shape: impl Fn(f64, [f64; N], [f64; 2], f64) -> f64) {
        rewrite(&mut output[self.row..self.row + self.rows], self.of, self.centre, self.begin, shape);
    }
}

/// A function of its own, so that the compiler knows that what is written is not what is read.
#[inline(never)]
fn rewrite<const N: usize>(
    output: &mut [f64],
    of: &[[f64; ROWS]; N],
    centre: [f64; 2],
    begin: f64,
    shape: impl Fn(f64, [f64; N], [f64; 2], f64) -> f64,
) {
    let rows = output.len().min(ROWS);
    for (n, out) in output[..rows].iter_mut().enumerate() {
        *out = shape(*out, of.each_ref().map(|sums| sums[n]), centre, begin + f64::from(n as u32 as i32));
    }
}

/// Sums of `N` terms over every window, given to `take` some rows at a time, from row `period - 1` on.
///
/// `terms` makes them of one value of x, one of y (both less a centre, which is a value of the window at first) and
/// its place, a whole number that goes up by one with the rows. The first `2 WATCH` terms are x, x^2, y and y^2 (or
/// x and x^2, or nothing in particular), by which lost digits are noticed.
#[inline(always)]
pub fn sums<const N: usize, const WATCH: usize>(
    pairs: Pairs<'_>,
    terms: impl Fn(f64, f64, f64) -> [f64; N] + Copy,
    mut take: impl FnMut(Sums<'_, N>),
) {
    let Pairs { x, y, period, fresh, .. } = pairs;
    let rows = x.len().min(y.len());
    let (x, y) = (&x[..rows], &y[..rows]);
    let mut buffers = Buffers { sums: [[0.0; ROWS]; N], peaks: [[0.0; ROWS]; WATCH] };
    let mut row = period - 1;
    while row < rows {
        let begin = row + 1 - period;
        let end = rows.min(row + fresh);
        let block = Pairs { x: &x[begin..end], y: &y[begin..end], ..pairs };
        row = begin
            + buffers.block(block, terms, |sums| {
                take(Sums { row: sums.row + begin, ..sums });
            });
    }
}

struct Buffers<const N: usize, const WATCH: usize> {
    sums: [[f64; ROWS]; N],
    peaks: [[f64; ROWS]; WATCH],
}

impl<const N: usize, const WATCH: usize> Buffers<N, WATCH> {
    /// Rows from one making of the sums to the next; gives back the first row that is left.
    #[inline(always)]
    fn block(
        &mut self,
        pairs: Pairs<'_>,
        terms: impl Fn(f64, f64, f64) -> [f64; N] + Copy,
        mut take: impl FnMut(Sums<'_, N>),
    ) -> usize {
        let Pairs { x, y, period, sound, .. } = pairs;
        let centre = [x[period - 1], y[period - 1]];
        let mut now = [0.0; N];
        for (place, (x, y)) in x[..period].iter().zip(&y[..period]).enumerate() {
            let term = terms(x - centre[0], y - centre[1], f64::from(place as u32));
            (0..N).for_each(|n| now[n] += term[n]);
        }
        let mut peaks: [f64; WATCH] = std::array::from_fn(|n| now[2 * n + 1]);
        (0..N).for_each(|n| self.sums[n][0] = now[n]);
        take(Sums { row: period - 1, rows: 1, of: &self.sums, centre, begin: 0.0 });
        let mut row = period;
        while row < x.len() {
            // A few rows at first: often no more are wanted where digits get lost again and again.
            let rows = if row == period { 32 } else { ROWS }.min(x.len() - row);
            let goes = row - period..row - period + rows;
            let columns = [&x[row..row + rows], &x[goes.clone()], &y[row..row + rows], &y[goes]];
            differences(
                &mut self.sums,
                columns,
                centre,
                [row, row - period].map(|n| f64::from(n as u32)),
                terms,
            );
            for (n, now) in now.iter_mut().enumerate() {
                run(now, &mut self.sums[n][..rows]);
            }
            let mut good = rows;
            for (n, peak) in peaks.iter_mut().enumerate() {
                climb(peak, &self.sums[2 * n + 1][..rows], &mut self.peaks[n][..rows]);
                let [sum, squares] = [&self.sums[2 * n], &self.sums[2 * n + 1]];
                good = good.min(sound_rows([sum, squares, &self.peaks[n]], rows, sound, period));
            }
            let begin = f64::from((row + 1 - period) as u32);
            take(Sums { row, rows: good, of: &self.sums, centre, begin });
            row += good;
            if good < rows {
                break;
            }
        }
        row
    }
}

/// What comes less what goes, row by row. `columns` are x that comes and goes, and y.
#[inline(never)]
fn differences<const N: usize>(
    output: &mut [[f64; ROWS]; N],
    columns: [&[f64]; 4],
    centre: [f64; 2],
    places: [f64; 2],
    terms: impl Fn(f64, f64, f64) -> [f64; N],
) {
    let rows = columns[0].len().min(ROWS);
    let [x_comes, x_goes, y_comes, y_goes] = columns.map(|column| &column[..rows]);
    for row in 0..rows {
        let after = f64::from(row as u32 as i32);
        let comes = terms(x_comes[row] - centre[0], y_comes[row] - centre[1], places[0] + after);
        let goes = terms(x_goes[row] - centre[0], y_goes[row] - centre[1], places[1] + after);
        for n in 0..N {
            output[n][row] = comes[n] - goes[n];
        }
    }
}

/// Rows before the first one that has lost digits.
#[inline(never)]
fn sound_rows([sums, squares, peaks]: [&[f64; ROWS]; 3], rows: usize, sound: f64, period: usize) -> usize {
    let share = 1.0 / period as f64;
    let rows = rows.min(ROWS);
    let lost = |row: usize| squares[row] - sums[row] * sums[row] * share < sound * peaks[row];
    let any = (0..rows).fold(0, |any, row| any | u64::from(lost(row)));
    if any == 0 { rows } else { (0..rows).position(lost).unwrap_or(rows) }
}

/// Differences become sums.
#[inline(never)]
fn run(now: &mut f64, differences: &mut [f64]) {
    let mut sum = Running(*now);
    let mut fours = differences.chunks_exact_mut(4);
    for four in &mut fours {
        let sums = sum.four([four[0], four[1], four[2], four[3]]);
        four.copy_from_slice(&sums);
    }
    for one in fours.into_remainder() {
        sum.0 += *one;
        *one = sum.0;
    }
    *now = sum.0;
}

/// The largest so far.
#[inline(never)]
fn climb(peak: &mut f64, values: &[f64], peaks: &mut [f64]) {
    let more = |a: f64, b: f64| if b > a { b } else { a };
    let mut so_far = *peak;
    let (mut ins, mut outs) = (values.chunks_exact(4), peaks.chunks_exact_mut(4));
    for (v, out) in (&mut ins).zip(&mut outs) {
        let two = more(v[0], v[1]);
        let four = more(two, more(v[2], v[3]));
        out.copy_from_slice(&[
            more(so_far, v[0]),
            more(so_far, two),
            more(so_far, more(two, v[2])),
            more(so_far, four),
        ]);
        so_far = out[3];
    }
    for (value, out) in ins.remainder().iter().zip(outs.into_remainder()) {
        so_far = more(so_far, *value);
        *out = so_far;
    }
    *peak = so_far;
}

/// Windows up to this are summed anew for every row.
const SHORT_MAX: usize = 8;
/// Rows that are summed side by side.
const SIDE: usize = 8;

/// What `shape` makes of the sum and the sum of squares of every window, both of differences to the given centre; the
/// first is at row `period - 1`.
#[inline(always)]
pub fn squares(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    if !super::blank(output, period - 1) {
        return;
    }
    if period <= SHORT_MAX {
        return short_squares(input, period, &mut output[period - 1..], shape);
    }
    let terms = |x: f64, _: f64, _: f64| [x, x * x];
    sums::<2, 1>(Pairs::one(input, period), terms, |sums| {
        sums.write(output, |[sum, squares], [centre, _], _| shape(centre, sum, squares));
    });
}

/// Around the first value of each window; the output begins with the first full one.
#[inline(never)]
fn short_squares(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    let mut outs = output.chunks_exact_mut(SIDE);
    let mut begin = 0;
    for out in &mut outs {
        let (mut firsts, mut sums, mut squares) = ([0.0; SIDE], [0.0; SIDE], [0.0; SIDE]);
        firsts.copy_from_slice(&input[begin..begin + SIDE]);
        for values in input[begin + 1..begin + period + SIDE - 1].windows(SIDE) {
            for n in 0..SIDE {
                let off = values[n] - firsts[n];
                sums[n] += off;
                squares[n] += off * off;
            }
        }
        for n in 0..SIDE {
            out[n] = shape(firsts[n], sums[n], squares[n]);
        }
        begin += SIDE;
    }
    for (out, window) in outs.into_remainder().iter_mut().zip(input[begin..].windows(period)) {
        let offs = window.iter().map(|value| value - window[0]);
        let (sum, squares) = offs.fold((0.0, 0.0), |(sum, squares), off| (sum + off, squares + off * off));
        *out = shape(window[0], sum, squares);
    }
}

/// Standard deviation of the last `period` values, the squares divided by `period - ddof`.
pub fn deviation(input: &[f64], period: usize, ddof: usize, output: &mut [f64]) {
    let (share, part) = (1.0 / period as f64, 1.0 / (period - ddof) as f64);
    squares(input, period, output, |_, sum, squares| {
        let square = (squares - sum * sum * share) * part;
        if square > 0.0 { square.sqrt() } else { 0.0 }
    });
}
