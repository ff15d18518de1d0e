//! CSV. NULL is an empty field. A text that a spreadsheet would take for a formula gets a `'` before it (OWASP, "CSV
//! Injection"): events carry what callers sent.

use std::{borrow::Cow, io::Write};

use keeptrail_sql::Answer;

use super::QueryError;

pub(super) async fn write(answer: &mut Answer, out: &mut dyn Write) -> Result<(), QueryError> {
    let mut writer = csv::Writer::from_writer(out);
    let written = |error: csv::Error| QueryError::Write(error.into());
    let names = answer.columns().iter().map(|column| harmless(&column.name, true).into_owned());
    writer.write_record(names).map_err(written)?;
    let texts: Vec<bool> = answer.columns().iter().map(|column| column.type_name == "varchar").collect();
    while let Some(rows) = answer.next_rows().await? {
        for row in rows {
            for (value, is_text) in row.iter().zip(&texts) {
                let value = harmless(value.as_deref().unwrap_or_default(), *is_text);
                writer.write_field(value.as_bytes()).map_err(written)?;
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
