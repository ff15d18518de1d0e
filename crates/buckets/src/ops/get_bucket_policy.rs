//! GetBucketPolicy: a bucket's policy as it was set.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_POLICY,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>
pub(crate) struct GetBucketPolicy;

impl Ask for GetBucketPolicy {
    type Request = dto::GetBucketPolicyInput;
    type Reply = dto::GetBucketPolicyOutput;

    fn facts(request: &dto::GetBucketPolicyInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketPolicy {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketPolicyInput>;
    type Output = Answer<dto::GetBucketPolicyOutput>;

    const META: Meta = Meta::read("GetBucketPolicy", "s3:GetBucketPolicy", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        match &bucket.policy {
            Some(policy) => Ok(Answer(dto::GetBucketPolicyOutput { policy: Some(policy.clone()) })),
            None => Err(ApiError::new(NO_POLICY, "The bucket policy does not exist")),
        }
    }
}
