//! The text beside a series, by the calendar of `chrono` and the numbers of the standard library.

use engine::model::Bar;

/// What has to stand in the `SYMBOL.csv` of these bars.
pub fn text_of_bars(bars: &[Bar]) -> String {
    let mut text = String::from("time,open,high,low,close,volume\n");
    for bar in bars {
        let clock_ms = bar.time_ms as i64 + i64::from(bar.utc_offset_s) * 1000;
        let time = chrono::DateTime::from_timestamp_millis(clock_ms).expect("a time");
        let Bar { open, high, low, close, volume, .. } = bar;
        let time = time.format("%Y-%m-%d %H:%M:%S");
        text += &format!("{time},{open},{high},{low},{close},{volume}\n");
    }
    text
}
