//! PutPublicAccessBlock: every bucket is closed to the public, and can only be told so.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::not_carried_out,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html>
pub(crate) struct PutPublicAccessBlock;

impl Ask for PutPublicAccessBlock {
    type Request = dto::PutPublicAccessBlockInput;
    type Reply = dto::PutPublicAccessBlockOutput;

    fn facts(request: &dto::PutPublicAccessBlockInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for PutPublicAccessBlock {
    type Service = Buckets;
    type Input = Asked<dto::PutPublicAccessBlockInput>;
    type Output = Answer<dto::PutPublicAccessBlockOutput>;

    const META: Meta = Meta::write("PutBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        let block = &input.request.public_access_block_configuration;
        let all = [
            block.block_public_acls,
            block.block_public_policy,
            block.ignore_public_acls,
            block.restrict_public_buckets,
        ];
        if all.into_iter().any(|one| one != Some(true)) {
            return Err(not_carried_out("buckets that are open to the public"));
        }
        Ok(Answer(dto::PutPublicAccessBlockOutput::default()))
    }
}
