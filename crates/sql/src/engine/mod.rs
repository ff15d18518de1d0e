//! Runs queries within limits.

mod answer;
mod bound;
mod cooperative;
pub(crate) mod failure;
mod limits;

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use datafusion::{
    common::{DataFusionError, tree_node::TreeNodeRecursion},
    execution::{
        SessionStateBuilder,
        disk_manager::DiskManagerBuilder,
        memory_pool::FairSpillPool,
        object_store::ObjectStoreUrl,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
        session_state::SessionState,
    },
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF},
    object_store::ObjectStore,
    optimizer::{Optimizer, OptimizerRule},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{ExecutionPlan, displayable, execute_stream},
    prelude::SessionConfig,
};
use keeptrail_clock::{Clock, after};

pub use self::{
    answer::{Answer, Column, Statistics, Texts, json_rows},
    bound::Canceller,
    limits::Limits,
};
use self::{bound::Bound, cooperative::CooperativeJoins};
use crate::{
    catalogue::Catalogue,
    error::{ErrorKind, SqlError},
    plan,
    rewrite::{Heading, Rewritten, rewrite},
    schema::EVENT_JSON,
    statement::{Parsed, parse, store_names},
    stores::Stores,
};

/// The stack of the thread that plans: parsing, rewriting and planning recurse as deep as a statement nests.
pub(crate) const STACK: usize = 64 << 20;

/// Rows of a batch. Events are wide: merging what was spilled holds a batch of each file in memory.
const BATCH_ROWS: usize = 2_048;

/// Rows of a batch where a query reads none of the wide columns.
const NARROW_BATCH_ROWS: usize = 8_192;

/// What is remembered of files, beside the memory of queries: a part of as much. A file of the Lake takes about 0.1 MiB. When
/// they are more than fit, a query over all of them reads the metadata of each anew.
const METADATA_SHARE: usize = 2;

/// Answers queries. Cheap to clone; all clones share memory and disk limits.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    catalogue: Arc<Catalogue>,
    runtime: Arc<RuntimeEnv>,
    limits: Limits,
    clock: Clock,
    optimizer_rules: Vec<Arc<dyn OptimizerRule + Send + Sync>>,
    physical_rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>,
}

/// What an [`Engine`] is made of.
pub struct EngineBuilder {
    limits: Limits,
    clock: Clock,
    functions: Vec<Arc<ScalarUDF>>,
    optimizer_rules: Vec<Arc<dyn OptimizerRule + Send + Sync>>,
    physical_rules: Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>,
    object_stores: Vec<(ObjectStoreUrl, Arc<dyn ObjectStore>)>,
    spill_directory: Option<PathBuf>,
}

impl EngineBuilder {
    /// The clock that `now()` shows and that time limits run by; the system's if none is given.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A function that rules put into plans. One whose name begins with `$` cannot be called by users.
    #[must_use]
    pub fn function(mut self, function: Arc<ScalarUDF>) -> Self {
        self.functions.push(function);
        self
    }

    /// A rule that runs before the engine's own: storage needs it to use its own columns before unused ones are taken
    /// out of scans.
    #[must_use]
    pub fn optimizer_rule(mut self, rule: Arc<dyn OptimizerRule + Send + Sync>) -> Self {
        self.optimizer_rules.push(rule);
        self
    }

    /// A rule on physical plans that runs after the engine's own.
    #[must_use]
    pub fn physical_optimizer_rule(mut self, rule: Arc<dyn PhysicalOptimizerRule + Send + Sync>) -> Self {
        self.physical_rules.push(rule);
        self
    }

    /// Where the files of stores lie. Statements cannot name it; only stores read from it.
    #[must_use]
    pub fn object_store(mut self, url: ObjectStoreUrl, store: Arc<dyn ObjectStore>) -> Self {
        self.object_stores.push((url, store));
        self
    }

    /// Where sorts and joins go that are larger than memory; the system's directory for temporary files if none is
    /// given.
    #[must_use]
    pub fn spill_directory(mut self, directory: PathBuf) -> Self {
        self.spill_directory = Some(directory);
        self
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// The directory for temporary files cannot be used.
    pub fn build(self) -> Result<Engine, SqlError> {
        let disk = DiskManagerBuilder::default().with_max_temp_directory_size(self.limits.spill_bytes);
        let mut runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(self.limits.memory_bytes)))
            .with_disk_manager_builder(disk)
            .with_metadata_cache_limit(self.limits.memory_bytes / METADATA_SHARE);
        if let Some(directory) = self.spill_directory {
            runtime = runtime.with_temp_file_path(directory);
        }
        let runtime = runtime.build_arc().map_err(failure::of_running)?;
        for (url, store) in self.object_stores {
            runtime.register_object_store(url.as_ref(), store);
        }
        Ok(Engine(Arc::new(Inner {
            catalogue: Arc::new(Catalogue::new(self.functions)),
            runtime,
            limits: self.limits,
            clock: self.clock,
            optimizer_rules: self.optimizer_rules,
            physical_rules: self.physical_rules,
        })))
    }
}

