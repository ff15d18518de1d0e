//! `DescribeLogGroups`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_store::Key;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::resource;
use crate::{
    Logs,
    constraint::{group_name, invalid, items, one_of, range},
    metric_filter::FILTERS,
    model::{GROUPS, Group, STREAMS},
    token,
};

/// Groups or streams that are read at once.
const PAGE: usize = 200;

/// Shows log groups in the order of their names.
pub(crate) struct DescribeLogGroups;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    account_identifiers: Option<Vec<String>>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    include_linked_accounts: Option<bool>,
    log_group_class: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    log_group_identifiers: Vec<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_groups: Vec<LogGroup>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogGroup {
    log_group_name: String,
    creation_time: i64,
    retention_in_days: Option<i64>,
    metric_filter_count: usize,
    arn: String,
    stored_bytes: u64,
    log_group_class: &'static str,
    log_group_arn: String,
}

impl Input {
    fn check(&self) -> Result<(), ApiError> {
        if let Some(prefix) = &self.log_group_name_prefix {
            group_name("logGroupNamePrefix", prefix)?;
        }
        if let Some(pattern) = self.log_group_name_pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
            group_name("logGroupNamePattern", pattern)?;
            if self.log_group_name_prefix.is_some() {
                return Err(invalid(
                    "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
                ));
            }
        }
        if let Some(class) = &self.log_group_class {
            one_of("logGroupClass", class, &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])?;
        }
        items("logGroupIdentifiers", self.log_group_identifiers.len(), 0, 50)?;
        if self.account_identifiers.is_some() {
            return Err(ApiError::not_carried_out("the parameter accountIdentifiers"));
        }
        if self.include_linked_accounts == Some(true) {
            return Err(ApiError::not_carried_out("the parameter includeLinkedAccounts"));
        }
        Ok(())
    }

    fn wants(&self, group: &Group, only: &[String]) -> bool {
        self.log_group_name_prefix.as_deref().is_none_or(|prefix| group.name.starts_with(prefix))
            && self.log_group_name_pattern.as_deref().is_none_or(|pattern| group.name.contains(pattern))
            && (only.is_empty() || only.contains(&group.name))
    }
}

impl Operation for DescribeLogGroups {
    type Service = Logs;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "DescribeLogGroups",
        "logs:DescribeLogGroups",
        &["logGroupNamePrefix", "logGroupNamePattern", "limit", "logGroupClass", "logGroupIdentifiers"],
    );

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
        Ok(vec![resource::on_group(cx, Self::META.action, prefix)])
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<Output, ApiError> {
        input.check()?;
        let limit = range("limit", input.limit, 50, 50)?;
        let only: Vec<String> = input
            .log_group_identifiers
            .iter()
            .map(|identifier| resource::identified(cx, None, Some(identifier)))
            .collect::<Result<_, _>>()?;
        let mut last: Option<String> = token::open(Self::META.name, input.next_token.as_deref())?;
        let mut output = Output { log_groups: Vec::new(), next_token: None };
        if input.log_group_class.as_deref().is_some_and(|class| class != "STANDARD") {
            return Ok(output);
        }
        let parts = [cx.account().as_str(), cx.region().as_str()];
        let mut after: Option<Key> = last.as_deref().map(|last| GROUPS.key(&[parts[0], parts[1], last]));
        loop {
            let page = GROUPS.page(cx.tx(), &parts, after.as_ref(), PAGE).await?;
            let Some((end, _)) = page.last() else { return Ok(output) };
            after = Some(end.clone());
            for (_, group) in page.iter().filter(|(_, group)| input.wants(group, &only)) {
                if output.log_groups.len() == limit {
                    output.next_token = Some(token::seal(Self::META.name, &last)?);
                    return Ok(output);
                }
                output.log_groups.push(shown(cx, group).await?);
                last = Some(group.name.clone());
            }
        }
    }
}

async fn shown(cx: &Context<'_, Logs>, group: &Group) -> Result<LogGroup, ApiError> {
    let (account, region) = (cx.account().as_str(), cx.region().as_str());
    let filters = FILTERS.get(cx.tx(), &[account, region, &group.name]).await?;
    let mut stored_bytes = 0;
    let mut after: Option<Key> = None;
    loop {
        let streams = STREAMS.page(cx.tx(), &[account, region, &group.id], after.as_ref(), PAGE).await?;
        let Some((last, _)) = streams.last() else { break };
        after = Some(last.clone());
        stored_bytes += streams.iter().map(|(_, stream)| stream.stored_bytes).sum::<u64>();
    }
    let arn = resource::group_arn(cx, &group.name);
    Ok(LogGroup {
        log_group_name: group.name.clone(),
        creation_time: group.created,
        retention_in_days: group.retention_days,
        metric_filter_count: filters.map_or(0, |filters| filters.filters.len()),
        arn: format!("{arn}:*"),
        stored_bytes,
        log_group_class: "STANDARD",
        log_group_arn: arn,
    })
}
