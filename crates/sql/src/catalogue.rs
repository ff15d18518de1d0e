//! The functions there are. A function of the engine is here only if it has Trino's meaning.

use std::{collections::HashMap, fmt, sync::Arc};

use datafusion::{
    common::{Result, internal_datafusion_err, utils::datafusion_strsim::levenshtein},
    functions, functions_aggregate, functions_nested, functions_window,
    logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF},
};

use crate::{functions as own, rewrite::calls::MADE_OF_OTHERS};

/// The functions by the names they are called by. Names that begin with `$` are for rewrites only.
pub(crate) struct Catalogue {
    scalars: HashMap<String, Arc<ScalarUDF>>,
    aggregates: HashMap<String, Arc<AggregateUDF>>,
    windows: HashMap<String, Arc<WindowUDF>>,
    higher_order: HashMap<String, Arc<HigherOrderUDF>>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").finish_non_exhaustive()
    }
}

impl Catalogue {
    /// All functions, and `more` of the caller's.
    pub(crate) fn new(more: Vec<Arc<ScalarUDF>>) -> Self {
        let own = own::all().into_iter().chain(more).map(|function| (function.name().to_owned(), function));
        let scalars = engine_scalars().into_iter().map(|(name, function)| (name.to_owned(), function)).chain(own);
        let higher_order = own::lambdas::table().into_iter().map(|(name, function)| (name.to_owned(), function));
        let windows = functions_window::all_default_window_functions();
        Self {
            scalars: scalars.collect(),
            aggregates: aggregates().into_iter().map(|(name, function)| (name.to_owned(), function)).collect(),
            windows: windows.into_iter().map(|function| (function.name().to_owned(), function)).collect(),
            higher_order: higher_order.collect(),
        }
    }

    pub(crate) fn scalar(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.scalars.get(name).cloned()
    }

    pub(crate) fn aggregate(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.aggregates.get(name).cloned()
    }

    pub(crate) fn window(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.windows.get(name).cloned()
    }

    pub(crate) fn higher_order(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.higher_order.get(name).cloned()
    }

    /// A function that a rewrite needs.
    pub(crate) fn internal(&self, name: &str) -> Result<Arc<ScalarUDF>> {
        self.scalar(name).ok_or_else(|| internal_datafusion_err!("there is no function {name}"))
    }

    /// Whether the user may call a function of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        !name.starts_with('$') && self.names().iter().any(|known| known == name)
    }

    /// The names that the user may call, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .scalars
            .keys()
            .chain(self.aggregates.keys())
            .chain(self.windows.keys())
            .chain(self.higher_order.keys())
            .filter(|name| !name.starts_with('$'))
            .cloned()
            .chain(MADE_OF_OTHERS.map(str::to_owned))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The name that a mistyped one was perhaps meant to be.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        let elsewhere = OTHER_NAMES.iter().find(|(other, _)| *other == name).map(|(_, ours)| (*ours).to_owned());
        elsewhere.or_else(|| {
            let distance = |known: &String| levenshtein(known, name);
            self.names().into_iter().min_by_key(distance).filter(|known| distance(known) <= 2)
        })
    }
}

/// What other engines call functions of ours.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("array_has", "contains"),
    ("array_length", "cardinality"),
    ("array_to_string", "array_join"),
    ("char_length", "length"),
    ("datediff", "date_diff"),
    ("dateadd", "date_add"),
    ("get_json_object", "json_extract_scalar"),
    ("ifnull", "coalesce"),
    ("instr", "strpos"),
    ("string_agg", "listagg"),
    ("to_char", "date_format"),
    ("to_timestamp", "from_iso8601_timestamp"),
];

fn engine_scalars() -> Vec<(&'static str, Arc<ScalarUDF>)> {
    vec![
        ("coalesce", functions::core::coalesce()),
        ("nullif", functions::core::nullif()),
        ("$greatest", functions::core::greatest()),
        ("$least", functions::core::least()),
        ("$row", functions::core::r#struct()),
        ("lower", functions::string::lower()),
        ("upper", functions::string::upper()),
        ("trim", functions::string::btrim()),
        ("btrim", functions::string::btrim()),
        ("ltrim", functions::string::ltrim()),
        ("rtrim", functions::string::rtrim()),
        ("starts_with", functions::string::starts_with()),
        ("concat_ws", functions::string::concat_ws()),
        ("levenshtein_distance", functions::string::levenshtein()),
        ("reverse", functions::unicode::reverse()),
        ("translate", functions::unicode::translate()),
        ("map", functions_nested::map::map_udf()),
        ("map_keys", functions_nested::map_keys::map_keys_udf()),
        ("map_values", functions_nested::map_values::map_values_udf()),
        ("map_entries", functions_nested::map_entries::map_entries_udf()),
        ("$array_sort", functions_nested::sort::array_sort_udf()),
        ("array_distinct", functions_nested::set_ops::array_distinct_udf()),
        ("array_union", functions_nested::set_ops::array_union_udf()),
        ("array_intersect", functions_nested::set_ops::array_intersect_udf()),
        ("array_except", functions_nested::except::array_except_udf()),
        ("array_join", functions_nested::string::array_to_string_udf()),
        ("array_remove", functions_nested::remove::array_remove_all_udf()),
        ("arrays_overlap", functions_nested::array_has::array_has_any_udf()),
        ("flatten", functions_nested::flatten::flatten_udf()),
        ("sequence", functions_nested::range::gen_series_udf()),
    ]
}

fn aggregates() -> Vec<(&'static str, Arc<AggregateUDF>)> {
    use functions_aggregate::{
        approx_distinct::approx_distinct_udaf, approx_percentile_cont::approx_percentile_cont_udaf,
        array_agg::array_agg_udaf, average::avg_udaf, bool_and_or, correlation::corr_udaf, count::count_udaf,
        covariance, first_last::first_value_udaf, grouping::grouping_udaf, min_max, regr, stddev,
        string_agg::string_agg_udaf, variance,
    };
    vec![
        ("count", count_udaf()),
        ("sum", own::sum::sum()),
        ("avg", avg_udaf()),
        ("min", min_max::min_udaf()),
        ("max", min_max::max_udaf()),
        ("array_agg", array_agg_udaf()),
        ("bool_and", bool_and_or::bool_and_udaf()),
        ("bool_or", bool_and_or::bool_or_udaf()),
        ("approx_distinct", approx_distinct_udaf()),
        ("$approx_percentile", approx_percentile_cont_udaf()),
        ("$first", first_value_udaf()),
        ("$string_agg", string_agg_udaf()),
        ("grouping", grouping_udaf()),
        ("corr", corr_udaf()),
        ("covar_pop", covariance::covar_pop_udaf()),
        ("covar_samp", covariance::covar_samp_udaf()),
        ("regr_intercept", regr::regr_intercept_udaf()),
        ("regr_slope", regr::regr_slope_udaf()),
        ("stddev", stddev::stddev_udaf()),
        ("stddev_samp", stddev::stddev_udaf()),
        ("stddev_pop", stddev::stddev_pop_udaf()),
        ("variance", variance::var_samp_udaf()),
        ("var_samp", variance::var_samp_udaf()),
        ("var_pop", variance::var_pop_udaf()),
    ]
}
