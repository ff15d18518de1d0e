//! Arrays and maps: element_at, subscripts, cardinality, slice, and what histogram and map_agg make of their rows.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, ListArray, MapArray, StructArray, UInt32Array},
    buffer::{NullBuffer, OffsetBuffer},
    compute::take,
    datatypes::{DataType, Field, FieldRef, Fields},
};
use datafusion::common::{Result, ScalarValue, internal_datafusion_err, plan_err};

use super::{
    function::{Function, Kind, Returns, argument, data_error, rows, truths, whole, whole_at, wholes},
    map_get::{entry_fields, values_of},
};
use crate::types;

pub(crate) fn table() -> Vec<Function> {
    vec![
        Function::new("element_at", &[Kind::Any, Kind::Any], Returns::Of(element_field), element_at),
        Function::new("$subscript", &[Kind::List, Kind::Whole], Returns::Of(element_field), subscript),
        Function::new("cardinality", &[Kind::Any], Returns::Type(&DataType::Int64), cardinality),
        Function::new("slice", &[Kind::List, Kind::Whole, Kind::Whole], Returns::Argument(0), slice),
        Function::new("contains", &[Kind::List, Kind::Any], Returns::Type(&DataType::Boolean), contains),
        Function::new("$histogram", &[Kind::List], Returns::Of(histogram_field), histogram),
        Function::new("$map_agg", &[Kind::List], Returns::Of(map_agg_field), map_agg),
        Function::new("$entries", &[Kind::Any], Returns::Of(entries_field), entries),
        Function::new("$ordinality", &[Kind::List], Returns::Of(ordinality_field), ordinality)
            .optional(&[Kind::List; 7]),
    ]
}

pub(crate) fn item_of(list: &DataType) -> Option<&FieldRef> {
    match list {
        DataType::List(item) => Some(item),
        _ => None,
    }
}

fn list(arguments: &[ArrayRef], place: usize) -> Result<&ListArray> {
    argument(arguments, place)?.as_list_opt::<i32>().ok_or_else(|| internal_datafusion_err!("expected an array"))
}

/// The first and the last-plus-one value of a row; nothing for NULL.
fn range(list: &ListArray, row: usize) -> Option<(usize, usize)> {
    if list.is_null(row) {
        return None;
    }
    let from = usize::try_from(*list.value_offsets().get(row)?).ok()?;
    Some((from, from + list.value(row).len()))
}

fn element_field(fields: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    match fields.first().map(|field| field.data_type()) {
        Some(DataType::List(item)) => Ok(Arc::new(item.as_ref().clone().with_name("element").with_nullable(true))),
        Some(map @ DataType::Map(_, _)) => match entry_fields(map) {
            Some((_, value)) => Ok(Arc::new(value.as_ref().clone().with_name("element").with_nullable(true))),
            None => plan_err!("element_at takes an array or a map"),
        },
        Some(other) => plan_err!("element_at takes an array or a map, not {}", types::name(other)),
        None => plan_err!("element_at takes an array or a map"),
    }
}

/// 1-based, from the end when negative, NULL outside. Plans have [`super::map_get`] in its place for maps.
fn element_at(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    if let Some(map) = argument(arguments, 0)?.as_map_opt() {
        return values_of(map, argument(arguments, 1)?);
    }
    let index = arrow::compute::cast(argument(arguments, 1)?, &DataType::Int64)?;
    elements(
        list(arguments, 0)?,
        index.as_primitive_opt().ok_or_else(|| internal_datafusion_err!("expected bigint"))?,
        true,
        result,
    )
}

/// 1-based, NULL outside; a negative index is an error.
fn subscript(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    elements(list(arguments, 0)?, whole(arguments, 1)?, false, result)
}

fn elements(list: &ListArray, indices: &Int64Array, from_end: bool, _result: &FieldRef) -> Result<ArrayRef> {
    let places = (0..list.len())
        .map(|row| {
            let (Some((from, to)), Some(index)) = (range(list, row), whole_at(indices, row)) else { return Ok(None) };
            if index == 0 {
                return data_error("array indices begin at 1, not 0");
            }
            if index < 0 && !from_end {
                return data_error(format!("array index {index} is negative; element_at counts from the end"));
            }
            let place = if index > 0 {
                usize::try_from(index - 1).ok().and_then(|steps| from.checked_add(steps)).filter(|place| *place < to)
            } else {
                usize::try_from(index.unsigned_abs())
                    .ok()
                    .and_then(|steps| to.checked_sub(steps))
                    .filter(|place| *place >= from)
            };
            Ok(place.and_then(|place| u32::try_from(place).ok()))
        })
        .collect::<Result<UInt32Array>>()?;
    Ok(take(list.values(), &places, None)?)
}

