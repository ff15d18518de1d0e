//! PutBucketTagging: sets a bucket's tags.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::INVALID_TAG,
    model::{Bucket, Tag},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>
pub(crate) struct PutBucketTagging;

impl Ask for PutBucketTagging {
    type Request = dto::PutBucketTaggingInput;
    type Reply = dto::PutBucketTaggingOutput;

    fn facts(request: &dto::PutBucketTaggingInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for PutBucketTagging {
    type Service = Buckets;
    type Input = Asked<dto::PutBucketTaggingInput>;
    type Output = Answer<dto::PutBucketTaggingOutput>;

    const META: Meta = Meta::write("PutBucketTagging", "s3:PutBucketTagging", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let mut bucket = Bucket::clone(&bucket);
        bucket.tags = tags(&request.tagging.tag_set)?;
        bucket.save(cx.tx(), &request.bucket)?;
        Ok(Answer(dto::PutBucketTaggingOutput::default()))
    }
}

fn tags(set: &[dto::Tag]) -> Result<Vec<Tag>, ApiError> {
    let fault = |text: &'static str| ApiError::new(INVALID_TAG, text);
    if set.len() > 50 {
        return Err(fault("Bucket tag count cannot be greater than 50"));
    }
    let mut tags: Vec<Tag> = Vec::with_capacity(set.len());
    for tag in set {
        let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
        if !(1..=128).contains(&key.chars().count()) {
            return Err(fault("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(fault("The TagValue you have provided is invalid"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(fault("System tags cannot be added/updated by requester"));
        }
        if tags.iter().any(|other| other.key == key) {
            return Err(fault("Cannot provide multiple Tags with the same key"));
        }
        tags.push(Tag { key, value });
    }
    Ok(tags)
}
