//! Any bytes as a CBOR body: what is taken is written so that it is read again as it was.

#![no_main]

use keeptrail_wire::{Protocol, encode_cbor, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(value) = parse(Protocol::RpcV2Cbor, body) else { return };
    if value.is_null() {
        // Nothing is written as no body, which is read as an empty structure.
        return;
    }
    let Ok(written) = encode_cbor(&value) else { return };
    let Ok(again) = parse(Protocol::RpcV2Cbor, &written) else { panic!("what was written is not read: {value:?}") };
    // Written once more, since a number that is none is not equal to itself.
    assert!(encode_cbor(&again) == Ok(written), "{value:?}");
});
