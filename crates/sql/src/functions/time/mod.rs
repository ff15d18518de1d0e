//! Dates and timestamps. A timestamp is UTC in milliseconds; one with a zone shows, and is taken apart, in its zone.

mod arithmetic;
mod fields;
mod format;
pub(crate) mod literal;

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMillisecondArray},
    datatypes::{DataType, Date32Type, Field, FieldRef, TimeUnit, TimestampMillisecondType},
};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, internal_datafusion_err, plan_err};
use jiff::{Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};

use super::function::{Function, Kind, Returns, argument, constant_text, data_error, real, rows, text, text_at, texts};
use crate::{schema::TIMESTAMP, value};

const DAY: i64 = 86_400_000;

pub(crate) fn table() -> Vec<Function> {
    let mut table = vec![
        Function::new("$timestamp", &[Kind::Text], Returns::Of(zoned_by_second), constant).optional(&[Kind::Text]),
        Function::new("$utc", &[Kind::Time], Returns::Type(&TIMESTAMP), utc),
        Function::new("$local", &[Kind::Time], Returns::Type(&TIMESTAMP), local),
        Function::new("$parse_timestamp", &[Kind::Text], Returns::Type(&TIMESTAMP), parse_timestamp),
        Function::new("$date", &[Kind::Any], Returns::Type(&DataType::Date32), date),
        Function::new("at_timezone", &[Kind::Time, Kind::Text], Returns::Of(zoned_by_second), at_timezone),
        Function::new("with_timezone", &[Kind::Time, Kind::Text], Returns::Of(zoned_by_second), with_timezone),
        Function::new("from_iso8601_timestamp", &[Kind::Text], Returns::Of(in_utc), from_iso8601_timestamp),
        Function::new("from_iso8601_date", &[Kind::Text], Returns::Type(&DataType::Date32), date),
        Function::new("to_iso8601", &[Kind::Time], Returns::Type(&DataType::Utf8), to_iso8601),
        Function::new("from_unixtime", &[Kind::Real], Returns::Of(zoned_by_second), from_unixtime)
            .optional(&[Kind::Text]),
        Function::new("to_unixtime", &[Kind::Time], Returns::Type(&DataType::Float64), to_unixtime),
        Function::new("current_timezone", &[], Returns::Type(&DataType::Utf8), |_, _| {
            Ok(Arc::new(StringArray::from(vec!["UTC"])))
        }),
    ];
    table.extend(arithmetic::table());
    table.extend(fields::table());
    table.extend(format::table());
    table
}

/// A column of dates or timestamps as milliseconds, with the zone it shows in.
struct Moments {
    millis: Int64Array,
    zone: TimeZone,
    /// UTC, where days are 24 hours.
    even: bool,
    field_type: DataType,
}

impl Moments {
    fn read(arguments: &[ArrayRef], place: usize) -> Result<Self> {
        let array = argument(arguments, place)?;
        let wrong = || internal_datafusion_err!("expected date or timestamp");
        let (millis, zone) = match array.data_type() {
            DataType::Date32 => {
                let days = array.as_primitive_opt::<Date32Type>().ok_or_else(wrong)?;
                (days.iter().map(|day| day.map(|day| i64::from(day) * DAY)).collect(), None)
            }
            DataType::Timestamp(TimeUnit::Millisecond, zone) => {
                let times = array.as_primitive_opt::<TimestampMillisecondType>().ok_or_else(wrong)?;
                (times.iter().collect(), zone.as_deref())
            }
            _ => return Err(wrong()),
        };
        let even = zone.is_none_or(|zone| matches!(zone, "UTC" | "+00:00" | "Z"));
        let zone = match zone {
            Some(name) if !even => {
                value::zone(name).ok_or_else(|| exec_datafusion_err!("there is no time zone {name}"))?
            }
            _ => TimeZone::UTC,
        };
        Ok(Self { millis, zone, even, field_type: array.data_type().clone() })
    }

    fn len(&self) -> usize {
        self.millis.len()
    }

