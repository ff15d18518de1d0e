//! PutBucketOwnershipControls: a bucket's owner owns all its objects; that alone can be said.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::not_carried_out,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html>
pub(crate) struct PutBucketOwnershipControls;

impl Ask for PutBucketOwnershipControls {
    type Request = dto::PutBucketOwnershipControlsInput;
    type Reply = dto::PutBucketOwnershipControlsOutput;

    fn facts(request: &dto::PutBucketOwnershipControlsInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for PutBucketOwnershipControls {
    type Service = Buckets;
    type Input = Asked<dto::PutBucketOwnershipControlsInput>;
    type Output = Answer<dto::PutBucketOwnershipControlsOutput>;

    const META: Meta = Meta::write("PutBucketOwnershipControls", "s3:PutBucketOwnershipControls", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        let rules = &input.request.ownership_controls.rules;
        let enforced = |rule: &dto::OwnershipControlsRule| {
            rule.object_ownership.as_str() == dto::ObjectOwnership::BUCKET_OWNER_ENFORCED
        };
        if rules.is_empty() || !rules.iter().all(enforced) {
            return Err(not_carried_out("object ownership other than BucketOwnerEnforced"));
        }
        Ok(Answer(dto::PutBucketOwnershipControlsOutput::default()))
    }
}
