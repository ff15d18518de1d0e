//! CloudTrail Lake SQL: Trino's SELECT as Lake users write it, on DataFusion.

pub mod schema;
