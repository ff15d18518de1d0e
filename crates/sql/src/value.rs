//! Values as text, as the Lake gives them: everything is a string, written as Trino writes it.
//!
//! Timestamps `2026-11-25 10:00:00.000`, with the zone behind them if they have one; arrays `[a, b]`; maps `{k=v}`; rows
//! `{field=value}`; NULL inside of these `null`; doubles as Java writes them.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{
        DataType, Date32Type, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
        DurationSecondType, Float32Type, Float64Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
        IntervalUnit, IntervalYearMonthType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType,
    },
    util::display::{ArrayFormatter, FormatOptions},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Writes the values of one type.
pub(crate) struct Writer {
    zone: Option<(TimeZone, String)>,
    data_type: DataType,
}

impl Writer {
    pub(crate) fn new(data_type: &DataType) -> Self {
        let zone = match data_type {
            DataType::Timestamp(_, Some(name)) => Some((zone(name).unwrap_or(TimeZone::UTC), zone_label(name))),
            _ => None,
        };
        Self { zone, data_type: data_type.clone() }
    }

    /// The text of a row; nothing for NULL.
    pub(crate) fn text(&self, array: &ArrayRef, row: usize) -> Option<String> {
        if row >= array.len() || array.is_null(row) {
            return None;
        }
        match &self.data_type {
            DataType::Utf8 => Some(array.as_string_opt::<i32>()?.value(row).to_owned()),
            DataType::Utf8View => Some(array.as_string_view_opt()?.value(row).to_owned()),
            DataType::LargeUtf8 => Some(array.as_string_opt::<i64>()?.value(row).to_owned()),
            DataType::Int64 => Some(array.as_primitive_opt::<Int64Type>()?.value(row).to_string()),
            DataType::Float64 => Some(java_double(array.as_primitive_opt::<Float64Type>()?.value(row))),
            DataType::Float32 => {
                let value = array.as_primitive_opt::<Float32Type>()?.value(row);
                Some(java_double(value.to_string().parse().unwrap_or(f64::from(value))))
            }
            DataType::Date32 => {
                let days = array.as_primitive_opt::<Date32Type>()?.value(row);
                let date = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?);
                date.ok().map(|date| date.to_string())
            }
            DataType::Timestamp(unit, _) => self.timestamp(array, row, *unit),
            DataType::Interval(unit) => interval(array, row, *unit),
            DataType::Duration(unit) => {
                let nanos = match unit {
                    TimeUnit::Second => {
                        i128::from(array.as_primitive_opt::<DurationSecondType>()?.value(row)) * 1_000_000_000
                    }
                    TimeUnit::Millisecond => {
                        i128::from(array.as_primitive_opt::<DurationMillisecondType>()?.value(row)) * 1_000_000
                    }
                    TimeUnit::Microsecond => {
                        i128::from(array.as_primitive_opt::<DurationMicrosecondType>()?.value(row)) * 1_000
                    }
                    TimeUnit::Nanosecond => i128::from(array.as_primitive_opt::<DurationNanosecondType>()?.value(row)),
                };
                Some(days_and_time(nanos))
            }
            DataType::List(_) => {
                let items = array.as_list_opt::<i32>()?.value(row);
                Some(format!("[{}]", join(&items)))
            }
            DataType::Struct(fields) => {
                let parts: Vec<_> = fields
                    .iter()
                    .zip(array.as_struct_opt()?.columns())
                    .map(|(field, column)| format!("{}={}", field.name(), inner(column, row)))
                    .collect();
                Some(format!("{{{}}}", parts.join(", ")))
            }
            DataType::Map(_, _) => {
                let entries = array.as_map_opt()?.value(row);
                let parts: Vec<_> = (0..entries.len())
                    .map(|place| format!("{}={}", inner(entries.column(0), place), inner(entries.column(1), place)))
                    .collect();
                Some(format!("{{{}}}", parts.join(", ")))
            }
            _ => {
                let formatter = ArrayFormatter::try_new(array, &FormatOptions::default()).ok()?;
                formatter.value(row).try_to_string().ok()
            }
        }
    }

    fn timestamp(&self, array: &ArrayRef, row: usize, unit: TimeUnit) -> Option<String> {
        let (time, digits) = match unit {
            TimeUnit::Second => {
                (Timestamp::from_second(array.as_primitive_opt::<TimestampSecondType>()?.value(row)), 0)
            }
            TimeUnit::Millisecond => {
                (Timestamp::from_millisecond(array.as_primitive_opt::<TimestampMillisecondType>()?.value(row)), 3)
            }
            TimeUnit::Microsecond => {
                (Timestamp::from_microsecond(array.as_primitive_opt::<TimestampMicrosecondType>()?.value(row)), 6)
            }
            TimeUnit::Nanosecond => {
                let nanos = array.as_primitive_opt::<TimestampNanosecondType>()?.value(row);
                (Timestamp::from_nanosecond(i128::from(nanos)), 9)
            }
        };
        let zone = self.zone.as_ref().map_or(TimeZone::UTC, |(zone, _)| zone.clone());
        let local = time.ok()?.to_zoned_datetime(zone).datetime();
        let mut text = format!("{} {:02}:{:02}:{:02}", local.date(), local.hour(), local.minute(), local.second());
        if digits > 0 {
            let fraction = format!("{:09}", local.subsec_nanosecond());
            text.push('.');
            text.extend(fraction.chars().take(digits));
        }
        if let Some((_, label)) = &self.zone {
            text.push(' ');
            text.push_str(label);
        }
        Some(text)
    }
}

