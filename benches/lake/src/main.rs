//! `lake-archive`: makes an archive to measure imports and queries with.

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::Parser;
use jiff::Timestamp;
use keeptrail_lake_bench::Archive;

/// Makes a CloudTrail archive. The same arguments give the same files.
#[derive(Parser)]
struct Arguments {
    /// Where; made when it is missing.
    directory: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Events, doubles not counted.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Events of a file.
    #[arg(long, default_value_t = 1_000)]
    per_file: u64,
    /// Days that the events fall on.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// The time behind the last event.
    #[arg(long, default_value = "2026-11-25T00:00:00Z")]
    end: Timestamp,
    /// So many files in a hundred come twice.
    #[arg(long, default_value_t = 5)]
    doubled: u8,
}

fn main() -> ExitCode {
    let Arguments { directory, seed, events, per_file, days, end, doubled } = Arguments::parse();
    let (text, code) = match (Archive { seed, events, per_file, days, end, doubled }).write(&directory) {
        Ok(made) => (
            format!(
                r#"{{"files":{},"records":{},"bytes":{},"recordBytes":{}}}"#,
                made.files, made.records, made.bytes, made.record_bytes
            ),
            ExitCode::SUCCESS,
        ),
        Err(error) => (format!("lake-archive: {}: {error}", directory.display()), ExitCode::FAILURE),
    };
    // A closed pipe changes nothing about the files.
    drop(writeln!(std::io::stdout(), "{text}"));
    code
}
