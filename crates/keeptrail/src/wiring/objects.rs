//! Buckets: served to callers, written by trails and queries.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use keeptrail_buckets::{Buckets, Delivery, DeliveryProblem, Gate};
use keeptrail_datastores::{ResultFile, ResultProblem, ResultSink};
use keeptrail_gateway::{AnswerBody, ObjectApi, RequestBody, streamed};
use keeptrail_operation::{ApiError, Attempt, Call, Dispatcher, ServiceMeta};
use keeptrail_store::Tx;
use keeptrail_trail::{BucketProblem, ObjectSink};

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The buckets, as the gateway sees them.
pub(super) struct Front(pub(super) Gate);

#[async_trait]
impl ObjectApi for Front {
    fn meta(&self) -> &'static ServiceMeta {
        &keeptrail_buckets::META
    }

    async fn serve(
        &self,
        request: Request<RequestBody>,
        dispatcher: &Dispatcher,
        call: Call,
        attempt: Attempt,
    ) -> Response<AnswerBody> {
        self.0.serve(request, dispatcher, call, attempt).await.map(streamed)
    }

    fn error(&self, call: &Call, error: &ApiError) -> Response<AnswerBody> {
        self.0.error(call, error).map(streamed)
    }
}

/// The buckets, as trails see them.
pub(super) struct LogFileBuckets(pub(super) Arc<Buckets>);

#[async_trait]
impl ObjectSink for LogFileBuckets {
    async fn check(
        &self,
        tx: &Tx,
        account: &str,
        bucket: &str,
        prefix: &str,
        trail_arn: &str,
    ) -> Result<(), BucketProblem> {
        let folder = format!("{prefix}AWSLogs/{account}/CloudTrail/");
        self.0.check_delivery(tx, account, bucket, &folder, trail_arn, CLOUDTRAIL).await.map_err(problem)
    }

    async fn put(
        &self,
        account: &str,
        bucket: &str,
        key: &str,
        trail_arn: &str,
        body: Bytes,
        metadata: BTreeMap<String, String>,
    ) -> Result<(), BucketProblem> {
        let metadata: Vec<_> = metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let delivery = Delivery {
            bucket,
            key,
            body,
            content_type: "application/json",
            content_encoding: Some("gzip"),
            metadata: &metadata,
            service: CLOUDTRAIL,
            source_arn: trail_arn,
            source_account: account,
        };
        self.0.deliver(&delivery).await.map_err(problem)
    }
}

fn problem(problem: DeliveryProblem) -> BucketProblem {
    match problem {
        DeliveryProblem::NoBucket(_) => BucketProblem::NoBucket,
        DeliveryProblem::Policy { .. } => BucketProblem::Policy,
        DeliveryProblem::Store(error) => BucketProblem::Store(error),
        DeliveryProblem::Failed(reason) => BucketProblem::Unavailable(reason),
    }
}

/// The buckets, as queries see them.
pub(super) struct ResultBuckets(pub(super) Arc<Buckets>);

#[async_trait]
impl ResultSink for ResultBuckets {
    async fn check(
        &self,
        tx: &Tx,
        account: &str,
        bucket: &str,
        folder: &str,
        store_arn: &str,
    ) -> Result<(), ResultProblem> {
        self.0.check_delivery(tx, account, bucket, folder, store_arn, CLOUDTRAIL).await.map_err(result_problem)
    }

    async fn put(&self, file: &ResultFile<'_>) -> Result<(), ResultProblem> {
        let delivery = Delivery {
            bucket: file.bucket,
            key: file.key,
            body: file.body.clone(),
            content_type: file.content_type,
            content_encoding: None,
            metadata: &[],
            service: CLOUDTRAIL,
            source_arn: file.store_arn,
            source_account: file.account,
        };
        self.0.deliver(&delivery).await.map_err(result_problem)
    }
}

fn result_problem(problem: DeliveryProblem) -> ResultProblem {
    match problem {
        DeliveryProblem::NoBucket(_) => ResultProblem::NoBucket,
        DeliveryProblem::Policy { .. } => ResultProblem::Policy,
        DeliveryProblem::Store(error) => ResultProblem::Store(error),
        DeliveryProblem::Failed(reason) => ResultProblem::Unavailable(reason),
    }
}
