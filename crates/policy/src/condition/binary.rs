//! `BinaryEquals`: bytes, written in base64 both in the policy and in the request's context.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::ternary::Ternary;

pub(super) fn parse(values: &[Box<str>]) -> Result<Box<[Box<[u8]>]>, &'static str> {
    let decoded = values.iter().map(|value| STANDARD.decode(value.as_bytes()).map(Vec::into_boxed_slice));
    decoded.collect::<Result<_, _>>().map_err(|_| "a BinaryEquals operator wants base64")
}

pub(super) fn matches(wanted: &[Box<[u8]>], value: &str) -> Ternary {
    match STANDARD.decode(value) {
        Ok(bytes) => wanted.iter().any(|wanted| **wanted == *bytes).into(),
        Err(_) => Ternary::Unknown,
    }
}
