//! Sums of products over the last bars, of one column or two.

use super::{CHUNK, Running};

/// Rows after which sums are made anew in any case; longer windows less often.
const FRESH_ROWS: usize = 1024;
/// The same where places are among the factors: they grow with the rows.
const FRESH_PLACES: usize = 128;
/// When the squares around the mean are less than this share of the largest sum of squares since the sums were made,
/// too many digits are lost in the difference, and the sums are made anew around a value of the window.
const SOUND: f64 = 1e-4;
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
        Pairs { x, y, period, sound: SOUND, fresh: FRESH_ROWS.max(8 * period) }
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

/// Sums of some rows in order.
#[derive(Clone, Copy, Debug)]
pub struct Sums<'a, const N: usize> {
    /// The first of the rows.
    pub row: usize,
    /// The sums, one slice a term.
    pub of: [&'a [f64]; N],
    /// What was taken from x and from y before.
    pub centre: [f64; 2],
    /// Place of the first value of the first row's window.
    pub begin: f64,
}

impl<const N: usize> Sums<'_, N> {
    /// Rows.
    pub fn len(&self) -> usize {
        self.of[0].len()
    }

    /// Writes what `shape` makes of the sums, the centres and the place at which the window begins.
    #[inline(always)]
    pub fn write(&self, output: &mut [f64], shape: impl Fn([f64; N], [f64; 2], f64) -> f64) {
        let rows = self.len();
        let (output, of) = (&mut output[self.row..self.row + rows], self.of.map(|sums| &sums[..rows]));
        for (n, out) in output.iter_mut().enumerate() {
            *out = shape(of.map(|sums| sums[n]), self.centre, self.begin + f64::from(n as u32 as i32));
        }
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
    terms: impl Fn(f64, f64, f64) -> [f64; N],
    mut take: impl FnMut(Sums<'_, N>),
) {
    let Pairs { x, y, period, fresh, .. } = pairs;
    let rows = x.len().min(y.len());
    let (x, y) = (&x[..rows], &y[..rows]);
    let mut buffers = Buffers { sums: [[0.0; CHUNK]; N], peaks: [[0.0; CHUNK]; WATCH] };
    let mut row = period - 1;
    while row < rows {
        let begin = row + 1 - period;
        let end = rows.min(row + fresh);
        row = begin
            + buffers.block(Pairs { x: &x[begin..end], y: &y[begin..end], ..pairs }, &terms, |sums| {
                take(Sums { row: sums.row + begin, ..sums });
            });
    }
}

struct Buffers<const N: usize, const WATCH: usize> {
    sums: [[f64; CHUNK]; N],
    peaks: [[f64; CHUNK]; WATCH],
}

impl<const N: usize, const WATCH: usize> Buffers<N, WATCH> {
    /// Rows from one making of the sums to the next; gives back the first row that is left.
    #[inline(always)]
    fn block(
        &mut self,
        pairs: Pairs<'_>,
        terms: &impl Fn(f64, f64, f64) -> [f64; N],
        mut take: impl FnMut(Sums<'_, N>),
    ) -> usize {
        let Pairs { x, y, period, sound, .. } = pairs;
        let centre = [x[period - 1], y[period - 1]];
        let term =
            |x: f64, y: f64, place: usize| terms(x - centre[0], y - centre[1], place as u32 as i32 as f64);
        let mut now = [0.0; N];
        for (place, (x, y)) in x[..period].iter().zip(&y[..period]).enumerate() {
            let term = term(*x, *y, place);
            (0..N).for_each(|n| now[n] += term[n]);
        }
        let mut peaks: [f64; WATCH] = std::array::from_fn(|n| now[2 * n + 1]);
        let ones: [[f64; 1]; N] = now.map(|sum| [sum]);
        let of = std::array::from_fn(|n| &ones[n][..]);
        take(Sums { row: period - 1, of, centre, begin: 0.0 });
        let (mut row, mut step) = (period, 32);
        while row < x.len() {
            let rows = step.min(CHUNK).min(x.len() - row);
            self.differences(
                &x[row - period..row + rows],
                &y[row - period..row + rows],
                period,
                |x, y, n| term(x, y, row - period + n),
            );
            for (n, now) in now.iter_mut().enumerate() {
                run(now, &mut self.sums[n][..rows]);
            }
            for (n, peak) in peaks.iter_mut().enumerate() {
                climb(peak, &self.sums[2 * n + 1][..rows], &mut self.peaks[n][..rows]);
            }
            let good = self.sound_rows(rows, sound, period);
            let of = std::array::from_fn(|n| &self.sums[n][..good]);
            take(Sums { row, of, centre, begin: (row + 1 - period) as f64 });
            row += good;
            if good < rows {
                return row;
            }
            step *= 4;
        }
        row
    }

    /// What comes less what goes, row by row; the columns begin `period` rows before the first of them.
    #[inline(always)]
    fn differences(
        &mut self,
        x: &[f64],
        y: &[f64],
        period: usize,
        term: impl Fn(f64, f64, usize) -> [f64; N],
    ) {
        let rows = (x.len() - period).min(CHUNK);
        let (x_comes, y_comes) = (&x[period..period + rows], &y[period..period + rows]);
        let (x_goes, y_goes) = (&x[..rows], &y[..rows]);
        for row in 0..rows {
            let comes = term(x_comes[row], y_comes[row], row + period);
            let goes = term(x_goes[row], y_goes[row], row);
            for n in 0..N {
                self.sums[n][row] = comes[n] - goes[n];
            }
        }
    }

    /// Rows before the first one that has lost digits.
    #[inline(always)]
    fn sound_rows(&self, rows: usize, sound: f64, period: usize) -> usize {
        let share = 1.0 / period as f64;
        let lost = |n: usize, row: usize| {
            let (sum, squares) = (self.sums[2 * n][row], self.sums[2 * n + 1][row]);
            squares - sum * sum * share < sound * self.peaks[n][row]
        };
        let any = (0..WATCH).any(|n| (0..rows.min(CHUNK)).fold(false, |any, row| any | lost(n, row)));
        if any { (0..rows).position(|row| (0..WATCH).any(|n| lost(n, row))).unwrap_or(rows) } else { rows }
    }
}

/// Differences become sums.
#[inline(always)]
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
#[inline(always)]
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

/// What `shape` makes of the sum and the sum of squares of every window, both of differences to the given centre; the
/// first is at row `period - 1`.
#[inline(always)]
pub fn squares(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    if super::blank(output, period - 1) {
        sums::<2, 1>(
            Pairs::one(input, period),
            |x, _, _| [x, x * x],
            |sums| {
                sums.write(output, |[sum, squares], [centre, _], _| shape(centre, sum, squares));
            },
        );
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
