//! Ends joins whose condition lets hardly any pair pass: they look at pairs for hours without giving a batch, and between
//! batches alone would not see that the time is up.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use arrow::datatypes::DataType;
use datafusion::{
    common::{DataFusionError, Result, internal_datafusion_err, tree_node::Transformed},
    logical_expr::{
        ColumnarValue, Expr, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        expr::ScalarFunction,
    },
};
use keeptrail_clock::{Clock, Timestamp};

use super::Limits;
use crate::error::SqlError;

/// How long a query may go on.
pub(super) struct Bound {
    clock: Clock,
    limits: Limits,
    deadline: OnceLock<Timestamp>,
    dropped: AtomicBool,
}

impl Bound {
    pub(super) fn new(clock: Clock, limits: Limits) -> Arc<Self> {
        Arc::new(Self { clock, limits, deadline: OnceLock::new(), dropped: AtomicBool::new(false) })
    }

    /// The query runs, until `deadline`.
    pub(super) fn begin(&self, deadline: Timestamp) {
        self.deadline.get_or_init(|| deadline);
    }

    /// Nobody waits for the answer any more.
    pub(super) fn end(&self) {
        self.dropped.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), SqlError> {
        if self.dropped.load(Ordering::Relaxed) {
            return Err(SqlError::cancelled());
        }
        match self.deadline.get() {
            Some(deadline) if self.clock.now() >= *deadline => Err(self.limits.time_is_up()),
            _ => Ok(()),
        }
    }
}

/// The plan with its joins' conditions asking `bound` whether to go on.
pub(super) fn bounded(plan: LogicalPlan, bound: &Arc<Bound>) -> Result<LogicalPlan> {
    let within = Arc::new(ScalarUDF::new_from_impl(Within {
        bound: Arc::clone(bound),
        signature: Signature::any(1, Volatility::Volatile),
    }));
    let bounded = plan.transform_up_with_subqueries(|plan| match plan {
        LogicalPlan::Join(mut join) => {
            let Some(filter) = join.filter.take() else { return Ok(Transformed::no(LogicalPlan::Join(join))) };
            join.filter = Some(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(&within), vec![filter])));
            Ok(Transformed::yes(LogicalPlan::Join(join)))
        }
        plan => Ok(Transformed::no(plan)),
    });
    bounded.map(|bounded| bounded.data)
}

/// Gives its argument, as long as the query may go on.
struct Within {
    bound: Arc<Bound>,
    signature: Signature,
}

impl ScalarUDFImpl for Within {
    /// Users' names have no `$`.
    fn name(&self) -> &'static str {
        "$within"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        arguments.first().cloned().ok_or_else(|| internal_datafusion_err!("$within takes a condition"))
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.bound.check().map_err(|error| DataFusionError::External(Box::new(error)))?;
        arguments.args.pop().ok_or_else(|| internal_datafusion_err!("$within takes a condition"))
    }
}

impl PartialEq for Within {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.bound, &other.bound)
    }
}

impl Eq for Within {}

impl Hash for Within {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.bound).hash(state);
    }
}

impl fmt::Debug for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within").finish_non_exhaustive()
    }
}
