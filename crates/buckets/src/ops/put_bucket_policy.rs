//! PutBucketPolicy: sets who beside the owner may do what with a bucket.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    bucket_policy,
    model::Bucket,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
pub(crate) struct PutBucketPolicy;

impl Ask for PutBucketPolicy {
    type Request = dto::PutBucketPolicyInput;
    type Reply = dto::PutBucketPolicyOutput;

    fn facts(request: &dto::PutBucketPolicyInput) -> Facts {
        Facts { policy: serde_json::from_str(&request.policy).ok(), ..Facts::bucket(&request.bucket) }
    }
}

impl Operation for PutBucketPolicy {
    type Service = Buckets;
    type Input = Asked<dto::PutBucketPolicyInput>;
    type Output = Answer<dto::PutBucketPolicyOutput>;

    const META: Meta = Meta::write("PutBucketPolicy", "s3:PutBucketPolicy", &["bucketName", "bucketPolicy"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        bucket_policy::check(&request.bucket, &request.policy)?;
        let mut bucket = Bucket::clone(&bucket);
        bucket.policy = Some(request.policy.clone());
        bucket.save(cx.tx(), &request.bucket)?;
        Ok(Answer(dto::PutBucketPolicyOutput::default()))
    }
}
