//! What a request may cost before its caller is known.

use std::time::Duration;

/// Bounds on requests and connections.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest body of a call, inflated: AWS's largest (PutLogEvents, PutMetricData) are 1 MiB and an envelope. Bodies
    /// of objects in buckets are streamed and not bound by this.
    pub body: usize,
    /// At most so many headers.
    pub headers: usize,
    /// At most so many bytes of request line and headers.
    pub head: usize,
    /// The request line and headers must have arrived within this time.
    pub head_time: Duration,
    /// The body must have arrived within this time.
    pub body_time: Duration,
    /// At most so many connections at once; more wait in the listener's queue.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 2 << 20,
            headers: 100,
            head: 64 << 10,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(60),
            connections: 4096,
        }
    }
}
