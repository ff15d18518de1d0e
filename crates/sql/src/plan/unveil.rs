//! Hidden columns come back under a planned query. While it was planned nobody could name them, and `*` did not give
//! them; from here on optimizer rules find them at every node up to the first projection.

use datafusion::{
    common::{Result, tree_node::Transformed},
    logical_expr::{LogicalPlan, Projection},
};

use crate::schema::is_hidden;

pub(super) fn apply(plan: LogicalPlan) -> Result<LogicalPlan> {
    let unveiled = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Projection(Projection { input, .. }) if hides_columns(&input) => {
            Ok(Transformed::yes(input.as_ref().clone()))
        }
        node => node.recompute_schema().map(Transformed::yes),
    })?;
    Ok(unveiled.data)
}

/// Whether this is the scan of a store with hidden columns: only [`super::provider::Visible`] projects right above it
/// without an alias between.
fn hides_columns(input: &LogicalPlan) -> bool {
    matches!(input, LogicalPlan::TableScan(scan)
        if scan.projected_schema.fields().iter().any(|field| is_hidden(field.name())))
}
