//! Trails and events as answers show them.

use keeptrail_operation::Timestamp;
use serde::Serialize;

use crate::{
    history::{self, Found},
    model::{Chosen, Trail},
};

/// A trail's settings, as CreateTrail and UpdateTrail answer.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Settings {
    name: String,
    #[serde(rename = "S3BucketName")]
    bucket: String,
    #[serde(rename = "S3KeyPrefix")]
    prefix: Option<String>,
    sns_topic_name: Option<String>,
    #[serde(rename = "SnsTopicARN")]
    sns_topic_arn: Option<String>,
    include_global_service_events: bool,
    is_multi_region_trail: bool,
    #[serde(rename = "TrailARN")]
    arn: String,
    log_file_validation_enabled: bool,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    is_organization_trail: bool,
}

impl Settings {
    pub(crate) fn of(trail: &Trail) -> Self {
        Self {
            name: trail.name.clone(),
            bucket: trail.bucket.clone(),
            prefix: trail.prefix.clone(),
            sns_topic_name: trail.topic.as_ref().map(|topic| topic.name.clone()),
            sns_topic_arn: trail.topic.as_ref().map(|topic| topic.arn.clone()),
            include_global_service_events: trail.global_events,
            is_multi_region_trail: trail.multi_region,
            arn: trail.arn.clone(),
            log_file_validation_enabled: false,
            cloud_watch_logs_log_group_arn: trail.group_arn.clone(),
            cloud_watch_logs_role_arn: trail.role_arn.clone(),
            is_organization_trail: false,
        }
    }
}

/// A trail as DescribeTrails shows it.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Described {
    name: String,
    #[serde(rename = "S3BucketName")]
    bucket: String,
    #[serde(rename = "S3KeyPrefix")]
    prefix: Option<String>,
    sns_topic_name: Option<String>,
    #[serde(rename = "SnsTopicARN")]
    sns_topic_arn: Option<String>,
    include_global_service_events: bool,
    is_multi_region_trail: bool,
    home_region: String,
    #[serde(rename = "TrailARN")]
    arn: String,
    log_file_validation_enabled: bool,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    has_custom_event_selectors: bool,
    has_insight_selectors: bool,
    is_organization_trail: bool,
}

impl Described {
    pub(crate) fn of(trail: &Trail) -> Self {
        Self {
            name: trail.name.clone(),
            bucket: trail.bucket.clone(),
            prefix: trail.prefix.clone(),
            sns_topic_name: trail.topic.as_ref().map(|topic| topic.name.clone()),
            sns_topic_arn: trail.topic.as_ref().map(|topic| topic.arn.clone()),
            include_global_service_events: trail.global_events,
            is_multi_region_trail: trail.multi_region,
            home_region: trail.region.clone(),
            arn: trail.arn.clone(),
            log_file_validation_enabled: false,
            cloud_watch_logs_log_group_arn: trail.group_arn.clone(),
            cloud_watch_logs_role_arn: trail.role_arn.clone(),
            has_custom_event_selectors: !matches!(trail.chosen, Chosen::Default),
            has_insight_selectors: false,
            is_organization_trail: false,
        }
    }
}

/// An event of the history.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Event {
    event_id: String,
    event_name: String,
    /// `"true"` or `"false"`, as text.
    read_only: String,
    access_key_id: Option<String>,
    event_time: Timestamp,
    event_source: String,
    username: Option<String>,
    resources: Vec<Resource>,
    cloud_trail_event: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    resource_type: String,
    resource_name: String,
}

impl Event {
    pub(crate) fn of(found: Found) -> Self {
        let record = &found.record;
        let text = |name: &str| record.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let resource = |(resource_type, resource_name)| Resource { resource_type, resource_name };
        Self {
            event_id: text("eventID"),
            event_name: text("eventName"),
            read_only: history::read_only(record).to_string(),
            access_key_id: history::access_key(record).map(str::to_owned),
            event_time: Timestamp::from_millis(found.at.time.saturating_mul(1000)),
            event_source: text("eventSource"),
            username: history::username(record).map(str::to_owned),
            resources: history::resources(record).into_iter().map(resource).collect(),
            cloud_trail_event: found.text,
        }
    }
}
