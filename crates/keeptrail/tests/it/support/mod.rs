//! A server, its callers, and what it wrote.

pub(crate) mod caller;
pub(crate) mod encoding;
pub(crate) mod journal;
pub(crate) mod lake;
pub(crate) mod namespace;
pub(crate) mod server;
pub(crate) mod sink;
pub(crate) mod watch;

use std::time::Duration;

use keeptrail_clock::Clock;

/// How long a test waits for what must come soon, on the slowest machine that runs it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What `look` finds, asked again until it does.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let clock = Clock::system();
    let end = clock.monotonic() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(clock.monotonic() < end, "{what}: not within {PATIENCE:?}");
        clock.sleep(Duration::from_millis(20)).await;
    }
}
