//! A trail's settings: checked as AWS checks them, before they are kept.

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    Trails, errors,
    model::{Topic, Trail},
    ports::{BucketProblem, LogProblem, TopicProblem},
};

/// What CreateTrail or UpdateTrail asks for; `None` leaves a setting as it is.
pub(super) struct Wanted<'a> {
    pub(super) bucket: Option<&'a str>,
    pub(super) prefix: Option<&'a str>,
    pub(super) topic: Option<&'a str>,
    pub(super) global_events: Option<bool>,
    pub(super) multi_region: Option<bool>,
    pub(super) validation: Option<bool>,
    pub(super) group_arn: Option<&'a str>,
    pub(super) role_arn: Option<&'a str>,
    pub(super) kms_key: Option<&'a str>,
    pub(super) organization: Option<bool>,
}

/// Applies the settings to `trail` and checks that it can deliver.
pub(super) async fn apply(cx: &Context<'_, Trails>, trail: &mut Trail, wanted: &Wanted<'_>) -> Result<(), ApiError> {
    refuse(wanted)?;
    if let Some(bucket) = wanted.bucket {
        bucket.clone_into(&mut trail.bucket);
    }
    if let Some(prefix) = wanted.prefix {
        if prefix.len() > 200 || prefix.starts_with('/') {
            let text = "The S3 key prefix must have at most 200 characters and must not begin with /.";
            return Err(ApiError::new(errors::INVALID_PREFIX, text));
        }
        trail.prefix = Some(prefix.trim_end_matches('/').to_owned()).filter(|prefix| !prefix.is_empty());
    }
    trail.global_events = wanted.global_events.unwrap_or(trail.global_events);
    trail.multi_region = wanted.multi_region.unwrap_or(trail.multi_region);
    if trail.multi_region && !trail.global_events {
        let text = "Multi-Region trail must include global service events.";
        return Err(ApiError::new(errors::INVALID_COMBINATION, text));
    }
    // An empty text takes the topic or the log group away.
    if let Some(name) = wanted.topic {
        trail.topic = if name.is_empty() { None } else { Some(topic(cx, name)?) };
    }
    if let Some(group) = wanted.group_arn {
        trail.group_arn = Some(group.to_owned()).filter(|group| !group.is_empty());
    }
    if let Some(role) = wanted.role_arn {
        trail.role_arn = Some(role.to_owned()).filter(|role| !role.is_empty());
    }
    check_bucket(cx, trail).await?;
    check_topic(cx, trail).await?;
    check_group(cx, trail).await
}

/// The topic that a name or an ARN means in the call's account and region.
fn topic(cx: &Context<'_, Trails>, name: &str) -> Result<Topic, ApiError> {
    let valid = |topic: &str| {
        (1..=256).contains(&topic.len())
            && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let arn = match Arn::parse(name) {
        Ok(arn) if arn.service == "sns" && valid(arn.resource) => name.to_owned(),
        Err(_) if valid(name) => format!("arn:aws:sns:{}:{}:{name}", cx.region(), cx.account()),
        _ => {
            let text = "SnsTopicName must be the name or the ARN of a topic: letters, digits, hyphens and underscores.";
            return Err(ApiError::new(errors::INVALID_TOPIC, text));
        }
    };
    Ok(Topic { name: name.to_owned(), arn })
}

async fn check_topic(cx: &Context<'_, Trails>, trail: &Trail) -> Result<(), ApiError> {
    let Some(topic) = &trail.topic else { return Ok(()) };
    let checked = cx.service().topics.check(cx.tx(), &topic.arn, cx.account().as_str(), &trail.arn).await;
    checked.map_err(|problem| match problem {
        TopicProblem::Store(error) => error.into(),
        _ => ApiError::new(errors::TOPIC_POLICY, "SNS Topic does not exist or the topic policy is incorrect!"),
    })
}

fn refuse(wanted: &Wanted<'_>) -> Result<(), ApiError> {
    let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    if wanted.validation == Some(true) {
        return Err(ApiError::not_carried_out("digest files (EnableLogFileValidation)"));
    }
    if given(wanted.kms_key) {
        return Err(ApiError::not_carried_out("encryption of log files (KmsKeyId)"));
    }
    if wanted.organization == Some(true) {
        return Err(ApiError::not_carried_out("organization trails (IsOrganizationTrail)"));
    }
    Ok(())
}

async fn check_bucket(cx: &Context<'_, Trails>, trail: &Trail) -> Result<(), ApiError> {
    let checked = cx
        .service()
        .objects
        .check(cx.tx(), cx.account().as_str(), &trail.bucket, &trail.key_prefix(), &trail.arn)
        .await;
    checked.map_err(|problem| match problem {
        BucketProblem::NoBucket => {
            ApiError::new(errors::NO_BUCKET, format!("S3 bucket {} does not exist!", trail.bucket))
        }
        BucketProblem::Policy | BucketProblem::Unavailable(_) => {
            let text = format!("Incorrect S3 bucket policy is detected for bucket: {}", trail.bucket);
            ApiError::new(errors::BUCKET_POLICY, text)
        }
        BucketProblem::Store(error) => error.into(),
    })
}

async fn check_group(cx: &Context<'_, Trails>, trail: &Trail) -> Result<(), ApiError> {
    let (group, role) = match (&trail.group_arn, &trail.role_arn) {
        (None, None) => return Ok(()),
        (Some(group), Some(role)) => (group, role),
        (Some(_), None) => {
            return Err(ApiError::new(errors::INVALID_ROLE, "You must specify a role ARN as well as a log group."));
        }
        (None, Some(_)) => {
            return Err(ApiError::new(errors::INVALID_GROUP, "You must specify a log group as well as a role ARN."));
        }
    };
    cx.authorise(
        &Access::to("iam:PassRole")
            .on(role.as_str())
            .when("iam:PassedToService", ["cloudtrail.amazonaws.com".to_owned()]),
    )?;
    let stream = format!("{}_CloudTrail_{}", cx.account(), cx.region());
    let checked = cx.service().logs.check(cx.tx(), group, role, &stream, &trail.arn).await;
    checked.map_err(|problem| match problem {
        LogProblem::NoGroup | LogProblem::Permission => {
            ApiError::new(errors::INVALID_GROUP, "Access denied. Verify in IAM that the role has adequate permissions.")
        }
        LogProblem::Trust => {
            ApiError::new(errors::INVALID_ROLE, "Access denied. Check the trust relationships for your role.")
        }
        LogProblem::Store(error) => error.into(),
    })
}
