//! GetPublicAccessBlock: every bucket is closed to the public.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>
pub(crate) struct GetPublicAccessBlock;

impl Ask for GetPublicAccessBlock {
    type Request = dto::GetPublicAccessBlockInput;
    type Reply = dto::GetPublicAccessBlockOutput;

    fn facts(request: &dto::GetPublicAccessBlockInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetPublicAccessBlock {
    type Service = Buckets;
    type Input = Asked<dto::GetPublicAccessBlockInput>;
    type Output = Answer<dto::GetPublicAccessBlockOutput>;

    const META: Meta = Meta::read("GetBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        let block = dto::PublicAccessBlockConfiguration {
            block_public_acls: Some(true),
            block_public_policy: Some(true),
            ignore_public_acls: Some(true),
            restrict_public_buckets: Some(true),
        };
        Ok(Answer(dto::GetPublicAccessBlockOutput { public_access_block_configuration: Some(block) }))
    }
}
