//! Event patterns on events: the index finds exactly the patterns that match on their own, and those match `serde_json`'s
//! tree as they match the text, wherever `serde_json` keeps the numbers.

#![no_main]

use keeptrail_fuzz::pattern;
use keeptrail_pattern::document::Document;
use keeptrail_pattern::event::EventPattern;
use keeptrail_pattern::index::Index;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut patterns = Vec::new();
    for _ in 0..bytes.int_in_range(1..=6u8)? {
        if let Ok(pattern) = EventPattern::parse(&pattern::event_pattern(bytes)?.to_string()) {
            patterns.push(pattern);
        }
    }
    let mut index = Index::new();
    for (key, pattern) in patterns.iter().enumerate() {
        index.insert(key, pattern);
    }
    for _ in 0..2 {
        let event = pattern::event(bytes)?;
        let document = Document::parse(&event);
        let value: Option<Value> = serde_json::from_str(&event).ok();
        assert_eq!(document.is_ok(), value.is_some(), "{event}");
        let (Ok(document), Some(value)) = (document, value) else { continue };
        let mut found: Vec<usize> = index.matching(&event).into_iter().copied().collect();
        found.sort_unstable();
        let rounded = event.contains("12345678901234567890123");
        let expected: Vec<usize> = patterns
            .iter()
            .enumerate()
            .filter(|(_, pattern)| {
                let matches = pattern.matches_document(&document);
                assert!(rounded || matches == pattern.matches(&value), "{} on {event}", pattern.source());
                matches
            })
            .map(|(key, _)| key)
            .collect();
        let sources: Vec<&str> = patterns.iter().map(EventPattern::source).collect();
        assert_eq!(found, expected, "{sources:#?} on {event}");
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes are no case.
    run(&mut Unstructured::new(bytes)).ok();
});
