//! Trino's types: their names, how JSON is told from text, and how a type is read.

use std::{collections::HashMap, sync::Arc};

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};

use crate::{error::SqlError, schema::TIMESTAMP};

/// Arrow's extension type of JSON text. It tells json from varchar, which have different meanings in Trino.
const EXTENSION: &str = "ARROW:extension:name";
const JSON: &str = "arrow.json";
/// The length that `varchar(n)` cuts to.
const LENGTH: &str = "keeptrail.length";
/// How deep a type may nest.
const NESTING: usize = 16;

pub(crate) fn is_json(field: &Field) -> bool {
    field.metadata().get(EXTENSION).is_some_and(|name| name == JSON)
}

pub(crate) fn json_field(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true).with_metadata(HashMap::from([(EXTENSION.to_owned(), JSON.to_owned())]))
}

/// The `n` of `varchar(n)`.
pub(crate) fn length(field: &Field) -> Option<i64> {
    field.metadata().get(LENGTH)?.parse().ok()
}

/// A type by Trino's name for it.
pub(crate) fn name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "unknown".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Int8 => "tinyint".to_owned(),
        DataType::Int16 => "smallint".to_owned(),
        DataType::Int32 => "integer".to_owned(),
        DataType::Int64 | DataType::UInt64 | DataType::UInt32 => "bigint".to_owned(),
        DataType::Float32 => "real".to_owned(),
        DataType::Float64 => "double".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar".to_owned(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "varbinary".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(_, None) => "timestamp".to_owned(),
        DataType::Timestamp(_, Some(_)) => "timestamp with time zone".to_owned(),
        DataType::Interval(IntervalUnit::YearMonth) => "interval year to month".to_owned(),
        DataType::Interval(_) | DataType::Duration(_) => "interval day to second".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::List(item) | DataType::LargeList(item) => format!("array({})", field_name(item)),
        DataType::Struct(fields) => {
            let fields: Vec<_> = fields.iter().map(|field| format!("{} {}", field.name(), field_name(field))).collect();
            format!("row({})", fields.join(", "))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let fields: Vec<_> = fields.iter().map(|field| field_name(field)).collect();
                format!("map({})", fields.join(","))
            }
            _ => "map".to_owned(),
        },
        other => other.to_string(),
    }
}

/// A field's type by Trino's name, JSON told from varchar.
pub fn field_name(field: &Field) -> String {
    if is_json(field) { "json".to_owned() } else { name(field.data_type()) }
}

