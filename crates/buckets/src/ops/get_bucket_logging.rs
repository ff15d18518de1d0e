//! GetBucketLogging: no bucket logs its requests into another; they are on the record.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html>
pub(crate) struct GetBucketLogging;

impl Ask for GetBucketLogging {
    type Request = dto::GetBucketLoggingInput;
    type Reply = dto::GetBucketLoggingOutput;

    fn facts(request: &dto::GetBucketLoggingInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketLogging {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketLoggingInput>;
    type Output = Answer<dto::GetBucketLoggingOutput>;

    const META: Meta = Meta::read("GetBucketLogging", "s3:GetBucketLogging", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Ok(Answer(dto::GetBucketLoggingOutput::default()))
    }
}
