//! From an event to its deliveries.

use keeptrail_arn::{AccountId, Region};
use keeptrail_pattern::{document::Document, index::Scratch};
use keeptrail_record::event_time;
use keeptrail_store::{StoreError, Tx};

use crate::{
    Delivery, EventEntry, Events, EventsError, TargetError,
    event::{Draft, Event},
    input::{Arrived, Matched},
    model::{self, RuleSet},
};

/// The longest event, as CloudTrail's way to EventBridge and PutEvents have it.
pub(crate) const LONGEST_EVENT: usize = 256 * 1024;

impl Events {
    /// Puts an event on the default bus: rules that match it deliver, in `tx`. Returns the event's id.
    ///
    /// # Errors
    /// When the detail is nested too deeply, the store fails, or there is no randomness for the id.
    pub async fn put(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        entry: EventEntry,
    ) -> Result<String, EventsError> {
        let detail = entry.detail.to_string();
        let draft = Draft {
            source: &entry.source,
            detail_type: &entry.detail_type,
            time: entry.time,
            resources: &entry.resources,
            detail: &detail,
        };
        self.put_draft(tx, account, region, &draft).await
    }

    pub(crate) async fn put_draft(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        draft: &Draft<'_>,
    ) -> Result<String, EventsError> {
        let id = self.random.uuid()?;
        // What patterns cannot read is refused, whether a rule looks at it or not.
        Document::parse(draft.detail).map_err(|error| EventsError::Malformed(error.to_string()))?;
        let event = Event {
            id: &id,
            detail_type: draft.detail_type,
            source: draft.source,
            account: account.as_str(),
            time: draft.time,
            region: region.as_str(),
            resources: draft.resources,
            detail: draft.detail,
        };
        let rules = model::rules(tx, account.as_str(), region.as_str()).await?.unwrap_or_default();
        self.route(tx, &rules, &event, false, &mut Scratch::default()).await?;
        Ok(id)
    }

    /// Delivers `event` to the targets of the rules that match it.
    pub(crate) async fn route(
        &self,
        tx: &Tx,
        rules: &RuleSet,
        event: &Event<'_>,
        read_only_management: bool,
        scratch: &mut Scratch,
    ) -> Result<(), EventsError> {
        for Due { target_arn, rule_arn, input } in deliveries(rules, event, read_only_management, tx, scratch)? {
            let Event { account, region, .. } = *event;
            self.deliver(tx, &Delivery { target_arn, rule_arn: &rule_arn, account, region, input }).await?;
        }
        Ok(())
    }

    async fn deliver(&self, tx: &Tx, delivery: &Delivery<'_>) -> Result<(), StoreError> {
        match self.target.deliver(tx, delivery).await {
            Ok(()) => Ok(()),
            Err(TargetError::Store(error)) => Err(error),
            Err(TargetError::Refused(reason)) => {
                metrics::counter!("keeptrail_events_refused_deliveries_total").increment(1);
                let Delivery { rule_arn, target_arn, .. } = delivery;
                tracing::warn!(rule_arn, target_arn, reason, "a rule's target refused an event");
                Ok(())
            }
        }
    }
}

struct Due<'a> {
    target_arn: &'a str,
    rule_arn: String,
    input: String,
}

/// What is to be delivered.
fn deliveries<'r>(
    rules: &'r RuleSet,
    event: &Event<'_>,
    read_only_management: bool,
    tx: &Tx,
    scratch: &mut Scratch,
) -> Result<Vec<Due<'r>>, EventsError> {
    let index = rules.index();
    if index.is_empty() {
        return Ok(Vec::new());
    }
    let text = event.text().map_err(|error| EventsError::Malformed(error.to_string()))?;
    let mut arrived = None;
    let mut due = Vec::new();
    for name in index.matching_with(&text, scratch) {
        let Some(rule) = rules.rules.get(name).filter(|rule| rule.state.sees(read_only_management)) else { continue };
        let arrived = arrived.get_or_insert_with(|| Arrived::new(&text, event_time(tx.now())));
        let rule_arn = keeptrail_arn::arn("events", event.region, event.account, &format!("rule/{name}"));
        for target in &rule.targets {
            let input = arrived.input(target, &Matched { rule_arn: &rule_arn, rule_name: name });
            due.push(Due { target_arn: &target.arn, rule_arn: rule_arn.clone(), input });
        }
    }
    Ok(due)
}
