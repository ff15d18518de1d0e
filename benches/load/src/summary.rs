//! The figures of a run.

use std::time::Duration;

use serde::Serialize;

use crate::process::Usage;

/// Printed as one line of JSON. Times are in microseconds.
#[derive(Serialize)]
pub(crate) struct Summary {
    requests: usize,
    rate: f64,
    p50: u128,
    p90: u128,
    p99: u128,
    longest: u128,
    /// CPU time of a request, in the server and in this generator.
    server_user: f64,
    server_system: f64,
    generator: f64,
    /// The server's memory at the end.
    resident_mib: f64,
}

impl Summary {
    pub(crate) fn new(latencies: &mut [Duration], took: Duration, server: &Usage, own: &Usage) -> Self {
        latencies.sort_unstable();
        let requests = latencies.len();
        let at = |percent: usize| {
            let place = (requests * percent / 100).min(requests.saturating_sub(1));
            latencies.get(place).map_or(0, Duration::as_micros)
        };
        #[expect(clippy::cast_precision_loss, reason = "counts of requests and KiB stay far below 2^52")]
        let (count, resident) = (requests.max(1) as f64, server.resident_kib as f64);
        let each = |time: Duration| (time.as_secs_f64() * 1e6 / count * 10.0).round() / 10.0;
        Self {
            requests,
            rate: (count / took.as_secs_f64()).round(),
            p50: at(50),
            p90: at(90),
            p99: at(99),
            longest: at(100),
            server_user: each(server.user),
            server_system: each(server.system),
            generator: each(own.user + own.system),
            resident_mib: (resident / 102.4).round() / 10.0,
        }
    }
}
