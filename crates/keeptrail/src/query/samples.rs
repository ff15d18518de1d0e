//! `keeptrail lake samples`.

use std::io::Write;

use keeptrail_sql::SAMPLES;

/// Prints the samples' names and what they answer, or one sample. Returns whether there is such a one.
pub(crate) fn print(name: Option<&str>, out: &mut dyn Write) -> std::io::Result<bool> {
    match name {
        Some(name) => match SAMPLES.iter().find(|sample| sample.name == name) {
            Some(sample) => write!(out, "{}", sample.sql).map(|()| true),
            None => Ok(false),
        },
        None => {
            for sample in SAMPLES {
                writeln!(out, "{:<20}  {}", sample.name, sample.about())?;
            }
            writeln!(
                out,
                "\nPrint one: keeptrail lake samples NAME. Run one: keeptrail query \"$(keeptrail lake samples NAME)\" DIR"
            )?;
            Ok(true)
        }
    }
}
