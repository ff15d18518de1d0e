//! date_format and date_parse with MySQL's letters, as Trino has them.

use arrow::{
    array::ArrayRef,
    datatypes::{DataType, FieldRef},
};
use datafusion::common::{Result, exec_datafusion_err};
use jiff::{ZonedDateTime, civil, tz::TimeZone};

use super::{Moments, all_rows, column, data_error};
use crate::{
    functions::function::{Function, Kind, Returns, text, text_at, texts},
    schema::TIMESTAMP,
};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("date_format", &[Kind::Time, Kind::Text], Returns::Type(&DataType::Utf8), date_format),
        Function::new("date_parse", &[Kind::Text, Kind::Text], Returns::Type(&TIMESTAMP), date_parse),
    ]
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn unknown<T>(letter: char) -> Result<T> {
    data_error(format!("%{letter} is not supported in a date format"))
}

fn date_format(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (moments, formats) = (Moments::read(arguments, 0)?, text(arguments, 1)?);
    texts(all_rows(arguments).len(), |row| match (moments.zoned(row)?, text_at(formats, row)) {
        (Some(time), Some(format)) => written(&time, format).map(Some),
        _ => Ok(None),
    })
}

fn written(time: &ZonedDateTime, format: &str) -> Result<String> {
    let mut text = String::with_capacity(format.len() + 8);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let Some(letter) = chars.next() else { return data_error("a date format ends with %") };
        text.push_str(&piece(time, letter)?);
    }
    Ok(text)
}

fn piece(time: &ZonedDateTime, letter: char) -> Result<String> {
    let twelve = (time.hour() + 11) % 12 + 1;
    let half = if time.hour() < 12 { "AM" } else { "PM" };
    let month = MONTHS.get(usize::try_from(time.month() - 1).unwrap_or(0)).copied().unwrap_or_default();
    let weekday = time.weekday().to_monday_zero_offset();
    let day = DAYS.get(usize::try_from(weekday).unwrap_or(0)).copied().unwrap_or_default();
    Ok(match letter {
        'a' => day.chars().take(3).collect(),
        'b' => month.chars().take(3).collect(),
        'c' => time.month().to_string(),
        'd' => format!("{:02}", time.day()),
        'e' => time.day().to_string(),
        'f' => format!("{:06}", time.subsec_nanosecond() / 1_000),
        'H' => format!("{:02}", time.hour()),
        'h' | 'I' => format!("{twelve:02}"),
        'i' => format!("{:02}", time.minute()),
        'j' => format!("{:03}", time.day_of_year()),
        'k' => time.hour().to_string(),
        'l' => twelve.to_string(),
        'M' => month.to_owned(),
        'm' => format!("{:02}", time.month()),
        'p' => half.to_owned(),
        'r' => format!("{twelve:02}:{:02}:{:02} {half}", time.minute(), time.second()),
        'S' | 's' => format!("{:02}", time.second()),
        'T' => format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
        'v' => format!("{:02}", time.date().iso_week_date().week()),
        'W' => day.to_owned(),
        'x' => time.date().iso_week_date().year().to_string(),
        'Y' => format!("{:04}", time.year()),
        'y' => format!("{:02}", time.year().rem_euclid(100)),
        '%' => "%".to_owned(),
        other => return unknown(other),
    })
}

fn date_parse(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let (values, formats) = (text(arguments, 0)?, text(arguments, 1)?);
    let times = all_rows(arguments).map(|row| match (text_at(values, row), text_at(formats, row)) {
        (Some(value), Some(format)) => match read(value, format)? {
            Some(millis) => Ok(Some(millis)),
            None => data_error(format!("{value:?} does not have the form {format:?}")),
        },
        _ => Ok(None),
    });
    column(times, result.data_type())
}

/// What a text has said so far. What it does not say is 1970-01-01 00:00:00.
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    afternoon: Option<bool>,
}

fn read(value: &str, format: &str) -> Result<Option<i64>> {
    let mut parts = Parts { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0, afternoon: None };
    let Some(rest) = parts.read(value, format)? else { return Ok(None) };
    if !rest.is_empty() {
        return Ok(None);
    }
    let hour = match parts.afternoon {
        Some(afternoon) if (1..=12).contains(&parts.hour) => parts.hour % 12 + if afternoon { 12 } else { 0 },
        Some(_) => return Ok(None),
        None => parts.hour,
    };
    let date = civil::Date::new(parts.year, parts.month, parts.day);
    let time = civil::Time::new(hour, parts.minute, parts.second, parts.nanos);
    let (Ok(date), Ok(time)) = (date, time) else { return Ok(None) };
    let zoned =
        date.to_datetime(time).to_zoned_datetime(TimeZone::UTC).map_err(|error| exec_datafusion_err!("{error}"))?;
    Ok(Some(zoned.timestamp().as_millisecond()))
}

