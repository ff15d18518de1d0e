//! Any text as the identity of a record, and as a text that is cut to a limit.

#![no_main]

use keeptrail_record::{UserIdentity, cut, lower_first};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (limit, text) = input;
    let short = cut(text, limit.into());
    assert!(short.len() <= text.len().max(3));
    assert_eq!(lower_first(text).len(), text.len());
    let Ok(identity) = serde_json::from_str::<UserIdentity>(text) else { return };
    let Ok(written) = serde_json::to_string(&identity) else { panic!("an identity cannot be written") };
    assert_eq!(serde_json::from_str::<UserIdentity>(&written).ok(), Some(identity), "{written}");
});
