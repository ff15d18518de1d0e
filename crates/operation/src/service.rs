//! A service: its facts, its state, its table of operations.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_wire::{Encoded, MessageKey, Protocol};
use serde::de::DeserializeOwned;

use crate::{ApiError, Attempt, Call, Dispatcher, ErrorCode, Meta, Operation};

/// How a service speaks JSON.
#[derive(Debug, Clone, Copy)]
pub struct Json {
    /// Prefixes of `X-Amz-Target` that mean this service.
    pub targets: &'static [&'static str],
    /// JSON 1.0 or 1.1.
    pub protocol: Protocol,
    /// Whether errors say `Message` or `message`.
    pub message_key: MessageKey,
}

/// How a service speaks the query protocol.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// The `Version` parameter.
    pub version: &'static str,
    /// The answers' XML namespace.
    pub namespace: &'static str,
}

/// What is fixed about a service.
#[derive(Debug)]
pub struct ServiceMeta {
    /// The prefix of IAM actions and the service part of ARNs.
    pub name: &'static str,
    /// The service in a signature's scope.
    pub signing_name: &'static str,
    /// The record's `eventSource`.
    pub event_source: &'static str,
    /// The record's `apiVersion`, for the services that write one.
    pub api_version: Option<&'static str>,
    /// The one region that a global service works in, whatever region its callers sign for; `None` for the others.
    pub global_region: Option<&'static str>,
    /// JSON, if it speaks it.
    pub json: Option<Json>,
    /// Query, if it speaks it.
    pub query: Option<Query>,
    /// The service's name in rpc-v2-cbor paths, if it speaks it.
    pub cbor: Option<&'static str>,
    /// The error for a denied call.
    pub access_denied: ErrorCode,
    /// The error for a failure inside.
    pub internal: ErrorCode,
}

impl ServiceMeta {
    /// The region that a call of this service is made in, for its record and for `aws:RequestedRegion`.
    #[must_use]
    pub fn region<'a>(&self, call: &'a Call) -> &'a str {
        self.global_region.unwrap_or(call.region.as_str())
    }
}

/// A service with its state and operations, ready to be served.
pub struct Service {
    /// What is fixed about it.
    pub meta: &'static ServiceMeta,
    operations: BTreeMap<&'static str, Arc<dyn AnyOperation>>,
}

impl Service {
    /// A service of these operations.
    #[must_use]
    pub fn new(meta: &'static ServiceMeta, operations: Vec<Arc<dyn AnyOperation>>) -> Self {
        let operations = operations.into_iter().map(|operation| (operation.meta().name, operation)).collect();
        Self { meta, operations }
    }

    /// The operation of this name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Arc<dyn AnyOperation>> {
        self.operations.get(name)
    }

    /// All operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = &Arc<dyn AnyOperation>> {
        self.operations.values()
    }
}

/// An operation whose types are hidden: what the gateway's tables hold.
#[async_trait]
pub trait AnyOperation: Send + Sync {
    /// What is fixed about it.
    fn meta(&self) -> &'static Meta;

    /// What is fixed about its service.
    fn service(&self) -> &'static ServiceMeta;

    /// Decodes `body`, runs the operation, encodes its answer. The answer is returned only when its record is durable.
    async fn call(
        &self,
        dispatcher: &Dispatcher,
        call: &Call,
        attempt: Attempt,
        protocol: Protocol,
        body: Bytes,
    ) -> Encoded;
}

/// An operation bound to its service's state.
pub struct Bound<O: Operation> {
    meta: &'static ServiceMeta,
    state: Arc<O::Service>,
}

/// Binds an operation: `bind::<GetSecretValue>(&META, &state)`.
#[must_use]
pub fn bind<O: Operation>(meta: &'static ServiceMeta, state: &Arc<O::Service>) -> Arc<dyn AnyOperation> {
    Arc::new(Bound::<O> { meta, state: Arc::clone(state) })
}

#[async_trait]
impl<O: Operation> AnyOperation for Bound<O> {
    fn meta(&self) -> &'static Meta {
        &O::META
    }

    fn service(&self) -> &'static ServiceMeta {
        self.meta
    }

    async fn call(
        &self,
        dispatcher: &Dispatcher,
        call: &Call,
        attempt: Attempt,
        protocol: Protocol,
        body: Bytes,
    ) -> Encoded {
        let result = match decode::<O::Input>(protocol, &body) {
            Ok(input) => dispatcher.execute::<O>(self.meta, &self.state, call, attempt, &input).await,
            Err(error) => {
                Err(dispatcher.refuse(self.meta, O::META.name, O::META.read_only, call, &attempt.identity, error).await)
            }
        };
        let encoded = match result {
            Ok(output) => {
                keeptrail_wire::encode_output(protocol, O::META.name, self.namespace(), &output, &call.request_id)
                    .map_err(ApiError::internal)
            }
            Err(error) => Err(error),
        };
        encoded.unwrap_or_else(|error| dispatcher.encode_error(self.meta, protocol, call, &error))
    }
}

impl<O: Operation> Bound<O> {
    fn namespace(&self) -> &'static str {
        self.meta.query.map_or("", |query| query.namespace)
    }
}

fn decode<T: DeserializeOwned>(protocol: Protocol, body: &[u8]) -> Result<T, ApiError> {
    keeptrail_wire::decode(protocol, body).map_err(|error| {
        let code = ErrorCode::sender(error.code(protocol));
        ApiError::new(code, error.wire_message())
    })
}
