//! The two time formats of a signed request.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::Offset;

/// `20150830T123600Z`.
pub(crate) fn basic(at: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(at);
    let mut text = day(at);
    text.push('T');
    [time.hour(), time.minute(), time.second()].into_iter().for_each(|part| two_digits(&mut text, part));
    text.push('Z');
    text
}

/// Reads `20150830T123600Z`, in exactly this form.
pub(crate) fn parse_basic(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, mo1, mo2, d1, d2, b'T', h1, h2, mi1, mi2, s1, s2, b'Z'] = bytes else { return None };
    let two = |tens: &u8, ones: &u8| {
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        digits.then(|| i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok()).flatten()
    };
    let year = i16::from(two(y1, y2)?) * 100 + i16::from(two(y3, y4)?);
    let civil =
        DateTime::new(year, two(mo1, mo2)?, two(d1, d2)?, two(h1, h2)?, two(mi1, mi2)?, two(s1, s2)?, 0).ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

/// Reads a `Date` header: `Sun, 30 Aug 2015 12:36:00 GMT`.
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// `20150830`, the day in UTC.
pub(crate) fn day(at: Timestamp) -> String {
    let date = Offset::UTC.to_datetime(at).date();
    let mut text = String::with_capacity("20150830T123600Z".len());
    // No signed request is from before the year 0.
    let year = date.year().clamp(0, 9999);
    for part in [year / 100, year % 100] {
        two_digits(&mut text, i8::try_from(part).unwrap_or_default());
    }
    [date.month(), date.day()].into_iter().for_each(|part| two_digits(&mut text, part));
    text
}

/// Writes a number from 0 to 99.
fn two_digits(text: &mut String, number: i8) {
    for digit in [number / 10, number % 10] {
        text.push(char::from(b'0' + digit.unsigned_abs() % 10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_form_round_trips_and_nothing_else_is_read() {
        let at = parse_basic("20150830T123600Z").unwrap();
        assert_eq!(at.to_string(), "2015-08-30T12:36:00Z");
        assert_eq!(basic(at), "20150830T123600Z");
        assert_eq!(day(at), "20150830");
        for text in
            ["", "20150830T123600", "20151330T123600Z", "2015-08-30T12:36", "2015083\u{e9}T12360Z", "20150830T126100Z"]
        {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_header_is_read() {
        assert_eq!(parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), parse_basic("20150830T123600Z"));
        assert_eq!(parse_http("yesterday"), None);
    }
}
