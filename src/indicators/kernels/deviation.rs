//! How far the last bars spread.

use super::{CHUNK, Running};

/// Where the variance is less than this share of the mean square about the centre, too many digits were taken away.
const SHARE_MIN: f64 = 1e-6;

/// Mean and standard deviation (of the population) of every window of `period` values, some rows at a time: the first
/// of the rows, the means, the deviations. The first row is `period - 1`.
#[inline(always)]
pub fn deviations(input: &[f64], period: usize, mut take: impl FnMut(usize, &[f64], &[f64])) {
    let first = period - 1;
    let rows = input.len().saturating_sub(first);
    let (mut means, mut spreads) = ([0.0; CHUNK], [0.0; CHUNK]);
    // Rows after which sums are made anew about a value nearby.
    let block = CHUNK.max(8 * period);
    for begin in (0..rows).step_by(block) {
        let mut sums = Sums::new(&input[begin..begin + first], input[begin + first / 2], period);
        let end = (begin + block).min(rows);
        for from in (begin..end).step_by(CHUNK) {
            let to = (from + CHUNK).min(end);
            let (means, spreads) = (&mut means[..to - from], &mut spreads[..to - from]);
            let sound = sums.run(&input[from + first..to + first], &input[from..to], means, spreads);
            if !sound {
                again(&input[from..to + first], period, means, spreads);
            }
            take(from + first, means, spreads);
        }
    }
}

/// Sums about a centre of what is left of a window before the next value comes.
struct Sums {
    centre: f64,
    share: f64,
    plain: Running,
    squares: Running,
}

impl Sums {
    fn new(values: &[f64], centre: f64, period: usize) -> Sums {
        let plain = Running(values.iter().map(|value| value - centre).sum());
        let squares = Running(values.iter().map(|value| (value - centre) * (value - centre)).sum());
        Sums { centre, share: 1.0 / period as f64, plain, squares }
    }

    /// Means and deviations of the windows that end with each of `coming`; whether all have their digits.
    #[inline(always)]
    fn run(&mut self, coming: &[f64], going: &[f64], means: &mut [f64], spreads: &mut [f64]) -> bool {
        let (mut lost, centre, share) = (false, self.centre, self.share);
        let mut write = |sum: f64, squares: f64, mean: &mut f64, spread: &mut f64| {
            let (off, square) = (sum * share, squares * share);
            let variance = square - off * off;
            lost |= variance < SHARE_MIN * square;
            *mean = centre + off;
            *spread = variance.max(0.0).sqrt();
        };
        let (mut ins, mut goings) = (coming.chunks_exact(4), going.chunks_exact(4));
        let (mut outs, mut ways) = (means.chunks_exact_mut(4), spreads.chunks_exact_mut(4));
        for ((x, y), (mean, spread)) in (&mut ins).zip(&mut goings).zip((&mut outs).zip(&mut ways)) {
            let (x, y) = ([0, 1, 2, 3].map(|n| x[n] - centre), [0, 1, 2, 3].map(|n| y[n] - centre));
            let plain = self.plain.four([0, 1, 2, 3].map(|n| x[n] - y[n]));
            let squares = self.squares.four([0, 1, 2, 3].map(|n| x[n] * x[n] - y[n] * y[n]));
            for n in 0..4 {
                // What goes belongs to this row's window still.
                write(plain[n] + y[n], squares[n] + y[n] * y[n], &mut mean[n], &mut spread[n]);
            }
        }
        let rest = ins.remainder().iter().zip(goings.remainder());
        for ((x, y), (mean, spread)) in
            rest.zip(outs.into_remainder().iter_mut().zip(ways.into_remainder().iter_mut()))
        {
            let (x, y) = (x - centre, y - centre);
            self.plain.0 += x - y;
            self.squares.0 += x * x - y * y;
            write(self.plain.0 + y, self.squares.0 + y * y, mean, spread);
        }
        !lost
    }
}

/// The same from each window itself, where sums along the way are not good enough.
#[cold]
fn again(input: &[f64], period: usize, means: &mut [f64], spreads: &mut [f64]) {
    let share = 1.0 / period as f64;
    for (window, (mean, spread)) in input.windows(period).zip(means.iter_mut().zip(spreads)) {
        let off = window.iter().map(|value| value - window[0]).sum::<f64>() * share;
        *mean = window[0] + off;
        let square = |value: &f64| (value - window[0] - off) * (value - window[0] - off);
        *spread = (window.iter().map(square).sum::<f64>() * share).sqrt();
    }
}
