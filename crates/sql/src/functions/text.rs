//! Text. Places count characters and begin at 1; NULL gives NULL.

use arrow::{
    array::ArrayRef,
    array::builder::{ListBuilder, StringBuilder},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::common::{Result, ScalarValue};
use std::sync::Arc;

use super::{
    function::{
        Function, Kind, Returns, argument, data_error, rows, text, text_at, texts, truths, whole, whole_at, wholes,
    },
    regexp,
};
use crate::value;

/// The longest text that lpad, rpad and repeat make: 1 MiB.
const LONGEST: usize = 1 << 20;

pub(crate) fn table() -> Vec<Function> {
    const TEXT: Returns = Returns::Type(&DataType::Utf8);
    const WHOLE: Returns = Returns::Type(&DataType::Int64);
    vec![
        Function::new("length", &[Kind::Text], WHOLE, length),
        Function::new("substr", &[Kind::Text, Kind::Whole], TEXT, substr).optional(&[Kind::Whole]),
        Function::new("substring", &[Kind::Text, Kind::Whole], TEXT, substr).optional(&[Kind::Whole]),
        Function::new("strpos", &[Kind::Text, Kind::Text], WHOLE, strpos).optional(&[Kind::Whole]),
        Function::new("split", &[Kind::Text, Kind::Text], Returns::Of(list_of_text), split).optional(&[Kind::Whole]),
        Function::new("split_part", &[Kind::Text, Kind::Text, Kind::Whole], TEXT, split_part),
        Function::new("replace", &[Kind::Text, Kind::Text], TEXT, replace).optional(&[Kind::Text]),
        Function::new("lpad", &[Kind::Text, Kind::Whole, Kind::Text], TEXT, lpad),
        Function::new("rpad", &[Kind::Text, Kind::Whole, Kind::Text], TEXT, rpad),
        Function::new("codepoint", &[Kind::Text], WHOLE, codepoint),
        Function::new("chr", &[Kind::Whole], TEXT, chr),
        Function::new("$like", &[Kind::Text, Kind::Text], Returns::Type(&DataType::Boolean), like)
            .optional(&[Kind::Text]),
        Function::new("$text", &[Kind::Any], TEXT, to_text),
    ]
}

pub(crate) fn list_of_text(_: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
    Ok(Arc::new(Field::new("texts", DataType::List(item), true)))
}

fn length(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let values = text(arguments, 0)?;
    wholes(rows(arguments), |row| Ok(text_at(values, row).map(|value| count(value.chars().count()))))
}

pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// From the 1-based place, counted from the end when negative; empty outside.
fn substr(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, starts) = (text(arguments, 0)?, whole(arguments, 1)?);
    let lengths = if arguments.len() > 2 { Some(whole(arguments, 2)?) } else { None };
    texts(rows(arguments), |row| {
        let (Some(value), Some(start)) = (text_at(values, row), whole_at(starts, row)) else { return Ok(None) };
        let length = match lengths.map(|lengths| whole_at(lengths, row)) {
            Some(None) => return Ok(None),
            Some(Some(length)) => usize::try_from(length).unwrap_or(0),
            None => usize::MAX,
        };
        let before = if start > 0 {
            usize::try_from(start - 1).ok()
        } else if start < 0 {
            usize::try_from(start.unsigned_abs()).ok().and_then(|back| value.chars().count().checked_sub(back))
        } else {
            None
        };
        Ok(Some(match before {
            Some(before) => value.chars().skip(before).take(length).collect::<String>(),
            None => String::new(),
        }))
    })
}

/// The place of the n-th occurrence, from the end when n is negative; 0 if there is none.
fn strpos(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, parts) = (text(arguments, 0)?, text(arguments, 1)?);
    let nths = if arguments.len() > 2 { Some(whole(arguments, 2)?) } else { None };
    wholes(rows(arguments), |row| {
        let (Some(value), Some(part)) = (text_at(values, row), text_at(parts, row)) else { return Ok(None) };
        let nth = match nths.map(|nths| whole_at(nths, row)) {
            Some(None) => return Ok(None),
            Some(Some(0)) => return data_error("strpos counts occurrences from 1"),
            Some(Some(nth)) => nth,
            None => 1,
        };
        let skip = usize::try_from(nth.unsigned_abs() - 1).unwrap_or(usize::MAX);
        let byte = if nth > 0 {
            value.match_indices(part).nth(skip).map(|(byte, _)| byte)
        } else {
            value.rmatch_indices(part).nth(skip).map(|(byte, _)| byte)
        };
        let place = byte.and_then(|byte| value.get(..byte)).map(|before| count(before.chars().count()) + 1);
        Ok(Some(place.unwrap_or(0)))
    })
}

