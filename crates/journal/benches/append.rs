//! Durable appends a second at 1, 8, 64 and 256 clients that each wait for their answer, and the time of a start.
//!
//! `cargo bench -p keeptrail-journal`. Files go to `KEEPTRAIL_BENCH_DIR`, else to the system's temporary directory: choose
//! a directory on the disk that is to be measured. Seconds a point: `KEEPTRAIL_BENCH_SECONDS`, else 2.
#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a benchmark stops at the first error")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use keeptrail_clock::Clock;
use keeptrail_journal::{Journal, Options, Record};

/// A record's usual length.
const RECORD_BYTES: usize = 1200;

/// A record whose event id is `n`, and `text` to fill it.
fn record(n: u64, text: &str) -> Record {
    let event_id = format!("{n:032x}");
    let bytes =
        format!(r#"{{"eventVersion":"1.11","eventName":"GetSecretValue","eventID":"{event_id}","fill":"{text}"}}"#);
    Record { event_id, bytes: Bytes::from(bytes) }
}

struct Point {
    appends: u64,
    latencies: Vec<Duration>,
}

async fn client(journal: Journal, clock: Clock, counter: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let text = "x".repeat(RECORD_BYTES - 110);
    let mut latencies = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let began = clock.monotonic();
        let record = record(counter.fetch_add(1, Ordering::Relaxed), &text);
        journal.append(vec![record]).await.unwrap();
        latencies.push(clock.monotonic().saturating_sub(began));
    }
    latencies
}

async fn point(dir: &Path, clients: usize, time: Duration) -> Point {
    let clock = Clock::system();
    let journal = Journal::open(dir, Options::default(), clock.clone()).unwrap();
    let (counter, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let tasks: Vec<_> = (0..clients)
        .map(|_| tokio::spawn(client(journal.clone(), clock.clone(), Arc::clone(&counter), Arc::clone(&stop))))
        .collect();
    clock.sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    latencies.sort_unstable();
    assert_eq!(journal.head(), latencies.len() as u64);
    Point { appends: journal.head(), latencies }
}

fn milliseconds(latencies: &[Duration], percent: usize) -> f64 {
    latencies.get(latencies.len() * percent / 100).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
}

/// The time of a start with a full segment as the last one.
fn start(dir: &Path) -> (f64, f64) {
    let clock = Clock::system();
    let text = "x".repeat(RECORD_BYTES - 110);
    let journal = Journal::open(dir, Options { segment_bytes: u64::MAX, ..Options::default() }, clock.clone()).unwrap();
    let records = |from: u64| (from..from + 1000).map(|n| record(n, &text)).collect();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        for batch in 0..52 {
            journal.append(records(batch * 1000)).await.unwrap();
        }
    });
    drop(journal);
    let bytes: u64 = std::fs::read_dir(dir).unwrap().map(|item| item.unwrap().metadata().unwrap().len()).sum();
    let began = clock.monotonic();
    drop(Journal::open(dir, Options::default(), clock.clone()).unwrap());
    (bytes as f64 / 1048576.0, clock.monotonic().saturating_sub(began).as_secs_f64() * 1000.0)
}

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(number("KEEPTRAIL_BENCH_SECONDS").unwrap_or(2));
    let root = std::env::var_os("KEEPTRAIL_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    println!("{:>8} {:>12} {:>10} {:>10}", "clients", "appends/s", "p50 ms", "p99 ms");
    for clients in [1, 8, 64, 256] {
        let dir = tempfile::tempdir_in(&root).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let point = runtime.block_on(point(dir.path(), clients, time));
        let (p50, p99) = (milliseconds(&point.latencies, 50), milliseconds(&point.latencies, 99));
        println!("{clients:>8} {:>12.0} {p50:>10.2} {p99:>10.2}", point.appends as f64 / time.as_secs_f64());
    }
    let dir = tempfile::tempdir_in(&root).unwrap();
    let (size, took) = start(dir.path());
    println!("start with a last segment of {size:.0} MiB: {took:.0} ms");
}
