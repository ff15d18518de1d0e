//! `keeptrail lake`: what a Lake holds, and its care.

use std::{io::Write, path::Path, time::Duration};

use indicatif::{HumanBytes, HumanCount};
use jiff::Timestamp;
use keeptrail_clock::{Clock, Random, before};
use keeptrail_lake::{Access, EventStore, Lake, Statistics};
use serde_json::json;

use crate::{
    cli::{LakeCommand, LakeCompactArgs, LakePlace, LakeRetainArgs, LakeStatusArgs},
    import::{self, CommandError},
    query,
};

const DAY: u64 = 86_400;

/// Runs one of the Lake's commands and prints what came of it.
pub(crate) fn run(command: LakeCommand, out: &mut impl Write) -> Result<bool, CommandError> {
    match command {
        LakeCommand::Status(args) => status(&args, out),
        LakeCommand::Compact(args) => compact(&args, out),
        LakeCommand::Retain(args) => retain(&args, out),
        LakeCommand::Rebuild(args) => return import::rebuild(&args, out),
        LakeCommand::Samples { name } => return Ok(query::print_samples(name.as_deref(), out)?),
    }?;
    Ok(true)
}

fn status(args: &LakeStatusArgs, out: &mut impl Write) -> Result<(), CommandError> {
    let stores = tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
        let lake = open(&args.lake, Access::Read).await?;
        let mut stores = Vec::new();
        for name in lake.stores().await? {
            let store = lake.event_store(&name).await?;
            stores.push((name, store.layout().raw_record, store.statistics()));
        }
        Ok::<_, CommandError>(stores)
    })?;
    // A closed pipe is no reason to fail.
    if args.json {
        let stores: Vec<_> = stores
            .iter()
            .map(|(name, raw, statistics)| json!({ "name": name, "rawRecord": raw, "statistics": statistics }))
            .collect();
        drop(writeln!(out, "{}", json!({ "stores": stores })));
        return Ok(());
    }
    for (name, raw, statistics) in &stores {
        drop(writeln!(out, "{name}: {}{}", line(statistics), if *raw { "" } else { ", without raw records" }));
    }
    Ok(())
}

fn line(statistics: &Statistics) -> String {
    let date = |time: Option<i64>| time.and_then(|time| Timestamp::from_millisecond(time).ok());
    let span = match (date(statistics.min_time), date(statistics.max_time)) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        _ => String::new(),
    };
    format!(
        "{} events{span}, {} in {} files over {} days",
        HumanCount(statistics.events),
        HumanBytes(statistics.bytes),
        HumanCount(statistics.files),
        HumanCount(statistics.days),
    )
}

fn compact(args: &LakeCompactArgs, out: &mut impl Write) -> Result<(), CommandError> {
    let done = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let (_lake, store) = writable(&args.lake).await?;
        Ok::<_, CommandError>(store.compact(i32::MAX, &|_| {}).await?)
    })?;
    if args.json {
        drop(serde_json::to_writer(&mut *out, &done));
        drop(writeln!(out));
        return Ok(());
    }
    drop(writeln!(
        out,
        "{} days: {} files ({}) are now {} ({}). The old ones are removed from the disk in ten minutes, by the next command that writes.",
        done.days,
        done.files_before,
        HumanBytes(done.bytes_before),
        done.files_after,
        HumanBytes(done.bytes_after),
    ));
    Ok(())
}

fn retain(args: &LakeRetainArgs, out: &mut impl Write) -> Result<(), CommandError> {
    let removed = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let (_lake, store) = writable(&args.lake).await?;
        let oldest = before(Clock::system().now(), Duration::from_secs(u64::from(args.days) * DAY));
        Ok::<_, CommandError>(store.retain(oldest).await?)
    })?;
    if args.json {
        drop(writeln!(out, "{}", json!({ "eventsRemoved": removed })));
    } else {
        drop(writeln!(out, "{} events removed.", HumanCount(removed)));
    }
    Ok(())
}

async fn writable(place: &LakePlace) -> Result<(Lake, EventStore), CommandError> {
    let lake = open(&place.lake, Access::Write).await?;
    let store = lake.event_store(&place.store).await?;
    Ok((lake, store))
}

async fn open(directory: &Path, access: Access) -> Result<Lake, CommandError> {
    Ok(Lake::open(directory, access, Clock::system(), Random::system()).await?)
}