/// A statement that was found to be right and can be run.
pub struct Prepared {
    logical: LogicalPlan,
    state: SessionState,
    columns: Vec<Column>,
    bound: Arc<Bound>,
}

impl Prepared {
    /// The result's columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The same, to be cancelled by `canceller`; the first that is given counts.
    #[must_use]
    pub fn cancelled_by(self, canceller: &Canceller) -> Self {
        self.bound.end_by(canceller);
        self
    }
}

impl Engine {
    /// An engine with these limits.
    ///
    /// # Errors
    /// The directory for temporary files cannot be used.
    pub fn new(limits: Limits) -> Result<Self, SqlError> {
        Self::builder(limits).build()
    }

    /// Makes an engine with rules, functions and files of its own.
    pub fn builder(limits: Limits) -> EngineBuilder {
        EngineBuilder {
            limits,
            clock: Clock::system(),
            functions: Vec::new(),
            optimizer_rules: Vec::new(),
            physical_rules: Vec::new(),
            object_stores: Vec::new(),
            spill_directory: None,
        }
    }

    /// The functions that a statement may call, sorted, in lower case.
    pub fn functions(&self) -> Vec<String> {
        self.0.catalogue.names()
    }

    /// The tables that a statement names, each once, in lower case: the event data stores that it asks. Names that a WITH of
    /// the statement gives are none. What [`Engine::prepare`] finds beyond these names, it refuses.
    ///
    /// # Errors
    /// The statement cannot be read, with the place.
    pub async fn store_names(&self, statement: &str) -> Result<Vec<String>, SqlError> {
        let (inner, statement) = (Arc::clone(&self.0), statement.to_owned());
        on_large_stack(move || Ok(store_names(&inner.parse(&statement)?.query))).await?
    }

    /// Checks a statement and plans it, without reading a store's data.
    ///
    /// # Errors
    /// What is wrong with the statement, with its place.
    pub async fn prepare(&self, statement: &str, stores: &Stores) -> Result<Prepared, SqlError> {
        let (inner, statement, stores) = (Arc::clone(&self.0), statement.to_owned(), stores.clone());
        on_large_stack(move || inner.prepare(&statement, &stores)).await?
    }

    /// Runs a statement that was prepared. The answer's batches come as they are asked for; dropping it cancels the
    /// query.
    ///
    /// # Errors
    /// A store cannot be read, or the time is up.
    pub async fn run(&self, prepared: Prepared) -> Result<Answer, SqlError> {
        let deadline = after(self.0.clock.now(), self.0.limits.time);
        let Prepared { logical, state, columns, bound } = prepared;
        bound.begin(deadline);
        let context = state.task_ctx();
        let physical = tokio::select! {
            physical = physical(logical, state) => physical?,
            () = self.0.clock.sleep_until(deadline) => return Err(self.0.limits.time_is_up()),
        };
        let stream = execute_stream(Arc::clone(&physical), context).map_err(failure::of_running)?;
        Ok(Answer::new(columns, physical, stream, self.0.limits.clone(), self.0.clock.clone(), deadline, bound))
    }

    /// Prepares and runs a statement.
    ///
    /// # Errors
    /// As [`Engine::prepare`] and [`Engine::run`].
    pub async fn query(&self, statement: &str, stores: &Stores) -> Result<Answer, SqlError> {
        let prepared = self.prepare(statement, stores).await?;
        self.run(prepared).await
    }

    /// How a statement would be run: its optimised logical plan and its physical plan, as text for people.
    ///
    /// # Errors
    /// As [`Engine::prepare`].
    pub async fn explain(&self, statement: &str, stores: &Stores) -> Result<String, SqlError> {
        let Prepared { logical, state, .. } = self.prepare(statement, stores).await?;
        let text = logical.display_indent().to_string();
        let physical = physical(logical, state).await?;
        Ok(format!("{text}\n\n{}", displayable(physical.as_ref()).indent(false)))
    }
}

impl Inner {
    fn parse(&self, statement: &str) -> Result<Parsed, SqlError> {
        let most = self.limits.statement_chars;
        if statement.chars().count() > most {
            return Err(SqlError::invalid(format!("the statement is longer than {most} characters")));
        }
        parse(statement)
    }

    fn prepare(&self, statement: &str, stores: &Stores) -> Result<Prepared, SqlError> {
        let mut parsed = self.parse(statement)?;
        let rewritten = match rewrite(&mut parsed.query, &self.catalogue, self.clock.now()) {
            Ok(rewritten) => rewritten,
            Err(error) => return Err(parsed.locate(error)),
        };
        let Rewritten { headings, hidden_names } = rewritten;
        let (query, mut state) = (parsed.query.clone(), self.state());
        let logical =
            plan::plan(query, &self.catalogue, stores, &hidden_names, &state).map_err(|error| parsed.locate(error))?;
        let (columns, logical) = named(&headings, &hidden_names, logical)?;
        let logical = plan::optimize(&logical, &parsed.query, &state).map_err(|error| parsed.locate(error))?;
        if !reads_wide_columns(&logical)? {
            *state.config_mut() = state.config().clone().with_batch_size(NARROW_BATCH_ROWS);
        }
        let bound = Bound::new(self.clock.clone(), self.limits.clone());
        let logical = bound::bounded(logical, &bound).map_err(failure::of_planning)?;
        Ok(Prepared { logical, state, columns, bound })
    }

