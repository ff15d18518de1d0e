//! What happened to alarms. Kept for 90 days (AWS: two weeks).

use std::cmp::Ordering;

use keeptrail_clock::Timestamp;
use keeptrail_store::{Key, Scan, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Alarm, Configuration, State, alarm::millis, event, series::ordered};

/// How long items are kept, in days.
pub(crate) const DAYS_KEPT: i64 = 90;

/// Something that happened to an alarm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// In milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) summary: String,
    pub(crate) data: String,
}

/// The kinds of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    ConfigurationUpdate,
    StateUpdate,
    Action,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
            Self::Action => "Action",
        }
    }
}

/// By account, region, alarm's name, time in milliseconds, and a number that tells items of one time apart.
pub(crate) const HISTORY: Table<Item> = Table::new("metrics.history");

/// Whose history.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) alarm: &'a str,
}

impl Of<'_> {
    async fn add(&self, tx: &Tx, kind: Kind, summary: String, data: &Value) -> Result<(), StoreError> {
        let at = millis(tx.now());
        let time = ordered(u64::try_from(at).unwrap_or(0));
        for number in 0.. {
            let number = ordered(number);
            let parts = [self.account, self.region, self.alarm, &time, &number];
            if HISTORY.get(tx, &parts).await?.is_none() {
                return HISTORY.put(tx, &parts, &Item { kind, at, summary, data: data.to_string() });
            }
        }
        Ok(())
    }

    /// The alarm's state changed.
    pub(crate) async fn state_changed(&self, tx: &Tx, old: &State, new: &State) -> Result<(), StoreError> {
        let summary = format!("Alarm updated from {} to {}", old.value.name(), new.value.name());
        let data = json!({ "version": "1.0", "oldState": state(old), "newState": state(new) });
        self.add(tx, Kind::StateUpdate, summary, &data).await
    }

    /// An action was taken, or refused with a reason.
    pub(crate) async fn acted(&self, tx: &Tx, action: &str, refused: Option<&str>) -> Result<(), StoreError> {
        let mut data = Map::new();
        data.insert("actionState".into(), json!(if refused.is_some() { "Failed" } else { "Succeeded" }));
        data.insert("notificationResource".into(), json!(action));
        data.insert("stateUpdateTimestamp".into(), json!(millis(tx.now())));
        let summary = match refused {
            None => format!("Successfully executed action {action}"),
            Some(reason) => {
                data.insert("error".into(), json!(reason));
                format!("Failed to execute action {action}. Received error: \"{reason}\"")
            }
        };
        self.add(tx, Kind::Action, summary.chars().take(255).collect(), &Value::Object(data)).await
    }

    /// The alarm was made, changed or deleted.
    pub(crate) async fn configured(
        &self,
        tx: &Tx,
        operation: &'static str,
        alarm: &Alarm,
        previous: Option<(&Configuration, i64)>,
    ) -> Result<(), StoreError> {
        let (past, kind) = match operation {
            "create" => ("created", "Create"),
            "delete" => ("deleted", "Delete"),
            _ => ("updated", "Update"),
        };
        let mut data = Map::new();
        data.insert("version".into(), json!("1.0"));
        data.insert("type".into(), json!(kind));
        let detail = event::configuration_change(operation, alarm, previous);
        if let Some(previous) = detail.get("previousConfiguration") {
            data.insert("previousAlarm".into(), previous.clone());
        }
        if let Some(configuration) = detail.get("configuration") {
            data.insert(format!("{past}Alarm"), configuration.clone());
        }
        let summary = format!("Alarm \"{}\" {past}", self.alarm);
        self.add(tx, Kind::ConfigurationUpdate, summary, &Value::Object(data)).await
    }

    /// The key at which the alarm's items after a place of the merged histories begin: a time, an alarm's name, and the
    /// number of that alarm's item.
    pub(crate) fn place(&self, (time, alarm, number): &(String, String, String)) -> Key {
        let at = HISTORY.key(&[self.account, self.region, self.alarm, time]);
        match self.alarm.cmp(alarm.as_str()) {
            Ordering::Equal => at.with(number),
            // Items of one time come in the order of the names: those of an earlier name lie before the place.
            Ordering::Less => at.end(),
            Ordering::Greater => at,
        }
    }

    /// Up to `limit` items of `from..to` (milliseconds since 1970), after the item at `after`, newest first if `reverse`.
    pub(crate) async fn page(
        &self,
        tx: &Tx,
        (from, to): (i64, i64),
        after: Option<&Key>,
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        let bound =
            |at: i64| HISTORY.key(&[self.account, self.region, self.alarm, &ordered(u64::try_from(at).unwrap_or(0))]);
        let mut scan = Scan { from: bound(from), to: bound(to), limit, reverse };
        match after {
            Some(after) if reverse => scan.to = after.clone().min(scan.to),
            Some(after) => scan.from = after.next().max(scan.from),
            None => {}
        }
        items(tx, &scan).await
    }
}

async fn items(tx: &Tx, scan: &Scan) -> Result<Vec<(Key, Item)>, StoreError> {
    let decode = |bytes: &[u8]| serde_json::from_slice(bytes);
    tx.scan(scan)
        .await?
        .into_iter()
        .map(|(key, row)| match decode(row.bytes()) {
            Ok(item) => Ok((key, item)),
            Err(error) => Err(StoreError::Corrupt { table: "metrics.history", reason: error.to_string() }),
        })
        .collect()
}

/// The first alarm with a history after `after` in the order of their names, with its account and region: the key parts
/// of its oldest item.
pub(crate) async fn next_alarm(
    tx: &Tx,
    parts: &[&str],
    after: Option<&[String; 3]>,
) -> Result<Option<[String; 3]>, StoreError> {
    let all = HISTORY.key(parts);
    let from =
        after.map_or_else(|| all.clone(), |[account, region, alarm]| HISTORY.key(&[account, region, alarm]).end());
    let first = tx.scan(&Scan { from, to: all.end(), limit: 1, reverse: false }).await?;
    Ok(first.first().and_then(|(key, _)| {
        let mut parts = key.parts().into_iter().skip(1);
        Some([parts.next()?, parts.next()?, parts.next()?])
    }))
}

fn state(state: &State) -> Value {
    let mut object = Map::new();
    object.insert("stateValue".into(), json!(state.value));
    object.insert("stateReason".into(), json!(state.reason));
    if let Some(data) = &state.reason_data {
        let data: Value = serde_json::from_str(data).unwrap_or_else(|_| json!(data));
        object.insert("stateReasonData".into(), data);
    }
    Value::Object(object)
}

/// The time before which items are no longer kept.
pub(crate) fn kept_since(now: Timestamp) -> i64 {
    millis(now).saturating_sub(DAYS_KEPT * 86_400_000)
}
