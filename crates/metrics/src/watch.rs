//! From datapoints to alarms: what is evaluated when, and what follows from a change.

use std::{collections::BTreeMap, sync::Arc};

use keeptrail_arn::{AccountId, Region};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{
    ActionError, Alarm, AlarmActions, AlarmEvent, Configuration, EventSink, Metric, MetricDatum, Notice, State,
    StateValue,
    alarm::{ALARMS, millis},
    evaluate::{evaluate, next_tick, periods, range},
    event,
    history::Of,
    notice::Change,
    reason,
    series::{Grain, Series, ordered, seconds},
};

/// How far ahead of now a datapoint may lie, in seconds.
pub(crate) const AHEAD: u64 = 2 * 3_600;

/// The alarms of a metric: a row, so that a datapoint finds them without a scan.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Watchers {
    /// Alarm names with the length of their periods in seconds.
    pub(crate) alarms: BTreeMap<String, u64>,
}

/// By account, region, namespace, name and the dimensions' fingerprint.
pub(crate) const WATCHERS: Table<Watchers> = Table::new("metrics.watchers");
/// Alarms to be evaluated without new data, by time (seconds since 1970), account, region and name.
pub(crate) const DUE: Table<()> = Table::new("metrics.due");

/// The metrics and alarms of all accounts and regions.
#[derive(Clone)]
pub struct Metrics {
    actions: Arc<dyn AlarmActions>,
    events: Arc<dyn EventSink>,
}

impl Metrics {
    /// Metrics whose alarms act through these.
    pub fn new(actions: Arc<dyn AlarmActions>, events: Arc<dyn EventSink>) -> Self {
        Self { actions, events }
    }

    /// Takes in `data` and evaluates the alarms that watch its metrics, all in `tx`.
    ///
    /// # Errors
    /// When the store cannot be read, or a row not be written.
    pub async fn put(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        data: &[MetricDatum],
    ) -> Result<(), StoreError> {
        let mut metrics: BTreeMap<(&str, &str, String), Vec<&MetricDatum>> = BTreeMap::new();
        for datum in data {
            let Metric { namespace, name, .. } = &datum.metric;
            metrics.entry((namespace, name, datum.metric.fingerprint())).or_default().push(datum);
        }
        for ((_, _, fingerprint), data) in metrics {
            let Some(metric) = data.first().map(|datum| &datum.metric) else { continue };
            let series =
                Series { account: account.as_str(), region: region.as_str(), metric, fingerprint: &fingerprint };
            let watchers = WATCHERS.get(tx, &series.parts()).await?;
            // An alarm with periods below a minute needs the seconds even of data that was sent by the minute.
            let fine = watchers.as_ref().is_some_and(|watchers| watchers.alarms.values().any(|period| *period < 60));
            series.add(tx, &data, fine).await?;
            for name in watchers.iter().flat_map(|watchers| watchers.alarms.keys()) {
                self.evaluate(tx, account, region, name).await?;
            }
        }
        Ok(())
    }

