//! `map_get(map, key)`: the one form that dots into maps, `map['key']` and `element_at(map, key)` are planned to, so
//! that storage can answer a well-known key from a column of its own.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{Array, ArrayRef, AsArray, MapArray, UInt32Array},
    compute::{cast, kernels::cmp, take},
    datatypes::{DataType, FieldRef},
};
use datafusion::{
    common::{Result, ScalarValue, internal_datafusion_err, plan_err},
    logical_expr::{
        ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        expr::ScalarFunction,
    },
};

use crate::types;

/// The function's name in plans.
pub const MAP_GET: &str = "map_get";

static UDF: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(MapGet::default())));

/// The value of a key in a map; NULL if the map is NULL or has no such key.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct MapGet {
    signature: Signature,
}

impl Default for MapGet {
    fn default() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// The function, as plans hold it.
pub fn map_get_udf() -> Arc<ScalarUDF> {
    Arc::clone(&UDF)
}

/// `map_get(map, key)`.
pub fn map_get(map: Expr, key: Expr) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(map_get_udf(), vec![map, key]))
}

/// The map and the key of `map_get(map, 'key')` with a constant key, for optimizer rules.
pub fn as_map_get(expr: &Expr) -> Option<(&Expr, &str)> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return None };
    match args.as_slice() {
        [map, Expr::Literal(ScalarValue::Utf8(Some(key)) | ScalarValue::Utf8View(Some(key)), _)]
            if func.name() == MAP_GET =>
        {
            Some((map, key))
        }
        _ => None,
    }
}

/// The key and value fields of a map type.
pub(crate) fn entry_fields(map: &DataType) -> Option<(&FieldRef, &FieldRef)> {
    let DataType::Map(entries, _) = map else { return None };
    let DataType::Struct(fields) = entries.data_type() else { return None };
    Some((fields.first()?, fields.get(1)?))
}

impl ScalarUDFImpl for MapGet {
    fn name(&self) -> &str {
        MAP_GET
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Err(internal_datafusion_err!("{MAP_GET} gives its type by fields"))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [map, _key] = given else {
            return plan_err!("a map takes one key, not {}", given.len().saturating_sub(1));
        };
        match entry_fields(map) {
            Some((key, _)) => Ok(vec![map.clone(), key.data_type().clone()]),
            None => plan_err!("{} is not a map", types::name(map)),
        }
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields.first().and_then(|map| entry_fields(map.data_type())) {
            Some((_, value)) => Ok(Arc::new(value.as_ref().clone().with_name(MAP_GET).with_nullable(true))),
            None => plan_err!("{MAP_GET} takes a map"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [map, key] = args.args.as_slice() else { return plan_err!("{MAP_GET} takes a map and a key") };
        let map = map.to_array(args.number_rows)?;
        let map = map.as_map_opt().ok_or_else(|| internal_datafusion_err!("expected a map"))?;
        let places = match key {
            ColumnarValue::Scalar(key) if key.is_null() => UInt32Array::new_null(map.len()),
            ColumnarValue::Scalar(key) => with_constant(map, key)?,
            ColumnarValue::Array(keys) => with_column(map, keys)?,
        };
        Ok(ColumnarValue::Array(take(map.values(), &places, None)?))
    }
}

/// The values of one key for each row.
pub(crate) fn values_of(map: &MapArray, keys: &ArrayRef) -> Result<ArrayRef> {
    Ok(take(map.values(), &with_column(map, &cast(keys, map.keys().data_type())?)?, None)?)
}

/// For each row the place of the key among all entries.
fn with_constant(map: &MapArray, key: &ScalarValue) -> Result<UInt32Array> {
    let text = match key {
        ScalarValue::Utf8(Some(key)) => map.keys().as_string_opt::<i32>().map(|keys| (keys, key.as_str())),
        _ => None,
    };
    if let Some((keys, key)) = text {
        return Ok(search(map, |_, entry| keys.value(entry) == key));
    }
    let equal = cmp::eq(&cast(map.keys(), &key.data_type())?, &key.to_scalar()?)?;
    Ok(search(map, |_, entry| equal.is_valid(entry) && equal.value(entry)))
}

fn with_column(map: &MapArray, keys: &ArrayRef) -> Result<UInt32Array> {
    let offsets = map.value_offsets();
    let repeated: UInt32Array = (0_u32..)
        .zip(offsets.windows(2))
        .flat_map(|(row, range)| match range {
            [from, to] => std::iter::repeat_n(row, usize::try_from(to - from).unwrap_or(0)),
            _ => std::iter::repeat_n(row, 0),
        })
        .collect();
    let first = offsets.first().and_then(|first| usize::try_from(*first).ok()).unwrap_or(0);
    let wanted = take(keys, &repeated, None)?;
    let equal = cmp::eq(&map.keys().slice(first, wanted.len()), &wanted)?;
    Ok(search(map, |_, entry| equal.is_valid(entry - first) && equal.value(entry - first)))
}

/// For each row the first entry that `is_it` names.
fn search(map: &MapArray, is_it: impl Fn(usize, usize) -> bool) -> UInt32Array {
    let offsets = map.value_offsets();
    (0..map.len())
        .map(|row| {
            if map.is_null(row) {
                return None;
            }
            let from = usize::try_from(*offsets.get(row)?).ok()?;
            let to = usize::try_from(*offsets.get(row + 1)?).ok()?;
            (from..to).find(|entry| is_it(row, *entry)).and_then(|entry| u32::try_from(entry).ok())
        })
        .collect()
}
