//! Signature Version 4, verified: header, presigned, chunked.
//!
//! A request is read in two steps, because the key is looked up in between:
//!
//! 1. [`parse`] tells which access key, region and service the request claims ([`Presented`]), or that it is unsigned;
//! 2. [`Presented::verify`] checks it with the [`SigningKey`] derived from that access key's secret.
//!
//! A `SigningKey` depends on the secret, the day, the region and the service alone, so it can be cached.
//!
//! Nothing of the request is believed before its signature holds, and no host is ever taken from it: `host` is only compared. The
//! service that a request is verified for is the caller's, not the request's. Stricter than AWS's documents where leniency would
//! only serve an attacker: what this crate interprets may stand in a request once, and every `x-amz-*` header must be signed.

mod canonical;
mod chunked;
mod error;
mod key;
mod presented;
mod sign;
mod time;
mod verify;

pub use chunked::{ChunkDecoder, ChunkForm};
pub use error::{Family, SigError};
pub use key::SigningKey;
pub use presented::{Kind, Presented, RequestParts, parse};
pub use sign::{BodyHash, Signer};
pub use verify::{Payload, PayloadHash, Verified};

/// SHA-256 of a body, in the form the rest of this crate takes it.
pub fn sha256(body: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    // SHA-256 is 32 bytes, so all of it is taken.
    for (to, from) in hash.iter_mut().zip(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body).as_ref()) {
        *to = *from;
    }
    hash
}
