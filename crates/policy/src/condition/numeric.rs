//! `Numeric…`: exact decimals. A binary fraction would call 0.1 + 0.2 and 0.3 different.

/// Digits kept after the point.
const SCALE: usize = 12;

/// Reads an integer or decimal as a multiple of 10⁻¹². None when it is no number, or has more than 24 digits before or
/// 12 significant digits after the point.
pub(super) fn parse(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !only_digits(whole) || !only_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > 24 || fraction.len() > SCALE {
        return None;
    }
    let digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', SCALE - fraction.len()));
    let scaled = digits.fold(0, |number: i128, digit| number * 10 + i128::from(digit - b'0'));
    Some(if negative { -scaled } else { scaled })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(parse("10"), parse("10.000"));
        assert_eq!(parse("+0.3"), parse("0.30"));
        assert_eq!(parse("-0"), parse("0"));
        assert!(parse("9007199254740993") > parse("9007199254740992"));
        assert!(parse("-1.5") < parse("-1.25"));
        assert!(parse("0000000000000000000000000000000000000001") == parse("1"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "-", ".", "1.", ".5", "1e3", "0x10", "1,000", " 1", "NaN", "1.2.3", "--1", "1234567890123456789012345"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
