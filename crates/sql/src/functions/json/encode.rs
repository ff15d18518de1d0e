//! `CAST(x AS json)`.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type},
};
use datafusion::common::{Result, internal_datafusion_err};
use serde_json::{Map, Value};

use crate::{functions::function::argument, types, value::Writer};

/// How deep values may nest.
const NESTING: usize = 32;

pub(super) fn to_json(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let array = argument(arguments, 0)?;
    let values = values(array);
    super::texts(array.len(), |row| {
        if array.is_null(row) { Ok(None) } else { values.value(row).map(|value| Some(value.to_string())) }
    })
}

/// The values of an array as JSON.
pub(crate) struct Values<'a> {
    array: &'a ArrayRef,
    /// Whether texts are JSON already.
    json: bool,
    depth: usize,
}

pub(super) fn values(array: &ArrayRef) -> Values<'_> {
    Values { array, json: false, depth: 0 }
}

impl<'a> Values<'a> {
    /// The values of a column; JSON's texts are JSON.
    pub(crate) fn of(array: &'a ArrayRef, field: &Field) -> Self {
        Self { array, json: types::is_json(field), depth: 0 }
    }

    fn part<'b>(&self, array: &'b ArrayRef, field: &Field) -> Values<'b> {
        Values { array, json: types::is_json(field), depth: self.depth + 1 }
    }

    pub(crate) fn value(&self, row: usize) -> Result<Value> {
        if self.depth > NESTING || self.array.is_null(row) {
            return Ok(Value::Null);
        }
        let wrong = || internal_datafusion_err!("a value is not of its type");
        let array = self.array;
        Ok(match array.data_type() {
            DataType::Boolean => Value::Bool(array.as_boolean_opt().ok_or_else(wrong)?.value(row)),
            DataType::Utf8 => {
                let text = array.as_string_opt::<i32>().ok_or_else(wrong)?.value(row);
                let raw = if self.json { serde_json::from_str(text).ok() } else { None };
                raw.unwrap_or_else(|| Value::String(text.to_owned()))
            }
            number if number.is_integer() => {
                let whole = arrow::compute::cast(&array.slice(row, 1), &DataType::Int64)?;
                Value::from(whole.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?.value(0))
            }
            number if number.is_numeric() => {
                let real = arrow::compute::cast(&array.slice(row, 1), &DataType::Float64)?;
                Value::from(real.as_primitive_opt::<Float64Type>().ok_or_else(wrong)?.value(0))
            }
            DataType::List(item) => {
                let items = array.as_list_opt::<i32>().ok_or_else(wrong)?.value(row);
                let values = self.part(&items, item);
                Value::Array((0..items.len()).map(|place| values.value(place)).collect::<Result<_>>()?)
            }
            DataType::Struct(fields) => {
                let row_fields = array.as_struct_opt().ok_or_else(wrong)?;
                let members = fields
                    .iter()
                    .zip(row_fields.columns())
                    .map(|(field, column)| Ok((field.name().clone(), self.part(column, field).value(row)?)));
                Value::Object(members.collect::<Result<Map<_, _>>>()?)
            }
            DataType::Map(_, _) => {
                let map = array.as_map_opt().ok_or_else(wrong)?;
                let entries = map.value(row);
                let (_, value_field) = crate::functions::map_get::entry_fields(map.data_type()).ok_or_else(wrong)?;
                let (keys, values) = (entries.column(0), entries.column(1));
                let (writer, values) = (Writer::new(keys), self.part(values, value_field));
                let members =
                    (0..entries.len()).map(|place| Ok((writer.text(place).unwrap_or_default(), values.value(place)?)));
                Value::Object(members.collect::<Result<Map<_, _>>>()?)
            }
            _ => Value::String(Writer::new(array).text(row).unwrap_or_default()),
        })
    }
}
