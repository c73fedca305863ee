use super::super::entry::{Args, Group, Indicator, Input, Param, Values, WarmUp};
use super::super::kernels::{blank, ranges};

const fn whole(name: &'static str, default: f64, min: f64, max: f64) -> Param {
    Param { name, values: Values::Whole(min, max), default, like: None }
}

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "volume_profile",
    "Volume profile of the last bars",
    Group::Volume,
    |args| WarmUp::Rows(args.whole(0) - 1),
    profile,
)
.aliases(&["vp", "volume_by_price", "vbp"])
.params(&[
    // Every row looks at all of its window, so both have their limits.
    whole("period", 100.0, 2.0, 5_000.0),
    whole("bins", 24.0, 2.0, 500.0),
    Param::real("area", 70.0, 1.0, 100.0),
])
.inputs(&[Input::HIGH, Input::LOW, Input::VOLUME])
.outputs(&["poc", "vah", "val"])
.overlay()
.says(
    "the range of the last `period` bars in `bins` of one height, each bar's volume spread evenly from its low to its high: poc = middle of \
     the fullest bin (the lowest of equals); vah and val = upper and lower edge of the bins that are added to it, the fuller neighbour first, \
     until they have `area` percent of the volume; nothing where there is none",
    "Steidlmayer's market profile by volume, as TradingView's Volume Profile with a fixed number of rows",
)];

fn profile(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, bins, share) = (args.whole(0), args.whole(1), args.real(2) / 100.0);
    for output in outputs.iter_mut() {
        blank(output, period - 1);
    }
    let (high, low, volume) = (inputs[0], inputs[1], inputs[2]);
    let mut histogram = Histogram { bins: vec![0.0; bins], rises: vec![0.0; bins + 1] };
    ranges(high, low, period, |first, tops, bottoms| {
        for (row, (top, bottom)) in (first..).zip(tops.iter().zip(bottoms)) {
            let window = row + 1 - period..row + 1;
            let bars = high[window.clone()].iter().zip(&low[window.clone()]).zip(&volume[window]);
            let levels = histogram.levels(bars, (*bottom, *top), share);
            outputs.iter_mut().zip(levels).for_each(|(output, level)| output[row] = level);
        }
    });
}

struct Histogram {
    bins: Vec<f64>,
    /// How much more a bin has than the one below it, of what fills bins from edge to edge.
    rises: Vec<f64>,
}

impl Histogram {
    /// Poc, vah and val.
    fn levels<'a>(
        &mut self,
        bars: impl Iterator<Item = ((&'a f64, &'a f64), &'a f64)>,
        (bottom, top): (f64, f64),
        share: f64,
    ) -> [f64; 3] {
        let height = (top - bottom) / self.bins.len() as f64;
        self.bins.fill(0.0);
        self.rises.fill(0.0);
        let mut all = 0.0;
        for ((high, low), volume) in bars {
            self.spread((low - bottom) / height, (high - bottom) / height, *volume);
            all += volume;
        }
        if all <= 0.0 {
            return [f64::NAN; 3];
        }
        let mut full = 0.0;
        for (bin, rise) in self.bins.iter_mut().zip(&self.rises) {
            full += rise;
            *bin += full;
        }
        let [poc, from, to] = area(&self.bins, all * share);
        let edge = |bin: usize| bottom + bin as f64 * height;
        [bottom + (poc as f64 + 0.5) * height, edge(to + 1), edge(from)]
    }

    /// One bar's volume, from and to in heights of a bin above the bottom.
    fn spread(&mut self, from: f64, to: f64, volume: f64) {
        // As an index it is cut off at both ends, and 0 / 0 of a window without a range is the first bin.
        let last = self.bins.len() - 1;
        let (first, final_bin) = ((from as usize).min(last), (to as usize).min(last));
        if first == final_bin {
            self.bins[first] += volume;
            return;
        }
        let density = volume / (to - from);
        self.bins[first] += density * ((first + 1) as f64 - from);
        self.bins[final_bin] += density * (to - final_bin as f64);
        self.rises[first + 1] += density;
        self.rises[final_bin] -= density;
    }
}

/// The fullest bin, and the first and the last of those around it that have so much together.
pub(super) fn area(bins: &[f64], wanted: f64) -> [usize; 3] {
    let poc = bins.iter().enumerate().fold(0, |best, (n, bin)| if *bin > bins[best] { n } else { best });
    let (mut from, mut to, mut sum) = (poc, poc, bins[poc]);
    while sum < wanted {
        let (above, below) = (bins.get(to + 1), from.checked_sub(1).map(|n| bins[n]));
        match (above, below) {
            (Some(above), Some(below)) if below > *above => (from, sum) = (from - 1, sum + below),
            (Some(above), _) => (to, sum) = (to + 1, sum + above),
            (None, Some(below)) => (from, sum) = (from - 1, sum + below),
            (None, None) => break,
        }
    }
    [poc, from, to]
}
