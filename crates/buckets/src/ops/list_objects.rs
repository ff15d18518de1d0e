//! ListObjects (version 1): a bucket's keys, in their order.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    listing::{Query, encode, list},
    ops::list_objects_v2::{common_prefixes, contents, limit, url},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html>
pub(crate) struct ListObjects;

impl Ask for ListObjects {
    type Request = dto::ListObjectsInput;
    type Reply = dto::ListObjectsOutput;

    fn facts(request: &dto::ListObjectsInput) -> Facts {
        Facts {
            prefix: request.prefix.clone(),
            delimiter: request.delimiter.clone(),
            max_keys: request.max_keys,
            ..Facts::bucket(&request.bucket)
        }
    }
}

impl Operation for ListObjects {
    type Service = Buckets;
    type Input = Asked<dto::ListObjectsInput>;
    type Output = Answer<dto::ListObjectsOutput>;

    const META: Meta =
        Meta::read("ListObjects", "s3:ListBucket", &["bucketName", "prefix", "delimiter", "max-keys"]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let asked = Self::facts(&input.request);
        Ok(vec![access::listing(cx, Self::META.action, &input.request.bucket, &asked).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let limit = limit(request.max_keys)?;
        let url = url(request.encoding_type.as_ref())?;
        let query = Query {
            bucket: &request.bucket,
            prefix: request.prefix.as_deref().unwrap_or_default(),
            delimiter: request.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()),
            after: request.marker.as_deref(),
            limit,
        };
        let listing = list(cx.tx(), &query).await?;
        let encoded = |text: &Option<String>| text.as_deref().map(|text| encode(text, url));
        Ok(Answer(dto::ListObjectsOutput {
            name: Some(request.bucket.clone()),
            prefix: Some(encode(query.prefix, url)),
            marker: Some(encode(request.marker.as_deref().unwrap_or_default(), url)),
            max_keys: i32::try_from(limit).ok(),
            is_truncated: Some(listing.next.is_some()),
            contents: Some(contents(&listing, url, Some(bucket.account.as_str()))),
            common_prefixes: Some(common_prefixes(&listing, url)),
            delimiter: encoded(&request.delimiter),
            // Without a delimiter, the last key is the marker.
            next_marker: query.delimiter.and(encoded(&listing.next)),
            encoding_type: request.encoding_type.clone(),
            request_charged: None,
        }))
    }
}
