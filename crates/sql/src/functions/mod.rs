//! Trino's functions. Each family is a table of `function::Function`; what DataFusion has with Trino's meaning is taken
//! from there by `catalogue`.

pub(crate) mod collections;
pub(crate) mod function;
pub(crate) mod json;
pub(crate) mod lambdas;
pub mod map_get;
pub(crate) mod math;
pub(crate) mod regexp;
pub(crate) mod sum;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod url;

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;

/// All functions of our own.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let families = [
        collections::table(),
        json::table(),
        math::table(),
        regexp::table(),
        text::table(),
        time::table(),
        url::table(),
    ];
    families.into_iter().flatten().map(function::Function::udf).chain([map_get::map_get_udf()]).collect()
}
