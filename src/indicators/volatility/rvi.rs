use super::super::entry::{Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{CHUNK, EmaPair, blank, deviations, line_at};

const TWO: &[Param] = &[Param::period(14, 1), Param::whole("deviation", 10, 2)];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("rvi", "Relative volatility index", Group::Volatility, |args| {
        WarmUp::wilder(args.whole(0)).plus(WarmUp::Rows(args.whole(1)))
    }, |args, inputs, outputs| index(args.whole(0), args.whole(1), inputs[0], outputs[0]))
        .aliases(&["relative_volatility", "relative_volatility_index"])
        .params(TWO)
        .says("100 up / (up + down), Wilder's averages of the standard deviation of the last `deviation` values where the value rose and where it fell; 50 where nothing moved", "Dorsey, Stocks & Commodities, June 1993; TA-Lib RVI"),
    Indicator::new("rvi_refined", "Relative volatility index of highs and lows", Group::Volatility, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        for (out, (high, low)) in outputs[0].iter_mut().zip(inputs[2].iter().zip(inputs[3])) {
            *out = (high + low) / 2.0;
        }
    })
        .aliases(&["rvi_revised"])
        .params(TWO)
        .inputs(&[Input::HIGH, Input::LOW])
        .parts(&[
            Part { of: "rvi", args: |args| args.all().to_vec(), inputs: &[0], output: 0 },
            Part { of: "rvi", args: |args| args.all().to_vec(), inputs: &[1], output: 0 },
        ])
        .says("mean of rvi of the highs and rvi of the lows", "Dorsey, Stocks & Commodities, September 1995"),
    Indicator::new("inertia", "Inertia", Group::Volatility, |args| WarmUp::Rows(args.whole(2)), |args, inputs, outputs| {
        line_at(inputs[1], args.whole(2), 0.0, outputs[0]);
    })
        .params(&[Param::period(14, 1), Param::whole("deviation", 10, 2), Param::whole("line", 20, 2)])
        .parts(&[Part { of: "rvi", args: |args| args.all()[..2].to_vec(), inputs: &[0], output: 0 }])
        .says("end of the line of least squares through the last `line` values of rvi", "Dorsey, Stocks & Commodities, September 1995"),
];

fn index(period: usize, deviation: usize, input: &[f64], output: &mut [f64]) {
    let first = deviation - 1;
    if !blank(output, first) {
        return;
    }
    let mut averages = EmaPair::wilder(period);
    let mut buffer = [[0.0; 2]; CHUNK];
    deviations(input, deviation, |row, _, spreads| {
        let buffer = &mut buffer[..spreads.len()];
        for (pair, (values, spread)) in buffer.iter_mut().zip(input[row - 1..].windows(2).zip(spreads)) {
            // Products and no jumps, which would be foreseen wrongly half of the time.
            let side = |holds: bool| spread * f64::from(u8::from(holds));
            *pair = [side(values[1] > values[0]), side(values[1] < values[0])];
        }
        let skipped = averages.run_over(buffer);
        let output = &mut output[row..row + spreads.len()];
        output[..skipped].fill(f64::NAN);
        for (out, [up, down]) in output[skipped..].iter_mut().zip(&buffer[skipped..]) {
            let sum = up + down;
            *out = if sum == 0.0 { 50.0 } else { 100.0 * (up / sum) };
        }
    });
}
