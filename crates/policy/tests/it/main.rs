//! What IAM's policy language promises, as tests.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod conditions;
mod documented_examples;
mod explanations;
mod laws;
mod layers;
mod parsing;
mod public_policies;
mod resource_policies;
mod support;