fn cardinality(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let array = argument(arguments, 0)?;
    match array.data_type() {
        DataType::List(_) => {
            let list = list(arguments, 0)?;
            wholes(list.len(), |row| Ok(range(list, row).and_then(|(from, to)| i64::try_from(to - from).ok())))
        }
        DataType::Map(_, _) => {
            let map = array.as_map_opt().ok_or_else(|| internal_datafusion_err!("expected a map"))?;
            wholes(map.len(), |row| {
                Ok(map.is_valid(row).then(|| i64::try_from(map.value(row).len()).unwrap_or(i64::MAX)))
            })
        }
        other => plan_err!("cardinality takes an array or a map, not {}", types::name(other)),
    }
}

/// `length` values from the 1-based `start`, counted from the end when negative.
fn slice(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let (list, starts, lengths) = (list(arguments, 0)?, whole(arguments, 1)?, whole(arguments, 2)?);
    let mut places = Vec::new();
    let mut counts = Vec::with_capacity(list.len());
    let mut valid = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let (Some((from, to)), Some(start), Some(length)) =
            (range(list, row), whole_at(starts, row), whole_at(lengths, row))
        else {
            counts.push(0);
            valid.push(false);
            continue;
        };
        let (Ok(length), false) = (usize::try_from(length), start == 0) else {
            return data_error("slice takes a start other than 0 and a length that is not negative");
        };
        let begin = if start > 0 {
            usize::try_from(start - 1).ok().and_then(|steps| from.checked_add(steps))
        } else {
            usize::try_from(start.unsigned_abs()).ok().and_then(|steps| to.checked_sub(steps))
        };
        let begin = begin.filter(|begin| (from..to).contains(begin)).unwrap_or(to);
        let end = begin.saturating_add(length).min(to);
        places.extend((begin..end).filter_map(|place| u32::try_from(place).ok()));
        counts.push(end - begin);
        valid.push(true);
    }
    let item = item_of(result.data_type()).ok_or_else(|| internal_datafusion_err!("expected an array"))?;
    let values = take(list.values(), &UInt32Array::from(places), None)?;
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(item),
        OffsetBuffer::from_lengths(counts),
        values,
        Some(NullBuffer::from(valid)),
    )?))
}

/// NULL if the value is not there but a NULL is.
fn contains(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let (list, wanted) = (list(arguments, 0)?, argument(arguments, 1)?);
    let wanted = arrow::compute::cast(wanted, list.values().data_type())?;
    truths(list.len(), |row| {
        let Some((from, to)) = range(list, row).filter(|_| wanted.is_valid(row)) else { return Ok(None) };
        let value = ScalarValue::try_from_array(&wanted, row)?;
        let mut found = Some(false);
        for place in from..to {
            let item = ScalarValue::try_from_array(list.values(), place)?;
            if item.is_null() {
                found = None;
            } else if item == value {
                return Ok(Some(true));
            }
        }
        Ok(found)
    })
}

fn map_type(key: DataType, value: Field) -> DataType {
    let entries = DataType::Struct(Fields::from(vec![Field::new("key", key, false), value.with_name("value")]));
    DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
}

fn histogram_field(fields: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    match fields.first().and_then(|list| item_of(list.data_type())) {
        Some(item) => {
            let counts = Field::new("value", DataType::Int64, true);
            Ok(Arc::new(Field::new("histogram", map_type(item.data_type().clone(), counts), true)))
        }
        None => plan_err!("histogram takes a column"),
    }
}

/// How often each value of a row's array is there, in the order of first appearance.
fn histogram(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let list = list(arguments, 0)?;
    let mut counts: Vec<i64> = Vec::new();
    let keyed = keyed(list, list.values(), |place, _| {
        if place == counts.len() {
            counts.push(1)
        } else if let Some(count) = counts.get_mut(place) {
            *count += 1
        }
    })?;
    keyed.into_map(list, list.values(), Arc::new(Int64Array::from(counts)), result)
}

fn map_agg_field(fields: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    let pair = fields.first().and_then(|list| item_of(list.data_type())).map(|item| item.data_type());
    match pair {
        Some(DataType::Struct(pair)) if pair.len() == 2 => {
            let (Some(key), Some(value)) = (pair.first(), pair.get(1)) else { return plan_err!("map_agg takes pairs") };
            let value = value.as_ref().clone().with_nullable(true);
            Ok(Arc::new(Field::new("map_agg", map_type(key.data_type().clone(), value), true)))
        }
        _ => plan_err!("map_agg takes a key and a value"),
    }
}