    /// Evaluates one alarm over the data that is there, and says when it is due again.
    pub(crate) async fn evaluate(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<(), StoreError> {
        let Some(alarm) = ALARMS.get(tx, &[account.as_str(), region.as_str(), name]).await? else { return Ok(()) };
        let configuration = &alarm.configuration;
        let now = tx.now();
        let fingerprint = configuration.metric.fingerprint();
        let series = Series {
            account: account.as_str(),
            region: region.as_str(),
            metric: &configuration.metric,
            fingerprint: &fingerprint,
        };
        let range = range(configuration, now);
        let grain = if configuration.period < 60 { Grain::Second } else { Grain::Minute };
        let slots = series.read(tx, grain, range.from, range.to).await?;
        let evaluation = evaluate(configuration, &periods(configuration, range, &slots));
        let tick = next_tick(configuration.period, now);
        let due = if slots.is_empty() {
            // Without data nothing changes by itself, but for data whose time is still to come.
            let ahead = series.read(tx, Grain::Minute, range.to - range.to % 60, seconds(now) + AHEAD + 60).await?;
            ahead.first().map(|slot| tick.max(slot.start))
        } else {
            Some(tick)
        };
        match evaluation.state {
            Some(value) if value != alarm.state.value => {
                let state = State {
                    value,
                    reason: reason::text(configuration, value, &evaluation),
                    reason_data: Some(reason::data(configuration, &evaluation, now)),
                    updated: millis(now),
                    transitioned: millis(now),
                };
                self.enter(tx, account, region, &alarm, state, due).await
            }
            _ if due == alarm.due => Ok(()),
            _ => write(tx, account, region, Some(&alarm), &Alarm { due, ..Alarm::clone(&alarm) }),
        }
    }

    /// Brings an alarm into `state`. When that is another state than before, tells topics, bus and history.
    pub(crate) async fn enter(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        before: &Alarm,
        state: State,
        due: Option<u64>,
    ) -> Result<(), StoreError> {
        let alarm = Alarm { state, due, ..before.clone() };
        write(tx, account, region, Some(before), &alarm)?;
        if alarm.state.value == before.state.value {
            return Ok(());
        }
        let history = Of { account: account.as_str(), region: region.as_str(), alarm: &alarm.name };
        history.state_changed(tx, &before.state, &alarm.state).await?;
        let detail = event::state_change(&alarm, &before.state);
        self.publish(tx, account, region, &alarm, event::STATE_CHANGE, detail).await?;
        if alarm.configuration.actions_enabled {
            self.act(tx, account, region, &alarm, before.state.value, history).await?;
        }
        Ok(())
    }

    async fn act(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        alarm: &Alarm,
        old_state: StateValue,
        history: Of<'_>,
    ) -> Result<(), StoreError> {
        let actions = alarm.configuration.actions(alarm.state.value);
        if actions.is_empty() {
            return Ok(());
        }
        let change = Change { alarm, account: account.as_str(), region: region.as_str(), old_state };
        let message = change
            .message()
            .map_err(|error| StoreError::Corrupt { table: "metrics.alarm", reason: error.to_string() })?;
        let (subject, email_text) = (change.subject(), change.email_text());
        for topic_arn in actions {
            let notice = Notice {
                topic_arn,
                alarm_arn: &alarm.arn,
                account,
                region,
                subject: &subject,
                message: &message,
                email_text: &email_text,
            };
            match self.actions.notify(tx, &notice).await {
                Ok(()) => history.acted(tx, topic_arn, None).await?,
                Err(ActionError::Refused(reason)) => history.acted(tx, topic_arn, Some(&reason)).await?,
                Err(ActionError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    async fn publish(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        alarm: &Alarm,
        detail_type: &'static str,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let event = AlarmEvent { account, region, time: tx.now(), detail_type, alarm_arn: &alarm.arn, detail };
        self.events.put(tx, event).await
    }

    /// Notes that an alarm was made, changed or deleted, in its history and on the bus.
    pub(crate) async fn configured(
        &self,
        tx: &Tx,
        account: &AccountId,
        region: &Region,
        operation: &'static str,
        alarm: &Alarm,
        previous: Option<(&Configuration, i64)>,
    ) -> Result<(), StoreError> {
        let history = Of { account: account.as_str(), region: region.as_str(), alarm: &alarm.name };
        history.configured(tx, operation, alarm, previous).await?;
        let detail = event::configuration_change(operation, alarm, previous);
        self.publish(tx, account, region, alarm, event::CONFIGURATION_CHANGE, detail).await
    }
}

/// Writes an alarm's row, and keeps its place among the due ones.
pub(crate) fn write(
    tx: &Tx,
    account: &AccountId,
    region: &Region,
    before: Option<&Alarm>,
    alarm: &Alarm,
) -> Result<(), StoreError> {
    let (account, region) = (account.as_str(), region.as_str());
    let old = before.and_then(|before| before.due);
    if old != alarm.due {
        if let Some(old) = old {
            DUE.delete(tx, &[&ordered(old), account, region, &alarm.name]);
        }
        if let Some(due) = alarm.due {
            DUE.put(tx, &[&ordered(due), account, region, &alarm.name], &())?;
        }
    }
    ALARMS.put(tx, &[account, region, &alarm.name], alarm)
}

/// Sets or clears the alarm among its metric's watchers. `before` is what it watched until now.
pub(crate) async fn rewatch(
    tx: &Tx,
    account: &AccountId,
    region: &Region,
    name: &str,
    before: Option<&Configuration>,
    after: Option<&Configuration>,
) -> Result<(), StoreError> {
    for (configuration, period) in [(before, None), (after, after.map(|after| after.period))] {
        let Some(Configuration { metric, .. }) = configuration else { continue };
        let fingerprint = metric.fingerprint();
        let series = Series { account: account.as_str(), region: region.as_str(), metric, fingerprint: &fingerprint };
        let mut watchers =
            WATCHERS.get(tx, &series.parts()).await?.map_or_else(Watchers::default, |row| Watchers::clone(&row));
        match period {
            Some(period) => watchers.alarms.insert(name.to_owned(), period),
            None => watchers.alarms.remove(name),
        };
        if watchers.alarms.is_empty() {
            WATCHERS.delete(tx, &series.parts());
        } else {
            WATCHERS.put(tx, &series.parts(), &watchers)?;
        }
    }
    Ok(())
}

/// Removes an alarm's row and its place among the due ones.
pub(crate) fn remove(tx: &Tx, account: &AccountId, region: &Region, alarm: &Alarm) {
    let (account, region) = (account.as_str(), region.as_str());
    if let Some(due) = alarm.due {
        DUE.delete(tx, &[&ordered(due), account, region, &alarm.name]);
    }
    ALARMS.delete(tx, &[account, region, &alarm.name]);
}
