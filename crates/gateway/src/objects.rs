//! The way to the bucket service, whose wire format is a crate of its own.

use async_trait::async_trait;
use http::{Request, Response};
use keeptrail_operation::{Attempt, Call, Dispatcher, ServiceMeta};

use crate::{AnswerBody, RequestBody};

/// Serves S3 requests. Everything that is neither a page nor another service's call is one.
#[async_trait]
pub trait ObjectApi: Send + Sync + 'static {
    /// What is fixed about the service.
    fn meta(&self) -> &'static ServiceMeta;

    /// Serves a request whose signature was verified (or that has none: then `attempt` is nobody's). The signature is
    /// taken off, and a chunked body decoded; reading the body to its end verifies its hash.
    async fn serve(
        &self,
        request: Request<RequestBody>,
        dispatcher: &Dispatcher,
        call: Call,
        attempt: Attempt,
    ) -> Response<AnswerBody>;

    /// The answer to a request that was refused before; the refusal is already recorded.
    fn error(&self, call: &Call, error: &keeptrail_operation::ApiError) -> Response<AnswerBody>;
}