    fn state(&self) -> SessionState {
        let config =
            SessionConfig::new().with_target_partitions(self.limits.parallelism.max(1)).with_batch_size(BATCH_ROWS);
        let mut builder = SessionStateBuilder::new().with_config(config).with_runtime_env(Arc::clone(&self.runtime));
        let own = Optimizer::new().rules;
        builder = builder.with_optimizer_rules(self.optimizer_rules.iter().cloned().chain(own).collect());
        builder = builder.with_physical_optimizer_rule(Arc::new(CooperativeJoins));
        for rule in &self.physical_rules {
            builder = builder.with_physical_optimizer_rule(Arc::clone(rule));
        }
        builder.build()
    }
}

/// Whether a scan reads columns of structures, arrays and maps, or whole events.
fn reads_wide_columns(plan: &LogicalPlan) -> Result<bool, SqlError> {
    let mut wide = false;
    let visited = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let fields = scan.projected_schema.fields();
            wide |= fields.iter().any(|field| field.data_type().is_nested() || field.name() == EVENT_JSON);
        }
        Ok(if wide { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    visited.map(|_| wide).map_err(failure::of_planning)
}

/// Makes the physical plan, for which stores say what they would read.
async fn physical(logical: LogicalPlan, state: SessionState) -> Result<Arc<dyn ExecutionPlan>, SqlError> {
    let runtime = tokio::runtime::Handle::current();
    on_large_stack(move || {
        let planner = Arc::clone(state.query_planner());
        runtime.block_on(planner.create_physical_plan(&logical, &state))
    })
    .await?
    .map_err(failure::of_planning)
}

async fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SqlError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("sql-plan".to_owned()).stack_size(STACK);
    thread
        .spawn(move || drop(sender.send(work())))
        .map_err(|error| failure::of_running(DataFusionError::IoError(error)))?;
    receiver.await.map_err(|_| SqlError::new(ErrorKind::Internal, "planning the statement failed"))
}

/// The user's spelling where there is one, the plan's names where `*` stands. `*` gives no hidden column, not even one
/// that the query names elsewhere.
fn named(
    headings: &[Heading],
    hidden_names: &HashSet<String>,
    plan: LogicalPlan,
) -> Result<(Vec<Column>, LogicalPlan), SqlError> {
    let fields = plan.schema().fields().len();
    let spelled = headings.iter().filter(|heading| matches!(heading, Heading::Named(_))).count();
    let stars = headings.len() - spelled;
    let of_star = if stars == 1 { fields.saturating_sub(spelled) } else { 0 };
    let mut names = Vec::with_capacity(fields);
    for heading in headings {
        match heading {
            Heading::Named(name) => names.push(Some(name.clone())),
            Heading::All => names.extend(std::iter::repeat_n(None, of_star)),
        }
    }
    if stars > 1 || names.len() != fields {
        names = vec![None; fields];
    }
    let shown = plan
        .schema()
        .iter()
        .zip(names)
        .filter(|((_, field), name)| name.is_some() || !hidden_names.contains(field.name()));
    let (kept, columns): (Vec<_>, Vec<_>) = shown
        .map(|((relation, field), name)| (Expr::Column((relation, field).into()), Column::new(field, name)))
        .unzip();
    let plan = if kept.len() == fields {
        plan
    } else {
        let projected = LogicalPlanBuilder::from(plan).project(kept).and_then(LogicalPlanBuilder::build);
        projected.map_err(failure::of_planning)?
    };
    Ok((columns, plan))
}

#[cfg(test)]
mod tests {
    use datafusion::datasource::MemTable;

    use super::*;
    use crate::schema::lake_schema;

    #[tokio::test]
    async fn batches_are_large_where_rows_are_narrow() {
        let store = MemTable::try_new(lake_schema(), vec![Vec::new()]).unwrap();
        let (engine, stores) = (Engine::new(Limits::default()).unwrap(), Stores::every(Arc::new(store)));
        for (statement, rows) in [
            ("SELECT eventID, eventTime FROM events ORDER BY eventTime", NARROW_BATCH_ROWS),
            ("SELECT userIdentity.arn FROM events", BATCH_ROWS),
            (
                "SELECT eventID FROM events WHERE eventID IN (SELECT eventID FROM events WHERE eventJson LIKE '%x%')",
                BATCH_ROWS,
            ),
            ("SELECT * FROM events", BATCH_ROWS),
        ] {
            let prepared = engine.prepare(statement, &stores).await.unwrap();
            assert_eq!(prepared.state.config().batch_size(), rows, "{statement}");
        }
    }
}
