//! Every audit record as an event on the bus.
//!
//! Source of the envelope and of which events which rules see: "AWS service events delivered via AWS CloudTrail" in the
//! EventBridge user guide. Here no trail is needed: an event goes out as soon as its record is durable.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use keeptrail_clock::Timestamp;
use keeptrail_jobs::{JobError, Reader};
use keeptrail_journal::Entry;
use keeptrail_store::Tx;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Events, EventsError,
    event::{Event, VERSION},
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

/// Where a record belongs, and what the envelope takes from it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(borrow)]
    recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    aws_region: Cow<'a, str>,
    #[serde(borrow, rename = "eventID")]
    event_id: Cow<'a, str>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    event_time: Timestamp,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    event_category: Cow<'a, str>,
    #[serde(default)]
    read_only: bool,
}

#[async_trait]
impl Reader for RuleReader {
    fn name(&self) -> &'static str {
        "events.rules"
    }

    async fn apply(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        let mut known: BTreeMap<(Cow<'_, str>, Cow<'_, str>), Option<Arc<RuleSet>>> = BTreeMap::new();
        for entry in entries {
            let Some(head) = parsed::<Head<'_>>(entry) else { continue };
            let place = (head.recipient_account_id.clone(), head.aws_region.clone());
            let rules = match known.get(&place) {
                Some(rules) => rules.clone(),
                None => {
                    let rules = model::rules(tx, &place.0, &place.1).await?;
                    known.insert(place.clone(), rules.clone());
                    rules
                }
            };
            if let Some(rules) = rules {
                self.put(tx, &rules, &head, entry).await?;
            }
        }
        Ok(())
    }
}

impl RuleReader {
    async fn put(&self, tx: &Tx, rules: &RuleSet, head: &Head<'_>, entry: &Entry) -> Result<(), JobError> {
        let read_only_management = head.read_only && head.event_category == "Management";
        if !rules.rules.values().any(|rule| rule.state.sees(read_only_management)) {
            return Ok(());
        }
        if entry.record.len() > LONGEST_EVENT {
            tracing::warn!(seq = entry.seq, "a record is too long to be an event");
            return Ok(());
        }
        let Some(detail) = parsed::<&RawValue>(entry) else { return Ok(()) };
        let service = head.event_source.split('.').next().unwrap_or_default();
        let event = Event {
            version: VERSION,
            // Reading the record again gives the same event.
            id: &head.event_id,
            detail_type: detail_type(&head.event_type),
            source: &format!("aws.{service}"),
            account: &head.recipient_account_id,
            time: head.event_time,
            region: &head.aws_region,
            resources: &[],
            detail,
        };
        match self.events.route(tx, rules, &event, read_only_management).await {
            Ok(()) => Ok(()),
            Err(EventsError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!(seq = entry.seq, %error, "a record cannot be made an event");
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

/// What is needed of a record; a record that lacks it is no event, and does not hold up those behind it.
fn parsed<'a, T: Deserialize<'a>>(entry: &'a Entry) -> Option<T> {
    match serde_json::from_slice(&entry.record) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            tracing::error!(seq = entry.seq, %error, "a record cannot be made an event");
            None
        }
    }
}
