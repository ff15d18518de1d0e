//! IAM is closed to sessions of GetSessionToken, because none of them has a second factor.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>: "You cannot call any IAM API
//! operations unless MFA authentication information is included in the request."

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use keeptrail_operation::{AnyOperation, ApiError, Attempt, Call, Dispatcher, ErrorCode, Meta, ServiceMeta};
use keeptrail_policy::Principal;
use keeptrail_wire::{Encoded, Protocol};

/// An operation that a role's session or a long-term key may call, and no session of a user or of root.
pub(crate) struct LongTerm {
    operation: Arc<dyn AnyOperation>,
    code: ErrorCode,
    message: &'static str,
}

impl LongTerm {
    /// Refuses with `code` and `message`.
    pub(crate) fn only(
        operation: Arc<dyn AnyOperation>,
        code: ErrorCode,
        message: &'static str,
    ) -> Arc<dyn AnyOperation> {
        Arc::new(Self { operation, code, message })
    }
}

#[async_trait]
impl AnyOperation for LongTerm {
    fn meta(&self) -> &'static Meta {
        self.operation.meta()
    }

    fn service(&self) -> &'static ServiceMeta {
        self.operation.service()
    }

    async fn call(
        &self,
        dispatcher: &Dispatcher,
        call: &Call,
        attempt: Attempt,
        protocol: Protocol,
        body: Bytes,
    ) -> Encoded {
        let identity = &attempt.identity;
        let own = matches!(identity.principal, Principal::User { .. } | Principal::AccountRoot { .. });
        if !own || identity.facts.issued_at.is_none() {
            return self.operation.call(dispatcher, call, attempt, protocol, body).await;
        }
        let (meta, error) = (self.meta(), ApiError::new(self.code, self.message));
        let error = dispatcher.refuse(self.service(), meta.name, meta.read_only, call, identity, error).await;
        dispatcher.encode_error(self.service(), protocol, call, &error)
    }
}
