//! Every audit record as an event on the bus.
//!
//! Source of the envelope and of which events which rules see: "AWS service events delivered via AWS CloudTrail" in the
//! EventBridge user guide. Here no trail is needed: an event goes out as soon as its record is durable.

use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
};

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Parsed, Reader};
use keeptrail_pattern::index::Scratch;
use keeptrail_store::Tx;

use crate::{
    Events, EventsError,
    event::Event,
    model::{self, RuleSet},
    route::LONGEST_EVENT,
};

/// The reader.
pub struct RuleReader {
    events: Arc<Events>,
}

impl RuleReader {
    /// A reader that puts records on this bus.
    #[must_use]
    pub fn new(events: Arc<Events>) -> Self {
        Self { events }
    }
}

/// What the envelope takes from a record.
struct Head<'r> {
    id: &'r str,
    source: &'r str,
    kind: &'r str,
    account: &'r str,
    region: &'r str,
    time: Timestamp,
    read_only_management: bool,
}

impl<'r> Head<'r> {
    /// A record that lacks something is no event.
    fn of(record: &'r Parsed<'_>) -> Option<Self> {
        let text = |name| record.document.text(name);
        Some(Self {
            id: text("eventID")?,
            source: text("eventSource")?,
            kind: text("eventType")?,
            account: text("recipientAccountId")?,
            region: text("awsRegion")?,
            time: record.time?,
            read_only_management: record.document.flag("readOnly") == Some(true)
                && text("eventCategory")? == "Management",
        })
    }
}

#[async_trait]
impl Reader for RuleReader {
    fn name(&self) -> &'static str {
        "events.rules"
    }

    async fn apply(&self, tx: &Tx, records: &[Parsed<'_>]) -> Result<(), JobError> {
        let mut known: HashMap<(&str, &str), Option<Arc<RuleSet>>> = HashMap::new();
        let mut scratch = Scratch::default();
        for record in records {
            let Some(head) = Head::of(record) else {
                tracing::error!(seq = record.seq, "a record cannot be made an event");
                continue;
            };
            let rules = match known.entry((head.account, head.region)) {
                hash_map::Entry::Occupied(known) => known.into_mut(),
                hash_map::Entry::Vacant(place) => place.insert(model::rules(tx, head.account, head.region).await?),
            };
            if let Some(rules) = rules {
                self.put(tx, rules, &head, record, &mut scratch).await?;
            }
        }
        Ok(())
    }
}

impl RuleReader {
    async fn put(
        &self,
        tx: &Tx,
        rules: &RuleSet,
        head: &Head<'_>,
        record: &Parsed<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), JobError> {
        if !rules.rules.values().any(|rule| rule.state.sees(head.read_only_management)) {
            return Ok(());
        }
        if record.text.len() > LONGEST_EVENT {
            tracing::warn!(seq = record.seq, "a record is too long to be an event");
            return Ok(());
        }
        let service = head.source.split('.').next().unwrap_or_default();
        let event = Event {
            // Reading the record again gives the same event.
            id: head.id,
            detail_type: detail_type(head.kind),
            source: &format!("aws.{service}"),
            account: head.account,
            time: head.time,
            region: head.region,
            resources: &[],
            detail: record.text,
        };
        match self.events.route(tx, rules, &event, head.read_only_management, scratch).await {
            Ok(()) => Ok(()),
            Err(EventsError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!(seq = record.seq, %error, "a record cannot be made an event");
                Ok(())
            }
        }
    }
}

fn detail_type(event_type: &str) -> &'static str {
    match event_type {
        "AwsServiceEvent" => "AWS Service Event via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    }
}
