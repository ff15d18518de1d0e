//! `keeptrail pattern test`: what a pattern says to the events of a file, without a server.

mod events;
mod pattern;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::PathBuf;

use keeptrail_pattern::document::DocumentError;
use keeptrail_pattern::{event::EventPatternError, filter::PatternError, selector::SelectorError};
use serde_json::{Map, Value, json};

use crate::cli::PatternTestArgs;
use pattern::Pattern;

/// Why nothing could be tested.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PatternTestError {
    #[error("cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("the filter pattern is not valid {0}")]
    Filter(#[from] PatternError),
    #[error("{0}")]
    Event(#[from] EventPatternError),
    #[error("{0}")]
    Selectors(#[from] SelectorError),
    #[error("the selectors are not a JSON list of selectors: {0}")]
    SelectorShape(String),
    #[error("event {number} is {error}")]
    NotJson { number: usize, error: DocumentError },
}

/// What came of one event.
struct Verdict {
    label: String,
    /// The values that the pattern names, if it matched.
    values: Option<Vec<(String, String)>>,
}

/// Holds the pattern against every event and prints the verdicts to `out`, and what is doubtful about the pattern to
/// `notes`. Returns whether any event matched.
pub(crate) fn run(
    args: &PatternTestArgs,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<bool, PatternTestError> {
    let pattern = Pattern::new(args)?;
    let text = events::read(&args.events)?;
    let mut verdicts = Vec::new();
    for event in events::split(&text) {
        let values =
            pattern.values(event).map_err(|error| PatternTestError::NotJson { number: verdicts.len() + 1, error });
        verdicts.push(Verdict { label: events::label(event), values: values? });
    }
    let matched = verdicts.iter().filter(|verdict| verdict.values.is_some()).count();
    let warnings = pattern.warnings(matched, &text);
    // A closed pipe is no reason to report another verdict.
    if args.json {
        drop(writeln!(out, "{}", as_json(&verdicts, matched, &warnings)));
    } else {
        drop(as_table(&verdicts, matched, out));
        for warning in &warnings {
            drop(writeln!(notes, "warning: {warning}"));
        }
    }
    Ok(matched > 0)
}

fn as_json(verdicts: &[Verdict], matched: usize, warnings: &[String]) -> Value {
    let results: Vec<Value> = (1..)
        .zip(verdicts)
        .map(|(number, verdict)| {
            let values = verdict.values.iter().flatten();
            let values: Map<String, Value> = values.map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({"event": number, "label": verdict.label, "matched": verdict.values.is_some(), "extractedValues": values})
        })
        .collect();
    json!({"events": verdicts.len(), "matched": matched, "results": results, "warnings": warnings})
}

fn as_table(verdicts: &[Verdict], matched: usize, out: &mut impl Write) -> io::Result<()> {
    let width = verdicts.iter().map(|verdict| verdict.label.chars().count()).max().unwrap_or(0).max("WHAT".len());
    writeln!(out, "EVENT  MATCH  {:<width$}  VALUES", "WHAT")?;
    for (number, verdict) in (1..).zip(verdicts) {
        let answer = if verdict.values.is_some() { "yes" } else { "no" };
        let values: Vec<String> =
            verdict.values.iter().flatten().map(|(name, value)| format!("{name}={value:?}")).collect();
        let line = format!("{number:>5}  {answer:<5}  {:<width$}  {}", verdict.label, values.join(" "));
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "{matched} of {} events match.", verdicts.len())
}
