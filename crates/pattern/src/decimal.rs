//! Numbers as their decimal text says them, without rounding.

use std::cmp::Ordering;

/// An exact decimal number: `0.DIGITS × 10^exponent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    /// Significant digits without leading or trailing zeros; empty is zero.
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads an optional sign, digits with an optional point, and an optional exponent; nothing else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (unsigned.get(..at)?, parse_exponent(unsigned.get(at + 1..)?)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let significant = digits.trim_start_matches('0');
        let leading = digits.len() - significant.len();
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let point = i64::try_from(whole.len()).ok()?.saturating_sub(i64::try_from(leading).ok()?);
        let exponent = exponent.saturating_add(point);
        let digits = significant.to_owned();
        Some(Self { negative, digits, exponent })
    }

    /// The binary64 with exactly this value in the sense of EventBridge: its shortest decimal form is this number.
    /// `None` for numbers of more than about 17 digits and those beyond the range, which EventBridge only compares
    /// as text.
    pub(crate) fn comparable(text: &str) -> Option<f64> {
        let value = match plain(text) {
            Some(value) => value,
            None => {
                let value: f64 = text.parse().ok()?;
                let survives = value.is_finite() && Self::parse(text)? == Self::parse(&format!("{value:e}"))?;
                survives.then_some(value)?
            }
        };
        // One zero, not two.
        Some(value + 0.0)
    }
}

/// The binary64 nearest to a number of at most fifteen digits without an exponent; none for others. So many digits always
/// survive the way to binary64 and back, away from the ends of the range. They and the power of ten are exact, so that
/// dividing rounds once.
fn plain(text: &str) -> Option<f64> {
    const DIGITS: usize = 15;
    const POWERS: [f64; DIGITS + 1] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', unsigned @ ..] => (true, unsigned),
        unsigned => (false, unsigned),
    };
    if unsigned.len() > DIGITS + 1 {
        return None;
    }
    let (mut number, mut digits, mut point) = (0_u64, 0, None);
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => return None,
        }
    }
    if digits == 0 || digits > DIGITS {
        return None;
    }
    let value = number as f64 / POWERS.get(digits - point.unwrap_or(digits))?;
    Some(if negative { -value } else { value })
}

/// An exponent beyond any number that can be written out stops mattering; it only must not overflow.
fn parse_exponent(text: &str) -> Option<i64> {
    const BEYOND: i64 = 1 << 40;
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(byte - b'0')).min(BEYOND);
    }
    Some(if negative { -value } else { value })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits)),
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn the_same_number_in_many_writings() {
        for (left, right) in [
            ("300", "3.0e2"),
            ("300", "+3E+2"),
            ("0", "-0.0e9"),
            ("0.001", "1e-3"),
            (".5", "0.50"),
            ("5.", "5"),
            ("12345678901234567890123", "12345678901234567890123.000"),
        ] {
            assert_eq!(decimal(left), decimal(right), "{left} {right}");
        }
    }

    #[test]
    fn order_is_exact() {
        for (less, more) in [
            ("-1", "0"),
            ("-2", "-1"),
            ("0", "1e-400"),
            ("0.3", "0.30000000000000000001"),
            ("9007199254740992", "9007199254740993"),
            ("99", "1e2"),
            ("-1e9999999999999", "1e-9999999999999"),
        ] {
            assert_eq!(decimal(less).cmp(&decimal(more)), Ordering::Less, "{less} < {more}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "Infinity", "NaN", " 1"] {
            assert_eq!(Decimal::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn comparable_numbers_survive_binary64() {
        assert_eq!(Decimal::comparable("0.1"), Some(0.1));
        assert_eq!(Decimal::comparable("3.0e2"), Some(300.0));
        assert_eq!(Decimal::comparable("-0"), Decimal::comparable("0"));
        assert_eq!(Decimal::comparable("-122.438521"), Some(-122.438_521));
        assert_eq!(plain("123456789.012345"), Some(123_456_789.012_345));
        assert_eq!(plain("1234567890.123456"), None);
        assert_eq!(Decimal::comparable("12345678901234567"), None);
        assert_eq!(Decimal::comparable("12345678901234568"), Some(12_345_678_901_234_568.0));
        assert_eq!(Decimal::comparable("0.30000000000000000001"), None);
        assert_eq!(Decimal::comparable("1e400"), None);
    }

    proptest! {
        #[test]
        fn order_agrees_with_integers(left in any::<i64>(), right in any::<i64>()) {
            prop_assert_eq!(decimal(&left.to_string()).cmp(&decimal(&right.to_string())), left.cmp(&right));
        }

        #[test]
        fn plain_numbers_are_the_doubles_that_the_standard_library_reads(text in "-?([0-9]{0,18}\\.?[0-9]{0,16}|[0-9.]{0,4})") {
            if let Some(value) = plain(&text) {
                prop_assert_eq!(text.parse(), Ok(value), "{}", text);
            }
        }

        #[test]
        fn every_double_is_comparable_in_its_shortest_form(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(Decimal::comparable(&format!("{value:e}")), Some(value));
            prop_assert_eq!(Decimal::comparable(&format!("{value}")), Some(value));
        }
    }
}
