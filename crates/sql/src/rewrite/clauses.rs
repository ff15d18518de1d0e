//! The clauses of a query that the Lake carries out. The structures are taken apart field by field, so that a clause
//! that a later parser knows does not slip through.

use datafusion::sql::sqlparser::ast::{
    Cte, Distinct, Fetch, GroupByExpr, JoinConstraint, JoinOperator, LimitClause, Offset, OffsetRows, OrderByKind,
    Query, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier,
    TableAlias, TableFactor, TableWithJoins, Values, WildcardAdditionalOptions, With,
};

use super::{names, placed};
use crate::error::SqlError;

fn refuse_if(unsupported: bool, what: &str) -> Result<(), SqlError> {
    if unsupported { Err(SqlError::unsupported(format!("{what} is not supported"))) } else { Ok(()) }
}

/// Checks a query's own clauses, and turns FETCH FIRST into LIMIT.
pub(super) fn query(query: &mut Query) -> Result<(), SqlError> {
    let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } =
        query;
    refuse_if(!locks.is_empty() || for_clause.is_some(), "FOR")?;
    refuse_if(settings.is_some(), "SETTINGS")?;
    refuse_if(format_clause.is_some(), "FORMAT")?;
    refuse_if(!pipe_operators.is_empty(), "|>")?;
    if let Some(order_by) = order_by {
        refuse_if(matches!(order_by.kind, OrderByKind::All(_)), "ORDER BY ALL")?;
        refuse_if(order_by.interpolate.is_some(), "INTERPOLATE")?;
        if let OrderByKind::Expressions(keys) = &order_by.kind {
            refuse_if(keys.iter().any(|key| key.with_fill.is_some()), "WITH FILL")?;
        }
    }
    if let Some(With { recursive, cte_tables, .. }) = with {
        refuse_if(*recursive, "WITH RECURSIVE")?;
        for Cte { alias, from, materialized, .. } in cte_tables {
            refuse_if(from.is_some() || materialized.is_some(), "MATERIALIZED")?;
            table_alias(alias)?;
        }
    }
    limit(limit_clause, fetch)?;
    set_expression(body, 1)
}

fn limit(clause: &mut Option<LimitClause>, fetch: &mut Option<Fetch>) -> Result<(), SqlError> {
    match clause {
        Some(LimitClause::OffsetCommaLimit { .. }) => {
            return Err(SqlError::unsupported("LIMIT a, b is not supported; write OFFSET a LIMIT b"));
        }
        Some(LimitClause::LimitOffset { limit_by, .. }) => refuse_if(!limit_by.is_empty(), "LIMIT … BY")?,
        None => {}
    }
    let Some(Fetch { with_ties, percent, quantity }) = fetch.take() else { return Ok(()) };
    refuse_if(with_ties, "FETCH … WITH TIES")?;
    refuse_if(percent, "FETCH … PERCENT")?;
    let quantity = quantity.unwrap_or_else(|| super::build::number(1));
    match clause {
        Some(LimitClause::LimitOffset { limit: limit @ None, .. }) => *limit = Some(quantity),
        Some(_) => return Err(SqlError::invalid("a query has one of LIMIT and FETCH FIRST")),
        None => {
            let offset = None::<Offset>;
            *clause = Some(LimitClause::LimitOffset { limit: Some(quantity), offset, limit_by: Vec::new() });
        }
    }
    if let Some(LimitClause::LimitOffset { offset: Some(Offset { rows, .. }), .. }) = clause {
        *rows = OffsetRows::None;
    }
    Ok(())
}

fn set_expression(body: &mut SetExpr, depth: usize) -> Result<(), SqlError> {
    if depth > super::DEPTH {
        return Err(SqlError::unsupported(format!("more than {} UNIONs in a row are not supported", super::DEPTH)));
    }
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) => Ok(()),
        SetExpr::SetOperation { left, op, set_quantifier, right } => {
            refuse_if(matches!(op, SetOperator::Minus), "MINUS (EXCEPT is the standard's word, and it)")?;
            let by_name = matches!(
                set_quantifier,
                SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName
            );
            refuse_if(by_name, "BY NAME")?;
            set_expression(left, depth + 1)?;
            set_expression(right, depth + 1)
        }
        SetExpr::Values(Values { explicit_row, value_keyword, .. }) => {
            refuse_if(*value_keyword, "VALUE (VALUES is the standard's word, and it)")?;
            *explicit_row = false;
            Ok(())
        }
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            Err(SqlError::unsupported("only SELECT statements are carried out"))
        }
        SetExpr::Table(_) => Err(SqlError::unsupported("TABLE x is not supported; write SELECT * FROM x")),
    }
}

