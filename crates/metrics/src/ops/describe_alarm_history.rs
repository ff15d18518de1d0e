//! `DescribeAlarmHistory`: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use keeptrail_store::Key;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource;
use crate::{
    Metrics,
    alarm::millis,
    constraint::{length, one_of, range},
    history::{Item, Of, kept_since, next_alarm},
    token,
};

/// Shows what happened to one alarm or to all, also to deleted ones.
pub(crate) struct DescribeAlarmHistory;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    alarm_name: Option<String>,
    alarm_contributor_id: Option<String>,
    alarm_types: Option<Vec<String>>,
    history_item_type: Option<String>,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    max_records: Option<i64>,
    next_token: Option<String>,
    scan_by: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    alarm_history_items: Vec<HistoryItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HistoryItem {
    alarm_name: String,
    alarm_type: &'static str,
    timestamp: Timestamp,
    history_item_type: &'static str,
    history_summary: String,
    history_data: String,
}

const ITEM_TYPES: [&str; 5] =
    ["ConfigurationUpdate", "StateUpdate", "Action", "AlarmContributorStateUpdate", "AlarmContributorAction"];

/// A place in the merged histories: the time, the alarm's name, the item's number in that time.
type Place = (String, String, String);

impl Operation for DescribeAlarmHistory {
    type Service = Metrics;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeAlarmHistory",
        "cloudwatch:DescribeAlarmHistory",
        &["AlarmName", "AlarmTypes", "HistoryItemType", "StartDate", "EndDate", "MaxRecords", "ScanBy"],
    );

    async fn access(cx: &Context<'_, Metrics>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = input.alarm_name.as_deref().unwrap_or("*");
        Ok(vec![Access::to(Self::META.action).on(resource::arn(cx, name))])
    }

    async fn run(cx: &Context<'_, Metrics>, input: &Input) -> Result<Output, ApiError> {
        let limit = range("maxRecords", input.max_records, 1, 100, 100)?;
        input.check()?;
        let reverse = input.scan_by.as_deref() != Some("TimestampAscending");
        let after: Option<Place> =
            input.next_token.as_deref().map(|text| token::open(Self::META.name, text)).transpose()?;
        let mut output = Output { alarm_history_items: Vec::new(), next_token: None };
        if input
            .alarm_types
            .as_ref()
            .is_some_and(|kinds| !kinds.is_empty() && !kinds.iter().any(|kind| kind == "MetricAlarm"))
        {
            return Ok(output);
        }
        let mut items = Vec::new();
        for alarm in alarms(cx, input.alarm_name.as_deref()).await? {
            items.extend(input.items(cx, alarm, after.as_ref(), reverse, limit + 1).await?);
            // Each history gives its next items, so the next of all are among them.
            items.sort_by(|(a, _), (b, _)| if reverse { b.cmp(a) } else { a.cmp(b) });
            items.truncate(limit + 1);
        }
        if items.len() > limit {
            items.truncate(limit);
            output.next_token = items.last().map(|(place, _)| token::seal(Self::META.name, place)).transpose()?;
        }
        output.alarm_history_items = items.into_iter().map(|((_, alarm, _), item)| shown(alarm, item)).collect();
        Ok(output)
    }
}

fn shown(alarm_name: String, item: Item) -> HistoryItem {
    HistoryItem {
        alarm_name,
        alarm_type: "MetricAlarm",
        timestamp: Timestamp::from_millis(item.at),
        history_item_type: item.kind.name(),
        history_summary: item.summary,
        history_data: item.data,
    }
}

/// The names of the alarms that have a history.
async fn alarms(cx: &Context<'_, Metrics>, only: Option<&str>) -> Result<Vec<String>, ApiError> {
    if let Some(name) = only {
        return Ok(vec![name.to_owned()]);
    }
    let (account, region) = (cx.account().as_str(), cx.region().as_str());
    let mut names = Vec::new();
    let mut last: Option<[String; 3]> = None;
    while let Some(next) = next_alarm(cx.tx(), &[account, region], last.as_ref()).await? {
        names.push(next[2].clone());
        last = Some(next);
    }
    Ok(names)
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        if let Some(name) = &self.alarm_name {
            length("alarmName", name, 1, 255)?;
        }
        if self.alarm_contributor_id.is_some() {
            return Err(ApiError::not_carried_out("the parameter AlarmContributorId"));
        }
        for kind in self.alarm_types.iter().flatten() {
            one_of("alarmTypes", kind, &["CompositeAlarm", "MetricAlarm"])?;
        }
        if let Some(kind) = &self.history_item_type {
            one_of("historyItemType", kind, &ITEM_TYPES)?;
        }
        self.scan_by.as_ref().map_or(Ok(()), |by| one_of("scanBy", by, &["TimestampDescending", "TimestampAscending"]))
    }

    /// Up to `limit` items of one alarm after a place.
    async fn items(
        &self,
        cx: &Context<'_, Metrics>,
        alarm: String,
        after: Option<&Place>,
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<(Place, Item)>, ApiError> {
        let history = Of { account: cx.account().as_str(), region: cx.region().as_str(), alarm: &alarm };
        let from = self.start_date.map_or(0, Timestamp::as_millis).max(kept_since(cx.now()));
        let to = self.end_date.map_or(millis(cx.now()), Timestamp::as_millis).saturating_add(1);
        let mut after: Option<Key> = after.map(|place| history.place(place));
        let mut found = Vec::new();
        loop {
            let page = history.page(cx.tx(), (from, to), after.as_ref(), reverse, limit).await?;
            let Some((last, _)) = page.last() else { return Ok(found) };
            after = Some(last.clone());
            for (key, item) in page {
                if self.history_item_type.as_deref().is_some_and(|kind| kind != item.kind.name()) {
                    continue;
                }
                let mut parts = key.parts().into_iter().skip(4);
                let (Some(time), Some(number)) = (parts.next(), parts.next()) else { continue };
                found.push(((time, alarm.clone(), number), item));
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
    }
}
