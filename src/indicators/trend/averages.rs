use super::super::entry::{Args, Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::{average, average_reach, kind_param, t3};

/// Places in the list of kinds.
const WMA: usize = 2;
const DEMA: usize = 3;
const TEMA: usize = 4;
const TRIMA: usize = 5;
const KAMA: usize = 6;
const T3: usize = 8;
const HMA: usize = 9;
const ZLEMA: usize = 12;
const RMA: usize = 13;

const fn of(
    name: &'static str,
    title: &'static str,
    reach: fn(&Args) -> WarmUp,
    kernel: Kernel,
    params: &'static [Param],
) -> Indicator {
    Indicator::new(name, title, Group::Trend, reach, kernel).params(params).overlay()
}

fn kind<const KIND: usize>(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    average(KIND, inputs[0], args.whole(0), outputs[0]);
}

fn reach<const KIND: usize>(args: &Args) -> WarmUp {
    average_reach(KIND, args.whole(0))
}

const THIRTY: &[Param] = &[Param::period(30, 2)];

pub(super) const ENTRIES: &[Indicator] = &[
    of(
        "ma",
        "Moving average of any kind",
        |args| average_reach(args.whole(1), args.whole(0)),
        any,
        &[Param::period(30, 1), kind_param("kind", 0)],
    )
    .says("the average of the kind that is named", "TA-Lib MA"),
    of("wma", "Weighted moving average", reach::<WMA>, kind::<WMA>, THIRTY)
        .says("weights 1, 2, ... period, the newest value has the largest", "TA-Lib WMA"),
    of("dema", "Double exponential moving average", reach::<DEMA>, kind::<DEMA>, THIRTY)
        .says("2 ema - ema(ema)", "Mulloy, Smoothing Data with Faster Moving Averages, 1994; TA-Lib DEMA"),
    of("tema", "Triple exponential moving average", reach::<TEMA>, kind::<TEMA>, THIRTY)
        .says("3 ema - 3 ema(ema) + ema(ema(ema))", "Mulloy 1994; TA-Lib TEMA"),
    of("trima", "Triangular moving average", reach::<TRIMA>, kind::<TRIMA>, THIRTY)
        .says("a mean of means: weights rise to the middle of the window and fall", "TA-Lib TRIMA"),
    of("kama", "Kaufman's adaptive moving average", reach::<KAMA>, kind::<KAMA>, THIRTY).says(
        "an exponential average whose weight goes with the efficiency ratio, between those of 2 and 30 bars",
        "Kaufman, Smarter Trading, 1995; TA-Lib KAMA",
    ),
    of(
        "t3",
        "Tillson's T3",
        reach::<T3>,
        tillson,
        &[Param::period(5, 2), Param::real("volume", 0.7, 0.0, 1.0)],
    )
    .says("six exponential averages in a row, mixed by the volume factor", "Tillson 1998; TA-Lib T3"),
    of("hma", "Hull moving average", reach::<HMA>, kind::<HMA>, &[Param::period(20, 2)])
        .says("wma(2 wma(x, period / 2) - wma(x, period), sqrt(period))", "Hull 2005; TA-Lib HMA"),
    of("zlema", "Zero-lag exponential moving average", reach::<ZLEMA>, kind::<ZLEMA>, THIRTY)
        .says("ema of 2 x - x of (period - 1) / 2 bars ago", "Ehlers and Way 2010; TA-Lib ZLEMA"),
    of("rma", "Wilder's moving average", reach::<RMA>, kind::<RMA>, THIRTY)
        .aliases(&["smma", "wilder"])
        .says(
            "e += (x - e) / period, begun with the mean of the first `period` values",
            "Wilder 1978; TA-Lib RMA",
        ),
];

fn any(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    average(args.whole(1), inputs[0], args.whole(0), outputs[0]);
}

fn tillson(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    t3(inputs[0], args.whole(0), args.real(1), outputs[0]);
}
