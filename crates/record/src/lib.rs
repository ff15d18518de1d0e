//! The CloudTrail record: what an event looks like, how it is built, and how it is kept free of secrets.
//!
//! Shape and key order: "CloudTrail record contents" in the AWS CloudTrail User Guide, eventVersion 1.11. Members of a
//! request or a response reach a record by allow-list only ([`parameters`]): a member that nobody named is never even
//! serialised.

mod event;
mod identity;
mod parameters;
mod text;

pub use event::{
    Category, EVENT_VERSION, ErrorDetails, EventType, Record, RecordError, Resource, TlsDetails, english_date,
    event_time,
};
pub use identity::{Attributes, SessionContext, SessionIssuer, UserIdentity, WebIdFederationData};
pub use parameters::{ParameterError, lower_first, parameters};
pub use text::cut;
