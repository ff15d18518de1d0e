//! UpdateTrail: changes a trail's settings.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{settings, shapes, shared};
use crate::{Trails, model};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>
pub(crate) struct UpdateTrail;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(rename = "S3BucketName", default)]
    s3_bucket_name: Option<String>,
    #[serde(rename = "S3KeyPrefix", default)]
    s3_key_prefix: Option<String>,
    #[serde(default)]
    sns_topic_name: Option<String>,
    #[serde(default)]
    include_global_service_events: Option<bool>,
    #[serde(default)]
    is_multi_region_trail: Option<bool>,
    #[serde(default)]
    enable_log_file_validation: Option<bool>,
    #[serde(default)]
    cloud_watch_logs_log_group_arn: Option<String>,
    #[serde(default)]
    cloud_watch_logs_role_arn: Option<String>,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    is_organization_trail: Option<bool>,
}

impl Operation for UpdateTrail {
    type Service = Trails;
    type Input = Input;
    type Output = shapes::Settings;

    const META: Meta = Meta::write(
        "UpdateTrail",
        "cloudtrail:UpdateTrail",
        &[
            "Name",
            "S3BucketName",
            "S3KeyPrefix",
            "SnsTopicName",
            "IncludeGlobalServiceEvents",
            "IsMultiRegionTrail",
            "EnableLogFileValidation",
            "CloudWatchLogsLogGroupArn",
            "CloudWatchLogsRoleArn",
            "KmsKeyId",
            "IsOrganizationTrail",
        ],
        &[
            "Name",
            "S3BucketName",
            "S3KeyPrefix",
            "SnsTopicName",
            "SnsTopicARN",
            "IncludeGlobalServiceEvents",
            "IsMultiRegionTrail",
            "TrailARN",
            "LogFileValidationEnabled",
            "CloudWatchLogsLogGroupArn",
            "CloudWatchLogsRoleArn",
            "IsOrganizationTrail",
        ],
    );

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.name).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<shapes::Settings, ApiError> {
        let mut set = model::set(cx).await?;
        let mut trail = set.change(cx, &input.name)?.clone();
        let wanted = settings::Wanted {
            bucket: input.s3_bucket_name.as_deref(),
            prefix: input.s3_key_prefix.as_deref(),
            topic: input.sns_topic_name.as_deref(),
            global_events: input.include_global_service_events,
            multi_region: input.is_multi_region_trail,
            validation: input.enable_log_file_validation,
            group_arn: input.cloud_watch_logs_log_group_arn.as_deref(),
            role_arn: input.cloud_watch_logs_role_arn.as_deref(),
            kms_key: input.kms_key_id.as_deref(),
            organization: input.is_organization_trail,
        };
        settings::apply(cx, &mut trail, &wanted).await?;
        let shape = shapes::Settings::of(&trail);
        set.trails.insert(trail.arn.clone(), trail);
        model::save(cx, &set)?;
        Ok(shape)
    }
}
