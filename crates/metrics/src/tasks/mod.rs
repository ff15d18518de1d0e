//! What happens by itself.

mod evaluation;
mod retention;

pub use evaluation::Evaluation;
pub use retention::Retention;

use keeptrail_jobs::JobError;
use keeptrail_operation::CommitError;

fn commit_error(error: CommitError) -> JobError {
    match error {
        CommitError::Conflict => JobError::Conflict,
        error @ CommitError::Unavailable(_) => JobError::Commit(error.to_string()),
    }
}