/// Reads a type as it stands in a CAST.
pub(crate) fn parse(text: &str) -> Result<Field, SqlError> {
    let mut reader = Reader { rest: text, depth: 0 };
    let field = reader.field("")?;
    reader.skip_space();
    if reader.rest.is_empty() {
        return Ok(field);
    }
    Err(SqlError::invalid(format!("expected the end of the type before {} in {text}", reader.rest)))
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbol: char) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, symbol: char) -> Result<(), SqlError> {
        if self.take(symbol) {
            return Ok(());
        }
        Err(SqlError::invalid(format!("expected {symbol} before {:?} in a type", self.rest)))
    }

    /// A word, lower case, or a quoted name.
    fn word(&mut self) -> Option<String> {
        self.skip_space();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (name, rest) = quoted.split_once('"')?;
            self.rest = rest;
            return Some(name.to_lowercase());
        }
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        if word.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(word.to_lowercase())
    }

    fn words(&mut self, expected: &[&str]) -> bool {
        let before = self.rest;
        if expected.iter().all(|word| self.word().as_deref() == Some(*word)) {
            return true;
        }
        self.rest = before;
        false
    }

    /// `(n)` or `(n, m)`, if there is one.
    fn numbers(&mut self) -> Result<Vec<u8>, SqlError> {
        let mut numbers = Vec::new();
        if self.take('(') {
            loop {
                let number = self.word().and_then(|word| word.parse::<u32>().ok());
                let number = number.ok_or_else(|| SqlError::invalid("expected a number in a type"))?;
                numbers.push(u8::try_from(number).unwrap_or(u8::MAX));
                if !self.take(',') {
                    break;
                }
            }
            self.expect(')')?;
        }
        Ok(numbers)
    }

    fn field(&mut self, name: &str) -> Result<Field, SqlError> {
        self.depth += 1;
        if self.depth > NESTING {
            return Err(SqlError::unsupported(format!("a type nests deeper than {NESTING} levels")));
        }
        let word = self.word().ok_or_else(|| SqlError::invalid(format!("expected a type before {:?}", self.rest)))?;
        let data_type = match word.as_str() {
            "json" => {
                self.depth -= 1;
                return Ok(json_field(name));
            }
            "varchar" | "string" => {
                self.depth -= 1;
                return self.varchar(name);
            }
            "boolean" => DataType::Boolean,
            "tinyint" => DataType::Int8,
            "smallint" => DataType::Int16,
            "integer" | "int" => DataType::Int32,
            "bigint" => DataType::Int64,
            "real" => DataType::Float32,
            "double" => {
                self.words(&["precision"]);
                DataType::Float64
            }
            "decimal" => match self.numbers()?.as_slice() {
                [] => DataType::Decimal128(38, 0),
                [precision @ 1..=38] => DataType::Decimal128(*precision, 0),
                [precision @ 1..=38, scale] if scale <= precision => {
                    DataType::Decimal128(*precision, i8::try_from(*scale).unwrap_or(0))
                }
                _ => return Err(SqlError::invalid("decimal takes a precision of 1 to 38 and a scale up to it")),
            },
            "date" => DataType::Date32,
            "timestamp" => self.timestamp()?,
            "array" => {
                self.expect('(')?;
                let item = self.field(Field::LIST_FIELD_DEFAULT_NAME)?;
                self.expect(')')?;
                DataType::List(Arc::new(item))
            }
            "map" => {
                self.expect('(')?;
                let key = self.field("key")?.with_nullable(false);
                self.expect(',')?;
                let value = self.field("value")?;
                self.expect(')')?;
                let entries = DataType::Struct(Fields::from(vec![key, value]));
                DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
            }
            "row" => self.row()?,
            other => return Err(SqlError::unsupported(format!("the type {other} is not supported"))),
        };
        self.depth -= 1;
        Ok(Field::new(name, data_type, true))
    }

    fn varchar(&mut self, name: &str) -> Result<Field, SqlError> {
        let field = Field::new(name, DataType::Utf8, true);
        if !self.take('(') {
            return Ok(field);
        }
        let length = self.word().filter(|word| word.parse::<i64>().is_ok());
        let length = length.ok_or_else(|| SqlError::invalid("varchar takes a length"))?;
        self.expect(')')?;
        Ok(field.with_metadata(HashMap::from([(LENGTH.to_owned(), length)])))
    }

    fn timestamp(&mut self) -> Result<DataType, SqlError> {
        let unit = match self.numbers()?.as_slice() {
            [] | [3] => TimeUnit::Millisecond,
            [0] => TimeUnit::Second,
            [6] => TimeUnit::Microsecond,
            [9] => TimeUnit::Nanosecond,
            _ => return Err(SqlError::unsupported("a timestamp has 0, 3, 6 or 9 fractional digits")),
        };
        if self.words(&["with", "time", "zone"]) {
            return Ok(DataType::Timestamp(unit, Some("UTC".into())));
        }
        self.words(&["without", "time", "zone"]);
        Ok(if unit == TimeUnit::Millisecond { TIMESTAMP } else { DataType::Timestamp(unit, None) })
    }

    /// `row(a bigint, b varchar)` or, without names, `row(bigint, varchar)`.
    fn row(&mut self) -> Result<DataType, SqlError> {
        self.expect('(')?;
        let mut fields = Vec::new();
        loop {
            let before = self.rest;
            let name = self.word().unwrap_or_default();
            self.skip_space();
            let unnamed = self.rest.starts_with([',', ')', '(']) || self.rest.is_empty();
            let name = if unnamed {
                self.rest = before;
                format!("field{}", fields.len())
            } else {
                name
            };
            fields.push(self.field(&name)?);
            if !self.take(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(DataType::Struct(Fields::from(fields)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_and_named() {
        for (written, read) in [
            ("BIGINT", "bigint"),
            ("varchar(5)", "varchar"),
            ("json", "json"),
            ("map(varchar, json)", "map(varchar,json)"),
            ("array(row(x bigint, \"Y Z\" varchar))", "array(row(x bigint, y z varchar))"),
            ("row(bigint, array(varchar))", "row(field0 bigint, field1 array(varchar))"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("double precision", "double"),
        ] {
            assert_eq!(field_name(&parse(written).unwrap()), read);
        }
        assert_eq!(length(&parse("varchar(5)").unwrap()), Some(5));
    }

    #[test]
    fn other_types_are_refused() {
        for written in ["", "uuid", "array(", "array()", "map(varchar)", "bigint x", "decimal(50)", "row()", "\""] {
            assert!(parse(written).is_err(), "{written}");
        }
        assert!(parse(&"array(".repeat(1_000)).is_err());
    }
}
