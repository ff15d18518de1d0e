//! Functions of lambdas that the engine does not have: reduce, and try.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array, new_null_array},
    compute::{cast, concat, is_null, nullif, take, take_arrays},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{DataFusionError, Result, plan_err, utils::take_function_args},
    logical_expr::{
        ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
        HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
    },
};

use super::collections::item_of;
use crate::types;

/// The functions, by the names they are called by.
pub(crate) fn table() -> Vec<(&'static str, Arc<HigherOrderUDF>)> {
    use datafusion::functions_nested::{
        array_any_match::array_any_match_higher_order_function, array_filter::array_filter_higher_order_function,
        array_transform::array_transform_higher_order_function,
    };
    vec![
        ("transform", array_transform_higher_order_function()),
        ("filter", array_filter_higher_order_function()),
        ("any_match", array_any_match_higher_order_function()),
        ("reduce", Arc::new(HigherOrderUDF::new_from_impl(Reduce::new()))),
        ("$try", Arc::new(HigherOrderUDF::new_from_impl(Try::new()))),
    ]
}

/// `reduce(array, state, (state, item) -> …, state -> …)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Reduce {
    signature: HigherOrderSignature,
}

impl Reduce {
    fn new() -> Self {
        let takes = vec![
            ValueOrLambda::Value(()),
            ValueOrLambda::Value(()),
            ValueOrLambda::Lambda(()),
            ValueOrLambda::Lambda(()),
        ];
        Self { signature: HigherOrderSignature::exact(takes, Volatility::Immutable) }
    }
}

impl HigherOrderUDFImpl for Reduce {
    fn name(&self) -> &str {
        "reduce"
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given.first() {
            Some(DataType::List(_)) => Ok(given.to_vec()),
            Some(other) => plan_err!("reduce takes an array, not {}", types::name(other)),
            None => plan_err!("reduce takes an array"),
        }
    }

