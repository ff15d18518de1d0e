//! The parts of dates and timestamps.

use arrow::{
    array::ArrayRef,
    datatypes::{DataType, FieldRef},
};
use datafusion::common::Result;
use jiff::ZonedDateTime;

use super::Moments;
use crate::functions::function::{Function, Kind, Returns, wholes};

pub(super) fn table() -> Vec<Function> {
    fn field(name: &'static str, run: fn(&[ArrayRef], &FieldRef) -> Result<ArrayRef>) -> Function {
        Function::new(name, &[Kind::Time], Returns::Type(&DataType::Int64), run)
    }
    vec![
        field("year", |a, _| part(a, |time| time.year().into())),
        field("quarter", |a, _| part(a, |time| (i64::from(time.month()) + 2) / 3)),
        field("month", |a, _| part(a, |time| time.month().into())),
        field("week", |a, _| part(a, week)),
        field("week_of_year", |a, _| part(a, week)),
        field("day", |a, _| part(a, |time| time.day().into())),
        field("day_of_month", |a, _| part(a, |time| time.day().into())),
        field("day_of_week", |a, _| part(a, day_of_week)),
        field("dow", |a, _| part(a, day_of_week)),
        field("day_of_year", |a, _| part(a, |time| time.day_of_year().into())),
        field("doy", |a, _| part(a, |time| time.day_of_year().into())),
        field("year_of_week", |a, _| part(a, |time| time.date().iso_week_date().year().into())),
        field("yow", |a, _| part(a, |time| time.date().iso_week_date().year().into())),
        field("hour", |a, _| part(a, |time| time.hour().into())),
        field("minute", |a, _| part(a, |time| time.minute().into())),
        field("second", |a, _| part(a, |time| time.second().into())),
        field("millisecond", |a, _| part(a, |time| time.millisecond().into())),
    ]
}

fn part(arguments: &[ArrayRef], of: impl Fn(&ZonedDateTime) -> i64) -> Result<ArrayRef> {
    let moments = Moments::read(arguments, 0)?;
    wholes(moments.len(), |row| Ok(moments.zoned(row)?.as_ref().map(&of)))
}

fn week(time: &ZonedDateTime) -> i64 {
    time.date().iso_week_date().week().into()
}

/// 1 for Monday to 7 for Sunday.
fn day_of_week(time: &ZonedDateTime) -> i64 {
    time.weekday().to_monday_one_offset().into()
}