    fn millis(&self, row: usize) -> Option<i64> {
        self.millis.is_valid(row).then(|| self.millis.value(row))
    }

    fn zoned(&self, row: usize) -> Result<Option<ZonedDateTime>> {
        self.millis(row).map(|millis| zoned(millis, &self.zone)).transpose()
    }
}

fn zoned(millis: i64, zone: &TimeZone) -> Result<ZonedDateTime> {
    match Timestamp::from_millisecond(millis) {
        Ok(time) => Ok(time.to_zoned_datetime(zone.clone())),
        Err(_) => data_error("the time is outside of the years that can be computed with"),
    }
}

/// Milliseconds as a column of the type: date or timestamp.
fn column(millis: impl Iterator<Item = Result<Option<i64>>>, data_type: &DataType) -> Result<ArrayRef> {
    match data_type {
        DataType::Date32 => {
            let days = millis.map(|millis| Ok(millis?.and_then(|millis| i32::try_from(millis.div_euclid(DAY)).ok())));
            Ok(Arc::new(days.collect::<Result<Date32Array>>()?))
        }
        DataType::Timestamp(TimeUnit::Millisecond, zone) => {
            let times = millis.collect::<Result<TimestampMillisecondArray>>()?;
            Ok(Arc::new(times.with_timezone_opt(zone.clone())))
        }
        other => Err(internal_datafusion_err!("{other} is neither date nor timestamp")),
    }
}

fn timestamp_in(zone: Option<&str>) -> Result<FieldRef> {
    if let Some(name) = zone
        && value::zone(name).is_none()
    {
        return plan_err!("there is no time zone {name:?}");
    }
    let data_type = DataType::Timestamp(TimeUnit::Millisecond, zone.map(Into::into));
    Ok(Arc::new(Field::new("timestamp", data_type, true)))
}

/// In the zone that the second argument names; `$timestamp` without one is without zone, others are in UTC.
fn zoned_by_second(fields: &[FieldRef], scalars: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    let of_text = fields.first().is_some_and(|field| field.data_type() == &DataType::Utf8);
    match (fields.len(), constant_text(scalars, 1)) {
        (1, _) => timestamp_in(if of_text { None } else { Some("UTC") }),
        (_, Some(zone)) => timestamp_in(Some(zone)),
        _ => plan_err!("a time zone must be a constant"),
    }
}

fn in_utc(_: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    timestamp_in(Some("UTC"))
}

fn constant(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let millis = text(arguments, 0)?;
    column(millis.iter().map(|millis| Ok(millis.and_then(|millis| millis.parse().ok()))), result.data_type())
}

/// The same instant without zone.
fn utc(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    column((0..moments.len()).map(|row| Ok(moments.millis(row))), result.data_type())
}

/// What the clocks of the zone show, without zone.
fn local(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    let shown = (0..moments.len()).map(|row| match moments.zoned(row)? {
        None => Ok(None),
        Some(time) => shown(&time).map(Some),
    });
    column(shown, result.data_type())
}

/// The milliseconds that a zone's clocks show, as if they showed UTC.
fn shown(time: &ZonedDateTime) -> Result<i64> {
    match time.datetime().to_zoned_datetime(TimeZone::UTC) {
        Ok(utc) => Ok(utc.timestamp().as_millisecond()),
        Err(error) => data_error(error),
    }
}

/// A text compared with a timestamp.
fn parse_timestamp(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let texts = text(arguments, 0)?;
    let millis = texts.iter().map(|text| match text.map(literal::timestamp) {
        None => Ok(None),
        Some(Ok(literal::Time::Local(millis) | literal::Time::Zoned(millis, _))) => Ok(Some(millis)),
        Some(Err(error)) => data_error(error.message),
    });
    column(millis, result.data_type())
}

