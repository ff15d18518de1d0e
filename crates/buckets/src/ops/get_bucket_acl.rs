//! GetBucketAcl: a bucket's owner has full control, and nobody else has any.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>
pub(crate) struct GetBucketAcl;

impl Ask for GetBucketAcl {
    type Request = dto::GetBucketAclInput;
    type Reply = dto::GetBucketAclOutput;

    fn facts(request: &dto::GetBucketAclInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketAcl {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketAclInput>;
    type Output = Answer<dto::GetBucketAclOutput>;

    const META: Meta = Meta::read("GetBucketAcl", "s3:GetBucketAcl", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let owner = owner(bucket.account.as_str());
        let grantee = dto::Grantee {
            display_name: None,
            email_address: None,
            id: owner.id.clone(),
            type_: dto::Type::from_static(dto::Type::CANONICAL_USER),
            uri: None,
        };
        let permission = dto::Permission::from_static(dto::Permission::FULL_CONTROL);
        let grant = dto::Grant { grantee: Some(grantee), permission: Some(permission) };
        Ok(Answer(dto::GetBucketAclOutput { grants: Some(vec![grant]), owner: Some(owner) }))
    }
}

/// An account as S3 names it: by a canonical user id, 64 hexadecimal digits, here the SHA-256 of the account's number.
pub(super) fn owner(account: &str) -> dto::Owner {
    let id = hex::encode(Sha256::checksum(account.as_bytes()));
    dto::Owner { display_name: None, id: Some(id) }
}
