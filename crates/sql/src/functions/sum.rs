//! `sum`, which says so when integers overflow; the engine's begins again at the other end.

use std::{mem::size_of_val, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type},
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err, internal_datafusion_err},
    functions_aggregate::sum::sum_udaf,
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, ReversedUDAF, Signature,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

/// The function.
pub(crate) fn sum() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Sum { engine: sum_udaf() }))
}

/// The engine's for everything but sums of bigint.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Sum {
    engine: Arc<AggregateUDF>,
}

fn is_checked(args: &AccumulatorArgs<'_>) -> bool {
    !args.is_distinct && *args.return_type() == DataType::Int64
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        self.engine.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.engine.return_type(arguments)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if is_checked(&args) { Ok(Box::<CheckedSum>::default()) } else { self.engine.accumulator(args) }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if is_checked(&args) { Ok(Box::<CheckedSum>::default()) } else { self.engine.create_sliding_accumulator(args) }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if args.is_distinct || *args.return_type() != DataType::Int64 {
            return self.engine.state_fields(args);
        }
        let state = |name, data_type| Arc::new(Field::new(format_state_name(args.name, name), data_type, true));
        Ok(vec![state("sum", STATE), state("count", DataType::Int64)])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        !is_checked(&args) && self.engine.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        self.engine.create_groups_accumulator(args)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// As a sum is handed on between the parts of a query.
const STATE: DataType = DataType::Decimal128(38, 0);

/// Wide enough for 2^63 values.
#[derive(Debug, Default)]
struct CheckedSum {
    sum: i128,
    count: i64,
}

impl Accumulator for CheckedSum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = total(values)?;
        self.sum += sum;
        self.count += count;
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = total(values)?;
        self.sum -= sum;
        self.count -= count;
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Decimal128(Some(self.sum), 38, 0), ScalarValue::Int64(Some(self.count))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [sums, counts] = states else { return Err(internal_datafusion_err!("a sum has two states")) };
        let sums = sums.as_primitive_opt::<Decimal128Type>();
        let counts = counts.as_primitive_opt::<Int64Type>();
        let (Some(sums), Some(counts)) = (sums, counts) else {
            return Err(internal_datafusion_err!("a sum's states are of other types"));
        };
        self.sum += sums.iter().flatten().sum::<i128>();
        self.count += counts.iter().flatten().sum::<i64>();
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.count == 0 {
            return Ok(ScalarValue::Int64(None));
        }
        let sum =
            i64::try_from(self.sum).map_err(|_| exec_datafusion_err!("sum: {} is too large for bigint", self.sum));
        Ok(ScalarValue::Int64(Some(sum?)))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// The sum of what is not NULL, and how many that are.
fn total(values: &[ArrayRef]) -> Result<(i128, i64)> {
    let values = values.first().and_then(|values| values.as_primitive_opt::<Int64Type>());
    let values = values.ok_or_else(|| internal_datafusion_err!("a checked sum is of bigint"))?;
    let sum = values.iter().flatten().map(i128::from).sum();
    Ok((sum, (values.len() - values.null_count()) as i64))
}
