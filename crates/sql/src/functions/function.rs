//! A scalar function as a row of a table: its name, what it takes, what it gives, and the Rust function behind it.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray},
    datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type, TimeUnit},
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err, internal_datafusion_err, plan_err},
    logical_expr::{
        ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    },
};

use crate::types;

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// varchar.
    Text,
    /// json, or varchar that holds JSON.
    Json,
    /// An integer; arrives as bigint.
    Whole,
    /// Any number; integers arrive as bigint, others as double.
    Number,
    /// Any number; arrives as double.
    Real,
    /// date or timestamp; a timestamp arrives in milliseconds.
    Time,
    /// An array.
    List,
    /// Anything.
    Any,
}

/// What a function gives.
#[derive(Clone, Copy)]
pub(crate) enum Returns {
    Type(&'static DataType),
    Json,
    /// The type of an argument.
    Argument(usize),
    /// What the arguments' types and constants make of it.
    Of(fn(&[FieldRef], &[Option<&ScalarValue>]) -> Result<FieldRef>),
}

/// How a function is run: on the arguments as arrays of equal length, towards the given type.
pub(crate) type Run = fn(&[ArrayRef], &FieldRef) -> Result<ArrayRef>;

/// A scalar function.
#[derive(Clone)]
pub(crate) struct Function {
    name: &'static str,
    required: &'static [Kind],
    optional: &'static [Kind],
    returns: Returns,
    run: Run,
    signature: Signature,
}

impl Function {
    pub(crate) fn new(name: &'static str, required: &'static [Kind], returns: Returns, run: Run) -> Self {
        let signature = if required.is_empty() {
            Signature::nullary(Volatility::Immutable)
        } else {
            Signature::user_defined(Volatility::Immutable)
        };
        Self { name, required, optional: &[], returns, run, signature }
    }

    pub(crate) fn optional(mut self, optional: &'static [Kind]) -> Self {
        self.optional = optional;
        self
    }

