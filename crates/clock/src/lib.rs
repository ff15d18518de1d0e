//! Time and randomness as parameters.
//!
//! Nothing else in the workspace asks the operating system for the time or for random bytes (clippy forbids it), so
//! tests run weeks in milliseconds and every identifier can be made reproducible.

mod random;
mod sim;
mod system;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

pub use jiff::Timestamp;
pub use random::{NoRandomness, Random};
pub use sim::SimClock;

/// What a clock is made of: the current time and a way to wait.
trait Source: Send + Sync {
    fn now(&self) -> Timestamp;
    fn monotonic(&self) -> Duration;
    fn sleep_until(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A cheaply cloned handle to the system's clock or to a simulated one.
#[derive(Clone)]
pub struct Clock(Arc<dyn Source>);

impl Clock {
    /// The operating system's clock. Sleeping needs a tokio runtime.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(system::System::new()))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Time since an arbitrary start, never going backwards: for durations, not for dates.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    /// Waits until the clock shows `deadline` or later.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        self.0.sleep_until(deadline).await;
    }

    /// Waits for `duration` by this clock.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(after(self.now(), duration)).await;
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// `time + duration`, held at the end of representable time instead of overflowing.
#[must_use]
pub fn after(time: Timestamp, duration: Duration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// `time - duration`, held at the start of representable time instead of overflowing.
#[must_use]
pub fn before(time: Timestamp, duration: Duration) -> Timestamp {
    time.checked_sub(duration).unwrap_or(Timestamp::MIN)
}
