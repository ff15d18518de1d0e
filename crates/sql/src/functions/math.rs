//! Numbers. Integers stay integers where Trino keeps them.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Datum, Float64Array},
    compute::kernels::numeric,
    datatypes::{DataType, Field, FieldRef},
    error::ArrowError,
};
use datafusion::common::{Result, ScalarValue};

use super::function::{Function, Kind, Returns, argument, data_error, real, rows, truths, whole, whole_at, wholes};

pub(crate) fn table() -> Vec<Function> {
    const REAL: Returns = Returns::Type(&DataType::Float64);
    const TRUTH: Returns = Returns::Type(&DataType::Boolean);
    const SAME: Returns = Returns::Argument(0);
    const ONE: &[Kind] = &[Kind::Real];
    const NUMBER: &[Kind] = &[Kind::Number];
    vec![
        Function::new("abs", NUMBER, SAME, |arguments, _| match arguments.first().map(|a| a.data_type()) {
            Some(DataType::Int64) => checked(arguments, "abs", i64::checked_abs),
            _ => each(arguments, f64::abs),
        }),
        Function::new("sign", NUMBER, SAME, |arguments, _| match arguments.first().map(|a| a.data_type()) {
            Some(DataType::Int64) => checked(arguments, "sign", |value| Some(value.signum())),
            _ => each(arguments, |value| if value == 0.0 { 0.0 } else { value.signum() }),
        }),
        Function::new("ceil", NUMBER, SAME, |arguments, _| integral(arguments, f64::ceil)),
        Function::new("ceiling", NUMBER, SAME, |arguments, _| integral(arguments, f64::ceil)),
        Function::new("floor", NUMBER, SAME, |arguments, _| integral(arguments, f64::floor)),
        Function::new("truncate", NUMBER, SAME, |arguments, _| integral(arguments, f64::trunc)),
        Function::new("round", NUMBER, SAME, round).optional(&[Kind::Whole]),
        Function::new("mod", &[Kind::Number, Kind::Number], Returns::Of(modulo_field), modulo),
        Function::new("power", &[Kind::Real, Kind::Real], REAL, power),
        Function::new("pow", &[Kind::Real, Kind::Real], REAL, power),
        Function::new("sqrt", ONE, REAL, |arguments, _| each(arguments, f64::sqrt)),
        Function::new("cbrt", ONE, REAL, |arguments, _| each(arguments, f64::cbrt)),
        Function::new("exp", ONE, REAL, |arguments, _| each(arguments, f64::exp)),
        Function::new("ln", ONE, REAL, |arguments, _| each(arguments, f64::ln)),
        Function::new("log2", ONE, REAL, |arguments, _| each(arguments, f64::log2)),
        Function::new("log10", ONE, REAL, |arguments, _| each(arguments, f64::log10)),
        Function::new("log", &[Kind::Real, Kind::Real], REAL, |arguments, _| {
            both(arguments, |base, value| value.ln() / base.ln())
        }),
        Function::new("is_nan", ONE, TRUTH, |arguments, _| test(arguments, f64::is_nan)),
        Function::new("is_finite", ONE, TRUTH, |arguments, _| test(arguments, f64::is_finite)),
        Function::new("is_infinite", ONE, TRUTH, |arguments, _| test(arguments, f64::is_infinite)),
        Function::new("$add", &[Kind::Any, Kind::Any], SAME, |arguments, _| checked_pair(arguments, numeric::add)),
        Function::new("$subtract", &[Kind::Any, Kind::Any], SAME, |arguments, _| checked_pair(arguments, numeric::sub)),
        Function::new("$multiply", &[Kind::Any, Kind::Any], SAME, |arguments, _| checked_pair(arguments, numeric::mul)),
        Function::new("$round_to_bigint", ONE, Returns::Type(&DataType::Int64), to_whole),
    ]
}

fn each(arguments: &[ArrayRef], of: impl Fn(f64) -> f64) -> Result<ArrayRef> {
    Ok(Arc::new(real(arguments, 0)?.iter().map(|value| value.map(&of)).collect::<Float64Array>()))
}

fn both(arguments: &[ArrayRef], of: impl Fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let pairs = real(arguments, 0)?.iter().zip(real(arguments, 1)?);
    Ok(Arc::new(pairs.map(|(a, b)| Some(of(a?, b?))).collect::<Float64Array>()))
}

fn test(arguments: &[ArrayRef], of: impl Fn(f64) -> bool) -> Result<ArrayRef> {
    let values = real(arguments, 0)?;
    truths(values.len(), |row| Ok(values.is_valid(row).then(|| of(values.value(row)))))
}

