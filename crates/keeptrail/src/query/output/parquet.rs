//! A Parquet file.

use std::{io::Write, sync::Arc};

use arrow::{array::RecordBatch, datatypes::Schema};
use keeptrail_sql::Answer;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use super::{QueryError, distinct_names};

pub(super) async fn write(answer: &mut Answer, out: &mut dyn Write) -> Result<(), QueryError> {
    let names = distinct_names(answer);
    let renamed = |schema: &Schema| {
        let fields = schema.fields().iter().zip(&names).map(|(field, name)| field.as_ref().clone().with_name(name));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    };
    let mut first = answer.next_batch().await?;
    let schema = first.as_ref().map_or_else(|| renamed(&answer.schema()), |batch| renamed(&batch.schema()));
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut buffer = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut buffer, Arc::clone(&schema), Some(properties))?;
    while let Some(batch) = first {
        let batch = RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec());
        writer.write(&batch.map_err(parquet::errors::ParquetError::from)?)?;
        out.write_all(&std::mem::take(*writer.inner_mut()))?;
        first = answer.next_batch().await?;
    }
    writer.close()?;
    Ok(out.write_all(&buffer)?)
}
