//! Ehlers' recursive filters, one bar at a time.

use std::f64::consts::{PI, SQRT_2, TAU};

/// Two-pole low-pass with the mean of the last two values as its input. Ehlers, Cycle Analytics for Traders, 2013.
#[derive(Clone, Copy, Debug)]
pub struct SuperSmoother {
    weights: [f64; 3],
    before: [f64; 2],
    value: f64,
}

impl SuperSmoother {
    /// As if the first value had always been there.
    pub fn new(period: f64, first: f64) -> SuperSmoother {
        let kept = SuperSmoother::kept(period);
        let (b, c) = (2.0 * kept * (SQRT_2 * PI / period).cos(), -kept * kept);
        SuperSmoother { weights: [1.0 - b - c, b, c], before: [first; 2], value: first }
    }

    /// The share of the past that a bar keeps.
    pub fn kept(period: f64) -> f64 {
        (-SQRT_2 * PI / period).exp()
    }

    /// One bar on.
    #[inline(always)]
    pub fn step(&mut self, value: f64) -> f64 {
        let ([a, b, c], [one, two]) = (self.weights, self.before);
        let new = a * 0.5 * (value + self.value) + b * one + c * two;
        self.before = [new, one];
        self.value = value;
        new
    }
}

/// One-pole high-pass: what is left of the price without its parts longer than `period`.
#[derive(Clone, Copy, Debug)]
pub struct HighPass {
    kept: f64,
    before: f64,
    value: f64,
}

impl HighPass {
    /// As if the first value had always been there.
    pub fn new(period: f64, first: f64) -> HighPass {
        HighPass { kept: HighPass::kept(period), before: 0.0, value: first }
    }

    /// The share of the past that a bar keeps: 1 - alpha, alpha = (cos + sin - 1) / cos of 360 degrees / period.
    pub fn kept(period: f64) -> f64 {
        let (sine, cosine) = (TAU / period).sin_cos();
        (1.0 - sine) / cosine
    }

    /// One bar on.
    #[inline(always)]
    pub fn step(&mut self, value: f64) -> f64 {
        let new = 0.5 * (1.0 + self.kept) * (value - self.value) + self.kept * self.before;
        self.before = new;
        self.value = value;
        new
    }
}

/// Two-pole high-pass.
#[derive(Clone, Copy, Debug)]
pub struct HighPass2 {
    kept: f64,
    before: [f64; 2],
    values: [f64; 2],
}

impl HighPass2 {
    /// As if the first value had always been there.
    pub fn new(period: f64, first: f64) -> HighPass2 {
        HighPass2 { kept: HighPass2::kept(period), before: [0.0; 2], values: [first; 2] }
    }

    /// The share of the past that a bar keeps, twice over.
    pub fn kept(period: f64) -> f64 {
        HighPass::kept(period * SQRT_2)
    }

    /// One bar on.
    #[inline(always)]
    pub fn step(&mut self, value: f64) -> f64 {
        let (k, half) = (self.kept, 0.5 * (1.0 + self.kept));
        let curve = value - 2.0 * self.values[0] + self.values[1];
        let new = half * half * curve + 2.0 * k * self.before[0] - k * k * self.before[1];
        self.before = [new, self.before[0]];
        self.values = [value, self.values[0]];
        new
    }
}
