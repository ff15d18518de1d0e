//! Values as text, as the Lake gives them: everything is a string, written as Trino writes it.
//!
//! Timestamps `2026-11-25 10:00:00.000`, with the zone behind them if they have one; arrays `[a, b]`; maps `{k=v}`; rows
//! `{field=value}`; NULL inside of these `null`; doubles as Java writes them.

use std::{fmt::Write as _, ops::Range};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Date32Array, Float32Array, Float64Array, Int64Array, LargeStringArray, ListArray,
        MapArray, StringArray, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray,
        TimestampNanosecondArray, TimestampSecondArray,
    },
    datatypes::{
        DataType, DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
        IntervalDayTimeType, IntervalMonthDayNanoType, IntervalUnit, IntervalYearMonthType, TimeUnit,
    },
    util::display::{ArrayFormatter, FormatOptions},
};
use jiff::{
    Timestamp,
    civil::Date,
    fmt::temporal::DateTimePrinter,
    tz::{Offset, TimeZone},
};

/// Writes the values of one array.
pub(crate) struct Writer<'a> {
    array: &'a ArrayRef,
    form: Form<'a>,
}

/// How the values are written, by their type.
enum Form<'a> {
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Whole(&'a Int64Array),
    Double(&'a Float64Array),
    Real(&'a Float32Array),
    Date(&'a Date32Array),
    Timestamp(Box<TimestampForm<'a>>),
    Interval(IntervalUnit),
    Duration(TimeUnit),
    List(&'a ListArray, Box<Writer<'a>>),
    Row(Vec<(&'a str, Writer<'a>)>),
    Map(&'a MapArray, Box<(Writer<'a>, Writer<'a>)>),
    Other(ArrayFormatter<'a>),
    Unknown,
}

struct TimestampForm<'a> {
    values: Timestamps<'a>,
    zone: Option<(TimeZone, String)>,
    printer: DateTimePrinter,
}

enum Timestamps<'a> {
    Seconds(&'a TimestampSecondArray),
    Millis(&'a TimestampMillisecondArray),
    Micros(&'a TimestampMicrosecondArray),
    Nanos(&'a TimestampNanosecondArray),
}

impl<'a> Writer<'a> {
    pub(crate) fn new(array: &'a ArrayRef) -> Self {
        Self { form: Form::of(array).unwrap_or(Form::Unknown), array }
    }

    /// The text of a row; nothing for NULL.
    pub(crate) fn text(&self, row: usize) -> Option<String> {
        let mut text = String::new();
        self.write(row, &mut text).then_some(text)
    }

    /// Appends the text of a row and says that there is one: NULL has none.
    pub(crate) fn write(&self, row: usize, out: &mut String) -> bool {
        if row >= self.array.len() || self.array.is_null(row) {
            return false;
        }
        match &self.form {
            Form::Text(array) => out.push_str(array.value(row)),
            Form::LargeText(array) => out.push_str(array.value(row)),
            Form::TextView(array) => out.push_str(array.value(row)),
            Form::Whole(array) => return write!(out, "{}", array.value(row)).is_ok(),
            Form::Double(array) => out.push_str(&java_double(array.value(row))),
            Form::Real(array) => {
                let value = array.value(row);
                out.push_str(&java_double(value.to_string().parse().unwrap_or(f64::from(value))));
            }
            Form::Date(array) => match date(array.value(row)) {
                Some(date) => return write!(out, "{date}").is_ok(),
                None => return false,
            },
            Form::Timestamp(form) => return form.write(row, out).is_some(),
            Form::Interval(unit) => return append(interval(self.array, row, *unit), out),
            Form::Duration(unit) => return append(duration(self.array, row, *unit).map(days_and_time), out),
            Form::List(array, items) => {
                let Some(places) = places(array.value_offsets(), row) else { return false };
                out.push('[');
                separated(places, out, |item, out| items.write_or_null(item, out));
                out.push(']');
            }
            Form::Row(fields) => {
                out.push('{');
                separated(fields, out, |(name, field), out| {
                    out.push_str(name);
                    out.push('=');
                    field.write_or_null(row, out);
                });
                out.push('}');
            }
            Form::Map(array, entries) => {
                let Some(places) = places(array.value_offsets(), row) else { return false };
                out.push('{');
                separated(places, out, |entry, out| {
                    entries.0.write_or_null(entry, out);
                    out.push('=');
                    entries.1.write_or_null(entry, out);
                });
                out.push('}');
            }
            Form::Other(formatter) => return formatter.value(row).write(out).is_ok(),
            Form::Unknown => return false,
        }
        true
    }

    fn write_or_null(&self, row: usize, out: &mut String) {
        if !self.write(row, out) {
            out.push_str("null");
        }
    }
}

impl<'a> Form<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string_opt()?),
            DataType::LargeUtf8 => Self::LargeText(array.as_string_opt()?),
            DataType::Utf8View => Self::TextView(array.as_string_view_opt()?),
            DataType::Int64 => Self::Whole(array.as_primitive_opt()?),
            DataType::Float64 => Self::Double(array.as_primitive_opt()?),
            DataType::Float32 => Self::Real(array.as_primitive_opt()?),
            DataType::Date32 => Self::Date(array.as_primitive_opt()?),
            DataType::Timestamp(unit, zone) => {
                Self::Timestamp(Box::new(TimestampForm::of(array, *unit, zone.as_deref())?))
            }
            DataType::Interval(unit) => Self::Interval(*unit),
            DataType::Duration(unit) => Self::Duration(*unit),
            DataType::List(_) => {
                let list = array.as_list_opt()?;
                Self::List(list, Box::new(Writer::new(list.values())))
            }
            DataType::Struct(fields) => {
                let columns = array.as_struct_opt()?.columns().iter();
                Self::Row(fields.iter().map(|field| field.name().as_str()).zip(columns.map(Writer::new)).collect())
            }
            DataType::Map(_, _) => {
                let map = array.as_map_opt()?;
                Self::Map(map, Box::new((Writer::new(map.keys()), Writer::new(map.values()))))
            }
            _ => Self::Other(ArrayFormatter::try_new(array, &FormatOptions::default()).ok()?),
        })
    }
}

impl<'a> TimestampForm<'a> {
    fn of(array: &'a ArrayRef, unit: TimeUnit, zone: Option<&str>) -> Option<Self> {
        let (values, digits) = match unit {
            TimeUnit::Second => (Timestamps::Seconds(array.as_primitive_opt()?), 0),
            TimeUnit::Millisecond => (Timestamps::Millis(array.as_primitive_opt()?), 3),
            TimeUnit::Microsecond => (Timestamps::Micros(array.as_primitive_opt()?), 6),
            TimeUnit::Nanosecond => (Timestamps::Nanos(array.as_primitive_opt()?), 9),
        };
        let zone = zone.map(|name| (self::zone(name).unwrap_or(TimeZone::UTC), zone_label(name)));
        Some(Self { values, zone, printer: DateTimePrinter::new().separator(b' ').precision(Some(digits)) })
    }

    fn write(&self, row: usize, out: &mut String) -> Option<()> {
        let time = match self.values {
            Timestamps::Seconds(array) => Timestamp::from_second(array.value(row)),
            Timestamps::Millis(array) => Timestamp::from_millisecond(array.value(row)),
            Timestamps::Micros(array) => Timestamp::from_microsecond(array.value(row)),
            Timestamps::Nanos(array) => Timestamp::from_nanosecond(i128::from(array.value(row))),
        };
        let time = time.ok()?;
        let offset = self.zone.as_ref().map_or(Offset::UTC, |(zone, _)| zone.to_offset(time));
        self.printer.print_datetime(&offset.to_datetime(time), &mut *out).ok()?;
        if let Some((_, label)) = &self.zone {
            out.push(' ');
            out.push_str(label);
        }
        Some(())
    }
}

/// Where a row's items are among those of all lists or maps.
fn places(offsets: &[i32], row: usize) -> Option<Range<usize>> {
    let (start, end) = (offsets.get(row)?, offsets.get(row + 1)?);
    Some(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)
}

fn separated<T>(items: impl IntoIterator<Item = T>, out: &mut String, mut write: impl FnMut(T, &mut String)) {
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
}

fn append(text: Option<String>, out: &mut String) -> bool {
    out.push_str(text.as_deref().unwrap_or_default());
    text.is_some()
}

fn date(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
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

fn duration(array: &ArrayRef, row: usize, unit: TimeUnit) -> Option<i128> {
    let (value, nanos) = match unit {
        TimeUnit::Second => (array.as_primitive_opt::<DurationSecondType>()?.value(row), 1_000_000_000),
        TimeUnit::Millisecond => (array.as_primitive_opt::<DurationMillisecondType>()?.value(row), 1_000_000),
        TimeUnit::Microsecond => (array.as_primitive_opt::<DurationMicrosecondType>()?.value(row), 1_000),
        TimeUnit::Nanosecond => (array.as_primitive_opt::<DurationNanosecondType>()?.value(row), 1),
    };
    Some(i128::from(value) * nanos)
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
    use std::sync::Arc;

    use arrow::{
        array::StructArray,
        datatypes::{Field, Int64Type},
    };

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
    fn parts_of_arrays_are_written_as_they_stand() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), Some(2)]),
            None,
            Some(vec![None, Some(3)]),
            Some(vec![]),
        ]);
        let rows = StructArray::from(vec![(
            Arc::new(Field::new("name", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("a"), None, Some("c"), Some("d")])) as ArrayRef,
        )]);
        let (lists, rows): (ArrayRef, ArrayRef) = (Arc::new(lists.slice(1, 3)), Arc::new(rows.slice(1, 3)));
        let texts = |array| (0..4).map(|row| Writer::new(array).text(row)).collect::<Vec<_>>();

        assert_eq!(texts(&lists), [None, Some("[null, 3]".to_owned()), Some("[]".to_owned()), None]);
        let named = |text: &str| Some(format!("{{name={text}}}"));
        assert_eq!(texts(&rows), [named("null"), named("c"), named("d"), None]);
    }

    #[test]
    fn intervals_are_written_as_trino_does() {
        assert_eq!(days_and_time(DAY + 3_723_004_000_000), "1 01:02:03.004");
        assert_eq!(days_and_time(-1_000_000_000), "-0 00:00:01.000");
        assert_eq!(months(-14), "-1-2");
    }
}
