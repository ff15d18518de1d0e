//! The tables that a query names.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::sqlparser::ast::{ObjectName, ObjectNamePart, Query, Visit, Visitor};

/// The tables that a query names and no WITH of it gives: each once, in lower case.
pub(crate) fn store_names(query: &Query) -> Vec<String> {
    let mut names = Names::default();
    let ControlFlow::Continue(()) = query.visit(&mut names);
    names.tables.difference(&names.given).cloned().collect()
}

#[derive(Default)]
struct Names {
    tables: BTreeSet<String>,
    /// Names of WITH, wherever it stands: a store of that name outside of its reach is not found when the query is planned.
    given: BTreeSet<String>,
}

impl Visitor for Names {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        self.given.extend(with.map(|table| table.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Self::Break> {
        let parts = relation.0.iter().filter_map(ObjectNamePart::as_ident).map(|part| part.value.to_lowercase());
        self.tables.insert(parts.collect::<Vec<_>>().join("."));
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::parse;

    #[test]
    fn every_table_is_named_once_wherever_it_stands() {
        let id = "0B2E9A1C-1111-4222-8333-abcdefabcdef";
        for (statement, names) in [
            (format!("SELECT 1 FROM {id}"), vec!["0b2e9a1c-1111-4222-8333-abcdefabcdef"]),
            ("SELECT 1 FROM a, B JOIN c ON true WHERE x IN (SELECT y FROM d)".to_owned(), vec!["a", "b", "c", "d"]),
            ("SELECT 1 FROM a UNION ALL SELECT 2 FROM A".to_owned(), vec!["a"]),
            ("WITH w AS (SELECT 1 FROM a) SELECT (SELECT max(x) FROM b) FROM W".to_owned(), vec!["a", "b"]),
            ("SELECT 1 FROM other.a CROSS JOIN UNNEST(b) AS t (c)".to_owned(), vec!["other.a"]),
            ("SELECT 1 FROM f(2)".to_owned(), vec!["f"]),
            ("SELECT 1".to_owned(), vec![]),
        ] {
            assert_eq!(store_names(&parse(&statement).unwrap().query), names, "{statement}");
        }
    }
}
