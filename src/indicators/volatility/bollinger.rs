use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{OWN, SMA, average, average_lead, average_reach, blank, deviations, kind_param};

const PARAMS: &[Param] = &[
    Param::period(20, 2),
    Param::real("up", 2.0, -1e6, 1e6),
    Param::real("down", 2.0, -1e6, 1e6).like(1),
    kind_param("kind", SMA),
];

const fn band(output: usize) -> Part {
    Part { of: "bbands", args: |args| args.all().to_vec(), inputs: &[0], output }
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("bbands", "Bollinger bands", Group::Volatility, reach, bands)
        .aliases(&["bb", "bollinger", "bollinger_bands"])
        .params(PARAMS)
        .outputs(&["upper", "middle", "lower"])
        .overlay()
        .says(
            "middle = average; upper and lower = middle + up, - down standard deviations (of the population, about the window's \
             mean) of the last `period` values",
            "Bollinger, Bollinger on Bollinger Bands, 2001; TA-Lib BBANDS",
        ),
    Indicator::new("percent_b", "Bollinger's %b", Group::Volatility, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        let bands = inputs[1].iter().zip(inputs[2]);
        for (out, (value, (upper, lower))) in outputs[0].iter_mut().zip(inputs[0].iter().zip(bands)) {
            let width = upper - lower;
            *out = if width == 0.0 { f64::NAN } else { (value - lower) / width };
        }
    })
    .aliases(&["bbp", "pctb", "percentb", "bollinger_b"])
    .params(PARAMS)
    .inputs(&[Input::SOURCE])
    .parts(&[band(0), band(2)])
    .says("(x - lower) / (upper - lower) of bbands; nothing where the bands have no width", "Bollinger, Bollinger on Bollinger Bands, 2001"),
    Indicator::new("bandwidth", "Bollinger's bandwidth", Group::Volatility, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        let bands = inputs[1].iter().zip(inputs[2]);
        for (out, (middle, (upper, lower))) in outputs[0].iter_mut().zip(inputs[3].iter().zip(bands)) {
            *out = if *middle == 0.0 { f64::NAN } else { (upper - lower) / middle };
        }
    })
    .aliases(&["bbw", "bollinger_bandwidth", "bbandwidth"])
    .params(PARAMS)
    .parts(&[band(0), band(2), band(1)])
    .says("(upper - lower) / middle of bbands", "Bollinger, Bollinger on Bollinger Bands, 2001"),
];

fn kind(args: &Args) -> usize {
    if args.whole(3) == OWN { SMA } else { args.whole(3) }
}

fn reach(args: &Args) -> WarmUp {
    average_reach(kind(args), args.whole(0)).max(WarmUp::Rows(args.whole(0) - 1))
}

fn bands(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
    let (period, up, down) = (args.whole(0), args.real(1), args.real(2));
    let lead = average_lead(kind(args), period).max(period - 1);
    if !(blank(upper, lead) & blank(middle, lead) & blank(lower, lead)) {
        return;
    }
    let plain = kind(args) == SMA;
    if !plain {
        average(kind(args), inputs[0], period, middle);
        middle[..lead].fill(f64::NAN);
    }
    deviations(inputs[0], period, |first, means, spreads| {
        let rows = first..first + means.len();
        if plain {
            middle[rows.clone()].copy_from_slice(means);
        }
        let outs = upper[rows.clone()].iter_mut().zip(&mut lower[rows.clone()]);
        for ((upper, lower), (middle, spread)) in outs.zip(middle[rows].iter().zip(spreads)) {
            (*upper, *lower) = (middle + up * spread, middle - down * spread);
        }
    });
}
