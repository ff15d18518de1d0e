//! Files of other services, such as trails' log files: whether a bucket takes them, and putting them there.

use bytes::Bytes;
use futures_util::stream;
use keeptrail_operation::CommitError;
use keeptrail_policy::{Context, NamedPolicy, evaluate_service};
use keeptrail_store::{StoreError, Tx};

use crate::{
    Buckets,
    access::{bucket_arn, object_arn},
    blobs::BlobError,
    checksums::Hashes,
    model::{Bucket, Headers, Object},
};

/// How often a delivery that meets concurrent changes is tried.
const ATTEMPTS: usize = 8;

/// Why nothing can be delivered.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryProblem {
    /// There is no bucket of this name.
    #[error("the bucket {0} does not exist")]
    NoBucket(String),
    /// The bucket's policy does not let the service look or write.
    #[error("the policy of the bucket {bucket} does not let {service} do {action}")]
    Policy {
        /// The bucket.
        bucket: String,
        /// The service principal.
        service: String,
        /// The action that it lacks.
        action: &'static str,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The file could not be written or named; it may be delivered again.
    #[error("the file could not be stored: {0}")]
    Failed(String),
}

/// One file for a bucket.
#[derive(Debug, Clone)]
pub struct Delivery<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object's key.
    pub key: &'a str,
    /// The content.
    pub body: Bytes,
    /// `Content-Type`.
    pub content_type: &'a str,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// Metadata, without `x-amz-meta-`.
    pub metadata: &'a [(&'a str, &'a str)],
    /// The delivering service, such as `cloudtrail.amazonaws.com`.
    pub service: &'a str,
    /// The ARN of the trail or event data store, `aws:SourceArn` in the bucket's policy.
    pub source_arn: &'a str,
    /// Its account, `aws:SourceAccount` in the bucket's policy.
    pub source_account: &'a str,
}

impl Buckets {
    /// Whether a resource of `account` may deliver into `bucket` below `folder`, which ends with a slash: the policy must let
    /// `service` do `s3:GetBucketAcl` on the bucket and `s3:PutObject` on `bucket/folder*` with `s3:x-amz-acl` =
    /// `bucket-owner-full-control`.
    ///
    /// # Errors
    /// When it may not, or the store cannot be read.
    pub async fn check_delivery(
        &self,
        tx: &Tx,
        account: &str,
        bucket: &str,
        folder: &str,
        source_arn: &str,
        service: &str,
    ) -> Result<(), DeliveryProblem> {
        let source = Source { service, arn: source_arn, account };
        let found = find(tx, bucket).await?;
        source.may(bucket, &found, "s3:GetBucketAcl", &bucket_arn(bucket))?;
        // Any key below: whatever its name, the policy's `*` must cover it.
        source.may(bucket, &found, "s3:PutObject", &object_arn(bucket, folder))
    }

    /// Puts a file into a bucket, if its policy lets the service. It is durable when this returns. The same file under the
    /// same key again changes nothing.
    ///
    /// # Errors
    /// When the policy does not let it, or the file cannot be stored.
    pub async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliveryProblem> {
        let source = Source { service: delivery.service, arn: delivery.source_arn, account: delivery.source_account };
        let may = |found: &Bucket| {
            source.may(delivery.bucket, found, "s3:PutObject", &object_arn(delivery.bucket, delivery.key))
        };
        may(&*find(&self.ledger.begin(self.clock.now()), delivery.bucket).await?)?;
        let content = stream::iter([Ok(delivery.body.clone())]);
        let hashes = Hashes::of(["CRC64NVME"]).map_err(|error| DeliveryProblem::Failed(error.to_string()))?;
        let written = self.blobs.write(&self.random, content, hashes).await.map_err(failed)?;
        let headers = Headers {
            content_type: Some(delivery.content_type.to_owned()),
            content_encoding: delivery.content_encoding.map(str::to_owned),
            metadata: delivery.metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Headers::default()
        };
        let object = Object {
            size: written.piece.size,
            pieces: vec![written.piece],
            etag: written.md5,
            modified: self.clock.now().into(),
            headers,
            checksums: written.checksums,
        };
        for _ in 0..ATTEMPTS {
            let tx = self.ledger.begin(self.clock.now());
            may(&*find(&tx, delivery.bucket).await?)?;
            let present = Object::find(&tx, delivery.bucket, delivery.key).await?;
            let same = |present: &Object| {
                present.etag == object.etag && present.size == object.size && present.headers == object.headers
            };
            if present.is_some_and(|present| same(&present)) {
                // Nobody names the new blob: it goes at once.
                let [piece] = object.pieces.as_slice() else { return Ok(()) };
                return self.blobs.remove(&piece.blob).await.map_err(failed);
            }
            object.put(&tx, delivery.bucket, delivery.key).await?;
            match self.ledger.commit(tx).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => tokio::task::yield_now().await,
                Err(error) => return Err(DeliveryProblem::Failed(error.to_string())),
            }
        }
        Err(DeliveryProblem::Failed("the bucket changes too often".to_owned()))
    }
}

fn failed(error: BlobError) -> DeliveryProblem {
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    DeliveryProblem::Failed(format!("{error}: {source}"))
}

async fn find(tx: &Tx, bucket: &str) -> Result<std::sync::Arc<Bucket>, DeliveryProblem> {
    Bucket::find(tx, bucket).await?.ok_or_else(|| DeliveryProblem::NoBucket(bucket.to_owned()))
}

/// Who delivers.
struct Source<'a> {
    service: &'a str,
    arn: &'a str,
    account: &'a str,
}

impl Source<'_> {
    fn may(&self, name: &str, bucket: &Bucket, action: &'static str, resource: &str) -> Result<(), DeliveryProblem> {
        let refused = || DeliveryProblem::Policy { bucket: name.to_owned(), service: self.service.to_owned(), action };
        let policy = bucket.compiled_policy().map_err(|error| DeliveryProblem::Failed(error.to_string()))?;
        let policy = NamedPolicy::new(name, policy.ok_or_else(refused)?);
        let mut context = Context::new();
        context.set("aws:PrincipalIsAWSService", "true");
        context.set("aws:PrincipalServiceName", self.service);
        context.set("aws:SourceArn", self.arn);
        context.set("aws:SourceAccount", self.account);
        context.set("aws:SecureTransport", "true");
        if action == "s3:PutObject" {
            context.set("s3:x-amz-acl", "bucket-owner-full-control");
        }
        let decision = evaluate_service(&policy, self.service, action, resource, &context);
        if decision.allowed { Ok(()) } else { Err(refused()) }
    }
}
