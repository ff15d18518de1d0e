//! Regular expressions. Trino's are Java's; look-around and back-references are not carried out and refused. A group
//! stands as `$1` or `${name}` in replacements.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    array::builder::{ListBuilder, StringBuilder},
    datatypes::{DataType, FieldRef},
};
use datafusion::common::Result;
use regex::{Captures, Regex, RegexBuilder};

use super::{
    function::{Function, Kind, Returns, data_error, rows, text, text_at, texts, truths, whole, whole_at, wholes},
    text::{count, list_of_text},
};

/// The largest compiled expression: 1 MiB.
const LARGEST: usize = 1 << 20;

pub(crate) use regex::escape;

pub(crate) fn table() -> Vec<Function> {
    const TEXT: Returns = Returns::Type(&DataType::Utf8);
    const WHOLE: Returns = Returns::Type(&DataType::Int64);
    const BOTH: &[Kind] = &[Kind::Text, Kind::Text];
    vec![
        Function::new("regexp_like", BOTH, Returns::Type(&DataType::Boolean), regexp_like),
        Function::new("regexp_count", BOTH, WHOLE, regexp_count),
        Function::new("regexp_position", BOTH, WHOLE, regexp_position),
        Function::new("regexp_extract", BOTH, TEXT, regexp_extract).optional(&[Kind::Whole]),
        Function::new("regexp_extract_all", BOTH, Returns::Of(list_of_text), regexp_extract_all)
            .optional(&[Kind::Whole]),
        Function::new("regexp_split", BOTH, Returns::Of(list_of_text), regexp_split),
        Function::new("regexp_replace", BOTH, TEXT, regexp_replace).optional(&[Kind::Text]),
    ]
}

/// The expression compiled last: in a column of constants it is always the same.
#[derive(Default)]
pub(crate) struct Cache(Option<(String, Regex)>);

impl Cache {
    pub(crate) fn get(&mut self, pattern: &str) -> Result<&Regex> {
        if self.0.as_ref().is_none_or(|(known, _)| known != pattern) {
            match RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build() {
                Ok(regex) => self.0 = Some((pattern.to_owned(), regex)),
                Err(error) => {
                    return data_error(format!("the regular expression {pattern:?} is not supported: {error}"));
                }
            }
        }
        match &self.0 {
            Some((_, regex)) => Ok(regex),
            None => data_error("no regular expression"),
        }
    }
}

fn regexp_like(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    truths(rows(arguments), |row| match (text_at(values, row), text_at(patterns, row)) {
        (Some(value), Some(pattern)) => Ok(Some(cache.get(pattern)?.is_match(value))),
        _ => Ok(None),
    })
}

fn regexp_count(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    wholes(rows(arguments), |row| match (text_at(values, row), text_at(patterns, row)) {
        (Some(value), Some(pattern)) => Ok(Some(count(cache.get(pattern)?.find_iter(value).count()))),
        _ => Ok(None),
    })
}

/// The place of the first match; -1 if there is none.
fn regexp_position(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    wholes(rows(arguments), |row| match (text_at(values, row), text_at(patterns, row)) {
        (Some(value), Some(pattern)) => {
            let found = cache.get(pattern)?.find(value).and_then(|found| value.get(..found.start()));
            Ok(Some(found.map_or(-1, |before| count(before.chars().count()) + 1)))
        }
        _ => Ok(None),
    })
}

/// The number of the group asked for, 0 for the whole match.
fn group(regex: &Regex, arguments: &[ArrayRef], row: usize) -> Result<Option<usize>> {
    if arguments.len() < 3 {
        return Ok(Some(0));
    }
    let Some(asked) = whole_at(whole(arguments, 2)?, row) else { return Ok(None) };
    match usize::try_from(asked).ok().filter(|group| *group < regex.captures_len()) {
        Some(group) => Ok(Some(group)),
        None => data_error(format!("the regular expression has no group {asked}; it has {}", regex.captures_len() - 1)),
    }
}

fn regexp_extract(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    texts(rows(arguments), |row| {
        let (Some(value), Some(pattern)) = (text_at(values, row), text_at(patterns, row)) else { return Ok(None) };
        let regex = cache.get(pattern)?;
        let Some(group) = group(regex, arguments, row)? else { return Ok(None) };
        Ok(regex.captures(value).and_then(|found| found.get(group)).map(|found| found.as_str()))
    })
}

fn regexp_extract_all(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..rows(arguments) {
        let (Some(value), Some(pattern)) = (text_at(values, row), text_at(patterns, row)) else {
            lists.append_null();
            continue;
        };
        let regex = cache.get(pattern)?;
        match group(regex, arguments, row)? {
            Some(group) => {
                lists.append_value(regex.captures_iter(value).map(|found| found.get(group).map(|found| found.as_str())))
            }
            None => lists.append_null(),
        }
    }
    Ok(Arc::new(lists.finish()))
}

fn regexp_split(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut cache = Cache::default();
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in 0..rows(arguments) {
        match (text_at(values, row), text_at(patterns, row)) {
            (Some(value), Some(pattern)) => lists.append_value(cache.get(pattern)?.split(value).map(Some)),
            _ => lists.append_null(),
        }
    }
    Ok(Arc::new(lists.finish()))
}

/// Every match removed, or replaced by the third argument.
fn regexp_replace(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (values, patterns) = (text(arguments, 0)?, text(arguments, 1)?);
    let others = if arguments.len() > 2 { Some(text(arguments, 2)?) } else { None };
    let mut cache = Cache::default();
    texts(rows(arguments), |row| {
        let (Some(value), Some(pattern)) = (text_at(values, row), text_at(patterns, row)) else { return Ok(None) };
        let other = match others.map(|others| text_at(others, row)) {
            Some(None) => return Ok(None),
            Some(Some(other)) => other,
            None => "",
        };
        let regex = cache.get(pattern)?;
        let template = template(other, regex)?;
        let replaced = regex.replace_all(value, |found: &Captures<'_>| {
            template.iter().map(|piece| piece.of(found)).collect::<String>()
        });
        Ok(Some(replaced.into_owned()))
    })
}

enum Piece {
    Text(String),
    Group(usize),
}

impl Piece {
    fn of<'a>(&'a self, found: &'a Captures<'_>) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Group(group) => found.get(*group).map_or("", |found| found.as_str()),
        }
    }
}

/// Java's replacement: `$` and digits as long as such a group exists, `${name}`, and the backslash as escape.
fn template(replacement: &str, regex: &Regex) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped) => literal.push(escaped),
                None => return data_error("the replacement ends with a backslash"),
            },
            '$' => {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
                let group = if chars.next_if_eq(&'{').is_some() {
                    let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '}')).collect();
                    chars.next();
                    regex.capture_names().position(|known| known == Some(name.as_str()))
                } else {
                    let mut group =
                        chars.next_if(char::is_ascii_digit).and_then(|c| c.to_digit(10)).map(|d| d as usize);
                    while let Some(known) = group
                        && let Some(next) = chars.peek().and_then(|c| c.to_digit(10))
                        && let longer = known * 10 + next as usize
                        && longer < regex.captures_len()
                    {
                        group = Some(longer);
                        chars.next();
                    }
                    group.filter(|group| *group < regex.captures_len())
                };
                match group {
                    Some(group) => pieces.push(Piece::Group(group)),
                    None => {
                        return data_error(format!("the replacement {replacement:?} names no group of the expression"));
                    }
                }
            }
            c => literal.push(c),
        }
    }
    pieces.push(Piece::Text(literal));
    Ok(pieces)
}
