//! How an operation is declared.

use serde::{Serialize, de::DeserializeOwned};

use keeptrail_record::Category;

use crate::{Access, ApiError, Context};

/// How the caller's right to an operation is established.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorisation {
    /// By policy, for each [`Access`] that the operation names.
    Policy,
    /// Any signed caller may call it (sts:GetCallerIdentity).
    Signed,
    /// Anyone may call it, signed or not; the request carries a secret token of its own (sns:ConfirmSubscription).
    Anyone,
}

/// What is fixed about an operation.
#[derive(Debug)]
pub struct Meta {
    /// AWS's name, and the record's `eventName`.
    pub name: &'static str,
    /// The IAM action, as in `secretsmanager:GetSecretValue`.
    pub action: &'static str,
    /// The record's `readOnly`.
    pub read_only: bool,
    /// The record's `eventCategory`.
    pub category: Category,
    /// The caller's right.
    pub authorisation: Authorisation,
    /// Input members that go on the record, by AWS name. A member that is not named never does.
    pub request: &'static [&'static str],
    /// Output members that go on the record, by AWS name.
    pub response: &'static [&'static str],
}

impl Meta {
    /// A reading management operation.
    #[must_use]
    pub const fn read(name: &'static str, action: &'static str, request: &'static [&'static str]) -> Self {
        Self {
            name,
            action,
            read_only: true,
            category: Category::Management,
            authorisation: Authorisation::Policy,
            request,
            response: &[],
        }
    }

    /// A changing management operation.
    #[must_use]
    pub const fn write(
        name: &'static str,
        action: &'static str,
        request: &'static [&'static str],
        response: &'static [&'static str],
    ) -> Self {
        Self { read_only: false, response, ..Self::read(name, action, request) }
    }

    /// The same with another way to establish the caller's right.
    #[must_use]
    pub const fn authorised(self, authorisation: Authorisation) -> Self {
        Self { authorisation, ..self }
    }

    /// The same as a data event.
    #[must_use]
    pub const fn data(self) -> Self {
        Self { category: Category::Data, ..self }
    }
}

/// One AWS operation: a unit struct in `ops/<snake_name>.rs`.
///
/// `Input` refuses members it does not know (`#[serde(deny_unknown_fields)]`), so nothing is accepted and ignored. A
/// member that holds a secret has a type without `Serialize`, or `#[serde(skip_serializing)]`.
pub trait Operation: Send + Sync + 'static {
    /// The state that the service's operations share.
    type Service: Send + Sync + 'static;
    /// The request, by AWS member names.
    type Input: DeserializeOwned + Serialize + Send + Sync;
    /// The answer, by AWS member names.
    type Output: Serialize + Send + Sync;

    /// What is fixed about it.
    const META: Meta;

    /// What the caller must be allowed to do. May read the store, to find the resource that the request names.
    /// Something that does not exist is no error here: name it as the caller did, so that a caller without rights
    /// learns nothing.
    fn access(
        cx: &Context<'_, Self::Service>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Vec<Access>, ApiError>> + Send;

    /// Does it, inside `cx.tx()`. May be run again when the transaction met a conflict: effects are only those of the
    /// transaction.
    fn run(
        cx: &Context<'_, Self::Service>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Output, ApiError>> + Send;
}
