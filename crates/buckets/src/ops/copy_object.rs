//! CopyObject: stores the content of one object as another.

use futures_util::StreamExt;
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts, failed},
    checksums::Hashes,
    conditions::Conditions,
    content::{check_version, etag, headers, refuse_options, to_s3, with_checksums},
    errors::{INVALID_REQUEST, not_carried_out},
    model::Object,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub(crate) struct CopyObject;

impl Ask for CopyObject {
    type Request = dto::CopyObjectInput;
    type Reply = dto::CopyObjectOutput;

    fn facts(request: &dto::CopyObjectInput) -> Facts {
        Facts {
            copy_source: Some(request.copy_source.format_to_string()),
            acl: request.acl.as_ref().map(|acl| acl.as_str().to_owned()),
            ..Facts::object(&request.bucket, &request.key)
        }
    }
}

impl Operation for CopyObject {
    type Service = Buckets;
    type Input = Asked<dto::CopyObjectInput>;
    type Output = Answer<dto::CopyObjectOutput>;

    const META: Meta =
        Meta::write("CopyObject", "s3:PutObject", &["bucketName", "key", "x-amz-copy-source", "x-amz-acl"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        let (bucket, key) = source(&request.copy_source)?;
        let write = access::object(cx, Self::META.action, &request.bucket, &request.key).await?;
        let write = write.when("s3:x-amz-acl", request.acl.as_ref().map(|acl| acl.as_str().to_owned()));
        Ok(vec![access::object(cx, "s3:GetObject", bucket, key).await?, write])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        refuse_options!(request);
        if request.tagging_directive.as_ref().is_some_and(|directive| directive.as_str() != "COPY") {
            return Err(not_carried_out("tags of objects"));
        }
        let (from, key) = source(&request.copy_source)?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        access::existing(cx, from, request.expected_source_bucket_owner.as_deref()).await?;
        let Some(original) = Object::find(cx.tx(), from, key).await? else {
            return Err(access::missing(cx, from).await);
        };
        let conditions = Conditions {
            if_match: request.copy_source_if_match.as_ref(),
            if_none_match: request.copy_source_if_none_match.as_ref(),
            if_modified_since: request.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: request.copy_source_if_unmodified_since.as_ref(),
        };
        conditions.check_read(&original).map_err(precondition)?;
        let replaces = match request.metadata_directive.as_ref().map(dto::MetadataDirective::as_str) {
            None | Some("COPY") => false,
            Some("REPLACE") => true,
            Some(_) => return Err(crate::errors::invalid("Unknown metadata directive.")),
        };
        if !replaces && (from, key) == (request.bucket.as_str(), request.key.as_str()) {
            let text = "This copy request is illegal because it is trying to copy an object to itself without changing the \
                        object's metadata, storage class, website redirect location or encryption attributes.";
            return Err(ApiError::new(INVALID_REQUEST, text));
        }
        let algorithm = request.checksum_algorithm.as_ref().map(dto::ChecksumAlgorithm::as_str);
        let written = input
            .store_by(|| async {
                let blobs = &cx.service().blobs;
                let content = blobs.read(&original.pieces, 0..original.size).map(|chunk| chunk.map_err(Into::into));
                let hashes = Hashes::of(algorithm.or(Some("CRC64NVME")))?;
                blobs.write(cx.random(), content, hashes).await.map_err(failed)
            })
            .await?;
        let object = Object {
            pieces: vec![written.piece.clone()],
            size: written.piece.size,
            etag: written.md5.clone(),
            modified: cx.now().into(),
            headers: if replaces { headers!(request)? } else { original.headers.clone() },
            checksums: written.checksums.clone(),
        };
        object.put(cx.tx(), &request.bucket, &request.key).await?;
        let result = dto::CopyObjectResult {
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(to_s3(object.modified)),
            ..dto::CopyObjectResult::default()
        };
        let copy_object_result = Some(with_checksums!(result, &object.checksums));
        Ok(Answer(dto::CopyObjectOutput { copy_object_result, ..dto::CopyObjectOutput::default() }))
    }
}

/// The bucket and key that the header names.
fn source(source: &dto::CopySource) -> Result<(&str, &str), ApiError> {
    match source {
        dto::CopySource::Bucket { bucket, key, version_id } => {
            check_version(version_id.as_deref())?;
            Ok((bucket, key))
        }
        _ => Err(not_carried_out("copying from access points")),
    }
}

/// Where GetObject says that nothing has changed, a copy has a condition that does not hold.
fn precondition(error: ApiError) -> ApiError {
    let text = "At least one of the pre-conditions you specified did not hold";
    if error.code.status == 304 { ApiError::new(crate::errors::PRECONDITION_FAILED, text) } else { error }
}
