//! What an AWS operation is, and the one way it runs.
//!
//! An operation is a unit struct with an [`Operation`] implementation in a file of its own. The [`Dispatcher`] runs it:
//! authorise, run, record, commit. A [`Context`] can only be made by the dispatcher, so no handler runs that was not
//! authorised and is not recorded.
//!
//! INVARIANT: [`Dispatcher::execute`] returns, with a value or with an error, only after the call's audit record is
//! durable; when the record cannot be written, the answer is an error and nothing was changed.

mod access;
mod call;
mod context;
mod dispatch;
mod error;
mod ledger;
mod meta;
mod recording;
mod service;

pub use access::Access;
pub use call::{Call, Identities, Identity, IdentityError, SessionFacts, SigningCredential};
pub use context::{Companion, Context};
pub use dispatch::{Attempt, Dispatcher};
pub use error::{ApiError, ErrorCode, codes};
pub use ledger::{CommitError, Ledger};
pub use meta::{Authorisation, Meta, Operation};
pub use service::{AnyOperation, Bound, Json, Query, Service, ServiceMeta, bind};

pub use keeptrail_policy::NamedPolicy;
pub use keeptrail_record::{Category, Resource};
pub use keeptrail_wire::{Blob, Timestamp};
