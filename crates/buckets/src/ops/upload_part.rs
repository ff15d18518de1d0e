//! UploadPart: stores one part of an upload.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts, claims},
    content::{etag, refuse},
    errors::{invalid, no_upload},
    model::{PARTS, Part, UPLOADS, discard, name, part_number},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
pub(crate) struct UploadPart;

impl Ask for UploadPart {
    type Request = dto::UploadPartInput;
    type Reply = dto::UploadPartOutput;

    fn facts(request: &dto::UploadPartInput) -> Facts {
        Facts {
            upload_id: Some(request.upload_id.clone()),
            part_number: Some(request.part_number),
            ..Facts::object(&request.bucket, &request.key)
        }
    }

    fn body(request: &mut dto::UploadPartInput) -> Option<dto::StreamingBlob> {
        request.body.take()
    }
}

impl Operation for UploadPart {
    type Service = Buckets;
    type Input = Asked<dto::UploadPartInput>;
    type Output = Answer<dto::UploadPartOutput>;

    const META: Meta =
        Meta::write("UploadPart", "s3:PutObject", &["bucketName", "key", "uploadId", "partNumber"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        refuse(&[(request.sse_customer_algorithm.is_some(), "encryption with keys of the customer")])?;
        let number = u16::try_from(request.part_number).ok().filter(|number| (1..=10_000).contains(number));
        let number = number.ok_or_else(|| invalid("Part number must be an integer between 1 and 10000, inclusive"))?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let upload = UPLOADS.get(cx.tx(), &[&request.bucket, &request.key, &request.upload_id]).await?;
        upload.ok_or_else(no_upload)?;
        let written = input.store(cx, claims!(request)).await?;
        let part = Part { number, piece: written.piece.clone(), etag: written.md5.clone(), modified: cx.now().into() };
        let key = [request.upload_id.as_str(), &part_number(number)];
        if let Some(former) = PARTS.get(cx.tx(), &key).await? {
            discard(cx.tx(), std::slice::from_ref(&former.piece))?;
        }
        name(cx.tx(), std::slice::from_ref(&part.piece))?;
        PARTS.put(cx.tx(), &key, &part)?;
        let sum = |algorithm: &str| written.checksums.get(algorithm).cloned();
        Ok(Answer(dto::UploadPartOutput {
            e_tag: Some(etag(&part.etag)),
            checksum_crc32: sum("CRC32"),
            checksum_crc32c: sum("CRC32C"),
            checksum_crc64nvme: sum("CRC64NVME"),
            checksum_sha1: sum("SHA1"),
            checksum_sha256: sum("SHA256"),
            ..dto::UploadPartOutput::default()
        }))
    }
}