    /// The state has the type that the first lambda gives, which is known after it was planned with the start's type.
    fn lambda_parameters(
        &self,
        _step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let [ValueOrLambda::Value(list), ValueOrLambda::Value(start), ValueOrLambda::Lambda(combined), _] = fields
        else {
            return plan_err!("reduce takes an array, a start and two lambdas");
        };
        let Some(item) = item_of(list.data_type()) else { return plan_err!("reduce takes an array") };
        let state = match combined {
            Some(combined) => nullable(combined),
            None => nullable(start),
        };
        let combine = vec![Arc::clone(&state), Arc::clone(item)];
        if combined.is_none() {
            return Ok(LambdaParametersProgress::Partial(vec![Some(combine), None]));
        }
        Ok(LambdaParametersProgress::Complete(vec![combine, vec![state]]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [_, _, _, ValueOrLambda::Lambda(output)] => Ok(nullable(output)),
            _ => plan_err!("reduce takes an array, a start and two lambdas"),
        }
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let [list, start, combine, output] = take_function_args(self.name(), &args.args)?;
        let (
            ValueOrLambda::Value(list),
            ValueOrLambda::Value(start),
            ValueOrLambda::Lambda(combine),
            ValueOrLambda::Lambda(output),
        ) = (list, start, combine, output)
        else {
            return plan_err!("reduce takes an array, a start and two lambdas");
        };
        let lists = list.to_array(args.number_rows)?;
        let Some(lists) = lists.as_list_opt::<i32>() else { return plan_err!("reduce takes an array") };
        let mut state = start.to_array(args.number_rows)?;
        if let Some(ValueOrLambda::Lambda(combined)) = args.arg_fields.get(2) {
            state = cast(&state, combined.data_type())?;
        }
        for step in 0.. {
            let active: Vec<(u32, u32)> = (0_u32..)
                .zip(lists.value_offsets().windows(2))
                .filter_map(|(row, range)| match range {
                    [from, to] => {
                        let place = from.checked_add(step)?;
                        (place < *to && lists.is_valid(row as usize)).then_some((row, u32::try_from(place).ok()?))
                    }
                    _ => None,
                })
                .collect();
            if active.is_empty() {
                break;
            }
            let rows: UInt32Array = active.iter().map(|(row, _)| *row).collect();
            let places: UInt32Array = active.iter().map(|(_, place)| *place).collect();
            let states = || Ok(take(&state, &rows, None)?);
            let items = || Ok(take(lists.values(), &places, None)?);
            let combined = combine
                .evaluate(&[&states, &items], |captured| Ok(take_arrays(captured, &rows, None)?))?
                .into_array(rows.len())?;
            state = scattered(&state, &cast(&combined, state.data_type())?, &rows)?;
        }
        let result = output.evaluate(&[&|| Ok(Arc::clone(&state))], |captured| Ok(captured.to_vec()))?;
        let result = result.into_array(args.number_rows)?;
        Ok(ColumnarValue::Array(nullif(&result, &is_null(lists)?)?))
    }
}

fn nullable(field: &FieldRef) -> FieldRef {
    Arc::new(field.as_ref().clone().with_nullable(true))
}

/// `state` with the rows named replaced by `changed`.
fn scattered(state: &ArrayRef, changed: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef> {
    let kept = u32::try_from(state.len()).unwrap_or(u32::MAX);
    let mut places: Vec<u32> = (0..kept).collect();
    for (place, row) in (kept..).zip(rows.values()) {
        if let Some(target) = places.get_mut(*row as usize) {
            *target = place;
        }
    }
    let both = concat(&[state.as_ref(), changed.as_ref()])?;
    Ok(take(&both, &UInt32Array::from(places), None)?)
}

/// `try(x)`: NULL for rows in which computing x is an error. Rows are looked at one by one only if there is an error.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Try {
    signature: HigherOrderSignature,
}

impl Try {
    fn new() -> Self {
        Self { signature: HigherOrderSignature::exact(vec![ValueOrLambda::Lambda(())], Volatility::Immutable) }
    }
}

impl HigherOrderUDFImpl for Try {
    fn name(&self) -> &str {
        "$try"
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, _given: &[DataType]) -> Result<Vec<DataType>> {
        Ok(Vec::new())
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        _fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        Ok(LambdaParametersProgress::Complete(vec![vec![Arc::new(Field::new("$row", DataType::Boolean, true))]]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [ValueOrLambda::Lambda(value)] => Ok(nullable(value)),
            _ => plan_err!("try takes one value"),
        }
    }

    fn short_circuits(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let [ValueOrLambda::Lambda(value)] = args.args.as_slice() else { return plan_err!("try takes one value") };
        let rows = args.number_rows;
        match value.evaluate(&[&|| Ok(present(rows))], |captured| Ok(captured.to_vec())) {
            Ok(values) => return Ok(values),
            Err(error) if is_fault(&error) => return Err(error),
            Err(_) => {}
        }
        let mut values: Vec<ArrayRef> = Vec::with_capacity(rows);
        for row in 0..rows {
            let one = value.evaluate(&[&|| Ok(present(1))], |captured| {
                Ok(captured.iter().map(|column| column.slice(row, 1)).collect())
            });
            values.push(match one {
                Ok(one) => one.into_array(1)?,
                Err(error) if is_fault(&error) => return Err(error),
                Err(_) => new_null_array(args.return_field.data_type(), 1),
            });
        }
        let values: Vec<&dyn Array> = values.iter().map(AsRef::as_ref).collect();
        if values.is_empty() {
            return Ok(ColumnarValue::Array(new_null_array(args.return_field.data_type(), 0)));
        }
        Ok(ColumnarValue::Array(concat(&values)?))
    }
}

/// So many rows that are there.
fn present(rows: usize) -> ArrayRef {
    Arc::new(BooleanArray::from(vec![true; rows]))
}

/// Whether an error is the engine's and not the value's.
fn is_fault(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_) | DataFusionError::Internal(_))
}
