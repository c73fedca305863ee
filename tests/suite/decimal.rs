//! Decimals against text arithmetic: long multiplication of digit strings, and the standard library's number reader.

#![allow(clippy::unwrap_used)]

use engine::model::decimal::{Decimal, NotADecimal, nearest_f64, round_half_even_decimals};
use engine::model::shortest::Shortest;
use proptest::prelude::*;

/// The value as a plain digit string and a sign, `shift` places to the left: textbook, slow, exact.
fn digits_shifted(decimal: Decimal, shift: i32) -> Option<String> {
    let places = usize::try_from(decimal.exponent + shift).ok()?;
    Some(format!("{}{}", decimal.mantissa, "0".repeat(places)))
}

/// `base / multiplier`, half to even, with schoolbook long division over decimal strings.
fn ratio_textbook(base: Decimal, multiplier: Decimal) -> Option<i128> {
    let shift = -base.exponent.min(multiplier.exponent);
    let above: i128 = digits_shifted(base, shift)?.parse().ok()?;
    let below: i128 = digits_shifted(multiplier, shift)?.parse().ok()?;
    let (size, mut quotient, mut rest) = (above.unsigned_abs().to_string(), 0u128, 0u128);
    for digit in size.bytes() {
        rest = rest * 10 + u128::from(digit - b'0');
        quotient = quotient * 10 + rest / below as u128;
        rest %= below as u128;
    }
    let half = (rest * 2).cmp(&(below as u128));
    let up = half == std::cmp::Ordering::Greater || (half == std::cmp::Ordering::Equal && quotient % 2 == 1);
    let rounded = (quotient + u128::from(up)) as i128;
    Some(if above < 0 { -rounded } else { rounded })
}

