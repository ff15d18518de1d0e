//! Types in the syntax tree. Those of casts arrive as one quoted word.

use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::{
    common::{DataFusionError, Result},
    logical_expr::planner::TypePlanner,
    sql::sqlparser::ast::{DataType, ObjectNamePart},
};

use crate::types;

#[derive(Debug)]
pub(super) struct TypeNames;

impl TypePlanner for TypeNames {
    fn plan_type_field(&self, sql_type: &DataType) -> Result<Option<FieldRef>> {
        let text = match sql_type {
            DataType::Custom(name, modifiers) if modifiers.is_empty() => match name.0.as_slice() {
                [ObjectNamePart::Identifier(ident)] => ident.value.clone(),
                _ => sql_type.to_string(),
            },
            other => other.to_string(),
        };
        match types::parse(&text) {
            Ok(field) => Ok(Some(Arc::new(field))),
            Err(error) => Err(DataFusionError::External(Box::new(error))),
        }
    }
}
