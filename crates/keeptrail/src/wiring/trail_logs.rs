//! Trails deliver to log groups, under the role that they were given.

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Arn, Region};
use keeptrail_iam::{RoleProblem, ServiceCall, service_may};
use keeptrail_logs::{LogEvent, Logs, LogsError};
use keeptrail_store::{StoreError, Tx};
use keeptrail_trail::{LogProblem, LogSink, TrailEvent};

/// The log groups, as trails see them.
pub(super) struct TrailLogs(pub(super) Logs);

/// A log group's ARN taken apart.
struct Group<'a> {
    account: AccountId,
    region: Region,
    name: &'a str,
}

fn group(arn: &str) -> Result<Group<'_>, LogProblem> {
    let parsed = Arn::parse(arn).map_err(|_| LogProblem::NoGroup)?;
    let name = parsed.resource.strip_prefix("log-group:").ok_or(LogProblem::NoGroup)?;
    Ok(Group {
        account: parsed.account.parse().map_err(|_| LogProblem::NoGroup)?,
        region: parsed.region.parse().map_err(|_| LogProblem::NoGroup)?,
        name: name.strip_suffix(":*").unwrap_or(name),
    })
}

#[async_trait]
impl LogSink for TrailLogs {
    async fn check(
        &self,
        tx: &Tx,
        group_arn: &str,
        role_arn: &str,
        stream: &str,
        trail_arn: &str,
    ) -> Result<(), LogProblem> {
        let group = group(group_arn)?;
        let Group { account, region, name } = &group;
        let arn = format!("arn:aws:logs:{region}:{account}:log-group:{name}:log-stream:{stream}");
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            let call = ServiceCall {
                service: "cloudtrail.amazonaws.com",
                source_arn: trail_arn,
                role_arn,
                action,
                resource: &arn,
                resource_policy: None,
            };
            service_may(tx, &call).await.map_err(|problem| match problem {
                RoleProblem::Trust(_) => LogProblem::Trust,
                RoleProblem::NoRole(_) | RoleProblem::Permission(_) => LogProblem::Permission,
                RoleProblem::Store(error) => LogProblem::Store(error),
            })?;
        }
        // Writing nothing tells whether there is such a group.
        self.append(tx, group_arn, stream, &[]).await
    }

    async fn append(
        &self,
        tx: &Tx,
        group_arn: &str,
        stream: &str,
        events: &[TrailEvent<'_>],
    ) -> Result<(), LogProblem> {
        let group = group(group_arn)?;
        let mut lines = Vec::with_capacity(events.len());
        for event in events {
            lines.push(LogEvent { timestamp: event.time, message: event.message, document: Some(event.document) });
        }
        let appended = self.0.append(tx, &group.account, &group.region, group.name, stream, &lines).await;
        appended.map_err(|error| match error {
            LogsError::NoGroup(_) => LogProblem::NoGroup,
            LogsError::Store(error) => LogProblem::Store(error),
            error => LogProblem::Store(StoreError::Unavailable(error.to_string())),
        })
    }
}
