//! GetBucketAccelerateConfiguration: no bucket is accelerated.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html>
pub(crate) struct GetBucketAccelerateConfiguration;

impl Ask for GetBucketAccelerateConfiguration {
    type Request = dto::GetBucketAccelerateConfigurationInput;
    type Reply = dto::GetBucketAccelerateConfigurationOutput;

    fn facts(request: &dto::GetBucketAccelerateConfigurationInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketAccelerateConfiguration {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketAccelerateConfigurationInput>;
    type Output = Answer<dto::GetBucketAccelerateConfigurationOutput>;

    const META: Meta = Meta::read("GetAccelerateConfiguration", "s3:GetAccelerateConfiguration", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Ok(Answer(dto::GetBucketAccelerateConfigurationOutput::default()))
    }
}
