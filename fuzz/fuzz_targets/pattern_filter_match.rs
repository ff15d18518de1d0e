//! Filter patterns on messages, as `pattern_event_match` does with event patterns.

#![no_main]

use keeptrail_fuzz::pattern;
use keeptrail_pattern::filter::{FilterPattern, Kind};
use keeptrail_pattern::index::Index;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut patterns = Vec::new();
    for _ in 0..bytes.int_in_range(1..=6u8)? {
        if let Ok(pattern) = FilterPattern::parse(&pattern::filter(bytes)?) {
            patterns.push(pattern);
        }
    }
    let mut index = Index::new();
    for (key, pattern) in patterns.iter().enumerate() {
        index.insert(key, pattern);
    }
    for _ in 0..2 {
        let event = pattern::event(bytes)?;
        let Ok(value) = serde_json::from_str::<Value>(&event) else { continue };
        let mut found: Vec<usize> = index.matching(&event).into_iter().copied().collect();
        found.sort_unstable();
        let rounded = event.contains("12345678901234567890123");
        let expected: Vec<usize> = patterns
            .iter()
            .enumerate()
            .filter(|(_, pattern)| {
                let matches = pattern.matches(&event).is_some();
                let by_value = pattern.matches_json(&value).is_some();
                let comparable = pattern.kind() == Kind::Json && !rounded;
                assert!(!comparable || matches == by_value, "{} on {event}", pattern.source());
                matches
            })
            .map(|(key, _)| key)
            .collect();
        let sources: Vec<&str> = patterns.iter().map(FilterPattern::source).collect();
        assert_eq!(found, expected, "{sources:#?} on {event}");
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes are no case.
    run(&mut Unstructured::new(bytes)).ok();
});
