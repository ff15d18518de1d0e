//! HeadBucket: whether a bucket is there and may be listed.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
pub(crate) struct HeadBucket;

impl Ask for HeadBucket {
    type Request = dto::HeadBucketInput;
    type Reply = dto::HeadBucketOutput;

    fn facts(request: &dto::HeadBucketInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for HeadBucket {
    type Service = Buckets;
    type Input = Asked<dto::HeadBucketInput>;
    type Output = Answer<dto::HeadBucketOutput>;

    const META: Meta = Meta::read("HeadBucket", "s3:ListBucket", &["bucketName"]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let bucket_region = Some(bucket.region.to_string());
        Ok(Answer(dto::HeadBucketOutput { bucket_region, ..dto::HeadBucketOutput::default() }))
    }
}
