//! The engine's errors in words for the writer of a statement.

use arrow::error::ArrowError;
use datafusion::common::{Column, DataFusionError, SchemaError, utils::datafusion_strsim::levenshtein};

use crate::error::{ErrorKind, SqlError};

/// An error before a query runs.
pub(crate) fn of_planning(error: DataFusionError) -> SqlError {
    convert(&error, ErrorKind::Invalid)
}

/// An error while a query runs.
pub(crate) fn of_running(error: DataFusionError) -> SqlError {
    convert(&error, ErrorKind::Data)
}

fn convert(error: &DataFusionError, kind: ErrorKind) -> SqlError {
    let place = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(|span| span.start);
    let converted = root(error, kind);
    match place {
        Some(start) => converted.at(start.line, start.column),
        None => converted,
    }
}

fn root(error: &DataFusionError, kind: ErrorKind) -> SqlError {
    if error.to_string().contains("max_temp_directory_size") {
        return out_of_memory();
    }
    match error {
        DataFusionError::External(inner) => {
            match (inner.downcast_ref::<SqlError>(), inner.downcast_ref::<DataFusionError>()) {
                (Some(ours), _) => ours.clone(),
                (_, Some(inner)) => root(inner, kind),
                _ => SqlError::new(ErrorKind::Internal, inner.to_string()),
            }
        }
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => root(inner, kind),
        DataFusionError::Shared(inner) => root(inner, kind),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => root(first, kind),
            None => SqlError::new(ErrorKind::Internal, "an unknown error"),
        },
        DataFusionError::SchemaError(schema, _) => SqlError::new(ErrorKind::Invalid, of_schema(schema)),
        DataFusionError::Plan(message) | DataFusionError::Configuration(message) => {
            let message = match (own_words(message), unmatched_call(message)) {
                (Some(words), _) => tidy(words),
                (None, Some(call)) => format!("{call}: the function does not take these types; cast them"),
                (None, None) => tidy(message),
            };
            SqlError::new(ErrorKind::Invalid, message)
        }
        DataFusionError::NotImplemented(message) => SqlError::new(ErrorKind::Unsupported, tidy(message)),
        DataFusionError::Execution(message) => SqlError::new(kind, tidy(message)),
        DataFusionError::ResourcesExhausted(_) => out_of_memory(),
        DataFusionError::ArrowError(inner, _) => of_arrow(inner, kind),
        DataFusionError::SQL(inner, _) => SqlError::new(ErrorKind::Invalid, inner.to_string()),
        DataFusionError::IoError(inner) => SqlError::new(ErrorKind::Internal, format!("reading failed: {inner}")),
        other => SqlError::new(ErrorKind::Internal, tidy(&other.to_string())),
    }
}

fn out_of_memory() -> SqlError {
    let message = "the query needs more memory and disk than it may take; bound eventTime, or group and sort less";
    SqlError::new(ErrorKind::OutOfMemory, message)
}

/// The column that an error says is not there.
pub(crate) fn missing_column(error: &DataFusionError) -> Option<&str> {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => missing_column(inner),
        DataFusionError::Shared(inner) => missing_column(inner),
        DataFusionError::Collection(errors) => missing_column(errors.first()?),
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } => Some(&field.name),
            _ => None,
        },
        _ => None,
    }
}

fn of_arrow(error: &ArrowError, kind: ErrorKind) -> SqlError {
    match error {
        ArrowError::DivideByZero => SqlError::new(kind, "division by zero"),
        ArrowError::ArithmeticOverflow(message) => SqlError::new(kind, format!("the number is too large: {message}")),
        ArrowError::CastError(message) | ArrowError::ComputeError(message) | ArrowError::ParseError(message) => {
            SqlError::new(kind, tidy(message))
        }
        ArrowError::InvalidArgumentError(message) => SqlError::new(kind, tidy(message)),
        ArrowError::ExternalError(inner) => match inner.downcast_ref::<DataFusionError>() {
            Some(inner) => root(inner, kind),
            None => SqlError::new(ErrorKind::Internal, inner.to_string()),
        },
        other => SqlError::new(ErrorKind::Internal, tidy(&other.to_string())),
    }
}

fn of_schema(error: &SchemaError) -> String {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let name = field.flat_name();
            let hint = match nearest(field, valid_fields) {
                Some(nearest) => format!("; did you mean {}?", nearest.name),
                None if valid_fields.is_empty() => "; there is no FROM".to_owned(),
                None => String::new(),
            };
            format!("there is no column {name}{hint}")
        }
        SchemaError::AmbiguousReference { field } => {
            format!("the column {} is in several tables; write the table before it", field.name)
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            format!("the name {name} is there twice; give one of them another name with AS")
        }
    }
}

fn nearest<'a>(field: &Column, valid: &'a [Column]) -> Option<&'a Column> {
    let distance = |column: &&Column| levenshtein(&column.name, &field.name);
    valid.iter().min_by_key(distance).filter(|column| distance(column) <= 3)
}

/// What a function of ours says about its arguments, inside the engine's message.
fn own_words(message: &str) -> Option<&str> {
    let (_, words) = message.split_once("user-defined coercion failed with: ")?;
    Some(words.split(" No function matches").next().unwrap_or(words).trim_end_matches(['.', ' ']))
}

/// The call in the engine's message about a function that takes other types.
fn unmatched_call(message: &str) -> Option<&str> {
    let (_, call) = message.split_once("No function matches the given name and argument types '")?;
    call.split_once('\'').map(|(call, _)| call)
}

/// An engine's message without what only its developers need.
fn tidy(message: &str) -> String {
    const NOISE: [&str; 8] = [
        "Error during planning: ",
        "Execution error: ",
        "This feature is not implemented: ",
        "Arrow error: ",
        "Cast error: ",
        "Parser error: ",
        "Optimizer rule 'simplify_expressions' failed",
        "type_coercion",
    ];
    let mut text = message.split("\n\nbacktrace:").next().unwrap_or(message).to_owned();
    for noise in NOISE {
        text = text.replace(noise, "");
    }
    text.trim().to_owned()
}
