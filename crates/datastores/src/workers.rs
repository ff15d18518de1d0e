//! Threads for work that calls must not wait for.

use std::{io, num::NonZero};

use tokio::runtime::Runtime;

/// A runtime of its own.
pub(crate) struct Workers(Option<Runtime>);

impl Workers {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads()).thread_name(name).enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// The runtime; there is none only while it is dropped.
    pub(crate) fn runtime(&self) -> Option<&Runtime> {
        self.0.as_ref()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Dropping the runtime would wait for its work, which an asynchronous caller must not.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Half of the processors: the others are for calls.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).div_ceil(2)
}
