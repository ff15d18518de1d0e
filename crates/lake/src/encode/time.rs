//! Times as records write them.

use jiff::{Timestamp, civil::Date};

const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 of `2023-07-10T12:07:59Z` or another form of RFC 3339.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    usual(text.as_bytes()).or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond))
}

/// The form that CloudTrail writes, in whole seconds.
fn usual(text: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0i64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    // Leap seconds and what is no time at all go the long way.
    if !(1970..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=28).contains(&day) && !long(year, month, day)
    {
        return None;
    }
    (hour < 24 && minute < 60 && second < 60)
        .then(|| days(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * 1000)
}

fn long(year: i64, month: i64, day: i64) -> bool {
    let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
    matches!(parts, (Ok(year), Ok(month), Ok(day)) if Date::new(year, month, day).is_ok())
}

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`, for years from 1970 on).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day, counted from 1970, that a time in milliseconds falls on.
pub(crate) fn day_of(milliseconds: i64) -> i32 {
    i32::try_from(milliseconds.div_euclid(DAY)).unwrap_or(i32::MAX)
}

/// The hour of the day that a time in milliseconds falls on.
pub(crate) fn hour_of(milliseconds: i64) -> u32 {
    (milliseconds.rem_euclid(DAY) / 3_600_000) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_calendar(second in 0i64..253_402_300_799) {
            let text = Timestamp::from_second(second).unwrap().to_string();
            prop_assert_eq!(usual(text.as_bytes()), Some(second * 1000));
        }
    }

    #[test]
    fn other_forms_and_nonsense() {
        assert_eq!(milliseconds("2023-07-10T12:07:59.250Z"), Some(1_688_990_879_250));
        assert_eq!(milliseconds("2023-07-10T14:07:59+02:00"), Some(1_688_990_879_000));
        assert_eq!(milliseconds("2023-02-29T00:00:00Z"), None);
        assert_eq!(milliseconds("Jul 10, 2023"), None);
    }
}
