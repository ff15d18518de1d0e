//! Expressions that a search column answers exactly are answered by it: a column of its own has statistics, bloom filters
//! and a place in the files' order; a key of a map or a member of a structure has none.

use datafusion::{
    common::{
        Column, DFSchema, Result, ScalarValue,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr, LogicalPlan, expr_rewriter::NamePreserver},
    optimizer::{Optimizer, OptimizerConfig, OptimizerRule},
};
use keeptrail_sql::functions::map_get::as_map_get;

use crate::layout::{ACCESS_KEY, ROLE_ARN, SECRET_ID, USER_ARN, USER_NAME};

/// What each search column is equal to: members of a structure.
const MEMBERS: [(&[&str], &str); 4] = [
    (&["useridentity", "arn"], USER_ARN),
    (&["useridentity", "username"], USER_NAME),
    (&["useridentity", "sessioncontext", "sessionissuer", "arn"], ROLE_ARN),
    (&["useridentity", "accesskeyid"], ACCESS_KEY),
];

/// The rule. It has to come before the rules that take unused columns out of a scan: see [`SearchColumns::first`].
#[derive(Debug, Default, Clone, Copy)]
pub struct SearchColumns;

impl SearchColumns {
    /// DataFusion's rules with this one before them.
    #[must_use]
    pub fn first() -> Vec<std::sync::Arc<dyn OptimizerRule + Send + Sync>> {
        let mut rules = Optimizer::new().rules;
        rules.insert(0, std::sync::Arc::new(Self));
        rules
    }
}

impl OptimizerRule for SearchColumns {
    fn name(&self) -> &'static str {
        "lake_search_columns"
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        plan.transform_up_with_subqueries(rewrite_node)
    }
}

fn rewrite_node(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let inputs: Vec<_> = match &plan {
        LogicalPlan::TableScan(scan) => {
            vec![DFSchema::try_from_qualified_schema(scan.table_name.clone(), &scan.source.schema())?]
        }
        other => {
            let inputs = other.inputs().into_iter().filter(|input| is_unaltered(input));
            inputs.map(|input| input.schema().as_ref().clone()).collect()
        }
    };
    if !inputs.iter().any(has_search_columns) {
        return Ok(Transformed::no(plan));
    }
    let names = NamePreserver::new(&plan);
    let rewritten = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let rewritten = expr.transform_down(|expr| {
            Ok(match answer(&expr, &inputs) {
                Some(column) => Transformed::new(Expr::Column(column), true, TreeNodeRecursion::Jump),
                None => Transformed::no(expr),
            })
        })?;
        Ok(rewritten.update_data(|expr| name.restore(expr)))
    })?;
    if rewritten.transformed { rewritten.map_data(LogicalPlan::recompute_schema) } else { Ok(rewritten) }
}

/// Whether the columns of `plan` are those of its tables: a projection may have made another `useridentity`.
fn is_unaltered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Join(_) => plan.inputs().into_iter().all(is_unaltered),
        _ => false,
    }
}

fn has_search_columns(schema: &DFSchema) -> bool {
    schema
        .fields()
        .iter()
        .any(|field| field.name() == SECRET_ID || MEMBERS.iter().any(|(_, name)| field.name() == name))
}

/// The search column that is equal to `expr`, if one of the `inputs` has it.
fn answer(expr: &Expr, inputs: &[DFSchema]) -> Option<Column> {
    let (base, name) = match as_map_get(expr) {
        Some((Expr::Column(base), "secretId")) if base.name == "requestparameters" => (base, SECRET_ID),
        Some(_) => return None,
        None => {
            let mut path = Vec::new();
            let base = member_path(expr, &mut path)?;
            let full = std::iter::once(base.name.as_str()).chain(path.iter().map(String::as_str));
            let (_, name) = MEMBERS.iter().find(|(members, _)| full.clone().eq(members.iter().copied()))?;
            (base, *name)
        }
    };
    let column = Column::new(base.relation.clone(), name);
    inputs.iter().any(|input| input.has_column(&column) && input.has_column(base)).then_some(column)
}

/// The column and the members of `get_field(get_field(column, 'a'), 'b')`, or of the same with several members at once.
fn member_path<'a>(expr: &'a Expr, path: &mut Vec<String>) -> Option<&'a Column> {
    let Expr::ScalarFunction(call) = expr else { return None };
    if call.func.name() != "get_field" {
        return None;
    }
    let (base, members) = call.args.split_first()?;
    let column = match base {
        Expr::Column(column) => column,
        inner => member_path(inner, path)?,
    };
    for member in members {
        let Expr::Literal(ScalarValue::Utf8(Some(name)) | ScalarValue::Utf8View(Some(name)), _) = member else {
            return None;
        };
        path.push(name.clone());
    }
    Some(column)
}