/// The map of a row's pairs. Of several values of a key the first is kept.
fn map_agg(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    let list = list(arguments, 0)?;
    let pairs = list.values().as_struct_opt().ok_or_else(|| internal_datafusion_err!("expected pairs"))?;
    let (keys, values) = (pairs.column(0), pairs.column(1));
    let mut firsts: Vec<u32> = Vec::new();
    let keyed = keyed(list, keys, |place, entry| {
        if place == firsts.len() {
            firsts.push(u32::try_from(entry).unwrap_or(u32::MAX));
        }
    })?;
    let values = take(values, &UInt32Array::from(firsts), None)?;
    keyed.into_map(list, keys, values, result)
}

/// Each row's distinct keys.
struct Keyed {
    firsts: Vec<u32>,
    counts: Vec<usize>,
}

fn keyed(list: &ListArray, keys: &ArrayRef, mut each: impl FnMut(usize, usize)) -> Result<Keyed> {
    let mut keyed = Keyed { firsts: Vec::new(), counts: Vec::with_capacity(list.len()) };
    for row in 0..list.len() {
        let before = keyed.firsts.len();
        let mut seen = std::collections::HashMap::new();
        let (from, to) = range(list, row).unwrap_or((0, 0));
        for entry in from..to {
            let key = ScalarValue::try_from_array(keys, entry)?;
            let next = keyed.firsts.len();
            let place = *seen.entry(key).or_insert(next);
            if place == next {
                keyed.firsts.push(u32::try_from(entry).unwrap_or(u32::MAX));
            }
            each(place, entry);
        }
        keyed.counts.push(keyed.firsts.len() - before);
    }
    Ok(keyed)
}

impl Keyed {
    fn into_map(self, list: &ListArray, keys: &ArrayRef, values: ArrayRef, result: &FieldRef) -> Result<ArrayRef> {
        let DataType::Map(entries, _) = result.data_type() else {
            return Err(internal_datafusion_err!("expected a map"));
        };
        let DataType::Struct(fields) = entries.data_type() else {
            return Err(internal_datafusion_err!("expected entries"));
        };
        let keys = take(keys, &UInt32Array::from(self.firsts), None)?;
        let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        let offsets = OffsetBuffer::from_lengths(self.counts);
        Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, pairs, list.nulls().cloned(), false)?))
    }
}

fn entries_field(fields: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    match fields.first().map(|field| field.data_type()) {
        Some(DataType::Map(entries, _)) if entry_fields(&DataType::Map(Arc::clone(entries), false)).is_some() => {
            Ok(Arc::new(Field::new("entries", DataType::List(Arc::clone(entries)), true)))
        }
        Some(other) => plan_err!("UNNEST takes arrays and maps, not {}", types::name(other)),
        None => plan_err!("UNNEST takes arrays and maps"),
    }
}

/// A map as an array of its entries.
fn entries(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let map = argument(arguments, 0)?.as_map_opt().ok_or_else(|| internal_datafusion_err!("expected a map"))?;
    let DataType::Map(field, _) = map.data_type() else { return Err(internal_datafusion_err!("expected a map")) };
    let entries = Arc::new(map.entries().clone());
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), map.offsets().clone(), entries, map.nulls().cloned())?))
}

fn ordinality_field(_: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    let item = Arc::new(Field::new_list_field(DataType::Int64, true));
    Ok(Arc::new(Field::new("ordinality", DataType::List(item), true)))
}

/// 1, 2, 3 … as long as the longest array of the row.
fn ordinality(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    let lists = (0..arguments.len()).map(|place| list(arguments, place)).collect::<Result<Vec<_>>>()?;
    let counts: Vec<usize> = (0..rows(arguments))
        .map(|row| lists.iter().filter_map(|list| range(list, row)).map(|(from, to)| to - from).max().unwrap_or(0))
        .collect();
    let numbers: Int64Array =
        counts.iter().flat_map(|count| 1..=i64::try_from(*count).unwrap_or(i64::MAX)).map(Some).collect();
    let item = Arc::new(Field::new_list_field(DataType::Int64, true));
    Ok(Arc::new(ListArray::try_new(item, OffsetBuffer::from_lengths(counts), Arc::new(numbers), None)?))
}