fn checked(arguments: &[ArrayRef], name: &str, of: impl Fn(i64) -> Option<i64>) -> Result<ArrayRef> {
    let values = whole(arguments, 0)?;
    wholes(values.len(), |row| match whole_at(values, row).map(|value| (value, of(value))) {
        None => Ok(None),
        Some((_, Some(result))) => Ok(Some(result)),
        Some((value, None)) => data_error(format!("{name} of {value} is no bigint")),
    })
}

/// Integers as they are; others by `of`.
fn integral(arguments: &[ArrayRef], of: impl Fn(f64) -> f64) -> Result<ArrayRef> {
    match argument(arguments, 0)?.data_type() {
        DataType::Int64 => argument(arguments, 0).map(Arc::clone),
        _ => each(arguments, of),
    }
}

/// Half away from zero, to a number of decimals that may be negative.
fn round(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    if arguments.len() < 2 {
        return integral(arguments, f64::round);
    }
    let decimals = whole(arguments, 1)?;
    let scale = |row| {
        whole_at(decimals, row).map(|decimals| 10_f64.powi(i32::try_from(decimals.clamp(-308, 308)).unwrap_or(0)))
    };
    if result.data_type() == &DataType::Int64 {
        let values = whole(arguments, 0)?;
        return wholes(values.len(), |row| {
            let (Some(value), Some(decimals)) = (whole_at(values, row), whole_at(decimals, row)) else {
                return Ok(None);
            };
            Ok(Some(round_whole(value, decimals)))
        });
    }
    let values = real(arguments, 0)?;
    let rounded = values.iter().enumerate().map(|(row, value)| {
        let (value, scale) = (value?, scale(row)?);
        let scaled = value * scale;
        Some(if scaled.is_finite() { scaled.round() / scale } else { value })
    });
    Ok(Arc::new(rounded.collect::<Float64Array>()))
}

fn round_whole(value: i64, decimals: i64) -> i64 {
    let step = match u32::try_from(decimals.saturating_neg()) {
        Ok(digits @ 1..=18) => 10_i64.pow(digits),
        Ok(19..) => return 0,
        _ => return value,
    };
    let half = if value < 0 { -(step / 2) } else { step / 2 };
    value.saturating_add(half) / step * step
}

/// bigint of bigints, else double.
fn modulo_field(fields: &[FieldRef], _: &[Option<&ScalarValue>]) -> Result<FieldRef> {
    let whole = fields.iter().all(|field| field.data_type().is_integer());
    let data_type = if whole { DataType::Int64 } else { DataType::Float64 };
    Ok(Arc::new(Field::new("mod", data_type, true)))
}

fn modulo(arguments: &[ArrayRef], result: &FieldRef) -> Result<ArrayRef> {
    if result.data_type() == &DataType::Int64 {
        let (values, divisors) = (whole(arguments, 0)?, whole(arguments, 1)?);
        return wholes(rows(arguments), |row| match (whole_at(values, row), whole_at(divisors, row)) {
            (Some(_), Some(0)) => data_error("division by zero"),
            (Some(value), Some(divisor)) => Ok(Some(value.checked_rem(divisor).unwrap_or(0))),
            _ => Ok(None),
        });
    }
    let arguments = arguments
        .iter()
        .map(|argument| arrow::compute::cast(argument, &DataType::Float64))
        .collect::<Result<Vec<_>, _>>()?;
    both(&arguments, |value, divisor| value % divisor)
}

/// `+`, `-` and `*` of integers of one type, an error where the engine's operators wrap around.
fn checked_pair(
    arguments: &[ArrayRef],
    of: fn(&dyn Datum, &dyn Datum) -> Result<ArrayRef, ArrowError>,
) -> Result<ArrayRef> {
    Ok(of(argument(arguments, 0)?, argument(arguments, 1)?)?)
}

fn power(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    both(arguments, f64::powf)
}

/// `CAST(double AS bigint)`: rounded half away from zero, an error outside of bigint.
fn to_whole(arguments: &[ArrayRef], _: &FieldRef) -> Result<ArrayRef> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let values = real(arguments, 0)?;
    wholes(values.len(), |row| {
        if values.is_null(row) {
            return Ok(None);
        }
        let rounded = values.value(row).round();
        if (-LIMIT..LIMIT).contains(&rounded) {
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            return Ok(Some(rounded as i64));
        }
        data_error(format!("{} is no bigint", values.value(row)))
    })
}
