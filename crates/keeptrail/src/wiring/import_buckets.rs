//! Imports read log files from buckets, under the role that they were given.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_archive::{Object, Objects};
use keeptrail_buckets::{BucketFacts, Buckets, ReadProblem};
use keeptrail_datastores::{ImportFrom, ImportSource, SourceProblem};
use keeptrail_iam::{RoleProblem, ServiceCall, service_may};
use keeptrail_journal::Ledger;
use keeptrail_policy::NamedPolicy;
use keeptrail_store::Tx;

/// Objects listed at once.
const PAGE: usize = 1_000;

/// The buckets, as imports see them.
#[derive(Clone)]
pub(super) struct ImportBuckets {
    pub(super) buckets: Arc<Buckets>,
    pub(super) ledger: Ledger,
}

#[async_trait]
impl ImportSource for ImportBuckets {
    async fn check(&self, tx: &Tx, from: &ImportFrom) -> Result<(), SourceProblem> {
        self.may(tx, from, "s3:ListBucket", None).await?;
        let key = if from.prefix.is_empty() {
            format!("AWSLogs/{}/CloudTrail/", from.account)
        } else {
            format!("{}/", from.prefix.trim_end_matches('/'))
        };
        self.may(tx, from, "s3:GetObject", Some(&key)).await
    }

    fn objects(&self, from: &ImportFrom) -> Arc<dyn Objects> {
        Arc::new(LogFiles { buckets: self.clone(), from: from.clone() })
    }
}

impl ImportBuckets {
    /// Whether the role may do `action` on the bucket, or on an object of it.
    async fn may(&self, tx: &Tx, from: &ImportFrom, action: &str, key: Option<&str>) -> Result<(), SourceProblem> {
        let BucketFacts { policy, .. } = self.bucket(tx, from).await?;
        let policy = policy.map(|policy| NamedPolicy::new(from.bucket.as_str(), policy));
        let bucket = format!("arn:aws:s3:::{}", from.bucket);
        let call = ServiceCall {
            service: "cloudtrail.amazonaws.com",
            source_arn: &from.store_arn,
            role_arn: &from.role_arn,
            action,
            resource: &key.map_or(bucket.clone(), |key| format!("{bucket}/{key}")),
            resource_policy: policy.as_ref(),
        };
        service_may(tx, &call).await.map_err(|problem| match problem {
            RoleProblem::Store(error) => SourceProblem::Store(error),
            problem => SourceProblem::Role(problem.to_string()),
        })
    }

    /// The bucket, which must be the account's own.
    async fn bucket(&self, tx: &Tx, from: &ImportFrom) -> Result<BucketFacts, SourceProblem> {
        let found = self.buckets.facts(tx, &from.bucket).await.map_err(|problem| match problem {
            ReadProblem::Store(error) => SourceProblem::Store(error),
            problem => SourceProblem::Unavailable(problem.to_string()),
        })?;
        let own =
            |bucket: &BucketFacts| bucket.account.as_str() == from.account && bucket.region.as_str() == from.region;
        found.filter(own).ok_or(SourceProblem::NoBucket)
    }
}

/// The log files of an import.
struct LogFiles {
    buckets: ImportBuckets,
    from: ImportFrom,
}

#[async_trait]
impl Objects for LogFiles {
    async fn page(&self, after: Option<String>) -> Result<(Vec<Object>, Option<String>), String> {
        let ImportFrom { bucket, prefix, .. } = &self.from;
        let tx = self.buckets.ledger.begin();
        self.buckets.may(&tx, &self.from, "s3:ListBucket", None).await.map_err(|problem| problem.to_string())?;
        let page = self.buckets.buckets.list(&tx, bucket, prefix, after.as_deref(), PAGE).await;
        let (listed, next) = page.map_err(|problem| problem.to_string())?;
        let meant = |key: &str| !prefix.is_empty() || is_trails(key);
        let objects = listed.into_iter().filter(|object| meant(&object.key));
        Ok((objects.map(|object| Object { key: object.key, size: object.size, version: object.etag }).collect(), next))
    }

    async fn get(&self, object: &Object) -> Result<Bytes, String> {
        let tx = self.buckets.ledger.begin();
        let key = Some(object.key.as_str());
        self.buckets.may(&tx, &self.from, "s3:GetObject", key).await.map_err(|problem| problem.to_string())?;
        let content = self.buckets.buckets.content(&tx, &self.from.bucket, &object.key).await;
        content.map_err(|problem| problem.to_string())
    }
}

/// Whether a key is one of a trail's log files: `…AWSLogs/…/CloudTrail/…`.
fn is_trails(key: &str) -> bool {
    let mut parts = key.split('/').skip_while(|part| *part != "AWSLogs");
    parts.any(|part| part == "CloudTrail")
}

impl fmt::Debug for LogFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogFiles(s3://{}/{})", self.from.bucket, self.from.prefix)
    }
}
