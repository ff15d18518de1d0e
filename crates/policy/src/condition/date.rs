//! `Date…`: the ISO 8601 forms of the W3C, or seconds since 1970.

use jiff::{
    civil,
    tz::{self, Offset},
};

const NANOSECONDS: i128 = 1_000_000_000;

/// Reads a moment as nanoseconds since 1970. A time without a zone is in UTC; missing parts are the earliest.
///
/// Digits alone are seconds since 1970, not a year. Years are 0 to 9999.
pub(super) fn parse(text: &str) -> Option<i128> {
    if !text.contains(['-', 't', 'T']) {
        let seconds = digits(text, 1, 19)?;
        return i64::try_from(seconds).ok().map(|seconds| i128::from(seconds) * NANOSECONDS);
    }
    let (date, time) = text.split_once(['t', 'T']).unwrap_or((text, ""));
    let mut fields = date.split('-');
    let year = digits(fields.next()?, 1, 4)?.try_into().ok()?;
    let month = fields.next().map_or(Some(1), |field| digits(field, 1, 2))?.try_into().ok()?;
    let day = fields.next().map_or(Some(1), |field| digits(field, 1, 2))?.try_into().ok()?;
    let date = civil::Date::new(year, month, day).ok().filter(|_| fields.next().is_none())?;
    let (time, offset) = time_and_offset(time)?;
    Some(offset.to_timestamp(date.to_datetime(time)).ok()?.as_nanosecond())
}

fn time_and_offset(text: &str) -> Option<(civil::Time, Offset)> {
    let zone = text.find(['z', 'Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at_checked(zone)?;
    if time.is_empty() {
        return zone.is_empty().then_some((civil::Time::midnight(), Offset::UTC));
    }
    let mut fields = time.split(':');
    let hour = digits(fields.next()?, 1, 2)?.try_into().ok()?;
    let minute = fields.next().map_or(Some(0), |field| digits(field, 1, 2))?.try_into().ok()?;
    let (second, fraction) = match fields.next() {
        None => (0, 0),
        Some(field) => {
            let (second, fraction) = field.split_once('.').unwrap_or((field, "0"));
            let scale = 10_u64.pow(u32::try_from(9 - fraction.len().min(9)).ok()?);
            (digits(second, 1, 2)?.try_into().ok()?, (digits(fraction, 1, 9)? * scale).try_into().ok()?)
        }
    };
    let time = civil::Time::new(hour, minute, second, fraction).ok().filter(|_| fields.next().is_none())?;
    Some((time, offset(zone)?))
}

fn offset(zone: &str) -> Option<Offset> {
    if matches!(zone, "" | "z" | "Z") {
        return Some(Offset::UTC);
    }
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "00"));
    let hours: i8 = digits(hours, 2, 2).filter(|hours| *hours <= 23)?.try_into().ok()?;
    let minutes = i32::try_from(digits(minutes, 2, 2).filter(|minutes| *minutes <= 59)?).ok()?;
    let seconds = (tz::offset(hours).seconds()) + minutes * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn digits(text: &str, least: usize, most: usize) -> Option<u64> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_same_moment_in_several_forms() {
        let expected = Some(1_783_036_800_000_000_000);
        for text in [
            "1783036800",
            "2026-07-03",
            "2026-7-3",
            "2026-07-03T00:00Z",
            "2026-07-03t00:00:00z",
            "2026-07-03T00:00:00",
            "2026-07-03T02:00:00.000+02:00",
            "2026-07-03T2:00:00+02",
            "2026-07-02T20:30-03:30",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(parse("2026-07"), parse("2026-07-01T00:00:00Z"));
        assert!(parse("2016-12-13T21:20:37.593194+00:00") < parse("2016-12-13T21:20:37.593195+00:00"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "sdfdsf",
            "234-13",
            "2026-02-30",
            "2026-07-03T25:00Z",
            "2026-07-03T",
            "2026-07-03TZ",
            "2016-12-13t2:00:00.593194+1",
            "2016-12-13t2:00:00.1999999999+10:59",
            "2026-07-03T00:00:00+24:00",
            "2026-07-03-04",
            "9223372036854775808",
            "-5",
            "2026-07-03 00:00",
            "２０２６-07-03",
        ] {
            assert_eq!(parse(text).is_some(), text == "2026-07-03T", "{text}");
        }
    }
}
