//! The time that a log file's name or prefix speaks of.

use jiff::civil::{Date, DateTime};

/// When a file was delivered, as far as its key says: `…_20230710T1210Z_…` or `…/2023/07/10/…`. UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(DateTime);

impl FileTime {
    /// The time in `key`, the file's name before its prefix.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        let (prefix, name) = key.rsplit_once('/').unwrap_or(("", key));
        name.split('_').find_map(in_name).or_else(|| in_prefix(prefix)).map(Self)
    }

    /// The day of delivery.
    #[must_use]
    pub fn day(self) -> Date {
        self.0.date()
    }

    /// The time of delivery, UTC; midnight when only the prefix speaks.
    #[must_use]
    pub fn time(self) -> DateTime {
        self.0
    }
}

/// `20230710T1210Z`, with or without seconds and an ending.
fn in_name(part: &str) -> Option<DateTime> {
    let (day, rest) = part.split_once('T')?;
    let (time, _) = rest.split_once('Z')?;
    if day.len() != 8 || !matches!(time.len(), 4 | 6) {
        return None;
    }
    let date = date(day.get(..4)?, day.get(4..6)?, day.get(6..)?)?;
    let second = if time.len() == 6 { number(time.get(4..)?)? } else { 0 };
    DateTime::new(date.year(), date.month(), date.day(), number(time.get(..2)?)?, number(time.get(2..4)?)?, second, 0)
        .ok()
}

/// `…/2023/07/10`, the last three parts that look so.
fn in_prefix(prefix: &str) -> Option<DateTime> {
    let mut day = None;
    let mut month = None;
    for part in prefix.rsplit('/') {
        match (month, day) {
            (Some(month), Some(day)) => return date(part, month, day).map(|date| date.at(0, 0, 0, 0)),
            (None, Some(_)) => month = Some(part),
            _ if part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() => {
                day = Some(part)
            }
            _ => return None,
        }
    }
    None
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    Date::new(year, number(month)?, number(day)?).ok()
}

fn number(digits: &str) -> Option<i8> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_the_time_of_delivery() {
        for (key, expected) in [
            (
                "a/CloudTrail/us-east-1/2023/07/10/1_CloudTrail_us-east-1_20230710T1210Z_x.json.gz",
                Some("2023-07-10T12:10:00"),
            ),
            ("1_CloudTrail-Digest_us-east-1_t_us-east-1_20230710T121005Z.json.gz", Some("2023-07-10T12:10:05")),
            ("Config/us-east-1/2023/7/9/x.json", Some("2023-07-09T00:00:00")),
            ("a/2023/13/40/x.json", None),
            ("a/b/events.json", None),
            ("x_20231301T9999Z_y", None),
        ] {
            assert_eq!(FileTime::of_key(key).map(|time| time.time().to_string()).as_deref(), expected, "{key}");
        }
    }
}
