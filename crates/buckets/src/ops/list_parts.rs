//! ListParts: the parts that an upload has so far.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::{etag, to_s3},
    errors::{invalid, no_upload},
    model::{PARTS, UPLOADS, part_number},
    ops::get_bucket_acl::owner,
    ops::get_object::length,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
pub(crate) struct ListParts;

impl Ask for ListParts {
    type Request = dto::ListPartsInput;
    type Reply = dto::ListPartsOutput;

    fn facts(request: &dto::ListPartsInput) -> Facts {
        Facts { upload_id: Some(request.upload_id.clone()), ..Facts::object(&request.bucket, &request.key) }
    }
}

impl Operation for ListParts {
    type Service = Buckets;
    type Input = Asked<dto::ListPartsInput>;
    type Output = Answer<dto::ListPartsOutput>;

    const META: Meta =
        Meta::read("ListParts", "s3:ListMultipartUploadParts", &["bucketName", "key", "uploadId"]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let upload = UPLOADS.get(cx.tx(), &[&request.bucket, &request.key, &request.upload_id]).await?;
        upload.ok_or_else(no_upload)?;
        let negative = |_| invalid("Argument max-parts must be an integer between 0 and 2147483647");
        let limit = usize::try_from(request.max_parts.unwrap_or(1000)).map_err(negative)?.min(1000);
        let marker = u16::try_from(request.part_number_marker.unwrap_or(0));
        let marker =
            marker.map_err(|_| invalid("Argument part-number-marker must be an integer between 0 and 10000"))?;
        let after = (marker > 0).then(|| PARTS.key(&[&request.upload_id, &part_number(marker)]));
        let mut rows = PARTS.page(cx.tx(), &[&request.upload_id], after.as_ref(), limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let parts: Vec<dto::Part> = rows
            .iter()
            .map(|(_, part)| dto::Part {
                e_tag: Some(etag(&part.etag)),
                last_modified: Some(to_s3(part.modified)),
                part_number: Some(i32::from(part.number)),
                size: Some(length(part.piece.size)),
                ..dto::Part::default()
            })
            .collect();
        Ok(Answer(dto::ListPartsOutput {
            bucket: Some(request.bucket.clone()),
            key: Some(request.key.clone()),
            upload_id: Some(request.upload_id.clone()),
            is_truncated: Some(more),
            max_parts: i32::try_from(limit).ok(),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            owner: Some(owner(bucket.account.as_str())),
            part_number_marker: Some(i32::from(marker)),
            parts: Some(parts),
            storage_class: Some(dto::StorageClass::from_static(dto::StorageClass::STANDARD)),
            ..dto::ListPartsOutput::default()
        }))
    }
}
