//! The operating system's clock: the one place that may ask for it.

use std::{future::Future, pin::Pin, time::Duration};

use jiff::Timestamp;

use crate::Source;

pub(crate) struct System {
    start: std::time::Instant,
}

impl System {
    #[expect(clippy::disallowed_methods, reason = "this is the clock the ban points to")]
    pub(crate) fn new() -> Self {
        Self { start: std::time::Instant::now() }
    }
}

impl Source for System {
    #[expect(clippy::disallowed_methods, reason = "this is the clock the ban points to")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock the ban points to")]
    fn sleep_until(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let wait = Duration::try_from(deadline.duration_since(self.now())).unwrap_or(Duration::ZERO);
        Box::pin(tokio::time::sleep(wait))
    }
}
