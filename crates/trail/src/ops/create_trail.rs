//! CreateTrail: makes a trail. It takes nothing until StartLogging.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::{settings, shapes};
use crate::{
    Trails, errors,
    model::{self, Tag, Trail},
    name,
};

/// "Trails per region: 5".
const MOST: usize = 5;

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
pub(crate) struct CreateTrail;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(rename = "S3BucketName")]
    s3_bucket_name: String,
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
    #[serde(default)]
    tags_list: Vec<Tag>,
}

impl Operation for CreateTrail {
    type Service = Trails;
    type Input = Input;
    type Output = shapes::Settings;

    const META: Meta = Meta::write(
        "CreateTrail",
        "cloudtrail:CreateTrail",
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
            "TagsList",
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
        let access = Access::to(Self::META.action).on(cx.arn(&format!("trail/{}", input.name)));
        Ok(vec![access.noting("name", input.name.as_str())])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<shapes::Settings, ApiError> {
        name::check(&input.name)?;
        let arn = cx.arn(&format!("trail/{}", input.name));
        let mut set = model::set(cx).await?;
        if set.find(&arn).is_some() {
            let text = format!("Trail {} already exists for customer: {}", input.name, cx.account());
            return Err(ApiError::new(errors::TRAIL_EXISTS, text));
        }
        let region = cx.region().to_string();
        if set.trails.values().filter(|trail| trail.region == region || trail.multi_region).count() >= MOST {
            let text = format!("User: {} already has {MOST} trails in {region}.", cx.account());
            return Err(ApiError::new(errors::TOO_MANY_TRAILS, text));
        }
        let bucket = input.s3_bucket_name.clone();
        let id = cx.random().uuid()?;
        let mut trail = Trail::new(id, input.name.clone(), arn.clone(), cx.account().to_string(), region, bucket);
        let wanted = settings::Wanted {
            bucket: None,
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
        trail.tags.clone_from(&input.tags_list);
        let shape = shapes::Settings::of(&trail);
        set.trails.insert(arn, trail);
        model::save(cx, &set)?;
        Ok(shape)
    }
}
