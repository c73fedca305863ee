use super::super::entry::{Args, Field, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{EMA, WindowSum, blank, kind_param};

const VOLUME: &[Input] = &[Input { name: "source", default: Field::Volume }];

const fn fast_slow(part: &'static str) -> [Part; 1] {
    [Part { of: part, args: |args| args.all().to_vec(), inputs: &[0], output: 0 }]
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "pvo",
        "Percentage volume oscillator",
        Group::Volume,
        |_| WarmUp::Rows(0),
        |_, inputs, outputs| {
            outputs[0].copy_from_slice(inputs[1]);
        },
    )
    .aliases(&["percentage_volume"])
    .params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), kind_param("kind", EMA)])
    .inputs(VOLUME)
    .parts(&fast_slow("ppo"))
    .says("100 (average(fast) - average(slow)) / average(slow) of volume", "TA-Lib PVO"),
    Indicator::new("rvol", "Relative volume", Group::Volume, |args| WarmUp::Rows(args.whole(0)), relative)
        .aliases(&["relative_volume"])
        .params(&[Param::period(20, 1)])
        .inputs(VOLUME)
        .says("volume over the mean volume of the `period` bars before", "TA-Lib RVOL"),
];

fn relative(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let (volumes, parts) = (inputs[0], period as f64);
    let mut sum = WindowSum::default();
    volumes[..period - 1].iter().for_each(|volume| sum.come(*volume, period));
    for (out, (pair, going)) in output[period..].iter_mut().zip(volumes[period - 1..].windows(2).zip(volumes))
    {
        sum.come(pair[0], period);
        *out = parts * pair[1] / sum.sum;
        sum.go(*going);
    }
}
