//! Sums over the last bars.

/// Writes NaN into the first `lead` rows (or all, when there are fewer) and says whether a row is left.
pub fn blank(output: &mut [f64], lead: usize) -> bool {
    let lead = lead.min(output.len());
    output[..lead].fill(f64::NAN);
    lead < output.len()
}

/// Rows after which sums are made anew, so that what rounding leaves in them does not grow with the history.
const FRESH_ROWS: usize = 4096;

/// Mean of the last `period` values; the first one is at row `period - 1`.
pub fn rolling_mean(input: &[f64], period: usize, output: &mut [f64]) {
    let share = 1.0 / period as f64;
    rolling(input, period, output, |centre, sum| centre + sum * share);
}

/// Sum of the last `period` values; the first one is at row `period - 1`.
pub fn rolling_sum(input: &[f64], period: usize, output: &mut [f64]) {
    let parts = period as f64;
    rolling(input, period, output, |centre, sum| parts * centre + sum);
}

/// What `shape` makes of some value and the sum of the differences to it: of a constant these are exactly nothing.
#[inline(always)]
fn rolling(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let block = FRESH_ROWS.max(8 * period);
    for (n, out) in output[period - 1..].chunks_mut(block).enumerate() {
        let values = &input[n * block..n * block + out.len() + period - 1];
        rolling_block(values, period, out, |sum| shape(values[0], sum));
    }
}

/// One block; `input` begins `period - 1` rows before `output`.
#[inline(always)]
pub(super) fn rolling_block(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64) -> f64) {
    let centre = input[0];
    let mut sum = Running(input[..period].iter().map(|value| value - centre).sum());
    output[0] = shape(sum.0);
    let mut outs = output[1..].chunks_exact_mut(4);
    let mut comings = input[period..].chunks_exact(4);
    let mut goings = input.chunks_exact(4);
    for ((out, coming), going) in (&mut outs).zip(&mut comings).zip(&mut goings) {
        let sums = sum.four([0, 1, 2, 3].map(|n| coming[n] - going[n]));
        out.copy_from_slice(&sums.map(&shape));
    }
    let done = input.len() - comings.remainder().len() - period;
    let rest = comings.remainder().iter().zip(&input[done..]);
    for (out, (coming, going)) in outs.into_remainder().iter_mut().zip(rest) {
        sum.0 += coming - going;
        *out = shape(sum.0);
    }
}

/// A sum on its way, four rows at a time: each of them waits for one addition and not for those before it.
#[derive(Clone, Copy, Debug)]
pub struct Running(pub f64);

impl Running {
    /// The sums after each of four more differences.
    #[inline(always)]
    pub fn four(&mut self, d: [f64; 4]) -> [f64; 4] {
        let (two, tail) = (d[0] + d[1], d[2] + d[3]);
        let sums = [self.0 + d[0], self.0 + two, self.0 + (two + d[2]), self.0 + (two + tail)];
        self.0 = sums[3];
        sums
    }

    /// The sums in the place of what comes next.
    #[inline]
    pub fn run_over(&mut self, values: &mut [f64]) {
        let (mut sum, (fours, rest)) = (*self, values.as_chunks_mut());
        fours.iter_mut().for_each(|four| *four = sum.four(*four));
        for one in rest {
            sum.0 += *one;
            *one = sum.0;
        }
        *self = sum;
    }
}

/// Rows that a kernel of several stages works on at a time, so that what is between the stages stays in the nearest
/// cache, and so few that memory brings the next ones meanwhile. From a page on the C library copies in a way that takes
/// several times as long on some processors; and no power of two, which would put all buffers in the same few lines.
pub const CHUNK: usize = 240;

/// A sum that goes along with a window. What goes is taken away together with what comes next, so that a row waits
/// for one addition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sliding {
    /// Sum of the window, once the next value has come.
    pub sum: f64,
    going: f64,
}

impl Sliding {
    /// One value comes.
    #[inline(always)]
    pub fn come(&mut self, value: f64) {
        self.sum += value - self.going;
        self.going = 0.0;
    }

    /// Sums after each of some values has come; after it goes the one of the same place in `goings`.
    #[inline]
    pub fn run(&mut self, comings: &[f64], goings: &[f64], sums: &mut [f64]) {
        let ([first, rest @ ..], [.., last]) = (&mut *sums, goings) else { return };
        *first = comings[0] - self.going;
        for (sum, (comes, goes)) in rest.iter_mut().zip(comings[1..].iter().zip(goings)) {
            *sum = comes - goes;
        }
        let mut sum = Running(self.sum);
        sum.run_over(sums);
        *self = Sliding { sum: sum.0, going: *last };
    }

    /// One value goes when the next one comes.
    #[inline(always)]
    pub fn go(&mut self, value: f64) {
        self.going = value;
    }
}

/// The same of values that are never negative. Where nothing is left in the window the sum is exactly zero and not
/// what rounding left of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct WindowSum {
    /// Sum of the window, once the next value has come.
    pub sum: f64,
    going: f64,
    zeros: usize,
}

impl WindowSum {
    /// One value comes.
    #[inline(always)]
    pub fn come(&mut self, value: f64, period: usize) {
        self.sum += value - self.going;
        self.going = 0.0;
        if value == 0.0 {
            self.zeros += 1;
            if self.zeros >= period {
                self.sum = 0.0;
            }
        } else {
            self.zeros = 0;
        }
    }

    /// Sums after each of some values has come; after it goes the one of the same place in `goings`.
    #[inline]
    pub fn run(&mut self, comings: &[f64], goings: &[f64], period: usize, sums: &mut [f64]) {
        let zeros = comings.iter().map(|value| u64::from(*value == 0.0)).sum::<u64>() as usize;
        if self.zeros + zeros >= period {
            for (sum, (comes, goes)) in sums.iter_mut().zip(comings.iter().zip(goings)) {
                self.come(*comes, period);
                *sum = self.sum;
                self.go(*goes);
            }
            return;
        }
        let mut plain = Sliding { sum: self.sum, going: self.going };
        plain.run(comings, goings, sums);
        (self.sum, self.going) = (plain.sum, plain.going);
        let last = comings.iter().rev().take_while(|value| **value == 0.0).count();
        self.zeros = if last == comings.len() { self.zeros + last } else { last };
    }

    /// One value goes when the next one comes.
    #[inline(always)]
    pub fn go(&mut self, value: f64) {
        self.going = value;
    }
}