fn split(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, delimiters) = (text(arguments, 0)?, text(arguments, 1)?);
    let limits = if arguments.len() > 2 { Some(whole(arguments, 2)?) } else { None };
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..rows(arguments) {
        let limit = limits.map(|limits| whole_at(limits, row));
        let (Some(value), Some(delimiter)) = (text_at(values, row), text_at(delimiters, row)) else {
            lists.append_null();
            continue;
        };
        if delimiter.is_empty() {
            return data_error("split takes a delimiter that is not empty");
        }
        match limit {
            Some(None) => lists.append_null(),
            Some(Some(limit)) => {
                let Some(limit) = usize::try_from(limit).ok().filter(|limit| *limit > 0) else {
                    return data_error("split takes a limit above 0");
                };
                lists.append_value(value.splitn(limit, delimiter).map(Some));
            }
            None => lists.append_value(value.split(delimiter).map(Some)),
        }
    }
    Ok(Arc::new(lists.finish()))
}

/// The n-th part; NULL if there are fewer.
fn split_part(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, delimiters, places) = (text(arguments, 0)?, text(arguments, 1)?, whole(arguments, 2)?);
    texts(rows(arguments), |row| {
        let (Some(value), Some(delimiter), Some(place)) =
            (text_at(values, row), text_at(delimiters, row), whole_at(places, row))
        else {
            return Ok(None);
        };
        let Some(place) = usize::try_from(place).ok().and_then(|place| place.checked_sub(1)) else {
            return data_error("split_part counts parts from 1");
        };
        if delimiter.is_empty() {
            return Ok(value.char_indices().nth(place).and_then(|(at, c)| value.get(at..at + c.len_utf8())));
        }
        Ok(value.split(delimiter).nth(place))
    })
}

/// Removes the part, or puts the third argument in its place.
fn replace(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, parts) = (text(arguments, 0)?, text(arguments, 1)?);
    let others = if arguments.len() > 2 { Some(text(arguments, 2)?) } else { None };
    texts(rows(arguments), |row| {
        let (Some(value), Some(part)) = (text_at(values, row), text_at(parts, row)) else { return Ok(None) };
        match others.map(|others| text_at(others, row)) {
            Some(None) => Ok(None),
            Some(Some(other)) => Ok(Some(value.replace(part, other))),
            None => Ok(Some(value.replace(part, ""))),
        }
    })
}

fn lpad(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    padded(arguments, |value, padding| padding + value)
}

fn rpad(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    padded(arguments, |value, padding| format!("{value}{padding}"))
}

fn padded(arguments: &[ArrayRef], join: impl Fn(&str, String) -> String) -> Result<ArrayRef> {
    let (values, sizes, pads) = (text(arguments, 0)?, whole(arguments, 1)?, text(arguments, 2)?);
    texts(rows(arguments), |row| {
        let (Some(value), Some(size), Some(pad)) = (text_at(values, row), whole_at(sizes, row), text_at(pads, row))
        else {
            return Ok(None);
        };
        let Some(size) = usize::try_from(size).ok().filter(|size| *size <= LONGEST) else {
            return data_error(format!("the padded length must be 0 to {LONGEST}"));
        };
        if pad.is_empty() {
            return data_error("the padding must not be empty");
        }
        match size.checked_sub(value.chars().count()) {
            Some(missing) => Ok(Some(join(value, pad.chars().cycle().take(missing).collect()))),
            None => Ok(Some(value.chars().take(size).collect())),
        }
    })
}

fn codepoint(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let values = text(arguments, 0)?;
    wholes(rows(arguments), |row| {
        let Some(value) = text_at(values, row) else { return Ok(None) };
        let mut chars = value.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(Some(i64::from(u32::from(c)))),
            _ => data_error("codepoint takes one character"),
        }
    })
}

fn chr(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let values = whole(arguments, 0)?;
    texts(rows(arguments), |row| {
        let Some(value) = whole_at(values, row) else { return Ok(None) };
        match u32::try_from(value).ok().and_then(char::from_u32) {
            Some(c) => Ok(Some(c.to_string())),
            None => data_error(format!("{value} is no Unicode code point")),
        }
    })
}

/// LIKE with a pattern from the row.
fn like(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let escapes = if arguments.len() > 2 { Some(text(arguments, 2)?) } else { None };
    let mut cache = regexp::Cache::default();
    truths(rows(arguments), |row| {
        let (Some(value), Some(pattern)) = (text_at(values, row), text_at(patterns, row)) else { return Ok(None) };
        let escape = escapes.and_then(|escapes| text_at(escapes, row)).and_then(|escape| escape.chars().next());
        let regex = cache.get(&like_regex(pattern, escape)?)?;
        Ok(Some(regex.is_match(value)))
    })
}

fn like_regex(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut regex = String::from("(?s)^");
    let mut chars = pattern.chars();
    let literal = |regex: &mut String, c: char| {
        let mut buffer = [0; 4];
        regex.push_str(&regexp::escape(c.encode_utf8(&mut buffer)));
    };
    while let Some(c) = chars.next() {
        match c {
            c if Some(c) == escape => match chars.next() {
                Some(next) if next == '%' || next == '_' || Some(next) == escape => literal(&mut regex, next),
                _ => return data_error("the escape character must be before %, _ or itself"),
            },
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            c => literal(&mut regex, c),
        }
    }
    regex.push('$');
    Ok(regex)
}

/// A value as Trino's `CAST(x AS varchar)` writes it.
fn to_text(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let values = argument(arguments, 0)?;
    let writer = value::Writer::new(values);
    texts(rows(arguments), |row| Ok(writer.text(row)))
}