impl Parts {
    /// Reads the text by the format; what is left of the text, or nothing if it differs.
    fn read<'a>(&mut self, value: &'a str, format: &str) -> Result<Option<&'a str>> {
        let mut rest = value;
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let after = if c == '%' {
                let Some(letter) = chars.next() else { return data_error("a date format ends with %") };
                match letter {
                    'r' => self.read(rest, "%h:%i:%s %p")?,
                    'T' => self.read(rest, "%H:%i:%s")?,
                    '%' => rest.strip_prefix('%'),
                    letter => self.letter(rest, letter)?,
                }
            } else {
                rest.strip_prefix(c)
            };
            match after {
                Some(after) => rest = after,
                None => return Ok(None),
            }
        }
        Ok(Some(rest))
    }

    fn letter<'a>(&mut self, text: &'a str, letter: char) -> Result<Option<&'a str>> {
        let number = |most: usize, target: &mut i8| {
            digits(text, most).and_then(|(number, rest)| {
                *target = i8::try_from(number).ok()?;
                Some(rest)
            })
        };
        Ok(match letter {
            'Y' => digits(text, 4).and_then(|(year, rest)| {
                self.year = i16::try_from(year).ok()?;
                Some(rest)
            }),
            'y' => digits(text, 2).and_then(|(year, rest)| {
                // As Trino: 70 to 99 are of the last century.
                self.year = i16::try_from(if year < 70 { 2000 + year } else { 1900 + year }).ok()?;
                Some(rest)
            }),
            'c' | 'm' => number(2, &mut self.month),
            'd' | 'e' => number(2, &mut self.day),
            'H' | 'k' | 'h' | 'I' | 'l' => number(2, &mut self.hour),
            'i' => number(2, &mut self.minute),
            'S' | 's' => number(2, &mut self.second),
            'f' => {
                let length = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                let Some((fraction, rest)) = text.split_at_checked(length.min(9)) else { return Ok(None) };
                if fraction.is_empty() {
                    return Ok(None);
                }
                self.nanos = format!("{fraction:0<9}").parse().unwrap_or(0);
                Some(rest)
            }
            'M' => self.named_month(text, usize::MAX),
            'b' => self.named_month(text, 3),
            'W' => named(text, &DAYS, usize::MAX).map(|(_, rest)| rest),
            'a' => named(text, &DAYS, 3).map(|(_, rest)| rest),
            'p' => named(text, &["AM", "PM"], 2).map(|(half, rest)| {
                self.afternoon = Some(half == 1);
                rest
            }),
            other => return unknown(other),
        })
    }

    fn named_month<'a>(&mut self, text: &'a str, letters: usize) -> Option<&'a str> {
        let (place, rest) = named(text, &MONTHS, letters)?;
        self.month = i8::try_from(place + 1).ok()?;
        Some(rest)
    }
}

/// Up to `most` digits.
fn digits(text: &str, most: usize) -> Option<(i32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(length)?;
    Some((number.parse().ok()?, rest))
}

/// The place of the name that the text begins with, in any case, by its first letters.
fn named<'a>(text: &'a str, names: &[&str], letters: usize) -> Option<(usize, &'a str)> {
    names.iter().enumerate().find_map(|(place, name)| {
        let name = name.get(..letters.min(name.len()))?;
        let (found, rest) = text.split_at_checked(name.len())?;
        found.eq_ignore_ascii_case(name).then_some((place, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let millis = 1_795_613_123_456;
        let time = super::super::zoned(millis, &TimeZone::UTC).unwrap();
        for (format, text) in [
            ("%Y-%m-%d %H:%i:%s.%f", "2026-11-25 13:25:23.456000"),
            ("%W, %e. %M %Y, %r.%f", "Wednesday, 25. November 2026, 01:25:23 PM.456000"),
            ("%a %b %d %Y %T.%f", "Wed Nov 25 2026 13:25:23.456000"),
        ] {
            assert_eq!(written(&time, format).unwrap(), text);
            assert_eq!(read(text, format).unwrap(), Some(millis), "{format}");
        }
        assert_eq!(read("2026-11-25", "%Y/%m/%d").unwrap(), None);
        assert!(written(&time, "%D").is_err());
    }
}
