//! Ehlers' measure of the dominant cycle: a Hilbert transform whose taps are tuned to the period of the bar before.
//! Ehlers, Rocket Science for Traders, 2001; the outer taps are 0.0962 and 0.5769.

use super::blank;

/// Rows before the first value of what is made of the period, and of what needs the phase.
pub const PERIOD_LEAD: usize = 32;
/// Rows before the transform begins, when the first value is at `PERIOD_LEAD`.
pub const PERIOD_BEGIN: usize = 12;

/// Rows of history in one piece; six of them are taken along when it is full.
const ROOM: usize = 512;
const OLD: usize = 6;

/// The last values of a column, those before the beginning being zero.
type Taps = [f64; ROOM];

/// The transform of the newest value, whose place is `end`, and those 2, 4 and 6 bars before it. The newest is given
/// and not read back: every step waits for the one before it.
#[inline(always)]
fn transform(newest: f64, taps: &Taps, end: usize, tuned: f64) -> f64 {
    const OUTER: f64 = 0.0962;
    const INNER: f64 = 0.5769;
    let t = &taps[end - OLD..end];
    (OUTER * (newest - t[0]) + INNER * (t[4] - t[2])) * tuned
}

/// The measure, one bar at a time.
#[derive(Clone, Copy, Debug)]
pub struct Cycle {
    smooth: Taps,
    detrended: Taps,
    in_phase: Taps,
    quadrature: Taps,
    /// Where the newest values are.
    end: usize,
    mixed: (f64, f64),
    real: f64,
    imaginary: f64,
    raw_period: f64,
    /// In-phase component, three bars old.
    pub i: f64,
    /// Quadrature component.
    pub q: f64,
    /// The dominant period in bars, smoothed.
    pub period: f64,
}

impl Cycle {
    fn new() -> Cycle {
        let none = [0.0; ROOM];
        Cycle {
            smooth: none,
            detrended: none,
            in_phase: none,
            quadrature: none,
            end: OLD - 1,
            mixed: (0.0, 0.0),
            real: 0.0,
            imaginary: 0.0,
            raw_period: 0.0,
            i: 0.0,
            q: 0.0,
            period: 0.0,
        }
    }

    /// One bar on, whose smoothed price is given.
    #[inline(always)]
    fn step(&mut self, smooth: f64) {
        let tuned = 0.075 * self.raw_period + 0.54;
        let end = self.next();
        let i = self.detrended[end - 3];
        let detrended = transform(smooth, &self.smooth, end, tuned);
        let q = transform(detrended, &self.detrended, end, tuned);
        let (ji, jq) = (transform(i, &self.in_phase, end, tuned), transform(q, &self.quadrature, end, tuned));
        (self.smooth[end], self.detrended[end]) = (smooth, detrended);
        (self.in_phase[end], self.quadrature[end]) = (i, q);
        (self.i, self.q) = (i, q);
        let i2 = 0.2 * (i - jq) + 0.8 * self.mixed.0;
        let q2 = 0.2 * (q + ji) + 0.8 * self.mixed.1;
        self.real = 0.2 * (i2 * self.mixed.0 + q2 * self.mixed.1) + 0.8 * self.real;
        self.imaginary = 0.2 * (i2 * self.mixed.1 - q2 * self.mixed.0) + 0.8 * self.imaginary;
        self.mixed = (i2, q2);
        self.measure();
    }

    /// The place of the next values.
    #[inline(always)]
    fn next(&mut self) -> usize {
        self.end += 1;
        if self.end == ROOM {
            for taps in [&mut self.smooth, &mut self.detrended, &mut self.in_phase, &mut self.quadrature] {
                taps.copy_within(ROOM - OLD.., 0);
            }
            self.end = OLD;
        }
        self.end
    }

    #[inline(always)]
    fn measure(&mut self) {
        let before = self.raw_period;
        let mut period = before;
        if self.imaginary != 0.0 && self.real != 0.0 {
            period = std::f64::consts::TAU / (self.imaginary / self.real).atan();
        }
        // At most half as long again, at least two thirds, and always within 6 to 50 bars.
        let (least, most) = (0.67 * before, 1.5 * before);
        period = if period > most { most } else { period };
        period = if period < least { least } else { period };
        period = if period < 6.0 { 6.0 } else { period };
        period = if period > 50.0 { 50.0 } else { period };
        self.raw_period = 0.2 * period + 0.8 * before;
        self.period = 0.33 * self.raw_period + 0.67 * self.period;
    }
}

/// (4 x + 3 x[1] + 2 x[2] + x[3]) / 10 of four values, the oldest first.
#[inline(always)]
pub fn smoothed(last: &[f64]) -> f64 {
    (4.0 * last[3] + 3.0 * last[2] + 2.0 * last[1] + last[0]) / 10.0
}

/// Runs the measure from row `begin` (at least 3) and gives `take` every row from there on: the row, the measure after it.
#[inline]
pub fn cycle(input: &[f64], begin: usize, mut take: impl FnMut(usize, &Cycle)) {
    let mut cycle = Cycle::new();
    for (row, last) in input.windows(4).enumerate().skip(begin - 3) {
        cycle.step(smoothed(last));
        take(row + 3, &cycle);
    }
}

/// Mesa's adaptive average and the one that follows it: the weight is `fast` over the degrees by which the phase fell,
/// between `slow` and `fast`. Ehlers, Stocks & Commodities, September 2001.
pub fn mama(input: &[f64], fast: f64, slow: f64, mut write: impl FnMut(usize, f64, f64)) {
    let (mut phase, mut mama, mut fama) = (0.0, 0.0, 0.0);
    cycle(input, PERIOD_BEGIN, |row, cycle| {
        let now = if cycle.i == 0.0 { 0.0 } else { (cycle.q / cycle.i).atan().to_degrees() };
        let fall = f64::max(phase - now, 1.0);
        phase = now;
        let weight = (fast / fall).max(slow).min(fast.max(slow));
        mama += weight * (input[row] - mama);
        fama += 0.5 * weight * (mama - fama);
        if row >= PERIOD_LEAD {
            write(row, mama, fama);
        }
    });
}

/// Mesa's adaptive average alone.
pub fn mama_line(input: &[f64], fast: f64, slow: f64, output: &mut [f64]) {
    blank(output, PERIOD_LEAD);
    mama(input, fast, slow, |row, mama, _| output[row] = mama);
}

/// How far back the measure depends on its input: its slowest part keeps 0.8 of the past, several of them follow one
/// another, and the limits of the period join neighbouring histories.
pub fn cycle_reach() -> super::super::entry::WarmUp {
    super::super::entry::WarmUp::Rows(1_000)
}
