//! What a request body may cost at most, whatever its size. The size itself is the listener's limit.

/// Deepest nesting of lists and maps. AWS's deepest input shape (`GetMetricData`) needs nine levels.
pub const MAX_DEPTH: usize = 64;

/// Most values (scalars, lists and maps together) in one body. A full `PutMetricData` call, 1,000 metrics with 150 values and
/// counts each, needs about 310,000.
pub const MAX_VALUES: usize = 500_000;

/// Most dotted parts in the name of one query parameter.
pub const MAX_NAME_PARTS: usize = 32;

/// Most query parameters in one body.
pub const MAX_PARAMETERS: usize = 100_000;

/// What is left of [`MAX_VALUES`] while a body is read.
#[derive(Debug)]
pub(crate) struct Budget(std::cell::Cell<usize>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(std::cell::Cell::new(MAX_VALUES))
    }

    /// Takes one value off the budget; `false` when there is none left.
    pub(crate) fn take(&self) -> bool {
        match self.0.get().checked_sub(1) {
            Some(left) => {
                self.0.set(left);
                true
            }
            None => false,
        }
    }
}
