//! GetBucketLifecycleConfiguration: no bucket has a lifecycle configuration.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_LIFECYCLE,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html>
pub(crate) struct GetBucketLifecycleConfiguration;

impl Ask for GetBucketLifecycleConfiguration {
    type Request = dto::GetBucketLifecycleConfigurationInput;
    type Reply = dto::GetBucketLifecycleConfigurationOutput;

    fn facts(request: &dto::GetBucketLifecycleConfigurationInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketLifecycleConfiguration {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketLifecycleConfigurationInput>;
    type Output = Answer<dto::GetBucketLifecycleConfigurationOutput>;

    const META: Meta = Meta::read("GetBucketLifecycle", "s3:GetLifecycleConfiguration", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_LIFECYCLE, "The lifecycle configuration does not exist"))
    }
}
