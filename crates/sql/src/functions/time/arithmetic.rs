//! date_add, date_diff, date_trunc, last_day_of_month.

use arrow::{
    array::ArrayRef,
    datatypes::{DataType, FieldRef},
};
use datafusion::common::Result;
use jiff::{Span, Unit, ZonedDateTime, ZonedDateTimeDifference, civil};

use super::{DAY, Moments, all_rows, column, data_error, unit_at, unknown_unit, zoned};
use crate::functions::function::{Function, Kind, Returns, text, whole, whole_at, wholes};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("date_add", &[Kind::Text, Kind::Whole, Kind::Time], Returns::Argument(2), date_add),
        Function::new("date_diff", &[Kind::Text, Kind::Time, Kind::Time], Returns::Type(&DataType::Int64), date_diff),
        Function::new("date_trunc", &[Kind::Text, Kind::Time], Returns::Argument(1), date_trunc),
        Function::new("last_day_of_month", &[Kind::Time], Returns::Type(&DataType::Date32), last_day_of_month),
    ]
}

/// The milliseconds of a unit of one length.
fn fixed(unit: &str) -> Option<i64> {
    Some(match unit {
        "millisecond" => 1,
        "second" => 1_000,
        "minute" => 60_000,
        "hour" => 3_600_000,
        "day" => DAY,
        "week" => 7 * DAY,
        _ => return None,
    })
}

/// The months of a unit of the calendar.
fn months(unit: &str) -> Option<i64> {
    Some(match unit {
        "month" => 1,
        "quarter" => 3,
        "year" => 12,
        _ => return None,
    })
}

fn is_clock_unit(unit: &str) -> bool {
    fixed(unit).is_some_and(|millis| millis < DAY)
}

fn date_add(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let (units, counts, moments) = (text(arguments, 0)?, whole(arguments, 1)?, Moments::read(arguments, 2)?);
    let is_date = result.data_type() == &DataType::Date32;
    let sums = all_rows(arguments).map(|row| {
        let (Some(unit), Some(count), Some(millis)) = (unit_at(units, row), whole_at(counts, row), moments.millis(row))
        else {
            return Ok(None);
        };
        if is_date && is_clock_unit(&unit) {
            return data_error(format!("a date has no {unit}; cast it to timestamp"));
        }
        let too_far = || data_error(format!("date_add of {count} {unit} leaves the years that can be computed with"));
        let sum = match (fixed(&unit), months(&unit)) {
            (Some(step), _) if moments.even || step < DAY => {
                count.checked_mul(step).and_then(|change| millis.checked_add(change))
            }
            (Some(step), _) => {
                added(&zoned(millis, &moments.zone)?, Span::new().try_days(count.saturating_mul(step / DAY)))
            }
            (_, Some(step)) => {
                added(&zoned(millis, &moments.zone)?, Span::new().try_months(count.saturating_mul(step)))
            }
            (None, None) => return unknown_unit("date_add", &unit),
        };
        match sum {
            Some(sum) => zoned(sum, &moments.zone).map(|_| Some(sum)),
            None => too_far(),
        }
    });
    column(sums, result.data_type())
}

fn added(time: &ZonedDateTime, span: Result<Span, jiff::Error>) -> Option<i64> {
    time.checked_add(span.ok()?).ok().map(|time| time.timestamp().as_millisecond())
}

/// Whole units from the first to the second.
fn date_diff(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let units = text(arguments, 0)?;
    let (from, to) = (Moments::read(arguments, 1)?, Moments::read(arguments, 2)?);
    let even = from.even && to.even;
    wholes(all_rows(arguments).len(), |row| {
        let (Some(unit), Some(first), Some(second)) = (unit_at(units, row), from.millis(row), to.millis(row)) else {
            return Ok(None);
        };
        match (fixed(&unit), months(&unit)) {
            (Some(step), _) if even || step < DAY => Ok(Some(second.saturating_sub(first) / step)),
            (Some(step), _) => {
                let days = between(&zoned(first, &from.zone)?, &zoned(second, &from.zone)?, Unit::Day)?.get_days();
                Ok(Some(i64::from(days) / (step / DAY)))
            }
            (_, Some(step)) => {
                let months =
                    between(&zoned(first, &from.zone)?, &zoned(second, &from.zone)?, Unit::Month)?.get_months();
                Ok(Some(i64::from(months) / step))
            }
            (None, None) => unknown_unit("date_diff", &unit),
        }
    })
}

fn between(first: &ZonedDateTime, second: &ZonedDateTime, unit: Unit) -> Result<Span> {
    match first.until(ZonedDateTimeDifference::new(second).largest(unit)) {
        Ok(span) => Ok(span),
        Err(error) => data_error(error),
    }
}

fn date_trunc(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let (units, moments) = (text(arguments, 0)?, Moments::read(arguments, 1)?);
    let is_date = result.data_type() == &DataType::Date32;
    let starts = all_rows(arguments).map(|row| {
        let (Some(unit), Some(millis)) = (unit_at(units, row), moments.millis(row)) else { return Ok(None) };
        if is_date && is_clock_unit(&unit) {
            return data_error(format!("a date has no {unit}; cast it to timestamp"));
        }
        if let Some(step) = fixed(&unit).filter(|step| moments.even && *step <= DAY) {
            return Ok(Some(millis.div_euclid(step) * step));
        }
        let time = zoned(millis, &moments.zone)?;
        let Some(start) = start_of(&unit, time.datetime()) else { return unknown_unit("date_trunc", &unit) };
        match start.to_zoned_datetime(moments.zone.clone()) {
            Ok(start) => Ok(Some(start.timestamp().as_millisecond())),
            Err(error) => data_error(error),
        }
    });
    column(starts, result.data_type())
}

fn start_of(unit: &str, time: civil::DateTime) -> Option<civil::DateTime> {
    let date = time.date();
    let midnight = |date: civil::Date| date.at(0, 0, 0, 0);
    Some(match unit {
        "millisecond" => time,
        "second" => date.at(time.hour(), time.minute(), time.second(), 0),
        "minute" => date.at(time.hour(), time.minute(), 0, 0),
        "hour" => date.at(time.hour(), 0, 0, 0),
        "day" => midnight(date),
        "week" => {
            let since_monday = i64::from(date.weekday().to_monday_zero_offset());
            midnight(date.checked_sub(Span::new().try_days(since_monday).ok()?).ok()?)
        }
        "month" => midnight(date.first_of_month()),
        "quarter" => midnight(civil::Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok()?),
        "year" => midnight(date.first_of_year()),
        _ => return None,
    })
}

fn last_day_of_month(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    let days = (0..moments.len()).map(|row| {
        let Some(time) = moments.zoned(row)? else { return Ok(None) };
        Ok(super::days_of(time.date().last_of_month()).map(|day| i64::from(day) * DAY))
    });
    column(days, result.data_type())
}
