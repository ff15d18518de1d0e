//! Dots and subscripts by the type they are on; operators by the types they are between.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::{
    common::{DFSchema, Result, ScalarValue, plan_err},
    functions::core::expr_ext::FieldAccessor,
    logical_expr::{
        Expr, ExprSchemable, GetFieldAccess,
        expr::ScalarFunction,
        lit,
        planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr},
    },
};

use super::compare;
use crate::{catalogue::Catalogue, functions::map_get::map_get, types};

#[derive(Debug)]
pub(super) struct Access {
    catalogue: Arc<Catalogue>,
}

impl Access {
    pub(super) fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue }
    }
}

impl ExprPlanner for Access {
    fn plan_field_access(
        &self,
        access: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let RawFieldAccessExpr { field_access, expr } = access;
        let (_, on) = expr.to_field(schema)?;
        let planned = match (field_access, on.data_type()) {
            (GetFieldAccess::NamedStructField { name }, DataType::Map(_, _)) => map_get(expr, lit(name)),
            (GetFieldAccess::ListIndex { key }, DataType::Map(_, _)) => map_get(expr, *key),
            (GetFieldAccess::NamedStructField { name }, DataType::Struct(fields)) => {
                let asked = text(&name);
                match fields.iter().find(|field| field.name().eq_ignore_ascii_case(&asked)) {
                    Some(field) => expr.field(field.name().as_str()),
                    None => {
                        let known: Vec<_> = fields.iter().map(|field| field.name().as_str()).collect();
                        return plan_err!("{expr} has no field {asked}; it has {}", known.join(", "));
                    }
                }
            }
            (GetFieldAccess::ListIndex { key }, DataType::List(_)) => {
                let subscript = self.catalogue.internal("$subscript")?;
                Expr::ScalarFunction(ScalarFunction::new_udf(subscript, vec![expr, *key]))
            }
            (GetFieldAccess::NamedStructField { name }, DataType::List(_)) => {
                return plan_err!(
                    "{expr} is an array and has no field {}; take an element first, as in {expr}[1].{}",
                    text(&name),
                    text(&name)
                );
            }
            (GetFieldAccess::NamedStructField { name }, _) if types::is_json(&on) => {
                return plan_err!(
                    "{expr} is json and has no field {}; write json_extract_scalar(…, '$.{}')",
                    text(&name),
                    text(&name)
                );
            }
            (GetFieldAccess::NamedStructField { name }, other) => {
                return plan_err!("{expr} is {} and has no field {}", types::name(other), text(&name));
            }
            (_, other) => return plan_err!("{expr} is {} and takes no such subscript", types::name(other)),
        };
        Ok(PlannerResult::Planned(planned))
    }

    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        compare::operator(&self.catalogue, expr, schema).map(PlannerResult::Original)
    }
}

fn text(name: &ScalarValue) -> String {
    match name {
        ScalarValue::Utf8(Some(name)) => name.clone(),
        other => other.to_string(),
    }
}
