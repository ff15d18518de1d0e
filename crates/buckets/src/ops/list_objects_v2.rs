//! ListObjectsV2: a bucket's keys, in their order.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::{etag, to_s3},
    errors::invalid,
    listing::{Listing, Query, encode, list},
    ops::get_bucket_acl::owner,
    ops::get_object::length,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(crate) struct ListObjectsV2;

impl Ask for ListObjectsV2 {
    type Request = dto::ListObjectsV2Input;
    type Reply = dto::ListObjectsV2Output;

    fn facts(request: &dto::ListObjectsV2Input) -> Facts {
        Facts {
            prefix: request.prefix.clone(),
            delimiter: request.delimiter.clone(),
            max_keys: request.max_keys,
            ..Facts::bucket(&request.bucket)
        }
    }
}

impl Operation for ListObjectsV2 {
    type Service = Buckets;
    type Input = Asked<dto::ListObjectsV2Input>;
    type Output = Answer<dto::ListObjectsV2Output>;

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
        let token = request.continuation_token.as_deref().map(open).transpose()?;
        let query = Query {
            bucket: &request.bucket,
            prefix: request.prefix.as_deref().unwrap_or_default(),
            delimiter: request.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()),
            after: token.as_deref().or(request.start_after.as_deref()),
            limit,
        };
        let listing = list(cx.tx(), &query).await?;
        let encoded = |text: &Option<String>| text.as_deref().map(|text| encode(text, url));
        let account = (request.fetch_owner == Some(true)).then(|| bucket.account.as_str());
        Ok(Answer(dto::ListObjectsV2Output {
            name: Some(request.bucket.clone()),
            prefix: Some(encode(query.prefix, url)),
            max_keys: i32::try_from(limit).ok(),
            key_count: i32::try_from(listing.objects.len() + listing.prefixes.len()).ok(),
            continuation_token: request.continuation_token.clone(),
            is_truncated: Some(listing.next.is_some()),
            next_continuation_token: listing.next.as_ref().map(|next| URL_SAFE_NO_PAD.encode(next)),
            contents: Some(contents(&listing, url, account)),
            common_prefixes: Some(common_prefixes(&listing, url)),
            delimiter: encoded(&request.delimiter),
            encoding_type: request.encoding_type.clone(),
            start_after: encoded(&request.start_after),
            request_charged: None,
        }))
    }
}

fn open(token: &str) -> Result<String, ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid("The continuation token provided is incorrect"))
}

/// At most 1,000 keys, also without a limit or with a greater one.
pub(super) fn limit(max_keys: Option<i32>) -> Result<usize, ApiError> {
    let limit = usize::try_from(max_keys.unwrap_or(1000));
    limit
        .map(|limit| limit.min(1000))
        .map_err(|_| invalid("Argument maxKeys must be an integer between 0 and 2147483647"))
}

/// Whether keys are to be encoded, which lets them hold characters that XML cannot.
pub(super) fn url(encoding: Option<&dto::EncodingType>) -> Result<bool, ApiError> {
    match encoding.map(dto::EncodingType::as_str) {
        None => Ok(false),
        Some("url") => Ok(true),
        Some(_) => Err(invalid("Invalid Encoding Method specified in Request")),
    }
}

pub(super) fn contents(listing: &Listing, url: bool, account: Option<&str>) -> Vec<dto::Object> {
    let object = |(key, object): &(String, std::sync::Arc<crate::model::Object>)| dto::Object {
        e_tag: Some(etag(&object.etag)),
        key: Some(encode(key, url)),
        last_modified: Some(to_s3(object.modified)),
        owner: account.map(owner),
        size: Some(length(object.size)),
        storage_class: Some(dto::ObjectStorageClass::from_static(dto::ObjectStorageClass::STANDARD)),
        ..dto::Object::default()
    };
    listing.objects.iter().map(object).collect()
}

pub(super) fn common_prefixes(listing: &Listing, url: bool) -> Vec<dto::CommonPrefix> {
    listing.prefixes.iter().map(|prefix| dto::CommonPrefix { prefix: Some(encode(prefix, url)) }).collect()
}
