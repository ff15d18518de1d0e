//! Any text as a filter pattern and, after a zero byte, a message: it is taken or refused with a place in it, and what
//! is taken gives its values.

#![no_main]

use keeptrail_pattern::filter::{FilterPattern, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (source, message) = input.split_once('\0').unwrap_or((input, r#"{"a": [1, "x"], "b": null}"#));
    match FilterPattern::parse(source) {
        Ok(pattern) => {
            let values = pattern.matches(message).map(|found| found.extracted_values());
            let shared = Message::new(message);
            assert_eq!(values, pattern.matches_message(&shared).map(|found| found.extracted_values()));
        }
        Err(error) => assert!(error.position <= source.chars().count() && !error.reason.is_empty()),
    }
});
