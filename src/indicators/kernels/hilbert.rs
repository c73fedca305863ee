//! Ehlers' measure of the dominant cycle: a Hilbert transform whose taps are tuned to the period of the bar before.
//! Ehlers, Rocket Science for Traders, 2001; the outer taps are 0.0962 and 0.5769.

use std::f64::consts::{PI, TAU};
use std::ops::{Add, Div, Mul};

use super::{Row, arc_tangent, blank, last_part, seated, side_by_side};

/// Rows before the first value of what is made of the period, and of what needs the phase.
pub const PERIOD_LEAD: usize = 32;
/// Rows before the transform begins, when the first value is at `PERIOD_LEAD`.
pub const PERIOD_BEGIN: usize = 12;

/// The last six values of a column, the oldest first; those before the beginning are zero.
type Taps = [Row; 6];

/// The transform of a value and those 2, 4 and 6 bars before it.
#[inline(always)]
fn transform(newest: Row, t: &Taps, tuned: Row) -> Row {
    const OUTER: f64 = 0.0962;
    const INNER: f64 = 0.5769;
    ((newest - t[0]) * OUTER + (t[4] - t[2]) * INNER) * tuned
}

#[inline(always)]
fn push(taps: &mut Taps, newest: Row) {
    taps.copy_within(1.., 0);
    taps[5] = newest;
}

/// The measure, one bar of every part at a time: every step waits for the one before it, and long at that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cycle {
    smooth: Taps,
    detrended: Taps,
    in_phase: Taps,
    quadrature: Taps,
    mixed: [Row; 2],
    real: Row,
    imaginary: Row,
    raw_period: Row,
    /// In-phase component, three bars old.
    pub i: Row,
    /// Quadrature component.
    pub q: Row,
    /// The dominant period in bars, smoothed.
    pub period: Row,
}

impl Cycle {
    /// One bar on, whose smoothed price is given.
    #[inline(always)]
    fn step(&mut self, smooth: Row) {
        let tuned = self.raw_period * 0.075 + 0.54;
        let i = self.detrended[3];
        let detrended = transform(smooth, &self.smooth, tuned);
        let q = transform(detrended, &self.detrended, tuned);
        let (ji, jq) = (transform(i, &self.in_phase, tuned), transform(q, &self.quadrature, tuned));
        push(&mut self.smooth, smooth);
        push(&mut self.detrended, detrended);
        push(&mut self.in_phase, i);
        push(&mut self.quadrature, q);
        (self.i, self.q) = (i, q);
        let before = self.mixed;
        let i2 = (i - jq) * 0.2 + before[0] * 0.8;
        let q2 = (q + ji) * 0.2 + before[1] * 0.8;
        self.real = (i2 * before[0] + q2 * before[1]) * 0.2 + self.real * 0.8;
        self.imaginary = (i2 * before[1] - q2 * before[0]) * 0.2 + self.imaginary * 0.8;
        self.mixed = [i2, q2];
        self.measure();
    }

    #[inline(always)]
    fn measure(&mut self) {
        let (before, zero) = (self.raw_period, Row::splat(0.0));
        let is_known = self.imaginary.simd_ne(zero) & self.real.simd_ne(zero);
        let period = is_known.select(Row::splat(TAU) / arc_tangent(self.imaginary / self.real), before);
        // At most half as long again, at least two thirds, and always within 6 to 50 bars.
        let period = period.fast_min(before * 1.5).fast_max(before * 0.67);
        let period = period.fast_max(Row::splat(6.0)).fast_min(Row::splat(50.0));
        self.raw_period = period * 0.2 + before * 0.8;
        self.period = self.raw_period * 0.33 + self.period * 0.67;
    }

    /// Degrees of the phase, as far as it can be told.
    #[inline(always)]
    fn phase(&self) -> Row {
        let zero = Row::splat(0.0);
        self.i.simd_eq(zero).select(zero, arc_tangent(self.q / self.i) * (180.0 / PI))
    }

    /// As it was before the first bar, in the first part.
    fn begin_first(&mut self) {
        let taps = [&mut self.smooth, &mut self.detrended, &mut self.in_phase, &mut self.quadrature];
        let values = [&mut self.real, &mut self.imaginary, &mut self.raw_period, &mut self.period];
        let lanes = taps.into_iter().flatten().chain(&mut self.mixed).chain(values);
        lanes.for_each(|lanes| *lanes = seated(*lanes, 0.0));
    }