    pub(crate) fn udf(self) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::new_from_impl(self))
    }

    /// The name for messages.
    fn shown(&self) -> &str {
        self.name.trim_start_matches('$')
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.required.iter().chain(self.optional).copied()
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The type an argument of this kind arrives in, if it can be one.
fn coerced(kind: Kind, given: &DataType) -> Option<DataType> {
    let is_text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    match kind {
        Kind::Text | Kind::Json => is_text.then_some(DataType::Utf8),
        Kind::Whole => (given.is_integer() || given.is_null()).then_some(DataType::Int64),
        Kind::Number if given.is_integer() || given.is_null() => Some(DataType::Int64),
        Kind::Number => given.is_numeric().then_some(DataType::Float64),
        Kind::Real => (given.is_numeric() || given.is_null()).then_some(DataType::Float64),
        Kind::Time => match given {
            DataType::Timestamp(_, zone) => Some(DataType::Timestamp(TimeUnit::Millisecond, zone.clone())),
            DataType::Date32 => Some(DataType::Date32),
            DataType::Null => Some(crate::schema::TIMESTAMP),
            _ => None,
        },
        Kind::List => matches!(given, DataType::List(_)).then(|| given.clone()),
        Kind::Any => Some(given.clone()),
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "varchar",
        Kind::Json => "json or varchar",
        Kind::Whole => "bigint",
        Kind::Number | Kind::Real => "a number",
        Kind::Time => "date or timestamp",
        Kind::List => "an array",
        Kind::Any => "anything",
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Err(internal_datafusion_err!("{} gives its type by fields", self.name))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let (least, most) = (self.required.len(), self.required.len() + self.optional.len());
        if given.len() < least || given.len() > most {
            let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return plan_err!("{} takes {takes} arguments, not {}", self.shown(), given.len());
        }
        self.kinds()
            .zip(given)
            .enumerate()
            .map(|(place, (kind, given))| match coerced(kind, given) {
                Some(coerced) => Ok(coerced),
                None => plan_err!(
                    "{} takes {} as argument {}, not {}",
                    self.shown(),
                    kind_name(kind),
                    place + 1,
                    types::name(given)
                ),
            })
            .collect()
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        for (place, (kind, field)) in self.kinds().zip(args.arg_fields).enumerate() {
            if kind == Kind::Text && types::is_json(field) {
                return plan_err!(
                    "{} takes varchar as argument {}, not json: use json_extract_scalar, json_format or cast(… as varchar)",
                    self.shown(),
                    place + 1
                );
            }
        }
        match self.returns {
            Returns::Type(data_type) => Ok(Arc::new(Field::new(self.name, data_type.clone(), true))),
            Returns::Json => Ok(Arc::new(types::json_field(self.name))),
            Returns::Argument(place) => match args.arg_fields.get(place) {
                Some(field) => Ok(Arc::new(field.as_ref().clone().with_name(self.name).with_nullable(true))),
                None => plan_err!("{} takes more than {place} arguments", self.name),
            },
            Returns::Of(of) => of(args.arg_fields, args.scalar_arguments),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|argument| argument.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let result = (self.run)(&arrays, &args.return_field)?;
        if constant && result.len() == 1 {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// The argument at a place. A missing one is a fault of the function's own row in its table.
pub(crate) fn argument(arguments: &[ArrayRef], place: usize) -> Result<&ArrayRef> {
    arguments.get(place).ok_or_else(|| internal_datafusion_err!("there is no argument {place}"))
}

pub(crate) fn text(arguments: &[ArrayRef], place: usize) -> Result<&StringArray> {
    argument(arguments, place)?.as_string_opt::<i32>().ok_or_else(|| internal_datafusion_err!("expected varchar"))
}

pub(crate) fn whole(arguments: &[ArrayRef], place: usize) -> Result<&Int64Array> {
    let array = argument(arguments, place)?;
    array.as_primitive_opt::<Int64Type>().ok_or_else(|| internal_datafusion_err!("expected bigint"))
}

pub(crate) fn real(arguments: &[ArrayRef], place: usize) -> Result<&Float64Array> {
    let array = argument(arguments, place)?;
    array.as_primitive_opt::<Float64Type>().ok_or_else(|| internal_datafusion_err!("expected double"))
}

/// The text of a row.
pub(crate) fn text_at(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// The number of a row.
pub(crate) fn whole_at(array: &Int64Array, row: usize) -> Option<i64> {
    array.is_valid(row).then(|| array.value(row))
}

/// One text for each row.
pub(crate) fn texts<T: AsRef<str>>(rows: usize, value: impl FnMut(usize) -> Result<Option<T>>) -> Result<ArrayRef> {
    let values = (0..rows).map(value).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(values.into_iter().collect::<StringArray>()))
}

/// One bigint for each row.
pub(crate) fn wholes(rows: usize, value: impl FnMut(usize) -> Result<Option<i64>>) -> Result<ArrayRef> {
    Ok(Arc::new((0..rows).map(value).collect::<Result<Int64Array>>()?))
}

/// One truth value for each row.
pub(crate) fn truths(rows: usize, value: impl FnMut(usize) -> Result<Option<bool>>) -> Result<ArrayRef> {
    Ok(Arc::new((0..rows).map(value).collect::<Result<BooleanArray>>()?))
}

/// The length of all arguments.
pub(crate) fn rows(arguments: &[ArrayRef]) -> usize {
    arguments.first().map_or(1, |array| array.len())
}

/// An error about a value.
pub(crate) fn data_error<T>(message: impl std::fmt::Display) -> Result<T> {
    Err(exec_datafusion_err!("{message}"))
}

/// A constant argument that must be known when the query is planned.
pub(crate) fn constant_text<'a>(scalars: &[Option<&'a ScalarValue>], place: usize) -> Option<&'a str> {
    match scalars.get(place)? {
        Some(
            ScalarValue::Utf8(Some(text)) | ScalarValue::LargeUtf8(Some(text)) | ScalarValue::Utf8View(Some(text)),
        ) => Some(text),
        _ => None,
    }
}
