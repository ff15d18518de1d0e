//! GetBucketCors: no bucket has a CORS configuration.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_CORS,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>
pub(crate) struct GetBucketCors;

impl Ask for GetBucketCors {
    type Request = dto::GetBucketCorsInput;
    type Reply = dto::GetBucketCorsOutput;

    fn facts(request: &dto::GetBucketCorsInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketCors {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketCorsInput>;
    type Output = Answer<dto::GetBucketCorsOutput>;

    const META: Meta = Meta::read("GetBucketCors", "s3:GetBucketCORS", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_CORS, "The CORS configuration does not exist"))
    }
}
