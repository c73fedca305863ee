use super::super::entry::{Args, Group, Indicator, Param};
use super::super::kernels::{PERIOD_BEGIN, PERIOD_LEAD, blank, cycle, cycle_reach, mama, mama_reach};
use super::phase::{PHASE_LEAD, phases};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("ht_dcperiod", "Period of the dominant cycle", Group::Cycles, |_| cycle_reach(), |_, inputs, outputs| {
        cycle(inputs[0], PERIOD_BEGIN, [&mut *outputs[0]], |cycle| [cycle.period]);
        blank(outputs[0], PERIOD_LEAD);
    })
    .says("by the Hilbert transform whose taps are tuned to the period of the bar before, smoothed, within 6 to 50 bars", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_DCPERIOD"),
    Indicator::new("ht_phasor", "Components of the dominant cycle", Group::Cycles, |_| cycle_reach(), |_, inputs, outputs| {
        let [inphase, quadrature] = outputs else { unreachable!("the entry has two outputs") };
        cycle(inputs[0], PERIOD_BEGIN, [&mut *inphase, &mut *quadrature], |cycle| [cycle.i, cycle.q]);
        blank(inphase, PERIOD_LEAD);
        blank(quadrature, PERIOD_LEAD);
    })
    .outputs(&["inphase", "quadrature"])
    .says("the detrended price three bars ago and its Hilbert transform", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_PHASOR"),
    Indicator::new("ht_dcphase", "Phase of the dominant cycle", Group::Cycles, |_| cycle_reach(), |_, inputs, outputs| {
        blank(outputs[0], PHASE_LEAD);
        phases(inputs[0], false, |row, bar| outputs[0][row] = bar.phase);
    })
    .says("degrees, -45 to 315, of the cycle's first Fourier component over one period of smoothed prices", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_DCPHASE"),
    Indicator::new("ht_sine", "Sine of the dominant cycle", Group::Cycles, |_| cycle_reach(), |_, inputs, outputs| {
        let [sine, lead] = outputs else { unreachable!("the entry has two outputs") };
        blank(sine, PHASE_LEAD);
        blank(lead, PHASE_LEAD);
        phases(inputs[0], false, |row, bar| (sine[row], lead[row]) = bar.sines());
    })
    .aliases(&["hilbert_sine"])
    .outputs(&["sine", "leadsine"])
    .says("sine of ht_dcphase, and 45 degrees ahead of it", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_SINE"),
    Indicator::new("ht_trendmode", "Trend or cycle", Group::Cycles, |_| cycle_reach(), trend_mode)
        .says("0 after crossings of sine and lead sine for half a period, and while the phase goes on as the period would have it; 1 otherwise, and where price is 1.5 % off the trend line", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_TRENDMODE"),
    Indicator::new("ht_trendline", "Instantaneous trend line", Group::Cycles, |_| cycle_reach(), |_, inputs, outputs| {
        blank(outputs[0], PHASE_LEAD);
        phases(inputs[0], true, |row, bar| outputs[0][row] = bar.trend);
    })
    .aliases(&["htl", "ht_trend"])
    .overlay()
    .says("(4 m + 3 m[1] + 2 m[2] + m[3]) / 10, m the mean over one period of the dominant cycle", "Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_TRENDLINE"),
    Indicator::new("mama", "Mesa adaptive average", Group::Cycles, |args| mama_reach(args.real(1).min(args.real(0))), |args, inputs, outputs| {
        let [line, follower] = outputs else { unreachable!("the entry has two outputs") };
        let mut fama = 0.0;
        mama(inputs[0], args.real(0), args.real(1), line, |row, mama, weight| {
            fama += 0.5 * weight * (mama - fama);
            follower[row] = fama;
        });
        blank(follower, PERIOD_LEAD);
    })
    .params(&[Param::real("fast", 0.5, 0.01, 0.99), Param::real("slow", 0.05, 0.01, 0.99)])
    .outputs(&["mama", "fama"])
    .overlay()
    .says("weight = fast / degrees by which the phase fell, within slow to fast; fama follows mama with half the weight", "Ehlers, Stocks & Commodities, September 2001; TA-Lib MAMA"),
];

fn trend_mode(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    blank(output, PHASE_LEAD);
    let (mut before, mut phase, mut bars) = ((0.0, 0.0), 0.0, 0.0);
    super::phase::every_phase(inputs[0], |row, bar| {
        let (sine, lead) = bar.sines();
        let crosses = (sine > lead && before.0 <= before.1) || (sine < lead && before.0 >= before.1);
        if crosses {
            bars = 0.0;
        }
        let step = bar.phase - phase;
        let usual = 360.0 / bar.period;
        (before, phase) = ((sine, lead), bar.phase);
        let settled = !crosses && bars + 1.0 >= 0.5 * bar.period;
        bars += 1.0;
        let cycles = step > 0.67 * usual && step < 1.5 * usual;
        let away = bar.trend != 0.0 && ((bar.smooth - bar.trend) / bar.trend).abs() >= 0.015;
        if row >= PHASE_LEAD {
            output[row] = f64::from(u8::from(away || (settled && !cycles)));
        }
    });
}
