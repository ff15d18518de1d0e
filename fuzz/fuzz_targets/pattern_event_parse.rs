//! Any text as an event pattern: it is taken or refused, and what is taken can be held against an event.

#![no_main]

use keeptrail_pattern::document::Document;
use keeptrail_pattern::event::EventPattern;
use libfuzzer_sys::fuzz_target;

const EVENT: &str =
    r#"{"source": "aws.secretsmanager", "detail": {"eventName": "GetSecretValue", "a": [{"b": 1}, null]}, "x": 2.5}"#;

fuzz_target!(|source: &str| {
    let Ok(event) = Document::parse(EVENT) else { return };
    match EventPattern::parse(source) {
        Ok(pattern) => {
            pattern.matches_document(&event);
            assert_eq!(EventPattern::parse(pattern.source()).as_ref(), Ok(&pattern));
        }
        Err(error) => assert!(!error.reason.is_empty()),
    }
});
