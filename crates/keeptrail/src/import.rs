//! `keeptrail import`: log files into a Lake, without a server.

use std::{
    io::{IsTerminal, Write},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use keeptrail_archive::{Archive, ArchiveError, Range};
use keeptrail_clock::{Clock, Random};
use keeptrail_lake::{
    Access, EventStore, Lake, LakeError, Layout,
    import::{ImportError, ImportOptions, Progress, Report},
};
use tokio::runtime::Runtime;

use crate::cli::ImportArgs;

/// How often the progress is shown, on a terminal and in a log.
const TERMINAL: Duration = Duration::from_millis(200);
const LOG: Duration = Duration::from_secs(10);
/// Failures that are printed for people; `--json` has more.
const PRINTED: usize = 20;

/// Why nothing, or not all, was imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("--{option} {text:?}: expected a date or a time, as in 2026-11-01 or 2026-11-01T06:00:00Z")]
    Time { option: &'static str, text: String },
    #[error("the old store stays: {0} of the log files could not be read whole")]
    Incomplete(u64),
    #[error("the runtime cannot start: {0}")]
    Runtime(#[from] std::io::Error),
}

/// Imports and prints what came of it. Returns whether every log file could be read.
pub(crate) fn run(args: &ImportArgs, out: &mut impl Write) -> Result<bool, CommandError> {
    let job = Job::new(args)?;
    let report =
        job.runtime.block_on(job.lake.event_store_or_new(&args.lake.store, job.layout)).map_err(CommandError::from);
    let report = report.and_then(|store| job.import(&store))?;
    print(&report, args.json, out);
    Ok(report.failed_files == 0)
}

/// Makes a store again and puts it in the place of the old one.
pub(crate) fn rebuild(args: &ImportArgs, out: &mut impl Write) -> Result<bool, CommandError> {
    let job = Job::new(args)?;
    let store = job.runtime.block_on(job.lake.rebuilding(&args.lake.store, job.layout))?;
    let report = job.import(&store)?;
    print(&report, args.json, out);
    if report.failed_files > 0 {
        return Err(CommandError::Incomplete(report.failed_files));
    }
    job.runtime.block_on(job.lake.replace(&args.lake.store))?;
    Ok(true)
}

/// What both need.
struct Job {
    runtime: Runtime,
    clock: Clock,
    lake: Lake,
    archive: Archive,
    location: String,
    layout: Layout,
    options: ImportOptions,
}

impl Job {
    fn new(args: &ImportArgs) -> Result<Self, CommandError> {
        let range = Range { from: time("from", args.from.as_deref())?, to: time("to", args.to.as_deref())? };
        let archive = Archive::open(&args.archive)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let clock = Clock::system();
        let lake = runtime.block_on(Lake::open(&args.lake.lake, Access::Create, clock.clone(), Random::system()))?;
        Ok(Self {
            runtime,
            clock,
            lake,
            archive,
            location: location(&args.archive),
            layout: Layout { raw_record: !args.without_raw_record },
            options: ImportOptions { range, workers: args.workers, ..ImportOptions::default() },
        })
    }

    fn import(&self, store: &EventStore) -> Result<Report, CommandError> {
        let progress = Arc::new(Progress::default());
        let shown = self.runtime.spawn(show(self.clock.clone(), Arc::clone(&progress)));
        let report = store.import(&self.archive, &self.location, &self.options, &progress, self.runtime.handle());
        shown.abort();
        // The bar is cleared when its task is dropped.
        drop(self.runtime.block_on(shown));
        Ok(report?)
    }
}

/// The archive's name in the catalog: the same directory is the same archive however it was named.
fn location(archive: &str) -> String {
    let path = std::fs::canonicalize(archive).ok();
    path.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_else(|| archive.trim_end_matches('/').to_owned())
}

fn time(option: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, CommandError> {
    let Some(text) = text else { return Ok(None) };
    let midnight = |date: Date| date.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let parsed = text.parse::<Timestamp>().ok().or_else(|| text.parse::<Date>().ok().and_then(midnight));
    parsed.map(Some).ok_or_else(|| CommandError::Time { option, text: text.to_owned() })
}

/// Shows the progress on standard error until it is stopped: a bar for people, a line now and then for logs.
pub(crate) async fn show(clock: Clock, progress: Arc<Progress>) {
    let terminal = std::io::stderr().is_terminal();
    let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = Cleared(ProgressBar::with_draw_target(None, target));
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} files  {msg}  {elapsed}  {eta} left");
    bar.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    loop {
        clock.sleep(if terminal { TERMINAL } else { LOG }).await;
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (files, done, events) = (read(&progress.files), read(&progress.files_read), read(&progress.events));
        let state = if files == 0 {
            format!("looking for log files: {} files", HumanCount(read(&progress.found)))
        } else {
            format!("{} events, {}", HumanCount(events), HumanBytes(read(&progress.bytes_read)))
        };
        if terminal {
            bar.0.set_length(files);
            bar.0.set_position(done);
            bar.0.set_message(state);
        } else {
            // A closed standard error hides the progress, nothing else.
            drop(writeln!(std::io::stderr(), "{done} of {files} log files, {state}"));
        }
    }
}

struct Cleared(ProgressBar);

impl Drop for Cleared {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A closed pipe is no reason to report another result.
fn print(report: &Report, as_json: bool, out: &mut impl Write) {
    if as_json {
        drop(serde_json::to_writer(&mut *out, report));
        drop(writeln!(out));
        return;
    }
    drop(writeln!(
        out,
        "{} events added from {} log files ({}, {} of records).",
        HumanCount(report.events_added),
        HumanCount(report.files_read),
        HumanBytes(report.bytes),
        HumanBytes(report.record_bytes),
    ));
    for (count, what) in [
        (report.doubles, "events were there already or came twice (same eventID): left out"),
        (report.events_out_of_range, "events outside the time asked for: left out"),
        (report.files_known, "log files were imported before and have not changed: not read"),
        (report.files_out_of_range, "log files outside the time asked for: not read"),
    ] {
        if count > 0 {
            drop(writeln!(out, "{} {what}.", HumanCount(count)));
        }
    }
    for (kind, count) in &report.other_files {
        drop(writeln!(out, "{} other files beside them: {kind}.", HumanCount(*count)));
    }
    if report.failed_files > 0 {
        drop(writeln!(
            out,
            "{} files could not be read whole; the next import tries them again:",
            HumanCount(report.failed_files)
        ));
        for failure in report.failures.iter().take(PRINTED) {
            let saved = if failure.events > 0 { format!(" ({} events read)", failure.events) } else { String::new() };
            drop(writeln!(out, "  {}: {}{saved}", failure.key, failure.reason));
        }
        if report.failures.len() > PRINTED {
            drop(writeln!(out, "  … all of them with --json"));
        }
    }
}