/// `rint(x*10^d)/10^d` with the library's rint.
fn round_textbook(x: f64, decimals: u32) -> f64 {
    let scale: f64 = format!("1e{decimals}").parse().unwrap();
    let scaled = x * scale;
    if scaled.abs() >= 4_503_599_627_370_496.0 {
        return x;
    }
    let rounded = scaled.round_ties_even() / scale;
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn numbers_are_read_exactly_or_refused() {
    let read = |text: &str| Decimal::parse(text.as_bytes()).map(|d| (d.mantissa, d.exponent));
    for (text, mantissa, exponent) in [
        ("1.0E-5", 1, -5),
        ("0.001", 1, -3),
        ("0.1", 1, -1),
        ("1.09411", 109_411, -5),
        ("152.26", 15_226, -2),
        ("2619.205", 2_619_205, -3),
        ("-7", -7, 0),
        ("1500", 15, 2),
        ("15e2", 15, 2),
        ("15E+2", 15, 2),
        ("0", 0, 0),
        ("-0.00e7", 0, 0),
        ("9223372036854775807", i64::MAX, 0),
        ("1.1433100000000000000000000000000", 114_331, -5),
        ("100000000000000000000000000000", 1, 29),
        ("0.00000000000000000000000000001", 1, -29),
    ] {
        assert_eq!(read(text), Ok((mantissa, exponent)), "{text}");
    }
    for text in [
        "", "-", "+1", ".5", "5.", "01", "-01", "00", "1e", "1e+", "1.e5", "0x1", "NaN", "Infinity", " 1",
        "1 ", "1,",
    ] {
        assert_eq!(read(text), Err(NotADecimal::NotANumber), "{text:?}");
    }
    for text in ["9223372036854775808", "1.00000000000000000001", "123456789012345678901234567890"] {
        assert_eq!(read(text), Err(NotADecimal::TooManyDigits), "{text}");
    }
}

#[test]
fn hostile_exponents_do_not_overflow() {
    for (text, value) in [
        ("1e99999999999999999999999", f64::INFINITY),
        ("-1e999", f64::NEG_INFINITY),
        ("1e-99999999999999999999999", 0.0),
        ("0e99999999999999999999999", 0.0),
    ] {
        let decimal = Decimal::parse(text.as_bytes()).unwrap();
        assert!(same(decimal.to_f64(), value), "{text}");
    }
    let (huge, tiny) =
        (Decimal { mantissa: 7, exponent: 1_000_000 }, Decimal { mantissa: 7, exponent: -1_000_000 });
    let one = Decimal { mantissa: 1, exponent: 0 };
    assert_eq!(Decimal::ratio_rounded(huge, one), None);
    assert_eq!(Decimal::ratio_rounded(one, tiny), None);
    assert_eq!(Decimal::ratio_rounded(tiny, one), Some(0));
    assert_eq!(Decimal::ratio_rounded(one, huge), Some(0));
    assert_eq!(Decimal::ratio_rounded(Decimal::default(), tiny), Some(0));
    assert_eq!(Decimal::ratio_rounded(one, Decimal::default()), None);
    assert_eq!(Decimal::ratio_rounded(one, Decimal { mantissa: -1, exponent: 0 }), None);
}

#[test]
fn ties_of_a_ratio_go_to_the_even_neighbour() {
    let decimal = |text: &str| Decimal::parse(text.as_bytes()).unwrap();
    for (base, multiplier, units) in [
        ("1.14331", "1.0E-5", 114_331),
        ("63722.7", "0.1", 637_227),
        ("0.5", "1", 0),
        ("1.5", "1", 2),
        ("2.5", "1", 2),
        ("-0.5", "1", 0),
        ("-1.5", "1", -2),
        ("-2.5", "1", -2),
        ("2.5000000000000001", "1", 3),
        ("7", "0.002", 3_500),
        ("1", "3", 0),
        ("2", "3", 1),
    ] {
        assert_eq!(
            Decimal::ratio_rounded(decimal(base), decimal(multiplier)),
            Some(units),
            "{base}/{multiplier}"
        );
    }
}

#[test]
fn rounding_is_half_even_on_the_scaled_value() {
    for (x, decimals, rounded) in [
        (0.5, 0, 0.0),
        (1.5, 0, 2.0),
        (2.5, 0, 2.0),
        (-0.4, 0, 0.0),
        (-1.5, 0, -2.0),
        (0.125, 2, 0.12),
        (0.375, 2, 0.38),
        (1.143_310_000_000_000_2, 8, 1.14331),
        (-1e-12, 8, 0.0),
        (-0.0, 8, 0.0),
        (45_035_996.273_704_96, 8, 45_035_996.273_704_96),
        (1e300, 8, 1e300),
        (f64::INFINITY, 8, f64::INFINITY),
        (0.0, 400, 0.0),
        (1.25, 400, 1.25),
    ] {
        assert!(same(round_half_even_decimals(x, decimals), rounded), "{x} at {decimals}");
    }
    assert!(round_half_even_decimals(f64::NAN, 8).is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_decimal_is_the_number_its_text_says(mantissa in any::<i64>(), exponent in -330i32..330) {
        let decimal = Decimal { mantissa, exponent };
        let expected: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
        prop_assert!(decimal.to_f64() == expected);
        prop_assert!(nearest_f64(i128::from(mantissa), exponent) == expected);
    }

    #[test]
    fn short_decimals_are_the_nearest_f64(mantissa in -10_000_000_000i64..10_000_000_000, exponent in -24i32..24) {
        let expected: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
        let decimal = Decimal { mantissa, exponent };
        prop_assert!(decimal.to_f64() == expected);
    }

    #[test]
    fn writing_and_reading_gives_the_same_value(mantissa in any::<i64>(), exponent in -30i32..5) {
        let text = Decimal { mantissa, exponent }.to_string();
        match Decimal::parse(text.as_bytes()) {
            Ok(read) => prop_assert_eq!(digits_shifted(read, 30), digits_shifted(Decimal { mantissa, exponent }, 30)
                .map(|digits| if mantissa == 0 { format!("0{}", "0".repeat(30)) } else { digits })),
            Err(error) => prop_assert!(false, "{} is refused: {}", text, error),
        }
    }

    #[test]
    fn ratios_are_those_of_long_division(
        base in -1_000_000_000_000i64..1_000_000_000_000, places in -8i32..3,
        multiplier in 1i64..2_000, unit_places in -8i32..3,
    ) {
        let (base, multiplier) =
            (Decimal { mantissa: base, exponent: places }, Decimal { mantissa: multiplier, exponent: unit_places });
        let exact = ratio_textbook(base, multiplier).and_then(|units| i64::try_from(units).ok());
        prop_assert_eq!(Decimal::ratio_rounded(base, multiplier), exact);
    }

    #[test]
    fn rounding_is_the_textbook_one(x in any::<f64>(), small in -1e7f64..1e7, decimals in 0u32..25) {
        prop_assert!(same(round_half_even_decimals(x, decimals), round_textbook(x, decimals)));
        prop_assert!(same(round_half_even_decimals(small, decimals), round_textbook(small, decimals)));
    }

    #[test]
    fn exact_ties_round_to_even(whole in -1_000_000i64..1_000_000, decimals in 0u32..4) {
        // Quarters and halves are exact in binary, so these are true ties at 0 and 1 decimals.
        let x = whole as f64 + 0.5;
        prop_assert!(same(round_half_even_decimals(x, decimals), round_textbook(x, decimals)));
    }
}

/// Numbers as one column after another has them: each writing may depend on the one before.
fn assert_shortest(numbers: impl IntoIterator<Item = f64>) {
    let mut column = Shortest::default();
    for x in numbers {
        let mut text = Vec::new();
        column.write(x, &mut text);
        let text = String::from_utf8(text).unwrap();
        // The standard library writes the shortest digits that read back, without an exponent.
        assert_eq!(text, format!("{x}"), "bits {:016x}", x.to_bits());
        let back: f64 = text.parse().unwrap();
        assert!(back.to_bits() == x.to_bits() || x.is_nan(), "{text}");
    }
}

#[test]
fn numbers_are_written_as_short_as_they_can_be() {
    let written = |x: f64| {
        let mut text = Vec::new();
        Shortest::default().write(x, &mut text);
        String::from_utf8(text).unwrap()
    };
    for (x, text) in [
        (1.14331, "1.14331"),
        (1700.0, "1700"),
        (1e-5, "0.00001"),
        (0.0, "0"),
        (-0.0, "-0"),
        (-1.5, "-1.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e15, "1000000000000000"),
        (999_999_999_999_999.9, "999999999999999.9"),
        (9_007_199_254_740_993.0, "9007199254740992"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-inf"),
    ] {
        assert_eq!(written(x), text);
    }
    let edges = (-320..=308).flat_map(|power: i32| {
        let x: f64 = format!("1e{power}").parse().unwrap();
        [x, 9.5 * x, x.next_up(), x.next_down(), -x]
    });
    assert_shortest(edges);
}

proptest! {
    #[test]
    fn any_column_is_written_as_the_standard_library_does(bits in prop::collection::vec(any::<u64>(), 1..40)) {
        assert_shortest(bits.iter().map(|bits| f64::from_bits(*bits)));
    }

    #[test]
    fn prices_and_volumes_are_written_as_the_standard_library_does(
        units in prop::collection::vec((0i64..2_000_000_000_000, 0u32..17), 1..40),
    ) {
        assert_shortest(units.iter().map(|(units, places)| *units as f64 / 10f64.powi(*places as i32)));
    }
}
