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

/// Cancels the queries that it was given to.
///
/// Dropping an [`Answer`](super::Answer) cancels its query too, but the task that holds it may be the one that is at work.
#[derive(Clone, Default)]
pub struct Canceller(Arc<AtomicBool>);

impl Canceller {
    /// Cancels them.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How long a query may go on.
pub(super) struct Bound {
    clock: Clock,
    limits: Limits,
    deadline: OnceLock<Timestamp>,
    dropped: Canceller,
    canceller: OnceLock<Canceller>,
}

impl Bound {
    pub(super) fn new(clock: Clock, limits: Limits) -> Arc<Self> {
        let (dropped, canceller) = (Canceller::default(), OnceLock::new());
        Arc::new(Self { clock, limits, deadline: OnceLock::new(), dropped, canceller })
    }

    /// The query runs, until `deadline`.
    pub(super) fn begin(&self, deadline: Timestamp) {
        self.deadline.get_or_init(|| deadline);
    }

    /// The query ends when it is cancelled so.
    pub(super) fn end_by(&self, canceller: &Canceller) {
        self.canceller.get_or_init(|| canceller.clone());
    }

    /// Nobody waits for the answer any more.
    pub(super) fn end(&self) {
        self.dropped.cancel();
    }

    fn check(&self) -> Result<(), SqlError> {
        if [Some(&self.dropped), self.canceller.get()].into_iter().flatten().any(|it| it.0.load(Ordering::Relaxed)) {
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