/// A time zone by its IANA name or offset.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    let offset = name.strip_prefix(['+', '-']).and_then(|digits| {
        let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
        let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
        let seconds = if name.starts_with('-') { -seconds } else { seconds };
        jiff::tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
    });
    offset.or_else(|| TimeZone::get(name).ok())
}

fn zone_label(name: &str) -> String {
    if matches!(name, "+00:00" | "Z") { "UTC".to_owned() } else { name.to_owned() }
}

fn inner(array: &ArrayRef, row: usize) -> String {
    Writer::new(array.data_type()).text(array, row).unwrap_or_else(|| "null".to_owned())
}

fn join(array: &ArrayRef) -> String {
    let writer = Writer::new(array.data_type());
    let parts: Vec<_> =
        (0..array.len()).map(|row| writer.text(array, row).unwrap_or_else(|| "null".to_owned())).collect();
    parts.join(", ")
}

/// As `Double.toString`: decimal from 0.001 up to ten million, else with an exponent; always with a fraction.
fn java_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

fn interval(array: &ArrayRef, row: usize, unit: IntervalUnit) -> Option<String> {
    Some(match unit {
        IntervalUnit::YearMonth => months(array.as_primitive_opt::<IntervalYearMonthType>()?.value(row)),
        IntervalUnit::DayTime => {
            let value = array.as_primitive_opt::<IntervalDayTimeType>()?.value(row);
            days_and_time(i128::from(value.days) * DAY + i128::from(value.milliseconds) * 1_000_000)
        }
        IntervalUnit::MonthDayNano => {
            let value = array.as_primitive_opt::<IntervalMonthDayNanoType>()?.value(row);
            if value.months != 0 && value.days == 0 && value.nanoseconds == 0 {
                months(value.months)
            } else {
                days_and_time(i128::from(value.days) * DAY + i128::from(value.nanoseconds))
            }
        }
    })
}

const DAY: i128 = 86_400_000_000_000;

fn months(months: i32) -> String {
    let sign = if months < 0 { "-" } else { "" };
    let months = months.unsigned_abs();
    format!("{sign}{}-{}", months / 12, months % 12)
}

/// `1 02:03:04.000`.
fn days_and_time(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let (days, rest) = (nanos / DAY.unsigned_abs(), nanos % DAY.unsigned_abs());
    let seconds = rest / 1_000_000_000;
    let millis = rest / 1_000_000 % 1_000;
    format!("{sign}{days} {:02}:{:02}:{:02}.{millis:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (1e7, "1.0E7"),
            (1.234e-5, "1.234E-5"),
            (123_456.789, "123456.789"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(java_double(value), text);
        }
    }

    #[test]
    fn intervals_are_written_as_trino_does() {
        assert_eq!(days_and_time(DAY + 3_723_004_000_000), "1 01:02:03.004");
        assert_eq!(days_and_time(-1_000_000_000), "-0 00:00:01.000");
        assert_eq!(months(-14), "-1-2");
    }
}
