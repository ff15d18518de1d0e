//! GetBucketVersioning: no bucket has versions.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>
pub(crate) struct GetBucketVersioning;

impl Ask for GetBucketVersioning {
    type Request = dto::GetBucketVersioningInput;
    type Reply = dto::GetBucketVersioningOutput;

    fn facts(request: &dto::GetBucketVersioningInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketVersioning {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketVersioningInput>;
    type Output = Answer<dto::GetBucketVersioningOutput>;

    const META: Meta = Meta::read("GetBucketVersioning", "s3:GetBucketVersioning", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Ok(Answer(dto::GetBucketVersioningOutput::default()))
    }
}
