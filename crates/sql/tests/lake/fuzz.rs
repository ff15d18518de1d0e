//! Token soups: whatever is written, the engine answers or refuses. It does not panic, and does not call its own faults
//! the writer's.

use keeptrail_sql::ErrorKind;
use proptest::{prelude::*, sample::select};

use crate::fixture::{EDS, lake};

const WORDS: [&str; 62] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "UNION ALL",
    "EXCEPT",
    "WITH",
    "AS",
    "JOIN",
    "CROSS JOIN",
    "UNNEST",
    "ON",
    "USING",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "TRY_CAST",
    "varchar",
    "json",
    "array(",
    "map(",
    "row(",
    "LIKE",
    "ESCAPE",
    "IN",
    "BETWEEN",
    "AND",
    "OR",
    "NOT",
    "IS NULL",
    "EXISTS",
    "OVER",
    "DISTINCT",
    "LIMIT",
    "(",
    ")",
    ",",
    ".",
    "[",
    "]",
    "->",
    "*",
    "+",
    "-",
    "/",
    "||",
    "=",
    "'x'",
    "'",
    "\"",
    "1",
    "eventName",
    "requestParameters",
    "resources",
    "x",
    "transform",
    "INTERVAL '1' DAY",
];

fn soup() -> impl Strategy<Value = String> {
    let word =
        prop_oneof![8 => select(WORDS.as_slice()).prop_map(str::to_owned), 1 => Just(EDS.to_owned()), 1 => "\\PC{0,3}"];
    prop::collection::vec(word, 0..30).prop_map(|words| words.join(" "))
}

/// Statements that are nearly right: one of the expressions below in each place.
fn nearly() -> impl Strategy<Value = String> {
    let leaf = select(
        [
            "eventName",
            "requestParameters.secretId",
            "resources[1].arn",
            "eventTime",
            "1",
            "'2026-11-25'",
            "NULL",
            "readOnly",
            "2.5",
            "json_parse('[1]')",
            "resources",
            "now()",
        ]
        .as_slice(),
    )
    .prop_map(str::to_owned);
    let expression = leaf.prop_recursive(3, 12, 3, |inner| {
        let function = select(
            [
                "lower",
                "length",
                "date_trunc",
                "element_at",
                "json_extract",
                "coalesce",
                "if",
                "try",
                "concat",
                "max_by",
                "count_if",
                "cardinality",
                "map_agg",
                "listagg",
                "date_add",
                "row",
                "greatest",
                "regexp_replace",
                "split",
                "round",
            ]
            .as_slice(),
        );
        let operator = select(["+", "=", "<", "||", "AND", "LIKE", "/", "IS DISTINCT FROM"].as_slice());
        let target = select(
            [
                "varchar",
                "bigint",
                "json",
                "timestamp",
                "array(varchar)",
                "map(varchar, json)",
                "row(a bigint)",
                "varchar(2)",
                "date",
                "double",
            ]
            .as_slice(),
        );
        prop_oneof![
            (function, prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(function, arguments)| format!("{function}({})", arguments.join(", "))),
            (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            (inner.clone(), target).prop_map(|(value, target)| format!("cast({value} as {target})")),
            inner.clone().prop_map(|array| format!("transform({array}, x -> x)")),
            inner.prop_map(|value| format!("{value} IN (1, 'a')")),
        ]
    });
    (
        prop::collection::vec(expression.clone(), 1..3),
        proptest::option::of(expression.clone()),
        proptest::option::of(expression),
    )
        .prop_map(|(items, condition, key)| {
            let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
            let key = key.map(|key| format!(" ORDER BY {key}")).unwrap_or_default();
            format!("SELECT {} FROM {EDS}{condition}{key} LIMIT 3", items.join(", "))
        })
}

fn answers_or_refuses(statement: &str) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = runtime.block_on(async { lake().rows(statement).await });
    if let Err(error) = answered {
        prop_assert!(error.kind != ErrorKind::Internal, "{statement}\n{error:?}");
        prop_assert!(!error.message.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soups_are_answered_or_refused(statement in soup()) {
        answers_or_refuses(&statement)?;
    }

    #[test]
    fn statements_that_are_nearly_right_are_answered_or_refused(statement in nearly()) {
        answers_or_refuses(&statement)?;
    }
}
