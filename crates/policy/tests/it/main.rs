//! What IAM's policy language promises, as tests.
#![expect(clippy::panic, reason = "tests")]

mod conditions;
mod documented_evaluations;
mod documented_examples;
mod explanations;
mod extremes;
mod laws;
mod layers;
mod parsing;
mod principals;
mod public_policies;
mod resource_policies;
mod secrets_examples;
mod support;
