//! Times the documents' two Lake queries on an imported Lake, with the search columns and as DataFusion does it by itself.
//!
//! `cargo run --profile dist -p keeptrail-lake --example lake_queries -- DIR [RUNS]`; the generated archives end at
//! 2026-11-25T00:00:00Z, which is taken for now.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use datafusion::{
    execution::{
        context::{SessionConfig, SessionContext},
        session_state::SessionStateBuilder,
    },
    prelude::ParquetReadOptions,
};
use keeptrail_clock::{Clock, Random};
use keeptrail_lake::{Access, DEFAULT_STORE, Lake, SearchColumns};
use keeptrail_sql::functions::map_get::map_get_udf;

const SECRET: &str = "ethos/prod/channels/telegram/default/botToken";

fn queries() -> Vec<(String, String)> {
    let one = |hours: u32| {
        format!(
            "SELECT eventtime, useridentity['arn'], map_get(requestparameters, 'secretId') FROM events WHERE eventname = 'GetSecretValue' \
             AND map_get(requestparameters, 'secretId') = '{SECRET}' AND eventtime > timestamp '2026-11-25 00:00:00' - interval '{hours}' hour \
             ORDER BY eventtime DESC"
        )
    };
    let two = |hours: u32| {
        format!(
            "SELECT eventtime, useridentity['arn'], map_get(requestparameters, 'secretId'), sourceipaddress FROM events \
             WHERE eventname = 'GetSecretValue' AND map_get(requestparameters, 'secretId') LIKE 'ethos/%' \
             AND useridentity['arn'] NOT LIKE '%EthosInstanceRole%' \
             AND eventtime > timestamp '2026-11-25 00:00:00' - interval '{hours}' hour ORDER BY eventtime DESC"
        )
    };
    let mut queries = Vec::new();
    for (name, hours) in [("24h", 24), ("7d", 168), ("30d", 720)] {
        queries.push((format!("one secret, {name}"), one(hours)));
        queries.push((format!("other principals, {name}"), two(hours)));
    }
    let all = format!("SELECT count(*) FROM events WHERE map_get(requestparameters, 'secretId') = '{SECRET}'");
    queries.push(("one secret's reads of all time".to_owned(), all));
    queries.push((
        "one event by its id, absent".to_owned(),
        "SELECT eventname FROM events WHERE eventid = 'x'".to_owned(),
    ));
    queries.push(("events by name".to_owned(), "SELECT eventname, count(*) FROM events GROUP BY eventname".to_owned()));
    queries
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("expected the Lake's directory")?;
    let runs: usize = arguments.next().map_or(Ok(7), |runs| runs.parse())?;
    let clock = Clock::system();
    let lake = Lake::open(Path::new(&directory), Access::Read, clock.clone(), Random::system()).await?;
    let store = lake.event_store(DEFAULT_STORE).await?;
    println!("{:?}", store.statistics());

    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(SessionConfig::new().with_collect_statistics(false))
        .with_optimizer_rules(SearchColumns::first())
        .build();
    let ours = SessionContext::new_with_state(state);
    ours.register_table("events", Arc::new(store.table()))?;
    let plain = SessionContext::new();
    let options = ParquetReadOptions::default();
    plain.register_parquet("events", store.directory().to_string_lossy(), options).await?;
    for context in [&ours, &plain] {
        context.register_udf(map_get_udf().as_ref().clone());
    }
    println!(
        "{:34} {:>8} {:>10} {:>10} {:>12}",
        "median of runs, milliseconds", "rows", "first", "keeptrail", "DataFusion"
    );
    for (name, query) in queries() {
        let (rows, first, mine) = time(&ours, &query, runs, &clock).await?;
        let (theirs_rows, _, theirs) = time(&plain, &query, runs, &clock).await?;
        assert_eq!(rows, theirs_rows, "{name}: the same answer");
        println!("{name:34} {rows:>8} {:>10.1} {:>10.1} {:>12.1}", ms(first), ms(mine), ms(theirs));
    }
    Ok(())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Rows, the first run and the median of the others.
async fn time(
    context: &SessionContext,
    query: &str,
    runs: usize,
    clock: &Clock,
) -> Result<(usize, Duration, Duration), Box<dyn Error>> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..=runs {
        let start = clock.monotonic();
        let batches = context.sql(query).await?.collect().await?;
        times.push(clock.monotonic() - start);
        rows = batches.iter().map(|batch| batch.num_rows()).sum();
    }
    let first = times.remove(0);
    times.sort_unstable();
    Ok((rows, first, times.get(times.len() / 2).copied().unwrap_or(first)))
}
