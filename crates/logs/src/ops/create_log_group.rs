//! `CreateLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::resource;
use crate::{Logs, constraint::ALREADY_EXISTS, model::Group};

/// Makes a log group without streams.
pub(crate) struct CreateLogGroup;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    kms_key_id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

impl Operation for CreateLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = ();

    const META: Meta =
        Meta::write("CreateLogGroup", "logs:CreateLogGroup", &["logGroupName", "tags", "logGroupClass"], &[]);

    async fn access(cx: &Context<'_, Logs>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let create = resource::on_group(cx, Self::META.action, &input.log_group_name);
        let mut needs = vec![resource::with_tags(create, &input.tags)];
        if !input.tags.is_empty() {
            let tag = Access::to("logs:TagResource").on(resource::group_arn(cx, &input.log_group_name));
            needs.push(resource::with_tags(tag, &input.tags));
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Logs>, input: &Input) -> Result<(), ApiError> {
        resource::only_standard_class(input.log_group_class.as_deref())?;
        if input.kms_key_id.is_some() {
            return Err(ApiError::not_carried_out("the parameter kmsKeyId"));
        }
        if input.deletion_protection_enabled == Some(true) {
            return Err(ApiError::not_carried_out("the parameter deletionProtectionEnabled"));
        }
        if resource::find_group(cx, &input.log_group_name).await?.is_some() {
            return Err(ApiError::new(ALREADY_EXISTS, "The specified log group already exists"));
        }
        let mut tags = BTreeMap::new();
        resource::merge_tags(&mut tags, &input.tags)?;
        let group = Group {
            id: cx.service().random().uuid()?,
            name: input.log_group_name.clone(),
            created: cx.now().as_millisecond(),
            retention_days: None,
            tags,
        };
        resource::put_group(cx, &group)
    }
}
