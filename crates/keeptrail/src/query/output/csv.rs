//! CSV. NULL is an empty field. A text that a spreadsheet would take for a formula gets a `'` before it (OWASP, "CSV
//! Injection"): events carry what callers sent.

use std::{borrow::Cow, io::Write};

use keeptrail_sql::{Answer, Texts};

use super::QueryError;

/// Bytes that are written at once: standard output is slow in small pieces.
const BUFFER: usize = 64 << 10;

pub(super) async fn write(answer: &mut Answer, out: &mut dyn Write) -> Result<(), QueryError> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(BUFFER).from_writer(out);
    let written = |error: csv::Error| QueryError::Write(error.into());
    let names = answer.columns().iter().map(|column| harmless(&column.name, true).into_owned());
    writer.write_record(names).map_err(written)?;
    let are_text: Vec<bool> = answer.columns().iter().map(|column| column.type_name == "varchar").collect();
    let mut value = String::new();
    while let Some(batch) = answer.next_batch().await? {
        let texts = Texts::new(&batch);
        for row in 0..batch.num_rows() {
            for (column, is_text) in are_text.iter().enumerate() {
                value.clear();
                texts.write(row, column, &mut value);
                writer.write_field(harmless(&value, *is_text).as_bytes()).map_err(written)?;
            }
            writer.write_record(None::<&[u8]>).map_err(written)?;
        }
    }
    Ok(writer.flush()?)
}

fn harmless(value: &str, is_text: bool) -> Cow<'_, str> {
    let formula = is_text && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn texts_are_no_formulas() {
        assert_eq!(harmless("=cmd|' /C calc'!A0", true), "'=cmd|' /C calc'!A0");
        assert_eq!(harmless("arn:aws:iam::1:user/a", true), "arn:aws:iam::1:user/a");
        assert_eq!(harmless("-3", false), "-3");
    }
}
