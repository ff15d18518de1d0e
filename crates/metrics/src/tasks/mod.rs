//! What happens by itself.

mod evaluation;
mod retention;

pub use evaluation::Evaluation;
pub use retention::Retention;
