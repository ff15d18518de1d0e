//! GetBucketOwnershipControls: a bucket's owner owns all its objects.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html>
pub(crate) struct GetBucketOwnershipControls;

impl Ask for GetBucketOwnershipControls {
    type Request = dto::GetBucketOwnershipControlsInput;
    type Reply = dto::GetBucketOwnershipControlsOutput;

    fn facts(request: &dto::GetBucketOwnershipControlsInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketOwnershipControls {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketOwnershipControlsInput>;
    type Output = Answer<dto::GetBucketOwnershipControlsOutput>;

    const META: Meta = Meta::read("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        let object_ownership = dto::ObjectOwnership::from_static(dto::ObjectOwnership::BUCKET_OWNER_ENFORCED);
        let controls = dto::OwnershipControls { rules: vec![dto::OwnershipControlsRule { object_ownership }] };
        Ok(Answer(dto::GetBucketOwnershipControlsOutput { ownership_controls: Some(controls) }))
    }
}
