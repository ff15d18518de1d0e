//! Any bytes as a form-encoded body, read as a tree and as shapes with lists, maps and structures.

#![no_main]

use std::collections::BTreeMap;

use keeptrail_wire::{Protocol, decode, parse, parse_form};
use libfuzzer_sys::fuzz_target;

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: Option<String>,
    value: Option<i64>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    name: Option<String>,
    tags: Option<Vec<Tag>>,
    attributes: Option<BTreeMap<String, String>>,
    names: Option<Vec<String>>,
    enabled: Option<bool>,
}

fuzz_target!(|body: &[u8]| {
    let pairs = parse_form(body);
    let tree = parse(Protocol::Query, body);
    assert!(pairs.is_ok() || tree.is_err());
    if let Ok(input) = decode::<Input>(Protocol::Query, body) {
        assert!(tree.is_ok());
        let held = input.tags.iter().flatten().filter(|tag| tag.key.is_some() || tag.value.is_some()).count()
            + input.attributes.iter().flatten().count()
            + input.names.iter().flatten().count()
            + usize::from(input.name.is_some())
            + usize::from(input.enabled.is_some());
        assert!(held <= pairs.map_or(0, |pairs| pairs.len()), "more came out than went in");
    }
});
