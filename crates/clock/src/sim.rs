//! A clock that a test moves by hand.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{Clock, Source, after};

/// The hand that moves a simulated [`Clock`]. Sleepers wake when the time is moved past their deadline.
#[derive(Clone, Debug)]
pub struct SimClock {
    now: Arc<watch::Sender<Timestamp>>,
    start: Timestamp,
}

impl SimClock {
    /// A clock that stands at `start` until it is moved.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(start)), start }
    }

    /// The clock to hand to the code under test.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock(Arc::new(self.clone()))
    }

    /// Moves the time forward and wakes whoever slept until then.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = after(*now, by));
    }

    /// Sets the time; going back is allowed, for tests of skew.
    pub fn set(&self, to: Timestamp) {
        self.now.send_replace(to);
    }
}

impl Source for SimClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn monotonic(&self) -> Duration {
        Duration::try_from(self.now().duration_since(self.start)).unwrap_or(Duration::ZERO)
    }

    fn sleep_until(&self, deadline: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            if now.wait_for(|now| *now >= deadline).await.is_err() {
                // The hand is gone: nobody will ever move this clock again.
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_time_is_moved_past_its_deadline() {
        let sim = SimClock::new(Timestamp::UNIX_EPOCH);
        let clock = sim.clock();
        let sleeper = tokio::spawn(async move { clock.sleep(Duration::from_secs(3600)).await });
        tokio::task::yield_now().await;
        sim.advance(Duration::from_secs(3599));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        sim.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }
}
