//! A trail's settings: checked as AWS checks them, before they are kept.

use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    Trails, errors,
    model::Trail,
    ports::{BucketProblem, LogProblem},
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
    // An empty text takes the log group away.
    if let Some(group) = wanted.group_arn {
        trail.group_arn = Some(group.to_owned()).filter(|group| !group.is_empty());
    }
    if let Some(role) = wanted.role_arn {
        trail.role_arn = Some(role.to_owned()).filter(|role| !role.is_empty());
    }
    check_bucket(cx, trail).await?;
    check_group(cx, trail).await
}

fn refuse(wanted: &Wanted<'_>) -> Result<(), ApiError> {
    let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    if wanted.validation == Some(true) {
        return Err(ApiError::not_carried_out("digest files (EnableLogFileValidation)"));
    }
    if given(wanted.topic) {
        return Err(ApiError::not_carried_out("notices of delivery (SnsTopicName)"));
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
    let checked = cx.service().logs.check(cx.tx(), group, role).await;
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
