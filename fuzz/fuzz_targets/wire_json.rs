//! Any bytes as a JSON body: what is taken is written so that it is read again as it was.

#![no_main]

use keeptrail_wire::{Protocol, encode_json, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(value) = parse(Protocol::AwsJson11, body) else { return };
    let Ok(written) = encode_json(&value) else { panic!("what was read cannot be written") };
    assert!(parse(Protocol::AwsJson11, &written) == Ok(value), "{}", String::from_utf8_lossy(&written));
});
