//! ListObjectVersions: a bucket's objects as versions. Buckets keep one version of each object; its id is `null`, as in a
//! bucket of AWS that never had versioning. Clients ask before they empty a bucket.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::{check_version, etag, to_s3},
    errors::invalid,
    listing::{Query, encode, list},
    ops::{
        get_bucket_acl::owner,
        get_object::length,
        list_objects_v2::{common_prefixes, limit, url},
    },
};

const ONLY_VERSION: &str = "null";

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>
pub(crate) struct ListObjectVersions;

impl Ask for ListObjectVersions {
    type Request = dto::ListObjectVersionsInput;
    type Reply = dto::ListObjectVersionsOutput;

    fn facts(request: &dto::ListObjectVersionsInput) -> Facts {
        Facts {
            prefix: request.prefix.clone(),
            delimiter: request.delimiter.clone(),
            max_keys: request.max_keys,
            ..Facts::bucket(&request.bucket)
        }
    }
}

impl Operation for ListObjectVersions {
    type Service = Buckets;
    type Input = Asked<dto::ListObjectVersionsInput>;
    type Output = Answer<dto::ListObjectVersionsOutput>;

    const META: Meta =
        Meta::read("ListObjectVersions", "s3:ListBucketVersions", &["bucketName", "prefix", "delimiter", "max-keys"])
            .data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let asked = Self::facts(&input.request);
        Ok(vec![access::listing(cx, Self::META.action, &input.request.bucket, &asked).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let limit = limit(request.max_keys)?;
        let url = url(request.encoding_type.as_ref())?;
        if request.version_id_marker.is_some() && request.key_marker.is_none() {
            return Err(invalid("A version-id marker cannot be specified without a key marker."));
        }
        check_version(request.version_id_marker.as_deref().filter(|marker| !marker.is_empty()))?;
        let query = Query {
            bucket: &request.bucket,
            prefix: request.prefix.as_deref().unwrap_or_default(),
            delimiter: request.delimiter.as_deref().filter(|delimiter| !delimiter.is_empty()),
            // Behind a key's marker lies no older version of it.
            after: request.key_marker.as_deref(),
            limit,
        };
        let listing = list(cx.tx(), &query).await?;
        let versions = listing.objects.iter().map(|(key, object)| dto::ObjectVersion {
            e_tag: Some(etag(&object.etag)),
            is_latest: Some(true),
            key: Some(encode(key, url)),
            last_modified: Some(to_s3(object.modified)),
            owner: Some(owner(bucket.account.as_str())),
            size: Some(length(object.size)),
            storage_class: Some(dto::ObjectVersionStorageClass::from_static(dto::ObjectVersionStorageClass::STANDARD)),
            version_id: Some(ONLY_VERSION.to_owned()),
            ..dto::ObjectVersion::default()
        });
        let encoded = |text: &Option<String>| text.as_deref().map(|text| encode(text, url));
        Ok(Answer(dto::ListObjectVersionsOutput {
            name: Some(request.bucket.clone()),
            prefix: Some(encode(query.prefix, url)),
            key_marker: Some(encode(request.key_marker.as_deref().unwrap_or_default(), url)),
            version_id_marker: request.version_id_marker.clone(),
            max_keys: i32::try_from(limit).ok(),
            is_truncated: Some(listing.next.is_some()),
            versions: Some(versions.collect()),
            common_prefixes: Some(common_prefixes(&listing, url)),
            delimiter: encoded(&request.delimiter),
            next_key_marker: encoded(&listing.next),
            next_version_id_marker: listing.next.as_ref().map(|_| ONLY_VERSION.to_owned()),
            encoding_type: request.encoding_type.clone(),
            ..dto::ListObjectVersionsOutput::default()
        }))
    }
}
