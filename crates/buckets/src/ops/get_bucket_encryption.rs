//! GetBucketEncryption: objects are not encrypted by the server.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_ENCRYPTION,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
pub(crate) struct GetBucketEncryption;

impl Ask for GetBucketEncryption {
    type Request = dto::GetBucketEncryptionInput;
    type Reply = dto::GetBucketEncryptionOutput;

    fn facts(request: &dto::GetBucketEncryptionInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketEncryption {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketEncryptionInput>;
    type Output = Answer<dto::GetBucketEncryptionOutput>;

    const META: Meta = Meta::read("GetBucketEncryption", "s3:GetEncryptionConfiguration", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_ENCRYPTION, "The server side encryption configuration was not found"))
    }
}
