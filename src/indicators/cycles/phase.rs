//! The phase of the dominant cycle, bar by bar.

use super::super::kernels::{cycle, smoothed};

/// Rows before the first phase that is given.
pub(super) const PHASE_LEAD: usize = 63;
/// Rows before the measure of the period begins, which then has so much longer to settle than the period alone.
const PHASE_BEGIN: usize = 37;
/// The longest period is 50.
const LONGEST: usize = 50;

/// What is known at one bar.
pub(super) struct Bar {
    /// Smoothed price.
    pub smooth: f64,
    /// Dominant period.
    pub period: f64,
    /// Degrees.
    pub phase: f64,
    /// The trend line.
    pub trend: f64,
}

impl Bar {
    /// Sine of the phase, and 45 degrees on.
    pub(super) fn sines(&self) -> (f64, f64) {
        (self.phase.to_radians().sin(), (self.phase + 45.0).to_radians().sin())
    }
}

/// The bars from `PHASE_LEAD` on; `trend` instead of phase, which is dear.
pub(super) fn phases(input: &[f64], trend: bool, mut take: impl FnMut(usize, &Bar)) {
    let given = |row: usize, bar: &Bar| {
        if row >= PHASE_LEAD {
            take(row, bar);
        }
    };
    if trend { run::<false, true>(input, given) } else { run::<true, false>(input, given) }
}

/// All bars from the beginning of the measure on, with everything.
pub(super) fn every_phase(input: &[f64], take: impl FnMut(usize, &Bar)) {
    run::<true, true>(input, take);
}

fn run<const PHASE: bool, const TREND: bool>(input: &[f64], mut take: impl FnMut(usize, &Bar)) {
    // Smoothed prices, the newest last; before the beginning they are zero.
    let mut smooths = Last { values: [0.0; 1024], end: LONGEST };
    let mut sums = Last { values: [0.0; 1024], end: LONGEST + 1 };
    for before in input.iter().take(PHASE_BEGIN) {
        sums.push_sum(*before);
    }
    let (mut phase, mut means) = (0.0, [0.0; 3]);
    let tables = if PHASE { tables() } else { Vec::new() };
    let mut periods = vec![0.0; input.len()];
    cycle(input, PHASE_BEGIN, [&mut periods], |cycle| [cycle.period]);
    for (row, period) in periods.iter().copied().enumerate().skip(PHASE_BEGIN) {
        let smooth = smoothed([3, 2, 1, 0].map(|back| input[row - back]));
        // A whole number of bars; the period is at most 50, at first it grows from zero.
        let bars = (period + 0.5) as usize;
        let mut bar = Bar { smooth, period, phase: 0.0, trend: 0.0 };
        if PHASE {
            smooths.push(smooth);
            phase = next_phase(phase, period, component(&tables[bars], smooths.last(bars)));
            bar.phase = phase;
        }
        if TREND {
            sums.push_sum(input[row]);
            let mean = sums.mean(bars);
            bar.trend = (4.0 * mean + 3.0 * means[0] + 2.0 * means[1] + means[2]) / 10.0;
            means = [mean, means[0], means[1]];
        }
        take(row, &bar);
    }
}

/// The last values, in one piece.
struct Last {
    values: [f64; 1024],
    end: usize,
}

impl Last {
    fn push(&mut self, value: f64) {
        if self.end == self.values.len() {
            self.values.copy_within(self.end - LONGEST.., 0);
            self.end = LONGEST;
        }
        self.values[self.end] = value;
        self.end += 1;
    }

    /// Adds to the running sum, which begins anew when the piece is full so that it stays exact.
    fn push_sum(&mut self, value: f64) {
        if self.end == self.values.len() {
            let kept = self.end - LONGEST - 1;
            let base = self.values[kept];
            for n in 0..=LONGEST {
                self.values[n] = self.values[kept + n] - base;
            }
            self.end = LONGEST + 1;
        }
        self.values[self.end] = self.values[self.end - 1] + value;
        self.end += 1;
    }

    /// Mean of the last values, of running sums.
    fn mean(&self, count: usize) -> f64 {
        let sum = self.values[self.end - 1] - self.values[self.end - 1 - count];
        if count == 0 { 0.0 } else { sum / count as f64 }
    }

    fn last(&self, count: usize) -> &[f64] {
        &self.values[self.end - count..self.end]
    }
}

/// Sines and cosines for one whole period.
type Table = (Vec<f64>, Vec<f64>);

/// For every whole period, in the order of values of which the newest is the last.
fn tables() -> Vec<Table> {
    let turn = |place: usize, bars: usize| (std::f64::consts::TAU * place as f64 / bars as f64).sin_cos();
    (0..=LONGEST + 1).map(|bars| (0..bars).rev().map(|place| turn(place, bars)).unzip()).collect()
}

/// Sums of values times sine and times cosine, four of each on their way at a time.
fn component((sines, cosines): &Table, values: &[f64]) -> (f64, f64) {
    let (mut real, mut imaginary) = ([0.0; 4], [0.0; 4]);
    let fours = sines.chunks_exact(4).zip(cosines.chunks_exact(4)).zip(values.chunks_exact(4));
    for ((sine, cosine), value) in fours {
        for n in 0..4 {
            real[n] += sine[n] * value[n];
            imaginary[n] += cosine[n] * value[n];
        }
    }
    let done = values.len() / 4 * 4;
    for ((sine, cosine), value) in sines[done..].iter().zip(&cosines[done..]).zip(&values[done..]) {
        real[0] += sine * value;
        imaginary[0] += cosine * value;
    }
    let sum = |s: [f64; 4]| (s[0] + s[1]) + (s[2] + s[3]);
    (sum(real), sum(imaginary))
}

fn next_phase(before: f64, period: f64, (real, imaginary): (f64, f64)) -> f64 {
    let mut phase = before;
    if imaginary != 0.0 {
        phase = (real / imaginary).atan().to_degrees();
    } else if real != 0.0 {
        phase += 90.0_f64.copysign(real);
    }
    // The smoothed price is 1 bar late, and the arc is of half a circle.
    phase += 90.0;
    if period != 0.0 {
        phase += 360.0 / period;
    }
    if imaginary < 0.0 {
        phase += 180.0;
    }
    if phase > 315.0 { phase - 360.0 } else { phase }
}
