//! DeleteBucketTagging: takes a bucket's tags away.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    model::Bucket,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html>
pub(crate) struct DeleteBucketTagging;

impl Ask for DeleteBucketTagging {
    type Request = dto::DeleteBucketTaggingInput;
    type Reply = dto::DeleteBucketTaggingOutput;

    fn facts(request: &dto::DeleteBucketTaggingInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for DeleteBucketTagging {
    type Service = Buckets;
    type Input = Asked<dto::DeleteBucketTaggingInput>;
    type Output = Answer<dto::DeleteBucketTaggingOutput>;

    const META: Meta = Meta::write("DeleteBucketTagging", "s3:PutBucketTagging", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let mut bucket = Bucket::clone(&bucket);
        bucket.tags.clear();
        bucket.save(cx.tx(), &request.bucket)?;
        Ok(Answer(dto::DeleteBucketTaggingOutput::default()))
    }
}
