//! What a query can see: the stores it may read, and the Lake's functions. There are no files, catalogues, settings or
//! variables to find.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::{
    catalog::TableProvider,
    common::{DataFusionError, Result, TableReference, config::ConfigOptions},
    datasource::provider_as_source,
    execution::session_state::SessionState,
    logical_expr::{
        AggregateUDF, Expr, HigherOrderUDF, LogicalPlan, LogicalPlanBuilder, ScalarUDF, TableProviderFilterPushDown,
        TableSource, WindowUDF, ident,
        planner::{ContextProvider, ExprPlanner, RelationPlanner, TypePlanner},
    },
};

use super::{access::Access, type_names::TypeNames, unnest::UnnestPlanner};
use crate::{
    catalogue::Catalogue,
    error::{ErrorKind, SqlError},
    schema::is_hidden,
    stores::Stores,
};

pub(super) struct Provider<'a> {
    catalogue: Arc<Catalogue>,
    stores: &'a Stores,
    hidden_names: &'a HashSet<String>,
    state: &'a SessionState,
    expr_planners: Vec<Arc<dyn ExprPlanner>>,
    relation_planners: Vec<Arc<dyn RelationPlanner>>,
}

impl<'a> Provider<'a> {
    pub(super) fn new(
        catalogue: Arc<Catalogue>,
        stores: &'a Stores,
        hidden_names: &'a HashSet<String>,
        state: &'a SessionState,
    ) -> Self {
        let mut expr_planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(Access::new(Arc::clone(&catalogue)))];
        expr_planners.extend(datafusion::execution::SessionStateDefaults::default_expr_planners());
        let relation_planners: Vec<Arc<dyn RelationPlanner>> =
            vec![Arc::new(UnnestPlanner::new(Arc::clone(&catalogue)))];
        Self { catalogue, stores, hidden_names, state, expr_planners, relation_planners }
    }
}

impl ContextProvider for Provider<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        let found = match &name {
            TableReference::Bare { table } => self.stores.find(table),
            TableReference::Partial { .. } | TableReference::Full { .. } => None,
        };
        match found {
            Some(store) => Ok(Arc::new(Visible::new(&name, store, self.hidden_names)?)),
            None => Err(DataFusionError::External(Box::new(SqlError::new(
                ErrorKind::StoreNotFound,
                format!("event data store {name} was not found, or you may not read it"),
            )))),
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expr_planners
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        &self.relation_planners
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(TypeNames))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.catalogue.scalar(name)
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.catalogue.higher_order(name)
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.catalogue.aggregate(name)
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.catalogue.window(name)
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.catalogue.names()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A store without the hidden columns that the query does not name. They stay in the scan below.
struct Visible {
    schema: SchemaRef,
    plan: LogicalPlan,
}

impl Visible {
    fn new(name: &TableReference, store: Arc<dyn TableProvider>, named: &HashSet<String>) -> Result<Self> {
        let is_visible = |name: &String| !is_hidden(name) || named.contains(name);
        let visible: Vec<_> =
            store.schema().fields().iter().filter(|field| is_visible(field.name())).cloned().collect();
        let columns: Vec<Expr> = visible.iter().map(|field| ident(field.name())).collect();
        let metadata = HashMap::new();
        let schema = Arc::new(Schema::new_with_metadata(visible, metadata));
        let plan =
            LogicalPlanBuilder::scan(name.clone(), provider_as_source(store), None)?.project(columns)?.build()?;
        Ok(Self { schema, plan })
    }
}

impl TableSource for Visible {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Unsupported; filters.len()])
    }

    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }
}
