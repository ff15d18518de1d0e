//! `CAST(json AS type)`.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, StringArray, StructArray,
    },
    buffer::{NullBuffer, OffsetBuffer},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{Result, internal_datafusion_err, plan_err},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use serde_json::Value;

use super::{parsed, shortened};
use crate::{functions::function::data_error, types};

/// The cast towards one type; NULL instead of an error for `TRY_CAST`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct JsonCast {
    target: FieldRef,
    lenient: bool,
    signature: Signature,
}

impl JsonCast {
    pub(crate) fn new(target: &Field, lenient: bool) -> Self {
        let target = Arc::new(target.clone().with_name("cast").with_nullable(true));
        Self { target, lenient, signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonCast {
    fn name(&self) -> &str {
        "$json_cast"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.target.data_type().clone())
    }

    fn return_field_from_args(&self, _args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if castable(self.target.data_type()) {
            return Ok(Arc::clone(&self.target));
        }
        plan_err!("json cannot be cast to {}", types::field_name(&self.target))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [document] = args.args.as_slice() else { return plan_err!("a cast takes one value") };
        let documents = arrow::compute::cast(&document.to_array(args.number_rows)?, &DataType::Utf8)?;
        let documents = documents.as_string_opt::<i32>().ok_or_else(|| internal_datafusion_err!("expected json"))?;
        let values: Vec<Option<Value>> = documents.iter().map(parsed).collect();
        let values: Vec<Option<&Value>> = values.iter().map(Option::as_ref).collect();
        Cast { lenient: self.lenient }.column(&values, &self.target).map(ColumnarValue::Array)
    }
}

fn castable(target: &DataType) -> bool {
    match target {
        DataType::Boolean | DataType::Utf8 => true,
        DataType::List(item) => castable(item.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| castable(field.data_type())),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                fields.first().is_some_and(|key| key.data_type() == &DataType::Utf8)
                    && fields.get(1).is_some_and(|value| castable(value.data_type()))
            }
            _ => false,
        },
        other => other.is_numeric(),
    }
}

struct Cast {
    lenient: bool,
}

impl Cast {
    /// One column of the target's type. JSON's null is NULL.
    fn column(&self, values: &[Option<&Value>], target: &Field) -> Result<ArrayRef> {
        match target.data_type() {
            DataType::Utf8 if types::is_json(target) => {
                Ok(Arc::new(values.iter().map(|value| value.map(Value::to_string)).collect::<StringArray>()))
            }
            DataType::Utf8 => {
                let texts = values.iter().map(|value| self.one(*value, target, super::scalar));
                let texts: StringArray = texts.collect::<Result<Vec<_>>>()?.into_iter().collect();
                Ok(Arc::new(texts))
            }
            DataType::Boolean => {
                let truths = values.iter().map(|value| self.one(*value, target, truth));
                Ok(Arc::new(truths.collect::<Result<BooleanArray>>()?))
            }
            DataType::List(item) => self.list(values, target, item),
            DataType::Map(entries, _) => self.map(values, target, entries),
            DataType::Struct(fields) => {
                let columns = fields
                    .iter()
                    .enumerate()
                    .map(|(place, field)| {
                        let members: Vec<_> = values.iter().map(|value| member(*value, field.name(), place)).collect();
                        self.column(&members, field)
                    })
                    .collect::<Result<Vec<_>>>()?;
                let valid = values.iter().map(|value| {
                    self.one(*value, target, |value| (value.is_object() || value.is_array()).then_some(()))
                });
                let valid: Vec<bool> = valid.map(|value| value.map(|value| value.is_some())).collect::<Result<_>>()?;
                Ok(Arc::new(StructArray::try_new(fields.clone(), columns, Some(NullBuffer::from(valid)))?))
            }
            number if number.is_integer() => {
                let wholes = values.iter().map(|value| self.one(*value, target, whole));
                let wholes: Int64Array = wholes.collect::<Result<_>>()?;
                self.narrowed(&wholes, number)
            }
            number => {
                let reals = values.iter().map(|value| self.one(*value, target, real));
                let reals: Float64Array = reals.collect::<Result<_>>()?;
                self.narrowed(&reals, number)
            }
        }
    }

    fn narrowed(&self, array: &dyn Array, target: &DataType) -> Result<ArrayRef> {
        let options = arrow::compute::CastOptions { safe: self.lenient, ..Default::default() };
        Ok(arrow::compute::cast_with_options(array, target, &options)?)
    }

    fn one<T>(&self, value: Option<&Value>, target: &Field, of: impl Fn(&Value) -> Option<T>) -> Result<Option<T>> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match of(value) {
                None if !self.lenient => {
                    let shown = shortened(&value.to_string());
                    data_error(format!("the JSON {shown} cannot be cast to {}", types::field_name(target)))
                }
                result => Ok(result),
            },
        }
    }

    fn list(&self, values: &[Option<&Value>], target: &Field, item: &FieldRef) -> Result<ArrayRef> {
        let rows = values.iter().map(|value| self.one(*value, target, |value| value.as_array().map(Vec::len)));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let items: Vec<_> =
            values.iter().filter_map(|value| value.and_then(Value::as_array)).flatten().map(Some).collect();
        Ok(Arc::new(ListArray::try_new(
            Arc::clone(item),
            OffsetBuffer::from_lengths(rows.iter().map(|length| length.unwrap_or(0))),
            self.column(&items, item)?,
            Some(NullBuffer::from_iter(rows.iter().map(Option::is_some))),
        )?))
    }

    fn map(&self, values: &[Option<&Value>], target: &Field, entries: &FieldRef) -> Result<ArrayRef> {
        let DataType::Struct(fields) = entries.data_type() else {
            return Err(internal_datafusion_err!("expected entries"));
        };
        let Some(value_field) = fields.get(1) else { return Err(internal_datafusion_err!("expected entries")) };
        let rows =
            values.iter().map(|value| self.one(*value, target, |value| value.as_object().map(|object| object.len())));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let members = || values.iter().filter_map(|value| value.and_then(Value::as_object)).flatten();
        let keys: StringArray = members().map(|(key, _)| Some(key)).collect();
        let items: Vec<_> = members().map(|(_, value)| Some(value)).collect();
        let columns: Vec<ArrayRef> = vec![Arc::new(keys), self.column(&items, value_field)?];
        Ok(Arc::new(MapArray::try_new(
            Arc::clone(entries),
            OffsetBuffer::from_lengths(rows.iter().map(|length| length.unwrap_or(0))),
            StructArray::try_new(fields.clone(), columns, None)?,
            Some(NullBuffer::from_iter(rows.iter().map(Option::is_some))),
            false,
        )?))
    }
}

/// A row's field: by name from an object, in any case as names are; by place from an array.
fn member<'a>(value: Option<&'a Value>, name: &str, place: usize) -> Option<&'a Value> {
    match value? {
        Value::Object(members) => members
            .get(name)
            .or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)),
        Value::Array(items) => items.get(place),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let rounded = number.as_f64()?.round();
            let exact = (-9.0e15..=9.0e15).contains(&rounded);
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            exact.then_some(rounded as i64)
        }),
        Value::String(text) => text.parse().ok(),
        Value::Bool(value) => Some(i64::from(*value)),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}
