//! GetBucketReplication: no bucket is replicated.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_REPLICATION,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html>
pub(crate) struct GetBucketReplication;

impl Ask for GetBucketReplication {
    type Request = dto::GetBucketReplicationInput;
    type Reply = dto::GetBucketReplicationOutput;

    fn facts(request: &dto::GetBucketReplicationInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketReplication {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketReplicationInput>;
    type Output = Answer<dto::GetBucketReplicationOutput>;

    const META: Meta = Meta::read("GetBucketReplication", "s3:GetReplicationConfiguration", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_REPLICATION, "The replication configuration was not found"))
    }
}
