//! DeleteBucketPolicy: takes a bucket's policy away.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    model::Bucket,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html>
pub(crate) struct DeleteBucketPolicy;

impl Ask for DeleteBucketPolicy {
    type Request = dto::DeleteBucketPolicyInput;
    type Reply = dto::DeleteBucketPolicyOutput;

    fn facts(request: &dto::DeleteBucketPolicyInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for DeleteBucketPolicy {
    type Service = Buckets;
    type Input = Asked<dto::DeleteBucketPolicyInput>;
    type Output = Answer<dto::DeleteBucketPolicyOutput>;

    const META: Meta = Meta::write("DeleteBucketPolicy", "s3:DeleteBucketPolicy", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let mut bucket = Bucket::clone(&bucket);
        bucket.policy = None;
        bucket.save(cx.tx(), &request.bucket)?;
        Ok(Answer(dto::DeleteBucketPolicyOutput::default()))
    }
}
