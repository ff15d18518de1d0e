//! The one way in: listener, TLS, routing, authentication; the dispatcher does the rest.
//!
//! INVARIANT: every request that asks for an AWS call leaves a record, whether it is understood or not: what does not
//! reach an operation is recorded by [`Dispatcher::refuse`](keeptrail_operation::Dispatcher::refuse). Only unsigned GET
//! requests for the [`Pages`] are not calls.

mod answer;
mod authenticate;
mod body;
mod handler;
mod limits;
mod objects;
mod opening;
mod pages;
mod route;
mod server;
mod tls;

pub use answer::{AnswerBody, StreamError, html, streamed, text};
pub use body::{BodyError, RequestBody};
pub use handler::{Gateway, Parts};
pub use limits::Limits;
pub use objects::ObjectApi;
pub use pages::{Page, Pages};
pub use server::{Server, ServerError};
pub use tls::{TlsError, self_signed, server_config};
