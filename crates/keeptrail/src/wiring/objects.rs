//! Buckets: served to callers, written by trails.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use keeptrail_buckets::{Buckets, Delivery, DeliveryProblem, Gate};
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
        let prefix = Some(prefix.trim_end_matches('/')).filter(|prefix| !prefix.is_empty());
        self.0.check_delivery(tx, account, bucket, prefix, trail_arn, CLOUDTRAIL).await.map_err(problem)
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
