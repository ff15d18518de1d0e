//! IAM's policy language: parse, evaluate, explain.
//!
//! A document is parsed strictly and compiled once ([`Policy::parse`]); what is not understood is refused, never ignored.
//! [`evaluate`] decides a [`Request`] over a [`PolicySet`] and says why; [`explain`] shows every statement's part in it.
//!
//! Pure: no I/O, no clock, no randomness. The current time, like everything else about the request, is a key of the
//! [`Context`]. INVARIANT: an explicit deny wins wherever it stands; what cannot be evaluated never grants and always denies.

mod condition;
mod context;
mod document;
mod evaluate;
mod explain;
mod glob;
mod parse;
mod principal;
mod public;
mod reason;
mod request;
mod statement;
mod template;
mod ternary;
mod variables;
mod who_can;

pub use context::Context;
pub use document::{NamedPolicy, Policy, PolicyKind};
pub use evaluate::{PolicySet, evaluate, evaluate_service};
pub use explain::{Applies, Explanation, Obstacle, StatementOutcome, explain};
pub use parse::{PolicyError, PolicyFault};
pub use principal::{Principal, UnknownPrincipal};
pub use public::is_public;
pub use reason::{Decision, Layer, NearMiss, Reason, StatementRef};
pub use request::Request;
pub use statement::Effect;
pub use who_can::{Candidate, who_can};
