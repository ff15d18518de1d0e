//! Log events on their way in.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::{NoRandomness, Random};
use keeptrail_pattern::document::Document;
use keeptrail_store::{StoreError, Tx};

use crate::{
    MetricSink,
    chunk::{self, Builder, Line, minute},
    metric_filter::{self, FILTERS},
    model::{GROUPS, LOOSE, Place, STREAMS, Stream, ordered},
};

/// What AWS counts for an event beside its message, in bytes.
pub(crate) const OVERHEAD: usize = 26;
/// So many small chunks wait in a stream before they are merged.
const MOST_LOOSE: u32 = 32;

/// Why events were not taken in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogsError {
    /// There is no such group.
    #[error("there is no log group named {0}")]
    NoGroup(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A new stream could not be given an id.
    #[error("a log stream cannot be made now")]
    NoRandomness(#[source] NoRandomness),
}

/// A log event.
#[derive(Debug, Clone, Copy)]
pub struct LogEvent<'a> {
    /// When it happened, in milliseconds since 1970.
    pub timestamp: i64,
    /// Its text.
    pub message: &'a str,
    /// Its text parsed, when the caller has parsed it already: metric filters need not do it again.
    pub document: Option<&'a Document<'a>>,
}

/// The log groups of all accounts and regions.
#[derive(Clone)]
pub struct Logs {
    metrics: Arc<dyn MetricSink>,
    random: Random,
}

impl Logs {
    /// Log groups whose metric filters put their values into `metrics`.
    pub fn new(metrics: Arc<dyn MetricSink>, random: Random) -> Self {
        Self { metrics, random }
    }

    pub(crate) fn random(&self) -> &Random {
        &self.random
    }

    /// Writes `events` to a stream, which is made when there is none, and runs the group's metric filters over them, all
    /// in `tx`. The events need no order; they are kept in the order of their times, those of one time in the order given.
    ///
    /// # Errors
    /// [`LogsError::NoGroup`] when there is no such group; or the store's error.
    pub async fn append(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        group: &str,
        stream: &str,
        events: &[LogEvent<'_>],
    ) -> Result<(), LogsError> {
        let (account_id, region_name) = (account.as_str(), region.as_str());
        let row = GROUPS.get(tx, &[account_id, region_name, group]).await?;
        let row = row.ok_or_else(|| LogsError::NoGroup(group.to_owned()))?;
        if events.is_empty() {
            return Ok(());
        }
        let parts = [account_id, region_name, &row.id, stream];
        let mut stream = match STREAMS.get(tx, &parts).await? {
            Some(stream) => Stream::clone(&stream),
            None => self.stream(tx, stream)?,
        };
        let place = Place { account: account_id, region: region_name, group: &row.id, stream: stream.id };
        write(tx, place, &mut stream, events)?;
        if stream.loose >= MOST_LOOSE {
            stream.loose = 0;
            LOOSE.put(tx, &[account_id, region_name, &row.id, &ordered(stream.id)], &())?;
        }
        STREAMS.put(tx, &parts, &stream)?;
        if let Some(filters) = FILTERS.get(tx, &[account_id, region_name, group]).await? {
            let data = metric_filter::apply(tx, [account_id, region_name, &row.id], &filters, events).await?;
            if !data.is_empty() {
                self.metrics.put(tx, account, region, &data).await?;
            }
        }
        Ok(())
    }

    /// A stream without events.
    pub(crate) fn stream(&self, tx: &Tx, name: &str) -> Result<Stream, LogsError> {
        Ok(Stream {
            id: u64::from_be_bytes(self.random.bytes().map_err(LogsError::NoRandomness)?),
            name: name.to_owned(),
            created: tx.now().as_millisecond(),
            first_event: None,
            last_event: None,
            last_ingestion: None,
            stored_bytes: 0,
            next_event: 1,
            loose: 0,
        })
    }
}

/// Writes the events as chunks, and what follows for the stream.
fn write(tx: &Tx, place: Place<'_>, stream: &mut Stream, events: &[LogEvent<'_>]) -> Result<(), StoreError> {
    let ingested = tx.now().as_millisecond();
    let mut minutes: BTreeMap<i64, Vec<&LogEvent<'_>>> = BTreeMap::new();
    for event in events {
        minutes.entry(minute(event.timestamp)).or_default().push(event);
    }
    for (minute, mut events) in minutes {
        events.sort_by_key(|event| event.timestamp);
        let (mut builder, mut first) = (Builder::new(), stream.next_event);
        for event in events {
            let stored = u64::try_from(event.message.len() + OVERHEAD).unwrap_or(u64::MAX);
            let LogEvent { timestamp, message, .. } = *event;
            builder.push(&Line { timestamp, number: stream.next_event, ingested, message }, stored)?;
            stream.next_event += 1;
            stream.stored_bytes += stored;
            if builder.is_full() {
                tx.put(
                    chunk::key(place.chunks(), minute, first),
                    std::mem::replace(&mut builder, Builder::new()).finish()?,
                );
                first = stream.next_event;
            }
        }
        if !builder.is_empty() {
            tx.put(chunk::key(place.chunks(), minute, first), builder.finish()?);
            stream.loose += 1;
        }
    }
    let times = || events.iter().map(|event| event.timestamp);
    stream.first_event = times().chain(stream.first_event).min();
    stream.last_event = times().chain(stream.last_event).max();
    stream.last_ingestion = Some(ingested);
    Ok(())
}
