//! Any text as an ARN: what is taken is written as it was read.

#![no_main]

use keeptrail_arn::{AccountId, Arn, Region};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(arn) = Arn::parse(text) {
        assert_eq!(arn.to_string(), text);
    }
    if let Ok(account) = text.parse::<AccountId>() {
        assert_eq!(account.as_str(), text);
    }
    if let Ok(region) = text.parse::<Region>() {
        assert_eq!(region.as_str(), text);
    }
});