/// Checks a SELECT's clauses.
pub(super) fn select(select: &mut Select) -> Result<(), SqlError> {
    let Select {
        select_token: _,
        optimizer_hints,
        distinct,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection,
        exclude,
        into,
        from,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by,
        cluster_by,
        distribute_by,
        sort_by,
        having: _,
        named_window: _,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    refuse_if(!optimizer_hints.is_empty(), "a hint")?;
    refuse_if(matches!(distinct, Some(Distinct::On(_))), "DISTINCT ON")?;
    refuse_if(select_modifiers.is_some() || value_table_mode.is_some(), "this form of SELECT")?;
    refuse_if(top.is_some(), "TOP (LIMIT is the standard's word, and it)")?;
    refuse_if(exclude.is_some(), "EXCLUDE")?;
    refuse_if(into.is_some(), "SELECT INTO")?;
    refuse_if(!lateral_views.is_empty(), "LATERAL VIEW (CROSS JOIN UNNEST does the same, and it)")?;
    refuse_if(prewhere.is_some(), "PREWHERE")?;
    refuse_if(!connect_by.is_empty(), "CONNECT BY")?;
    refuse_if(!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "this BY clause")?;
    refuse_if(qualify.is_some(), "QUALIFY")?;
    refuse_if(!matches!(flavor, SelectFlavor::Standard), "FROM before SELECT")?;
    match group_by {
        GroupByExpr::All(_) => return Err(SqlError::unsupported("GROUP BY ALL is not supported")),
        GroupByExpr::Expressions(_, modifiers) => refuse_if(!modifiers.is_empty(), "GROUP BY … WITH")?,
    }
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. } => {}
            SelectItem::ExprWithAliases { .. } => return Err(SqlError::unsupported("several names for a column")),
            SelectItem::Wildcard(options) => wildcard(options)?,
            SelectItem::QualifiedWildcard(kind, options) => {
                wildcard(options)?;
                match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => names::lower_object(name),
                    SelectItemQualifiedWildcardKind::Expr(_) => {
                        return Err(SqlError::unsupported("expanding a row with .* is not supported; name its fields"));
                    }
                }
            }
        }
    }
    from.iter_mut().try_for_each(joins)
}

fn wildcard(options: &WildcardAdditionalOptions) -> Result<(), SqlError> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let any = opt_ilike.is_some()
        || opt_exclude.is_some()
        || opt_except.is_some()
        || opt_replace.is_some()
        || opt_rename.is_some()
        || opt_alias.is_some();
    refuse_if(any, "what follows *")
}

fn joins(table: &mut TableWithJoins) -> Result<(), SqlError> {
    for join in &mut table.joins {
        refuse_if(join.global, "GLOBAL JOIN")?;
        let constraint = match &mut join.join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::CrossJoin(constraint) => constraint,
            other => {
                let error = SqlError::unsupported(format!("this join is not supported: {other:?}"));
                return Err(placed(error, &join.relation));
            }
        };
        match constraint {
            JoinConstraint::Natural => return Err(SqlError::unsupported("NATURAL JOIN is not supported; use USING")),
            JoinConstraint::Using(columns) => columns.iter_mut().for_each(names::lower_object),
            JoinConstraint::On(_) | JoinConstraint::None => {}
        }
    }
    Ok(())
}

/// Checks what stands in FROM.
pub(super) fn table_factor(factor: &mut TableFactor) -> Result<(), SqlError> {
    let refused = match factor {
        TableFactor::Table {
            name,
            alias,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } => {
            if args.is_some() {
                let error = SqlError::unsupported(format!("there is no table function {name}"));
                return Err(placed(error, name));
            }
            refuse_if(sample.is_some(), "TABLESAMPLE")?;
            refuse_if(version.is_some(), "FOR VERSION")?;
            let other = !with_hints.is_empty()
                || *with_ordinality
                || !partitions.is_empty()
                || json_path.is_some()
                || !index_hints.is_empty();
            refuse_if(other, "what follows the event data store")?;
            return alias.as_mut().map_or(Ok(()), table_alias);
        }
        TableFactor::Derived { lateral, subquery: _, alias, sample } => {
            refuse_if(*lateral, "LATERAL")?;
            refuse_if(sample.is_some(), "TABLESAMPLE")?;
            return alias.as_mut().map_or(Ok(()), table_alias);
        }
        TableFactor::UNNEST { alias, with_offset, .. } => {
            refuse_if(*with_offset, "WITH OFFSET (WITH ORDINALITY is the standard's word, and it)")?;
            return alias.as_mut().map_or(Ok(()), table_alias);
        }
        TableFactor::NestedJoin { table_with_joins, alias } => {
            refuse_if(alias.is_some(), "a name for a join")?;
            return joins(table_with_joins);
        }
        TableFactor::TableFunction { .. } | TableFactor::Function { .. } => "a table function",
        TableFactor::Pivot { .. } | TableFactor::Unpivot { .. } => "PIVOT",
        TableFactor::MatchRecognize { .. } => "MATCH_RECOGNIZE",
        TableFactor::JsonTable { .. } | TableFactor::OpenJsonTable { .. } => "JSON_TABLE",
        _ => "what stands in FROM",
    };
    let error = SqlError::unsupported(format!("{refused} is not supported"));
    Err(placed(error, factor))
}

fn table_alias(alias: &mut TableAlias) -> Result<(), SqlError> {
    refuse_if(alias.at.is_some(), "AT after a table's name")?;
    names::lower(&mut alias.name);
    for column in &mut alias.columns {
        refuse_if(column.data_type.is_some(), "a type after a column's name")?;
        names::lower(&mut column.name);
    }
    Ok(())
}