/// `CAST(x AS date)`.
fn date(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let array = argument(arguments, 0)?;
    match array.data_type() {
        DataType::Date32 => Ok(Arc::clone(array)),
        DataType::Timestamp(_, zone) => {
            let millis = arrow::compute::cast(array, &DataType::Timestamp(TimeUnit::Millisecond, zone.clone()))?;
            local(&[millis], &timestamp_in(None)?)
                .and_then(|local| Ok(arrow::compute::cast(&local, &DataType::Date32)?))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            let texts = arrow::compute::cast(array, &DataType::Utf8)?;
            let texts = texts.as_string_opt::<i32>().ok_or_else(|| internal_datafusion_err!("expected varchar"))?;
            let days = texts.iter().map(|text| match text.map(literal::date) {
                None => Ok(None),
                Some(Ok(date)) => Ok(days_of(date)),
                Some(Err(error)) => data_error(error.message),
            });
            Ok(Arc::new(days.collect::<Result<Date32Array>>()?))
        }
        other => plan_err!("date takes varchar or timestamp, not {}", crate::types::name(other)),
    }
}

fn days_of(date: Date) -> Option<i32> {
    let midnight = date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    i32::try_from(midnight.div_euclid(DAY)).ok()
}

/// The same instant, shown in another zone.
fn at_timezone(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    column((0..moments.len()).map(|row| Ok(moments.millis(row))), result.data_type())
}

/// The same clock time, in another zone.
fn with_timezone(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    let DataType::Timestamp(_, Some(name)) = result.data_type() else {
        return Err(internal_datafusion_err!("expected a zone"));
    };
    let zone = value::zone(name).ok_or_else(|| exec_datafusion_err!("there is no time zone {name}"))?;
    let times = (0..moments.len()).map(|row| match moments.zoned(row)? {
        None => Ok(None),
        Some(time) => match time.datetime().to_zoned_datetime(zone.clone()) {
            Ok(time) => Ok(Some(time.timestamp().as_millisecond())),
            Err(error) => data_error(error),
        },
    });
    column(times, result.data_type())
}

fn from_iso8601_timestamp(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let utc = parse_timestamp(arguments, &timestamp_in(None)?)?;
    Ok(arrow::compute::cast(&utc, result.data_type())?)
}

fn to_iso8601(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    let (is_date, has_zone) = match moments.field_type {
        DataType::Date32 => (true, false),
        DataType::Timestamp(_, ref zone) => (false, zone.is_some()),
        _ => (false, false),
    };
    texts(moments.len(), |row| {
        let Some(time) = moments.zoned(row)? else { return Ok(None) };
        if is_date {
            return Ok(Some(time.date().to_string()));
        }
        let local = time.strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string();
        Ok(Some(match (has_zone, time.offset().is_zero()) {
            (false, _) => local,
            (true, true) => local + "Z",
            (true, false) => local + &time.strftime("%:z").to_string(),
        }))
    })
}

fn from_unixtime(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let seconds = real(arguments, 0)?;
    let millis = seconds.iter().map(|seconds| match seconds {
        None => Ok(None),
        Some(seconds) if (-3.0e11..3.0e11).contains(&seconds) => {
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            let millis = (seconds * 1_000.0).round() as i64;
            Ok(Some(millis))
        }
        Some(seconds) => data_error(format!("{seconds} is no time in seconds since 1970")),
    });
    column(millis, result.data_type())
}

fn to_unixtime(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of calendar time are exact")]
    let seconds = (0..moments.len()).map(|row| moments.millis(row).map(|millis| millis as f64 / 1_000.0));
    Ok(Arc::new(seconds.collect::<Float64Array>()))
}

/// The unit of a row, in lower case without a plural's s.
fn unit_at(units: &StringArray, row: usize) -> Option<String> {
    text_at(units, row).map(|unit| unit.to_ascii_lowercase())
}

fn unknown_unit<T>(function: &str, unit: &str) -> Result<T> {
    data_error(format!(
        "{function} has no unit {unit:?}; it has millisecond, second, minute, hour, day, week, month, quarter and year"
    ))
}

fn all_rows(arguments: &[ArrayRef]) -> std::ops::Range<usize> {
    0..rows(arguments)
}
