//! JSON lines.

use std::io::Write;

use keeptrail_sql::{Answer, json_rows};
use serde_json::{Map, Value};

use super::{QueryError, distinct_names};

pub(super) async fn write(answer: &mut Answer, out: &mut dyn Write) -> Result<(), QueryError> {
    let names = distinct_names(answer);
    while let Some(batch) = answer.next_batch().await? {
        for row in json_rows(&batch)? {
            let object: Map<String, Value> = names.iter().cloned().zip(row).collect();
            serde_json::to_writer(&mut *out, &object).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(())
}
