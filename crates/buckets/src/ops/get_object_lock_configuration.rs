//! GetObjectLockConfiguration: no bucket has object lock.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_OBJECT_LOCK,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html>
pub(crate) struct GetObjectLockConfiguration;

impl Ask for GetObjectLockConfiguration {
    type Request = dto::GetObjectLockConfigurationInput;
    type Reply = dto::GetObjectLockConfigurationOutput;

    fn facts(request: &dto::GetObjectLockConfigurationInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetObjectLockConfiguration {
    type Service = Buckets;
    type Input = Asked<dto::GetObjectLockConfigurationInput>;
    type Output = Answer<dto::GetObjectLockConfigurationOutput>;

    const META: Meta =
        Meta::read("GetBucketObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_OBJECT_LOCK, "Object Lock configuration does not exist for this bucket"))
    }
}