    /// Whether every part but the last ended as the next one had begun.
    fn leads_to(&self, begun: &Cycle) -> bool {
        let near = |ended: Row, begun: Row| {
            let (ended, begun) = (ended.to_array(), begun.to_array());
            ended.iter().zip(&begun[1..]).all(|(a, b)| (a - b).abs() <= 1e-12 * b)
        };
        near(self.raw_period, begun.raw_period) && near(self.period, begun.period)
    }
}

/// (4 x + 3 x[1] + 2 x[2] + x[3]) / 10 of four values, the oldest first.
#[inline(always)]
pub fn smoothed<V>([d, c, b, a]: [V; 4]) -> V
where
    V: Add<Output = V> + Mul<f64, Output = V> + Div<f64, Output = V>,
{
    (a * 4.0 + b * 3.0 + c * 2.0 + d) / 10.0
}

/// Rows after which the measure has forgotten with what it was begun, most of the time.
const SETTLED: usize = 1_500;

/// Runs the measure from row `begin` (at least 3) on; what `give` makes of it goes into the outputs, which are left as
/// they are before that row.
#[inline(always)]
pub fn cycle<const N: usize>(
    input: &[f64],
    begin: usize,
    outputs: [&mut [f64]; N],
    give: impl Fn(&Cycle) -> [Row; N],
) {
    let Some(last) = input.len().checked_sub(2).filter(|_| input.len() > begin) else { return };
    // Two columns of pairs of rows: four rows one after another.
    let pairs = [&input[begin - 3..last], &input[begin - 1..]];
    let value = |before: [Row; 2], now: [Row; 2]| smoothed([before[0], now[0], before[1], now[1]]);
    let step = |cycle: &mut Cycle, smooth: Row| {
        cycle.step(smooth);
        give(cycle)
    };
    let mut outputs = outputs.map(|output| &mut output[begin..]);
    let (mut cycle, mut begun) = (Cycle::default(), Cycle::default());
    let columns = outputs.each_mut().map(|output| &mut **output);
    let mut done = side_by_side(pairs, columns, SETTLED, &mut cycle, value, step, |cycle| {
        cycle.begin_first();
        begun = *cycle;
    });
    if done > 0 && !cycle.leads_to(&begun) {
        // Where prices stand still for long, what came before them matters for as long.
        (cycle, done) = (Cycle::default(), 0);
    }
    for (row, [d, c, b, a]) in input[begin - 3..].array_windows().enumerate().skip(done) {
        let made = step(&mut cycle, Row::splat(smoothed([*d, *c, *b, *a])));
        outputs.iter_mut().zip(made).for_each(|(output, made)| output[row] = last_part(made));
    }
}

/// Mesa's adaptive average: the weight is `fast` over the degrees by which the phase fell, between `slow` and `fast`.
/// `write` is given every row's, and the weight. Ehlers, Stocks & Commodities, September 2001.
pub fn mama(input: &[f64], fast: f64, slow: f64, output: &mut [f64], mut write: impl FnMut(usize, f64, f64)) {
    cycle(input, PERIOD_BEGIN, [&mut *output], |cycle| [cycle.phase()]);
    let (mut phase, mut mama) = (0.0, 0.0);
    for (row, (out, value)) in output.iter_mut().zip(input).enumerate().skip(PERIOD_BEGIN) {
        let fall = f64::max(phase - *out, 1.0);
        phase = *out;
        let weight = (fast / fall).max(slow).min(fast.max(slow));
        mama += weight * (value - mama);
        *out = mama;
        write(row, mama, weight);
    }
    blank(output, PERIOD_LEAD);
}

/// Mesa's adaptive average alone.
pub fn mama_line(input: &[f64], fast: f64, slow: f64, output: &mut [f64]) {
    mama(input, fast, slow, output, |_, _, _| {});
}

/// How far back the measure depends on its input: its slowest part keeps 0.8 of the past, several of them follow one
/// another, and the limits of the period join neighbouring histories.
pub fn cycle_reach() -> super::super::entry::WarmUp {
    super::super::entry::WarmUp::Rows(1_000)
}
