//! Dates and timestamps as text.

use jiff::{civil, tz::TimeZone};

use crate::{error::SqlError, value};

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// Milliseconds since 1970, in UTC: no zone was named.
    Local(i64),
    /// Milliseconds since 1970, and the zone that was named.
    Zoned(i64, String),
}

/// Reads `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS[.fff]]`, with `T` for the space, with `Z`, an offset or a zone behind it.
pub(crate) fn timestamp(text: &str) -> Result<Time, SqlError> {
    let wrong = || SqlError::invalid(format!("{text:?} is not a timestamp; write YYYY-MM-DD HH:MM:SS"));
    let text_trimmed = text.trim();
    let (date, time) = text_trimmed.split_at_checked(10).ok_or_else(wrong)?;
    let date: civil::Date = date.parse().map_err(|_| wrong())?;
    let Some(time) = time.strip_prefix(['T', 't', ' ']) else {
        return if time.is_empty() { millis(date.at(0, 0, 0, 0), &TimeZone::UTC, Time::Local) } else { Err(wrong()) };
    };
    let end = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(end).ok_or_else(wrong)?;
    let local = date.to_datetime(clock_time(clock).ok_or_else(wrong)?);
    let zone = zone.trim();
    if zone.is_empty() {
        return millis(local, &TimeZone::UTC, Time::Local);
    }
    let name = if zone.eq_ignore_ascii_case("z") { "UTC" } else { zone };
    let zone = value::zone(name).ok_or_else(wrong)?;
    millis(local, &zone, |millis| Time::Zoned(millis, name.to_owned()))
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> Result<civil::Date, SqlError> {
    text.trim().parse().map_err(|_| SqlError::invalid(format!("{text:?} is not a date; write YYYY-MM-DD")))
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fffffffff`.
fn clock_time(text: &str) -> Option<civil::Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    let two = |part: Option<&str>| part.filter(|part| part.len() == 2)?.parse::<i8>().ok();
    let (hour, minute) = (two(parts.next())?, two(parts.next())?);
    let second = match parts.next() {
        None => 0,
        second => two(second)?,
    };
    if parts.next().is_some() || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    civil::Time::new(hour, minute, second, nanos).ok()
}

fn millis(local: civil::DateTime, zone: &TimeZone, of: impl Fn(i64) -> Time) -> Result<Time, SqlError> {
    match local.to_zoned_datetime(zone.clone()) {
        Ok(time) => Ok(of(time.timestamp().as_millisecond())),
        Err(_) => Err(SqlError::invalid(format!("{local} is outside of the years that can be computed with"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: i64 = 1_795_600_800_000;

    #[test]
    fn timestamps_are_read_in_the_forms_people_write() {
        for (text, time) in [
            ("2026-11-25 10:00:00", Time::Local(TEN)),
            ("2026-11-25T10:00:00.5", Time::Local(TEN + 500)),
            ("2026-11-25 10:00", Time::Local(TEN)),
            ("2026-11-25", Time::Local(TEN - 36_000_000)),
            ("2026-11-25T10:00:00Z", Time::Zoned(TEN, "UTC".to_owned())),
            ("2026-11-25 10:00:00 UTC", Time::Zoned(TEN, "UTC".to_owned())),
            ("2026-11-25T11:00:00+01:00", Time::Zoned(TEN, "+01:00".to_owned())),
            ("2026-11-25 11:00:00 Europe/Berlin", Time::Zoned(TEN, "Europe/Berlin".to_owned())),
        ] {
            assert_eq!(timestamp(text).unwrap(), time, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_timestamps() {
        for text in [
            "",
            "yesterday",
            "2026-11",
            "2026-13-01",
            "2026-11-25 25:00:00",
            "2026-11-25 10",
            "2026-11-25 10:00:00 Nowhere/Else",
            "2026-11-25x",
        ] {
            assert!(timestamp(text).is_err(), "{text}");
        }
    }
}
