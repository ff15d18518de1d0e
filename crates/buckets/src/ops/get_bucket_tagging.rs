//! GetBucketTagging: a bucket's tags.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_TAGS,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html>
pub(crate) struct GetBucketTagging;

impl Ask for GetBucketTagging {
    type Request = dto::GetBucketTaggingInput;
    type Reply = dto::GetBucketTaggingOutput;

    fn facts(request: &dto::GetBucketTaggingInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketTagging {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketTaggingInput>;
    type Output = Answer<dto::GetBucketTaggingOutput>;

    const META: Meta = Meta::read("GetBucketTagging", "s3:GetBucketTagging", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        if bucket.tags.is_empty() {
            return Err(ApiError::new(NO_TAGS, "The TagSet does not exist"));
        }
        let tag = |tag: &crate::model::Tag| dto::Tag { key: Some(tag.key.clone()), value: Some(tag.value.clone()) };
        Ok(Answer(dto::GetBucketTaggingOutput { tag_set: bucket.tags.iter().map(tag).collect() }))
    }
}
