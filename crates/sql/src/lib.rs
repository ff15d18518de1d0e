//! CloudTrail Lake SQL: Trino's SELECT as Lake users write it, on DataFusion.
//!
//! ```text
//! text ─▶ statement ─▶ rewrite ─▶ plan ─▶ engine ─▶ answer
//!         ids quoted,  Trino's    types,  limits     batches,
//!         one SELECT   forms      meaning            texts
//! ```
//!
//! A query reaches the [`Stores`] it is given and nothing else: there are no files, catalogues or settings to name.
//! What is not carried out is an error that says so; docs/lake.md lists the dialect.

mod catalogue;
mod engine;
mod error;
pub mod functions;
mod plan;
mod rewrite;
mod samples;
pub mod schema;
mod statement;
mod stores;
mod types;
mod value;

pub use self::{
    engine::{Answer, Canceller, Column, Engine, EngineBuilder, Limits, Prepared, Statistics, Texts, json_rows},
    error::{ErrorKind, Position, SqlError},
    samples::{SAMPLES, Sample},
    stores::Stores,
    types::field_name as type_name,
};
