//! Rows of several batches, put together in an order.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StructArray, new_null_array},
    buffer::NullBuffer,
    compute::interleave,
    datatypes::DataType,
    error::ArrowError,
};

/// The rows at `places`, each a batch and a row of it, of batches of one schema.
///
/// As Arrow's `interleave_record_batch`, which takes as long for columns that have no value in these rows: most of the Lake's,
/// as rows are sorted by the kind of event.
pub(crate) fn gather(batches: &[&RecordBatch], places: &[(usize, usize)]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = batches.first() else {
        return Err(ArrowError::InvalidArgumentError("no batch to take rows from".to_owned()));
    };
    let of_batches = |at| batches.iter().map(|batch| batch.column(at)).collect::<Vec<_>>();
    let columns = (0..first.num_columns()).map(|at| column(&of_batches(at), places)).collect::<Result<_, _>>()?;
    RecordBatch::try_new(first.schema(), columns)
}

fn column(parts: &[&ArrayRef], places: &[(usize, usize)]) -> Result<ArrayRef, ArrowError> {
    let arrays: Vec<&dyn Array> = parts.iter().map(|part| &***part).collect();
    let is_null = |(part, row): &(usize, usize)| arrays.get(*part).is_some_and(|part| part.is_null(*row));
    let Some(data_type) = arrays.first().map(|array| array.data_type()) else { return interleave(&arrays, places) };
    if places.iter().all(is_null) {
        return Ok(new_null_array(data_type, places.len()));
    }
    let DataType::Struct(fields) = data_type else { return interleave(&arrays, places) };
    let structs: Vec<&StructArray> = arrays.iter().filter_map(|array| array.as_struct_opt()).collect();
    let of_structs = |at| structs.iter().map(|part| part.column(at)).collect::<Vec<_>>();
    let columns = (0..fields.len()).map(|at| column(&of_structs(at), places)).collect::<Result<_, _>>()?;
    let has_nulls = arrays.iter().any(|part| part.null_count() > 0);
    let valid = has_nulls.then(|| places.iter().map(|place| !is_null(place)).collect::<NullBuffer>());
    Ok(Arc::new(StructArray::try_new(fields.clone(), columns, valid)?))
}

#[cfg(test)]
mod tests {
    use arrow::compute::interleave_record_batch;

    use super::gather;
    use crate::tests::{batch, record};

    #[test]
    fn rows_are_those_that_arrow_gives() {
        let bare = |number: u64| format!(r#"{{"eventTime":"2023-07-10T12:00:00Z","eventID":"{number:032x}"}}"#);
        let batches: Vec<_> = [vec![record(1, 1), bare(2), record(3, 2)], vec![bare(4), bare(5)], vec![record(6, 9)]]
            .into_iter()
            .map(|records| batch(records).finish().unwrap().batch)
            .collect();
        let batches: Vec<_> = batches.iter().collect();
        for places in
            [&[(0, 2), (2, 0), (0, 0)][..], &[(1, 0), (0, 1), (1, 1)], &[(1, 1), (0, 0), (0, 1), (2, 0), (0, 0)], &[]]
        {
            let expected = interleave_record_batch(&batches, places).unwrap();
            assert_eq!(gather(&batches, places).unwrap(), expected, "{places:?}");
        }
        gather(&[], &[]).unwrap_err();
    }
}
