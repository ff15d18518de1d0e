//! ListBuckets: the caller's account's buckets.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets,
    asked::{Answer, Ask, Asked, Facts},
    content::to_s3,
    errors::invalid,
    model::{Bucket, OWNED},
    ops::get_bucket_acl::owner,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub(crate) struct ListBuckets;

impl Ask for ListBuckets {
    type Request = dto::ListBucketsInput;
    type Reply = dto::ListBucketsOutput;

    fn facts(request: &dto::ListBucketsInput) -> Facts {
        Facts { prefix: request.prefix.clone(), max_keys: request.max_buckets, ..Facts::default() }
    }
}

impl Operation for ListBuckets {
    type Service = Buckets;
    type Input = Asked<dto::ListBucketsInput>;
    type Output = Answer<dto::ListBucketsOutput>;

    const META: Meta = Meta::read("ListBuckets", "s3:ListAllMyBuckets", &["prefix", "max-keys"]);

    async fn access(_: &Context<'_, Buckets>, _: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let limit = request.max_buckets.unwrap_or(10_000);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=10_000).contains(limit));
        let limit = limit.ok_or_else(|| invalid("Argument max-buckets must be an integer between 1 and 10000"))?;
        let account = cx.account().as_str();
        let after = request.continuation_token.as_deref().map(|name| OWNED.key(&[account, name]));
        let prefix = request.prefix.as_deref().unwrap_or_default();
        let mut buckets = Vec::new();
        let mut next = None;
        for (key, _) in OWNED.page(cx.tx(), &[account], after.as_ref(), usize::MAX).await? {
            let Some(name) = key.parts().pop().filter(|name| name.starts_with(prefix)) else { continue };
            let Some(bucket) = Bucket::find(cx.tx(), &name).await? else { continue };
            if request.bucket_region.as_deref().is_some_and(|region| region != bucket.region.as_str()) {
                continue;
            }
            if buckets.len() == limit {
                next = buckets.last().and_then(|last: &dto::Bucket| last.name.clone());
                break;
            }
            buckets.push(dto::Bucket {
                bucket_region: Some(bucket.region.to_string()),
                creation_date: Some(to_s3(bucket.created)),
                name: Some(name),
            });
        }
        Ok(Answer(dto::ListBucketsOutput {
            buckets: Some(buckets),
            continuation_token: next,
            owner: Some(owner(account)),
            prefix: request.prefix.clone(),
        }))
    }
}
